"""Figures against a speech server: how much goes through, and how soon the first sound is there.

The server is a process of its own on loopback. The other ways of bringing a sound to a listener
are those of the peers, made with our own parts: the whole document first, and asking every half
second. A status request of theirs costs here what ``/healthz`` does.
"""

from __future__ import annotations

import asyncio
import http.client
import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from .client import Listener
from .stack import Stack, p

SESSIONS, BLOCKS_PER_SESSION = 25, 12
ALONE = 40
POLL_SECONDS = 0.5
WINDOW = 8  # blocks that a page wants at once
# A block of 250 characters lasts so long.
BLOCK_MS = 17_500
SHORT = "Sentence {number} of {salt} is spoken by a server, and paid for."


class Server:
    """The fake speech server, run by itself."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def answer(self, **answer: object) -> None:
        root = self.address.removesuffix("/v1")
        data = json.dumps(answer).encode()
        self._opener.open(urllib.request.Request(f"{root}/answer", data=data), timeout=5)

    def spoken(self) -> list[str]:
        with self._opener.open(self.address.removesuffix("/v1") + "/log", timeout=5) as log:
            requests = json.load(log)["requests"]
        return [each["text"] for each in requests if each["path"].endswith("/speech")]


@contextmanager
def running_server() -> Iterator[Server]:
    with subprocess.Popen(
        [sys.executable, "-m", "tests.speech_server"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        yield Server(process.stdout.readline().strip())
        assert process.stdin
        process.stdin.close()


async def measure(stack: Stack, server: Server) -> None:
    for encoding in ("wav", "opus"):
        await throughput(stack, server, encoding)
    stack.change_model("server", response_format="")
    await first_sound(stack, server)


async def throughput(stack: Stack, server: Server, encoding: str) -> None:
    stack.change_model("server", response_format=encoding)
    server.answer(lasts_ms=BLOCK_MS)
    uuid = stack.add_document(ALONE + 2, salt=f"server alone {encoding}")
    async with Listener(stack, uuid) as listener:
        await listener.wait_cached([ALONE, ALONE + 1])  # the first of each process
        times = [await listener.wait_cached([idx]) for idx in range(ALONE)]
    parts = list(stack.parts(uuid).values())
    above = [at - stack.parts(uuid)[idx][0] for idx, at in enumerate(times)]
    print(f"an instant server, blocks of 250 characters, {BLOCK_MS / 1000:g} s of {encoding}")
    print(f"{'one after the other':30} wanted → cached p50 {p(times, 50):.1f}; server p50 "
          f"{p([x[0] for x in parts], 50):.1f}; above it p50 {p(above, 50):.1f} "
          f"p95 {p(above, 95):.1f} ms")  # fmt: skip
    uuids = [
        stack.add_document(BLOCKS_PER_SESSION, salt=f"server {encoding} {n}")
        for n in range(SESSIONS)
    ]
    listeners = [Listener(stack, uuid) for uuid in uuids]
    for listener in listeners:
        await listener.__aenter__()
    cpu, began = stack.cpu_seconds(), time.perf_counter()
    await asyncio.gather(*(each.arrivals(range(BLOCKS_PER_SESSION)) for each in listeners))
    seconds, cpu = time.perf_counter() - began, stack.cpu_seconds() - cpu
    for listener in listeners:
        await listener.__aexit__()
    count = SESSIONS * BLOCKS_PER_SESSION
    print(f"{f'{SESSIONS} sessions, two processes':30} {count / seconds:.0f} blocks/s; our CPU "
          f"{cpu / count * 1000:.1f} ms a block (workers and web)\n")  # fmt: skip


# --- how soon ---------------------------------------------------------------------------------


async def first_sound(stack: Stack, server: Server) -> None:
    server.answer(first_ms=150, pace=4)
    print("a server of 150 ms and 4 times real time, blocks of 63 characters (4.4 s)")
    print(f"{'':30} {'first sound, ms':>16} {'HTTP requests':>14} {'messages':>9}")
    for blocks in (5, 100):
        for name, way in (("whole first", whole), ("polling", polling), ("ours", ours)):
            uuid = stack.add_document(blocks, salt=f"{name} of {blocks}", words=SHORT)
            before = len(server.spoken())
            at, requests, messages = await way(stack, uuid, blocks)
            spoken = server.spoken()[before:]
            twice = len(spoken) - len(set(spoken))
            print(f"{f'{blocks} blocks, {name}':30} {at:>16.0f} {requests:>14} {messages:>9}"
                  f"   asked of the server {len(spoken)}, twice {twice}")  # fmt: skip
    print()


async def whole(stack: Stack, uuid: str, blocks: int) -> tuple[float, int, int]:
    """Make everything, then fetch it: one request for the making, one for the whole sound."""
    began = time.perf_counter()
    async with Listener(stack, uuid) as listener:
        for first in range(0, blocks, 50):
            await listener.arrivals(range(first, min(first + 50, blocks)))
        fetch(stack, listener.last_audio_url)
        return (time.perf_counter() - began) * 1000, 2, 0


async def polling(stack: Stack, uuid: str, blocks: int) -> tuple[float, int, int]:
    """Ask for each block's status every half second, and fetch it when it is there."""
    began, requests, first = time.perf_counter(), 0, 0.0
    async with Listener(stack, uuid) as listener:
        unheard = asyncio.create_task(ignore(listener))
        done: set[int] = set()
        wanted: set[int] = set()
        while len(done) < blocks:
            ahead = [idx for idx in range(blocks) if idx not in done][:WINDOW]
            if set(ahead) - wanted:
                wanted |= set(ahead)
                requests += 1
                await listener.want(ahead)
            made = stack.made(uuid)
            for idx in ahead:
                requests += 1
                await asyncio.to_thread(fetch, stack, "/healthz")
                if idx in made:
                    requests += 1
                    await asyncio.to_thread(fetch, stack, made[idx])
                    done.add(idx)
                    if idx == 0:
                        first = (time.perf_counter() - began) * 1000
            await asyncio.sleep(POLL_SECONDS)
        unheard.cancel()
    return first, requests, 0


async def ignore(listener: Listener) -> None:
    while True:
        await listener.next_status()


async def ours(stack: Stack, uuid: str, blocks: int) -> tuple[float, int, int]:
    """Want what comes next, be told, and fetch the first block while it is made."""
    began, first, requests = time.perf_counter(), 0.0, 0
    async with Listener(stack, uuid) as listener:
        cached: set[int] = set()
        await listener.want(range(min(WINDOW, blocks)))
        while len(cached) < blocks:
            status = await listener.next_status()
            idx = status["block_idx"]
            if idx == 0 and not first and status["audio_url"]:
                await asyncio.to_thread(fetch, stack, status["audio_url"], 1)
                first = (time.perf_counter() - began) * 1000
                requests += 1
            if status["status"] == "cached":
                if idx or not requests:
                    requests += 1
                    await asyncio.to_thread(fetch, stack, status["audio_url"])
                cached.add(idx)
                ahead = [each for each in range(blocks) if each not in cached][:WINDOW]
                if ahead:
                    await listener.want(ahead)
    return first, requests, listener.statuses


def fetch(stack: Stack, path: str, count: int | None = None) -> None:
    """Fetch all of it, or its first bytes."""
    client = http.client.HTTPConnection(urlsplit(stack.url).netloc)
    cookies = "; ".join(f"{name}={value}" for name, value in stack.cookies.items())
    client.request("GET", path, headers={"Cookie": cookies})
    answer = client.getresponse()
    assert answer.status == 200, (path, answer.status)
    answer.read(count)
    client.close()
