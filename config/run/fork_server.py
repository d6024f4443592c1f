"""A process that has imported what all of Lectern's processes import, and forks them.

What they only read is in memory once, and a process that died is back without importing anything.

The supervisor sends an order for each process over a socket and is answered with its number. The
process is forked twice, and so is the supervisor's own child, as any that it starts: the server may
die, and none of them minds.
"""

from __future__ import annotations

import ctypes
import gc
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from typing import IO, Any

from config.run.parent import adopt_orphans, die_with_parent

MODULE = "config.run.fork_server"
# Nothing here opens a connection or starts a thread when it is imported: a fork would share the
# one and lose the other.
PRELOADED = (
    "celery.apps.beat",
    "celery.apps.worker",
    "celery.bin.beat",
    "celery.bin.celery",
    "celery.bin.worker",
    "celery.concurrency.prefork",
    "celery.concurrency.thread",
    "celery.worker.components",
    "celery.worker.consumer",
    "channels_redis.pubsub",
    "config.urls",
    "config.health.clock",
    "config.health.pool",
    "django.contrib.sessions.backends.db",
    "kombu.transport.redis",
    "openai",
    "tts.aligning",
    "tts.synthesis",
)
READY = True
ANSWER_SECONDS = 5.0
MOST_BYTES = 64 * 1024
WAIT_SECONDS = 0.02
# A command line that `ps` can show has to fit into the one that the server was started with.
ROOM = 1024
SHELL_SYNTAX = frozenset(";|&<>`\n")


class ForkServer:
    """The supervisor's side."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self._process: subprocess.Popen[bytes] | None = None
        self._line: socket.socket | None = None
        self._was_begun = self._is_ready = False

    @property
    def pid(self) -> int:
        return self._process.pid if self._process else 0

    def begin(self) -> None:
        """Start the server; it is of use once it is ready."""
        self._was_begun = True
        if not adopt_orphans():
            return
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", MODULE, str(theirs.fileno()), " " * ROOM],
                env=self._environment,
                stdin=subprocess.DEVNULL,
                # What is wrong with a setting is told by whatever is started without it.
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
                preexec_fn=die_with_parent,
            )
        self._line = ours

    def look(self) -> bool:
        """Tell whether there is nothing to wait for: it is ready, or it has failed, or ended."""
        self._read()
        return self._is_ready or self._line is None

    def popen(self, command: Sequence[str]) -> Forked | None:
        """Have a program of this environment forked; None if it has to be started as any other,
        since it is none, or the server is not ready."""
        if self.look() and not self._line and self._was_begun:
            self.begin()
        argv = self._program(command) if self._is_ready else None
        if not self._line or not argv:
            return None
        ours, theirs = os.pipe()
        waits, goes = os.pipe()  # what is forked goes on when it is told: then it is known here
        try:
            socket.send_fds(self._line, [json.dumps(argv).encode()], [theirs, waits])
            pid = self._read(ANSWER_SECONDS)
            if pid:
                os.write(goes, b"1")
        except OSError:
            pid = 0
        finally:
            for each in (theirs, waits, goes):
                os.close(each)
        if not pid:
            os.close(ours)
            self.close()
            return None
        return Forked(pid, os.fdopen(ours, "rb"))

    def close(self) -> None:
        """End the server."""
        self._is_ready = False
        if self._line:
            self._line.close()
            self._line = None
        if self._process:
            self._process.kill()
            self._process.wait()
            self._process = None

    def _program(self, command: Sequence[str]) -> list[str] | None:
        """Return the words of a shell's command that runs a program of this environment."""
        if list(command[:2]) != ["/bin/sh", "-c"] or SHELL_SYNTAX & set(command[2]):
            return None
        words = f"set -- {command[2].removeprefix('exec ')}; printf '%s\\0' \"$@\""
        told = subprocess.run(
            ["/bin/sh", "-c", words], env=self._environment, capture_output=True, check=False
        )
        argv = told.stdout.decode().split("\0")[:-1]
        name = argv[3] if argv[:2] == ["nice", "-n"] and len(argv) > 3 else "".join(argv[:1])
        found = shutil.which(name, path=self._environment.get("PATH")) if name else None
        own = found is not None and Path(found).parent == Path(sys.executable).parent
        return argv if own and entry_points(group="console_scripts", name=name) else None

    def _read(self, seconds: float = 0.0) -> int:
        """Take in what the server has told; return the number of a new process, for which it is
        waited so long, or 0."""
        deadline = time.monotonic() + seconds
        while self._line:
            left = max(0.0, deadline - time.monotonic())
            if not select.select([self._line], [], [], left)[0]:
                return 0
            try:
                told = self._line.recv(MOST_BYTES)
            except OSError:
                told = b""
            if not told:
                self.close()
                return 0
            answer = json.loads(told)
            if answer is not READY:
                return int(answer)
            self._is_ready = True
        return 0


