"""Speech models, their voices, and the sounds made of texts."""

from __future__ import annotations

import hashlib
import re
import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone

from .keys import seal, unseal
from .speech import Endpoint

# 160 bits: two hashes and a prefix fit the 99 characters of a channel group's name.
HASH_BYTES = 20
HASH_LENGTH = 2 * HASH_BYTES


def digest(*parts: str) -> str:
    """Hash strings so that no two different lists of them collide by concatenation."""
    hashed = hashlib.blake2b(digest_size=HASH_BYTES)
    for part in parts:
        data = part.encode("utf-8", "surrogatepass")
        hashed.update(len(data).to_bytes(8, "big"))
        hashed.update(data)
    return hashed.hexdigest()


def hash_text(text: str, language: str) -> str:
    """Return the text hash under which every sound of this spoken text is found."""
    return digest(text, language)


class SpeechModel(models.Model):
    """One model of an engine, with its address and limits."""

    model_slug = models.SlugField(unique=True)
    name = models.CharField(max_length=100)
    engine = models.CharField(max_length=50, help_text="A name from the setting SPEECH_ENGINES.")
    engine_model = models.CharField(
        max_length=100, blank=True, help_text="The model's name at the engine, if it has several."
    )
    base_url = models.URLField(
        "address",
        blank=True,
        help_text="Where the engine is, when it is a server: mostly ends in /v1. "
        "Empty: the engine's own, which for openai is OpenAI itself.",
    )
    sealed_key = models.TextField(blank=True, editable=False)
    response_format = models.CharField(
        "format",
        max_length=10,
        blank=True,
        choices=[(name, name) for name in ("opus", "mp3", "aac", "flac", "wav", "pcm")],
        help_text="What to ask a server for. Empty: wav, whose first sound comes soonest; mp3 "
        "if the server refuses that. opus costs us and the line the least.",
    )
    tells_words = models.BooleanField(
        "tells word times",
        default=False,
        help_text="The server tells when each word is heard, as Kokoro-FastAPI does at "
        "/dev/captioned_speech. Of any other, the times are found in its sound.",
    )
    max_characters = models.PositiveIntegerField(
        default=4096,
        validators=[MinValueValidator(50)],
        help_text="The longest text that the engine takes at once; a longer one is sent in parts.",
    )
    timeout_seconds = models.PositiveSmallIntegerField(
        "time-out",
        default=60,
        validators=[MinValueValidator(1), MaxValueValidator(300)],
        help_text="For so many seconds may a server be silent.",
    )
    voice_list = models.TextField(
        "voices",
        blank=True,
        help_text="The names of its voices, separated by commas, for a server that does not list "
        "them itself.",
    )
    parameters = models.JSONField(
        default=dict,
        blank=True,
        help_text='Whatever else the engine takes, such as {"instructions": "Speak calmly."}.',
    )
    concurrency = models.PositiveSmallIntegerField(
        default=0, help_text="How many sounds may be made at once over all workers; 0: no limit."
    )
    requests_per_minute = models.PositiveIntegerField(
        default=0, help_text="How many sounds may be begun in a minute; 0: no limit."
    )
    price_per_million = models.DecimalField(
        "price per million characters",
        max_digits=9,
        decimal_places=3,
        default=0,
        validators=[MinValueValidator(0)],
        help_text="In whatever currency; 0: it costs nothing, and no limit of use counts it.",
    )
    enabled = models.BooleanField(default=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def api_key(self) -> str:
        """The key of the server, which the database holds sealed. Raises UnreadableKey."""
        return unseal(self.sealed_key) if self.sealed_key else ""

    @api_key.setter
    def api_key(self, key: str) -> None:
        self.sealed_key = seal(key) if key else ""

    @property
    def asked_format(self) -> str:
        """The encoding that a server is asked for."""
        return self.response_format or "wav"

    @property
    def endpoint(self) -> Endpoint:
        """Where and how it is spoken to. Raises UnreadableKey."""
        return Endpoint(
            model=self.engine_model,
            base_url=self.base_url,
            api_key=self.api_key,
            response_format=self.asked_format,
            other_format="" if self.response_format else "mp3",
            tells_words=self.tells_words,
            timeout_seconds=self.timeout_seconds,
            voices=tuple(filter(None, re.split(r"[\s,]+", self.voice_list))),
        )


class VoiceQuerySet(models.QuerySet["Voice"]):
    def usable(self) -> VoiceQuerySet:
        return self.filter(
            enabled=True, is_offered=True, speech_model__enabled=True
        ).select_related("speech_model")

    def by_slugs(self, model_slug: str, voice_slug: str) -> VoiceQuerySet:
        return self.usable().filter(speech_model__model_slug=model_slug, voice_slug=voice_slug)


class Voice(models.Model):
    """One voice of a speech model."""

    speech_model = models.ForeignKey(SpeechModel, on_delete=models.CASCADE, related_name="voices")
    voice_slug = models.SlugField(max_length=100)
    name = models.CharField(max_length=100)
    language = models.CharField(max_length=35, help_text="BCP 47, such as en-GB.")
    engine_voice = models.CharField(max_length=100, help_text="The voice's name at the engine.")
    parameters = models.JSONField(default=dict, blank=True)
    featured = models.BooleanField(default=False, help_text="Shown first in the picker.")
    gain_db = models.FloatField(
        "gain in dB", default=0.0, editable=False, help_text="What makes it as loud as the others."
    )
    gain_recipe = models.CharField(max_length=HASH_LENGTH, blank=True, editable=False)
    enabled = models.BooleanField(default=True)
    is_offered = models.BooleanField(
        "offered", default=True, editable=False, help_text="The engine has it, as far as we know."
    )

    objects = VoiceQuerySet.as_manager()

    class Meta:
        ordering = ["speech_model", "language", "-featured", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["speech_model", "voice_slug"], name="voice_slug_unique_in_model"
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.speech_model})"


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
            Q(not_before=None) | Q(not_before__lte=timezone.now()), status=Status.QUEUED
        )

    def without_turn(self) -> AudioVariantQuerySet:
        """Due, and no turn is on its way for it, or one has been for suspiciously long."""
        stale = timezone.now() - TURN_IS_FRESH
        return self.due().filter(Q(enqueued_at=None) | Q(enqueued_at__lt=stale))

    def unaligned(self) -> AudioVariantQuerySet:
        """Cached, and nobody has looked yet when its words are heard."""
        return self.filter(status=Status.CACHED, marks_source="")

    def expired(self) -> AudioVariantQuerySet:
        """In the hands of a worker that has not been heard from."""
        return self.filter(status=Status.PROCESSING, lease_until__lt=timezone.now())


