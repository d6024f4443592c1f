"""How large a request's body may be, and for whom.

Daphne keeps a whole body before the application sees any of it, and hands it over all at once. So
the limits are kept where its bytes come in: a small body is taken from anybody; for a larger one
the connection rests until it is known who sends it; what is too large is refused by its
Content-Length, or as soon as chunks pass the limit, and not kept. What is kept is on disk, and is
handed over piece by piece, so that the memory of this process stays flat.
"""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import Awaitable, Callable, Coroutine
from importlib import import_module
from typing import IO, Any
from urllib.parse import unquote, urlsplit

import structlog
from channels.db import database_sync_to_async
from daphne import http_protocol
from daphne.server import Server
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, parse_cookie
from django.template.loader import render_to_string
from django.urls import Resolver404, resolve

from config.sub_path import inside
from reader.rights import user_of

log = structlog.get_logger(__name__)

MB = 1024 * 1024
# What anybody may send: a sign-in takes 1 KB.
ANYBODY_BYTES = 64 * 1024
# What a person who is signed in may send that is no upload: a form of the admin, a correction.
PERSON_BYTES = 2 * MB
# What a form has beside its text or its file.
FORM_BYTES = MB
PIECE_BYTES = 64 * 1024
# Addresses that are answered with problem details (RFC 9457), and as OpenAI does.
FOR_PROGRAMS = (b"/api/", b"/v1/", b"/dev/")
PROBLEM = "application/problem+json"
# So much is thrown away of who does not stop sending, and for so long, so that the refusal is read
# and not lost in a reset of the connection.
LINGER_BYTES = 64 * MB
LINGER_SECONDS = 5.0

_tasks: set[asyncio.Task[None]] = set()


class BoundedRequest(http_protocol.WebRequest):
    """Daphne's request, which stops taking in a body that is too large."""

    _most: int | None = ANYBODY_BYTES  # None: it is being found out
    _is_known = _is_refused = _is_whole = False
    _size = 0
    body: IO[bytes] | None = None
    content: IO[bytes]

    def gotLength(self, length: int | None) -> None:
        super().gotLength(length)
        self._parsePOSTFormSubmission = False  # Twisted's own would read all of it into memory
        self._announced = length or 0
        self._judge()

    def handleContentChunk(self, data: bytes) -> None:
        self._size += len(data)
        if self._is_refused:
            if self._size > LINGER_BYTES + (self._most or 0):
                self.channel.transport.abortConnection()
        elif self._judge():
            super().handleContentChunk(data)

    def process(self) -> Any:
        """Begin with the request once its body is here, and it is known that it may be."""
        self._is_whole = True
        if self._is_refused:
            self.channel.transport.loseConnection()
        elif self._most is not None:
            self.body, self.content = self.content, io.BytesIO()
            return super().process()
        return None

    def connectionLost(self, reason: Any) -> None:
        self._forget()
        super().connectionLost(reason)

    def finish(self) -> None:
        self._forget()
        super().finish()

    def _forget(self) -> None:
        if self.body:
            self.body.close()

    def _judge(self) -> bool:
        """Tell whether a body of this size may still be taken; refuse it, or find out, if not."""
        size = max(self._size, self._announced)
        if self._most is None or size <= self._most:
            return True
        if self._is_known:
            self._refuse(size)
            return False
        self._most, self._is_known = None, True
        self.channel.transport.pauseProducing()
        task = asyncio.ensure_future(self._find_out())
        _tasks.add(task)
        task.add_done_callback(_tasks.discard)
        return True

    async def _find_out(self) -> None:
        try:
            self._most = await database_sync_to_async(most_bytes)(
                getattr(self.channel, "_path", b""),
                self.requestHeaders.getRawHeaders(b"cookie") or [],
                self.requestHeaders.getRawHeaders(b"authorization") or [],
            )
        except Exception:  # the database is away, perhaps: who it is cannot be known
            log.exception("body.not_judged")
            self._most = ANYBODY_BYTES
        if self.channel is None or not self._judge():  # gone meanwhile, or refused
            return
        if self._is_whole:
            self.process()
        else:
            self.channel.transport.resumeProducing()

    def _refuse(self, size: int) -> None:
        self._is_refused = True
        self.content.close()
        self.content = io.BytesIO()
        log.info("body.refused", size=size, most=self._most)
        accept = (self.requestHeaders.getRawHeaders(b"accept") or [b""])[0]
        if getattr(self.channel, "_path", b"").startswith(FOR_PROGRAMS):
            accept = PROBLEM.encode()
        transport = self.channel.transport
        transport.write(refusal(accept, self._most or 0))
        transport.loseWriteConnection()
        transport.resumeProducing()
        asyncio.get_running_loop().call_later(LINGER_SECONDS, transport.abortConnection)