class Forked:
    """As ``subprocess.Popen``, of what the server has forked."""

    def __init__(self, pid: int, stdout: IO[bytes]) -> None:
        self.pid, self.stdout = pid, stdout
        self.returncode: int | None = None

    def poll(self) -> int | None:
        if self.returncode is None and (ended := os.waitpid(self.pid, os.WNOHANG))[0]:
            self.returncode = os.waitstatus_to_exitcode(ended[1])
        return self.returncode

    def wait(self) -> int:
        while (code := self.poll()) is None:
            time.sleep(WAIT_SECONDS)
        return code

    def terminate(self) -> None:
        if self.poll() is None:
            os.kill(self.pid, signal.SIGTERM)


# --- in the server ------------------------------------------------------------------------------


def main() -> Any:
    """Serve until the supervisor is gone; in what was forked, run it."""
    with socket.socket(fileno=int(sys.argv[1])) as line:
        preload()
        line.send(json.dumps(READY).encode())
        order = serve(line)
    if order is None:
        return 0
    become(*order)
    [program] = entry_points(group="console_scripts", name=Path(sys.argv[0]).name)
    return program.load()()


def serve(line: socket.socket) -> tuple[list[str], int, int] | None:
    """Fork what is ordered; return an order in the process that is to carry it out, and None when
    no more will come."""
    while True:
        told, fds, _, _ = socket.recv_fds(line, MOST_BYTES, 2)
        if not told:
            return None
        reader, writer = os.pipe()
        between = os.fork()
        if not between:
            parent = os.getpid()
            if pid := os.fork():
                os.write(writer, str(pid).encode())
                os._exit(0)
            os.close(reader)
            os.close(writer)
            os.setsid()
            while os.getppid() == parent:
                time.sleep(WAIT_SECONDS / 100)  # until the supervisor is
            return json.loads(told), *fds
        for each in (writer, *fds):
            os.close(each)
        os.waitpid(between, 0)
        pid = int(os.read(reader, MOST_BYTES))
        os.close(reader)
        wait_for_session(pid)
        line.send(json.dumps(pid).encode())


def wait_for_session(pid: int) -> None:
    """Wait until a process leads a session of its own: then it is ended with its descendants."""
    deadline = time.monotonic() + ANSWER_SECONDS / 2
    with suppress(ProcessLookupError):
        while os.getsid(pid) != pid and time.monotonic() < deadline:
            time.sleep(WAIT_SECONDS / 100)


def preload() -> None:
    """Import what the processes will need, as gc's documentation says it of memory to be shared:
    nothing is collected meanwhile, since new objects would be put between the old ones."""
    gc.disable()
    import django

    from config.celery import app  # it says which settings

    django.setup(set_prefix=False)
    app.finalize()
    app.loader.import_default_modules()
    for name in PRELOADED:
        import_module(name)
    gc.freeze()  # what the collector never looks at is never written to


def become(argv: list[str], output: int, waits: int) -> None:
    """Be a process as the supervisor starts them: with its own output, its own command line."""
    gc.enable()
    die_with_parent()
    if not os.read(waits, 1):
        os._exit(0)  # nobody knows of it
    os.close(waits)
    for stream in (1, 2):
        os.dup2(output, stream)
    os.close(output)
    if argv[:2] == ["nice", "-n"]:
        os.nice(int(argv[2]))
        argv = argv[3:]
    sys.argv = [str(Path(sys.executable).parent / argv[0]), *argv[1:]]
    show([sys.executable, *sys.argv])
    from tts import heartbeat

    heartbeat.begin_anew()


def show(argv: Sequence[str]) -> None:
    """Have `ps` show a command line in the place of the server's (Linux; elsewhere nothing)."""
    try:
        fields = Path("/proc/self/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return
    begin, end = int(fields[45]), int(fields[46])
    words = b"\0".join(word.encode() for word in argv)[: end - begin - 1]
    ctypes.memmove(begin, words.ljust(end - begin, b"\0"), end - begin)


if __name__ == "__main__":
    sys.exit(main())
