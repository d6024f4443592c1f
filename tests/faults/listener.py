"""A listener without a page: what the reading page says on its socket, and what it hears."""

from __future__ import annotations

import http.client
import json
import random
import threading
import time
from collections.abc import Iterable
from contextlib import suppress
from itertools import pairwise
from urllib.parse import urlsplit

from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection, connect

WINDOW = 8
# As static/js/session/ has them.
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.3, 15.0
CONNECT_SECONDS = 10.0
PING_SECONDS, PONG_SECONDS = 10.0, 5.0
WINDOW_EVERY_SECONDS, ASK_AGAIN_SECONDS = 0.1, 5.0
# A sound that cannot be had is tried again; at once when the socket is back.
FETCH_SECONDS = 5.0


class Listener(threading.Thread):
    """Reads a document from its beginning to its end, block after block, without playing it.

    ``heard``: block → when its whole sound was there. ``told``: block → its last status.
    """

    def __init__(
        self, url: str, cookie: str, uuid: str, blocks: Iterable[int], *, pace: float = 0.0
    ) -> None:
        super().__init__(daemon=True)
        self._url, self._cookie, self._uuid = url, cookie, uuid
        self._blocks = list(blocks)
        self._pace = pace  # seconds that a block is listened to
        self.told: dict[int, dict] = {}
        self.heard: dict[int, float] = {}
        self.problems: list[str] = []
        self.connections = 0
        self._over = threading.Event()
        self._socket: ClientConnection | None = None
        self._voice: tuple[str, str] | None = None
        self._seq = 0
        self._asked: tuple[float, list[int]] = (0.0, [])

    # --- for who looks on -----------------------------------------------------------------------

    @property
    def is_done(self) -> bool:
        return all(idx in self.heard or self._failed(idx) for idx in self._blocks)

    def failed(self) -> list[int]:
        return [idx for idx in self._blocks if self._failed(idx)]

    def longest_silence(self, since: float) -> float | None:
        """Return the longest wait for the next sound from a moment on; None if all was heard."""
        later = sorted(at for at in self.heard.values() if at > since)
        return max((b - a for a, b in pairwise([since, *later])), default=None)

    def close(self) -> None:
        self._over.set()

    # --- what the page does ---------------------------------------------------------------------

    def run(self) -> None:
        pause = FIRST_PAUSE_SECONDS
        while not self._over.is_set():
            connected_at = time.monotonic()
            try:
                with self._connect() as socket:
                    self.connections += 1
                    self._socket = socket
                    self._converse(socket)
            except (OSError, WebSocketException, TimeoutError):
                pass
            except Exception as error:
                self.problems.append(f"listener: {error!r}")
                raise
            if time.monotonic() - connected_at > 5:
                pause = FIRST_PAUSE_SECONDS
            self._over.wait(pause * random.uniform(0.5, 1))
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)

    def _connect(self) -> ClientConnection:
        return connect(
            f"{self._url.replace('http', 'ws', 1)}/ws/documents/{self._uuid}/",
            additional_headers={"Cookie": self._cookie},
            origin=self._url,
            open_timeout=CONNECT_SECONDS,
            close_timeout=1,
            ping_interval=None,
            proxy=None,
        )

    def _converse(self, socket: ClientConnection) -> None:
        self._seq, self._asked = 0, (0.0, [])
        ready = self._receive(socket, CONNECT_SECONDS)
        if ready["type"] != "ready":
            raise TimeoutError
        if self._voice is None:
            self._voice = ready["model_slug"], ready["voice_slug"]
        else:
            model, voice = self._voice
            self._say(socket, type="set_voice", model_slug=model, voice_slug=voice)
            while self._receive(socket, CONNECT_SECONDS)["type"] != "ready":
                pass
        spoke_at, pinged_at = time.monotonic(), 0.0
        while not self._over.is_set():
            self._want(socket)
            self._hear()
            now = time.monotonic()
            if pinged_at and now - pinged_at > PONG_SECONDS:
                return  # it is gone; the page connects again
            if not pinged_at and now - spoke_at > PING_SECONDS:
                self._say(socket, type="ping")
                pinged_at = now
            with suppress(TimeoutError):
                message = self._receive(socket, 0.05)
                spoke_at, pinged_at = time.monotonic(), 0.0
                if message["type"] == "status":
                    self.told[message["block_idx"]] = message

    def _want(self, socket: ClientConnection) -> None:
        """Ask for what comes next; again, when what was asked for stays silent."""
        wanted = [idx for idx in self._blocks if idx not in self.heard and not self._failed(idx)]
        window = wanted[:WINDOW]
        asked_at, asked = self._asked
        now = time.monotonic()
        pause = ASK_AGAIN_SECONDS if window == asked else WINDOW_EVERY_SECONDS
        if window and now - asked_at > pause:
            self._say(socket, type="synthesize", block_indices=window, retry=False)
            self._asked = now, window

    def _hear(self) -> None:
        """Fetch the sound of the next block, if it is there."""
        for idx in self._blocks:
            if idx in self.heard or self._failed(idx):
                continue
            status = self.told.get(idx)
            if status and status["status"] == "cached" and self._fetch(status):
                self.heard[idx] = time.monotonic()
                self._over.wait(self._pace)
            return

    def _fetch(self, status: dict) -> bool:
        """Tell whether the whole sound came, as long as it was told to be."""
        parts = urlsplit(self._url)
        connection = http.client.HTTPConnection(
            parts.hostname or "", parts.port, timeout=FETCH_SECONDS
        )
        try:
            connection.request("GET", status["audio_url"], headers={"Cookie": self._cookie})
            answer = connection.getresponse()
            sound = answer.read()
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()
        if answer.status == 200 and len(sound) == status["bytes"]:
            return True
        if answer.status == 200:
            self.problems.append(f"{status['audio_url']}: {len(sound)} of {status['bytes']} bytes")
        self._asked = (self._asked[0], [])  # it is asked for anew
        return False

    def _failed(self, idx: int) -> bool:
        status = self.told.get(idx)
        return status is not None and status["status"] in ("error", "skipped")

    def _say(self, socket: ClientConnection, **message: object) -> None:
        socket.send(json.dumps(message))

    def _receive(self, socket: ClientConnection, seconds: float) -> dict:
        message = json.loads(socket.recv(timeout=seconds))
        self._seq += 1
        if message["seq"] != self._seq:
            self.problems.append(f"message {message['seq']} came in the place of {self._seq}")
            self._seq = message["seq"]
        return message
