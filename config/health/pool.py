"""A worker's heartbeat, and how it looks after the processes of its pool.

All of it runs in the loop in which the worker takes messages: if that hangs, nothing is told, and
the supervisor replaces the worker. A process of the pool that makes no progress is killed here;
Celery starts another one and gives what it did out again.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Any

import redis
import structlog
from celery import bootsteps
from celery.worker.consumer import Consumer

from config.run.liveness import is_stopped, touch
from tts import heartbeat as work
from tts.connections import redis_client

from .heartbeats import EVERY_SECONDS, Heartbeat, beat

log = structlog.get_logger(__name__)

STOPPED_SECONDS = 5.0  # so long may a process be stopped by a signal
# What is only suspected is told after this long: each task is taken up a moment after it was given.
TOLD_SECONDS = 2 * EVERY_SECONDS
# So long may a message lie there while the whole pool rests: beyond that the worker is deaf. That
# is counted in looks: who was stopped meanwhile could not take it.
DEAF_SECONDS = 6.0
# So long may the other threads of a process work on beside one that hangs.
HANG_SECONDS = 30.0
DEAF_EXIT_CODE = 70


class Pulse(bootsteps.StartStopStep):
    """Beats in the worker's own loop, from each connection to Redis to the next."""

    requires = ("celery.worker.consumer.tasks:Tasks",)

    def __init__(self, consumer: Any, **options: Any) -> None:
        super().__init__(consumer, **options)
        self._watch = Watch()

    def start(self, consumer: Any) -> None:
        self._beat(consumer)
        # Celery drops this with the connection, and starts this step again with the next.
        consumer.timer.call_repeatedly(EVERY_SECONDS, self._beat, (consumer,))

    def _beat(self, consumer: Any) -> None:
        queues = [queue.name for queue in consumer.task_consumer.queues]
        busy, silent = self._watch.look(consumer.pool, queues)
        node = consumer.hostname
        kind = node.partition("@")[0]
        beat(Heartbeat(kind=kind, node=node, busy=busy, silent=silent, queues=queues))


class PatientConsumer(Consumer):
    """Celery's own; while it waits for Redis to come back, it goes on too."""

    def ensure_connected(self, conn: Any) -> Any:
        connect = conn.ensure_connection

        def connect_and_beat(errback: Any, retries: Any, callback: Callable[[], None]) -> Any:
            def waiting() -> None:
                touch()
                callback()

            return connect(errback, retries, callback=waiting)

        conn.ensure_connection = connect_and_beat
        return super().ensure_connected(conn)


class Watch:
    """What is known of the pool's processes from one look to the next."""

    def __init__(self) -> None:
        self._since: dict[Any, float] = {}
        self._heads: dict[str, tuple[Any, int]] = {}  # queue → its first message, looks so far
        self._hang_since = time.monotonic()

    def look(self, pool: Any, queues: list[str]) -> tuple[int, int]:
        """End what makes no progress; return how many processes are busy, and how many silent."""
        now = time.monotonic()
        processes: Any = getattr(pool, "_pool", None)
        if not hasattr(processes, "_cache"):  # a pool of threads
            return self._look_at_threads(queues, now)
        since, self._since = self._since, {}
        jobs = list(processes._cache.values())
        silent = 0
        for process, why, patience in self._suspects(processes, jobs, now):
            key = (process.pid, why)
            began = self._since[key] = since.get(key, now)
            silent += now - began >= min(patience, TOLD_SECONDS)
            if now - began >= patience:
                log.error("worker.process_replaced", pid=process.pid, reason=why)
                with suppress(ProcessLookupError):
                    os.kill(process.pid, signal.SIGKILL)
        if jobs:
            self._heads.clear()
        else:
            self._listen(processes._pool, queues)
        return len(jobs), silent

    def _look_at_threads(self, queues: list[str], now: float) -> tuple[int, int]:
        """A thread cannot be ended: when one hangs, the whole process is, once the others are done.

        What the one made is given to somebody else meanwhile: its lease lasts no longer.
        """
        working = work.working()
        hang = sum(now > until for until in working)
        if not hang:
            self._hang_since = now
        elif hang == len(working) or now - self._hang_since > HANG_SECONDS:
            log.error("worker.replaced", threads=hang, reason="their work does not go on")
            os._exit(DEAF_EXIT_CODE)
        if working:
            self._heads.clear()
        else:
            self._listen([], queues)
        return len(working), hang

    def _suspects(
        self, processes: Any, jobs: list[Any], now: float
    ) -> Iterator[tuple[Any, str, float]]:
        """Yield processes that seem to make no progress, why, and how long that may go on."""
        for process in processes._pool:
            if is_stopped(process.pid):
                yield process, "it is stopped", STOPPED_SECONDS
        for job in jobs:
            process = job._write_to or job._scheduled_for
            if process is None:
                continue  # all are busy: it waits for one
            if not job._accepted:
                yield process, f"it does not take up task {job._job}", work.SILENCE_SECONDS
                continue
            until = work.silent_until(process.index)
            if until and now > until:
                yield process, f"its work at task {job._job} does not go on", 0.0

    def _listen(self, processes: Sequence[Any], queues: list[str]) -> None:
        """End this worker if it takes no message though it has nothing else to do."""
        try:
            for queue in queues:
                head = redis_client().lindex(queue, -1)
                seen, looks = self._heads.pop(queue, (None, 0))
                if head is None:
                    continue
                looks = looks + 1 if head == seen else 0
                self._heads[queue] = (head, looks)
                if looks * EVERY_SECONDS >= DEAF_SECONDS:
                    log.error("worker.deaf", queue=queue, seconds=round(looks * EVERY_SECONDS))
                    for process in processes:
                        with suppress(ProcessLookupError):
                            os.kill(process.pid, signal.SIGKILL)
                    os._exit(DEAF_EXIT_CODE)
        except redis.RedisError:
            self._heads.clear()