# After this long a turn that has not come up is taken for lost and sent again.
TURN_IS_FRESH = timedelta(seconds=6)


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
        now = timezone.now()
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
        not_before: datetime | None = timezone.now() + pause if pause else None
        return self.move(Status.QUEUED, error=error, not_before=not_before, **changes)

    def start_over(self) -> bool:
        """Put it back with all its attempts before it: someone asks again, or its file is gone."""
        return self.requeue(
            attempt=0,
            file="",
            bytes=0,
            duration_ms=None,
            marks=None,
            marks_source="",
            retryable=True,
        )


class Usage(models.Model):
    """What a speech model made on one account in one day (in UTC)."""

    account = models.CharField(max_length=64, help_text="On whose account it was made.")
    speech_model = models.ForeignKey(SpeechModel, on_delete=models.CASCADE, related_name="usage")
    day = models.DateField()
    sounds = models.PositiveIntegerField(default=0)
    characters = models.PositiveBigIntegerField(default=0)
    milliseconds = models.PositiveBigIntegerField(default=0)
    cost = models.DecimalField(max_digits=16, decimal_places=6, default=0)

    class Meta:
        ordering = ["-day", "account", "speech_model"]
        verbose_name_plural = "usage"
        constraints = [
            models.UniqueConstraint(
                fields=["day", "account", "speech_model"], name="one_usage_per_day"
            )
        ]

    def __str__(self) -> str:
        return f"{self.account} on {self.day}: {self.characters} characters"


def variant_key(text_hash: str, recipe_hash: str) -> str:
    """Return the variant's name in Redis and on the channel layer; needs no row."""
    return f"{text_hash}-{recipe_hash}"


def hashes_of(key: str) -> tuple[str, str]:
    """Return the text hash and the recipe hash of a key."""
    text_hash, _, recipe_hash = key.partition("-")
    return text_hash, recipe_hash


def lease_from_now() -> datetime:
    return timezone.now() + timedelta(seconds=settings.SPEECH_LEASE_SECONDS)
