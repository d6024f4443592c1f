"""Signs of progress from the processes that do the work, for the worker that looks after them.

Each process of a worker's pool has a slot in memory that it shares with its parent. In it stands
until when it may be silent: whoever knows that the next step takes long says so. It is written by
the work itself and by no other thread, so that a process that hangs is not taken for alive.
"""

from __future__ import annotations

import mmap
import struct
import time

# Longer than any step of work takes that says nothing else. A query to the database is a sign too.
SILENCE_SECONDS = 30.0
IDLE = 0.0
MOST_PROCESSES = 512

_SLOT = struct.Struct("d")
_slots = mmap.mmap(-1, MOST_PROCESSES * _SLOT.size)  # shared with whoever is forked from here
_own: int | None = None


def take_slot(index: int) -> None:
    """Make the slot of this number the process's own."""
    global _own
    _own = index if index < MOST_PROCESSES else None
    rest()


def beat(silence: float | None = None) -> None:
    """Tell that the work goes on, and that the next step takes no longer, in seconds."""
    if _own is not None:
        until = time.monotonic() + (SILENCE_SECONDS if silence is None else silence)
        _SLOT.pack_into(_slots, _own * _SLOT.size, until)


def beat_at_least() -> None:
    """Tell that the work goes on; a longer silence that was announced still holds."""
    if _own is not None:
        until = max(silent_until(_own), time.monotonic() + SILENCE_SECONDS)
        _SLOT.pack_into(_slots, _own * _SLOT.size, until)


def rest() -> None:
    """Tell that there is no work at the moment."""
    if _own is not None:
        _SLOT.pack_into(_slots, _own * _SLOT.size, IDLE)


def silent_until(index: int) -> float:
    """Return until when, in monotonic seconds, a process may be silent; IDLE when it rests."""
    if index >= MOST_PROCESSES:
        return IDLE
    return float(_SLOT.unpack_from(_slots, index * _SLOT.size)[0])
