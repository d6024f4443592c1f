"""The ASGI application: pages over HTTP, reading sessions over WebSocket."""

import asyncio
import os
import sys

import django
from asgiref.sync import sync_to_async
from channels.routing import ProtocolTypeRouter, URLRouter

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup(set_prefix=False)

from config.bodies import BoundedBodies, bound_daphne  # noqa: E402  (needs the settings)
from config.health import joining  # noqa: E402
from config.health.web import beat_on  # noqa: E402
from config.http import ThreadPoolHandler  # noqa: E402  (needs the settings)
from config.middleware import UTF8Only  # noqa: E402  (needs the settings)
from config.origin import SameOriginOnly  # noqa: E402  (needs the settings)
from config.sockets import bound_sockets, give_memory_back  # noqa: E402  (needs the reactor that Daphne chose)
from config.sub_path import BelowSubPath  # noqa: E402  (needs the settings)
from reader.consumers.people import WithSession  # noqa: E402  (needs the settings)
from reader.routing import websocket_urlpatterns  # noqa: E402  (needs the models)

bound_daphne()
bound_sockets()
handler = ThreadPoolHandler()
application = ProtocolTypeRouter(
    {
        "http": UTF8Only(BoundedBodies(handler)),
        "websocket": BelowSubPath(SameOriginOnly(WithSession(URLRouter(websocket_urlpatterns)))),
    }
)


def beat_when_running() -> None:
    """Have Daphne's event loop beat; it runs only where this module is served."""
    from twisted.internet import reactor  # Daphne has chosen which

    async def join_and_beat() -> None:
        try:
            await sync_to_async(joining.join)(patience=0.0)
        except joining.CannotJoin as error:
            print(error, file=sys.stderr, flush=True)
            os._exit(1)
        await beat_on(lambda: handler.requests.hang)

    def begin() -> None:
        tasks.append(asyncio.get_event_loop().create_task(join_and_beat()))

    tasks: list[asyncio.Task[None]] = []
    reactor.callWhenRunning(begin)


beat_when_running()
give_memory_back()
