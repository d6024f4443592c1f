"""A reading page as the socket sees it: the real application, a real cookie, a real Origin."""

import asyncio
import json
from concurrent.futures import Future
from typing import Any

from channels.db import database_sync_to_async
from channels.layers import get_channel_layer
from channels.testing import WebsocketCommunicator
from django.test import Client

import tts.delivery.events
from config.asgi import application
from reader import events
from reader.models import Document
from tts import synthesis
from tts.models import AudioVariant, SpeechModel, Status, Voice

HOST = "reader.example:8000"
WITHIN_SECONDS = 5.0

Message = dict[str, Any]
Headers = list[tuple[bytes, bytes]]
in_database = database_sync_to_async


class Closed(Exception):
    """The server closed the socket."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class Page:
    """One socket. Every message that comes is checked to have the next ``seq``."""

    def __init__(
        self,
        client: Client,
        document: Document,
        *,
        origin: str | None = f"http://{HOST}",
        host: str = HOST,
        agent: str = "",
    ) -> None:
        headers = [(b"host", host.encode())]
        if origin is not None:
            headers.append((b"origin", origin.encode()))
        if agent:
            headers.append((b"user-agent", agent.encode()))
        if "sessionid" in client.cookies:
            headers.append((b"cookie", f"sessionid={client.cookies['sessionid'].value}".encode()))
        self._socket = self._connect(document, headers)
        self._seq = 0
        self.session_id = ""
        self._marker = f"marker {id(self)}"
        self.group = events.listening_group(document.owner_id or 0, document.uuid)

    def _connect(self, document: Document, headers: Headers) -> Any:
        path = f"/ws/documents/{document.uuid}/"
        return WebsocketCommunicator(application, path, headers=headers)

    async def open(self) -> Message:
        """Open the socket and return its first ``ready``."""
        await self.connect()
        ready = await self.next()
        assert ready["type"] == "ready"
        self.session_id = ready["session_id"]
        return ready

    async def connect(self) -> None:
        """Open the socket, whatever comes next."""
        await asyncio.wrap_future(publishing())
        accepted, _ = await self._socket.connect(WITHIN_SECONDS)
        if not accepted:
            raise Closed(0)

    async def send(self, type: str, **content: Any) -> None:
        await self.send_text(json.dumps({"type": type, **content}))

    async def send_text(self, text: str) -> None:
        await self._socket.send_input({"type": "websocket.receive", "text": text})

    async def send_bytes(self, data: bytes) -> None:
        await self._socket.send_input({"type": "websocket.receive", "bytes": data})

    async def next(self, within: float = WITHIN_SECONDS) -> Message:
        """Return the next message. Raises Closed, or what ended the application."""
        output = await self._output(within)
        if output["type"] == "websocket.close":
            raise Closed(output["code"])
        message = json.loads(output["text"])
        self._seq += 1
        assert message["seq"] == self._seq
        if message.get("session_id", "").startswith("marker") and (
            message["session_id"] != self._marker
        ):  # another page's
            return await self.next(within)
        return message

    async def until(self, type: str, **content: Any) -> list[Message]:
        """Return the messages up to and including one with this content."""
        wanted = {"type": type, **content}
        messages = [await self.next()]
        while not wanted.items() <= messages[-1].items():
            messages.append(await self.next())
        return messages

    async def answers(self) -> list[Message]:
        """Return all that comes of what was sent so far, by the page and over the layer."""
        await self.send("ping")
        *before_pong, _ = await self.until("pong")
        await send_to_session(self, events.position_message(self._marker, 0, 0))
        *before_marker, _ = await self.until("position", session_id=self._marker)
        return before_pong + before_marker

    async def ask(self, type: str, **content: Any) -> list[Message]:
        """Send a message and return all that the server has to say to it."""
        await self.send(type, **content)
        return await self.answers()

    async def choose(self, voice: Voice) -> Message:
        """Change the voice and return the ``ready`` that answers it."""
        model_slug = await in_database(lambda: voice.speech_model.model_slug)()
        await self.send("set_voice", model_slug=model_slug, voice_slug=voice.voice_slug)
        return (await self.until("ready"))[-1]

    async def want(self, *indices: int, retry: bool = False) -> list[Message]:
        """Want these blocks and return what is told at once."""
        return await self.ask("synthesize", block_indices=list(indices), retry=retry)

    async def open_code(self) -> int:
        """Try to open the socket; return the code with which it is closed instead."""
        try:
            await self.open()
        except Closed as closed:
            return closed.code
        raise AssertionError("The socket was opened.")

    async def close_code(self) -> int:
        """Return the code with which the server closes the socket."""
        while True:
            try:
                await self.next()
            except Closed as closed:
                return closed.code

    async def leave(self) -> None:
        await self._socket.disconnect(timeout=WITHIN_SECONDS)
        assert not self._socket.future.cancelled(), "The session did not end."

    async def _output(self, within: float) -> Message:
        getting = asyncio.ensure_future(self._socket.output_queue.get())
        application_ended = self._socket.future
        await asyncio.wait(
            {getting, application_ended}, timeout=within, return_when=asyncio.FIRST_COMPLETED
        )
        if getting.done():
            return getting.result()
        getting.cancel()
        if application_ended.done():
            application_ended.result()
        raise AssertionError(f"The server said nothing for {within} seconds.")


async def send_to_session(page: Page, message: Message) -> None:
    """Send a message over the layer, behind all that was published before."""
    await asyncio.wrap_future(publishing())
    await get_channel_layer().group_send(page.group, message)


def publishing() -> Future[None]:
    """Return what is done when all that was published by this process so far has gone out."""
    last = tts.delivery.events._send("nobody", {"type": "nothing"})
    return asyncio.run_coroutine_threadsafe(last, tts.delivery.events._loop())


@in_database
def take_turn(voice: Voice) -> AudioVariant | None:
    """Do what a worker does when a turn of this voice's model comes up."""
    return synthesis.take_turn(voice.speech_model)


async def configure(voice, **parameters) -> None:
    model = SpeechModel.objects.filter(pk=voice.speech_model_id)
    await in_database(model.update)(parameters=parameters)


@in_database
def claim_next(voice) -> AudioVariant:
    variant = AudioVariant.objects.select_related("voice__speech_model").get(
        voice=voice, status=Status.QUEUED
    )
    assert variant.claim()
    return variant


def short(message: Message) -> tuple[int, str, str]:
    """Return what a status tells: which block, in which voice, how it is."""
    return message["block_idx"], message["voice_slug"], message["status"]
