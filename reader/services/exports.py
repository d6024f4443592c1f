"""Having a document made into a file to take along."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

import redis
import structlog
from django.db import transaction
from django.db.models import Sum

from tts import clock
from tts.demand import pace
from tts.demand.usage import MILLION
from tts.models import Voice

from .. import tasks
from ..exporting import files, job
from ..exporting.gathering import Choice, recipe_of, variants_of
from ..exporting.writers import KINDS, Kind
from ..listening import ListeningVoice
from ..models import Document, Export, User
from . import quota

log = structlog.get_logger(__name__)

# About how long a character of text is heard: 15 of them in a second.
MS_PER_CHARACTER = 65
USUAL_PACE = 20.0  # times real time, of a model that has not spoken lately
MOST_UNDER_WAY = 20
STOPPED = "You stopped this."


class ExportRefused(Exception):
    """It is not begun; in words for a person."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """About how large an export will be, how long it takes, and what it costs."""

    bytes: int
    sound_seconds: int
    seconds: int  # until it is there
    characters: int  # to be spoken yet
    cost: Decimal  # in the currency of the voice's price

    @property
    def minutes(self) -> int:
        return round(self.sound_seconds / 60)

    @property
    def hours(self) -> float:
        return round(self.sound_seconds / 3600, 1)

    @property
    def minutes_to_make(self) -> int:
        return round(self.seconds / 60)


def begin_export(
    *,
    document: Document,
    person: User,
    kind: str,
    voice: Voice | None,
    chapters: Sequence[int] | None = None,
    in_feed: bool = False,
) -> Export:
    """Have a file made of a document. Raises ExportRefused.

    ``kind``: a slug of ``KINDS``. ``voice``: needed by all kinds but the text. ``chapters``: first
    blocks of lines of the contents; None: all but those that the person skips.
    """
    known = _kind(kind)
    if document.status != Document.Status.READY:
        raise ExportRefused("This document is not ready yet. Wait until all of it is there.")
    if known.has_voice and voice is None:
        raise ExportRefused("Choose a voice first: this kind of file is spoken.")
    if Export.objects.under_way().filter(owner=person).count() >= MOST_UNDER_WAY:
        raise ExportRefused(
            f"{MOST_UNDER_WAY} exports are being made for you. Wait for one, or stop one."
        )
    chosen = sorted(set(chapters)) if chapters is not None else None
    choice = Choice.of(document, person, chosen)
    if choice.ranges == [] or not choice.blocks().exists():
        raise ExportRefused("There is nothing in what you chose. Choose a chapter.")
    expected = _estimate(choice, person, known, voice)
    if refused := quota.refusal_of_export(person, more_bytes=expected.bytes):
        raise ExportRefused(refused)
    listening = _listening(document, person, voice) if known.has_voice else None
    with transaction.atomic():
        export = Export.objects.create(
            document=document,
            owner=person,
            kind=kind,
            voice=voice if known.has_voice else None,
            voice_name=voice.name if voice and known.has_voice else "",
            chapters=chosen,
            recipe_hash=recipe_of(listening),
            text_hash=choice.text_hash,
            in_feed=in_feed,
        )
    # Robust: with Redis away it is begun later.
    transaction.on_commit(lambda: tasks.send_export(export), robust=True)
    log.info("export.begun", export=str(export.uuid), document=str(document.uuid), kind=kind)
    return export


def stop_export(*, export: Export) -> None:
    """End an export that is under way; nothing of it stays. The sounds that were made do."""
    ended = (
        Export.objects.under_way()
        .filter(pk=export.pk)
        .update(
            status=Export.Status.STOPPED,
            error=STOPPED,
            lease_until=None,
            finished_at=clock.now(),
            changed_at=clock.now(),
        )
    )
    export.refresh_from_db()
    if ended:
        files.discard(export.uuid.hex)
        log.info("export.stopped", export=str(export.uuid))
        job.tell(export)


def delete_export(*, export: Export) -> None:
    """Delete an export with its file."""
    log.info("export.deleted", export=str(export.uuid))
    export.delete()


def estimate(
    *,
    document: Document,
    person: User,
    kind: str,
    voice: Voice | None,
    chapters: Sequence[int] | None = None,
) -> Estimate:
    """Tell beforehand what an export would be like. Raises ExportRefused for an unknown kind."""
    return _estimate(Choice.of(document, person, chapters), person, _kind(kind), voice)


def why_out_of_date(export: Export) -> str:
    """Return in words what has changed since an export was made; empty: nothing has."""
    return out_of_date([export])[export.pk]


def out_of_date(made: Iterable[Export]) -> dict[int, str]:
    """Return the same of several by their ids; what they have in common is looked up once."""
    texts: dict[tuple[object, ...], str] = {}
    recipes: dict[tuple[object, ...], str] = {}
    made = list(made)
    places = {str(export.document.uuid) for export in made}
    voices = {voice.pk: voice for voice in Voice.objects.usable(*places)}

    def why(export: Export) -> str:
        if export.status != Export.Status.DONE:
            return ""
        part = (export.document_id, export.owner_id, repr(export.chapters))
        if part not in texts:
            texts[part] = Choice.of(export.document, export.owner, export.chapters).text_hash
        if texts[part] != export.text_hash:
            return "The document has changed since this was made."
        if not KINDS[export.kind].has_voice:
            return ""
        voice = voices.get(export.voice_id or 0)
        if voice is None:
            return "Its voice is not offered any more."
        heard = (export.document_id, export.owner_id, voice.pk)
        if heard not in recipes:
            recipes[heard] = recipe_of(_listening(export.document, export.owner, voice))
        return "" if recipes[heard] == export.recipe_hash else "Its voice sounds different now."

    return {export.pk: why(export) for export in made}


def _kind(slug: str) -> Kind:
    if slug not in KINDS:
        raise ExportRefused(f"There is no such kind of file. There are: {', '.join(KINDS)}.")
    return KINDS[slug]


def _listening(document: Document, person: User, voice: Voice | None) -> ListeningVoice | None:
    return ListeningVoice.of(voice, document=document, listener=person) if voice else None


def _estimate(choice: Choice, person: User, kind: Kind, voice: Voice | None) -> Estimate:
    listening = _listening(choice.document, person, voice) if kind.has_voice else None
    if voice is None or listening is None:
        size = choice.blocks().aggregate(sum=Sum("characters"))["sum"] or 0
        return Estimate(int(size), 0, 1, 0, Decimal(0))
    blocks = list(choice.spoken().only("pk", "idx", "kind", "language", "text_hash", "characters"))
    stored = variants_of(blocks, listening)
    missing = [block for block in blocks if block.pk not in stored]
    characters = sum(block.characters for block in missing)
    known_ms = sum(variant.duration_ms or 0 for variant in stored.values())
    known_characters = sum(block.characters for block in blocks if block.pk in stored)
    rate = known_ms / known_characters if known_characters > 500 else MS_PER_CHARACTER
    sound_ms = known_ms + characters * rate + person.pause_ms * len(blocks)
    model = voice.speech_model
    try:
        recent = pace.recent().get(model.pk)
    except (redis.RedisError, OSError):
        recent = None
    times = max(0.1, recent.times_real_time if recent else USUAL_PACE)
    seconds = characters * rate / 1000 / times + sound_ms / 1000 / max(1, kind.times_real_time)
    own = sum(
        block.characters
        for block in missing
        if listening.for_text(block.text_hash, block.language) is listening
    )
    return Estimate(
        bytes=round(sound_ms / 1000 * kind.bytes_per_second),
        sound_seconds=round(sound_ms / 1000),
        seconds=max(1, round(seconds)),
        characters=characters,
        cost=Decimal(own) * model.price_per_million / MILLION,
    )
