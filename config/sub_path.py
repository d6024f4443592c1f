"""Lectern below a path of its own, such as https://example.org/lectern/: FORCE_SCRIPT_NAME.

The proxy passes the whole path on. Django takes the front part off for pages by itself; sockets and
what looks at an address before Django does ask here.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.urls import set_script_prefix


def inside(path: str) -> str:
    """Return a path as the URL configuration knows it, without the front part."""
    front = settings.FORCE_SCRIPT_NAME
    if front and (path == front or path.startswith(f"{front}/")):
        return path.removeprefix(front) or "/"
    return path


class BelowSubPath:
    """Show sockets their path without the front part; what they tell of addresses has it."""

    def __init__(self, application: Any) -> None:
        self.application = application

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> Any:
        set_script_prefix(f"{settings.FORCE_SCRIPT_NAME or ''}/")
        return await self.application({**scope, "path": inside(scope["path"])}, receive, send)
