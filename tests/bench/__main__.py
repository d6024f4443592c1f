"""``make bench``: the figures, from the real processes, in one run.

Web, worker and Redis are started as an installation starts them, on loopback, with espeak. A
client of the socket asks as a page does. Engine's and encoder's time is what the worker measured
for each variant; *our own part* is all the rest between asking and being told.
"""

from __future__ import annotations

import asyncio
import http.client
import sys
import time
from collections.abc import Sequence
from urllib.parse import urlsplit

from . import pages, reading, servers
from .client import Listener
from .stack import WORKERS, Stack, p

ALONE = 60  # blocks measured one after the other
SESSIONS = 50
BLOCKS_PER_SESSION = 6
FETCHES = 200


def main() -> int:
    with Stack() as stack:
        print(f"{stack.machine()}; espeak, {stack.format}, blocks of about 250 characters\n")
        with servers.running_server() as server:
            stack.listen_in("espeak", "en-us")
            asyncio.run(measure(stack))
            stack.add_server(server.address)
            pages.measure(stack, server)
            reading.measure(stack)
            stack.listen_in("server", "500")
            asyncio.run(servers.measure(stack, server))
    return 0


async def measure(stack: Stack) -> None:
    print("wanted → cached, ms            n      all p50  p95   engine p50  encoder p50"
          "   ours p50   p95")  # fmt: skip
    for blocks in (100, 1000):
        uuid = stack.add_document(blocks)
        before = stack.redis_commands()
        times, messages = await one_after_the_other(stack, uuid, range(ALONE))
        commands = stack.redis_commands() - before
        row(f"one session, {blocks:>4} blocks", times, stack.parts(uuid))
        figures = f"{commands / ALONE:.1f} Redis commands, {messages / ALONE:.2f} messages"
        print(f"{'':30} per block: {figures}")
    await many_sessions(stack)
    await natural(stack)
    queries(stack)
    await cached(stack)
    print()


async def one_after_the_other(
    stack: Stack, uuid: str, indices: Sequence[int]
) -> tuple[dict[int, float], int]:
    """Want one block, wait until it is cached, want the next: what one listener feels."""
    times: dict[int, float] = {}
    async with Listener(stack, uuid) as listener:
        for idx in indices:
            times[idx] = await listener.wait_cached([idx])
        return times, listener.statuses


async def many_sessions(stack: Stack) -> None:
    """Fifty pages on fifty documents, each with a window of a few blocks."""
    uuids = [stack.add_document(BLOCKS_PER_SESSION, salt=n) for n in range(SESSIONS)]
    listeners = [Listener(stack, uuid) for uuid in uuids]
    for listener in listeners:
        await listener.__aenter__()
    before, started = stack.redis_commands(), time.perf_counter()
    arrivals = await asyncio.gather(
        *(listener.arrivals(range(BLOCKS_PER_SESSION)) for listener in listeners)
    )
    seconds = time.perf_counter() - started
    count = SESSIONS * BLOCKS_PER_SESSION
    commands = (stack.redis_commands() - before) / count
    messages = sum(listener.statuses for listener in listeners) / count
    for listener in listeners:
        await listener.__aexit__()
    firsts = [min(times.values()) for times in arrivals]
    every = [at for times in arrivals for at in times.values()]
    print(
        f"{SESSIONS} sessions at once, {BLOCKS_PER_SESSION} blocks each: {count / seconds:.0f} "
        f"blocks/s; first block p50 {p(firsts, 50):.0f} p95 {p(firsts, 95):.0f} ms; "
        f"all blocks p50 {p(every, 50):.0f} p95 {p(every, 95):.0f} ms"
    )
    parts = [part for uuid in uuids for part in stack.parts(uuid).values()]
    # With every session waiting, what counts is how long a worker is busy beside the engine.
    own = [whole - engine - encoder for engine, encoder, whole in parts]
    print(f"{'':30} claim → cached in the worker: engine p50 {p([x[0] for x in parts], 50):.1f}, "
          f"encoder p50 {p([x[1] for x in parts], 50):.1f}, ours p50 {p(own, 50):.1f} "
          f"p95 {p(own, 95):.1f} ms")  # fmt: skip
    print(f"{'':30} per block: {commands:.1f} Redis commands, {messages:.2f} messages\n")


async def natural(stack: Stack) -> None:
    """The same in the natural voice, beside the engine alone in as many processes."""
    stack.listen_in("hibari", "heart")
    print("in the natural voice:")
    await many_sessions(stack)
    alone = stack.engine_alone("hibari", "heart")
    print(f"{'':30} the engine alone, {WORKERS} processes: {alone:.1f} blocks/s")
    for name, (resident, proportional) in stack.memory().items():
        print(f"{'':30} {name:>14}: {resident} MB resident, {proportional} proportional")
    print()
    stack.listen_in("espeak", "en-us")


def queries(stack: Stack) -> None:
    asking, making, again = stack.queries
    print(f"queries per block: asking {asking}, making {making}; asking when cached {again}\n")


async def cached(stack: Stack) -> None:
    uuid = stack.add_document(ALONE, salt="cached")
    async with Listener(stack, uuid) as listener:
        await listener.arrivals(range(ALONE))
        url = listener.last_audio_url
    times = []
    async with Listener(stack, uuid) as listener:
        for idx in range(ALONE):
            times.append(await listener.wait_cached([idx]))
    print(f"a cached block's status: p50 {p(times, 50):.1f}, p95 {p(times, 95):.1f} ms")
    fetches = []
    client = http.client.HTTPConnection(urlsplit(stack.url).netloc)
    cookies = "; ".join(f"{name}={value}" for name, value in stack.cookies.items())
    for _ in range(FETCHES):
        started = time.perf_counter()
        client.request("GET", url, headers={"Cookie": cookies})
        answer = client.getresponse()
        answer.read()
        fetches.append((time.perf_counter() - started) * 1000)
        assert answer.status == 200, answer.status
    client.close()
    print(f"a cached block's fetch:  p50 {p(fetches, 50):.1f}, p95 {p(fetches, 95):.1f} ms")


def row(name: str, times: dict[int, float], parts: dict[int, tuple[float, float, float]]) -> None:
    engine = [parts[idx][0] for idx in times]
    encoder = [parts[idx][1] for idx in times]
    ours = [at - parts[idx][0] - parts[idx][1] for idx, at in times.items()]
    every = list(times.values())
    print(f"{name:30} {len(every):>3} {p(every, 50):>9.1f} {p(every, 95):>6.1f} "
          f"{p(engine, 50):>10.1f} {p(encoder, 50):>12.1f} {p(ours, 50):>10.1f} "
          f"{p(ours, 95):>6.1f}")  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