def most_bytes(address: bytes, cookies: list[bytes], keys: list[bytes]) -> int:
    """Return how many bytes may be sent to an address by whom the headers name.

    A view that takes uploads says so by an attribute ``may_upload``, which is asked with a request
    that has these headers, a session and a user.
    """
    try:
        view = resolve(inside(unquote(urlsplit(address.decode("latin-1")).path))).func
    except (Resolver404, ValueError):
        return ANYBODY_BYTES
    request = HttpRequest()
    request.COOKIES = parse_cookie(b"; ".join(cookies).decode("latin-1"))
    request.META["HTTP_AUTHORIZATION"] = b",".join(keys).decode("latin-1")
    store = import_module(settings.SESSION_ENGINE).SessionStore
    request.session = store(request.COOKIES.get(settings.SESSION_COOKIE_NAME))
    request.user = user_of(request.session) or AnonymousUser()
    if (may_upload := getattr(view, "may_upload", None)) and may_upload(request):
        return int(settings.MAX_UPLOAD_MB) * MB + FORM_BYTES
    return PERSON_BYTES if request.user.is_authenticated else ANYBODY_BYTES


def refusal(accept: bytes, most: int) -> bytes:
    """Return the whole answer to a body that is too large."""
    words = too_large(most)
    if accept.startswith(PROBLEM.encode()):
        details = {"type": "about:blank", "title": "Content Too Large", "status": 413}
        kind, text = PROBLEM, json.dumps({**details, "detail": words, "error": {"message": words}})
    elif accept.startswith(b"application/json"):
        kind, text = "application/json", json.dumps({"errors": {"__all__": [words]}})
    else:
        kind, text = "text/html; charset=utf-8", render_to_string("413.html", {"words": words})
    body = text.encode()
    head = (
        "HTTP/1.1 413 Content Too Large\r\nConnection: close\r\nCache-Control: no-store\r\n"
        f"Content-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def too_large(most: int) -> str:
    """Say what is the matter with a body that is larger than this."""
    if most > PERSON_BYTES:
        return f"What you sent is larger than {settings.MAX_UPLOAD_MB} MB, the most that is taken."
    if most > ANYBODY_BYTES:
        return "What you sent is larger than this page takes. Documents are brought in on theirs."
    return (
        "What you sent is larger than is taken from somebody who is not signed in. Sign in first."
    )


Receive = Callable[[], Awaitable[dict[str, Any]]]


def handed_over(body: IO[bytes], receive: Receive) -> Receive:
    """Return what gives the application a body piece by piece, each when it is asked for."""
    is_over = False

    async def next_message() -> dict[str, Any]:
        nonlocal is_over
        if is_over:
            return await receive()
        if body.closed:
            is_over = True
            return {"type": "http.disconnect"}
        piece = body.read(PIECE_BYTES)
        if len(piece) < PIECE_BYTES:
            is_over = True
            await receive()  # Daphne's own message, which bears nothing
        return {"type": "http.request", "body": piece, "more_body": not is_over}

    return next_message


class BoundedBodies:
    """The application, given each body from where ``BoundedRequest`` keeps it."""

    def __init__(self, application: Callable[..., Coroutine[Any, Any, None]]) -> None:
        self.application = application

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Any) -> None:
        if body := scope.pop(BODY, None):
            if not any(name == b"content-length" for name, _ in scope["headers"]):
                # It came in chunks; Django takes a form without a length for an empty one.
                length = body.seek(0, io.SEEK_END)
                scope["headers"].append((b"content-length", str(length).encode()))
            body.seek(0)
            receive = handed_over(body, receive)
        await self.application(scope, receive, send)


BODY = "lectern.body"
_create_application = Server.create_application


def _create_with_body(server: Any, protocol: Any, scope: dict[str, Any]) -> Any:
    if body := getattr(protocol, "body", None):
        scope[BODY] = body
    return _create_application(server, protocol, scope)


def bound_daphne() -> None:
    """Have every Daphne of this process keep the limits, however it was started."""
    http_protocol.WebRequest = BoundedRequest
    Server.create_application = _create_with_body
