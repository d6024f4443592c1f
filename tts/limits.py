"""How many variants of a speech model are made at once, over all workers.

A slot is a name with an expiry in a sorted set, so that a worker that was killed frees it.
"""

from __future__ import annotations

import time

from django.conf import settings

from .connections import PREFIX, redis_client

ACQUIRE = """
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[1])
if redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[3]) then return 0 end
redis.call('ZADD', KEYS[1], ARGV[2], ARGV[4])
return 1
"""


def acquire(model_id: int, limit: int, holder: str) -> bool:
    """Take one of the model's slots, or tell that all are taken. A limit of 0 is none."""
    if not limit:
        return True
    now = time.time()
    expires = now + settings.SPEECH_LEASE_SECONDS
    return bool(redis_client().eval(ACQUIRE, 1, _slots(model_id), now, expires, limit, holder))


def renew(model_id: int, limit: int, holder: str) -> None:
    """Keep the slot while the work goes on."""
    if limit:
        expires = time.time() + settings.SPEECH_LEASE_SECONDS
        redis_client().zadd(_slots(model_id), {holder: expires}, xx=True)


def release(model_id: int, limit: int, holder: str) -> None:
    """Give the slot back."""
    if limit:
        redis_client().zrem(_slots(model_id), holder)


def _slots(model_id: int) -> str:
    return f"{PREFIX}:slots:{model_id}"
