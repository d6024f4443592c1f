"""Which sounds were heard or wanted lately. Kept in Redis, and written to the rows in batches.

Not each time a sound is fetched is a write to the database: what was noted within the last quarter
of an hour is not written again.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import timedelta

import redis
from django.db.models import Q

from tts import clock
from tts.connections import PREFIX, redis_client
from tts.models import AudioVariant

from . import figures

KEY = f"{PREFIX}:heard"
COARSE = timedelta(minutes=15)
WRITTEN_AT_ONCE = 200
# Beyond that it is written by the next round: a flood must not fill Redis.
MOST_NOTED = 100_000


def note(variants: Iterable[uuid.UUID]) -> None:
    """Note that somebody hears these, or wants to."""
    names = [pk.bytes for pk in variants]
    if not names:
        return

    def write(client: redis.Redis) -> None:
        if client.sadd(KEY, *names) and client.scard(KEY) > MOST_NOTED:
            client.spop(KEY, len(names))

    figures.jot(write)


def write() -> int:
    """Write to the rows what was noted, in small statements; return how many were changed."""
    now, count = clock.now(), 0
    old = Q(heard_at=None) | Q(heard_at__lt=now - COARSE)
    # They go when they are written: neither a lost answer nor a death between takes them along.
    while names := redis_client().srandmember(KEY, WRITTEN_AT_ONCE):
        chosen = [uuid.UUID(bytes=name) for name in names if isinstance(name, bytes)]
        count += AudioVariant.objects.filter(old, pk__in=chosen).update(heard_at=now)
        redis_client().srem(KEY, *names)
    return count
