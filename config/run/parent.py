"""What a process knows of its parent: whether it lives, and what `make` was told."""

from __future__ import annotations

import ctypes
import os
import signal
from pathlib import Path

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
PRCTL = getattr(ctypes.CDLL(None), "prctl", None)


def die_with_parent() -> None:
    """Have the kernel send SIGTERM when the parent dies, even by SIGKILL (Linux; else nothing)."""
    if PRCTL is not None:
        PRCTL(PR_SET_PDEATHSIG, signal.SIGTERM)


def make_was_interrupted() -> bool:
    """Tell whether the `make` above us got a SIGINT of its own.

    GNU make then waits for its children without telling them. It does show: it has put SIGINT,
    which it caught, back to the default (Linux; elsewhere Ctrl-C still reaches the whole group).
    """
    if "MAKELEVEL" not in os.environ:
        return False
    try:
        status = Path(f"/proc/{os.getppid()}/status").read_text()
    except OSError:
        return False
    fields = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    heeded = int(fields.get("SigCgt", "0"), 16) | int(fields.get("SigIgn", "0"), 16)
    return fields.get("Name") in {"make", "gmake"} and not heeded >> (signal.SIGINT - 1) & 1


def adopt_orphans() -> bool:
    """Have what descends from this process become its child when its own parent ends; tell
    whether that can be had (Linux)."""
    return PRCTL is not None and PRCTL(PR_SET_CHILD_SUBREAPER, 1) == 0
