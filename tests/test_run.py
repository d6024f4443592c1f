"""`make run`: real processes that are killed, refused and stopped."""

from __future__ import annotations

import fcntl
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from uuid import uuid4

import pytest

from config.run.__main__ import CannotStart, all_processes, environment_of_processes, procfile
from config.run.embedded_redis import embedded_redis
from config.run.fork_server import ForkServer
from tests.worker import wait_until

ROOT = Path(__file__).parent.parent
WITHIN_SECONDS = 180.0
SUPERVISOR = """
import os, sys
from pathlib import Path
from config.run import liveness
from config.run.console import Console
from config.run.supervisor import StopRequested, Supervisor
liveness.SILENT_SECONDS, liveness.START_SECONDS, liveness.STOPPED_SECONDS = 1.5, 4.0, 1.0
console = Console()
supervisor = Supervisor(console, os.environ)
supervisor.folder = Path(os.environ["TMPDIR"])
try:
    with supervisor:
        for argument in sys.argv[1:]:
            name, _, command = argument.partition(": ")
            supervisor.start(name, ["/bin/sh", "-c", command], beats="touch" in command)
        supervisor.watch()
except StopRequested:
    console.say("lectern", "Stopped.")
console.close()
"""
BEATING = 'while :; do touch "$TMPDIR/heartbeat-$$"; sleep 0.1; done'


class Run:
    """A started supervisor: what it said, which processes are its own."""

    def __init__(self, arguments: list[str], output: Path, **environment: str) -> None:
        self.marker = f"LECTERN_TEST_RUN={uuid4()}"
        name, _, value = self.marker.partition("=")
        self._output = output
        inherited = {
            key: text
            for key, text in os.environ.items()
            if key not in {"DATABASE_URL", "MAKELEVEL", "REDIS_URL", "SPEECH_ENGINES"}
        }
        with output.open("wb") as file:
            self.process = subprocess.Popen(
                arguments,
                cwd=ROOT,
                env={**inherited, **environment, name: value},
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def said(self) -> str:
        return self._output.read_text()

    def waits_for(self, condition: Callable[[], object]) -> None:
        deadline = time.monotonic() + WITHIN_SECONDS
        while not condition():
            assert time.monotonic() < deadline, self.said
            time.sleep(0.05)

    def says(self, pattern: str, times: int = 1) -> None:
        self.waits_for(lambda: len(re.findall(pattern, self.said)) >= times)

    def ends(self, seconds: float = WITHIN_SECONDS) -> int:
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            pytest.fail(self.said)

    def processes(self, pattern: str = "") -> list[int]:
        """Return the living processes of this run whose command line matches, the oldest first.

        Their numbers do not tell: after the highest one they begin anew.
        """
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            command = text(folder / "cmdline").replace("\0", " ")
            # Redis writes its title over its environment; its socket's path names the run too.
            own = self.marker in text(folder / "environ") or str(self._output.parent) in command
            if own and re.search(pattern, command):
                found.append((started(folder), int(folder.name)))
        return [pid for _, pid in sorted(found)]

    def has_new(self, pattern: str, old: list[int]) -> bool:
        return bool(set(self.processes(pattern)) - set(old))


def started(process: Path) -> int:
    """Return when a process was started, in ticks since the machine was (see proc(5))."""
    fields = text(process / "stat").rpartition(")")[2].split()
    return int(fields[19]) if fields else 0


def text(path: Path) -> str:
    try:
        return path.read_bytes().decode(errors="replace")
    except OSError:
        return ""


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Run]]:
    runs: list[Run] = []

    def start_one(*arguments: str, **environment: str) -> Run:
        output = tmp_path / f"output-{len(runs)}"
        environment.setdefault("TMPDIR", str(tmp_path))
        runs.append(Run([sys.executable, *arguments], output, **environment))
        return runs[-1]

    yield start_one
    for run in runs:
        for pid in run.processes():
            with suppress(ProcessLookupError):  # it ended by itself meanwhile
                os.kill(pid, signal.SIGKILL)
        run.process.wait()


@pytest.fixture
def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def test_a_killed_process_starts_again_after_growing_pauses(start: Callable[..., Run]) -> None:
    run = start("-c", SUPERVISOR, "one: echo up; exec sleep 777")
    for deaths in (1, 2, 3):
        run.says(r"one +\| up", times=deaths)
        run.waits_for(lambda: run.processes("^sleep 777"))
        os.kill(run.processes("^sleep 777")[0], signal.SIGKILL)
        run.says("one was killed by SIGKILL", times=deaths)
    run.says(r"one +\| up", times=4)

    assert re.findall(r"started again in (\S+) s", run.said) == ["0.5", "1", "2"]


