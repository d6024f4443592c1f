"""A proxy on loopback that breaks one answer off, as a line does that is lost; or lets it hang, as
one does that nobody closes; or lets no socket through, as in schools."""

from __future__ import annotations

import re
import socket
import threading
from contextlib import suppress

PIECE_BYTES = 16 * 1024
REQUEST = re.compile(rb"(GET|POST|HEAD) /")
FORBIDDEN = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class CuttingProxy:
    """Hands everything on, but breaks off after so many bytes what answers the first request that
    begins with ``marker``; or lets it ``hang``. ``cut`` and ``mend`` are about the whole line.

    ``sockets``: whether an Upgrade is "passed", "refused" or met with "silence". ``asked``: the
    first line of each request."""

    def __init__(
        self, port: int, marker: bytes = b"\0", after: int = 0, *, hang: bool = False
    ) -> None:
        self.cuts = 0
        self.sockets = "passed"
        self.asked: list[str] = []
        self._hang = hang
        self._port, self._marker, self._after = port, marker, after
        self._marked: socket.socket | None = None
        self._open: list[socket.socket] = []

    def __enter__(self) -> CuttingProxy:
        self._listen(0)
        self.url = f"http://127.0.0.1:{self._own_port}"
        return self

    def __exit__(self, *_: object) -> None:
        self.cut()

    def cut(self) -> None:
        """Break off all there is, and refuse what comes."""
        for each in (self._listening, *self._open):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()
        self._open.clear()

    def mend(self) -> None:
        self._listen(self._own_port)

    def _listen(self, port: int) -> None:
        self._listening = socket.create_server(("127.0.0.1", port))
        self._own_port = self._listening.getsockname()[1]
        threading.Thread(target=self._accept, args=(self._listening,), daemon=True).start()

    def _accept(self, listening: socket.socket) -> None:
        with suppress(OSError):
            while True:
                here, _ = listening.accept()
                there = socket.create_connection(("127.0.0.1", self._port))
                for each in (here, there):
                    each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._open += [here, there]
                for pump in (self._up, self._down):
                    threading.Thread(target=pump, args=(here, there), daemon=True).start()

    def _up(self, here: socket.socket, there: socket.socket) -> None:
        with suppress(OSError):
            while data := here.recv(PIECE_BYTES):
                if self._marked is None and data.startswith(self._marker):
                    self._marked = here
                if REQUEST.match(data):
                    self.asked.append(data.split(b"\r\n", 1)[0].decode("latin-1"))
                if b"upgrade: websocket" in data.lower() and self.sockets != "passed":
                    if self.sockets == "refused":
                        here.sendall(FORBIDDEN)
                        here.shutdown(socket.SHUT_RDWR)
                    continue
                there.sendall(data)
            there.shutdown(socket.SHUT_WR)

    def _down(self, here: socket.socket, there: socket.socket) -> None:
        left = self._after
        with suppress(OSError):
            while data := there.recv(PIECE_BYTES):
                if here is self._marked and not self.cuts:
                    data, left = data[:left], left - len(data)
                here.sendall(data)
                if here is self._marked and left <= 0 and not self.cuts:
                    self.cuts += 1
                    if self._hang:
                        return
                    break
            for each in (here, there):
                each.shutdown(socket.SHUT_RDWR)
