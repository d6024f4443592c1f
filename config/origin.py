"""Who may open a socket: pages of this very scheme, host and port, and those in the settings.

Channels' own validator compares with ALLOWED_HOSTS, which may be ``*``, and never the port.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import structlog
from channels.security.websocket import WebsocketDenier
from django.conf import settings

log = structlog.get_logger(__name__)

DEFAULT_PORTS = {"http": 80, "https": 443}


PAGE_SCHEMES = {"ws": "http", "wss": "https"}


class SameOriginOnly:
    """Refuse, at the handshake, a socket whose Origin is not that of its Host."""

    def __init__(self, application: Any) -> None:
        self.application = application

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> Any:
        if is_same_origin(scope):
            return await self.application(scope, receive, send)
        log.warning(
            "socket.refused",
            origin=_only(scope["headers"], b"origin"),
            host=_only(scope["headers"], b"host"),
            scheme=page_scheme(scope),
            advice="If that is Lectern's own address: set BEHIND_TLS=yes behind a proxy with "
            "HTTPS, have the proxy pass on the Host, or name the origin in SOCKET_ORIGINS.",
        )
        return await WebsocketDenier()(scope, receive, send)


def is_same_origin(scope: dict[str, Any]) -> bool:
    """Tell whether the one Origin is the scheme, host and port under which the page is reached."""
    origin_text, host_text = (_only(scope["headers"], name) for name in (b"origin", b"host"))
    if origin_text is None or host_text is None:
        return False
    if origin_text in settings.SOCKET_ORIGINS:
        return True
    scheme = page_scheme(scope)
    try:
        origin, host = urlsplit(origin_text), urlsplit(f"//{host_text}")
        origin_place = (origin.scheme, origin.hostname, origin.port or DEFAULT_PORTS[scheme])
        return bool(origin.hostname) and origin_place == (
            scheme, host.hostname, host.port or DEFAULT_PORTS[scheme],
        )  # fmt: skip
    except ValueError:
        return False


def page_scheme(scope: dict[str, Any]) -> str:
    """Return the scheme of the pages whose sockets come this way."""
    if settings.BEHIND_TLS:  # the proxy's; without it a page is only sent there
        return "https"
    return PAGE_SCHEMES.get(scope.get("scheme", "ws"), "http")


def _only(headers: list[tuple[bytes, bytes]], name: bytes) -> str | None:
    """Return the one header of a name; None if there is none, several, or none in ASCII."""
    values = [value for each, value in headers if each == name]
    if len(values) != 1 or not values[0].isascii():
        return None
    return values[0].decode("ascii")
