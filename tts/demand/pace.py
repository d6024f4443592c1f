"""How fast each speech model has been lately: for whoever waits, and for how far to look ahead."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass

import redis

from tts.connections import PREFIX, redis_client
from tts.models import SpeechModel

# What was measured last counts for so much.
NEWS = 0.3
# An engine that needs nothing is faster than can be told.
FASTEST = 1000.0
EVERY_SECONDS = 1.0
_noted: dict[int, float] = {}
_KEY = f"{PREFIX}:pace"


@dataclass(frozen=True, slots=True)
class Pace:
    """Milliseconds from the claim to the first piece, and the seconds of sound made in one."""

    first_ms: float
    times_real_time: float


def note(model: SpeechModel, *, first_ms: float, duration_ms: float, made_in_ms: float) -> None:
    """Take in how long one sound took; without Redis it is forgotten.

    Of many in a short while, each process tells a few.
    """
    now = time.monotonic()
    if now - _noted.get(model.pk, -EVERY_SECONDS) < EVERY_SECONDS:
        return
    _noted[model.pk] = now
    with suppress(redis.RedisError, OSError):
        _note(model, first_ms, duration_ms, made_in_ms)


def _note(model: SpeechModel, first_ms: float, duration_ms: float, made_in_ms: float) -> None:
    now = Pace(first_ms, min(FASTEST, duration_ms / max(made_in_ms, 1.0)))
    before = _read(redis_client().hget(_KEY, str(model.pk)))  # type: ignore[arg-type]
    if before:
        now = Pace(
            before.first_ms + NEWS * (now.first_ms - before.first_ms),
            before.times_real_time + NEWS * (now.times_real_time - before.times_real_time),
        )
    redis_client().hset(_KEY, str(model.pk), f"{now.first_ms:.1f} {now.times_real_time:.3f}")


def recent() -> dict[int, Pace]:
    """Return the paces of the models that have spoken, by their id."""
    known: dict[bytes, bytes] = redis_client().hgetall(_KEY)  # type: ignore[assignment]
    found = {int(pk): _read(stored) for pk, stored in known.items()}
    return {pk: pace for pk, pace in found.items() if pace}


def _read(stored: bytes | None) -> Pace | None:
    if not stored:
        return None
    first_ms, times = stored.split()
    return Pace(float(first_ms), float(times))
