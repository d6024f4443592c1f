"""Of which sounds the times of words are to be found, what is heard soonest in front. All in Redis.

A sorted set of variants. One message is enough for all of them: whoever takes it goes on for a
while, and sends the next one. Nobody looks for words while somebody waits for a sound and the cores
are busy: the sound comes first. And a machine of two cores looks for those of one sound at a time,
and not even that while who begins to wait has nothing yet (``preemption``).
"""

from __future__ import annotations

import fcntl
import os
import time
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from tempfile import TemporaryFile

import redis
import structlog
from celery import current_app
from kombu.exceptions import OperationalError

from tts import clock
from tts.connections import PREFIX, redis_client, run_script

from . import preemption, wants
from .gathering import Gathering

log = structlog.get_logger(__name__)

ALIGN = "tts.tasks.align"
QUEUE = "alignment"
# One that was lost counts for so long; one that waits for its time is on its way.
EXPIRES_MS = 6_000
HELD_BACK_SECONDS = 1.0
# What nobody waits for comes behind whatever somebody wants.
BEHIND_MS = 10**12
GATHER_SECONDS = 0.2
# Longer than a command is tried.
TAKEN_EXPIRES_MS = 10_000
# The same for all processes that are forked from this one.
_core = TemporaryFile()  # noqa: SIM115
_KEY, _COMING = f"{PREFIX}:alignments", f"{PREFIX}:alignments#coming"

# Who asks once more, because no answer came, is given the same again: it would be lost otherwise.
TAKE = """
local taken = redis.call('GET', KEYS[2])
if taken then return taken end
taken = redis.call('ZPOPMAX', KEYS[1])[1]
if taken then redis.call('SET', KEYS[2], taken, 'PX', ARGV[1]) end
return taken
"""


def add(variants: Iterable[uuid.UUID], *, soon: bool) -> None:
    """Have the words of these sounds found; ``soon``: somebody is about to hear them.

    What is lost on the way is sent again by recovery.
    """
    score = clock.epoch_seconds() * 1000 - (0 if soon else BEHIND_MS)
    _new.add({pk.bytes: score for pk in variants})


def write() -> None:
    """Write down what was added a moment ago."""
    _new.write()


def _write(scores: dict[bytes, float]) -> None:
    pipe = redis_client().pipeline(transaction=False)
    # What is there already comes further to the front, never back.
    pipe.zadd(_KEY, scores, gt=True)
    pipe.set(_COMING, "1", nx=True, px=EXPIRES_MS)
    try:
        if pipe.execute()[1]:
            _send()
    except (redis.RedisError, OperationalError) as error:
        log.warning("alignment.not_sent", reason=str(error), count=len(scores))


_new = Gathering[bytes, float](_write, max, seconds=GATHER_SECONDS)


def take() -> uuid.UUID | None:
    """Take the sound whose words are needed soonest."""
    name = f"{_KEY}#taken:{uuid.uuid4().hex}"
    taken: bytes | None = run_script(TAKE, [_KEY, name], TAKEN_EXPIRES_MS)
    return uuid.UUID(bytes=taken) if taken else None


def arrived() -> None:
    """Note that somebody has taken up the message that was on its way."""
    redis_client().delete(_COMING)


def go_on(seconds: float = 0.0) -> None:
    """Send the next message, to be taken up after some seconds, if something is left."""
    has_more = redis_client().zcard(_KEY)
    if has_more and redis_client().set(_COMING, "1", nx=True, px=EXPIRES_MS):
        _send(seconds)


def _send(seconds: float = 0.0) -> None:
    current_app.send_task(ALIGN, queue=QUEUE, countdown=seconds or None)


@contextmanager
def core_taken() -> Iterator[bool]:
    """Have a core of this machine for as long as the block lasts; tell whether it may be had.

    A lock of a process ends with it, however that ends.
    """
    if preemption.has_cores_to_spare():
        yield True
        return
    try:
        fcntl.lockf(_core, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        yield False
        return
    try:
        yield True
    finally:
        fcntl.lockf(_core, fcntl.LOCK_UN)


def are_held_back(model_ids: Iterable[int]) -> bool:
    """Tell whether somebody waits for a sound of these models, and there is no core to spare.

    While sounds wait for a slow server, cores are idle.
    """
    return wants.is_waited_for(model_ids) and not cores.have_room()


@dataclass(slots=True)
class Cores:
    """How much of this machine's cores was idle since the last look; Linux tells."""

    at: float = 0.0
    idle: float = 0.0
    own: float = 0.0  # this process's own work

    LEAST_SECONDS, MOST_SECONDS = 0.1, 2.0

    def have_room(self) -> bool:
        """Tell whether a core, or half of the only one, is idle but for this process's own work."""
        count = os.cpu_count() or 1
        if not self.LEAST_SECONDS <= time.monotonic() - self.at <= self.MOST_SECONDS:
            self._look()
            time.sleep(self.LEAST_SECONDS)
        at, idle, own = self.at, self.idle, self.own
        self._look()
        if not self.idle:
            return True  # not told
        return (self.idle - idle + self.own - own) / (self.at - at) >= min(1.0, count / 2) * 0.9

    def _look(self) -> None:
        self.at, self.own = time.monotonic(), time.process_time()
        with suppress(OSError, ValueError, IndexError), open("/proc/stat") as stat:
            self.idle = int(stat.readline().split()[4]) / os.sysconf("SC_CLK_TCK")


cores = Cores()
