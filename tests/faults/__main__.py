"""Print how the installation bears what can go wrong: ``make faults``.

From the environment: ``DATABASE`` (sqlite, postgres, or both), ``FAULTS`` (names with commas),
``ROUNDS`` (of each), ``BLOCKS`` (of a document), ``SEED``; ``KEEP_LOGS=yes`` leaves the logs.
"""

from __future__ import annotations

import os
import random
import sys
import time
from collections.abc import Sequence

from .installation import Installation
from .kinds import FAULTS, Fault
from .rounds import HEAD, Reader, Round, play, row


def main() -> int:
    databases = (os.environ.get("DATABASE") or "sqlite,postgres").split(",")
    names = [name for name in os.environ.get("FAULTS", "").split(",") if name] or [
        name for name in FAULTS if name != "kill-short"
    ]
    chosen = [FAULTS[name] for name in names]
    if any(fault.needs_small_disk for fault in chosen) and os.geteuid() != 0:
        print("A small disk can be mounted by root alone: its faults are left out.")
        chosen = [fault for fault in chosen if not fault.needs_small_disk]
    # The sounds of the others would fill a small disk.
    groups = [
        [fault for fault in chosen if fault.needs_small_disk is small] for small in (False, True)
    ]
    parts = [(database, group) for database in databases for group in groups if group]
    if len(parts) > 1:  # a process has one configuration of Django
        return max(in_a_process_of_its_own(*part) for part in parts)
    return try_faults(*parts[0])


def in_a_process_of_its_own(database: str, faults: Sequence[Fault]) -> int:
    chosen = {"DATABASE": database, "FAULTS": ",".join(fault.name for fault in faults)}
    command = [sys.executable, "-m", "tests.faults"]
    return os.spawnve(os.P_WAIT, sys.executable, command, {**os.environ, **chosen})


def try_faults(database: str, faults: Sequence[Fault]) -> int:
    seed = int(os.environ.get("SEED") or time.time())
    print(f"{database}, seed {seed}", flush=True)
    small = faults[0].needs_small_disk
    with Installation(database, small=small) as installation:
        reader = Reader(installation)
        table = [try_fault(installation, reader, fault, random.Random(seed)) for fault in faults]
        left = leave(installation)
    print(f"\n{database}\n{HEAD}")
    for line, _ in table:
        print(line)
    for problem in left:
        print(problem)
    return 0 if all(good for _, good in table) and not left else 1


def try_fault(
    installation: Installation, reader: Reader, fault: Fault, rng: random.Random
) -> tuple[str, bool]:
    count = int(os.environ.get("ROUNDS") or fault.rounds)
    blocks = int(os.environ.get("BLOCKS") or fault.blocks)
    rounds: list[Round] = []
    for number in range(1, count + 1):
        began = time.monotonic()
        played = play(installation, reader, fault, rng, blocks)
        rounds.append(played)
        again = "-" if played.again is None else f"{played.again:.1f}"
        print(
            f"{fault.name} {number}/{count}: {played.about}; sound again after {again} s; "
            f"{played.failed} failed; all of it {time.monotonic() - began:.0f} s",
            *played.problems[:20],
            sep="\n    ",
            flush=True,
        )
    return row(fault.name, rounds)


def leave(installation: Installation) -> list[str]:
    """Stop it; return what is left running."""
    installation.stop()
    return [f"process {pid} is left" for pid in installation.strays()]


if __name__ == "__main__":
    sys.exit(main())
