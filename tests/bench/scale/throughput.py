"""How much is done in a second by many pages at once, and what that costs, beside the floors."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass

from ..client import Listener
from ..floors import Floor, floor
from ..stack import Stack, p
from .bench import BLOCKS_PER_SESSION, SESSIONS, Bench

FLOOR_BLOCKS = {"opus": 400, "wav": 120, "espeak": 120, "heart": 40}
MARKS_SECONDS, LEAST_MARKS = 20, 10


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
        from ..counted.base import statements

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
