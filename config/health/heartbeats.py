"""Heartbeats of whole processes: written by the loop that does their work, read by two.

The supervisor on the same machine looks at a file, so that it needs nothing else to be in order;
/readyz looks in Redis, where those of all machines are. Ages are by the clock of Redis alone.
"""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass, field

import redis
import structlog

from config.run.liveness import touch
from tts.connections import PREFIX, async_redis_client, redis_client

log = structlog.get_logger(__name__)

EVERY_SECONDS = 2.0
STALE_SECONDS = 10.0
FORGOTTEN_SECONDS = 3600.0
KEY = f"{PREFIX}:heartbeats"


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """What a process tells of itself; ``kind`` is its name in the Procfile or its node's."""

    kind: str
    node: str
    busy: int = 0
    silent: int = 0  # of its children, those that may have stopped working
    queues: list[str] = field(default_factory=list)
    age: float = 0.0

    @property
    def is_fresh(self) -> bool:
        return self.age <= STALE_SECONDS


def node_name() -> str:
    return f"{socket.gethostname()}:{os.getpid()}"


def beat(heartbeat: Heartbeat) -> None:
    """Tell that this process goes on."""
    touch()
    client = redis_client()
    try:
        client.hset(KEY, heartbeat.node, _packed(heartbeat, client.time()))
    except redis.RedisError as error:
        log.warning("heartbeat.not_told", kind=heartbeat.kind, reason=str(error))
    touch()  # a Redis that does not answer has taken its time


async def beat_async(heartbeat: Heartbeat) -> None:
    """Tell that this process goes on, without holding its event loop."""
    touch()
    client = async_redis_client()
    try:
        now = await client.time()
        await client.hset(KEY, heartbeat.node, _packed(heartbeat, now))
    except redis.RedisError as error:
        log.warning("heartbeat.not_told", kind=heartbeat.kind, reason=str(error))


def withdraw(node: str) -> None:
    """Tell that this process ends as it was asked to."""
    with suppress(redis.RedisError):
        redis_client().hdel(KEY, node)


def all_heartbeats() -> list[Heartbeat]:
    """Return the last heartbeat of each process, with its age. Raises RedisError."""
    client = redis_client()
    now = _seconds(client.time())
    found = []
    for node, packed in client.hgetall(KEY).items():
        told = json.loads(packed)
        at = told.pop("at")
        heartbeat = Heartbeat(**told | {"age": max(0.0, now - at)})
        if heartbeat.age > FORGOTTEN_SECONDS:
            client.hdel(KEY, node)
        else:
            found.append(heartbeat)
    return sorted(found, key=lambda each: (each.kind, each.node))


def consumed(heartbeats: Iterable[Heartbeat]) -> set[str]:
    """Return the queues from which somebody takes."""
    return {queue for each in heartbeats if each.is_fresh for queue in each.queues}


def _packed(heartbeat: Heartbeat, now: tuple[int, int]) -> str:
    return json.dumps(asdict(heartbeat) | {"at": _seconds(now)})


def _seconds(now: tuple[int, int]) -> float:
    return now[0] + now[1] / 1_000_000
