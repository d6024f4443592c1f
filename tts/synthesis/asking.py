"""Ask for variants: what there is already, what is to be made, what a limit of use forbids."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import structlog
from django.db import IntegrityError, transaction

from tts import clock
from tts.audio import AudioFormat
from tts.demand import alignments, breaker, heard, preemption, usage, wants
from tts.models import AudioVariant, SpeechModel, Status, Voice

from . import checking, turns
from .recipes import audio_format

log = structlog.get_logger(__name__)

# A failure that will not pass by itself is forgotten after this long: someone may have mended it.
ERROR_IS_FRESH = timedelta(minutes=10)

# Spoken text and language by text hash, asked for only where there is no row yet.
Texts = Callable[[Sequence[str]], Mapping[str, tuple[str, str]]]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What became of a wish: the variants by text hash, and what a limit of use forbids."""

    variants: dict[str, AudioVariant]
    refused: Sequence[str] = ()  # text hashes
    reason: str = ""


def want(
    *,
    listener: str,
    voice: Voice,
    recipe: str,
    ranks: Mapping[str, int],
    texts: Texts,
    sound: str = "",
    retry: bool = False,
) -> Wanted:
    """Make these texts, text hash → rank, all that the listener wants, and see to their making.

    ``recipe`` is that of ``recipe_hash(voice, sound)``.

    The variants come without their texts. Cached ones cost one query.
    """
    model = voice.speech_model
    variants = find(recipe, ranks)
    refused, reason = _beyond_limit(listener, model, ranks, variants, texts)
    if refused:
        ranks = {text_hash: rank for text_hash, rank in ranks.items() if text_hash not in refused}
        variants = {text_hash: variants[text_hash] for text_hash in ranks if text_hash in variants}
    waiting = {variant.key for variant in variants.values() if variant.status == Status.QUEUED}
    created: dict[str, AudioVariant] = {}
    if missing := [text_hash for text_hash in ranks if text_hash not in variants]:
        created = create(recipe, voice, texts(missing), audio_format(sound))
        variants |= created or find(recipe, missing)
    for variant in variants.values():
        if retry and variant.status == Status.CACHED:
            checking.mend(variant)  # somebody could not play it
        again = variant.status == Status.ERROR and (retry or is_forgotten(variant))
        if again and not variant.start_over():  # someone else was sooner
            variant.refresh_from_db()
    queued = {
        variant.key: ranks[text_hash]
        for text_hash, variant in variants.items()
        if variant.status == Status.QUEUED
    }
    # Once: a session asks again and again for what is still to come.
    if any(rank == 0 and key not in waiting for key, rank in queued.items()):
        preemption.note()
    making = [v.key for v in variants.values() if v.status == Status.PROCESSING]
    if retry and breaker.reset(model):  # someone may have mended it: one more request finds out
        log.info("model.tried_again", model=model.model_slug)
    wants.replace(model.pk, listener, queued, making)
    stored = [variant for variant in variants.values() if variant.status == Status.CACHED]
    heard.note(variant.pk for variant in stored)
    alignments.add((each.pk for each in stored if not each.marks_source), soon=True)
    # The rows just added are marked as having a turn on its way: it is sent here.
    turns.send_turns(model, len(created))
    turns.give_turns(
        model,
        [
            variant.pk
            for variant in variants.values()
            if variant.status == Status.QUEUED and variant.text_hash not in created
        ],
    )
    return Wanted(variants, refused, reason)


def _beyond_limit(
    listener: str,
    model: SpeechModel,
    ranks: Mapping[str, int],
    variants: Mapping[str, AudioVariant],
    texts: Texts,
) -> tuple[list[str], str]:
    """Return what would have to be made beyond a limit, least wanted first to go, and its words."""
    characters, words = usage.left(usage.account_of(listener), model)
    if characters is None:
        return [], ""
    unmade = [
        text_hash
        for text_hash in sorted(ranks, key=ranks.__getitem__)
        if text_hash not in variants or variants[text_hash].status in (Status.QUEUED, Status.ERROR)
    ]
    lengths = {text_hash: len(text) for text_hash, (text, _) in texts(unmade).items()}
    refused = []
    for text_hash in unmade:
        characters -= lengths.get(text_hash, 0)
        if characters < 0:
            refused.append(text_hash)
    return refused, words


def find(recipe: str, text_hashes: Iterable[str]) -> dict[str, AudioVariant]:
    """Return the variants that there are of these texts, by text hash, without their texts."""
    rows = AudioVariant.objects.in_recipe(recipe, text_hashes).defer("text")
    return {variant.text_hash: variant for variant in rows}


def create(
    recipe: str,
    voice: Voice,
    texts: Mapping[str, tuple[str, str]],
    sound: AudioFormat,
    *,
    with_turn: bool = True,
) -> dict[str, AudioVariant]:
    """Add a row for each of these texts, marked as having a turn on its way, and return them.

    Nothing is returned when somebody wants the same at the same time: whose row it became is not
    known then, so none is marked.
    """
    now = clock.now() if with_turn else None
    rows = [
        AudioVariant(
            text_hash=text_hash,
            recipe_hash=recipe,
            text=text,
            language=language,
            voice=voice,
            content_type=sound.content_type,
            enqueued_at=now,
        )
        for text_hash, (text, language) in texts.items()
    ]
    try:
        with transaction.atomic():
            AudioVariant.objects.bulk_create(rows)
    except IntegrityError:
        for row in rows:
            row.enqueued_at = None
        AudioVariant.objects.bulk_create(rows, ignore_conflicts=True)
        return {}
    return {row.text_hash: row for row in rows}


def is_forgotten(variant: AudioVariant) -> bool:
    """Tell whether a failure is so old that it may have passed."""
    return variant.changed_at < clock.now() - ERROR_IS_FRESH
