"""The sounds made of texts: what state each is in, and what may follow."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone

from tts import clock

from .hashes import HASH_LENGTH, variant_key
from .voices import Voice

# After this long a turn that has not come up is taken for lost and sent again.
TURN_IS_FRESH = timedelta(seconds=4)


class Status(models.TextChoices):
    QUEUED = "queued"
    PROCESSING = "processing"
    CACHED = "cached"
    ERROR = "error"


class MarksSource(models.TextChoices):
    """Where the marks are from; nothing is said of a sound that was not looked at yet."""

    ENGINE = "engine", "told by the engine"
    ALIGNED = "aligned", "found in the sound"
    UNSURE = "unsure", "not found: the block is lit as a whole"


class AudioVariantQuerySet(models.QuerySet["AudioVariant"]):
    def in_recipe(self, recipe_hash: str, text_hashes: Iterable[str]) -> AudioVariantQuerySet:
        return self.filter(recipe_hash=recipe_hash, text_hash__in=text_hashes)

    def due(self) -> AudioVariantQuerySet:
        """Queued, and any pause before the next attempt is over."""
        return self.filter(
            Q(not_before=None) | Q(not_before__lte=clock.now()), status=Status.QUEUED
        )

    def without_turn(self) -> AudioVariantQuerySet:
        """Due, and no turn is on its way for it, or one has been for suspiciously long."""
        stale = clock.now() - TURN_IS_FRESH
        return self.due().filter(Q(enqueued_at=None) | Q(enqueued_at__lt=stale))

    def unaligned(self) -> AudioVariantQuerySet:
        """Cached, and nobody has looked yet when its words are heard."""
        return self.filter(status=Status.CACHED, marks_source="")

    def expired(self) -> AudioVariantQuerySet:
        """In the hands of a worker that has not been heard from."""
        return self.filter(status=Status.PROCESSING, lease_until__lt=clock.now())


class AudioVariant(models.Model):
    """The sound of one text in one voice, made once, whoever asks.

    Transitions, each by one conditional UPDATE that raises ``revision``:

    - ``queued`` → ``processing``: a worker claims it
    - ``processing`` → ``cached``: the whole sound is checked and stored
    - ``processing`` → ``queued``: an attempt that may pass later failed, or its lease expired
    - ``processing`` → ``error``: an attempt that will not pass failed, or there were too many
    - ``error`` → ``queued``: someone asks again
    - ``cached`` → ``cached``: the times of its words were found
    - ``cached`` → ``queued``: its file is gone, or it is to be made again

    ``sound_revision`` is the revision at which the latest attempt was claimed. It names that
    attempt's sound in URLs, live and stored: these are the same bytes.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    text_hash = models.CharField(max_length=HASH_LENGTH)
    recipe_hash = models.CharField(max_length=HASH_LENGTH)
    text = models.TextField()
    language = models.CharField(max_length=35)
    voice = models.ForeignKey(Voice, on_delete=models.PROTECT, related_name="variants")

    status = models.CharField(max_length=10, choices=Status.choices, default=Status.QUEUED)
    attempt = models.PositiveSmallIntegerField(default=0)
    revision = models.PositiveIntegerField(default=1)
    sound_revision = models.PositiveIntegerField(default=0)
    enqueued_at = models.DateTimeField(null=True, blank=True)
    not_before = models.DateTimeField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)

    file = models.FileField(upload_to="audio/", blank=True)
    content_type = models.CharField(max_length=50, blank=True)
    bytes = models.PositiveIntegerField(default=0, validators=[MinValueValidator(0)])
    sound_hash = models.CharField(
        max_length=HASH_LENGTH, blank=True, editable=False, help_text="Of the stored bytes."
    )
    checked_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="When they were last found to be these."
    )
    heard_at = models.DateTimeField(
        null=True,
        blank=True,
        editable=False,
        help_text="About when somebody heard or wanted it last.",
    )
    duration_ms = models.PositiveIntegerField(null=True, blank=True)
    lead_ms = models.PositiveIntegerField(default=0, help_text="Of silence at its beginning.")
    trail_ms = models.PositiveIntegerField(default=0, help_text="Of silence at its end.")
    marks = models.JSONField(null=True, blank=True)
    marks_source = models.CharField(
        "word times", max_length=10, choices=MarksSource.choices, blank=True, default=""
    )
    error = models.TextField(blank=True)
    retryable = models.BooleanField(default=True)

    cost = models.DecimalField(
        max_digits=12, decimal_places=6, null=True, blank=True, help_text="Of the latest attempt."
    )
    engine_ms = models.FloatField(null=True, blank=True, help_text="Spent waiting for the engine.")
    encoder_ms = models.FloatField(null=True, blank=True, help_text="Spent encoding.")
    synthesis_ms = models.FloatField(null=True, blank=True, help_text="From claim to stored.")
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(default=timezone.now)

    objects = AudioVariantQuerySet.as_manager()

    class Meta:
        ordering = ["-changed_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["recipe_hash", "text_hash"], name="one_variant_per_text_and_recipe"
            ),
            models.CheckConstraint(
                condition=Q(status__in=Status.values), name="variant_status_is_known"
            ),
            models.CheckConstraint(
                condition=~Q(status=Status.CACHED)
                | (~Q(file="") & Q(bytes__gt=0, duration_ms__isnull=False)),
                name="cached_variant_has_its_sound",
            ),
            models.CheckConstraint(
                condition=~Q(status=Status.PROCESSING) | Q(lease_until__isnull=False),
                name="processing_variant_has_a_lease",
            ),
            models.CheckConstraint(
                condition=~Q(status=Status.ERROR) | ~Q(error=""),
                name="failed_variant_says_why",
            ),
        ]
        indexes = [
            # Who may hear it, and what goes with the last document: by text, in any voice.
            models.Index(fields=["text_hash"], name="variant_by_text"),
            # What a turn passes over, expired leases, the admin's filter: the few not cached.
            models.Index(
                fields=["status", "lease_until"],
                condition=~Q(status=Status.CACHED),
                name="variant_unfinished",
            ),
            models.Index(
                fields=["changed_at"],
                condition=Q(status=Status.CACHED, marks_source=""),
                name="variant_unaligned",
            ),
            # Whose sound was not checked for longest.
            models.Index(
                fields=["checked_at"],
                condition=Q(status=Status.CACHED),
                name="variant_unchecked",
            ),
            # What goes first when there is too much.
            models.Index(
                fields=["heard_at"],
                condition=Q(status=Status.CACHED),
                name="variant_unheard",
            ),
            # The admin's list, latest first.
            models.Index(fields=["-changed_at"], name="variant_latest"),
        ]

    def __str__(self) -> str:
        return f"{self.text[:60]} ({self.voice_id})"

    @property
    def key(self) -> str:
        return variant_key(self.text_hash, self.recipe_hash)

    def move(self, to: Status, **changes: Any) -> bool:
        """Change the status by one conditional UPDATE; tell whether this caller did it.

        The condition is the row as it was read. On success the instance is as the row is now.
        """
        now = clock.now()
        changes = {
            "status": to,
            "revision": self.revision + 1,
            "changed_at": now,
            "lease_until": None,
            "enqueued_at": None,
            **changes,
        }
        moved = AudioVariant.objects.filter(
            pk=self.pk, status=self.status, revision=self.revision
        ).update(**changes)
        if moved:
            for name, value in changes.items():
                setattr(self, name, value)
        return bool(moved)

    def claim(self) -> bool:
        """Begin an attempt: nobody else makes this variant until the lease expires."""
        return self.move(
            Status.PROCESSING,
            attempt=self.attempt + 1,
            sound_revision=self.revision + 1,
            lease_until=lease_from_now(),
            not_before=None,
            error="",
        )

    def renew_lease(self) -> bool:
        """Tell that the attempt goes on; False when it is no longer this caller's."""
        return bool(
            AudioVariant.objects.filter(
                pk=self.pk, status=Status.PROCESSING, sound_revision=self.sound_revision
            ).update(lease_until=lease_from_now())
        )

    def requeue(self, *, error: str = "", pause: timedelta | None = None, **changes: Any) -> bool:
        """Put it back, to be made at once or after a pause, saying why in words if it failed."""
        not_before: datetime | None = clock.now() + pause if pause else None
        return self.move(Status.QUEUED, error=error, not_before=not_before, **changes)

    def start_over(self) -> bool:
        """Put it back with all its attempts before it: someone asks again, or its file is gone."""
        return self.requeue(
            attempt=0,
            file="",
            bytes=0,
            sound_hash="",
            checked_at=None,
            duration_ms=None,
            marks=None,
            marks_source="",
            retryable=True,
        )


def lease_from_now() -> datetime:
    return clock.now() + timedelta(seconds=settings.SPEECH_LEASE_SECONDS)
