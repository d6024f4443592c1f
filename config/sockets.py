"""How much a socket may hold in memory: what it sent and nobody has read yet, and the other way.

Daphne takes whatever comes and keeps whatever does not go out, without end. Whoever floods a
socket, or asks and never reads, would so fill the memory of everybody's web process.
"""

from __future__ import annotations

import ctypes
import gc
from typing import Any

import structlog
from daphne.ws_protocol import WebSocketFactory, WebSocketProtocol
from twisted.internet import reactor as twisted_reactor

reactor: Any = twisted_reactor  # what it can do depends on which one Daphne chose
log = structlog.get_logger(__name__)

# The largest message of the protocol has 16,384 characters; a frame of more breaks the rules.
MESSAGE_BYTES = 64 * 1024
# So much may wait for the session; the rest is left with the network.
MOST_WAITING, MOST_WAITING_BYTES = 32, 64 * 1024
LOOK_AGAIN_SECONDS = 0.05
# A page that reads has a small part of that before it at any time.
MOST_UNSENT_BYTES = 256 * 1024
# After a socket is closed, what it leaves is given back so soon: that of many at once.
TIDY_SECONDS = 3.0
# From malloc.h.
M_MMAP_THRESHOLD, M_ARENA_MAX = -3, -8


class BoundedSocket(WebSocketProtocol):
    """Daphne's own, which keeps no more than a bounded amount."""

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

    def onMessage(self, payload: bytes, isBinary: bool) -> None:
        if self.application_queue.empty():
            self._waiting_bytes = 0
        self._waiting_bytes += len(payload)
        super().onMessage(payload, isBinary)
        is_full = self.application_queue.qsize() >= MOST_WAITING
        if not self._is_paused and (is_full or self._waiting_bytes >= MOST_WAITING_BYTES):
            self._is_paused = True
            self.transport.pauseProducing()
            self._resume_soon()

    def _resume_soon(self) -> None:
        reactor.callLater(LOOK_AGAIN_SECONDS, self._resume)

    def _resume(self) -> None:
        # One that is being closed is read on, or its end would never be heard of.
        if self.state == self.STATE_OPEN and not self.application_queue.empty():
            self._resume_soon()
            return
        self._is_paused = False
        self.transport.resumeProducing()

    def connectionLost(self, reason: Any) -> None:
        super().connectionLost(reason)
        tidy_soon()

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
    """Return how much a transport of Twisted keeps that the network did not take yet."""
    kept = len(getattr(transport, "dataBuffer", b"")) - getattr(transport, "offset", 0)
    return int(kept + getattr(transport, "_tempDataLen", 0))


def bound_sockets() -> None:
    """Have every Daphne of this process keep the limits, however it was started."""
    WebSocketFactory.protocol = BoundedSocket


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


_tidying: list[Any] = []


def tidy_soon() -> None:
    """Collect what closed sockets left, once for all that close within a few seconds."""
    if not _tidying:
        _tidying.append(reactor.callLater(TIDY_SECONDS, _tidy))


def _tidy() -> None:
    _tidying.clear()
    gc.collect()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
