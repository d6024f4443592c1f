"""Work that can wait pauses in the midst of it when somebody begins to wait for a sound.

Niceness is not enough where cores share caches: beside other work a sound takes a quarter longer.
That somebody begins to wait is noted by the time of a file. That costs microseconds, and whatever
shares the data folder sees it: the processes of one machine. Other machines' notes cost a moment.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from django.conf import settings

NAME = "waited-for"
FEW_CORES = 2
# Until the first of a sound is out. If a server is slow, cores are idle meanwhile.
PAUSE_SECONDS = 0.15
# All pauses of one piece of work: those who listen begin to wait again and again.
MOST_SECONDS = 0.6
# Looked at after so much of its own work; Linux counts that by ticks of 1 to 10 ms.
LOOK_SECONDS = 0.002
STEP_SECONDS = 0.01


def has_cores_to_spare() -> bool:
    """Tell whether this machine has a core for who waits, whatever else it does."""
    return (os.cpu_count() or 1) > FEW_CORES


def note() -> None:
    """Note that somebody begins to wait for what they are to hear first."""
    if has_cores_to_spare():
        return
    with suppress(OSError):  # a full disk: nothing pauses
        (settings.DATA_DIR / NAME).touch()


@contextmanager
def pausing() -> Iterator[None]:
    """Have what is done in the block pause, wherever it is, on a machine of few cores.

    A signal does that, since libraries do not ask at times. So it is for a main thread.
    """
    is_main = threading.current_thread() is threading.main_thread()
    if not is_main or has_cores_to_spare():
        yield
        return
    left, path = MOST_SECONDS, str(settings.DATA_DIR / NAME)

    def pause(*_: object) -> None:
        nonlocal left
        while left > 0 and _is_waited_for(path):
            time.sleep(STEP_SECONDS)
            left -= STEP_SECONDS

    signal.signal(signal.SIGVTALRM, pause)
    signal.siginterrupt(signal.SIGVTALRM, False)  # libraries do not expect calls to be broken off
    try:
        signal.setitimer(signal.ITIMER_VIRTUAL, LOOK_SECONDS, LOOK_SECONDS)
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        left = 0.0  # a last signal may be on its way: without a handler it would end the process


def _is_waited_for(path: str) -> bool:
    try:
        return 0 <= time.time() - os.stat(path).st_mtime < PAUSE_SECONDS
    except OSError:
        return False
