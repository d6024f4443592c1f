"""How soon a sound is there: alone, after a change of voice, for many, beside other work."""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack

from ..client import Listener
from ..servers import fetch
from ..stack import p
from .bench import BLOCK_MS, SESSIONS, Bench
from .throughput import Costs, marked

ALONE = 40
WINDOW = 8  # blocks that a page wants at once
LISTENERS = 40
TRIES = 8
WAITING = 750  # sounds whose words are looked for meanwhile
SPOKEN = 5  # blocks of each session, in a voice unlike the reference
VOICE = "gmw/en-US+f4"


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
        for n in range(1 + TRIES):
            uuid = bench.document(1)
            async with Listener(bench.stack, uuid) as listener:
                taken = await first_byte(bench, listener)
            if n:  # before the first, once in a recipe, it is measured how loud the voice is
                times.append(taken)
            bench.stack.forget_marks()
        print(f"first byte, {encoding:4}, a server of 150 ms and 4 times real time: "
              f"p50 {p(times, 50):.0f}, most {max(times):.0f} ms", flush=True)  # fmt: skip
    print()


async def words(bench: Bench) -> None:
    """What the words of a spoken sound cost; the first sound while others are looked for."""
    bench.speak("wav", speaks=VOICE)
    await many(bench, SPOKEN)
    print(f"CPU for the word times of a sound that is spoken, ms: {await marked(bench.stack)}")
    times: dict[tuple[str, bool], list[float]] = {}
    for is_at_work in (False, True):
        uuids = [bench.document(1) for _ in range(2 * TRIES)]
        if is_at_work:
            bench.speak("opus")
            await many(bench, WAITING // SESSIONS)
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


async def many(bench: Bench, blocks: int) -> None:
    """Have so many blocks made for each of many pages."""
    uuids = [bench.document(blocks) for _ in range(SESSIONS)]
    async with AsyncExitStack() as opened:
        pages = [await opened.enter_async_context(Listener(bench.stack, uuid)) for uuid in uuids]
        await asyncio.gather(*(page.arrivals(range(blocks)) for page in pages))


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
