"""What is noted in Redis a moment later, together with what else there is by then: that takes a
fraction of the commands, and nobody waits for it."""

from __future__ import annotations

import atexit
import os
import threading
from collections.abc import Callable, Mapping
from typing import Generic, TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")


class Gathering(Generic[Key, Value]):
    """Values by key. What comes under a key that is there is merged with it.

    ``write`` is given all of them after so many seconds, in a thread of its own. What a process
    that is killed has gathered is lost.
    """

    def __init__(
        self,
        write: Callable[[dict[Key, Value]], object],
        merge: Callable[[Value, Value], Value],
        *,
        seconds: float,
    ) -> None:
        self._write, self._merge, self._seconds = write, merge, seconds
        self._held: dict[Key, Value] = {}
        self._make_locks()
        os.register_at_fork(after_in_child=self._after_fork)
        atexit.register(self.write)

    def add(self, more: Mapping[Key, Value]) -> None:
        if not more:
            return
        with self._holding:
            held = self._held
            is_first = not held
            for key, value in more.items():
                held[key] = self._merge(held[key], value) if key in held else value
        if is_first:
            timer = threading.Timer(self._seconds, self.write)
            timer.daemon = True
            try:
                timer.start()
            except RuntimeError:  # no thread is to be had: now, or it would be never
                self.write()

    def write(self) -> None:
        """Write what is there now. What another thread is writing is there too afterwards."""
        with self._writing:
            with self._holding:
                held, self._held = self._held, {}
            if held:
                self._write(held)

    def _make_locks(self) -> None:
        self._holding, self._writing = threading.Lock(), threading.Lock()

    def _after_fork(self) -> None:
        """Leave what a parent gathered to it, and its timer."""
        self._make_locks()
        self._held = {}
