"""Voices that are being fetched."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone

from tts import clock

# A worker that has not told anything for so long is dead.
LEASE = timedelta(seconds=30)
# Its message was lost, or this is the pause before what failed is tried again.
WAITS = timedelta(seconds=20)


class VoiceDownloadQuerySet(models.QuerySet["VoiceDownload"]):
    def going_nowhere(self) -> VoiceDownloadQuerySet:
        """Those that wait for suspiciously long, or whose worker has not been heard from."""
        now = clock.now()
        return self.filter(
            Q(status="waiting", changed_at__lt=now - WAITS)
            | Q(status="running", lease_until__lt=now)
        )


class VoiceDownload(models.Model):
    """A voice that somebody asked for, until it is here.

    Transitions, each by one conditional UPDATE:

    - ``waiting`` → ``running``: a worker claims it
    - ``running`` → ``running``: its worker told nothing for too long, and another one claims it
    - ``running`` → ``waiting``: its time was over for now, or a failure that may pass
    - ``running`` → ``done``, ``failed``
    - ``done``, ``failed`` → ``waiting``: somebody asks again
    """

    class Status(models.TextChoices):
        WAITING = "waiting"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"

    name = models.CharField(max_length=80, unique=True)
    engine = models.CharField(max_length=50)
    files = models.JSONField(help_text="What it consists of, as the catalogue told it.")
    card_url = models.TextField(blank=True)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.WAITING)
    attempt = models.PositiveSmallIntegerField(default=0)
    bytes_done = models.PositiveBigIntegerField(default=0)
    bytes_total = models.PositiveBigIntegerField(default=0)
    error = models.TextField(blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    changed_at = models.DateTimeField(default=timezone.now)

    objects = VoiceDownloadQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(status="failed") | ~Q(error=""), name="failed_download_says_why"
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def percent(self) -> int:
        return 100 * self.bytes_done // self.bytes_total if self.bytes_total else 0

    @property
    def is_going_on(self) -> bool:
        return self.status in (self.Status.WAITING, self.Status.RUNNING)

    def claim(self) -> bool:
        """Begin, or go on for a worker that died; False if somebody else is at it."""
        free = Q(status=self.Status.WAITING) | Q(
            status=self.Status.RUNNING, lease_until__lt=clock.now()
        )
        claimed = VoiceDownload.objects.filter(free, pk=self.pk, attempt=self.attempt).update(
            status=self.Status.RUNNING,
            attempt=self.attempt + 1,
            lease_until=clock.now() + LEASE,
            error="",
        )
        if claimed:
            self.refresh_from_db()
        return bool(claimed)

    def note(self, **changes: Any) -> bool:
        """Write down how it stands, as its worker; False when that is somebody else now."""
        lease = clock.now() + LEASE if "status" not in changes else None
        changes = {"lease_until": lease, "changed_at": clock.now(), **changes}
        noted = VoiceDownload.objects.filter(
            pk=self.pk, status=self.Status.RUNNING, attempt=self.attempt
        ).update(**changes)
        if noted:
            for name, value in changes.items():
                setattr(self, name, value)
        return bool(noted)
