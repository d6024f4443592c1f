"""A hundred hostile sockets: ``python -m tests.attacks.hostile PORT COOKIE UUID SECONDS``.

In a process of its own, so that what attacks does not slow down what is measured. Prints how many
connections and messages there were.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

EACH_KIND = 10
BLOCKS = 200
PIECE = b"x" * 60_000
GARBAGE = [
    "[" * 10_000, "{" * 10_000, '{"type": "synthesize"}', '{"type": "ping", "type": "pong"}',
    '{"type": "synthesize", "block_indices": [1e400]}', "null", '"' + "a" * 16_000, "NaN", "\x00",
]  # fmt: skip
HANDSHAKE = (
    "GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nOrigin: http://127.0.0.1:{port}\r\n"
    "Cookie: {cookie}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)


class Hostile:
    def __init__(self, port: int, cookie: str, uuid: str) -> None:
        self.port, self.cookie = port, cookie
        self.path = f"/ws/documents/{uuid}/"
        self.connections = self.messages = 0

    def open(self, cookie: str | None = None) -> connect:
        self.connections += 1
        return connect(
            f"ws://127.0.0.1:{self.port}{self.path}",
            additional_headers={"Cookie": self.cookie if cookie is None else cookie},
            origin=f"http://127.0.0.1:{self.port}",
            ping_interval=None,
            close_timeout=1,
            max_queue=None,
            proxy=None,
        )

    async def say(self, socket: ClientConnection, message: object) -> None:
        self.messages += 1
        await socket.send(message if isinstance(message, str | bytes) else json.dumps(message))

    # --- the kinds --------------------------------------------------------------------------------

    async def wants_everything(self) -> None:
        async with self.open() as socket:
            while True:
                indices = random.sample(range(BLOCKS), 64)
                await self.say(socket, {"type": "synthesize", "block_indices": indices})
                await asyncio.sleep(0.01)

    async def changes_voice(self) -> None:
        async with self.open() as socket:
            while True:
                voice = f"tone-{random.choice([300, 500, 700])}"
                await self.say(
                    socket, {"type": "set_voice", "model_slug": "tone", "voice_slug": voice}
                )
                await asyncio.sleep(0.01)

    async def talks_nonsense(self) -> None:
        async with self.open() as socket:
            while True:
                await self.say(socket, random.choice([*GARBAGE, b"\xff\xfe", b""]))
                await asyncio.sleep(0.01)

    async def sends_large_messages(self) -> None:
        async with self.open() as socket:
            while True:
                await self.say(socket, "x" * 1_000_000)

    async def never_reads(self) -> None:
        """Asks for what has long answers, and leaves them with the network."""
        await self._raw(lambda: frame(b'{"type": "synthesize", "block_indices": [999]}'))

    async def never_ends_a_message(self) -> None:
        first = [True]

        def piece() -> bytes:
            opcode, first[0] = (1 if first[0] else 0), False
            return frame(PIECE, opcode=opcode, fin=False)

        await self._raw(piece)

    async def pings(self) -> None:
        await self._raw(lambda: frame(b"p" * 125, opcode=9) * 10)

    async def breaks_the_rules(self) -> None:
        """Reserved bits, unknown opcodes, frames without a mask."""
        await self._raw(lambda: bytes(random.choice([0xF1, 0x83, 0x81, 0x8F]) for _ in range(64)))

    async def comes_and_goes(self) -> None:
        while True:
            async with self.open() as socket:
                await self.say(socket, {"type": "synthesize", "block_indices": [1, 2, 3]})

    async def is_nobody(self) -> None:
        """Without a session, or with half of a handshake that never ends."""
        with suppress(WebSocketException, OSError):
            async with self.open(cookie="sessionid=nobody") as socket:
                await socket.wait_closed()
        self.connections += 1
        _, writer = await asyncio.open_connection("127.0.0.1", self.port)
        for letter in HANDSHAKE.format(path=self.path, port=self.port, cookie="x" * 4000)[:-2]:
            writer.write(letter.encode())
            await writer.drain()
            await asyncio.sleep(0.05)

    async def _raw(self, piece: Callable[[], bytes]) -> None:
        self.connections += 1
        _, writer = await asyncio.open_connection("127.0.0.1", self.port, limit=1024)
        handshake = HANDSHAKE.format(path=self.path, port=self.port, cookie=self.cookie)
        writer.write(handshake.encode())
        await asyncio.sleep(0.5)
        while True:
            writer.write(piece())
            self.messages += 1
            await writer.drain()
            await asyncio.sleep(0.002)


def frame(payload: bytes, *, opcode: int = 1, fin: bool = True) -> bytes:
    """Return a client's frame; its mask leaves the bytes as they are."""
    size = len(payload)
    head = bytes([opcode | (0x80 if fin else 0)])
    head += bytes([0x80 | size]) if size < 126 else b"\xfe" + size.to_bytes(2, "big")
    return head + bytes(4) + payload


async def again_and_again(attack: Callable[[], Awaitable[None]], until: float) -> None:
    # A connection that is closed in that moment may raise in the place of being cancelled.
    while time.monotonic() < until:
        with suppress(WebSocketException, OSError, TimeoutError, EOFError):
            await attack()
        await asyncio.sleep(0.2)


async def main(port: int, cookie: str, uuid: str, seconds: float) -> None:
    hostile = Hostile(port, cookie, uuid)
    kinds = [
        hostile.wants_everything, hostile.changes_voice, hostile.talks_nonsense,
        hostile.sends_large_messages, hostile.never_reads, hostile.never_ends_a_message,
        hostile.pings, hostile.breaks_the_rules, hostile.comes_and_goes, hostile.is_nobody,
    ]  # fmt: skip
    until = time.monotonic() + seconds
    tasks = [asyncio.create_task(again_and_again(kind, until)) for kind in kinds * EACH_KIND]
    await asyncio.sleep(seconds)
    for task in tasks:
        task.cancel()
    print(
        json.dumps({"connections": hostile.connections, "messages": hostile.messages}), flush=True
    )


if __name__ == "__main__":
    os.nice(10)
    asyncio.run(main(int(sys.argv[1]), sys.argv[2], sys.argv[3], float(sys.argv[4])))
