"""A PostgreSQL of the tests' own: a cluster in a folder that goes with it, on a loopback port."""

from __future__ import annotations

import ctypes
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path

START_SECONDS = 60
PR_SET_PDEATHSIG = 1
# The disk of tests need not survive a loss of power, only a kill: commits are written, not synced.
OPTIONS = (
    *("-c", "fsync=off", "-c", "full_page_writes=off", "-c", "max_connections=200"),
    *("-c", "logging_collector=off", "-c", "log_min_messages=fatal", "-c", "jit=off"),
)
PRCTL = ctypes.CDLL(None).prctl


class Postgres:
    """One cluster; ``url`` names its database."""

    def __init__(self, database: str = "lectern") -> None:
        # Not in a folder of the tests': who runs it may be another user, who cannot look in there.
        self.folder = Path(tempfile.mkdtemp(prefix="lectern-postgres-"))
        self._owner = owner()
        if self._owner:
            os.chown(self.folder, self._owner.pw_uid, self._owner.pw_gid)
        self.port = free_port()
        self._database = database
        self._process: subprocess.Popen[bytes] | None = None
        self._run("initdb", "-D", "data", "-U", "lectern", "-A", "trust", "-E", "UTF8", "--no-sync")
        self.start()
        self._run("createdb", "-h", "127.0.0.1", "-p", str(self.port), "-U", "lectern", database)

    @property
    def url(self) -> str:
        return f"postgres://lectern@127.0.0.1:{self.port}/{self._database}"

    @property
    def pid(self) -> int:
        assert self._process
        return self._process.pid

    def start(self) -> None:
        """Start it, as soon as what a killed one left behind is gone, and wait for its answer."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self._process is None or self._process.poll() is not None:
                self._process = self._popen("postgres", "-D", "data", "-p", str(self.port),
                    "-h", "127.0.0.1", "-k", str(self.folder), *OPTIONS)  # fmt: skip
            if self._answers():
                return
            time.sleep(0.1)
        raise RuntimeError(f"PostgreSQL did not start: {(self.folder / 'log').read_text()}")

    def stop(self) -> None:
        """End it at once, and take its folder away."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                self._process.send_signal(signal.SIGQUIT)
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(10)
            self._process.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def wait(self) -> None:
        """Wait until it has ended."""
        assert self._process
        self._process.wait()

    def _answers(self) -> bool:
        command = [program("pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        return subprocess.run(command, check=False).returncode == 0

    def _run(self, name: str, *arguments: str) -> None:
        process = self._popen(name, *arguments)
        if process.wait() != 0:
            raise RuntimeError(f"{name} failed: {(self.folder / 'log').read_text()}")

    def _popen(self, name: str, *arguments: str) -> subprocess.Popen[bytes]:
        ids = {"user": self._owner.pw_uid, "group": self._owner.pw_gid} if self._owner else {}
        with (self.folder / "log").open("ab") as log:
            return subprocess.Popen(
                [program(name), *arguments],
                cwd=self.folder,
                env={**os.environ, "LC_ALL": "C.UTF-8"},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                preexec_fn=quit_with_parent,
                **ids,
            )


def owner() -> pwd.struct_passwd | None:
    """Return who runs it, if not the caller: PostgreSQL refuses to be run by root."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with suppress(KeyError):
            return pwd.getpwnam(name)
    raise RuntimeError("There is no user but root to run PostgreSQL.")


def program(name: str) -> str:
    """Find a program of PostgreSQL: Debian keeps them out of the way of other versions."""
    versions = Path("/usr/lib/postgresql").glob(f"*/bin/{name}")
    newest = max(versions, key=lambda path: float(path.parent.parent.name), default=None)
    found = str(newest) if newest else shutil.which(name)
    if found is None:
        raise RuntimeError(f"PostgreSQL's {name} is not here: make postgres installs it.")
    return found


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def quit_with_parent() -> None:
    """Have the kernel end it at once when the parent dies: SIGTERM would wait for its clients."""
    PRCTL(PR_SET_PDEATHSIG, signal.SIGQUIT)
