"""The heartbeat of the web process: from its event loop, while its threads answer too."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress

from .heartbeats import EVERY_SECONDS, Heartbeat, beat_async, node_name

STUCK_SECONDS = 25.0
ANSWER_SECONDS = 5.0  # of Redis


class Requests:
    """How many requests are being answered, and when one was last.

    A flood keeps all threads busy, and answers go out; only when all of them hang does none.
    """

    def __init__(self, threads: int) -> None:
        self._threads = threads
        self._open = 0
        self._moved_at = time.monotonic()

    def begun(self) -> None:
        if self._open < self._threads:
            self._moved_at = time.monotonic()
        self._open += 1

    def ended(self) -> None:
        self._open -= 1
        self._moved_at = time.monotonic()

    @property
    def hang(self) -> bool:
        return self._open >= self._threads and time.monotonic() - self._moved_at > STUCK_SECONDS


async def beat_on(hang: Callable[[], bool]) -> None:
    """Beat for as long as the event loop runs."""
    heartbeat = Heartbeat(kind="web", node=node_name())
    while True:
        if not hang():
            with suppress(asyncio.TimeoutError):
                await asyncio.wait_for(beat_async(heartbeat), ANSWER_SECONDS)
        await asyncio.sleep(EVERY_SECONDS)
