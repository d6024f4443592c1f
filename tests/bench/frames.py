"""Reading pages by the thousand, as cheap as they can be: sockets of a few lines each.

A client that costs as much as the server measures itself. So this one knows as much of RFC 6455 as
it needs: text frames that are whole, answers to pings, and a mask of zeros, which changes nothing.
"""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

TEXT, CLOSE, PING, PONG = 1, 8, 9, 10
FINAL, MASKED = 0x80, 0x80
SHORT, TWO_BYTES, EIGHT_BYTES = 125, 126, 127
HANDSHAKE = (
    "GET /ws/documents/{uuid}/ HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\n"
    "Cookie: sessionid={session}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
)
PATIENCE_SECONDS = 120
PAUSES = (0.3, 0.6, 1.2, 2.4, 4.8, 9.6, 15, 15)  # static/js/session/connection.js


@dataclass(slots=True)
class Heard:
    """When each message of a type came, by the clock on the wall, and the sounds among them."""

    counts: dict[str, int] = field(default_factory=dict)
    cached: dict[str, float] = field(default_factory=dict)  # address of a sound → when


class Page(asyncio.Protocol):
    """One socket of a document's page."""

    def __init__(self, handshake: bytes) -> None:
        self._handshake = handshake
        self._bytes = bytearray()
        self._is_open = False
        self._waiting: list[tuple[Callable[[], bool], asyncio.Future[None]]] = []
        self._transport: asyncio.Transport | None = None
        self.heard = Heard()

    @classmethod
    async def open(cls, port: int, uuid: str, session: str) -> tuple[Page, float]:
        """Connect; return the page and the seconds until it was ``ready``.

        Who is refused tries again after growing pauses, as a page does.
        """
        host = f"127.0.0.1:{port}"
        asked = HANDSHAKE.format(uuid=uuid, host=host, session=session).encode()
        began = time.perf_counter()
        loop = asyncio.get_running_loop()
        for pause in PAUSES:
            _, page = await loop.create_connection(lambda: cls(asked), "127.0.0.1", port)
            try:
                await page.until(lambda page=page: "ready" in page.heard.counts)
            except ConnectionError:
                await asyncio.sleep(pause * random.uniform(0.5, 1))
            else:
                return page, time.perf_counter() - began
        raise ConnectionError(f"refused {len(PAUSES)} times")

    async def until(self, is_so: Callable[[], bool]) -> None:
        """Wait until something is so, as far as messages tell."""
        if not is_so():
            done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiting.append((is_so, done))
            async with asyncio.timeout(PATIENCE_SECONDS):
                await done

    async def want(self, indices: Sequence[int]) -> None:
        """Want these blocks; return when the session has taken it in."""
        pongs = self.heard.counts.get("pong", 0)
        self.send({"type": "synthesize", "block_indices": list(indices), "retry": False})
        self.send({"type": "ping"})  # messages are carried out in order
        await self.until(lambda: self.heard.counts.get("pong", 0) > pongs)

    def send(self, message: dict[str, object]) -> None:
        self._send(TEXT, json.dumps(message).encode())

    def close(self) -> None:
        if self._transport:
            self._transport.abort()

    # --- the protocol ---------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(self._handshake)

    def connection_lost(self, exc: Exception | None) -> None:
        for _, done in self._waiting:
            if not done.done():
                done.set_exception(ConnectionError(f"closed: {bytes(self._bytes[:80])!r}"))

    def data_received(self, data: bytes) -> None:
        self._bytes += data
        if not self._is_open:
            head, end, rest = self._bytes.partition(b"\r\n\r\n")
            if not end:
                return
            if not head.startswith(b"HTTP/1.1 101"):
                self.close()  # it took too long to be answered
                return
            self._is_open, self._bytes = True, rest
        while self._take_frame():
            pass

    def _take_frame(self) -> bool:
        if len(self._bytes) < 2:
            return False
        length, begins = self._bytes[1], 2
        if length >= TWO_BYTES:
            begins = 4 if length == TWO_BYTES else 10
            if len(self._bytes) < begins:
                return False
            length = int.from_bytes(self._bytes[2:begins], "big")
        if len(self._bytes) < begins + length:
            return False
        opcode, payload = self._bytes[0] & 0xF, bytes(self._bytes[begins : begins + length])
        del self._bytes[: begins + length]
        if opcode == PING:
            self._send(PONG, payload)
        elif opcode == TEXT:
            self._take(json.loads(payload))
        return True

    def _take(self, message: dict) -> None:
        kind = message["type"]
        assert "error" not in {kind, message.get("status")}, message
        self.heard.counts[kind] = self.heard.counts.get(kind, 0) + 1
        if message.get("status") == "cached":
            self.heard.cached.setdefault(message["audio_url"], time.time())
        for waiting in [each for each in self._waiting if each[0]()]:
            self._waiting.remove(waiting)
            waiting[1].set_result(None)

    def _send(self, opcode: int, payload: bytes) -> None:
        length = len(payload)
        size = bytes([MASKED | length]) if length <= SHORT else (
            bytes([MASKED | TWO_BYTES]) + length.to_bytes(2, "big")
        )  # fmt: skip
        assert self._transport
        self._transport.write(bytes([FINAL | opcode]) + size + bytes(4) + payload)
