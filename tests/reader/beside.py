"""Somebody who writes all the time, and how long they wait for it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from reader.models import User

LONGEST_WAIT_SECONDS = 0.2
PAUSE_SECONDS = 0.005


@contextmanager
def writing(user: User) -> Iterator[list[float]]:
    """Write beside what the block does; yield the seconds that each write took."""
    waits: list[float] = []
    over = threading.Event()

    def write_on() -> None:
        while not over.is_set():
            began = time.monotonic()
            User.objects.filter(pk=user.pk).update(last_name="B")
            waits.append(time.monotonic() - began)
            time.sleep(PAUSE_SECONDS)
        connection.close()

    writer = threading.Thread(target=write_on)
    writer.start()
    try:
        yield waits
    finally:
        over.set()
        writer.join()


def hardly_waited(waits: list[float]) -> bool:
    """One in twenty may have met with whatever else this machine does."""
    print(f"{len(waits)} writes, the longest {max(waits) * 1000:.0f} ms")
    return sorted(waits)[int(len(waits) * 0.95) - 1] < LONGEST_WAIT_SECONDS
