"""Signs of progress from those that do the work, for the worker that looks after them.

Each process of a worker's pool, or each of its threads, has a slot in memory that it shares with
its parent. In it stands until when it may be silent: whoever knows that the next step takes long
says so. It is written by the work itself and by no other thread, so that work that hangs is not
taken for alive.
"""

from __future__ import annotations

import mmap
import struct
import threading
import time
from collections.abc import Callable

# Longer than any step of work takes that says nothing else. A query to the database is a sign too.
SILENCE_SECONDS = 30.0
IDLE = 0.0
MOST_PROCESSES = 512

_SLOT = struct.Struct("d")
_slots = mmap.mmap(-1, MOST_PROCESSES * _SLOT.size)  # shared with whoever is forked from here
_own = threading.local()  # of the thread that works: one that only renews a lease has none
_free = list(range(MOST_PROCESSES))  # for threads


def begin_anew() -> None:
    """Share the slots with none but what is forked from here."""
    global _slots
    _slots = mmap.mmap(-1, MOST_PROCESSES * _SLOT.size)


def take_slot(index: int) -> None:
    """Make the slot of this number this thread's own: the one that works in its process."""
    _own.slot = index if index < MOST_PROCESSES else None
    rest()


def has_slot() -> bool:
    return getattr(_own, "slot", None) is not None


def take_free_slot() -> None:
    """Make a slot the own one of this thread, of several that work in one process."""
    take_slot(_free.pop() if _free else MOST_PROCESSES)


def beat(silence: float | None = None) -> None:
    """Tell that the work goes on, and that the next step takes no longer, in seconds."""
    if has_slot():
        _write(time.monotonic() + (SILENCE_SECONDS if silence is None else silence))


def beat_at_least() -> None:
    """Tell that the work goes on; a longer silence that was announced still holds."""
    if has_slot():
        _write(max(silent_until(_own.slot), time.monotonic() + SILENCE_SECONDS))


def rest() -> None:
    """Tell that there is no work at the moment."""
    if has_slot():
        _write(IDLE)


def _write(until: float) -> None:
    _SLOT.pack_into(_slots, _own.slot * _SLOT.size, until)


def watch() -> Callable[[], bool]:
    """Return what tells, in any thread, whether the work of this thread goes on."""
    slot = getattr(_own, "slot", None)

    def goes_on() -> bool:
        until = IDLE if slot is None else silent_until(slot)
        return until == IDLE or until >= time.monotonic()

    return goes_on


def working() -> list[float]:
    """Return until when each thread of this process that works now may be silent."""
    every = (silent_until(index) for index in range(MOST_PROCESSES))
    return [until for until in every if until != IDLE]


def silent_until(index: int) -> float:
    """Return until when, in monotonic seconds, a process may be silent; IDLE when it rests."""
    if index >= MOST_PROCESSES:
        return IDLE
    return float(_SLOT.unpack_from(_slots, index * _SLOT.size)[0])
