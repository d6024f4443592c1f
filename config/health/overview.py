"""How an installation is, gathered for the page of the admin: the figures of /metrics and more."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import redis
from django.conf import settings
from django.db.models import Count, Min, Sum

from reader.models import Document, User
from tts import clock
from tts.demand import breaker, figures
from tts.models import AudioVariant, SpeechModel, Status

from . import heartbeats
from .plots import Plot, plot
from .views import recent_parts

NOT_KNOWN = "Not known: Redis does not answer."
ERRORS_SHOWN = 10
PEOPLE_SHOWN = 20
KINDS = {
    "web": "pages, sounds and open reading pages",
    "worker": "speaks",
    "servers": "speaks by servers",
    "jobs": "imports, exports, prepares, mends",
    "beat": "the clock of what is due",
}


@dataclass(frozen=True, slots=True)
class Process:
    """One process, and in words what it does."""

    kind: str
    machine: str
    age: str
    ok: bool
    words: str


@dataclass(frozen=True, slots=True)
class Model:
    """One speech model: its work by status, and what is out of order."""

    model: SpeechModel
    counts: dict[str, int]
    oldest: str
    trouble: str
    limits: str


@dataclass(frozen=True, slots=True)
class Trouble:
    """What went wrong last: with what, why, and how long ago."""

    what: str
    why: str
    at: datetime

    @property
    def age(self) -> str:
        return _since(self.at)


def overview() -> dict[str, Any]:
    """Look at everything. What cannot be looked at is told as that."""
    parts = recent_parts()
    found: dict[str, Any] = {
        "parts": parts,
        "ok": all(part.ok for part in parts.values()),
        "now": clock.now(),
    }
    if parts["redis"].ok:
        found |= {"processes": _processes(), "plots": _plots()}
    found |= {
        "models": _models(parts["redis"].ok),
        "imports": _imports(),
        "errors": _errors(),
        "storage": _storage(),
    }
    found["trouble"] = any(each.trouble for each in found["models"] if each.model.enabled)
    return found


def _processes() -> list[Process]:
    try:
        beats = heartbeats.all_heartbeats()
    except redis.RedisError:
        return []
    return [
        Process(
            kind=each.kind,
            machine=each.node,
            age=in_words(each.age),
            ok=each.is_fresh and not each.silent,
            words=_doing(each),
        )
        for each in beats
    ]


def _doing(beat: heartbeats.Heartbeat) -> str:
    if not beat.is_fresh:
        return "It makes no progress: it is replaced, or was ended."
    if beat.silent:
        return f"{beat.silent} of its processes do not go on, and are replaced soon."
    told = KINDS.get(beat.kind, "")
    if beat.busy:
        told = f"{told}; {beat.busy} at work" if told else f"{beat.busy} at work"
    elif beat.queues:
        told = f"{told}; waits for work" if told else "waits for work"
    return f"{told}." if told else ""


def _models(knows_redis: bool) -> list[Model]:
    rows = (
        AudioVariant.objects.order_by()
        .values_list("voice__speech_model", "status")
        .annotate(count=Count("pk"))
    )
    counts: dict[int, dict[str, int]] = {}
    for pk, status, count in rows:
        counts.setdefault(pk, {})[status] = count
    unfinished = AudioVariant.objects.filter(status=Status.QUEUED).order_by()
    oldest = dict(unfinished.values_list("voice__speech_model").annotate(at=Min("changed_at")))
    return [
        Model(
            model=model,
            counts={status: counts.get(model.pk, {}).get(status, 0) for status in Status.values},
            oldest=_since(oldest[model.pk]) if model.pk in oldest else "",
            trouble=_trouble(model) if knows_redis else NOT_KNOWN,
            limits=_limits(model),
        )
        for model in SpeechModel.objects.order_by("name")
    ]


def _trouble(model: SpeechModel) -> str:
    try:
        found = breaker.outages(model).values()
    except redis.RedisError:
        return NOT_KNOWN
    told = [
        f"{each.message} {each.advice} "
        + (f"Tried again in {each.pause_seconds:.0f} s." if each.pause_seconds else "")
        for each in found
    ]
    return " ".join(" ".join(told).split())


def _limits(model: SpeechModel) -> str:
    told = []
    if model.concurrency:
        told.append(f"{model.concurrency} at once")
    if model.requests_per_minute:
        told.append(f"{model.requests_per_minute} a minute")
    return ", ".join(told) or "none"


def _imports() -> list[dict[str, Any]]:
    """Todo, running, done and dead, each with how many and the age of the oldest."""
    there = Document.objects.present().order_by()
    importing = there.filter(status=Document.Status.IMPORTING)
    kinds = (
        ("todo", importing.filter(attempt=0)),
        ("running", importing.exclude(attempt=0)),
        ("done", there.filter(status=Document.Status.READY)),
        ("dead", there.filter(status=Document.Status.FAILED)),
    )
    told = []
    for name, rows in kinds:
        sums = rows.aggregate(count=Count("pk"), first=Min("created_at"))
        is_waiting = name in ("todo", "running") and sums["first"]
        age = _since(sums["first"]) if is_waiting else ""
        told.append({"name": name, "count": sums["count"], "oldest": age})
    return told


def _errors() -> list[Trouble]:
    sounds = (
        AudioVariant.objects.exclude(error="")
        .exclude(status=Status.CACHED)
        .select_related("voice__speech_model")
        .defer("text", "marks")
    )
    failed = Document.objects.present().filter(status=Document.Status.FAILED)
    found = [
        Trouble(f"A sound in {each.voice}", each.error, each.changed_at)
        for each in sounds[:ERRORS_SHOWN]
    ]
    found += [
        Trouble(f"An import of {each.owner}", each.error, each.changed_at)
        for each in failed.select_related("owner").order_by("-changed_at")[:ERRORS_SHOWN]
    ]
    return sorted(found, key=lambda each: each.at, reverse=True)[:ERRORS_SHOWN]


def _storage() -> dict[str, Any]:
    people = (
        User.objects.annotate(
            stored=Sum("documents__source_bytes"), document_count=Count("documents")
        )
        .filter(document_count__gt=0)
        .order_by("-stored")
    )
    found: dict[str, Any] = {
        "people": list(people[:PEOPLE_SHOWN]),
        "sounds": AudioVariant.objects.aggregate(total=Sum("bytes"))["total"] or 0,
    }
    if settings.S3_BUCKET:
        return found
    try:
        disk = shutil.disk_usage(settings.MEDIA_ROOT)
    except OSError:
        return found
    return found | {"free": disk.free, "total": disk.total}


def _plots() -> list[Plot]:
    try:
        hours = figures.last_day()
    except redis.RedisError:
        return []

    def of(title: str, name: str, unit: str = "") -> Plot:
        return plot(title, [(hour.at, hour.count(name)) for hour in hours], unit)

    first = [
        (hour.at, hour.count(figures.FIRST_MS) / max(1, hour.count(figures.FIRST)))
        for hour in hours
    ]
    return [
        plot("Time to the first sound", first, "ms"),
        of("Sounds made", figures.MADE),
        of("Sounds that were there", figures.STORED),
        of("Sounds that the browser had", figures.UNCHANGED),
        of("Failed attempts", figures.FAILED),
    ]


def _since(at: datetime) -> str:
    return in_words((clock.now() - at).total_seconds())


def in_words(seconds: float) -> str:
    """Return a length of time, roughly."""
    for name, length in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {name}"
    return f"{max(0.0, seconds):.0f} s"
