"""What holds for every request and answer."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from asgiref.sync import sync_to_async
from django.contrib.auth import HASH_SESSION_KEY
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponseBase
from django.utils.functional import SimpleLazyObject
from django.utils.http import parse_header_parameters

from reader.models import User
from reader.rights import user_of

Answer = Callable[[HttpRequest], HttpResponseBase]
# Of text in another character set nothing is understood; and Python knows some that are none.
CHARSETS = frozenset({"", "utf-8", "utf8", "us-ascii", "ascii"})
NOT_UTF8 = b"Lectern takes forms in UTF-8 only.\n"


class UTF8Only:
    """Refuse what is said to be in another character set: browsers send UTF-8 only.

    Before Django, which decodes the address by that, and fails, as soon as it has a request.
    """

    def __init__(self, application: Callable[..., Coroutine[Any, Any, None]]) -> None:
        self.application = application

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        if all(_is_utf8(value) for name, value in scope["headers"] if name == b"content-type"):
            await self.application(scope, receive, send)
            return
        headers = [(b"content-type", b"text/plain"), (b"content-length", b"%d" % len(NOT_UTF8))]
        await send({"type": "http.response.start", "status": 415, "headers": headers})
        await send({"type": "http.response.body", "body": NOT_UTF8})


def _is_utf8(content_type: bytes) -> bool:
    try:
        _, parameters = parse_header_parameters(content_type.decode("latin-1"))
    except (ValueError, LookupError):
        return False
    return parameters.get("charset", "").strip().lower() in CHARSETS


def private_pages(get_response: Answer) -> Answer:
    """Have no cache keep what is made for one person, unless its view says otherwise."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        response.headers.setdefault("Cache-Control", "private, no-store")
        return response

    return middleware


class SessionHolder(AuthenticationMiddleware):
    """Tell who is signed in; a session that a former SECRET_KEY signed is signed anew, as it is.

    Django's own gives it a new name besides, which signs out whatever has the old one: other
    requests on their way, and open sockets.
    """

    def process_request(self, request: HttpRequest) -> None:
        found: list[User | AnonymousUser] = []

        def user() -> User | AnonymousUser:
            if not found:
                found.append(_person(request))
            return found[0]

        request.user = SimpleLazyObject(user)  # type: ignore[assignment]
        request.auser = sync_to_async(user)


def _person(request: HttpRequest) -> User | AnonymousUser:
    person = user_of(request.session)
    if person is None:
        return AnonymousUser()
    if request.session.get(HASH_SESSION_KEY) != (signed := person.get_session_auth_hash()):
        request.session[HASH_SESSION_KEY] = signed
    return person
