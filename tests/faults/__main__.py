"""Print how the installation bears what can go wrong: ``make faults``.

From the environment: ``DATABASE`` (sqlite, postgres, or both), ``FAULTS`` (names with commas),
``ROUNDS`` (of each), ``BLOCKS`` (of a document), ``SEED``; ``KEEP_LOGS=yes`` leaves the logs.
"""

from __future__ import annotations

import os
import random
import sys
import time

from .installation import Installation
from .kinds import FAULTS, Fault
from .rounds import HEAD, Reader, Round, play, row


def main() -> int:
    databases = os.environ.get("DATABASE") or "sqlite,postgres"
    if "," in databases:  # a process has one configuration of Django
        codes = [
            os.spawnve(os.P_WAIT, sys.executable, [sys.executable, "-m", "tests.faults"],
                       {**os.environ, "DATABASE": each})
            for each in databases.split(",")
        ]  # fmt: skip
        return max(codes)
    names = [name for name in os.environ.get("FAULTS", "").split(",") if name] or [
        name for name in FAULTS if name != "kill-short"
    ]
    chosen = [FAULTS[name] for name in names]
    small = any(fault.needs_small_disk for fault in chosen)
    if small and os.geteuid() != 0:
        print("A small disk can be mounted by root alone: its faults are left out.")
        chosen, small = [fault for fault in chosen if not fault.needs_small_disk], False
    seed = int(os.environ.get("SEED") or time.time())
    print(f"{databases}, seed {seed}", flush=True)
    with Installation(databases, small=small) as installation:
        reader = Reader(installation)
        table = [try_fault(installation, reader, fault, random.Random(seed)) for fault in chosen]
        left = leave(installation)
    print(f"\n{databases}\n{HEAD}")
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
