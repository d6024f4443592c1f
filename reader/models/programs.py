"""Programs that act for a person: their keys, and what they asked for once."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import models
from django.db.models import Q
from django.utils import timezone

from tts.models import HASH_LENGTH

from .people import User

# Of the SHA-256 of a key: it is long and random, so a quick hash is as good as a slow one.
DIGEST_LENGTH = 64


class Scope(models.TextChoices):
    """What a token is good for."""

    READ = "read", "Read: documents, their texts and sounds, places and notes"
    WRITE = "write", "Write: bring in, change and delete documents, notes and words; exports"
    SPEECH = "speech", "Speech: have texts spoken"


class TokenQuerySet(models.QuerySet["Token"]):
    def valid(self) -> TokenQuerySet:
        """Those that open something: not expired, of people who may sign in."""
        alive = Q(expires_at=None) | Q(expires_at__gt=timezone.now())
        return self.filter(alive, user__is_active=True)


class Token(models.Model):
    """A person's key for programs. Only its hash is kept; who withdraws it deletes it."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=100, help_text="What uses it, such as “phone”.")
    digest = models.CharField(max_length=DIGEST_LENGTH, unique=True, editable=False)
    hint = models.CharField(max_length=20, editable=False, help_text="How it begins.")
    scopes = models.JSONField(default=list)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True, help_text="Empty: never.")
    used_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = TokenQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.name} ({self.hint}…)"

    @property
    def is_expired(self) -> bool:
        ends_at: datetime | None = self.expires_at
        return ends_at is not None and ends_at <= timezone.now()


# So long is an answer kept for whoever asks again.
REPEATS_KEPT = timedelta(hours=24)


class RepeatQuerySet(models.QuerySet["Repeat"]):
    def forgotten(self) -> RepeatQuerySet:
        return self.filter(created_at__lt=timezone.now() - REPEATS_KEPT)


class Repeat(models.Model):
    """A request that carried an idempotency key, and its answer: asked again, that is given again.

    Without an answer it is still being carried out, or whoever did so died.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=DIGEST_LENGTH, help_text="What was asked for.")
    status = models.PositiveSmallIntegerField(null=True)
    answer = models.JSONField(null=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects = RepeatQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "key"], name="one_request_for_a_key"),
            models.CheckConstraint(
                condition=Q(status=None, answer=None) | Q(status__isnull=False),
                name="answered_request_has_its_status",
            ),
        ]
        indexes = [
            # What is old enough to be forgotten.
            models.Index(fields=["created_at"], name="repeat_by_age"),
        ]

    def __str__(self) -> str:
        return self.key


class SpokenTextQuerySet(models.QuerySet["SpokenText"]):
    def kept(self) -> SpokenTextQuerySet:
        return self.filter(kept_until__gt=timezone.now())

    def expired(self) -> SpokenTextQuerySet:
        return self.filter(kept_until__lte=timezone.now())


class SpokenText(models.Model):
    """A text that a person's program had spoken without a document, and until when it is kept."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    text_hash = models.CharField(max_length=HASH_LENGTH)
    kept_until = models.DateTimeField()

    objects = SpokenTextQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "text_hash"], name="one_spoken_text_of_a_person"
            )
        ]
        indexes = [
            # Is a sound of this text still somebody's? What has expired?
            models.Index(fields=["text_hash"], name="spoken_text_by_hash"),
            models.Index(fields=["kept_until"], name="spoken_text_by_end"),
        ]

    def __str__(self) -> str:
        return self.text_hash
