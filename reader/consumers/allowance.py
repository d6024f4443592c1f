"""How many messages a page may send."""

from __future__ import annotations

import time


class Allowance:
    """A token bucket: so many at once, and so many a second in the long run."""

    def __init__(self, at_once: int, per_second: float) -> None:
        self._at_once, self._per_second = at_once, per_second
        self._left, self._at = float(at_once), time.monotonic()

    def take(self) -> bool:
        now = time.monotonic()
        self._left = min(self._at_once, self._left + (now - self._at) * self._per_second)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True

    @property
    def wait_seconds(self) -> float:
        """How long it takes until there is another one."""
        return max(0.0, (1 - self._left) / self._per_second)
