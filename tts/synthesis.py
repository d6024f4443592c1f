"""Ask for variants, take a turn, make one.

Asking writes the want first and then looks whether a turn is on its way. A turn that finds
nothing clears what it passed over first and then looks for wants again. So whichever comes first,
no wanted row is ever without a turn.
"""

from __future__ import annotations

import random
import time
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

import structlog
from celery import current_app
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.utils import timezone

from . import breaker, events, limits, pace, usage, wants
from .audio import FORMATS, AudioFormat, format_of
from .breaker import Outage
from .engines import engine_named
from .evenness import gain_of
from .making import Made, NoLongerOurs, speak_and_encode
from .models import AudioVariant, MarksSource, SpeechModel, Status, Voice, digest, hashes_of
from .speech import SpeechError

log = structlog.get_logger(__name__)

# A failure that will not pass by itself is forgotten after this long: someone may have mended it.
ERROR_IS_FRESH = timedelta(minutes=10)
FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 60.0
TAKE_TURN = "tts.tasks.take_turn"
ALIGN = "tts.tasks.align"
ALIGNMENT = "alignment"  # its queue
# A sound that was not aligned by then has lost its message.
ALIGNMENT_IS_LOST_AFTER = timedelta(minutes=2)
ALIGNED_AT_ONCE = 100
# So many turns are sent at once to a model whose rate alone is limited.
TURNS_AT_ONCE = 8
# Below every database's limit of variables in one statement.
DELETE_BATCH = 500

# Spoken text and language by text hash, asked for only where there is no row yet.
Texts = Callable[[Sequence[str]], Mapping[str, tuple[str, str]]]


def audio_format(name: str = "") -> AudioFormat:
    """Return a format by its name; the installation's own for an empty one or one unknown."""
    return FORMATS.get(name) or FORMATS[settings.AUDIO_FORMAT]


def recipe_hash(voice: Voice, sound: str = "") -> str:
    """Hash everything besides the text that makes this voice's sound what it is.

    ``sound``: the name of the format that it is stored in.
    """
    model = voice.speech_model
    return digest(
        model.engine,
        engine_named(model.engine).version,
        model.base_url,
        model.engine_model,
        "pcm with words" if model.tells_words else model.asked_format,
        voice.engine_voice,
        voice.language,
        repr(sorted({**model.parameters, **voice.parameters}.items())),
        audio_format(sound).recipe,
        f"{settings.LOUDNESS} LUFS",
    )


# --- asking -------------------------------------------------------------------------------------


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
    created: dict[str, AudioVariant] = {}
    if missing := [text_hash for text_hash in ranks if text_hash not in variants]:
        created = create(recipe, voice, texts(missing), audio_format(sound))
        variants |= created or find(recipe, missing)
    for variant in variants.values():
        again = variant.status == Status.ERROR and (retry or is_forgotten(variant))
        if again and not variant.start_over():  # someone else was sooner
            variant.refresh_from_db()
    unfinished = {
        variant.key: ranks[text_hash]
        for text_hash, variant in variants.items()
        if variant.status in (Status.QUEUED, Status.PROCESSING)
    }
    if retry and breaker.reset(model):  # someone may have mended it: one more request finds out
        log.info("model.tried_again", model=model.model_slug)
    wants.replace(model.pk, listener, unfinished)
    # The rows just added are marked as having a turn on its way: it is sent here.
    queued = [variant for variant in variants.values() if variant.status == Status.QUEUED]
    for _ in created:
        transaction.on_commit(partial(send_turn, model))
    give_turns(model, [variant.pk for variant in queued if variant.text_hash not in created])
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


def give_turns(model: SpeechModel, variant_ids: Sequence[uuid.UUID]) -> int:
    """Send a turn for each of these that is due and has none on its way; return how many."""
    if not variant_ids:
        return 0
    count = (
        AudioVariant.objects.without_turn()
        .filter(pk__in=variant_ids)
        .update(enqueued_at=timezone.now())
    )
    for _ in range(count):
        transaction.on_commit(partial(send_turn, model))
    return count


def send_turn(model: SpeechModel) -> None:
    """Send a turn: whoever takes it makes what this model should make next."""
    current_app.send_task(TAKE_TURN, args=[model.pk], queue=model.engine)
    log.debug("turn.sent", model=model.model_slug)


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
    now = timezone.now() if with_turn else None
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


def is_due(variant: AudioVariant) -> bool:
    """Tell whether no pause before its next attempt has to be waited for."""
    return variant.not_before is None or variant.not_before <= timezone.now()


def is_forgotten(variant: AudioVariant) -> bool:
    """Tell whether a failure is so old that it may have passed."""
    return variant.changed_at < timezone.now() - ERROR_IS_FRESH


# --- taking a turn ------------------------------------------------------------------------------