def test_what_fails_again_and_again_is_held_back_alone(
    start: Callable[..., Run], tmp_path: Path
) -> None:
    run = start("-c", SUPERVISOR, "good: exec sleep 777", "bad: echo no luck; exit 3")
    run.says("bad ended with exit code 3, 5 times in a row: it is held back for 8 s")

    assert len(run.processes("^sleep 777")) == 1
    good, bad = json.loads((tmp_path / "lectern-processes.json").read_text())
    assert good == {"name": "good", "runs": True, "words": "", "deaths": 0}
    assert (bad["runs"], bad["deaths"]) == (False, 5)
    assert bad["words"].endswith("it is held back for 8 s. The others go on.")


def test_a_process_that_no_longer_beats_is_replaced_and_one_that_does_is_not(
    start: Callable[..., Run],
) -> None:
    hangs = 'touch "$TMPDIR/heartbeat-$$"; sleep 0.5; touch "$TMPDIR/heartbeat-$$"; echo up; read x'
    run = start("-c", SUPERVISOR, f"good: {BEATING}", f"hangs: {hangs}; exec sleep 777")
    run.says("hangs made no progress for 2 s and was ended; it is started again in 0.5 s")
    run.says(r"hangs +\| up", times=2)

    assert "good" not in run.said


def test_a_process_that_never_begins_to_beat_is_replaced(start: Callable[..., Run]) -> None:
    run = start("-c", SUPERVISOR, "still: sleep 777; touch it")
    run.says("still made no progress for 4 s and was ended")


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel tells what is stopped")
def test_a_process_that_was_stopped_is_replaced(start: Callable[..., Run]) -> None:
    run = start("-c", SUPERVISOR, f"one: echo up; {BEATING}")
    run.says("up")
    os.kill(run.processes("^/bin/sh")[0], signal.SIGSTOP)
    run.says(r"one was stopped for \d s and was ended")
    run.says("up", times=2)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_every_process_and_its_descendants(
    start: Callable[..., Run], number: signal.Signals
) -> None:
    run = start("-c", SUPERVISOR, "one: exec sleep 777", "two: sleep 778 & echo up; exec sleep 779")
    run.says("up")
    run.waits_for(lambda: len(run.processes("^sleep")) == 3)
    run.process.send_signal(number)

    assert run.ends() == 0
    assert "Stopped." in run.said
    assert run.processes() == []


def test_the_first_process_is_stopped_after_the_others(start: Callable[..., Run]) -> None:
    farewell = "trap 'sleep 0.3; echo gone; exit' TERM; echo up; while :; do sleep 0.05; done"
    run = start("-c", SUPERVISOR, f"one: {farewell}", f"two: {farewell}", f"three: {farewell}")
    run.says("up", times=3)
    run.process.send_signal(signal.SIGINT)
    run.ends()

    order = re.findall(r"(\w+) +\| gone", run.said)
    assert sorted(order[:2]) == ["three", "two"]
    assert order[2:] == ["one"]


def test_a_process_that_will_not_end_is_killed_at_the_second_request(
    start: Callable[..., Run],
) -> None:
    run = start("-c", SUPERVISOR, "deaf: trap '' TERM; echo up; while :; do sleep 0.1; done")
    run.says("up")
    run.process.send_signal(signal.SIGINT)
    time.sleep(1.5)
    assert run.processes() != []
    run.process.send_signal(signal.SIGINT)

    assert run.ends(5) == 0
    assert run.processes() == []


def test_what_a_killed_process_leaves_behind_is_ended_before_its_restart(
    start: Callable[..., Run],
) -> None:
    run = start("-c", SUPERVISOR, "pool: sleep 778 & echo up; exec sleep 779")
    run.says("up")
    wait_until(lambda: run.processes("^sleep 778"))  # the shell says so before that
    [orphan] = run.processes("^sleep 778")
    run.waits_for(lambda: run.processes("^sleep 779"))
    os.kill(run.processes("^sleep 779")[0], signal.SIGKILL)
    run.says("up", times=2)

    assert orphan not in run.processes()


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's word of a parent's death")
def test_processes_end_when_the_supervisor_is_killed(start: Callable[..., Run]) -> None:
    run = start("-c", SUPERVISOR, "one: echo up; exec sleep 777")
    run.says("up")
    run.process.kill()

    run.waits_for(lambda: run.processes() == [])


