"""Who may what: texts that grow, exports, speech, and the pages about programs."""

from __future__ import annotations

import uuid

from reader.models import Webhook
from tests.access.matrix import Row, own, signed_in

from .access_rows import A, by_token, theirs, with_token


def webhook(own) -> int:
    return Webhook.objects.get_or_create(user=own.user, url="http://127.0.0.1:9/")[0].pk


HOOK = {"pk": webhook}
# One that is not there: tests/api/test_api_exports.py has one that is, and a stranger.
EXPORT = {"id": lambda own: uuid.UUID(int=own.user.pk)}

ROWS = [
    theirs("POST", f"{A}/append", 200, data={"text": "More."}),
    theirs("GET", f"{A}/exports", 200),
    theirs("POST", f"{A}/exports", 202, data={"kind": "markdown"}),
    theirs("GET", f"{A}/exports/<uuidstr:id>", 404, ids=EXPORT),
    theirs("DELETE", f"{A}/exports/<uuidstr:id>", 404, ids=EXPORT),
    theirs("GET", f"{A}/exports/<uuidstr:id>/file", 404, ids=EXPORT),
    # Speech, which is the same for all: what is said is in the request.
    with_token("POST", "v1/audio/speech", 400, data={}),
    with_token("POST", "dev/captioned_speech", 400, data={}),
    with_token("POST", "v1/dev/captioned_speech", 400, data={}),
    *[
        Row("GET", route, 200, 200, 200, 401, client=by_token, ids={"name": lambda own: "tone"})
        for route in ("v1/audio/voices", "v1/models", "v1/models/<str:name>")
    ],
    # The pages about them.
    signed_in("GET", "settings/anywhere/", 200),
    signed_in("GET", "settings/webhooks/", 200),
    signed_in("POST", "settings/webhooks/", 201,
              data={"url": "https://example.org/", "events": "import.done"}),
    own("POST", "settings/webhooks/<int:pk>/delete/", 302, ids=HOOK),
    own("POST", "settings/webhooks/<int:pk>/test/", 302, ids=HOOK),
]  # fmt: skip
