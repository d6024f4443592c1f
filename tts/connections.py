"""One Redis client per process, and one per event loop.

A line may be silent without being closed: a router forgot it, a network was cut. So each answer has
its time, and what went unanswered is asked once more over a new connection. All that is sent to
Redis must bear to be carried out twice.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import cache
from typing import Any
from weakref import WeakKeyDictionary

import redis
import redis.asyncio
from django.conf import settings
from redis.asyncio.retry import Retry as AsyncRetry
from redis.backoff import EqualJitterBackoff
from redis.commands.core import Script
from redis.retry import Retry

PREFIX = "lectern"
# The second attempt comes after a Redis that is being restarted is back.
BACKOFF = EqualJitterBackoff(cap=0.6, base=0.3)
RETRIES = 1

_async_clients: WeakKeyDictionary[asyncio.AbstractEventLoop, redis.asyncio.Redis] = (
    WeakKeyDictionary()
)


@cache
def redis_client() -> redis.Redis:
    """Return this process's client; redis-py's pool notices a fork by itself."""
    return redis.Redis.from_url(
        settings.REDIS_URL, retry=Retry(BACKOFF, RETRIES), **settings.REDIS_LINE
    )


@cache
def _script(text: str) -> Script:
    return redis_client().register_script(text)


def run_script(text: str, keys: Sequence[str], *arguments: str | int | float | bytes) -> Any:
    """Run a script in Redis, by its hash: it is sent once."""
    return _script(text)(keys=keys, args=arguments, client=redis_client())


def async_redis_client() -> redis.asyncio.Redis:
    """Return the running loop's client: a connection belongs to the loop it was opened in."""
    loop = asyncio.get_running_loop()
    client = _async_clients.get(loop)
    if client is None:
        client = redis.asyncio.Redis.from_url(
            settings.REDIS_URL, retry=AsyncRetry(BACKOFF, RETRIES), **settings.REDIS_LINE
        )
        _async_clients[loop] = client
    return client