def take_turn(model: SpeechModel) -> AudioVariant | None:
    """Make what this model should make next; return it, or None if there was nothing to do."""
    log.debug("turn.begun", model=model.model_slug)
    holder = uuid.uuid4().hex
    if not limits.acquire(model, holder):
        return None  # whoever gives a slot back looks what the model should make next
    variant, outage = None, None
    try:
        known = breaker.outages(model)
        outage = breaker.hold(model) if known else None
        claimed = _claim_next(model) if outage is None or outage.lasting else None
        if claimed:
            variant, account = claimed
            outage = outage or known.get(str(variant.voice_id))
            make(variant, outage=outage, on_alive=lambda: limits.renew(model, holder))
            if variant.status == Status.CACHED:
                usage.note(account, variant)
            if known and variant.status == Status.CACHED:
                breaker.reset(model)
                log.info("model.in_order_again", model=model.model_slug)
                pass_over(model)
    finally:
        limits.release(model, holder, unused=variant is None or outage is not None)
    # The slot is free before the last look: a turn that still found it taken came before that.
    if variant is None:
        if outage is None:  # else the turns are sent again when the pause is over
            pass_over(model)
    elif limits.is_limited(model) and _wanted(model):
        send_turn(model)
    return variant


def pass_over(model: SpeechModel) -> None:
    """Clear the turns of what nobody wants, then look once more for what came in between."""
    AudioVariant.objects.filter(
        voice__speech_model=model, status=Status.QUEUED, enqueued_at__isnull=False
    ).update(enqueued_at=None)
    give_turns(model, [variant.pk for variant, _ in _wanted(model)])


def _wanted(model: SpeechModel) -> list[tuple[AudioVariant, wants.Candidate]]:
    """Return the due variants that are wanted of the model, what is to be made first in front."""
    candidates = wants.upcoming(model.pk)
    if not candidates:
        return []
    hashes = [hashes_of(candidate.key) for candidate in candidates]
    rows = (
        AudioVariant.objects.due()
        .filter(
            recipe_hash__in={recipe for _, recipe in hashes},
            text_hash__in={text for text, _ in hashes},
        )
        .select_related("voice__speech_model")
    )
    by_key = {variant.key: variant for variant in rows}
    return [
        (by_key.pop(candidate.key), candidate)
        for candidate in candidates
        if candidate.key in by_key
    ]


def _claim_next(model: SpeechModel) -> tuple[AudioVariant, str] | None:
    """Claim what is to be made next; return it, and on whose account."""
    for variant, candidate in _wanted(model):
        account = usage.account_of(candidate.listener)
        characters, _ = usage.left(account, model)
        if characters is not None and characters < len(variant.text):
            continue  # others of this account were made meanwhile; its listener is told
        if variant.claim():
            wants.take(model.pk, candidate)
            log.info("variant.claimed", listener=candidate.listener, **_about(variant))
            return variant, account
    return None


# --- making -------------------------------------------------------------------------------------


def make(
    variant: AudioVariant,
    *,
    outage: Outage | None = None,
    on_alive: Callable[[], None] = lambda: None,
) -> None:
    """Make a claimed variant: speak, encode, check, store, tell. Nothing half done stays.

    With an outage it fails as others did before, and the engine is not asked.
    """
    began, started = time.time(), time.perf_counter()
    try:
        sound = format_of(variant.content_type)
        if recipe_hash(variant.voice, sound.name) != variant.recipe_hash:
            raise SpeechError("This voice was changed meanwhile. Reload the page to hear it.")
        if outage:
            raise SpeechError(outage.message, retryable=not outage.lasting, advice=outage.advice)
        gain_db = gain_of(variant.voice, recipe_hash(variant.voice))
        made = speak_and_encode(variant, sound, gain_db=gain_db, on_alive=on_alive)
    except NoLongerOurs:
        log.warning("variant.lost", **_about(variant))
    except SpeechError as error:
        _fail(variant, error, began)
    except Exception as error:
        # A defect of ours or of an engine: bounded tries, told, and logged whole.
        log.exception("variant.crashed", **_about(variant))
        _fail(
            variant,
            SpeechError(
                f"Making this sound failed unexpectedly ({type(error).__name__}).", retryable=True
            ),
            began,
        )
    else:
        _store(variant, made, started)


def _store(variant: AudioVariant, made: Made, started: float) -> None:
    extension = format_of(variant.content_type).extension
    path = f"audio/{variant.pk.hex[:2]}/{variant.pk.hex}-{variant.sound_revision}.{extension}"
    path = default_storage.save(path, ContentFile(made.sound))
    synthesis_ms = (time.perf_counter() - started) * 1000
    try:
        stored = variant.move(
            Status.CACHED,
            file=path,
            bytes=len(made.sound),
            duration_ms=made.duration_ms,
            lead_ms=made.lead_ms,
            trail_ms=made.trail_ms,
            marks=made.marks,
            marks_source=MarksSource.ENGINE if made.marks else "",
            engine_ms=made.engine_ms,
            encoder_ms=made.encoder_ms,
            synthesis_ms=synthesis_ms,
            cost=usage.cost_of(variant),
            retryable=True,
        )
    except BaseException:
        default_storage.delete(path)  # the lease expires, and another attempt makes it
        raise
    if not stored:  # given to another worker meanwhile, or deleted with its document
        default_storage.delete(path)
        log.warning("variant.lost", **_about(variant))
        return
    events.variant_changed(variant)
    pace.note(
        variant.voice.speech_model,
        first_ms=made.first_ms,
        duration_ms=made.duration_ms,
        made_in_ms=synthesis_ms,
    )
    if not made.marks:
        send_alignment(variant)
    log.info(
        "variant.cached",
        bytes=variant.bytes,
        duration_ms=variant.duration_ms,
        engine_ms=round(made.engine_ms, 1),
        encoder_ms=round(made.encoder_ms, 1),
        synthesis_ms=round(synthesis_ms, 1),
        **_about(variant),
    )


