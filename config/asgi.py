"""The ASGI application: pages over HTTP, reading sessions over WebSocket."""

import os

import django
from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup(set_prefix=False)

from config.http import ThreadPoolHandler  # noqa: E402  (needs the settings)
from config.origin import SameOriginOnly  # noqa: E402  (needs the settings)
from reader.routing import websocket_urlpatterns  # noqa: E402  (needs the models)

application = ProtocolTypeRouter(
    {
        "http": ThreadPoolHandler(),
        "websocket": SameOriginOnly(AuthMiddlewareStack(URLRouter(websocket_urlpatterns))),
    }
)
