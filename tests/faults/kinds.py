"""What can go wrong: each fault by its name, how it begins and how it ends."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .installation import Installation, children, wait_for

SKEW_SECONDS = 3600
STOPPED_SERVICE_SECONDS = 10
AWAY_SECONDS = 40
FULL_SECONDS = 15
CUT_SECONDS = 10
LONG_CUT_SECONDS = 300

# Begins when it is entered and ends when it is left; yields what it is about.
Inflict = Callable[[Installation, random.Random], Iterator[str]]


@dataclass(frozen=True, slots=True)
class Fault:
    """One kind of fault; ``rounds`` as often as it is tried by default."""

    name: str
    inflict: Callable[[Installation, random.Random], AbstractContextManager[str]]
    rounds: int
    blocks: int = 200
    # It is over when it was inflicted: from then on it is counted until it sounds again.
    held: bool = False
    needs_small_disk: bool = False
    # What is broken may fail for good meanwhile, in words.
    may_fail: bool = False


FAULTS: dict[str, Fault] = {}


def fault(name: str, rounds: int = 1, **options: Any) -> Callable[[Inflict], Inflict]:
    def register(inflict: Inflict) -> Inflict:
        FAULTS[name] = Fault(name, contextmanager(inflict), rounds, **options)
        return inflict

    return register


def kill(installation: Installation, name: str, rng: random.Random) -> None:
    pid = installation.pick(name, rng)
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
    if name in ("redis", "postgres"):
        installation.restart_service(name)


@fault("kill", rounds=30)
def kill_anything(installation: Installation, rng: random.Random) -> Iterator[str]:
    name = rng.choice(installation.targets())
    kill(installation, name, rng)
    yield name


@fault("kill-short", rounds=1)
def kill_a_few(installation: Installation, rng: random.Random) -> Iterator[str]:
    """One of each kind in one round: for the gate."""
    kill(installation, "worker child", rng)
    kill(installation, "redis", rng)
    kill(installation, "web", rng)
    yield "worker child, redis, web"


@fault("redis", rounds=50, blocks=60)
def kill_redis(installation: Installation, rng: random.Random) -> Iterator[str]:
    kill(installation, "redis", rng)
    yield "redis"


@fault("stop", rounds=7)
def stop_process(installation: Installation, rng: random.Random) -> Iterator[str]:
    """Each in turn; who looks after it replaces it."""
    targets = sorted(installation.processes())
    name = targets[installation.turns("stop") % len(targets)]
    os.kill(installation.pick(name, rng), signal.SIGSTOP)
    yield name


@fault("stop-service", rounds=2, held=True)
def stop_service(installation: Installation, rng: random.Random) -> Iterator[str]:
    names = ["redis", "postgres"] if installation.postgres else ["redis"]
    name = names[installation.turns("stop-service") % len(names)]
    pid = installation.pick(name, rng)
    for each in (pid, *children(pid)):
        os.kill(each, signal.SIGSTOP)
    time.sleep(STOPPED_SERVICE_SECONDS)
    for each in (*children(pid), pid):
        os.kill(each, signal.SIGCONT)
    yield f"{name} for {STOPPED_SERVICE_SECONDS} s"


@fault("away", rounds=2, held=True, may_fail=True)
def take_service_away(installation: Installation, rng: random.Random) -> Iterator[str]:
    """It is not there for so long that pauses between attempts have grown."""
    names = ["postgres", "redis"] if installation.postgres else ["redis"]
    name = names[installation.turns("away") % len(names)]
    os.kill(installation.pick(name, rng), signal.SIGKILL)
    installation.restart_service(name, after=AWAY_SECONDS)
    yield f"{name} for {AWAY_SECONDS} s"


@fault("clock", rounds=8)
def set_clock(installation: Installation, rng: random.Random) -> Iterator[str]:
    """One process has a clock that is an hour off, ahead or behind."""
    names = [name for name in sorted(installation.processes()) if not name.endswith(" child")]
    turn = installation.turns("clock")
    name = names[turn // 2 % len(names)]
    seconds = SKEW_SECONDS if turn % 2 else -SKEW_SECONDS
    installation.set_clock(name, seconds)
    kill(installation, name, rng)
    yield f"{name} {seconds:+d} s"
    time.sleep(20)  # what the clock spoils shows after a while
    installation.set_clock(name, 0)
    kill(installation, name, rng)


@fault("redis-full", held=True, may_fail=True)
def fill_redis(installation: Installation, rng: random.Random) -> Iterator[str]:
    import redis

    client = redis.Redis(port=installation.redis.port)
    client.config_set("maxmemory-policy", "noeviction")
    client.config_set("maxmemory", 1)
    time.sleep(FULL_SECONDS)
    client.config_set("maxmemory", 0)
    yield f"for {FULL_SECONDS} s"


@fault("disk-full", held=True, needs_small_disk=True, may_fail=True)
def fill_disk(installation: Installation, rng: random.Random) -> Iterator[str]:
    """Of the sounds alone."""
    with filled(installation.data_dir / "files"):
        time.sleep(FULL_SECONDS)
    yield f"for {FULL_SECONDS} s"


@fault("disk-full-all", held=True, needs_small_disk=True, may_fail=True)
def fill_whole_disk(installation: Installation, rng: random.Random) -> Iterator[str]:
    """Of the sounds and of the database, if that is a file."""
    with filled(installation.data_dir / "files"), filled(installation.data_dir):
        time.sleep(FULL_SECONDS)
    yield f"for {FULL_SECONDS} s"


@fault("read-only", held=True, needs_small_disk=True, may_fail=True)
def make_read_only(installation: Installation, rng: random.Random) -> Iterator[str]:
    files = str(installation.data_dir / "files")

    def remount(how: str) -> bool:
        command = ["mount", "-o", f"remount,{how}", files]
        return subprocess.run(command, stderr=subprocess.DEVNULL, check=False).returncode == 0

    wait_for(lambda: remount("ro"), 30, "nothing is being written")
    time.sleep(FULL_SECONDS)
    remount("rw")
    yield f"for {FULL_SECONDS} s"


@fault("cut", held=True)
def cut(installation: Installation, rng: random.Random) -> Iterator[str]:
    yield from held(installation, "blackhole", CUT_SECONDS)


@fault("long-cut", held=True, may_fail=True)
def cut_for_long(installation: Installation, rng: random.Random) -> Iterator[str]:
    yield from held(installation, "blackhole", LONG_CUT_SECONDS)


@fault("slow", held=True)
def slow(installation: Installation, rng: random.Random) -> Iterator[str]:
    for line in installation.lines:
        line.slow(0.1)
    time.sleep(CUT_SECONDS)
    for line in installation.lines:
        line.pass_on()
    yield "100 ms each way"


@fault("reset", rounds=2, held=True)
def reset(installation: Installation, rng: random.Random) -> Iterator[str]:
    for _ in range(5):
        for line in installation.lines:
            line.reset()
        time.sleep(1)
    yield "each second, 5 times"


@fault("truncate", rounds=2, held=True)
def truncate(installation: Installation, rng: random.Random) -> Iterator[str]:
    yield from held(installation, "truncate", CUT_SECONDS)


@fault("forgotten", rounds=2)
def forget(installation: Installation, rng: random.Random) -> Iterator[str]:
    """The connections of now are silent for ever; Redis's alone, as only TCP itself could tell of
    PostgreSQL's, and here TCP is in order."""
    installation.redis_line.forget()
    yield "Redis's connections"


def held(installation: Installation, how: str, seconds: float) -> Iterator[str]:
    for line in installation.lines:
        getattr(line, how)()
    time.sleep(seconds)
    for line in installation.lines:
        line.pass_on()
    yield f"for {seconds} s"


@contextmanager
def filled(folder: Path) -> Iterator[None]:
    """Leave no room on the disk of a folder."""
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(2**16))
    try:
        yield
    finally:
        ballast.unlink()
