"""One Redis client per process, and one per event loop."""

from __future__ import annotations

import asyncio
from functools import cache
from weakref import WeakKeyDictionary

import redis
import redis.asyncio
from django.conf import settings

PREFIX = "lectern"
CONNECT_TIMEOUT = 2
ANSWER_TIMEOUT = 5

_async_clients: WeakKeyDictionary[asyncio.AbstractEventLoop, redis.asyncio.Redis] = (
    WeakKeyDictionary()
)


@cache
def redis_client() -> redis.Redis:
    """Return this process's client; redis-py's pool notices a fork by itself."""
    return redis.Redis.from_url(
        settings.REDIS_URL,
        socket_connect_timeout=CONNECT_TIMEOUT,
        socket_timeout=ANSWER_TIMEOUT,
    )


def async_redis_client() -> redis.asyncio.Redis:
    """Return the running loop's client: a connection belongs to the loop it was opened in."""
    loop = asyncio.get_running_loop()
    client = _async_clients.get(loop)
    if client is None:
        client = redis.asyncio.Redis.from_url(
            settings.REDIS_URL, socket_connect_timeout=CONNECT_TIMEOUT
        )
        _async_clients[loop] = client
    return client
