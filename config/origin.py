"""Who may open a socket: pages of this very host and port, and those listed in the settings.

Channels' own validator compares with ALLOWED_HOSTS, which may be ``*``, and never the port.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from channels.security.websocket import WebsocketDenier
from django.conf import settings

DEFAULT_PORTS = {"http": 80, "https": 443}


class SameOriginOnly:
    """Refuse, at the handshake, a socket whose Origin is not that of its Host."""

    def __init__(self, application: Any) -> None:
        self.application = application

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> Any:
        if is_same_origin(scope["headers"]):
            return await self.application(scope, receive, send)
        return await WebsocketDenier()(scope, receive, send)


def is_same_origin(headers: list[tuple[bytes, bytes]]) -> bool:
    """Tell whether the one Origin names the host and port of the one Host."""
    origins = [value for name, value in headers if name == b"origin"]
    hosts = [value for name, value in headers if name == b"host"]
    if len(origins) != 1 or len(hosts) != 1:
        return False
    try:
        origin_text = origins[0].decode("ascii")
        if origin_text in settings.SOCKET_ORIGINS:
            return True
        origin = urlsplit(origin_text)
        port = origin.port or DEFAULT_PORTS[origin.scheme]
        host = urlsplit(f"//{hosts[0].decode('ascii')}")
        # A Host without a port means the default one of the page's own scheme.
        host_port = host.port or DEFAULT_PORTS[origin.scheme]
    except (UnicodeDecodeError, ValueError, KeyError):
        return False
    return bool(origin.hostname) and (origin.hostname, port) == (host.hostname, host_port)
