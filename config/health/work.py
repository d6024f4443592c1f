"""What is to be done, is being done, is done and is dead, task by task, and since when."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, F, Max, Min, Model, Q, QuerySet

from reader.models import Delivery, Document, Export, Preparation
from tts import clock
from tts.models import AudioVariant, Status, VoiceDownload

from .lengths import since

STATES = ("todo", "running", "done", "dead")


@dataclass(frozen=True, slots=True)
class Cell:
    """How many, and in words since when: the oldest that is not done, or the latest that is."""

    count: int
    age: str = ""


@dataclass(frozen=True, slots=True)
class Work:
    """A task by its name; a cell for each of STATES, None where nothing is kept of it."""

    name: str
    cells: dict[str, Cell | None]


def work() -> list[Work]:
    """Look at all the work there is beside speech."""
    return list(_work())


def cell(count: int, first: datetime | None, last: datetime | None, *, waits: bool) -> Cell:
    """Return a cell, by when the oldest and the latest were changed."""
    at = first if waits else last
    return Cell(count, since(at) if at and count else "")


def _work() -> Iterator[Work]:
    now = clock.now()
    present = Document.objects.present()
    importing = Q(status=Document.Status.IMPORTING)
    yield _told(
        "Import",
        present,
        "changed_at",
        todo=importing & Q(attempt=0),
        running=importing & Q(attempt__gt=0),
        done=Q(status=Document.Status.READY),
        dead=Q(status=Document.Status.FAILED),
    )
    wanted = Q(reread_wanted__isnull=False)
    yield _told(
        "Read again, by newer rules",
        present,
        "reread_wanted",
        todo=wanted & _free("reread_lease", now),
        running=wanted & ~_free("reread_lease", now),
        dead=~Q(reread_error=""),
    )
    owed = Q(speech_asked__gt=F("speech_done"))
    yield _told(
        "Apply rules and words",
        present,
        "speech_lease_until",
        todo=owed & _free("speech_lease_until", now),
        running=owed & ~_free("speech_lease_until", now),
    )
    running = Q(status=Preparation.Status.RUNNING)
    yield _told(
        "Prepare a document's sound",
        Preparation.objects.present(),
        "changed_at",
        todo=running & _free("lease_until", now),
        running=running & ~_free("lease_until", now),
        done=Q(status=Preparation.Status.DONE),
        dead=Q(status=Preparation.Status.FAILED),
    )
    yield _told(
        "Export",
        Export.objects.present(),
        "changed_at",
        todo=Q(status=Export.Status.QUEUED),
        running=Q(status=Export.Status.RUNNING),
        done=Q(status=Export.Status.DONE),
        dead=Q(status=Export.Status.ERROR),
    )
    yield _told(
        "Find the times of words",
        AudioVariant.objects.filter(status=Status.CACHED, marks_source=""),
        "changed_at",
        todo=Q(),
    )
    yield _told(
        "Fetch a voice",
        VoiceDownload.objects.all(),
        "changed_at",
        todo=Q(status=VoiceDownload.Status.WAITING),
        running=Q(status=VoiceDownload.Status.RUNNING),
        done=Q(status=VoiceDownload.Status.DONE),
        dead=Q(status=VoiceDownload.Status.FAILED),
    )
    waiting = Q(status=Delivery.Status.WAITING)
    yield _told(
        "Tell a webhook",
        Delivery.objects.all(),
        "created_at",
        todo=waiting & _free("lease_until", now),
        running=waiting & ~_free("lease_until", now),
        done=Q(status=Delivery.Status.DONE),
        dead=Q(status=Delivery.Status.FAILED),
    )
    yield _told("Delete for good", Document.objects.all(), "purge_at", todo=Q(purge_at__lte=now))


def _told(name: str, rows: QuerySet[Any, Model], at: str, **states: Q) -> Work:
    asked: dict[str, Any] = {}
    for state, which in states.items():
        asked[state] = Count("pk", filter=which)
        asked[f"{state}_first"] = Min(at, filter=which)
        asked[f"{state}_last"] = Max(at, filter=which)
    found = rows.order_by().aggregate(**asked)
    cells = {
        state: cell(
            found[state],
            found[f"{state}_first"],
            found[f"{state}_last"],
            waits=state in ("todo", "running"),
        )
        if state in states
        else None
        for state in STATES
    }
    return Work(name, cells)


def _free(lease: str, now: datetime) -> Q:
    return Q(**{lease: None}) | Q(**{f"{lease}__lt": now})
