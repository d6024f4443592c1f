"""What an installation needs to do its work, part by part, and how each of them is."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import structlog
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection

from config.run.state import Told, told
from tts.connections import redis_client
from tts.models import SpeechModel

from . import heartbeats

log = structlog.get_logger(__name__)

# Where sounds, uploads and pictures are written: each may be out of order by itself.
FOLDERS = ("audio/{random}", "uploads", "pictures/probe")


@dataclass(frozen=True, slots=True)
class Part:
    """Whether a part works, in words; ``figures`` are for programs."""

    ok: bool
    words: str
    figures: dict[str, Any] = field(default_factory=dict)


def all_parts() -> dict[str, Part]:
    """Look at every part now."""
    parts = {
        "database": _tried(_database),
        "redis": _tried(_redis),
        "storage": _tried(storage),
    }
    if parts["redis"].ok:
        parts |= processes()
        parts["queues"] = _tried(_queues)
    else:
        unknown = "Their heartbeats are in Redis, which does not answer."
        parts["workers"] = Part(False, unknown)
    parts["processes"] = _supervised(told())
    return parts


def _tried(check: Callable[[], Part]) -> Part:
    try:
        return check()
    except Exception as error:  # whatever it is, it does not work; the details are for the log
        log.warning("health.failed", check=check.__name__, reason=repr(error))
        return Part(False, f"It does not work ({type(error).__name__}); the log says more.")


def _database() -> Part:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        cursor.fetchone()
    return Part(True, f"{connection.display_name} answers.")


def _redis() -> Part:
    redis_client().ping()
    return Part(True, "It answers.")


def storage() -> Part:
    """Write, read and delete in each folder in which something is kept."""
    for folder in FOLDERS:
        name = f"{folder.format(random=uuid.uuid4().hex[:2])}/probe-{uuid.uuid4().hex}"
        written = uuid.uuid4().bytes
        try:
            name = default_storage.save(name, ContentFile(written))
            with default_storage.open(name) as file:
                if file.read() != written:
                    return Part(False, "What is written is not what is read back.")
            default_storage.delete(name)
        except OSError as error:
            reason = error.strerror or type(error).__name__
            return Part(False, f"Nothing can be kept in {folder.partition('/')[0]}: {reason}.")
    return Part(True, "What is written can be read and deleted.")


def processes() -> dict[str, Part]:
    """Return a part for each kind of process, and one for all of them together."""
    kinds: dict[str, Part] = {}

    def all_work() -> Part:
        beats = heartbeats.all_heartbeats()
        kinds.update(workers(beats))
        return _all_work(beats, kinds)

    return {"workers": _tried(all_work)} | kinds


def workers(beats: list[heartbeats.Heartbeat]) -> dict[str, Part]:
    """Return a part for each kind of process: it works while one of its kind beats."""
    parts = {}
    for kind in sorted({"beat", *(each.kind for each in beats)}):
        own = [each for each in beats if each.kind == kind]
        fresh = [each for each in own if each.is_fresh]
        silent = sum(each.silent for each in fresh)
        age = min((each.age for each in own), default=None)
        if age is None:
            words = "None was ever heard of."
        elif not fresh:
            words = f"None has made progress for {age:.0f} s."
        elif silent:
            words = f"{silent} of its processes do not go on, and are replaced soon."
        else:
            words = "It goes on."
        figures = {
            "processes": len(fresh),
            "age_seconds": age if age is None else round(age, 1),
            "busy": sum(each.busy for each in fresh),
        }
        parts[kind] = Part(bool(fresh) and not silent, words, figures)
    return parts


def _all_work(beats: list[heartbeats.Heartbeat], kinds: dict[str, Part]) -> Part:
    """Every kind works, and somebody takes from each queue."""
    still = [kind for kind, part in kinds.items() if not part.ok]
    if still:
        return Part(False, f"Not in order: {', '.join(still)}.")
    needed = {*settings.LONG_WORK, settings.UPKEEP}
    needed |= set(SpeechModel.objects.filter(enabled=True).values_list("engine", flat=True))
    deserted = sorted(needed - heartbeats.consumed(beats))
    if deserted:
        return Part(False, f"No worker takes from the queue {', '.join(deserted)}.")
    return Part(True, "Every queue has its worker.")


def _queues() -> Part:
    """How many messages wait, and for how long the oldest has."""
    client = redis_client()
    figures: dict[str, dict[str, Any]] = {}
    for queue in settings.CELERY_TASK_QUEUES:
        oldest = client.lindex(queue.name, -1)
        figures[queue.name] = {
            "length": client.llen(queue.name),
            "oldest_seconds": _age(oldest) if oldest else 0,
        }
    length = sum(each["length"] for each in figures.values())
    return Part(True, f"{length} messages wait.", figures)


def _age(message: bytes | str) -> float | None:
    sent_at = json.loads(message).get("headers", {}).get("sent_at")
    return None if sent_at is None else round(max(0.0, time.time() - sent_at), 1)


def _supervised(processes: list[Told]) -> Part:
    """What the supervisor tells of its processes, if there is one."""
    if not processes:
        return Part(True, "They are looked after by something else than Lectern.")
    failing = [each for each in processes if not each.runs]
    words = " ".join(f"{each.name} {each.words}" for each in failing) or "All run."
    return Part(not failing, words, {each.name: each.deaths for each in processes})
