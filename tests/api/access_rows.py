"""Who may what with a token that has all scopes; without one: 401."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.test import Client

from reader.models import User
from reader.services.tokens import make_token
from tests.access.matrix import METHODS, Answer, Row, anybody, by_cookie, own, signed_in

A = "api/v1/documents/<uuidstr:uuid>"
ANNOTATION = {"pk": lambda own: own.annotation.pk}
WORD = {"pk": lambda own: own.word.pk}
TOKEN = {"pk": lambda own: own.token.pk}
PASSAGE = {"kind": "bookmark", "block_idx": 1, "start": 0, "end_block_idx": 1, "end": 0}


def by_token(user: User | None) -> Client:
    if user is None:
        return by_cookie(None)
    _, key = make_token(user=user, name="A program", scopes=["read", "write", "speech"])
    client = Client(headers={"Authorization": f"Bearer {key}"})
    client.handler = by_cookie(None).handler
    return client


json = partial(Row, client=by_token, content_type="application/json")


def theirs(method: str, route: str, answer: Answer, **more: Any) -> Row:
    """A thing of the token's person."""
    return json(method, route, answer, 404, 404, 401, **more)


def with_token(method: str, route: str, answer: Answer, **more: Any) -> Row:
    return json(method, route, answer, answer, answer, 401, **more)


ROWS = [
    with_token("GET", "api/v1/documents", 200),
    with_token("GET", "api/v1/search", 200, data={"q": "no such words"}),
    with_token("POST", "api/v1/documents", 201, data={"text": "Something to be read."}),
    theirs("GET", A, 200),
    theirs("PATCH", A, 200, data={"title": "Another title"}),
    theirs("DELETE", A, 204),
    theirs("GET", f"{A}/blocks", 200),
    theirs("GET", f"{A}/outline", 200),
    theirs("GET", f"{A}/position", 200),
    theirs("PUT", f"{A}/position", 200, data={"block_idx": 1, "offset_ms": 0}),
    theirs("GET", f"{A}/annotations", 200),
    theirs("POST", f"{A}/annotations", 201, data=PASSAGE),
    theirs("PATCH", f"{A}/annotations/<int:pk>", 200, ids=ANNOTATION, data={"note": "Another"}),
    theirs("DELETE", f"{A}/annotations/<int:pk>", 204, ids=ANNOTATION),
    theirs("POST", f"{A}/wanted", 200, data={"blocks": [0]}),
    theirs("GET", "api/v1/audio/<uuidstr:variant_id>/<int:revision>", 200),
    theirs("GET", "api/v1/audio/<uuidstr:variant_id>/<int:revision>/marks", 200),
    with_token("GET", "api/v1/voices", 200),
    with_token("GET", "api/v1/lexicon", 200),
    with_token("POST", "api/v1/lexicon", 201, data={"word": "Godot", "say": "go doe"}),
    theirs("DELETE", "api/v1/lexicon/<int:pk>", 204, ids=WORD),
    with_token("GET", "api/v1/use", 200),
    # How it is described, and what is no address of it.
    *[anybody(method, "api/v1/openapi.json", 200, client=by_token) for method in METHODS],
    anybody("GET", "api/v1/docs", 200, client=by_token),
    *[anybody(method, "api/v1/", 404, client=by_token) for method in METHODS],
    *[
        anybody(
            method, "api/v1/<anything:rest>", 404, client=by_token, ids={"rest": lambda own: "x/y"}
        )
        for method in METHODS
    ],
    # Where tokens are made.
    signed_in("GET", "settings/tokens/", 200),
    signed_in("POST", "settings/tokens/", 201, data={"name": "phone", "scopes": "read"}),
    own("POST", "settings/tokens/<int:pk>/delete/", 302, ids=TOKEN),
]
