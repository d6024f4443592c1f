"""Who asks: the token, what it is good for, and how often it may ask."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from ninja.security import HttpBearer

from ..models import Document, DocumentQuerySet, Scope, Token, User
from ..services import rates, tokens
from .problems import Problem

TOO_OFTEN = "Too many requests in this minute. Wait {seconds} seconds."


class TokenAuth(HttpBearer):
    """A token with one of these scopes. Raises Problem."""

    def __init__(self, *scopes: Scope) -> None:
        super().__init__()
        self.scopes = scopes

    def authenticate(self, request: HttpRequest, token: str) -> Token | None:
        found = tokens.token_of(token.strip())
        if found is None:
            return None
        if seconds := rates.seconds_to_wait(found):
            words = TOO_OFTEN.format(seconds=seconds)
            raise Problem(429, words, headers={"Retry-After": str(seconds)})
        if not set(self.scopes) & set(found.scopes):
            needed = " or ".join(self.scopes)
            raise Problem(403, f"This token lacks the scope {needed}. Make another one for that.")
        request.user = found.user
        return found


READS = TokenAuth(Scope.READ)
WRITES = TokenAuth(Scope.WRITE)
SPEAKS = TokenAuth(Scope.SPEECH)
READS_OR_SPEAKS = TokenAuth(Scope.READ, Scope.SPEECH)


def person(request: HttpRequest) -> User:
    return token_in(request).user


def token_in(request: HttpRequest) -> Token:
    token: Token = request.auth  # type: ignore[attr-defined]  # set by what authenticates
    return token


def visible(request: HttpRequest) -> DocumentQuerySet:
    """Return the documents that the token's person may see."""
    return Document.objects.visible_to(person(request))


def may_upload(request: HttpRequest) -> bool:
    """Whether whoever asks may send a whole document, asked before it has come."""
    token = tokens.bearer_of(request.META.get("HTTP_AUTHORIZATION", ""))
    return token is not None and Scope.WRITE in token.scopes


def takes_uploads(view: Callable[..., Any]) -> Callable[..., Any]:
    """Mark an operation as one that takes whole documents."""
    view.takes_uploads = True  # type: ignore[attr-defined]
    return view