def test_a_taken_port_is_refused_before_anything_starts(
    start: Callable[..., Run], tmp_path: Path
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        run = start("-m", "config.run", DATA_DIR=str(tmp_path / "data"), PORT=str(port))
        assert run.ends() == 1

    assert run.said == (
        f"lectern | Port {port} on 127.0.0.1 cannot be used: Address already in use. "
        f"Choose another one, as in: make run PORT={port + 1}\n"
    )
    assert list((tmp_path / "data").iterdir()) == []


def test_a_second_run_on_one_data_folder_is_refused(
    start: Callable[..., Run], tmp_path: Path, free_port: int
) -> None:
    folder = os.open(tmp_path, os.O_RDONLY)
    fcntl.flock(folder, fcntl.LOCK_EX)
    run = start("-m", "config.run", DATA_DIR=str(tmp_path), PORT=str(free_port))
    code = run.ends()
    os.close(folder)

    assert (code, run.said) == (
        1,
        f"lectern | Lectern already runs on {tmp_path}. "
        "Stop it first, or give this one a DATA_DIR of its own.\n",
    )


@pytest.mark.parametrize("port", ["0", "65536", "http", "-1", "８０"])
def test_a_port_that_is_none_is_refused(start: Callable[..., Run], port: str) -> None:
    run = start("-m", "config.run", PORT=port)

    assert run.ends() == 1
    assert run.said == f"lectern | PORT must be a number from 1 to 65535, not {port!r}.\n"


def test_there_are_as_many_waiters_as_a_setting_says() -> None:
    commands = procfile(ROOT / "Procfile")
    assert list(all_processes(commands, {"WAITER_PROCESSES": "1"})) == list(commands)
    three = all_processes(commands, {"WAITER_PROCESSES": "3"})
    assert [name for name in three if name not in commands] == ["waiter2", "waiter3"]
    nodes = [three[name].split(" -n ")[1].split()[0] for name in three if "waiter" in name]
    assert nodes == ["waiter@%h", "waiter@2.%h", "waiter@3.%h"]
    assert "waiter2" not in all_processes({"web": commands["web"]}, {"WAITER_PROCESSES": "3"})


@pytest.mark.parametrize("told", ["0", "two", "-1", "²"])
def test_a_number_of_waiters_that_is_none_is_refused(told: str) -> None:
    with pytest.raises(CannotStart, match="WAITER_PROCESSES must be a number"):
        all_processes(procfile(ROOT / "Procfile"), {"WAITER_PROCESSES": told})


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("AUDIO_FORMAT", "ogg", "AUDIO_FORMAT must be one of"),
        ("DEFAULT_VOICE", "no/such", "no/such"),
    ],
)
def test_a_bad_setting_stops_the_start_with_its_own_words(
    start: Callable[..., Run], tmp_path: Path, free_port: int, name: str, value: str, words: str
) -> None:
    run = start(
        "-m", "config.run", DATA_DIR=str(tmp_path / "d"), PORT=str(free_port), **{name: value}
    )

    assert run.ends() == 1
    assert words in run.said
    assert "Traceback" not in run.said
    assert run.processes() == []
    assert not (tmp_path / "d/run/redis.sock").exists()


@pytest.mark.parametrize("name", ["short", "long" * 30])
def test_commands_beside_it_find_its_redis(tmp_path: Path, name: str) -> None:
    data = tmp_path / name
    data.mkdir()
    environment = {key: value for key, value in os.environ.items() if key != "REDIS_URL"}
    command = [sys.executable, "-c", "from config import settings; print(settings.REDIS_URL)"]

    def address() -> str:
        told = subprocess.run(
            command, env=environment | {"DATA_DIR": str(data)}, check=True, capture_output=True
        )
        return told.stdout.decode().strip()

    with tempfile.TemporaryDirectory() as temporary:
        with embedded_redis(data, Path(temporary)) as redis:
            process = subprocess.Popen(redis.command, stdout=subprocess.DEVNULL)
            wait_until(redis.answers, 10)
            assert address() == redis.url
            process.terminate()
            process.wait(10)
        assert address() == "redis://127.0.0.1:6379/0"


