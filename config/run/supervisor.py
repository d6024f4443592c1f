"""Keep processes running: start, restart after a death, stop with all their descendants."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import FrameType, TracebackType
from typing import IO

from config.run.console import Console
from config.run.fork_server import Forked, ForkServer
from config.run.liveness import Liveness
from config.run.parent import die_with_parent, make_was_interrupted
from config.run.state import Told, tell

OWN_NAME = "lectern"
TICK_SECONDS = 0.1
FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 60.0
HEALTHY_SECONDS = 60.0
# After so many deaths, each soon after its start, it is told that a process is held back.
DEATHS_OF_HELD_BACK = 5
GRACE_SECONDS = 10.0
SHARED_WITHIN_SECONDS = 60.0
# `make` passes on a SIGTERM that the whole group got as well: only a later one is impatience.
IMPATIENCE_SECONDS = 1.0


class StopRequested(Exception):
    """Someone pressed Ctrl-C, or asked for the end by a signal."""


class Process:
    """One process, with what it needs to be started again."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        pass_fds: Sequence[int],
        answers: Callable[[], bool] | None,
        beats: bool,
    ) -> None:
        self.name = name
        self.command = command
        self.pass_fds = pass_fds
        self.answers = answers
        self.beats = beats
        self.child: subprocess.Popen[bytes] | Forked | None = None
        self.liveness: Liveness | None = None
        self.started_at = 0.0
        self.starts_again_at = 0.0
        self.pause = FIRST_PAUSE_SECONDS
        self.deaths = 0  # since it last ran for long
        self.fate = ""

    @property
    def told(self) -> Told:
        return Told(self.name, self.child is not None, self.fate, self.deaths)


