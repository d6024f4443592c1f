"""``make bench-scale``: what the system does at its limit, and what that costs, beside the floors.

    python -m tests.bench.scale              every row
    python -m tests.bench.scale opus change  these rows alone

All processes of the Procfile run as ``make run`` starts them, on loopback, and what they cost is
counted whole: web, workers, jobs, beat and Redis, to the last ``cached`` and to the last mark. The
floor of a row is the same work without our parts (tests/bench/floors.py), in two processes.
"""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from .client import Listener
from .floors import Floor, floor
from .servers import Server, fetch, running_server
from .stack import Stack, p, pss

SESSIONS, BLOCKS_PER_SESSION = 25, 12
FLOOR_BLOCKS = {"opus": 400, "wav": 120, "espeak": 120, "heart": 40}
BLOCK_MS = 16_700  # so long lasts a block of 250 characters
ALONE = 40
WINDOW = 8  # blocks that a page wants at once
LISTENERS = 40
MANY_BLOCKS = 2_000
TRIES = 8
REST_SECONDS = 30
# What an installation of its own must not have from the one that is measured.
OF_THE_STACK = {"DATABASE_URL", "REDIS_URL", "SECRET_KEY", "DJANGO_SETTINGS_MODULE"}
WAITING = 750  # sounds whose words are looked for meanwhile
MARKS_SECONDS, LEAST_MARKS = 20, 10


@dataclass(slots=True)
class Bench:
    """The processes, the speech server, and the documents so far."""

    stack: Stack
    server: Server
    documents: int = 0

    def document(self, blocks: int) -> str:
        self.documents += 1
        return self.stack.add_document(blocks, salt=f"scale {self.documents} ")

    def speak(self, encoding: str, **answer: object) -> None:
        """Have the server speak in this encoding, and everybody listen to it."""
        self.stack.change_model("server", response_format=encoding)
        self.server.answer(lasts_ms=BLOCK_MS, **answer)
        self.stack.listen_in("server", "500")


def main() -> int:
    names = sys.argv[1:] or list(ROWS)
    if unknown := set(names) - set(ROWS):
        print(f"There is no row {', '.join(unknown)}; there are: {', '.join(ROWS)}.")
        return 1
    with Stack(log_level="INFO", counts=True) as stack, running_server() as server:
        stack.add_server(server.address)
        print(f"{stack.machine()}; {stack.format}, blocks of about 250 characters\n")
        bench = Bench(stack, server)
        for name in names:
            asyncio.run(ROWS[name](bench))
    return 0


# --- throughput -------------------------------------------------------------------------------


async def opus(bench: Bench) -> None:
    """An instant server whose Opus is passed through."""
    bench.speak("opus")
    await throughput(bench, "opus", "openai", "500", bench.server.address, "opus")


async def wav(bench: Bench) -> None:
    """An instant server whose samples are encoded."""
    bench.speak("wav")
    await throughput(bench, "wav", "openai", "500", bench.server.address, "wav")


async def espeak(bench: Bench) -> None:
    bench.stack.listen_in("espeak", "en-us")
    await throughput(bench, "espeak", "espeak", "en-us")


async def heart(bench: Bench) -> None:
    bench.stack.listen_in("hibari", "heart")
    await throughput(bench, "heart", "hibari", "heart")


async def throughput(bench: Bench, name: str, *floor_arguments: str) -> None:
    """Many pages at once, each with a window of blocks."""
    stack = bench.stack
    least = await asyncio.to_thread(floor, FLOOR_BLOCKS[name], *floor_arguments)
    uuids = [bench.document(BLOCKS_PER_SESSION) for _ in range(SESSIONS)]
    warm = bench.document(8)
    async with Listener(stack, warm) as listener:
        await listener.wait_cached(range(8))
    stack.forget_marks()
    async with AsyncExitStack() as opened:
        listeners = [await opened.enter_async_context(Listener(stack, uuid)) for uuid in uuids]
        before, began = Costs.now(stack), time.perf_counter()
        every = await asyncio.gather(
            *(each.arrivals(range(BLOCKS_PER_SESSION)) for each in listeners)
        )
        seconds, cached = time.perf_counter() - began, Costs.now(stack) - before
        messages = sum(listener.statuses for listener in listeners)
        marks = await marked(stack)
    told(name, seconds, cached, marks, messages, every, least)