def test_each_part_may_be_killed_and_nothing_is_left(
    start: Callable[..., Run], tmp_path: Path, free_port: int
) -> None:
    # A path too long for a socket, with a space in it.
    data_dir = tmp_path / ("a long name " * 8).strip()
    temporary = tmp_path / "t"
    temporary.mkdir()
    run = start(
        "-m",
        "config.run",
        DATA_DIR=str(data_dir),
        PORT=str(free_port),
        TMPDIR=str(temporary),
        HOME=str(tmp_path / "empty"),
    )
    run.says(rf"Lectern is ready: http://127\.0\.0\.1:{free_port}/")
    [place] = temporary.glob("lectern-*")
    assert place.stat().st_mode & 0o777 == 0o700
    assert run.processes("redis-server")
    assert (data_dir / "redis/appendonly.aof").exists()

    for name, pattern in {
        "redis": "redis-server",
        "web": "daphne",
        "worker": "speech@",
        "jobs": "jobs@",
        "beat": "beat --schedule",
    }.items():
        run.waits_for(partial(run.processes, pattern))  # Redis may have taken it along
        killed = run.processes(pattern)
        os.kill(killed[0], signal.SIGKILL)
        # What Redis took along when it was killed has failed before: its pause has grown.
        pause = "1" if f"{name} ended with exit code 1" in run.said else "0.5"
        run.says(rf"{name} was killed by SIGKILL; it is started again in {pause} s")
        run.waits_for(partial(run.has_new, pattern, killed))
    run.waits_for(lambda: answers(free_port))

    # What they were forked from may die too: none of them minds, and what dies then is back.
    [server] = run.processes("fork_server")
    os.kill(server, signal.SIGKILL)
    for _ in range(2):
        killed = run.processes("beat --schedule")
        os.kill(killed[0], signal.SIGKILL)
        run.waits_for(partial(run.has_new, "beat --schedule", killed))
    run.waits_for(partial(run.has_new, "fork_server", [server]))
    assert answers(free_port)
    run.waits_for(lambda: not zombies(run.process.pid))

    os.killpg(run.process.pid, signal.SIGINT)
    assert run.ends() == 0
    assert run.processes() == []
    assert list(temporary.iterdir()) == []
    assert [path for path in data_dir.rglob("*") if path.is_socket() or path.suffix == ".pid"] == []


def test_what_is_forked_shares_what_it_was_forked_from(
    start: Callable[..., Run], tmp_path: Path, free_port: int
) -> None:
    run = start("-m", "config.run", DATA_DIR=str(tmp_path / "data"), PORT=str(free_port))
    run.says("Lectern is ready")
    assert run.processes("fork_server")
    parts = [run.processes(name)[0] for name in ("daphne", "speech@", "jobs@", "beat --schedule")]
    for pid in parts:
        parent = text(Path(f"/proc/{pid}/stat")).rpartition(")")[2].split()[1]
        assert int(parent) == run.process.pid
        assert os.getsid(pid) == pid  # it can be ended with all its descendants
    # Much of what each has is in memory once for all: of a worker's, once its pool is there.
    for pid in parts:
        run.waits_for(lambda pid=pid: shared_part(pid) > 0.4)
    niceness = text(Path(f"/proc/{parts[2]}/stat")).rpartition(")")[2].split()[16]
    assert int(niceness) == min(19, os.nice(0) + 10)  # as the Procfile has it
    os.killpg(run.process.pid, signal.SIGINT)
    assert run.ends() == 0
    assert run.processes() == []


def shared_part(pid: int) -> float:
    """Return how much of what a process has in memory counts for others, too."""
    rollup = text(Path(f"/proc/{pid}/smaps_rollup"))
    sizes = {
        name: int(size) for name, size in re.findall(r"^(\w+): +(\d+) kB", rollup, re.MULTILINE)
    }
    return 1 - sizes["Pss"] / sizes["Rss"]


def test_a_command_that_cannot_be_forked_is_started_all_the_same() -> None:
    server = ForkServer(environment_of_processes())
    assert server.popen(["/bin/sh", "-c", "exec celery --version"]) is None  # it was never begun
    server.begin()
    try:
        deadline = time.monotonic() + WITHIN_SECONDS
        while not server.look():
            assert time.monotonic() < deadline
            time.sleep(0.05)
        for command in (
            [sys.executable, "-V"],
            ["/bin/sh", "-c", "exec ls"],  # no program of this environment
            ["/bin/sh", "-c", "exec celery --version; ls"],
            ["/bin/sh", "-c", "exec celery-is-not-there"],
        ):
            assert server.popen(command) is None
        forked = server.popen(["/bin/sh", "-c", "exec celery ${NOT_SET:---version}"])
        assert forked is not None
        assert forked.wait() == 0
        assert re.search(rb"\d+\.\d+\.\d+", forked.stdout.read())
        # One that does not answer in time does nothing later either.
        os.kill(server.pid, signal.SIGSTOP)
        assert server.popen(["/bin/sh", "-c", "exec celery --version"]) is None
        assert server.pid == 0
    finally:
        server.close()


def zombies(parent: int) -> list[str]:
    stats = [text(path).rpartition(")")[2].split() for path in Path("/proc").glob("[0-9]*/stat")]
    return [" ".join(stat) for stat in stats if stat[:2] == ["Z", str(parent)]]


def answers(port: int) -> bool:
    with socket.socket() as connection:
        return connection.connect_ex(("127.0.0.1", port)) == 0
