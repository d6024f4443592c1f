"""The sound of one attempt while it is being made: a Redis stream, written once, read by many.

A writer never raises: a Redis that is full or away costs the stream, not the sound. Nor does a
reader: the response it feeds would be left neither ended nor reset. It ends, and its end proves
nothing; only the stored sound's size does.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import AsyncIterator
from typing import Any

import redis
import structlog

from tts.connections import PREFIX, async_redis_client, redis_client

log = structlog.get_logger(__name__)

# The first piece goes out at once; later ones are gathered, for fewer commands. A browser begins
# once it has a fifth of a second of sound: until then each piece is waited for. So long are they
# gathered before that and after it, of what is heard now and of what is heard later.
GATHER_BYTES = 256 * 1024
HURRIED_BYTES = 4 * 1024
NOW_SECONDS, LATER_SECONDS = (0.005, 0.1), (0.1, 0.3)
# No attempt lasts longer; once it has ended, the stored sound serves whoever comes.
EXPIRES_SECONDS = 600
ENDED_EXPIRES_SECONDS = 30
# A reader gives up when nothing came for this long.
IDLE_SECONDS = 20
POLL_MS = 1_000

DATA, END = b"d", b"e"
# Redis's words for a number that was given to a piece before.
IS_THERE = "equal or smaller than the target stream top item"


class Writer:
    """Publish an attempt's encoded pieces as they come.

    ``is_heard_now``: somebody has come to just this one, and not only wants it for later.
    """

    def __init__(self, variant_id: uuid.UUID, revision: int, *, is_heard_now: bool = True) -> None:
        self._name = _stream(variant_id, revision)
        self._seconds = NOW_SECONDS if is_heard_now else LATER_SECONDS
        self._gathered = bytearray()
        self._sent_at = 0.0
        self._sent_bytes = 0
        self._sent_pieces = 0
        self._is_lost = False

    def append(self, piece: bytes) -> bool:
        """Add a piece; tell whether something was sent."""
        self._gathered += piece
        if not self._gathered:
            return False
        now, is_first = time.monotonic(), not self._sent_pieces
        due = (
            is_first
            or len(self._gathered) >= GATHER_BYTES
            or now - self._sent_at >= self._patience()
        )
        if due:
            due = self._send({DATA: bytes(self._gathered)}, EXPIRES_SECONDS if is_first else None)
            self._sent_bytes += len(self._gathered)
            self._gathered.clear()
            self._sent_at = now
        return due

    def _patience(self) -> float:
        """Return for how many seconds pieces are gathered."""
        before, after = self._seconds
        return before if self._sent_bytes < HURRIED_BYTES else after

    def end(self, rest: bytes = b"") -> None:
        """Send the rest and the end; whoever still reads gets it all."""
        self._send({DATA: bytes(self._gathered + rest), END: b"1"}, ENDED_EXPIRES_SECONDS)
        self._gathered.clear()

    def _send(self, fields: dict[bytes, bytes], expires: int | None) -> bool:
        """Send what was gathered, unless a piece before it is missing; tell whether it is out."""
        if self._is_lost:
            return False
        self._sent_pieces += 1
        pipeline = redis_client().pipeline(transaction=False)
        # By its number: what is sent once more, since no answer came, is not there twice.
        pipeline.xadd(self._name, fields, id=f"{self._sent_pieces}-0")  # type: ignore[arg-type]
        if expires:
            pipeline.expire(self._name, expires)
        try:
            for answer in pipeline.execute(raise_on_error=False):
                if isinstance(answer, redis.RedisError) and IS_THERE not in str(answer):
                    raise answer
        except redis.RedisError as error:
            self._is_lost = True
            log.warning("live.lost", stream=self._name, reason=str(error))
        return not self._is_lost


async def read(variant_id: uuid.UUID, revision: int) -> AsyncIterator[bytes]:
    """Yield an attempt's pieces from the first one on, until its end or a long silence."""
    client, name, last = async_redis_client(), _stream(variant_id, revision), 0
    heard_at = time.monotonic()
    while time.monotonic() - heard_at < IDLE_SECONDS:
        try:
            # redis-py's types do not know which protocol, and so which shape, is spoken.
            answer: Any = await client.xread({name: f"{last}-0"}, block=POLL_MS)
        except (redis.RedisError, OSError):
            return
        for _, entries in answer or []:
            for entry_id, fields in entries:
                number = int(entry_id.partition(b"-")[0])
                if number != last + 1:
                    return  # Redis has forgotten what came before
                last, heard_at = number, time.monotonic()
                if fields[DATA]:
                    yield fields[DATA]
                if END in fields:
                    return


def _stream(variant_id: uuid.UUID, revision: int) -> str:
    return f"{PREFIX}:live:{variant_id.hex}:{revision}"
