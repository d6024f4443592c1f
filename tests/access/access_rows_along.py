"""Who may what with files to take along, the podcast, and what stands in for sockets."""

from __future__ import annotations

from typing import Any

from asgiref.sync import async_to_sync
from django.core.files.base import ContentFile
from django.test import AsyncClient

from reader.models import Export, User
from tts import clock

from .matrix import Belongings, Row, anybody, own, signed_in


def export_of(own: Belongings) -> Export:
    """Return a finished file of a person's document, which is in their podcast."""
    found = Export.objects.filter(owner=own.user).first()
    if found is None:
        found = Export(
            document=own.document, owner=own.user, kind="mp3", status=Export.Status.DONE, bytes=5,
            in_feed=True, finished_at=clock.now(),
        )  # fmt: skip
        found.file.save("book.mp3", ContentFile(b"sound"))
    return found


class Asgi:
    """A browser of the asynchronous application, for what is served by it alone."""

    def __init__(self, user: User | None) -> None:
        self._client = AsyncClient()
        if user:
            self._client.force_login(user)

    def __getattr__(self, method: str) -> Any:
        return async_to_sync(getattr(self._client, method))


A = "documents/<uuid:uuid>/exports/"
EXPORT = {"uuid": lambda own: export_of(own).uuid}
EPISODE = "feeds/<slug:secret>/<uuid:uuid>/"
SOUND = {"extension": lambda own: "mp3", **EXPORT}
HIDDEN = {"tells_all": True}  # whoever has the secret address may hear it

ROWS = [
    own("GET", A, 200),
    own("POST", f"{A}begin/", 302, data={"kind": "mp3"}),
    own("GET", f"{A}estimate/", 204),
    signed_in("GET", "exports/", 200),
    signed_in("POST", "exports/feed/", 302),
    own("GET", "exports/<uuid:uuid>/file/", 200, ids=EXPORT),
    own("POST", "exports/<uuid:uuid>/stop/", 302, ids=EXPORT),
    own("POST", "exports/<uuid:uuid>/leave-feed/", 302, ids=EXPORT),
    own("POST", "exports/<uuid:uuid>/delete/", 302, ids=EXPORT),
    anybody("GET", "feeds/<slug:secret>/", 200, **HIDDEN),
    anybody("GET", f"{EPISODE}sound.<slug:extension>", 200, ids=SOUND, **HIDDEN),
    anybody("GET", f"{EPISODE}chapters.json", 200, ids=EXPORT, **HIDDEN),
    anybody("GET", f"{EPISODE}cover/", 404, ids=EXPORT, **HIDDEN),  # it has none
    anybody("GET", f"{EPISODE}words.vtt", 404, ids=EXPORT, **HIDDEN),
    Row("GET", "events/", 410, 410, 410, 404, address="/events/?stream=none", client=Asgi),
    Row("POST", "events/messages/", 400, 400, 400, 404, data=b"none", content_type="text/plain",
        client=Asgi),
]  # fmt: skip
