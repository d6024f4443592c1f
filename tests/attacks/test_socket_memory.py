"""What one kind of hostile socket may hold in memory: each kind alone, and as fast as it can."""

from __future__ import annotations

import asyncio
import struct
import time
from contextlib import suppress
from socket import SO_LINGER, SOL_SOCKET

import pytest

from tests.conftest import make_document

from .conftest import Web
from .hostile import HANDSHAKE, frame
from .test_sockets import cookie_of

pytestmark = [pytest.mark.long, pytest.mark.django_db(transaction=True)]

SOCKETS = 40
ATTACK_SECONDS = 4
QUESTION = b'{"type": "synthesize", "block_indices": [999]}'
# Half a megabyte each, whatever they do; without bounds it was up to 26 in all.
MOST_MB = 20
# What a peer that reads nothing sends, the last of it without end; and after how long it leaves.
KINDS = {
    "pings": ([frame(b"p" * 125, opcode=9) * 100], None),
    "empty pings": ([frame(b"", opcode=9) * 10_000], None),
    "questions": ([frame(QUESTION) * 100], None),
    "tiny messages": ([frame(b"7") * 9_000], None),
    "empty frames": ([frame(b"", fin=False), frame(b"", opcode=0, fin=False) * 10_000], None),
    "comes and goes": ([frame(b"x" * 64_000, fin=False)], 0.3),
}


@pytest.fixture
def web(settings, tmp_path):
    """A web process that no other test has made larger."""
    web = Web(DATA_DIR=str(tmp_path), SECRET_KEY=settings.SECRET_KEY)
    yield web
    web.stop()


@pytest.mark.alone
@pytest.mark.parametrize("kind", KINDS)
async def test_what_a_kind_of_hostile_socket_holds_is_bounded(web, voice, bob, kind):
    pieces, leaves_after = KINDS[kind]
    document = await asyncio.to_thread(make_document, bob, "Nobody listens to this.")
    cookie = await asyncio.to_thread(cookie_of, bob)
    handshake = HANDSHAKE.format(
        path=f"/ws/documents/{document.uuid}/", port=web.port, cookie=cookie
    ).encode()

    async def attack() -> None:
        while True:
            with suppress(OSError, TimeoutError):
                reader, writer = await asyncio.open_connection("127.0.0.1", web.port, limit=1)
                try:
                    writer.write(handshake)
                    await reader.readexactly(12)
                    async with asyncio.timeout(leaves_after):
                        writer.write(pieces[0])
                        while True:
                            writer.write(pieces[-1])
                            await writer.drain()
                            sent[0] += 1
                            await asyncio.sleep(0)
                finally:
                    # It vanishes, as a machine does that is turned off. The server may have hung
                    # up before; its error must not take the place of the end of this task.
                    with suppress(OSError):
                        writer.get_extra_info("socket").setsockopt(
                            SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0)
                        )
                    writer.transport.abort()
            await asyncio.sleep(0.1)

    sent = [0]
    at_rest = web.memory_mb()
    tasks = [asyncio.create_task(attack()) for _ in range(SOCKETS)]
    try:
        peak = await max_memory(web, ATTACK_SECONDS)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    print(f"{kind}: {sent[0]} pieces; memory {at_rest:.0f}, at most {peak:.0f} MB")
    assert peak - at_rest < MOST_MB


async def max_memory(web: Web, seconds: float) -> float:
    until, most = time.monotonic() + seconds, 0.0
    while time.monotonic() < until:
        most = max(most, web.memory_mb())
        await asyncio.sleep(0.05)
    return most
