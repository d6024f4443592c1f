"""An hour of reading: memory, rows, files and keys stay flat. ``make soak MINUTES=60``.

Each listener reads a document to its end, deletes it, and brings in the next. What is counted at
the end is compared with what was counted after the first quarter: by then caches are full.
"""

from __future__ import annotations

import json
import os
import random
import re
import statistics
import sys
import threading
import time
from pathlib import Path

from .installation import Installation, children
from .listener import Listener
from .rounds import Reader

LISTENERS = 20
BLOCKS = 30
LISTENED_SECONDS = 0.4
EVERY_SECONDS = 15.0
STUCK_SECONDS = 120.0
# What is measured may grow by so much from the second quarter to the last.
MORE_MB, MORE_SHARE = 20.0, 0.1
# Of what is counted: what is read at the moment differs from one look to the next.
MORE_ROWS = 0.25


class Listening(threading.Thread):
    """One person, who reads one document after the other."""

    def __init__(self, installation: Installation, reader: Reader, over: threading.Event) -> None:
        super().__init__(daemon=True)
        self._installation, self._reader, self._over = installation, reader, over
        self.documents = 0
        self.problems: list[str] = []

    def run(self) -> None:
        from django.db import connection

        while not self._over.is_set():
            try:
                self._read_one()
            except Exception as error:
                self.problems.append(repr(error))
            connection.close()

    def _read_one(self) -> None:
        uuid = self._reader.bring_in(BLOCKS)
        pace = LISTENED_SECONDS * random.uniform(0.5, 1.5)
        listener: Listener = self._reader.opens(uuid, BLOCKS, pace)
        began = time.monotonic()
        while not listener.is_done and not self._over.wait(0.5):
            if time.monotonic() - began > STUCK_SECONDS:
                self.problems.append(f"{len(listener.heard)} of {BLOCKS} blocks were heard")
                break
        listener.close()
        listener.join(10)
        self.problems += listener.problems
        self.problems += [listener.told[idx]["error"] for idx in listener.failed()]
        self._reader.throw_away(uuid)
        self.documents += 1


def measure(installation: Installation) -> dict[str, float]:
    """Return what must not grow."""
    import redis

    from reader.models import Block, Document
    from tts.models import AudioVariant

    figures: dict[str, float] = {}
    for name, pids in installation.processes().items():
        figures[f"{name} MB"] = sum(resident_mb(pid) for pid in pids)
        figures[f"{name} files open"] = sum(open_files(pid) for pid in pids)
    figures["supervisor MB"] = resident_mb(installation.supervisor.pid)
    client = redis.Redis(port=installation.redis.port)
    figures["redis keys"] = client.dbsize()
    figures["redis MB"] = client.info("memory")["used_memory"] / 2**20
    figures["redis clients"] = client.info("clients")["connected_clients"]
    figures["sounds"] = AudioVariant.objects.count()
    figures["blocks"] = Block.objects.count()
    figures["documents"] = Document.objects.count()
    files = [path for path in (installation.data_dir / "files").rglob("*") if path.is_file()]
    figures["files"] = len(files)
    figures["threads of web"] = len(list(Path(f"/proc/{web(installation)}/task").iterdir()))
    return figures


def web(installation: Installation) -> int:
    return installation.processes()["web"][0]


def resident_mb(pid: int) -> float:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0.0
    found = re.search(r"VmRSS:\s+(\d+)", status)
    own = int(found[1]) / 1024 if found else 0.0
    return own + sum(resident_mb(child) for child in children(pid) if "VmRSS" not in status)


def open_files(pid: int) -> int:
    try:
        return len(list(Path(f"/proc/{pid}/fd").iterdir()))
    except OSError:
        return 0


def verdict(samples: list[dict[str, float]]) -> list[tuple[str, float, float, bool]]:
    """Return for each figure what it was in the second quarter, in the last, and if it is flat."""
    quarter = max(1, len(samples) // 4)
    early, late = samples[quarter : 2 * quarter], samples[-quarter:]
    rows = []
    for name in samples[-1]:
        before = statistics.median(each.get(name, 0.0) for each in early)
        after = statistics.median(each.get(name, 0.0) for each in late)
        if name.endswith("MB"):
            most = before + max(MORE_MB, before * MORE_SHARE)
        else:
            most = before + max(20.0, before * MORE_ROWS)
        rows.append((name, before, after, after <= most))
    return rows


def main(minutes: float) -> int:
    database = os.environ.get("DATABASE") or "sqlite"
    over = threading.Event()
    with Installation(database) as installation:
        first = Reader(installation)
        readers = [first, *(Reader(installation) for _ in range(LISTENERS - 1))]
        listening = [Listening(installation, reader, over) for reader in readers]
        for each in listening:
            each.start()
        samples: list[dict[str, float]] = []
        ends_at = time.monotonic() + minutes * 60
        while time.monotonic() < ends_at:
            time.sleep(EVERY_SECONDS)
            samples.append(measure(installation))
            if len(samples) % 4 == 0:
                told = {name: round(value) for name, value in samples[-1].items()}
                print(f"{len(samples) * EVERY_SECONDS / 60:.0f} min {json.dumps(told)}", flush=True)
        over.set()
        for each in listening:
            each.join(30)
        problems = [problem for each in listening for problem in each.problems]
        ready = installation.readyz()[0]
    rows = verdict(samples)
    print(f"\n{database}: {LISTENERS} listeners for {minutes:g} minutes, "
          f"{sum(each.documents for each in listening)} documents of {BLOCKS} blocks")  # fmt: skip
    print(f"{'':<24}{'second quarter':>16}{'last quarter':>16}")
    for name, before, after, is_flat in rows:
        print(f"{name:<24}{before:>16.1f}{after:>16.1f}  {'flat' if is_flat else 'GROWS'}")
    for problem in problems[:20]:
        print(problem)
    print(f"/readyz at the end: {ready}; {len(problems)} problems")
    return 0 if all(row[3] for row in rows) and not problems and ready == 200 else 1


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1])))
