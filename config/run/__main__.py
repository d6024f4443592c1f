"""Start Lectern on this machine: `python -m config.run`, as `make run` does it.

`python -m config.run --only NAME …` looks after some processes of the Procfile alone: that is how
containers and services start them. Redis and the database are theirs to provide then.
"""

from __future__ import annotations

import argparse
import fcntl
import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from config.data_dir import Unusable, secured
from config.run.console import Console
from config.run.embedded_redis import embedded_redis
from config.run.supervisor import OWN_NAME, StopRequested, Supervisor

BASE_DIR = Path(__file__).resolve().parent.parent.parent
# What a killed supervisor left behind still writes to the folder for a moment.
LOCK_SECONDS = 3.0
HEALTH_SECONDS = 1.0
# Unless a setting says how many.
MOST_WAITERS = 2
BAD_SETTING = "ImproperlyConfigured: "
EVERYWHERE = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}


class CannotStart(Exception):
    """The start fails for a reason that a person can mend; the message says which."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until Ctrl-C; return the exit code."""
    parser = argparse.ArgumentParser(prog="config.run", description=__doc__)
    parser.add_argument("--only", nargs="+", default=[], metavar="NAME")
    names = parser.parse_args(arguments).only
    os.chdir(BASE_DIR)
    console = Console()
    try:
        if names:
            run_only(console, names)
        else:
            run(console)
    except StopRequested:
        console.say(OWN_NAME, "Stopped.")
        return 0
    except CannotStart as error:
        console.say(OWN_NAME, str(error))
        return 1
    finally:
        console.close()
    return 0


def run_only(console: Console, names: Sequence[str]) -> None:
    """Look after some processes of the Procfile, which share what others provide."""
    processes = procfile(BASE_DIR / "Procfile")
    unknown = [name for name in names if name not in processes]
    if unknown:
        raise CannotStart(f"The Procfile has no {unknown[0]}. It has: {', '.join(processes)}.")
    environment = environment_of_processes()
    commands = all_processes({name: processes[name] for name in names}, environment)
    supervisor = Supervisor(console, environment)
    with (
        TemporaryDirectory(prefix="lectern-", ignore_cleanup_errors=True) as temporary,
        supervisor,
    ):
        environment["TMPDIR"] = temporary
        supervisor.folder = Path(temporary)
        start(supervisor, commands)
        supervisor.watch()


def environment_of_processes() -> dict[str, str]:
    """Return what the processes find in their environment."""
    programs = Path(sys.executable).parent
    return {
        # glibc gives each of many threads a heap of its own, which keeps what it has had.
        "MALLOC_ARENA_MAX": "2",
        **os.environ,
        "HOST": os.environ.get("HOST") or "127.0.0.1",
        "PORT": str(port_number(os.environ.get("PORT") or "8000")),
        "DATA_DIR": str(Path(os.environ.get("DATA_DIR") or "data").expanduser().resolve()),
        "PATH": f"{programs}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "PYTHONUNBUFFERED": "1",
    }


def run(console: Console) -> None:
    """Start everything in order, then look after it."""
    environment = environment_of_processes()
    host, port = environment["HOST"], int(environment["PORT"])
    data_dir = Path(environment["DATA_DIR"])
    processes = all_processes(procfile(BASE_DIR / "Procfile"), environment)
    supervisor = Supervisor(console, environment)

    with ExitStack() as stack:
        lock = stack.enter_context(only_one(data_dir))
        refuse_taken_port(host, port)
        # Killed processes leave things lying about: here they go when all is over.
        temporary = stack.enter_context(
            TemporaryDirectory(prefix="lectern-", ignore_cleanup_errors=True)
        )
        environment["TMPDIR"] = temporary
        redis = None
        if not environment.get("REDIS_URL"):
            redis = stack.enter_context(embedded_redis(data_dir, Path(temporary)))
            environment["REDIS_URL"] = redis.url
        supervisor.folder = Path(temporary)
        stack.enter_context(supervisor)
        if redis is not None:
            # It holds the lock too: while it lives, no second one touches its files.
            supervisor.start("redis", redis.command, pass_fds=[lock], answers=redis.answers)
            supervisor.watch(until=redis.answers)
        console.say(OWN_NAME, f"Preparing the database and the pages in {data_dir}")
        manage(supervisor, console, "migrate", "--verbosity", "0")
        manage(supervisor, console, "collectstatic", "--noinput", "--verbosity", "0")
        sign_in = manage(supervisor, console, "prepare", "--address", address(host, port))
        start(supervisor, processes)
        supervisor.watch(until=lambda: answers_http(host, port))
        console.say(OWN_NAME, f"Lectern is ready: {address(host, port)}\n{sign_in}")
        supervisor.watch()


