"""The time by which processes agree on leases and pauses: that of Redis, which all of them share.

Clocks of machines differ, and are set. A lease by a clock that is an hour ahead would be respected
for an hour; one by a clock that is behind would be over when it begins. So each process measures by
how much its own clock is off, now and then and whenever that clock is set.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime

import redis
import structlog
from django.db import connection

from .connections import redis_client

log = structlog.get_logger(__name__)

MEASURED_EVERY_SECONDS = 60.0
# Nearer than that clocks agree; the way to Redis and back is no difference.
TOLERANCE_SECONDS = 0.5
ATTEMPTS = 2


@dataclass(frozen=True, slots=True)
class Measured:
    """By how much this clock is behind that of Redis, and when that was found."""

    seconds: float
    at: float  # monotonic
    epoch: float  # the time of day minus the monotonic one: it changes when the clock is set


_measured = Measured(0.0, float("-inf"), 0.0)
_measuring = threading.Lock()


def now() -> datetime:
    """Return the time that all processes share."""
    return datetime.fromtimestamp(epoch_seconds(), UTC)


def epoch_seconds() -> float:
    """Return the time that all processes share, as seconds since 1970."""
    own, steady = time.time(), time.monotonic()
    known = _measured
    was_set = abs(own - steady - known.epoch) > TOLERANCE_SECONDS
    is_old = was_set or steady - known.at > MEASURED_EVERY_SECONDS
    if is_old and not connection.in_atomic_block:  # no lock is held while Redis is waited for
        known = _measure(known)
    return time.time() + known.seconds


def _measure(known: Measured) -> Measured:
    """Compare with Redis; while it does not answer, what was known holds."""
    global _measured
    if not _measuring.acquire(blocking=False):
        return known  # another thread is at it
    try:
        for _ in range(ATTEMPTS):
            before = time.time()
            seconds, micro = redis_client().time()
            own, steady = time.time(), time.monotonic()
            if own - before < TOLERANCE_SECONDS:
                break  # else it had to connect first, and when it was asked is not known
        behind = seconds + micro / 1_000_000 - (before + own) / 2
        if abs(behind) < TOLERANCE_SECONDS:
            behind = 0.0
        if behind != known.seconds and max(abs(behind), abs(known.seconds)) > TOLERANCE_SECONDS:
            log.warning("clock.differs", behind_seconds=round(behind, 1))
        _measured = Measured(behind, steady, own - steady)
    except redis.RedisError:
        own, steady = time.time(), time.monotonic()
        moved = own - steady - known.epoch if known.epoch else 0.0
        behind = known.seconds - (moved if abs(moved) > TOLERANCE_SECONDS else 0.0)
        _measured = Measured(behind, steady, own - steady)
    finally:
        _measuring.release()
    return _measured
