"""Who opens a socket: whom the session of its cookie belongs to."""

from __future__ import annotations

from typing import Any

from channels.auth import AuthMiddleware
from channels.db import database_sync_to_async
from channels.sessions import CookieMiddleware, SessionMiddleware
from django.contrib.auth.models import AnonymousUser

from ..rights import user_of


class SessionHolder(AuthMiddleware):
    """Channels' own knows no SECRET_KEY_FALLBACKS: a new key would sign open pages out."""

    async def resolve_scope(self, scope: dict[str, Any]) -> None:
        user = await database_sync_to_async(user_of)(scope["session"])
        scope["user"]._wrapped = user or AnonymousUser()


def with_person(application: Any) -> Any:
    """Return the application, told who is signed in."""
    return CookieMiddleware(SessionMiddleware(SessionHolder(application)))
