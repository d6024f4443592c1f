"""A browser's event stream: it carries, over HTTP, what the sockets of its pages would.

The session at the other end is the same as behind a socket, and knows no difference: a page's
messages are handed to it, and taken from it, as those of a socket are.

A line that breaks off is taken up again where it was, within ``KEPT_SECONDS``: proxies end answers
that last. So each event has a number, and each of the page's messages too; the latter are
carried out in order and once, however often they are sent.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections import Counter, deque
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextvars import Context
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import redis
import structlog
from channels.layers import get_channel_layer

from ..models import User
from .session import ReadingSession

log = structlog.get_logger(__name__)

KEPT_SECONDS = 10.0  # unread: then its sessions end
BEAT_SECONDS = 5.0  # a stream that says nothing for longer is dead, or held back by a proxy
KEPT_EVENTS, KEPT_BYTES = 1_000, 1024 * 1024  # to be sent again to whom the line broke off
MESSAGE_CHARACTERS = 64 * 1024  # what a socket takes, too
MOST_PAGES = 64
MOST_MESSAGES = 64  # in one request
MOST_STREAMS = 32  # of one account
# A session takes a page's messages one after the other; a socket would make the page wait.
MOST_WAITING = 256
# Some proxies hold back the beginning of an answer until there is so much of it.
PADDING = b":" + b" " * 2048 + b"\n\n"
TRY_AGAIN = 1013
BROKEN_OFF = 1006
PAGE = re.compile(r"[0-9A-Za-z]{1,40}")
NAME = re.compile(r"lecternstream\.[0-9a-f]{32}")

_streams: dict[str, Stream] = {}


class BadRequest(Exception):
    """Not what a page of ours sends."""


class Crowded(Exception):
    """More than is taken at once: the page tries again."""


@dataclass(frozen=True)
class Browser:
    """Who a stream belongs to: a person, by one sign-in."""

    user: User
    session_key: str
    headers: list[tuple[bytes, bytes]]


class Stream:
    """The stream of one browser, with a session for each of its pages."""

    def __init__(self, browser: Browser, name: str) -> None:
        self.browser, self.name = browser, name
        self._sockets: dict[str, Socket] = {}
        self._events: deque[tuple[int, bytes]] = deque()
        self._kept_bytes = 0
        self._count = 0
        self._due = 0  # the number of the message that is next
        self._early: dict[int, dict[str, Any]] = {}
        self._news = asyncio.Event()
        self._reader: object | None = None
        self._unread = self._end_unless_read()
        self._elsewhere = _task(self._hear_from_elsewhere())

    def belongs_to(self, browser: Browser) -> bool:
        owner = self.browser
        return (owner.user.pk, owner.session_key) == (browser.user.pk, browser.session_key)

    # --- to the browser -------------------------------------------------------------------------

    def has_all_after(self, number: int) -> bool:
        """Whether nothing of what came after an event is forgotten."""
        return self._count - len(self._events) <= number <= self._count

    async def read(self, after: int) -> AsyncIterator[bytes]:
        """Yield what came after an event, and what comes. Who reads last is the only one."""
        reader = self._reader = object()
        self._unread.cancel()
        self._news.set()  # whoever read before ends
        try:
            yield PADDING + _event({"stream": self.name})
            while self._reader is reader and self.has_all_after(after):
                self._news.clear()
                if news := [text for number, text in self._events if number > after]:
                    after = self._count
                    yield b"".join(news)
                    continue
                if self.name not in _streams:
                    return
                try:
                    async with asyncio.timeout(BEAT_SECONDS):
                        await self._news.wait()
                except TimeoutError:
                    yield b":\n\n"
        finally:
            if self._reader is reader:
                self._reader = None
                if self._sockets:
                    self._unread = self._end_unless_read()
                else:
                    self.end()

    def tell(self, page: str, **what: Any) -> None:
        self._count += 1
        event = _event({"page": page, **what}, self._count)
        self._events.append((self._count, event))
        self._kept_bytes += len(event)
        while len(self._events) > KEPT_EVENTS or self._kept_bytes > KEPT_BYTES:
            self._kept_bytes -= len(self._events.popleft()[1])
        self._news.set()

    # --- from the browser -----------------------------------------------------------------------

    def take(self, first: int, messages: list[dict[str, Any]]) -> None:
        """Take messages of the pages, numbered from ``first`` on. Raises Crowded."""
        if any(socket.waiting > MOST_WAITING for socket in self._sockets.values()):
            raise Crowded
        if first > self._due + MOST_WAITING:
            raise Crowded
        for number, message in enumerate(messages, first):
            if number >= self._due:
                self._early[number] = message
        while message_due := self._early.pop(self._due, None):
            self._due += 1
            self._carry_out(message_due)

    def _carry_out(self, message: dict[str, Any]) -> None:
        page = message["page"]
        socket = self._sockets.get(page)
        if "open" in message:
            if socket or len(self._sockets) >= MOST_PAGES:
                self.tell(page, close=TRY_AGAIN)
            else:
                self._sockets[page] = Socket(self, page, message["open"])
        elif socket is None:
            self.tell(page, close=BROKEN_OFF)
        elif "text" in message:
            socket.receive(message["text"])
        else:
            socket.leave()

    def left(self, page: str) -> None:
        self._sockets.pop(page, None)

    async def _hear_from_elsewhere(self) -> None:
        """Take what another process of this server was sent."""
        layer = get_channel_layer()
        while True:
            try:
                message = await layer.receive(self.name)
                if (message["user"], message["session"]) == (
                    self.browser.user.pk,
                    self.browser.session_key,
                ):
                    self.take(message["first"], message["messages"])
            except Crowded:
                self.end()
            except (redis.RedisError, OSError):
                await asyncio.sleep(1)

    # --- the end --------------------------------------------------------------------------------

    def _end_unless_read(self) -> asyncio.TimerHandle:
        return asyncio.get_running_loop().call_later(KEPT_SECONDS, self.end)

    def end(self) -> None:
        """End all sessions of the stream: nobody reads it any more."""
        _streams.pop(self.name, None)
        self._unread.cancel()
        self._elsewhere.cancel()
        self._news.set()
        for socket in list(self._sockets.values()):
            socket.leave()


class Socket:
    """What a session takes for a socket."""

    def __init__(self, stream: Stream, page: str, opening: dict[str, str]) -> None:
        self._stream, self._page = stream, page
        self._said: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._said.put_nowait({"type": "websocket.connect"})
        scope = {
            "type": "websocket",
            "path": "",
            "query_string": f"sound={opening['sound']}".encode(),
            "headers": stream.browser.headers,
            "session_key": stream.browser.session_key,
            "url_route": {"args": (), "kwargs": {"uuid": UUID(opening["document"])}},
            "subprotocols": [],
        }
        self._is_over = False
        _task(self._run(ReadingSession.as_asgi(), scope))

    @property
    def waiting(self) -> int:
        return self._said.qsize()

    def receive(self, text: str) -> None:
        self._said.put_nowait({"type": "websocket.receive", "text": text})

    def leave(self, code: int = BROKEN_OFF) -> None:
        if not self._is_over:
            self._is_over = True
            self._stream.left(self._page)
            self._said.put_nowait({"type": "websocket.disconnect", "code": code})

    async def _run(self, application: Callable[..., Awaitable[None]], scope: Any) -> None:
        try:
            await application(scope, self._said.get, self._send)
        except Exception:
            log.exception("stream.session_failed")
        if not self._is_over:
            self._stream.tell(self._page, close=BROKEN_OFF)
            self.leave()

    async def _send(self, message: dict[str, Any]) -> None:
        if self._is_over:
            return
        if message["type"] == "websocket.accept":
            self._stream.tell(self._page, open=True)
        elif message["type"] == "websocket.send":
            self._stream.tell(self._page, text=message["text"])
        elif message["type"] == "websocket.close":
            self._stream.tell(self._page, close=message.get("code", 1000))
            self.leave(message.get("code", 1000))


async def open_stream(browser: Browser) -> Stream:
    """Begin a stream. Raises Crowded when the account has too many."""
    if Counter(each.browser.user.pk for each in _streams.values())[browser.user.pk] >= MOST_STREAMS:
        raise Crowded
    name = await get_channel_layer().new_channel("stream.")
    stream = _streams[name] = Stream(browser, name)
    return stream


def stream_of(browser: Browser, name: str) -> Stream | None:
    """Return a stream of this process by its name, if it is this browser's."""
    stream = _streams.get(name)
    return stream if stream and stream.belongs_to(browser) else None


