"""A reading page whose network lets no socket through: the same messages, over HTTP."""

import asyncio
import json
import secrets
from collections.abc import Callable
from typing import Any

from asgiref.testing import ApplicationCommunicator

from config.asgi import application
from reader.models import Document

from .page import WITHIN_SECONDS, Headers, Message, Page

TOKEN = secrets.token_hex(16)
HOST = "testserver"  # which Django answers in tests


class HttpPage(Page):
    """One page, with an event stream of its own unless it is given one."""

    def __init__(self, *args: Any, line: "Line | None" = None, **options: Any) -> None:
        self._line = line
        super().__init__(*args, origin=f"http://{HOST}", host=HOST, **options)

    def _connect(self, document: Document, headers: Headers) -> Any:
        self.line = self._line or Line(headers)
        return Standin(self.line, document)


class Standin:
    """What a test's socket is, over a line."""

    def __init__(self, line: "Line", document: Document) -> None:
        self.line, self.name = line, secrets.token_hex(8)
        self._document = str(document.uuid)
        self.output_queue: asyncio.Queue[Message] = asyncio.Queue()
        self.future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        line.pages[self.name] = self.output_queue.put_nowait

    async def connect(self, timeout: float) -> tuple[bool, None]:
        await self.line.open()
        opening = {"page": self.name, "open": {"document": self._document}}
        assert await self.line.post(opening) == 204
        event = await asyncio.wait_for(self.output_queue.get(), timeout)
        return event["type"] == "websocket.accept", None

    async def send_input(self, message: Message) -> None:
        await self.line.post({"page": self.name, "text": message["text"]})

    async def disconnect(self, timeout: float) -> None:
        await self.line.post({"page": self.name, "close": True})
        self.line.pages.pop(self.name, None)
        if not self.line.pages:
            await self.line.close()


class Line:
    """A browser's event stream, read through the whole application."""

    def __init__(self, headers: Headers) -> None:
        cookies = [value for name, value in headers if name == b"cookie"]
        cookies.append(f"csrftoken={TOKEN}".encode())
        self.headers = [(name, value) for name, value in headers if name != b"cookie"]
        self.headers.append((b"cookie", b"; ".join(cookies)))
        self.pages: dict[str, Callable[[Message], None]] = {}
        self.name, self.last, self.sent = "", 0, 0
        self.numbers: list[int] = []
        self.status = 0
        self._reading: asyncio.Task[None] | None = None
        self._begun = asyncio.Event()

    async def open(self) -> None:
        """Begin the stream, or go on with it after the last event that came."""
        if self._reading and not self._reading.done():
            return
        self._begun.clear()
        self._reading = asyncio.create_task(self._read())
        async with asyncio.timeout(3 * WITHIN_SECONDS):  # the first loads all addresses
            await self._begun.wait()

    async def _read(self) -> None:
        query = f"stream={self.name}&after={self.last}" if self.name else ""
        request = ApplicationCommunicator(application, self._scope("GET", "/events/", query))
        await request.send_input({"type": "http.request"})
        pending = b""
        try:
            while True:
                answer = await request.receive_output(60)
                if answer["type"] == "http.response.start":
                    self.status = answer["status"]
                    continue
                pending += answer.get("body", b"")
                *events, pending = pending.split(b"\n\n")
                for event in events:
                    self._take(event.decode())
                if not answer.get("more_body"):
                    return
        finally:
            self._begun.set()
            await request.send_input({"type": "http.disconnect"})
            await request.wait(1)

    def _take(self, event: str) -> None:
        fields = dict(line.split(": ", 1) for line in event.splitlines() if ": " in line)
        if "data" not in fields:
            return
        data = json.loads(fields["data"])
        if "stream" in data:
            self.name = data["stream"]
            self._begun.set()
            return
        self.last = int(fields["id"])
        self.numbers.append(self.last)
        if tell := self.pages.get(data["page"]):
            tell(_as_of_a_socket(data))

    async def post(self, message: Message) -> int:
        """Send a message with the next number; return the status of the answer."""
        self.sent += 1
        return await self.post_body(
            {"stream": self.name, "first": self.sent - 1, "messages": [message]}
        )

    async def post_body(self, body: object, headers: Headers = []) -> int:  # noqa: B006
        scope = self._scope("POST", "/events/messages/")
        scope["headers"] = [*scope["headers"], (b"x-csrftoken", TOKEN.encode()), *headers]
        request = ApplicationCommunicator(application, scope)
        await request.send_input({"type": "http.request", "body": json.dumps(body).encode()})
        start = await request.receive_output(WITHIN_SECONDS)
        await request.receive_output(WITHIN_SECONDS)
        await request.wait(WITHIN_SECONDS)
        return start["status"]

    def _scope(self, method: str, path: str, query: str = "") -> Message:
        return {
            "type": "http",
            "http_version": "1.1",
            "method": method,
            "path": path,
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "headers": self.headers,
            "scheme": "http",
        }

    async def break_off(self) -> None:
        """Lose the line, as a proxy does that ends what lasts."""
        if self._reading:
            self._reading.cancel()
            await asyncio.gather(self._reading, return_exceptions=True)

    async def close(self) -> None:
        await self.break_off()


def _as_of_a_socket(data: Message) -> Message:
    if "text" in data:
        return {"type": "websocket.send", "text": data["text"]}
    if "open" in data:
        return {"type": "websocket.accept"}
    return {"type": "websocket.close", "code": data["close"]}
