"""How a person listens to a document: voice, speed, skipped chapters, and where they are."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.db.models import Q

from tts.delivery.events import publish
from tts.models import Voice

from .. import events
from ..listening import VoicesByLanguage, base_of, speaks, usual_voices
from ..models import Document, DocumentPreferences, LanguageVoice, Position, User

ROBOTIC_ENGINE = "espeak"
NATURAL_VOICE, NATURAL_LANGUAGE = ("hibari", "heart"), "en"


def preferences_of(user: User, document: Document) -> DocumentPreferences:
    """Return what this person chose for a document; there is no row before the first choice."""
    found = DocumentPreferences.objects.filter(user=user, document=document).first()
    chosen = found or DocumentPreferences()
    chosen.user, chosen.document = user, document
    return chosen


def voice_of(preferences: DocumentPreferences) -> Voice | None:
    """Return the voice a person hears a document in at first."""
    return voices_of([preferences])[0]


def voices_of(
    preferences: Sequence[DocumentPreferences], by_language: VoicesByLanguage | None = None
) -> list[Voice | None]:
    """Return the voice in which each document is heard at first, by whom the preferences are of.

    The one chosen for the document, else its own narrator, else the usual one of its language. One
    that cannot be used any more counts as not chosen.
    """
    chosen = {each.voice_id for each in preferences if each.voice_id}
    books = {str(each.document.uuid) for each in preferences if each.document.kind == "epub"}
    here: list[Voice] = []
    if chosen or books:
        usable = Voice.objects.usable(*(str(each.document.uuid) for each in preferences))
        here = list(usable.filter(Q(pk__in=chosen) | Q(reserved_for__in=books)))
    voices = [_own_voice(each, here) for each in preferences]
    others = [each for each, voice in zip(preferences, voices, strict=True) if voice is None]
    usual = iter(
        usual_voices([(each.user, base_of(each.document.language)) for each in others], by_language)
    )
    return [voice or next(usual) for voice in voices]


def _own_voice(preferences: DocumentPreferences, voices: Sequence[Voice]) -> Voice | None:
    """Return which of these voices is chosen for a document, or is its narrator."""
    document = preferences.document
    here = [voice for voice in voices if voice.reserved_for in ("", str(document.uuid))]
    chosen = (voice for voice in here if voice.pk == preferences.voice_id)
    narrators = (voice for voice in here if voice.reserved_for and document.kind == "epub")
    return next(chosen, None) or next(narrators, None)


def voice_to_offer(preferences: DocumentPreferences, heard: Voice | None) -> Voice | None:
    """Return the natural voice to offer, once, to who hears an English document in a robotic one.

    Who listened before there was one keeps their voice, and may not know of it.
    """
    user, language = preferences.user, base_of(preferences.document.language)
    if user.natural_voice_offered or language != NATURAL_LANGUAGE:
        return None
    if heard is None or heard.speech_model.engine != ROBOTIC_ENGINE:
        return None
    return Voice.objects.by_slugs(*NATURAL_VOICE).first()


def offer_no_more(user: User) -> None:
    """The natural voice was taken, or dismissed: either way it is not offered again."""
    User.objects.filter(pk=user.pk).update(natural_voice_offered=True)


@transaction.atomic
def choose_voice(*, user: User, document: Document, voice: Voice) -> None:
    """Keep a voice that was chosen on a document's page, for whatever else it is meant too.

    It holds for the document. If it speaks the document's language, it holds for all documents of
    that language; and it becomes the usual one if there is none, or if the usual one is of that
    language as well: so who reads in two languages by turns never loses the one for the other. A
    voice that does not speak the document's language was meant for this document alone, and so is
    its narrator.
    """
    DocumentPreferences.objects.update_or_create(
        user=user, document=document, defaults={"voice": voice}
    )
    language = base_of(document.language)[:8]
    if voice.reserved_for or (language and not speaks(voice, language)):
        return
    if language:
        LanguageVoice.objects.update_or_create(
            user=user, language=language, defaults={"voice": voice}
        )
    usual = Voice.objects.usable().filter(pk=user.voice_id).first() if user.voice_id else None
    if not language or usual is None or speaks(usual, language):
        User.objects.filter(pk=user.pk).update(voice=voice)


def choose_speed(*, user: User, document: Document, speed: float) -> None:
    """Keep a speed that was chosen on a document's page: for it, and as the usual one."""
    DocumentPreferences.objects.update_or_create(
        user=user, document=document, defaults={"speed": speed}
    )
    User.objects.filter(pk=user.pk).update(speed=speed)


def speed_of(preferences: DocumentPreferences) -> float:
    """Return how fast a person listens to a document."""
    own = preferences.speed
    return preferences.user.speed if own is None else own


def usual_voice_changed(user: User) -> None:
    """The usual voice was chosen anew: it holds for its language, whatever was chosen before."""
    if user.voice:
        language = base_of(user.voice.language)
        LanguageVoice.objects.filter(user=user, language=language).delete()


def fold_chapters(*, user: User, document: Document, folded: Sequence[int]) -> None:
    """Keep which chapters this person skips."""
    DocumentPreferences.objects.update_or_create(
        user=user, document=document, defaults={"folded": sorted(set(folded))}
    )


def save_position(*, user: User, document: Document, block_idx: int, offset_ms: int) -> None:
    """Keep where the person is."""
    Position.objects.update_or_create(
        user=user,
        document=document,
        defaults={"block_idx": block_idx, "offset_ms": offset_ms},
    )


def move_to(*, user: User, document: Document, block_idx: int, offset_ms: int) -> None:
    """Keep where the person is, as a program says, and tell the open pages."""
    save_position(user=user, document=document, block_idx=block_idx, offset_ms=offset_ms)
    group = events.listening_group(user.pk, document.uuid)
    publish(group, events.position_message("", block_idx, offset_ms))
