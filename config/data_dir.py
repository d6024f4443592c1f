"""The folder in which everything is kept: made, closed to others, and tried, before it is used.

It knows no Django: the supervisor needs it before there are settings.
"""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryFile

OTHERS = 0o077  # what group and others may do


class Unusable(Exception):
    """The folder cannot be used; the message says why, and what to do."""


def secured(path: Path) -> Path:
    """Return the folder, made and closed to everyone else on this machine. Raises Unusable.

    What is written from now on is closed too. What lies open from before is closed once, when the
    folder itself is found open.
    """
    os.umask(OTHERS)
    try:
        path.mkdir(parents=True, exist_ok=True)
        is_open = stat.S_IMODE(path.stat().st_mode) & OTHERS
        if is_open:
            _close(path)
        with TemporaryFile(dir=path):
            pass
    except OSError as error:
        raise Unusable(
            f"DATA_DIR {path} cannot be used: {error.strerror}. Everything is kept there: make it "
            f"a folder in which the user with the number {os.getuid()} may write, or name another "
            "one, as in: make run DATA_DIR=/some/folder"
        ) from error
    return path


def _close(path: Path) -> None:
    """Take the rights of group and others away, from the inside out."""
    for folder, _, files in os.walk(path, topdown=False):
        for each in (*(os.path.join(folder, name) for name in files), folder):
            with suppress(FileNotFoundError):  # gone meanwhile
                status = os.lstat(each)
                ours = status.st_uid == os.geteuid() or os.geteuid() == 0
                if ours and not stat.S_ISLNK(status.st_mode):
                    os.chmod(each, stat.S_IMODE(status.st_mode) & ~OTHERS)
