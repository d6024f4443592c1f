"""What a socket keeps in memory: of what it was sent, and of what its page does not read."""

import asyncio
from unittest.mock import Mock

import daphne.server  # noqa: F401  (chooses the reactor)
import pytest
from daphne.ws_protocol import WebSocketFactory
from twisted.internet.abstract import FileDescriptor
from twisted.internet.address import IPv4Address
from twisted.internet.error import ConnectionLost
from twisted.internet.task import Clock
from twisted.python.failure import Failure

from config import sockets
from config.sockets import BoundedSocket, unsent_bytes
from tests.attacks.hostile import HANDSHAKE, frame

PING, QUESTION = 9, frame(b"7")
ANSWER = {"type": "websocket.send", "text": "x" * 100}
TWO_FRAMES = 2 * 256  # an answer more than is allowed, and what pieces cost


class Network(FileDescriptor):
    """A transport of Twisted whose network takes something only when it is told to."""

    connected = 1
    is_read = True
    is_aborted = False

    def abortConnection(self) -> None:
        self.is_aborted = True

    def setTcpNoDelay(self, is_set: bool) -> None: ...

    def getPeer(self) -> IPv4Address:
        return IPv4Address("TCP", "127.0.0.1", 1)

    getHost = getPeer

    def startReading(self) -> None:
        self.is_read = True

    def stopReading(self) -> None:
        self.is_read = False

    def writeSomeData(self, data: bytes) -> int:
        return len(data)


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(sockets, "reactor", clock)
    return clock


@pytest.fixture
def queue():
    """What waits for the session."""
    return asyncio.Queue()


@pytest.fixture
def socket(clock, queue, monkeypatch):
    server = Mock(root_path="", proxy_forwarded_address_header=None)
    server.create_application = lambda protocol, scope: queue
    monkeypatch.setattr(sockets, "_closed", [])
    factory = WebSocketFactory(server)
    factory.protocol = BoundedSocket
    socket = factory.buildProtocol(None)
    socket._raw_query_string = b""
    socket.makeConnection(Network(Mock()))
    socket.dataReceived(HANDSHAKE.format(path="/", port=1, cookie="").encode())
    socket.handle_reply({"type": "websocket.accept"})
    read_all(socket)
    assert queue.get_nowait() == {"type": "websocket.connect"}
    return socket


def read_all(socket: BoundedSocket) -> bytes:
    """Have the page read what is there for it."""
    transport = socket.transport
    said = transport.dataBuffer[transport.offset :] + b"".join(transport._tempDataBuffer)
    while unsent_bytes(transport):
        transport.doWrite()
    return said


def take_all(queue: asyncio.Queue) -> int:
    """Have the session take what waits for it."""
    count = queue.qsize()
    while not queue.empty():
        queue.get_nowait()
    return count


def test_of_many_messages_that_come_at_once_a_few_wait_and_none_is_lost(socket, queue, clock):
    socket.dataReceived(QUESTION * 1_000)
    assert not socket.transport.is_read
    taken = 0
    while not socket.transport.is_read:
        assert queue.qsize() <= sockets.MOST_WAITING
        taken += take_all(queue)
        clock.advance(sockets.LOOK_AGAIN_SECONDS)
    assert taken + take_all(queue) == 1_000


def test_large_messages_wait_with_the_network(socket, queue, clock):
    large = frame(b"x" * 30_000)
    socket.dataReceived(large * 5)
    assert queue.qsize() == 3
    clock.advance(1)
    assert queue.qsize() == 3
    assert not socket.transport.is_read
    take_all(queue)
    clock.advance(sockets.LOOK_AGAIN_SECONDS)
    assert queue.qsize() == 2
    assert socket.transport.is_read


@pytest.mark.parametrize("payload", [b"", b"p" * 125], ids=["empty", "long"])
def test_a_page_that_does_not_read_gets_no_more_pongs(socket, clock, payload):
    ping = frame(payload, opcode=PING)
    count = 60_000 // len(ping)
    socket.dataReceived(ping * count)
    transport = socket.transport
    assert not transport.is_read
    assert unsent_bytes(transport) < sockets.MOST_UNREAD_BYTES + TWO_FRAMES
    clock.advance(1)
    assert not transport.is_read
    said = b""
    while not transport.is_read:
        said += read_all(socket)
        clock.advance(sockets.LOOK_AGAIN_SECONDS)
    said += read_all(socket)
    assert len(said) == count * (2 + len(payload))


def test_a_page_that_does_not_read_is_not_read(socket, queue, clock):
    while unsent_bytes(socket.transport) < sockets.MOST_UNREAD_BYTES:
        socket.handle_reply(ANSWER)
    socket.dataReceived(QUESTION)
    assert queue.empty()
    assert not socket.transport.is_read
    read_all(socket)
    clock.advance(sockets.LOOK_AGAIN_SECONDS)
    assert queue.qsize() == 1
    assert socket.transport.is_read


def test_a_page_that_does_not_read_what_it_is_told_is_given_up(socket):
    said = 0
    while not socket._is_given_up:
        socket.handle_reply(ANSWER)
        said += 1
        assert said * len(ANSWER["text"]) < sockets.MOST_UNSENT_BYTES
    assert socket.transport.is_aborted
    assert unsent_bytes(socket.transport) < sockets.MOST_UNSENT_BYTES + TWO_FRAMES


def test_a_message_of_nothing_but_empty_frames_ends(socket, queue):
    socket.dataReceived(frame(b"", fin=False))
    for _ in range(10):
        socket.dataReceived(frame(b"", opcode=0, fin=False) * sockets.MOST_PIECES)
    assert socket.transport.is_aborted
    assert len(socket.message_data) <= sockets.MOST_PIECES
    assert queue.empty()


def test_a_message_in_some_frames_is_heard(socket, queue):
    socket.dataReceived(frame(b"4", fin=False) + frame(b"", opcode=0, fin=False) * 100)
    socket.dataReceived(frame(b"2", opcode=0))
    assert queue.get_nowait() == {"type": "websocket.receive", "text": "42"}
    assert not socket.transport.is_aborted


def test_a_closed_socket_keeps_nothing_of_what_came_or_did_not_go_out(socket, queue):
    socket.handle_reply(ANSWER)
    socket.dataReceived(frame(b"x" * 30_000, fin=False) + QUESTION[:1])
    socket.transport.connectionLost(None)
    socket.connectionLost(Failure(ConnectionLost()))
    assert not any((socket.data, socket.message_data, socket.frame_data))
    assert unsent_bytes(socket.transport) == 0
    assert queue.get_nowait()["type"] == "websocket.disconnect"


def test_a_socket_that_is_closed_while_it_waits_is_left_alone(socket, queue, clock):
    socket.dataReceived(QUESTION * 1_000)
    socket.connectionLost(Failure(ConnectionLost()))
    clock.advance(1)
    assert queue.qsize() == sockets.MOST_WAITING + 1
