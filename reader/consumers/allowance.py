"""How many messages a page may send, and what an account may take with all of its pages."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from weakref import WeakKeyDictionary

# The database is asked in one thread: who has a hundred pages open would have a hundred questions
# before everybody else's.
MESSAGES_IN_HAND = 4
# Whoever has so many pages open comes back with all of them at once; a page tries again by itself.
STARTS_AT_ONCE, STARTS_PER_SECOND = 100, 10
MOST_ACCOUNTS = 5_000  # remembered


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


class Share:
    """What an account may take of a process, with all of its pages."""

    def __init__(self) -> None:
        self.in_hand = asyncio.Semaphore(MESSAGES_IN_HAND)
        self.starts = Allowance(STARTS_AT_ONCE, STARTS_PER_SECOND)


_shares: WeakKeyDictionary[asyncio.AbstractEventLoop, OrderedDict[int, Share]] = WeakKeyDictionary()


def share_of(account: int) -> Share:
    """Return an account's share in this event loop."""
    of_all = _shares.setdefault(asyncio.get_running_loop(), OrderedDict())
    share = of_all[account] = of_all.pop(account) if account in of_all else Share()
    while len(of_all) > MOST_ACCOUNTS:
        of_all.popitem(last=False)
    return share
