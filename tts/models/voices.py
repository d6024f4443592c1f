"""Speech models and their voices."""

from __future__ import annotations

import re
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from tts.addresses import LONGEST_ADDRESS, server_address, server_key
from tts.keys import seal, unseal
from tts.speech import Endpoint

from .hashes import HASH_LENGTH


class AddressField(models.CharField):  # type: ignore[type-arg]  # not generic at run time
    """The address of a server, kept as it is used. Wider than URLField: in a house and between
    containers, names have no dot, and may have an underscore."""

    def to_python(self, value: object) -> str:
        try:
            return server_address(super().to_python(value) or "")
        except ValueError as error:
            raise ValidationError(str(error), code="address") from None

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        address = self.to_python(getattr(model_instance, self.attname))
        setattr(model_instance, self.attname, address)
        return address

    def formfield(self, **kwargs: Any) -> Any:
        # What is mended may be longer as it is entered.
        return super().formfield(**kwargs | {"max_length": None})


class SpeechModel(models.Model):
    """One model of an engine, with its address and limits."""

    model_slug = models.SlugField(unique=True)
    name = models.CharField(max_length=100)
    engine = models.CharField(max_length=50, help_text="A name from the setting SPEECH_ENGINES.")
    engine_model = models.CharField(
        max_length=100, blank=True, help_text="The model's name at the engine, if it has several."
    )
    base_url = AddressField(
        "address",
        max_length=LONGEST_ADDRESS,
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
        default=0,
        help_text="How many sounds may be made at once over all workers; 0: no limit of its own.",
    )
    finishes = models.BooleanField(
        "finishes what it has begun",
        default=False,
        help_text="A sound that nobody waits for any more is made to its end all the same: for a "
        "server that wants to be paid for all of it. Otherwise it is broken off.",
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
        key = server_key(key)
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
    def usable(self, *places: str) -> VoiceQuerySet:
        """Those that can be heard everywhere, and those that are reserved for these places."""
        return self.filter(
            enabled=True,
            is_offered=True,
            reserved_for__in={"", *places},
            speech_model__enabled=True,
            speech_model__engine__in=settings.SPEECH_ENGINES,
        ).select_related("speech_model")

    def default(self) -> Voice | None:
        """Return what a new person hears: what the settings say, else the one marked so."""
        model_slug, _, voice_slug = settings.DEFAULT_VOICE.partition("/")
        if model_slug:
            return self.by_slugs(model_slug, voice_slug).first()
        return self.usable().order_by("-is_default", "pk").first()

    def by_slugs(self, model_slug: str, voice_slug: str, place: str = "") -> VoiceQuerySet:
        usable = self.usable(place)
        return usable.filter(speech_model__model_slug=model_slug, voice_slug=voice_slug)


class Voice(models.Model):
    """One voice of a speech model."""

    speech_model = models.ForeignKey(SpeechModel, on_delete=models.CASCADE, related_name="voices")
    voice_slug = models.SlugField(max_length=100)
    name = models.CharField(max_length=100)
    language = models.CharField(max_length=35, help_text="BCP 47, such as en-GB.")
    engine_voice = models.CharField(max_length=100, help_text="The voice's name at the engine.")
    engine_version = models.CharField(
        max_length=64,
        blank=True,
        editable=False,
        help_text="What changes when this voice's sound does, where the engine tells it.",
    )
    parameters = models.JSONField(default=dict, blank=True)
    reserved_for = models.CharField(
        max_length=64,
        blank=True,
        editable=False,
        help_text="Where alone it is heard, by a name of who reserved it; empty: everywhere.",
    )
    featured = models.BooleanField(default=False, help_text="Shown first in the picker.")
    is_default = models.BooleanField(
        "default",
        default=False,
        help_text="What a new person hears, unless DEFAULT_VOICE says otherwise.",
    )
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
            ),
            models.UniqueConstraint(
                fields=["is_default"], condition=Q(is_default=True), name="one_default_voice"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.speech_model})"
