"""A real worker: ``celery -A config worker`` on the tests' database, Redis and files."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from config.celery import app

START_SECONDS = 40
STOP_SECONDS = 10


class Worker:
    """The worker's processes, by their ids."""

    def __init__(self, process: subprocess.Popen) -> None:
        self._process = process

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def returncode(self) -> int | None:
        """How it ended; None while it runs."""
        return self._process.poll()

    @property
    def pool_children(self) -> list[int]:
        """The processes in which tasks run."""
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children")
        return [int(pid) for pid in children.read_text().split()]

    def kill_pool_children(self) -> None:
        for pid in self.pool_children:
            os.kill(pid, signal.SIGKILL)


@contextmanager
def running_worker(
    *,
    data_dir: Path,
    tone_log: Path,
    concurrency: int = 2,
    queues: str = "tone,jobs,espeak,openai",
    name: str = "tests",
    app_path: str = "config",
    pool: str = "prefork",
) -> Iterator[Worker]:
    """Run a worker until the block ends."""
    node = f"{name}@localhost"
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "celery", "-A", app_path, "worker"),
            *("-Q", queues, "--concurrency", str(concurrency), "--loglevel", "warning"),
            *("-n", node, "--pool", pool),
        ],
        env={
            **os.environ,
            "DATA_DIR": str(data_dir),
            "SECRET_KEY": settings.SECRET_KEY,
            "TONE_LOG": str(tone_log),
        },
    )
    try:
        wait_until(lambda: bool(app.control.ping([node], timeout=0.5)), START_SECONDS)
        yield Worker(process)
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_until(is_so, seconds: float = 20.0) -> None:
    """Wait until something is so; fail when it does not come about."""
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, f"It did not come about within {seconds} seconds."
        time.sleep(0.05)