async def marked(stack: Stack) -> str:
    """Return what is spent on word times after the last sound, for each of them, in words."""
    unmarked, before = stack.unmarked(), Costs.now(stack)
    deadline = time.monotonic() + MARKS_SECONDS
    while (left := stack.unmarked()) and time.monotonic() < deadline:
        await asyncio.sleep(0.05)
    costs, found = Costs.now(stack) - before, unmarked - left
    if left:
        stack.forget_marks()
    if found < LEAST_MARKS:
        return f"not told: {found} of {unmarked} were found in {MARKS_SECONDS} s"
    return f"{costs.cpu_ms(found)}, by {found} that were found after the last sound"


@dataclass(frozen=True, slots=True)
class Costs:
    """CPU by kind of process, commands of Redis, statements of the database."""

    cpu: dict[str, float]
    commands: int
    statements: int

    @classmethod
    def now(cls, stack: Stack) -> Costs:
        from .counted.base import statements

        return cls(stack.cpu_by_process(), stack.redis_commands(), statements())

    def __sub__(self, before: Costs) -> Costs:
        cpu = {name: seconds - before.cpu.get(name, 0.0) for name, seconds in self.cpu.items()}
        return Costs(cpu, self.commands - before.commands, self.statements - before.statements)

    def cpu_ms(self, count: int) -> str:
        """Say what each block costs, in ms, and where."""
        total = sum(self.cpu.values()) / count * 1000
        most = sorted(self.cpu.items(), key=lambda each: -each[1])
        parts = ", ".join(f"{name} {seconds / count * 1000:.1f}" for name, seconds in most)
        return f"{total:.1f} ({parts})"


def told(
    name: str,
    seconds: float,
    cached: Costs,
    marks: str,
    messages: int,
    every: Sequence[dict[int, float]],
    least: Floor,
) -> None:
    count = SESSIONS * BLOCKS_PER_SESSION
    firsts = [min(times.values()) for times in every]
    print(
        f"{name}: {SESSIONS} sessions of {BLOCKS_PER_SESSION} blocks\n"
        f"    blocks/s to the last cached     {count / seconds:.1f}; the floor "
        f"{least.per_second:.1f}, {count / seconds / least.per_second:.2f} of it\n"
        f"    a session's first block, ms     p50 {p(firsts, 50):.0f}, p95 {p(firsts, 95):.0f}\n"
        f"    CPU a block until cached, ms    {cached.cpu_ms(count)}; the floor "
        f"{least.cpu_ms:.1f}\n"
        f"    CPU for its word times, ms      {marks}\n"
        f"    a block until cached            {cached.commands / count:.1f} Redis commands, "
        f"{cached.statements / count:.1f} statements, {messages / count:.2f} messages\n",
        flush=True,
    )


# --- how soon ---------------------------------------------------------------------------------


async def one(bench: Bench) -> None:
    """One block after the other, from an instant server."""
    bench.speak("opus")
    for blocks in (100, 10_000):
        uuid = bench.document(blocks)
        async with Listener(bench.stack, uuid) as listener:
            await listener.wait_cached([ALONE, ALONE + 1])
            bench.stack.forget_marks()
            before, times = Costs.now(bench.stack), []
            for idx in range(ALONE):
                times.append(await listener.wait_cached([idx]))
            costs = Costs.now(bench.stack) - before
        parts = bench.stack.parts(uuid)
        above = [at - parts[idx][0] for idx, at in enumerate(times)]
        print(
            f"one block alone, opus, {blocks:>6} blocks: wanted → cached p50 {p(times, 50):.1f}, "
            f"above the server's time p50 {p(above, 50):.1f}, p95 {p(above, 95):.1f} ms; "
            f"{costs.commands / ALONE:.0f} Redis commands, {costs.statements / ALONE:.0f} "
            "statements, with all that goes on beside",
            flush=True,
        )
    print()


