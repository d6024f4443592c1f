"""A listener without a page: what a reading page says on its socket, timed."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Sequence

from websockets.asyncio.client import connect

from .stack import Stack

PATIENCE_SECONDS = 60


class Listener:
    def __init__(self, stack: Stack, uuid: str) -> None:
        self._stack, self._uuid = stack, uuid
        self.statuses = 0
        self.last_audio_url = ""

    async def __aenter__(self) -> Listener:
        cookie = "; ".join(f"{name}={value}" for name, value in self._stack.cookies.items())
        self._socket = await connect(
            f"{self._stack.url.replace('http', 'ws', 1)}/ws/documents/{self._uuid}/",
            additional_headers={"Cookie": cookie},
            origin=self._stack.url,
            proxy=None,
        )
        assert (await self._receive())["type"] == "ready"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._socket.close()

    async def wait_cached(self, indices: Sequence[int]) -> float:
        """Want these blocks; return the ms until the last of them is cached."""
        return max((await self.arrivals(indices)).values())

    async def arrivals(self, indices: Sequence[int]) -> dict[int, float]:
        """Want these blocks; return for each the ms until it is cached."""
        started = time.perf_counter()
        await self.want(indices)
        arrived: dict[int, float] = {}
        while len(arrived) < len(indices):
            message = await self.next_status()
            if message["status"] == "cached":
                arrived[message["block_idx"]] = (time.perf_counter() - started) * 1000
                self.last_audio_url = message["audio_url"]
        return arrived

    async def want(self, indices: Sequence[int]) -> None:
        """Want these blocks and no others."""
        await self.say({"type": "synthesize", "block_indices": list(indices), "retry": False})

    async def say(self, message: dict) -> None:
        await self._socket.send(json.dumps(message))

    async def set_voice(self, model_slug: str, voice_slug: str) -> None:
        """Change the voice; return when the server has answered. What comes before is dropped."""
        await self.say({"type": "set_voice", "model_slug": model_slug, "voice_slug": voice_slug})
        while True:
            answer = await self._receive()
            if answer["type"] == "ready" and answer["voice_slug"] == voice_slug:
                return

    async def next_status(self) -> dict:
        """Return the next message about a block."""
        while True:
            message = await self._receive()
            if message["type"] == "error" or message.get("status") == "error":
                raise RuntimeError(message)
            if message["type"] == "status":
                self.statuses += 1
                return message

    async def _receive(self) -> dict:
        async with asyncio.timeout(PATIENCE_SECONDS):
            return json.loads(await self._socket.recv())
