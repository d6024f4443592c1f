"""Beat: it tells of its looks at what is due, and goes on when its clock is set."""

from __future__ import annotations

import json
import time
from typing import Any

import redis
from celery.beat import PersistentScheduler

from tts.connections import redis_client

from .heartbeats import Heartbeat, beat, node_name

SET_SECONDS = 1.0
MOST_LOOKED_AT = 200
TOLD_EVERY_SECONDS = 1.0
# Celery wakes a moment before something is due, and would look again and again until it is.
LEAST_REST_SECONDS = 0.01


class BeatingScheduler(PersistentScheduler):
    """Celery's own, with a heartbeat from its loop.

    Celery reckons by the time of day: a clock that was an hour ahead and is put right would keep
    all that is due waiting for that hour.
    """

    _epoch = 0.0  # the time of day minus the monotonic one: it changes when the clock is set
    _told_at = -TOLD_EVERY_SECONDS

    def tick(self, *arguments: Any, **options: Any) -> float:
        """Return after how many seconds to look again; 0 if something was sent."""
        now = time.monotonic()
        if now - self._told_at >= TOLD_EVERY_SECONDS:
            self._told_at = now
            beat(Heartbeat(kind="beat", node=node_name()))
        epoch = time.time() - now
        if abs(epoch - self._epoch) > SET_SECONDS:
            self._epoch = epoch
            self._forget_the_future()
        rest = float(super().tick(*arguments, **options))
        return rest if rest == 0 else max(rest, LEAST_REST_SECONDS)

    def apply_entry(self, entry: Any, producer: Any = None) -> None:
        """Send what is due, unless it still waits for a worker: one of each kind is enough."""
        if entry.task not in self._waiting(entry.options.get("queue", "")):
            super().apply_entry(entry, producer=producer)

    def _waiting(self, queue: str) -> set[str]:
        """Return the tasks that wait in a queue; none are known while Redis is away."""
        try:
            messages = redis_client().lrange(queue, 0, MOST_LOOKED_AT)
        except redis.RedisError:
            return set()
        return {json.loads(message)["headers"]["task"] for message in messages}

    def _forget_the_future(self) -> None:
        """Have nothing have run later than now, and reckon anew when each is due."""
        for entry in self.schedule.values():
            now = entry.default_now()
            if entry.last_run_at and entry.last_run_at > now:
                entry.last_run_at = now
        self._heap = None
