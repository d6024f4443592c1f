"""Texts that programs have spoken, without a document: cut, given to voices, kept for a while."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from tts.models import Voice
from tts.saying import Line, Saying

from ..extraction.language import language_of
from ..extraction.plain.decoding import clean
from ..extraction.segmentation import unit_ranges
from ..listening import Choice, can_speak
from ..models import SpokenText, User
from . import wanting

LONGEST_TEXT = 100_000


class NothingToSay(ValueError):
    """There are no words in a text."""


def begin_saying(*, user: User, text: str, voice: Voice) -> Saying:
    """Have a text spoken on a person's account. Raises NothingToSay.

    A passage that the voice cannot speak is read in one that can. The sounds belong to the account,
    and are kept for SPEECH_API_KEPT_HOURS.
    """
    lines = list(lines_of(user=user, text=text, voice=voice))
    if not lines:
        raise NothingToSay
    kept_until = timezone.now() + timedelta(hours=settings.SPEECH_API_KEPT_HOURS)
    hashes = dict.fromkeys(line.text_hash for line in lines)
    SpokenText.objects.bulk_create(
        [SpokenText(user=user, text_hash=each, kept_until=kept_until) for each in hashes],
        update_conflicts=True,
        unique_fields=["user", "text_hash"],
        update_fields=["kept_until"],
    )
    listener = wanting.listener_of(user, f"speech-{uuid.uuid4().hex}")
    return Saying(lines, listener=listener)


def lines_of(*, user: User, text: str, voice: Voice) -> Iterator[Line]:
    """Yield what is said in one breath each, by whom."""
    choice: Choice | None = None
    cleaned = clean(text)
    for paragraph in cleaned.split("\n\n"):
        language = language_of(paragraph, voice.language)
        for start, end in unit_ranges(paragraph, language):
            words = " ".join(paragraph[start:end].split())
            if not any(map(str.isalnum, words)):
                continue
            speaker = voice
            if not can_speak(voice, language):
                choice = choice or Choice.of(user)
                speaker = choice.best(language, near=voice.speech_model) or voice
            yield Line(words, language, speaker)
