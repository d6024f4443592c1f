"""How much a socket may hold in memory: what it sent and nobody has read yet, and the other way.

Daphne takes whatever comes and keeps whatever does not go out, without end. Whoever floods a
socket, or asks and never reads, would so fill the memory of everybody's web process.
"""

from __future__ import annotations

import ctypes
import gc
from typing import Any

import structlog
from autobahn.websocket import protocol as autobahn_protocol
from daphne.server import Server
from daphne.ws_protocol import WebSocketFactory, WebSocketProtocol
from twisted.internet import reactor as twisted_reactor

reactor: Any = twisted_reactor  # what it can do depends on which one Daphne chose
log = structlog.get_logger(__name__)

# The largest message of the protocol has 16,384 characters; a frame of more breaks the rules.
MESSAGE_BYTES = 64 * 1024
# No browser sends a message in so many frames; empty ones would never add up to a large message.
MOST_PIECES = 1024
# So much may wait for the session; the rest is left with the network.
MOST_WAITING, MOST_WAITING_BYTES = 32, 64 * 1024
LOOK_AGAIN_SECONDS = 0.05
# A page that does not read its answers is not read either, until it has taken most of them.
MOST_UNREAD_BYTES = 64 * 1024
# It is still told of events. A page that reads has a small part of that before it at any time.
MOST_UNSENT_BYTES = 256 * 1024
# So many connections wait until the process comes to them, if the kernel lets them.
MOST_TO_ACCEPT = 4096
PIECE_BYTES = 48  # what bytes cost besides what is in them, and their place in a list
# After a socket is closed, what it leaves is given back so soon: that of many at once.
TIDY_SECONDS, MOST_CLOSED = 3.0, 100
# From malloc.h.
M_MMAP_THRESHOLD, M_ARENA_MAX = -3, -8


class BoundedSocket(WebSocketProtocol):
    """Daphne's own, which keeps no more than a bounded amount, and once closed nothing."""

    _is_paused = _is_given_up = False
    _waiting_bytes = 0  # of what came since all was read

    def dataReceived(self, data: bytes) -> None:
        """Take no more before the handshake is answered than a message has, and none after the end.

        No browser sends anything before the answer; Daphne would gather it.
        """
        if self.state == self.STATE_CLOSED:
            return
        is_early = self.state == self.STATE_CONNECTING
        if is_early and len(self.data) + len(data) > MESSAGE_BYTES:
            self.transport.abortConnection()
            return
        super().dataReceived(data)

    def onConnect(self, request: Any) -> Any:
        self.maxMessagePayloadSize = self.maxFramePayloadSize = MESSAGE_BYTES
        return super().onConnect(request)

    def onMessageFrameBegin(self, length: int) -> None:
        super().onMessageFrameBegin(length)
        if len(self.message_data) >= MOST_PIECES and not self.failedByMe:
            self._max_message_size_exceeded(
                len(self.message_data), MOST_PIECES, "The message has too many frames."
            )

    def onMessage(self, payload: bytes, isBinary: bool) -> None:
        if self.application_queue.empty():
            self._waiting_bytes = 0
        self._waiting_bytes += len(payload)
        super().onMessage(payload, isBinary)

    def consumeData(self) -> None:
        super().consumeData()
        if self._has_enough and not self._is_paused:
            self._is_paused = True
            self.transport.pauseProducing()
            self._resume_soon()

    def processData(self) -> bool:
        """Take the next frame, unless there is enough: one read brings thousands of small ones."""
        return not self._has_enough and super().processData()

    @property
    def _has_enough(self) -> bool:
        """Whether nothing more is to be read, since what came has to be dealt with first.

        One that is being closed is read on, or its end would never be heard of.
        """
        return self.state == self.STATE_OPEN and (
            self.application_queue.qsize() >= MOST_WAITING
            or self._waiting_bytes >= MOST_WAITING_BYTES
            or unsent_bytes(self.transport) >= MOST_UNREAD_BYTES
        )

    def _resume_soon(self) -> None:
        reactor.callLater(LOOK_AGAIN_SECONDS, self._resume)

    def _resume(self) -> None:
        is_due = self.state != self.STATE_OPEN
        if self.application_queue.empty():
            self._waiting_bytes = 0
            is_due = not self._has_enough
        if not is_due:
            self._resume_soon()
            return
        self._is_paused = False
        self.transport.resumeProducing()
        self.consumeData()

    def connectionLost(self, reason: Any) -> None:
        super().connectionLost(reason)
        self._forget()
        tidy_soon()

    def _forget(self) -> None:
        """Let go of what came and what did not go out: the rest stays until it is collected.

        A hundred closed sockets would keep up to 30 MB until then.
        """
        self.data = b""
        self.message_data: list[bytes] = []
        self.frame_data: list[bytes] = []
        self.transport.dataBuffer = b""
        self.transport.offset = 0
        self.transport._tempDataBuffer = []
        self.transport._tempDataLen = 0

    def sendFrame(self, *arguments: Any, **options: Any) -> None:
        """Send what a session says, and what the protocol answers: to a ping, to a close."""
        if self._is_given_up:
            return
        if unsent_bytes(self.transport) > MOST_UNSENT_BYTES:
            # The page connects again, if it is one, and is told how all stands.
            log.warning("socket.does_not_read", client=getattr(self, "client_addr", None))
            self._is_given_up = True
            self.transport.abortConnection()
            return
        super().sendFrame(*arguments, **options)