def send_alignment(variant: AudioVariant) -> None:
    """Have the times of a sound's words found, by whoever has time: the sound itself is out."""
    current_app.send_task(ALIGN, args=[str(variant.pk)], queue=ALIGNMENT)


def _fail(variant: AudioVariant, error: SpeechError, began: float) -> None:
    pause, most = _pause(variant.attempt), settings.SPEECH_MAX_ATTEMPTS
    if error.scope != "text":
        # The failure is the model's, not this text's: it waits with all others for the next try.
        outage = breaker.trip(variant, error, began)
        pause, most = outage.pause_seconds, settings.SPEECH_MAX_PROBES
    again = error.retryable and variant.attempt < most
    if again:
        wait = timedelta(seconds=error.retry_after or pause)
        moved = variant.requeue(error=error.message, pause=wait)
    else:
        moved = variant.move(Status.ERROR, error=error.message, retryable=error.retryable)
    if moved:
        events.variant_changed(variant)
    log.warning(
        "variant.failed",
        again=again,
        reason=error.message,
        advice=error.advice,
        scope=error.scope,
        **_about(variant),
    )


def _pause(attempt: int) -> float:
    """Return the pause before the next attempt in seconds: doubling, jittered by a half."""
    pause = min(LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2.0 ** (attempt - 1))
    return pause * random.uniform(0.5, 1.0)


def _about(variant: AudioVariant) -> dict[str, object]:
    return {
        "variant": str(variant.pk),
        "key": variant.key,
        "voice": variant.voice.voice_slug,
        "model": variant.voice.speech_model.model_slug,
        "attempt": variant.attempt,
        "revision": variant.revision,
    }


# --- recovering ---------------------------------------------------------------------------------


def recover() -> None:
    """Give back what dead workers hold, and send again the turns that were lost or had to wait."""
    for variant in AudioVariant.objects.expired().select_related("voice__speech_model"):
        log.warning("variant.lease_expired", **_about(variant))
        died = SpeechError("The worker that made this sound died.", retryable=True)
        _fail(variant, died, time.time())
    for model in SpeechModel.objects.filter(enabled=True):
        _resume(model)


def recover_alignments() -> None:
    """Send again for alignment what has waited for it suspiciously long."""
    late = timezone.now() - ALIGNMENT_IS_LOST_AFTER
    waiting = AudioVariant.objects.unaligned().filter(changed_at__lt=late).order_by("changed_at")
    for variant in waiting.defer("text")[:ALIGNED_AT_ONCE]:
        send_alignment(variant)


def _resume(model: SpeechModel) -> None:
    """Send the turns that what is wanted of this model lacks."""
    wanted = [variant.pk for variant, _ in _wanted(model)]
    outage = breaker.outages(model).get(breaker.MODEL)
    if outage and not outage.lasting:
        if wanted and not outage.pause_seconds:
            send_turn(model)  # one that tries whether it is in order again
    elif limits.is_limited(model):
        # Turns that found the model at its limit ended; these find out whether it still is.
        for _ in wanted[: model.concurrency or TURNS_AT_ONCE]:
            send_turn(model)
    else:
        give_turns(model, wanted)


def sound_is_gone(variant: AudioVariant) -> None:
    """Put a cached variant whose file is missing or damaged back in the queue, and tell."""
    path = variant.file.name
    if variant.start_over():
        if path:  # what is left of it, if anything
            default_storage.delete(path)
        log.warning("variant.file_gone", **_about(variant))
        events.variant_changed(variant)


def make_again(variants: Iterable[AudioVariant]) -> int:
    """Forget these sounds and failures, so that they are made anew when wanted."""
    count = 0
    for variant in variants:
        path = variant.file.name
        if variant.status != Status.PROCESSING and variant.start_over():
            if path:
                default_storage.delete(path)
            events.variant_changed(variant)
            count += 1
    return count


def delete(variants: Iterable[AudioVariant]) -> int:
    """Delete variants, and their files once that is committed."""
    variants = list(variants)
    with transaction.atomic():
        for first in range(0, len(variants), DELETE_BATCH):
            batch = [variant.pk for variant in variants[first : first + DELETE_BATCH]]
            AudioVariant.objects.filter(pk__in=batch).delete()
        for path in [str(variant.file) for variant in variants if variant.file]:
            # One file that cannot be deleted keeps no other from it.
            transaction.on_commit(partial(default_storage.delete, path), robust=True)
    return len(variants)
