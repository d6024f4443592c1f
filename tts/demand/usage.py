"""What was made on whose account, what it cost, and how much more may be made today.

An account is what stands before the dot in a listener's name: speech knows no people. Limits count
the characters that speech models with a price made today (in UTC); what is there already is heard
beyond any limit.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models import F, QuerySet, Sum
from django.utils import timezone

from tts.models import AudioVariant, SpeechModel, Usage

MILLION = 1_000_000
PERSON_IS_OVER = (
    "Your limit of {limit:,} characters a day is reached. What has been made already plays on; new "
    "sounds are made from tomorrow on, or in a voice that costs nothing."
)
INSTALLATION_IS_OVER = (
    "The limit of this installation, {limit:,} characters a day, is reached. What has been made "
    "already plays on; new sounds are made from tomorrow on, or in a voice that costs nothing."
)


def account_of(listener: str) -> str:
    return listener.partition(".")[0]


def today() -> date:
    return timezone.now().date()


def cost_of(variant: AudioVariant) -> Decimal:
    """Return what making this sound costs, in the currency of its model's price."""
    return len(variant.text) * variant.voice.speech_model.price_per_million / MILLION


def note(account: str, variant: AudioVariant) -> None:
    """Put a sound that was made on an account."""
    made: dict[str, Any] = {
        "sounds": 1,
        "characters": len(variant.text),
        "milliseconds": variant.duration_ms or 0,
        "cost": cost_of(variant),
    }
    which = {"day": today(), "account": account, "speech_model": variant.voice.speech_model}
    more = {name: F(name) + value for name, value in made.items()}
    if not Usage.objects.filter(**which).update(**more):  # all but the day's first
        Usage.objects.update_or_create(**which, defaults=more, create_defaults=made)


def is_counted(model: SpeechModel) -> bool:
    """Tell whether some limit holds for what this model makes."""
    limits = settings.DAILY_CHARACTERS_PER_PERSON or settings.DAILY_CHARACTERS
    return bool(model.price_per_million and limits)


def left(account: str, model: SpeechModel) -> tuple[int | None, str]:
    """Return how many characters more may be made (None: any number), and which limit says so."""
    if not is_counted(model):
        return None, ""
    least, words = None, ""
    counted = Usage.objects.filter(day=today(), speech_model__price_per_million__gt=0)
    if limit := settings.DAILY_CHARACTERS_PER_PERSON:
        least = limit - _characters(counted.filter(account=account))
        words = PERSON_IS_OVER.format(limit=limit)
    if limit := settings.DAILY_CHARACTERS:
        rest = limit - _characters(counted)
        if least is None or rest < least:
            least, words = rest, INSTALLATION_IS_OVER.format(limit=limit)
    return max(0, least or 0), words


def _characters(usage: QuerySet[Usage]) -> int:
    return int(usage.aggregate(sum=Sum("characters"))["sum"] or 0)
