"""What everything takes, in proportion to who shares it: at rest and after much work."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from ..client import Listener
from ..stack import pss
from .bench import BLOCKS_PER_SESSION, SESSIONS, Bench

MANY_BLOCKS = 2_000
REST_SECONDS = 30
# What an installation of its own must not have from the one that is measured.
OF_THE_STACK = {"DATABASE_URL", "REDIS_URL", "SECRET_KEY", "DJANGO_SETTINGS_MODULE"}


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
