"""Who opens a socket: by its cookie, of whatever session that is. Who that is, is asked later."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import parse_cookie


class WithSession:
    """Tell the application the name of the session that a cookie has, as ``session_key``.

    Channels' own middlewares read the session and then the person, each of which is a query and a
    switch to another thread and back for every socket. A session looks them up with all else that
    it has to know, together with others that come (``together.py``).
    """

    def __init__(self, application: Any) -> None:
        self.application = application

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> Any:
        header = next((value for name, value in scope["headers"] if name == b"cookie"), b"")
        cookies = parse_cookie(header.decode("latin-1"))
        key = cookies.get(settings.SESSION_COOKIE_NAME, "")
        return await self.application({**scope, "session_key": key}, receive, send)
