"""One attempt at a claimed variant: it is made, stored and told, or it fails and that is told."""

from __future__ import annotations

import hashlib
import random
import time
from collections.abc import Callable, Iterable
from datetime import timedelta

import structlog
from django.conf import settings

from tts import clock, heartbeat, storage
from tts.audio import format_of
from tts.delivery import events
from tts.demand import alignments, breaker, figures, pace, usage
from tts.demand.breaker import Outage
from tts.models import AudioVariant, MarksSource, Status
from tts.speech import SpeechError
from tts.storage import StorageError
from tts.voices.evenness import gain_of

from .leases import Lease
from .making import Made, NoLongerOurs, NoLongerWanted, silence_of, speak_and_encode
from .recipes import recipe_hash

log = structlog.get_logger(__name__)

FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 60.0
# A storage need not be spared as a server has to be: what is tried is to keep a small file.
LONGEST_STORAGE_PAUSE_SECONDS = 8.0


def make(
    variant: AudioVariant,
    *,
    outage: Outage | None = None,
    on_alive: Callable[[], None] = lambda: None,
    on_slow: Callable[[], None] | None = None,
    rank: int | None = None,
) -> None:
    """Make a claimed variant: speak, encode, check, store, tell. Nothing half done stays.

    With an outage it fails as others did before, and the engine is not asked. ``on_slow`` is called
    when it takes so long that others can help with what else is wanted. ``rank``: that of the wish
    of a listener, 0 if it is what they hear now; then it is broken off when nobody wants it any
    more, unless its model finishes what it has begun.
    """
    began, for_listeners = clock.epoch_seconds(), rank is not None
    try:
        sound = format_of(variant.content_type)
        if recipe_hash(variant.voice, sound.name) != variant.recipe_hash:
            raise SpeechError("This voice was changed meanwhile. Reload the page to hear it.")
        if outage:
            raise SpeechError(outage.message, retryable=not outage.lasting, advice=outage.advice)
        storage.make_sure()
        may_end = for_listeners and not variant.voice.speech_model.finishes
        # Measuring the voice asks the engine too, which may be slow.
        with Lease(variant, on_alive, on_slow=on_slow, may_end=may_end) as lease:
            heartbeat.beat(silence_of(variant.voice.speech_model))
            gain_db = gain_of(variant.voice, recipe_hash(variant.voice))
            started = time.perf_counter()  # what measuring took, once, tells of no pace
            made = speak_and_encode(
                variant, sound, gain_db=gain_db, lease=lease, is_heard_now=rank == 0
            )
            path = storage.keep(_path(variant), made.sound)
    except NoLongerOurs:
        log.warning("variant.lost", **about(variant))
    except NoLongerWanted:
        if variant.requeue(attempt=variant.attempt - 1):  # it did not fail
            events.variant_changed(variant)
        log.info("variant.broken_off", **about(variant))
    except SpeechError as error:
        fail(variant, error, began)
    except Exception as error:
        # A defect of ours or of an engine: bounded tries, told, and logged whole.
        log.exception("variant.crashed", **about(variant))
        fail(
            variant,
            SpeechError(
                f"Making this sound failed unexpectedly ({type(error).__name__}).", retryable=True
            ),
            began,
        )
    else:
        _store(variant, made, path, started, is_heard_soon=for_listeners)


def _path(variant: AudioVariant) -> str:
    extension = format_of(variant.content_type).extension
    return f"audio/{variant.pk.hex[:2]}/{variant.pk.hex}-{variant.sound_revision}.{extension}"


def sound_hash(pieces: Iterable[bytes]) -> str:
    """Return what tells a sound from any other, and from itself when it is damaged."""
    hashed = hashlib.blake2b(digest_size=20)
    for piece in pieces:
        hashed.update(piece)
    return hashed.hexdigest()


def _store(
    variant: AudioVariant, made: Made, path: str, started: float, *, is_heard_soon: bool
) -> None:
    synthesis_ms = (time.perf_counter() - started) * 1000
    try:
        stored = variant.move(
            Status.CACHED,
            file=path,
            bytes=len(made.sound),
            sound_hash=sound_hash([made.sound]),
            checked_at=clock.now(),
            heard_at=clock.now(),
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
        storage.discard(path)  # the lease expires, and another attempt makes it
        raise
    if not stored:  # given to another worker meanwhile, or deleted with its document
        storage.discard(path)
        log.warning("variant.lost", **about(variant))
        return
    events.variant_changed(variant)
    figures.note(made=1)
    if is_heard_soon:  # what is made at leisure, by whoever has time, tells nothing of how fast
        pace.note(
            variant.voice.speech_model,
            first_ms=made.first_ms,
            duration_ms=made.duration_ms,
            made_in_ms=synthesis_ms,
        )
    if not made.marks:
        alignments.add([variant.pk], soon=is_heard_soon)
    log.info(
        "variant.cached",
        bytes=variant.bytes,
        duration_ms=variant.duration_ms,
        engine_ms=round(made.engine_ms, 1),
        encoder_ms=round(made.encoder_ms, 1),
        synthesis_ms=round(synthesis_ms, 1),
        **about(variant),
    )


def fail(variant: AudioVariant, error: SpeechError, began: float) -> None:
    pause, most = _pause(variant.attempt), settings.SPEECH_MAX_ATTEMPTS
    if isinstance(error, StorageError):
        # No fault of this text's: it is tried for as long as a server is.
        pause = _pause(variant.attempt, LONGEST_STORAGE_PAUSE_SECONDS)
        most = round(
            settings.SPEECH_MAX_PROBES * LONGEST_PAUSE_SECONDS / LONGEST_STORAGE_PAUSE_SECONDS
        )
    elif error.scope != "text":
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
        figures.note(**{figures.FAILED: 1})
    log.warning(
        "variant.failed",
        again=again,
        reason=error.message,
        advice=error.advice,
        scope=error.scope,
        **about(variant),
    )


def is_due(variant: AudioVariant) -> bool:
    """Tell whether no pause before its next attempt has to be waited for."""
    return variant.not_before is None or variant.not_before <= clock.now()


def _pause(attempt: int, longest: float = LONGEST_PAUSE_SECONDS) -> float:
    """Return the pause before the next attempt in seconds: doubling, jittered by a half."""
    pause = min(longest, FIRST_PAUSE_SECONDS * 2.0 ** (attempt - 1))
    return pause * random.uniform(0.5, 1.0)


def about(variant: AudioVariant) -> dict[str, object]:
    return {
        "variant": str(variant.pk),
        "key": variant.key,
        "voice": variant.voice.voice_slug,
        "model": variant.voice.speech_model.model_slug,
        "attempt": variant.attempt,
        "revision": variant.revision,
    }