class Supervisor:
    """Run processes until a signal comes; then stop them all.

    Whatever dies, or makes no progress, is started again after growing pauses. What fails again and
    again is held back alone: the others live on, and the folder says how each of them is.

    Processes are stopped in two rounds: the one that was started first (Redis, on which the
    others lean) after all others.
    """

    def __init__(self, console: Console, environment: Mapping[str, str]) -> None:
        self._console = console
        self._environment = environment
        # Where processes show that they go on, and where it is told how they are.
        self.folder: Path | None = None
        self._processes: list[Process] = []
        self._commands: set[int] = set()  # that run to their end
        self._fork_server = ForkServer(environment)
        self._stop_asked_at: float | None = None
        self._impatient = False
        signal.signal(signal.SIGINT, self._note_signal)
        signal.signal(signal.SIGTERM, self._note_signal)
        if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # as nohup wants it
            signal.signal(signal.SIGHUP, self._note_signal)
        if "MAKELEVEL" in os.environ:
            die_with_parent()

    def __enter__(self) -> Supervisor:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._processes:
            self._say("Stopping.")
        for batch in (self._processes[1:], self._processes[:1]):
            self._stop(batch)
        self._fork_server.close()
        self._bury_orphans()

    def share_imports(self) -> None:
        """Have programs of this environment forked from a process that has imported what they need.

        Returns when that is ready, or cannot be had in time: then they are started as any other.
        """
        self._fork_server.begin()
        deadline = time.monotonic() + SHARED_WITHIN_SECONDS
        self.watch(until=lambda: self._fork_server.look() or time.monotonic() > deadline)

    def start(
        self,
        name: str,
        command: Sequence[str],
        pass_fds: Sequence[int] = (),
        *,
        answers: Callable[[], bool] | None = None,
        beats: bool = False,
    ) -> None:
        """Start a process and look after it from now on.

        It is replaced when it does not answer, or, if it ``beats``, when it no longer does.
        """
        process = Process(name, command, pass_fds, answers, beats)
        self._processes.append(process)
        self._spawn(process)

    def run(self, command: Sequence[str]) -> subprocess.CompletedProcess[str]:
        """Run a command to its end, while the processes are looked after."""
        child = self._popen(command, stderr=subprocess.PIPE)
        self._commands.add(child.pid)
        results: list[str] = ["", ""]

        def read(index: int, stream: IO[bytes] | None) -> None:
            if stream is not None:
                results[index] = stream.read().decode(errors="replace")

        readers = [
            threading.Thread(target=read, args=(index, stream), daemon=True)
            for index, stream in enumerate((child.stdout, child.stderr))
        ]
        for reader in readers:
            reader.start()
        try:
            self.watch(until=lambda: child.poll() is not None)
        finally:
            kill_group(child)
            self._commands.discard(child.pid)
        for reader in readers:
            reader.join()
        return subprocess.CompletedProcess(list(command), child.returncode, *results)

    def watch(self, until: Callable[[], bool] = lambda: False) -> None:
        """Look after the processes until the condition holds.

        Raises StopRequested after a signal.
        """
        while not until():
            if self._stop_asked_at is not None or make_was_interrupted():
                raise StopRequested
            for process in self._processes:
                self._look_after(process)
            self._bury_orphans()
            time.sleep(TICK_SECONDS)

    def _bury_orphans(self) -> None:
        """Take note of what has ended and was left to this process by a parent that ended."""
        self._fork_server.look()
        own = {self._fork_server.pid, *self._commands}
        own |= {process.child.pid for process in self._processes if process.child}
        with suppress(ChildProcessError):
            while dead := os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT):
                if dead.si_pid in own:
                    return  # whoever started it asks for how it ended
                os.waitpid(dead.si_pid, 0)

    def _look_after(self, process: Process) -> None:
        now = time.monotonic()
        if process.child is None:
            if now >= process.starts_again_at:
                self._spawn(process)
            return
        code = process.child.poll()
        if code is None:
            silence = process.liveness.silence() if process.liveness else ""
            if silence:
                kill_group(process.child)
                process.child.wait()
                self._note_death(process, f"{silence} and was ended")
            return
        kill_group(process.child)
        self._note_death(process, manner_of_death(code))

    def _note_death(self, process: Process, how: str) -> None:
        now = time.monotonic()
        process.child = None
        if process.liveness:
            process.liveness.forget()
        if now - process.started_at >= HEALTHY_SECONDS:
            process.pause, process.deaths = FIRST_PAUSE_SECONDS, 0
        process.deaths += 1
        process.fate = f"{how}; it is started again in {process.pause:g} s."
        if process.deaths >= DEATHS_OF_HELD_BACK:
            process.fate = (
                f"{how}, {process.deaths} times in a row: it is held back for {process.pause:g} s. "
                "The others go on."
            )
        self._say(f"{process.name} {process.fate}")
        process.starts_again_at = now + process.pause
        process.pause = min(process.pause * 2, LONGEST_PAUSE_SECONDS)
        self._tell()

    def _spawn(self, process: Process) -> None:
        child = self._fork_server.popen(process.command) or self._popen(
            process.command, subprocess.STDOUT, process.pass_fds
        )
        process.child = child
        process.started_at = time.monotonic()
        if self.folder and (process.answers or process.beats):
            process.liveness = Liveness(child.pid, self.folder, process.answers)
        self._tell()
        threading.Thread(
            target=self._repeat, args=(process.name, child.stdout), daemon=True
        ).start()

    def _tell(self) -> None:
        if self.folder:
            tell(self.folder, [process.told for process in self._processes])

    def _popen(
        self, command: Sequence[str], stderr: int, pass_fds: Sequence[int] = ()
    ) -> subprocess.Popen[bytes]:
        # Only ever called on the main thread: a child whose parent *thread* ends is told that its
        # parent died.
        return subprocess.Popen(
            command,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=stderr,
            pass_fds=pass_fds,
            start_new_session=True,
            preexec_fn=die_with_parent,  # one system call, no lock taken
        )

    def _repeat(self, name: str, stream: IO[bytes]) -> None:
        for line in stream:
            if line.strip():
                self._console.say(name, line.decode(errors="replace"))

    def _stop(self, processes: Sequence[Process]) -> None:
        running = [process.child for process in processes if process.child is not None]
        for child in running:
            # The leader alone: a Celery worker lets its pool finish what it is doing.
            child.terminate()
        deadline = time.monotonic() + GRACE_SECONDS
        while any(child.poll() is None for child in running):
            if self._impatient or time.monotonic() > deadline:
                break
            time.sleep(TICK_SECONDS)
        for child in running:
            kill_group(child)
            child.wait()

    def _note_signal(self, number: int, frame: FrameType | None) -> None:
        now = time.monotonic()
        if self._stop_asked_at is None:
            self._stop_asked_at = now
        elif now - self._stop_asked_at > IMPATIENCE_SECONDS:
            self._impatient = True

    def _say(self, text: str) -> None:
        self._console.say(OWN_NAME, text)


def kill_group(child: subprocess.Popen[bytes] | Forked) -> None:
    """End what is left of a child's process group: a killed worker leaves its pool behind."""
    with suppress(ProcessLookupError, PermissionError):  # nobody left; on macOS, only zombies
        os.killpg(child.pid, signal.SIGKILL)


def manner_of_death(returncode: int) -> str:
    """Say how a process ended."""
    if returncode < 0:
        return f"was killed by {signal.Signals(-returncode).name}"
    return f"ended with exit code {returncode}"
