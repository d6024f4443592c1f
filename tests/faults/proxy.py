"""A line that can be made slow, silent, broken or cut: a TCP proxy on loopback."""

from __future__ import annotations

import asyncio
import socket
import struct
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

PIECE_BYTES = 64 * 1024
AT_ONCE = struct.pack("ii", 1, 0)  # SO_LINGER: a close is a reset


class Line:
    """One connection through the proxy."""

    def __init__(self, writers: tuple[asyncio.StreamWriter, asyncio.StreamWriter]) -> None:
        self.writers = writers
        self.is_forgotten = False


class Proxy:
    """Passes on to a port of loopback, or to a socket in a folder, what comes to its own port."""

    def __init__(self, target: int | Path, host: str = "127.0.0.1") -> None:
        """``host``: an address of this machine, where it listens."""
        self._target, self._host = target, host
        self._lines: set[Line] = set()
        self._latency = 0.0
        self._truncates = False
        self._loop = asyncio.new_event_loop()
        self._through = asyncio.Event()
        self._through.set()
        started = threading.Event()
        threading.Thread(target=self._run, args=(started,), daemon=True).start()
        started.wait()

    # --- what goes wrong ----------------------------------------------------------------------

    def pass_on(self) -> None:
        """Be a line that is in order."""

        def mend() -> None:
            self._latency, self._truncates = 0.0, False
            self._through.set()

        self._do(mend)

    def slow(self, seconds: float) -> None:
        """Have each piece take so long, in each direction."""
        self._do(lambda: setattr(self, "_latency", seconds))

    def blackhole(self) -> None:
        """Pass nothing on until it is mended: then what was sent meanwhile arrives."""
        self._do(self._through.clear)

    def forget(self) -> None:
        """Have the connections of now stay silent for ever, as when a router forgot them."""

        def forget() -> None:
            for line in self._lines:
                line.is_forgotten = True

        self._do(forget)

    def reset(self) -> None:
        """Break all connections off."""
        self._do(lambda: [abort(line) for line in list(self._lines)])

    def truncate(self) -> None:
        """Break each connection off in the middle of the next answer."""
        self._do(lambda: setattr(self, "_truncates", True))

    # --- how it works ---------------------------------------------------------------------------

    def _do(self, what: Callable[[], Any]) -> None:
        done = threading.Event()

        def do() -> None:
            what()
            done.set()

        self._loop.call_soon_threadsafe(do)
        done.wait()

    def _run(self, started: threading.Event) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(
            asyncio.start_server(self._serve, self._host, 0, limit=2**20)
        )
        self.port = server.sockets[0].getsockname()[1]
        started.set()
        self._loop.run_forever()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._through.wait()
        try:
            there, to_there = await self._connect()
        except OSError:
            abort(Line((writer, writer)))
            return
        line = Line((writer, to_there))
        for each in line.writers:
            with suppress(OSError):  # a socket in a folder is none of TCP's
                each.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._lines.add(line)
        await asyncio.gather(
            self._pump(line, reader, to_there), self._pump(line, there, writer, answers=True)
        )
        self._lines.discard(line)

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if isinstance(self._target, Path):
            return await asyncio.open_unix_connection(str(self._target))
        return await asyncio.open_connection("127.0.0.1", self._target)

    async def _pump(
        self,
        line: Line,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        *,
        answers: bool = False,
    ) -> None:
        with suppress(OSError):
            while data := await reader.read(PIECE_BYTES):
                await self._through.wait()
                if line.is_forgotten:
                    continue
                if self._latency:
                    await asyncio.sleep(self._latency)
                if self._truncates and answers and len(data) > 1:
                    writer.write(data[: len(data) // 2])
                    await writer.drain()
                    break
                writer.write(data)
                await writer.drain()
            if line.is_forgotten:
                return  # nobody hears that the other end is gone
        for each in line.writers:
            each.close()


def abort(line: Line) -> None:
    for writer in line.writers:
        with suppress(OSError):
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
        writer.transport.abort()