async def change(bench: Bench) -> None:
    """A change of voice while eight blocks wait, at a server of four times real time."""
    bench.speak("", first_ms=150, pace=4)
    bytes_ms, all_s, stale = [], [], 0
    for _ in range(3):
        uuid = bench.document(WINDOW + 1)
        async with Listener(bench.stack, uuid) as listener:
            await listener.want(range(WINDOW))
            await listener.next_status()
            await asyncio.sleep(0.5)
            began = time.perf_counter()
            await listener.set_voice("server", "300")
            await listener.want(range(WINDOW))
            first, cached = 0.0, 0
            while cached < WINDOW:
                status = await listener.next_status()
                stale += status["voice_slug"] != "300"
                if status["block_idx"] == 0 and status["audio_url"] and not first:
                    await asyncio.to_thread(fetch, bench.stack, status["audio_url"], 1)
                    first = (time.perf_counter() - began) * 1000
                cached += status["status"] == "cached"
            bytes_ms.append(first)
            all_s.append(time.perf_counter() - began)
        bench.stack.forget_marks()
    print(
        f"a change of voice, {WINDOW} blocks waiting, a server of 150 ms and 4 times real time: "
        f"first byte p50 {p(bytes_ms, 50):.0f} ms; all cached p50 {p(all_s, 50):.2f} s; "
        f"{stale} stale statuses\n",
        flush=True,
    )


async def listeners(bench: Bench) -> None:
    """Many hear at once: no block comes later than the end of the one before it."""
    bench.speak("", first_ms=150, pace=4)
    uuids = [bench.document(WINDOW) for _ in range(LISTENERS)]

    async def listen(uuid: str) -> tuple[float, float]:
        """Return when it begins to sound, and the longest silence after that, in ms."""
        async with Listener(bench.stack, uuid) as listener:
            began = time.perf_counter()
            await listener.want(range(WINDOW))
            begun: dict[int, float] = {}
            cached = 0
            while cached < WINDOW:
                status = await listener.next_status()
                if status["audio_url"]:
                    begun.setdefault(status["block_idx"], (time.perf_counter() - began) * 1000)
                cached += status["status"] == "cached"
            over, gap = begun[0], 0.0
            for idx in range(WINDOW):
                gap = max(gap, begun[idx] - over)
                over = max(over, begun[idx]) + BLOCK_MS
            return begun[0], gap

    heard = await asyncio.gather(*map(listen, uuids))
    firsts, gaps = [first for first, _ in heard], [gap for _, gap in heard]
    print(
        f"{LISTENERS} listeners at once, the same server: first sound p50 {p(firsts, 50):.0f}, "
        f"p95 {p(firsts, 95):.0f} ms; longest gap {max(gaps):.0f} ms; "
        f"{sum(gap > 0 for gap in gaps)} have one\n",
        flush=True,
    )
    bench.stack.forget_marks()


async def first(bench: Bench) -> None:
    """The first byte, by what the server sends."""
    for encoding in ("wav", "opus"):
        bench.speak(encoding, first_ms=150, pace=4)
        times = []
        for _ in range(TRIES):
            uuid = bench.document(1)
            async with Listener(bench.stack, uuid) as listener:
                times.append(await first_byte(bench, listener))
            bench.stack.forget_marks()
        print(f"first byte, {encoding:4}, a server of 150 ms and 4 times real time: "
              f"p50 {p(times, 50):.0f}, most {max(times):.0f} ms", flush=True)  # fmt: skip
    print()