async def hand_over(browser: Browser, body: bytes) -> bool:
    """Give the messages of pages to their sessions; False if their stream is gone.

    Raises BadRequest and Crowded.
    """
    name, first, messages = _parse(body)
    if name in _streams:
        if stream := stream_of(browser, name):
            stream.take(first, messages)
        return stream is not None
    # It may be another process that has it. If none does, no answer tells the page so.
    if not NAME.fullmatch(name):
        return False
    about = {"user": browser.user.pk, "session": browser.session_key}
    await get_channel_layer().send(name, {**about, "first": first, "messages": messages})
    return True


def _parse(body: bytes) -> tuple[str, int, list[dict[str, Any]]]:
    try:
        content = json.loads(body)
        name, first, messages = content["stream"], content["first"], content["messages"]
        if not isinstance(name, str) or type(first) is not int or first < 0:
            raise BadRequest
        if not isinstance(messages, list) or len(messages) > MOST_MESSAGES:
            raise BadRequest
        return name, first, [_checked(message) for message in messages]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise BadRequest from None


def _checked(message: dict[str, Any]) -> dict[str, Any]:
    page = message["page"]
    if not PAGE.fullmatch(page):
        raise BadRequest
    if opening := message.get("open"):
        sound = opening.get("sound", "")
        if not PAGE.fullmatch(sound) and sound != "":
            raise BadRequest
        return {"page": page, "open": {"document": str(UUID(opening["document"])), "sound": sound}}
    if "text" in message:
        if not isinstance(message["text"], str) or len(message["text"]) > MESSAGE_CHARACTERS:
            raise BadRequest
        return {"page": page, "text": message["text"]}
    return {"page": page}


def _event(content: dict[str, Any], number: int | None = None) -> bytes:
    data = json.dumps(content, separators=(",", ":"))
    return (f"id: {number}\n" if number else "").encode() + f"data: {data}\n\n".encode()


_tasks: set[asyncio.Task[None]] = set()


def _task(work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
    """Do something that outlives the request: so not with what is the request's own."""
    task = asyncio.get_running_loop().create_task(work, context=Context())
    _tasks.add(task)
    task.add_done_callback(_tasks.discard)
    return task
