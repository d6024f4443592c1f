"""Give turns, and take one: claim what a model should make next, and make it.

Whoever asks writes the want first and then looks whether a turn is on its way. A turn that finds
nothing clears what it passed over first and then looks for wants again. So whichever comes first,
no wanted row is ever without a turn.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from functools import partial

import structlog
from celery import current_app
from django.db import transaction

from tts import clock
from tts.demand import breaker, limits, usage, wants
from tts.engines import get_ready, is_here
from tts.models import AudioVariant, SpeechModel, Status, hashes_of

from .attempts import about, make

log = structlog.get_logger(__name__)

TAKE_TURN = "tts.tasks.take_turn"
# So many turns are sent at once to a model whose rate alone is limited.
TURNS_AT_ONCE = 8
# So many candidates are read at first, and at once after that.
FIRST_READ, NEXT_READ = 3, 64
# So often is a turn passed on by machines that lack the voice; then it is sent again by recovery.
MOST_PASSES = 2


def give_turns(model: SpeechModel, variant_ids: Sequence[uuid.UUID]) -> int:
    """Send a turn for each of these that is due and has none on its way; return how many."""
    if not variant_ids:
        return 0
    count = (
        AudioVariant.objects.without_turn()
        .filter(pk__in=variant_ids)
        .update(enqueued_at=clock.now())
    )
    for _ in range(count):
        transaction.on_commit(partial(send_turn, model))
    return count


def send_turn(model: SpeechModel, passed: int = 0) -> None:
    """Send a turn: whoever takes it makes what this model should make next.

    ``passed``: how many machines that lack the voice have passed it on.
    """
    current_app.send_task(TAKE_TURN, args=[model.pk, passed], queue=model.engine)
    log.debug("turn.sent", model=model.model_slug, passed=passed)


def take_turn(model: SpeechModel, passed: int = 0) -> AudioVariant | None:
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
            pass_over(model, passed)
    elif (limits.is_limited(model) or variant.voice.engine_version) and any(_wanted(model)):
        # Also where voices are files: turns that this machine should have may have gone astray.
        send_turn(model)
    return variant


def pass_over(model: SpeechModel, passed: int = 0) -> None:
    """Clear the turns of what nobody wants, then look once more for what came in between.

    What only another machine can make is left to it: the turn is passed on a few times.
    """
    AudioVariant.objects.filter(
        voice__speech_model=model, status=Status.QUEUED, enqueued_at__isnull=False
    ).update(enqueued_at=None)
    wanted = [variant for variant, _ in _wanted(model)]
    here = [variant.pk for variant in wanted if _may_be_made_here(variant)]
    give_turns(model, here)
    if elsewhere := [variant.pk for variant in wanted if variant.pk not in here]:
        AudioVariant.objects.without_turn().filter(pk__in=elsewhere).update(enqueued_at=clock.now())
        if passed < MOST_PASSES:
            send_turn(model, passed + 1)


def resume(model: SpeechModel) -> None:
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


def _wanted(model: SpeechModel) -> Iterator[tuple[AudioVariant, wants.Candidate]]:
    """Yield the due variants that are wanted of the model, what is to be made first in front.

    They are read a few at a time: mostly the first one is claimed, and nobody looks at the others.
    """
    candidates = wants.upcoming(model.pk)
    begin, count = 0, FIRST_READ
    yielded: set[str] = set()
    while stretch := candidates[begin : begin + count]:
        hashes = [hashes_of(candidate.key) for candidate in stretch]
        rows = (
            AudioVariant.objects.due()
            .filter(
                recipe_hash__in={recipe for _, recipe in hashes},
                text_hash__in={text for text, _ in hashes},
            )
            .select_related("voice__speech_model")
        )
        by_key = {variant.key: variant for variant in rows}
        for candidate in stretch:
            if candidate.key in by_key and candidate.key not in yielded:
                yielded.add(candidate.key)
                yield by_key[candidate.key], candidate
        begin, count = begin + count, NEXT_READ


def _claim_next(model: SpeechModel) -> tuple[AudioVariant, str] | None:
    """Claim what is to be made next; return it, and on whose account."""
    for variant, candidate in _wanted(model):
        if not _may_be_made_here(variant):
            continue
        account = usage.account_of(candidate.listener)
        characters, _ = usage.left(account, model)
        if characters is not None and characters < len(variant.text):
            continue  # others of this account were made meanwhile; its listener is told
        get_ready(model.engine, variant.voice.engine_voice)
        if variant.claim():
            wants.take(model.pk, candidate)
            log.info("variant.claimed", listener=candidate.listener, **about(variant))
            return variant, account
    return None


def _may_be_made_here(variant: AudioVariant) -> bool:
    """Tell whether this machine has the voice; a voice that is gone everywhere fails anywhere."""
    voice = variant.voice
    return not voice.is_offered or is_here(
        voice.speech_model.engine, voice.engine_voice, voice.engine_version
    )
