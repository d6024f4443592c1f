"""A variant changed: told on the channel layer to whoever has joined its group.

The layer delivers at most once and perhaps late, so an event carries the variant's revision, and
nobody relies on it alone.
"""

from __future__ import annotations

import asyncio
import os
import threading
from concurrent.futures import Future
from typing import Any, NotRequired, TypedDict

import redis
import structlog
from channels.layers import get_channel_layer

from tts.models import AudioVariant

log = structlog.get_logger(__name__)
PUBLISH_TIMEOUT = 6  # an answer, and once more over a new line


Marks = list[tuple[int, int, int, int]]


class VariantChanged(TypedDict):
    type: str
    key: str
    variant_id: str
    revision: int
    sound_revision: int
    status: str
    duration_ms: int | None
    bytes: int
    has_marks: bool
    error: str
    retryable: bool
    marks: NotRequired[Marks]  # of a sound that grows: those of the words that were spoken so far


def variant_group(key: str) -> str:
    """Return the group of those who want this variant."""
    return f"variant.{key}"


def describe(variant: AudioVariant) -> VariantChanged:
    """Return the variant as an event; a look at the database gives the same shape."""
    return {
        "type": "variant.changed",
        "key": variant.key,
        "variant_id": str(variant.pk),
        "revision": variant.revision,
        "sound_revision": variant.sound_revision,
        "status": variant.status,
        "duration_ms": variant.duration_ms,
        "bytes": variant.bytes,
        "has_marks": bool(variant.marks),
        "error": variant.error,
        "retryable": variant.retryable,
    }


def variant_changed(variant: AudioVariant, marks: Marks | None = None) -> None:
    """Tell those who want it. ``marks``: of what was spoken so far, while it grows."""
    event = describe(variant)
    if marks:
        event["marks"] = marks
    group = variant_group(variant.key)
    try:
        get_channel_layer().tell_group(group, dict(event))
    except (redis.RedisError, OSError) as error:
        log.warning("event.lost", group=group, reason=str(error) or type(error).__name__)


def publish(group: str, message: dict[str, Any]) -> Future[None]:
    """Send a message to a group from synchronous code, without waiting; a lost one is logged.

    What is returned is done when it has gone out, or is lost.

    One loop in one thread per process: ``async_to_sync`` would open a loop and a connection for
    each message, which costs more than all the rest.
    """
    return asyncio.run_coroutine_threadsafe(_send(group, message), _loop())


async def _send(group: str, message: dict[str, Any]) -> None:
    try:
        async with asyncio.timeout(PUBLISH_TIMEOUT):
            await get_channel_layer().group_send(group, message)
    except Exception as error:
        log.warning("event.lost", group=group, reason=str(error) or type(error).__name__)


_loops: dict[int, asyncio.AbstractEventLoop] = {}
_starting = threading.Lock()


def _loop() -> asyncio.AbstractEventLoop:
    with _starting:
        pid = os.getpid()  # a forked child has its parent's loop, but not the thread that runs it
        if pid not in _loops:
            loop = asyncio.new_event_loop()
            threading.Thread(target=loop.run_forever, name="publish", daemon=True).start()
            _loops.clear()
            _loops[pid] = loop
        return _loops[pid]
