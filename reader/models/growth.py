"""Documents that are still being written: what was written, and what of it is no block yet."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from .documents import Document


class Growth(models.Model):
    """A document that grows. ``version`` rises with each change, so that none is made twice."""

    document = models.OneToOneField(Document, on_delete=models.CASCADE, related_name="growth")
    pending = models.TextField(blank=True, help_text="Written, and in no block yet.")
    is_mid_paragraph = models.BooleanField(
        default=False, help_text="What is pending goes on with the paragraph of the last block."
    )
    finished = models.BooleanField(default=False, help_text="Nothing more comes.")
    version = models.PositiveIntegerField(default=0)
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [
            # Who paused, who has died?
            models.Index(fields=["changed_at"], name="growth_by_age"),
        ]

    def __str__(self) -> str:
        return f"{self.document} ({len(self.pending)} pending)"


class Addition(models.Model):
    """What was written at once: together they are the document's source, once it is finished."""

    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="additions")
    text = models.TextField()

    class Meta:
        ordering = ["document", "pk"]

    def __str__(self) -> str:
        return self.text[:60]
