"""Files that a person has made of their documents."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone

from tts import clock
from tts.models import HASH_LENGTH, Voice

from .documents import Document
from .people import User
from .shelving import Collection

# A worker that exports and is not heard from for so long has died.
EXPORT_LEASE = timedelta(seconds=90)


class ExportQuerySet(models.QuerySet["Export"]):
    def present(self) -> ExportQuerySet:
        """Those of documents that are not deleted."""
        # By a subquery, as preparations: an UPDATE through a join would look at the lease in it.
        return self.filter(document__in=Document.objects.present())

    def visible_to(self, user: User) -> ExportQuerySet:
        return self.filter(owner=user, document__in=Document.objects.visible_to(user))

    def under_way(self) -> ExportQuerySet:
        return self.filter(status__in=(Export.Status.QUEUED, Export.Status.RUNNING))


class Export(models.Model):
    """A file made of a document in a voice.

    ``queued`` → ``running`` when a worker takes it first, then ``done``, ``error`` or ``stopped``.
    """

    class Status(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        DONE = "done"
        ERROR = "error"
        STOPPED = "stopped"

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="exports")
    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="exports")
    kind = models.CharField(max_length=20, help_text="A slug of reader.exporting.writers.")
    voice = models.ForeignKey(
        Voice, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    voice_name = models.CharField(max_length=100, blank=True)
    chapters = models.JSONField(
        null=True, blank=True, help_text="First blocks of the chapters; empty: all but the skipped."
    )
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.QUEUED)
    progress = models.FloatField(default=0.0, help_text="From 0 to 1.")
    error = models.TextField(blank=True, help_text="Why there is no file, or what is not in it.")
    file = models.FileField(upload_to="exports/", blank=True)
    bytes = models.PositiveBigIntegerField(default=0)
    duration_ms = models.PositiveIntegerField(default=0)
    # What it is made from: by these it is told that it is out of date.
    text_hash = models.CharField(max_length=HASH_LENGTH, blank=True)
    recipe_hash = models.CharField(max_length=HASH_LENGTH, blank=True)
    chapter_list = models.JSONField(
        default=list, blank=True, help_text="Of a sound: [start in ms, title]."
    )
    transcript = models.FileField(upload_to="exports/", blank=True, help_text="WebVTT.")
    in_feed = models.BooleanField(default=False, help_text="It is played by podcast apps.")
    turn = models.PositiveIntegerField(default=0, help_text="The turn whose message is awaited.")
    lease_until = models.DateTimeField(null=True, blank=True)
    attempt = models.PositiveSmallIntegerField(
        default=0, help_text="How often it failed for a reason that is not known."
    )
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    changed_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(null=True, blank=True, help_text="Empty: it is kept.")

    objects = ExportQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(status="done") | (~Q(file="") & Q(bytes__gt=0)),
                name="done_export_has_its_file",
            ),
            models.CheckConstraint(
                condition=~Q(status="error") | ~Q(error=""), name="failed_export_says_why"
            ),
        ]
        indexes = [
            # A person's exports, latest first; and the sum of their sizes.
            models.Index(fields=["owner", "-created_at"], name="export_by_owner"),
            # Whose worker or message was lost?
            models.Index(
                fields=["changed_at"],
                condition=Q(status__in=("queued", "running")),
                name="export_under_way",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.document} as {self.kind}"

    @property
    def is_under_way(self) -> bool:
        return self.status in (self.Status.QUEUED, self.Status.RUNNING)

    @property
    def seconds_left(self) -> int | None:
        """About how long it takes yet, by how long it took so far; None where that is not known."""
        if not self.is_under_way or self.started_at is None or self.progress < 0.02:
            return None
        spent = (clock.now() - self.started_at).total_seconds()
        return round(spent * (1 - self.progress) / self.progress)

    def take(self) -> bool:
        """Have it to oneself until the lease expires; False if another worker had this turn."""
        now = clock.now()
        free = Q(lease_until=None) | Q(lease_until__lt=now)
        taken = (
            Export.objects.present()
            .under_way()
            .filter(free, pk=self.pk, turn=self.turn)
            .update(
                lease_until=now + EXPORT_LEASE,
                turn=self.turn + 1,
                status=self.Status.RUNNING,
                started_at=self.started_at or now,
            )
        )
        if taken:
            self.turn += 1
            self.status, self.started_at = self.Status.RUNNING, self.started_at or now
        return bool(taken)

    def keep(self, **changes: Any) -> bool:
        """Note how far it is and renew the lease; False when it is over or another worker's."""
        changes = {
            "lease_until": clock.now() + EXPORT_LEASE,
            "changed_at": clock.now(),
            **changes,
        }
        kept = (
            Export.objects.present()
            .filter(pk=self.pk, status=self.Status.RUNNING, turn=self.turn)
            .filter(lease_until__isnull=False)
            .update(**changes)
        )
        if kept:
            for name, value in changes.items():
                setattr(self, name, value)
        return bool(kept)


class Feed(models.Model):
    """The private podcast of a person, or of a collection of theirs. Who has its address hears it;
    withdrawn, it is gone."""

    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="feeds")
    collection = models.OneToOneField(
        Collection, on_delete=models.CASCADE, related_name="feed", null=True, blank=True
    )
    # Found by its hash; kept sealed, so that its owner can be shown the address again.
    secret_hash = models.CharField(max_length=HASH_LENGTH, unique=True)
    sealed_secret = models.TextField()
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["owner"], condition=models.Q(collection=None), name="one_feed_of_a_person"
            )
        ]

    def __str__(self) -> str:
        return f"The feed of {self.collection or self.owner}"
