"""What was done in each hour of the last day, counted over all processes: for those who look after
an installation. One hash in Redis for each hour; it expires.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from operator import add

import redis
import structlog

from tts.connections import PREFIX, redis_client

from .gathering import Gathering

log = structlog.get_logger(__name__)

HOUR_SECONDS = 3600
HOURS = 24
KEPT_SECONDS = (HOURS + 2) * HOUR_SECONDS

GATHER_SECONDS = 0.8  # a process of a pool rests for a second before it ends
AWAY_SECONDS = 10.0
_away_until = 0.0

MADE = "made"  # sounds
FAILED = "failed"  # attempts at one
FIRST = "first"  # wishes for a sound that was not there, and the sum of the times until it sounded
FIRST_MS = "first_ms"
STORED = "stored"  # answers with a sound that was there
LIVE = "live"  # and with one that was being made
UNCHANGED = "unchanged"  # a browser asked for what it had
COUNTED = (MADE, FAILED, FIRST, FIRST_MS, STORED, LIVE, UNCHANGED)


@dataclass(frozen=True, slots=True)
class Hour:
    """What was counted from a time on, in epoch seconds."""

    at: float
    counts: dict[str, float] = field(default_factory=dict)

    def count(self, name: str) -> float:
        return self.counts.get(name, 0.0)


def note(**counts: float) -> None:
    """Count what was done just now. It is written a moment later, with what else there is."""
    _counted.add(counts)


def write() -> None:
    """Write down what was counted. What another thread is writing is there too afterwards."""
    _counted.write()


def _add(counts: dict[str, float]) -> None:
    def write(client: redis.Redis) -> None:
        name = _name(int(time.time()) // HOUR_SECONDS)
        pipe = client.pipeline(transaction=False)
        for field_name, more in counts.items():
            pipe.hincrbyfloat(name, field_name, more)
        pipe.expire(name, KEPT_SECONDS)
        pipe.execute()

    jot(write)


_counted = Gathering[str, float](lambda counts: _add(counts), add, seconds=GATHER_SECONDS)


def jot(write: Callable[[redis.Redis], object]) -> None:
    """Write something to Redis that nobody depends on.

    While Redis is away nobody waits for it more than once in some seconds: a sound that is stored
    is played without Redis.
    """
    global _away_until
    if time.monotonic() < _away_until:
        return
    try:
        write(redis_client())
    except redis.RedisError as error:
        _away_until = time.monotonic() + AWAY_SECONDS
        log.debug("figures.not_noted", reason=str(error))


def last_day() -> list[Hour]:
    """Return the last hours, the present one last. Raises RedisError."""
    write()
    now = int(time.time()) // HOUR_SECONDS
    hours = range(now - HOURS + 1, now + 1)
    pipe = redis_client().pipeline(transaction=False)
    for hour in hours:
        pipe.hgetall(_name(hour))
    return [
        Hour(hour * HOUR_SECONDS, {name.decode(): float(value) for name, value in held.items()})
        for hour, held in zip(hours, pipe.execute(), strict=True)
    ]


def _name(hour: int) -> str:
    return f"{PREFIX}:figures:{hour}"