async def words(bench: Bench) -> None:
    """The first sound while the words of others are looked for, beside the same at rest."""
    times: dict[tuple[str, bool], list[float]] = {}
    for is_at_work in (False, True):
        uuids = [bench.document(1) for _ in range(2 * TRIES)]
        if is_at_work:
            bench.speak("opus")
            many = [bench.document(WAITING // SESSIONS) for _ in range(SESSIONS)]
            async with AsyncExitStack() as opened:
                pages = [await opened.enter_async_context(Listener(bench.stack, u)) for u in many]
                await asyncio.gather(*(page.arrivals(range(WAITING // SESSIONS)) for page in pages))
        bench.speak("wav", first_ms=150, pace=4)
        for n, uuid in enumerate(uuids):
            voice = ("espeak", "en-us") if n % 2 else ("server", "500")
            bench.stack.listen_in(*voice)
            await asyncio.sleep(0.5)  # they are at it again
            async with Listener(bench.stack, uuid) as listener:
                found = times.setdefault((voice[0], is_at_work), [])
                found.append(await first_byte(bench, listener))
        if is_at_work and not bench.stack.unmarked():
            print("The words of others were all found before it was over.")
        bench.stack.forget_marks()
    for name in ("espeak", "server"):
        rest, work = (p(times[name, is_at_work], 50) for is_at_work in (False, True))
        print(
            f"first byte, {name:6}: p50 {rest:.0f} ms at rest, {work:.0f} while the words of "
            f"others are looked for, {work / rest:.2f} times",
            flush=True,
        )
    print()


async def first_byte(bench: Bench, listener: Listener) -> float:
    """Want the first block; return the ms until its first byte was fetched."""
    began = time.perf_counter()
    await listener.want([0])
    while not (status := await listener.next_status())["audio_url"]:
        pass
    await asyncio.to_thread(fetch, bench.stack, status["audio_url"], 1)
    taken = (time.perf_counter() - began) * 1000
    while status["status"] != "cached":
        status = await listener.next_status()
    return taken


# --- memory -----------------------------------------------------------------------------------


async def memory(bench: Bench) -> None:
    """What everything takes at rest, as ``make run`` starts it, and after much work."""
    from tts.delivery.live import ENDED_EXPIRES_SECONDS

    print(f"make run at rest, heart loaded: {at_rest()} MB in proportion", flush=True)
    stack = bench.stack
    print(f"PSS at rest, MB: {said(stack.proportional_memory())}", flush=True)
    bench.speak("opus")
    uuids = [bench.document(MANY_BLOCKS // SESSIONS) for _ in range(SESSIONS)]
    async with AsyncExitStack() as opened:
        pages = [await opened.enter_async_context(Listener(stack, uuid)) for uuid in uuids]
        for at in range(0, MANY_BLOCKS // SESSIONS, BLOCKS_PER_SESSION):
            window = range(at, min(at + BLOCKS_PER_SESSION, MANY_BLOCKS // SESSIONS))
            await asyncio.gather(*(page.arrivals(window) for page in pages))
    stack.forget_marks()
    await asyncio.sleep(ENDED_EXPIRES_SECONDS + 5)
    print(f"after {MANY_BLOCKS} blocks: {said(stack.proportional_memory())}", flush=True)
    stack.listen_in("hibari", "heart")
    async with Listener(stack, bench.document(8)) as listener:
        await listener.wait_cached(range(8))
    print(f"with heart: {said(stack.proportional_memory())}\n", flush=True)


def at_rest() -> int:
    """Return the MB that an installation of its own takes in proportion, a while after it began."""
    with TemporaryDirectory() as folder, socket.create_server(("127.0.0.1", 0)) as probe:
        port = str(probe.getsockname()[1])
        probe.close()
        environ = {name: value for name, value in os.environ.items() if name not in OF_THE_STACK}
        environ |= {"DATA_DIR": folder, "PORT": port}
        process = subprocess.Popen(
            [sys.executable, "-m", "config.run"], env=environ, stdout=subprocess.PIPE, text=True
        )
        for line in process.stdout or ():
            if "Lectern is ready" in line:
                break
        time.sleep(REST_SECONDS)
        taken = sum(map(pss, family(process.pid)))
        process.terminate()
        process.communicate()
        return taken


def family(pid: int) -> Iterator[int]:
    yield pid
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in children.read_text().split():
            yield from family(int(child))


def said(taken: dict[str, int]) -> str:
    parts = ", ".join(f"{name} {size}" for name, size in taken.items())
    return f"{sum(taken.values())} ({parts})"


Row = Callable[[Bench], Awaitable[None]]
ROWS: dict[str, Row] = {
    row.__name__: row
    for row in (memory, opus, wav, espeak, heart, one, change, listeners, first, words)
}


if __name__ == "__main__":
    sys.exit(main())
