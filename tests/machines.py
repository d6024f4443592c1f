"""``make test-machines``: speech made by two machines, with everything else outside of them.

Each machine is a network namespace with a host name, a folder and a processor of its own: a quarter
of a core, by a quota of the kernel. PostgreSQL, Redis, a bucket that speaks S3 and the web server
are outside. It needs root and Linux; nothing outlives it.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

os.environ["TEST_DATABASE"] = "postgres"  # before the environment of tests is made

import boto3
from moto.server import ThreadedMotoServer

from config.run.supervisor import die_with_parent
from tests import environment
from tests.bench.client import Listener
from tests.bench.stack import BASE_DIR, Stack
from tests.faults.proxy import Proxy

OUTSIDE = "10.87.0.1"  # where machines reach what is outside
CPU = Path("/sys/fs/cgroup/cpu")
PERIOD_US, SHARE = 100_000, 0.25
BUCKET, PREFIX = "machines", "lectern"
OUTSIDERS = ("web", "jobs", "beat")
WINDOW = 50  # blocks that a page wants at once
PAGES_OF_ONE, PAGES = 2, 6  # of WINDOW blocks each
BEGINS_SECONDS, DIES_SECONDS = 180, 60
SLOWEST_SECONDS = 3  # a block
LEAST_TIMES = 1.8


class Machine:
    """A machine that speaks, and does nothing else."""

    def __init__(self, number: int, variables: dict[str, str]) -> None:
        self.name = f"lectern-{number}"
        self._group = CPU / self.name
        self._link = f"ltn-{number}"
        self._address, self._gateway = f"10.87.{number}.2", f"10.87.{number}.1"
        self._folder = Path(tempfile.mkdtemp(prefix=f"{self.name}-"))
        self._variables = variables
        self.log = self._folder / "log"

    def __enter__(self) -> Machine:
        inside = f"{self._link}-in"
        ip("netns", "add", self.name)
        ip("link", "add", self._link, "type", "veth", "peer", "name", inside)
        ip("link", "set", inside, "netns", self.name)
        ip("address", "add", f"{self._gateway}/24", "dev", self._link)
        ip("link", "set", self._link, "up")
        own = ("-netns", self.name)
        ip(*own, "address", "add", f"{self._address}/24", "dev", inside)
        ip(*own, "link", "set", inside, "up")
        ip(*own, "link", "set", "lo", "up")
        ip(*own, "route", "add", "default", "via", self._gateway)
        self._group.mkdir()
        (self._group / "cpu.cfs_period_us").write_text(str(PERIOD_US))
        (self._group / "cpu.cfs_quota_us").write_text(str(round(PERIOD_US * SHARE)))
        self._start()
        return self

    def __exit__(self, *_: object) -> None:
        self._kill_all()
        self._group.rmdir()
        with suppress(subprocess.CalledProcessError):
            ip("link", "delete", self._link)
        ip("netns", "delete", self.name)

    def die(self) -> None:
        """Lose the power: nobody outside is told that its connections are over."""
        ip("link", "set", self._link, "down")
        self._kill_all()

    def made(self) -> list[str]:
        """Return the variants that it has stored."""
        return [
            next(word.removeprefix("variant=") for word in line.split() if "variant=" in word)
            for line in self.log.read_text().splitlines()
            if "event=variant.cached" in line
        ]

    def throttled(self) -> float:
        """Return the share of time in which it would have used more than it has."""
        stat = dict(line.split() for line in (self._group / "cpu.stat").read_text().splitlines())
        return int(stat["nr_throttled"]) / max(1, int(stat["nr_periods"]))

    def _start(self) -> None:
        group = str(self._group / "cgroup.procs")

        def enter() -> None:
            Path(group).write_text(str(os.getpid()))
            die_with_parent()

        named = f'hostname {self.name} && exec "$0" -m config.run --only worker'
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                [*("ip", "netns", "exec", self.name, "unshare", "--uts"),
                 *("sh", "-c", named, sys.executable)],
                cwd=BASE_DIR,
                env={**os.environ, **self._variables, "DATA_DIR": str(self._folder / "data"),
                     "LOG_LEVEL": "INFO"},
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=enter,
            )  # fmt: skip

    def _kill_all(self) -> None:
        def left() -> list[str]:
            return (self._group / "cgroup.procs").read_text().split()

        while pids := left():
            for pid in pids:
                with suppress(ProcessLookupError):
                    os.kill(int(pid), signal.SIGKILL)
            self._process.poll()
            time.sleep(0.05)
        self._process.wait()


def main() -> int:
    if os.geteuid() != 0 or not (CPU / "cpu.cfs_quota_us").parent.is_dir():
        print("This needs root, network namespaces and the cpu controller of cgroups.")
        return 1
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # to clean up all the same
    with ExitStack() as opened:
        opened.enter_context(outside_address())
        variables = opened.enter_context(services())
        assert environment.postgres
        stack = opened.enter_context(
            Stack(database=environment.postgres.url, only=OUTSIDERS, log_level="INFO")
        )
        stack.listen_in("espeak", "en-us")
        first = opened.enter_context(Machine(1, variables))
        wait(lambda: nodes() >= {first.name}, BEGINS_SECONDS, "the first machine speaks")
        asyncio.run(hear(stack, 1, "warm"))
        alone = asyncio.run(hear(stack, PAGES_OF_ONE, "alone"))
        print(f"one machine of {SHARE} core: {alone:.2f} blocks/s", flush=True)

        second = opened.enter_context(Machine(2, variables))
        wait(lambda: nodes() >= {second.name}, BEGINS_SECONDS, "the second machine speaks")
        asyncio.run(hear(stack, 1, "warm again"))
        machines = (first, second)
        before = all_made(machines)
        together = asyncio.run(hear(stack, PAGES, "together"))
        count = PAGES * WINDOW
        made = all_made(machines) - before
        shares = [len(set(each.made()) & set(made)) for each in machines]
        busy = ", ".join(f"{each.throttled():.0%}" for each in machines)
        print(f"two of them: {together:.2f} blocks/s, {together / alone:.2f} times (≥ "
              f"{LEAST_TIMES}); of {count} blocks they made {shares[0]} and {shares[1]}; at their "
              f"quota {busy} of the time", flush=True)  # fmt: skip
        assert len(made) == count, len(made)
        assert set(made.values()) == {1}, made.most_common(3)
        assert_made_at_once()
        assert together >= LEAST_TIMES * alone

        lost = asyncio.run(with_a_death(stack, second))
        print(f"the second one died with {lost} sounds in its hands: they, and all others, were "
              "made by the first")  # fmt: skip
    return 0


def all_made(machines: Sequence[Machine]) -> Counter[str]:
    """Return how often each sound was made, once all that are there are in the logs."""
    from tts.models import AudioVariant, Status

    def made() -> Counter[str]:
        return Counter(variant for each in machines for variant in each.made())

    own = AudioVariant.objects.filter(status=Status.CACHED, voice__speech_model__engine="espeak")
    there = {str(pk) for pk in own.values_list("pk", flat=True)}
    wait(lambda: there <= set(made()), DIES_SECONDS, "what is made is told")
    return made()


async def hear(stack: Stack, pages: int, salt: str) -> float:
    """Have so many pages want a window each; return how many blocks a second are made."""
    uuids = [await asyncio.to_thread(stack.add_document, WINDOW, f"{salt} {n} ")
             for n in range(pages)]  # fmt: skip
    async with asyncio.timeout(60 + pages * WINDOW * SLOWEST_SECONDS):
        opened = [await Listener(stack, uuid).__aenter__() for uuid in uuids]
        began = time.perf_counter()
        await asyncio.gather(*(page.arrivals(range(WINDOW)) for page in opened))
        seconds = time.perf_counter() - began
        for page in opened:
            await page.__aexit__()
    return pages * WINDOW / seconds


async def with_a_death(stack: Stack, machine: Machine) -> int:
    """End a machine while it speaks; return how many sounds it had begun."""
    from tts.models import AudioVariant, Status

    hearing = asyncio.create_task(hear(stack, PAGES_OF_ONE, "death"))
    before = len(machine.made())
    while len(machine.made()) < before + 5 or not await asyncio.to_thread(in_hands_of_both):
        await asyncio.sleep(0.05)
    machine.die()
    died = time.monotonic()
    held = AudioVariant.objects.filter(status=Status.PROCESSING)
    begun = set(await asyncio.to_thread(lambda: list(held.values_list("pk", flat=True))))
    told = asyncio.to_thread(wait, lambda: machine.name not in nodes(), DIES_SECONDS, "it is told")
    await told
    print(f"its silence was told after {time.monotonic() - died:.1f} s", flush=True)
    await hearing
    again = AudioVariant.objects.filter(pk__in=begun, attempt__gt=1)
    return await asyncio.to_thread(again.count)


def in_hands_of_both() -> bool:
    """Whether more is being spoken than one machine has processes for."""
    from tts.models import AudioVariant, Status

    return AudioVariant.objects.filter(status=Status.PROCESSING).count() > 2


def assert_made_at_once() -> None:
    from tts.models import AudioVariant, Status

    again = AudioVariant.objects.filter(status=Status.CACHED).exclude(attempt=1)
    assert not again.exists(), again.count()


def nodes() -> set[str]:
    """Return the names of the machines whose speech workers go on."""
    from config.health import heartbeats

    beats = heartbeats.all_heartbeats()
    return {each.node.partition("@")[2].partition(":")[0] or each.node.partition(":")[0]
            for each in beats if each.is_fresh}  # fmt: skip


def wait(is_so: Callable[[], bool], seconds: float, what: str) -> None:
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, f"within {seconds} s: {what}"
        time.sleep(0.1)


@contextmanager
def outside_address() -> Iterator[None]:
    ip("address", "add", f"{OUTSIDE}/32", "dev", "lo")
    try:
        yield
    finally:
        ip("address", "delete", f"{OUTSIDE}/32", "dev", "lo")


@contextmanager
def services() -> Iterator[dict[str, str]]:
    """Start what is outside; yield the variables by which machines reach it."""
    logging.getLogger("werkzeug").setLevel(logging.WARNING)  # else a line for each request
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    os.environ |= {
        "NO_PROXY": f"127.0.0.1,{OUTSIDE}",
        "SECRET_KEY": "the same for all machines of this test",
        "S3_BUCKET": BUCKET,
        "S3_PREFIX": PREFIX,
        "S3_REGION": "us-east-1",
        "S3_ENDPOINT_URL": f"http://{host}:{port}",
        "S3_ACCESS_KEY_ID": "key",
        "S3_SECRET_ACCESS_KEY": "secret",
    }
    boto3.client(
        "s3",
        endpoint_url=os.environ["S3_ENDPOINT_URL"],
        region_name="us-east-1",
        aws_access_key_id="key",
        aws_secret_access_key="secret",
    ).create_bucket(Bucket=BUCKET)
    assert environment.postgres
    postgres, redis, bucket = lines(environment.postgres.port, environment.SOCKET, port)
    try:
        yield {
            "DATABASE_URL": f"postgres://lectern@{OUTSIDE}:{postgres}/lectern",
            "REDIS_URL": f"redis://{OUTSIDE}:{redis}/0",
            "S3_ENDPOINT_URL": f"http://{OUTSIDE}:{bucket}",
        }
    finally:
        server.stop()


def lines(*targets: int | Path) -> Sequence[int]:
    return [Proxy(target, OUTSIDE).port for target in targets]


def ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True)


if __name__ == "__main__":
    sys.exit(main())
