"""How an installation is, gathered for the page of the admin: the figures of /metrics and more."""

from __future__ import annotations

import shutil
from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import redis
from django.conf import settings
from django.db.models import Count, Max, Min, Sum

from reader.models import Document
from tts import clock
from tts.demand import breaker, figures, wants
from tts.models import AudioVariant, SpeechModel, Status, hashes_of

from . import heartbeats, stored
from .lengths import in_words, since
from .plots import Plot, plot
from .views import recent_parts
from .work import STATES, Cell, cell, work

NOT_KNOWN = "Not known: Redis does not answer."
ERRORS_SHOWN, ERRORS_LOOKED_AT = 10, 200
PEOPLE_SHOWN = 20
KEYS_AT_ONCE = 500
STATUS_OF = {"running": Status.PROCESSING, "done": Status.CACHED, "dead": Status.ERROR}
KINDS = {
    "web": "pages, sounds and open reading pages",
    "speech": "speaks",
    "waiter": "speaks by servers",
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
    """One speech model: its work by status (None: not known), and what is out of order."""

    model: SpeechModel
    cells: dict[str, Cell | None]
    trouble: str
    limits: str


@dataclass(frozen=True, slots=True)
class Trouble:
    """What went wrong last: with what, why, and how long ago."""

    what: str
    why: str
    at: datetime
    times: int = 1

    @property
    def age(self) -> str:
        return since(self.at)


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
        "states": STATES,
        "work": work(),
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
        AudioVariant.objects.exclude(status=Status.QUEUED)
        .order_by()
        .values_list("voice__speech_model", "status")
        .annotate(count=Count("pk"), first=Min("changed_at"), last=Max("changed_at"))
    )
    cells: dict[int, dict[str, Cell]] = {}
    for pk, status, count, first, last in rows:
        cells.setdefault(pk, {})[status] = cell(
            count, first, last, waits=status == Status.PROCESSING
        )
    return [
        Model(
            model=model,
            cells={"todo": _wanted(model) if knows_redis else None}
            | {
                state: cells.get(model.pk, {}).get(status, Cell(0))
                for state, status in STATUS_OF.items()
            },
            trouble=_trouble(model) if knows_redis else NOT_KNOWN,
            limits=_limits(model),
        )
        for model in SpeechModel.objects.order_by("name")
    ]


def _wanted(model: SpeechModel) -> Cell | None:
    """Count what is queued and somebody wants: a row stays queued when its listener has left, and
    is never made unless somebody comes back for it."""
    try:
        keys = sorted({candidate.key for candidate in wants.upcoming(model.pk)})
    except redis.RedisError:
        return None
    since_when: list[datetime] = []
    for begin in range(0, len(keys), KEYS_AT_ONCE):
        some = set(keys[begin : begin + KEYS_AT_ONCE])
        texts, recipes = zip(*map(hashes_of, some), strict=True)
        queued = AudioVariant.objects.filter(
            status=Status.QUEUED, text_hash__in=texts, recipe_hash__in=set(recipes)
        )
        since_when += [
            each.changed_at for each in queued.defer("text", "marks") if each.key in some
        ]
    return cell(len(since_when), min(since_when, default=None), None, waits=True)


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
        for each in sounds.order_by("-changed_at")[:ERRORS_LOOKED_AT]
    ]
    found += [
        Trouble(f"An import of {each.owner}", each.error, each.changed_at)
        for each in failed.select_related("owner").order_by("-changed_at")[:ERRORS_LOOKED_AT]
    ]
    return _alike_together(sorted(found, key=lambda each: each.at, reverse=True))[:ERRORS_SHOWN]


def _alike_together(errors: list[Trouble]) -> list[Trouble]:
    """Tell what went wrong alike once, the latest, with how often."""
    times = Counter((each.what, each.why) for each in errors)
    seen: dict[tuple[str, str], Trouble] = {}
    for each in errors:
        key = each.what, each.why
        seen.setdefault(key, replace(each, times=times[key]))
    return list(seen.values())


def _storage() -> dict[str, Any]:
    found: dict[str, Any] = {
        "people": stored.by_person()[:PEOPLE_SHOWN],
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
