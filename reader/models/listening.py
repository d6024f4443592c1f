"""What a person does with a document: where they are, what they chose, prepared and marked."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import models
from django.db.models import Q

from tts import clock
from tts.models import Voice

from .documents import Document
from .people import MAX_SPEED, MIN_SPEED, User

# A worker that prepares and is not heard from for so long has died.
PREPARATION_LEASE = timedelta(seconds=90)
# Of what was marked over several blocks.
BETWEEN_BLOCKS = "\n\n"
MAX_QUOTE = 20_000


class PreparationQuerySet(models.QuerySet["Preparation"]):
    def present(self) -> PreparationQuerySet:
        """Those of documents that are not deleted."""
        # By a subquery of its own: an UPDATE through a join would look at the lease in that too,
        # and two workers could take it at once.
        return self.filter(document__in=Document.objects.present())


class Preparation(models.Model):
    """The making of a whole document's sound ahead of its time. A document has one at most."""

    class Status(models.TextChoices):
        RUNNING = "running"
        DONE = "done"
        STOPPED = "stopped"
        FAILED = "failed"

    document = models.OneToOneField(Document, on_delete=models.CASCADE, related_name="preparation")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    voice = models.ForeignKey(Voice, on_delete=models.CASCADE, related_name="+")
    sound = models.CharField(max_length=10, blank=True, help_text="The name of the format.")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.RUNNING)
    done = models.PositiveIntegerField(default=0, help_text="Blocks that have their sound.")
    total = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0, help_text="Blocks that cannot be made.")
    error = models.TextField(blank=True)
    turn = models.PositiveIntegerField(default=0, help_text="The turn whose message is awaited.")
    lease_until = models.DateTimeField(null=True, blank=True)
    changed_at = models.DateTimeField(auto_now=True)

    objects = PreparationQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.document} in {self.voice}: {self.done} of {self.total}"

    def take(self) -> bool:
        """Have it to oneself until the lease expires; False if another worker had this turn."""
        now = clock.now()
        free = Q(lease_until=None) | Q(lease_until__lt=now)
        taken = (
            Preparation.objects.present()
            .filter(free, pk=self.pk, status=self.Status.RUNNING, turn=self.turn)
            .update(lease_until=now + PREPARATION_LEASE, turn=self.turn + 1)
        )
        self.turn += taken
        return bool(taken)

    def keep(self, **changes: Any) -> bool:
        """Note how far it is and renew the lease; False when it is over: stopped or begun anew."""
        kept = (
            Preparation.objects.present()
            .filter(pk=self.pk, status=self.Status.RUNNING, turn=self.turn)
            .filter(lease_until__isnull=False)
            .update(
                **{
                    "lease_until": clock.now() + PREPARATION_LEASE,
                    "changed_at": clock.now(),
                    **changes,
                }
            )
        )
        for name, value in changes.items():
            setattr(self, name, value)
        return bool(kept)


class Position(models.Model):
    """Where a person is in a document."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="positions")
    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="positions")
    block_idx = models.PositiveIntegerField(default=0)
    offset_ms = models.PositiveIntegerField(default=0)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "document"], name="one_position_per_document")
        ]

    def __str__(self) -> str:
        return f"{self.user} in {self.document} at {self.block_idx}"


class DocumentPreferences(models.Model):
    """How a person likes to listen to one document, where it differs from the usual."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="+")
    voice = models.ForeignKey(
        Voice, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    speed = models.FloatField(null=True, blank=True)
    folded = models.JSONField(
        default=list, blank=True, help_text="First blocks of the chapters that are skipped."
    )

    class Meta:
        verbose_name_plural = "document preferences"
        constraints = [
            models.UniqueConstraint(
                fields=["user", "document"], name="one_preferences_per_document"
            ),
            models.CheckConstraint(
                condition=Q(speed=None) | Q(speed__gte=MIN_SPEED, speed__lte=MAX_SPEED),
                name="document_speed_in_range",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} in {self.document}"


class Annotation(models.Model):
    """A place or a passage that a person marked in a document, perhaps with a note.

    Offsets count the shown text of their blocks in UTF-16 units.
    """

    class Kind(models.TextChoices):
        BOOKMARK = "bookmark"
        HIGHLIGHT = "highlight"

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="annotations")
    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="annotations")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    block_idx = models.PositiveIntegerField()
    start = models.PositiveIntegerField(default=0)
    end_block_idx = models.PositiveIntegerField()
    end = models.PositiveIntegerField(default=0)
    quote = models.TextField(help_text="The text that was marked.")
    note = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["document", "block_idx", "start", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(end_block_idx__gt=models.F("block_idx"))
                | Q(end_block_idx=models.F("block_idx"), end__gte=models.F("start")),
                name="annotation_ends_after_its_start",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} in {self.document} at {self.block_idx}"
