"""What was taken for a long sentence, or for many at once, goes back. Only glibc would keep it."""

from __future__ import annotations

import ctypes
import time

# mallopt's number (malloc.h), and from how many bytes on memory goes back as soon as it is free.
# Left to itself glibc raises that with what is freed, and a process grows with each long sentence.
# Each is filled with zeros anew, so that less than this costs a fifth more of a model's time.
M_MMAP_THRESHOLD, LARGE_BYTES = -3, 16_000_000


EVERY_SECONDS = 1.0
_given_back_at = 0.0


def give_back() -> None:
    """Give back what is free now, if it is worth looking again."""
    global _given_back_at
    malloc_trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if malloc_trim and time.monotonic() - _given_back_at > EVERY_SECONDS:
        malloc_trim(0)
        _given_back_at = time.monotonic()


def never_keep_large() -> None:
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt:
        mallopt(M_MMAP_THRESHOLD, LARGE_BYTES)