def start(supervisor: Supervisor, commands: Mapping[str, str]) -> None:
    if len(commands) > 1:
        supervisor.share_imports()
    for name, command in commands.items():
        supervisor.start(name, ["/bin/sh", "-c", f"exec {command}"], beats=True)


def all_processes(commands: Mapping[str, str], environment: Mapping[str, str]) -> dict[str, str]:
    """Return the commands of all processes by their names: of the waiter there are several, since
    the threads of one share one core."""
    every = dict(commands)
    told = environment.get("WAITER_PROCESSES") or str(min(MOST_WAITERS, os.cpu_count() or 1))
    if not told.isascii() or not told.isdigit() or not int(told):
        raise CannotStart(f"WAITER_PROCESSES must be a number from 1 on, not {told!r}.")
    if "waiter" in commands:
        for number in range(2, int(told) + 1):
            every[f"waiter{number}"] = commands["waiter"].replace("@%h", f"@{number}.%h")
    return every


def port_number(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 65536:
        raise CannotStart(f"PORT must be a number from 1 to 65535, not {text!r}.")
    return int(text)


def procfile(path: Path) -> dict[str, str]:
    """Read the commands by their names."""
    lines = (line.partition(":") for line in path.read_text().splitlines())
    return {
        name.strip(): command.strip()
        for name, _, command in lines
        if command and not name.startswith("#")
    }


@contextmanager
def only_one(data_dir: Path) -> Iterator[int]:
    """Hold the data folder for this run alone."""
    try:
        folder = os.open(secured(data_dir), os.O_RDONLY)
    except Unusable as error:
        raise CannotStart(str(error)) from error
    deadline = time.monotonic() + LOCK_SECONDS
    try:
        while True:
            try:
                fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise CannotStart(
                        f"Lectern already runs on {data_dir}. "
                        "Stop it first, or give this one a DATA_DIR of its own."
                    ) from None
                time.sleep(0.1)
        yield folder
    finally:
        os.close(folder)


def refuse_taken_port(host: str, port: int) -> None:
    try:
        family, kind, _, _, place = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind) as probe:
            # As the web process does it: connections that are just closing are no obstacle.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(place)
            probe.listen()
    except OSError as error:
        raise CannotStart(
            f"Port {port} on {host} cannot be used: {error.strerror}. "
            f"Choose another one, as in: make run PORT={port + 1 if port < 65535 else 8000}"
        ) from error


def manage(supervisor: Supervisor, console: Console, *arguments: str) -> str:
    """Run a management command and return what it printed."""
    result = supervisor.run([sys.executable, "manage.py", *arguments])
    if result.returncode != 0:
        raise CannotStart(reason(result))
    if result.stderr:
        console.say(arguments[0], result.stderr)
    return result.stdout.strip()


def reason(result: subprocess.CompletedProcess[str]) -> str:
    """Say why a command failed: a bad setting in its own words, a fault with its traceback."""
    told = result.stderr.strip() or result.stdout.strip()
    _, bad_setting, words = told.rpartition(BAD_SETTING)
    if bad_setting:
        return f"A setting is wrong: {words}"
    if "Traceback" not in told:
        return told.removeprefix("CommandError: ")
    return f"manage.py {result.args[2]} failed:\n{told}"


def answers_http(host: str, port: int) -> bool:
    connection = http.client.HTTPConnection(
        EVERYWHERE.get(host, host), port, timeout=HEALTH_SECONDS
    )
    try:
        # Any answer will do: with ALLOWED_HOSTS set, a request by address may get a 400.
        connection.request("GET", "/healthz")
        connection.getresponse()
        return True
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def address(host: str, port: int) -> str:
    name = EVERYWHERE.get(host, host)
    return f"http://{f'[{name}]' if ':' in name else name}:{port}/"


if __name__ == "__main__":
    sys.exit(main())