def unsent_bytes(transport: Any) -> int:
    """Return how much memory a transport of Twisted takes for what the network did not take yet."""
    kept = len(getattr(transport, "dataBuffer", b"")) - getattr(transport, "offset", 0)
    pieces = len(getattr(transport, "_tempDataBuffer", ()))
    return int(kept + getattr(transport, "_tempDataLen", 0) + pieces * PIECE_BYTES)


def bound_sockets() -> None:
    """Have every Daphne of this process keep the limits, however it was started."""
    WebSocketFactory.protocol = BoundedSocket
    Server.run = _run_with_room
    # For a log that has no reader Autobahn sets out its options for each socket, and looks for the
    # names of its functions at each message: a tenth and a twentieth of what these cost it.
    autobahn_protocol.pformat = repr  # type: ignore[attr-defined, assignment]
    autobahn_protocol.hltype = lambda _: ""  # type: ignore[attr-defined]


_run = Server.run


def _run_with_room(server: Any) -> None:
    """Listen with room for all who come at once, as everybody's pages do after a restart.

    Twisted has room for fifty. Whoever finds none is told nothing, and tries again after a second,
    after three, after seven.
    """
    server.endpoints = [
        f"{endpoint}:backlog={MOST_TO_ACCEPT}"
        if endpoint.startswith(("tcp:", "unix:")) and ":backlog=" not in endpoint
        else endpoint
        for endpoint in server.endpoints
    ]
    _run(server)


def give_memory_back() -> None:
    """Have memory go back to the system: large pieces at once, the rest when sockets are closed.

    The C library learns from a flood of large messages to keep their memory for more of them, and
    a session leaves tracebacks of what was cancelled, which refer to themselves. Measured with a
    hundred hostile sockets: each attack left 5 to 10 MB more than the one before it.
    """
    libc = ctypes.CDLL(None)
    if hasattr(libc, "mallopt"):  # glibc
        libc.mallopt(M_ARENA_MAX, 2)
        libc.mallopt(M_MMAP_THRESHOLD, MESSAGE_BYTES)
    # What is loaded by now stays: the collector need not look through it each time.
    gc.collect()
    gc.freeze()


_closed: list[None] = []  # since the last time


def tidy_soon() -> None:
    """Collect what closed sockets left, once for those that close within a few seconds."""
    _closed.append(None)
    if len(_closed) == 1:
        reactor.callLater(TIDY_SECONDS, _tidy)
    elif len(_closed) == MOST_CLOSED:
        reactor.callLater(0, _tidy)


def _tidy() -> None:
    if not _closed:
        return  # they were many, and it was done sooner
    _closed.clear()
    gc.collect()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
