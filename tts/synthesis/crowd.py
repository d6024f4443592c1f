"""How many threads of this process make sounds of a model: no more than help.

While they wait for servers, any number may. But they share one interpreter, and once it is busy all
the time more of them only get in each other's way: then a few go on with what the others would
have made.
"""

from __future__ import annotations

import threading
import time
from collections import Counter

ENOUGH = 4
BUSY_SHARE = 0.6  # of the time
LOOK_SECONDS = 0.05

_lock = threading.Lock()
_inside: Counter[int] = Counter()
_sent_away: set[int] = set()


class _Interpreter:
    """Whether this process's threads use up its time."""

    def __init__(self) -> None:
        self._at, self._spent = time.monotonic(), time.process_time()
        self._is_busy = False

    def is_busy(self) -> bool:
        passed = time.monotonic() - self._at
        if passed >= LOOK_SECONDS:
            spent = time.process_time()
            self._is_busy = spent - self._spent > BUSY_SHARE * passed
            self._at, self._spent = self._at + passed, spent
        return self._is_busy


_interpreter = _Interpreter()


def is_busy() -> bool:
    """Tell whether several threads make sounds here, and have no time left."""
    with _lock:
        return any(_inside.values()) and _interpreter.is_busy()


def enter(model_id: int) -> bool:
    """Tell whether one more thread helps; one that is sent away is made up for by those inside."""
    with _lock:
        if _inside[model_id] >= ENOUGH and _interpreter.is_busy():
            _sent_away.add(model_id)
            return False
        _inside[model_id] += 1
        return True


def leave(model_id: int) -> bool:
    """Tell whether to look once more for what is wanted: somebody was sent away meanwhile."""
    with _lock:
        _inside[model_id] -= 1
        if model_id not in _sent_away:
            return False
        _sent_away.discard(model_id)
        return True
