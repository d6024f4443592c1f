"""How the supervisor sees that a process makes progress: by a file that the process touches.

What is compared is one look with the next, never a time in the file with the time of day: a clock
that is set does no harm.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

# Silence beyond that is taken for a hang. With the restart, a person waits at worst 45 s.
SILENT_SECONDS = 25.0
STOPPED_SECONDS = 8.0  # by a signal
START_SECONDS = 120.0  # until the first sign of life
LOOK_SECONDS = 1.0
ASK_SECONDS = 5.0


def heartbeat_file(pid: int, folder: Path | None = None) -> Path:
    """Return the file that a process touches while it makes progress."""
    return (folder or Path(tempfile.gettempdir())) / f"heartbeat-{pid}"


def touch() -> None:
    """Tell the supervisor, if there is one, that this process goes on: it has made the file."""
    with suppress(OSError):
        os.utime(heartbeat_file(os.getpid()))


def is_stopped(pid: int) -> bool:
    """Tell whether a process was stopped by a signal (Linux; elsewhere it is not known)."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return status.rpartition(")")[2].split()[0] in {"T", "t"}


class Liveness:
    """What is known of one process's progress.

    With ``answers`` the process is asked; else its file is looked at, if it ever touches it.
    """

    def __init__(self, pid: int, folder: Path, answers: Callable[[], bool] | None) -> None:
        self._pid = pid
        self._file = heartbeat_file(pid, folder)
        self._answers = answers
        self._began = self._moved_at = self._ran_at = time.monotonic()
        self._next_look = 0.0
        self._seen: int | None = None
        self._beats = False
        with suppress(OSError):
            self._file.touch()
            self._seen = self._file.stat().st_mtime_ns

    def silence(self) -> str:
        """Say why the process has to be replaced; nothing while it goes on."""
        now = time.monotonic()
        if now < self._next_look:
            return ""
        self._next_look = now + (ASK_SECONDS if self._answers else LOOK_SECONDS)
        if not is_stopped(self._pid):
            self._ran_at = now
        if now - self._ran_at > STOPPED_SECONDS:
            return f"was stopped for {now - self._ran_at:.0f} s"
        if self._moves():
            self._beats, self._moved_at = True, now
        patience = SILENT_SECONDS if self._beats else START_SECONDS
        if self._watched and now - self._moved_at > patience:
            return f"made no progress for {now - self._moved_at:.0f} s"
        return ""

    @property
    def _watched(self) -> bool:
        return self._answers is not None or self._seen is not None

    def _moves(self) -> bool:
        if self._answers is not None:
            return self._answers()
        try:
            touched = self._file.stat().st_mtime_ns
        except OSError:
            return True  # the folder is gone or cannot be read: no ground to judge by
        moved, self._seen = touched != self._seen, touched
        return moved

    def forget(self) -> None:
        """The process is gone."""
        with suppress(OSError):
            self._file.unlink()
