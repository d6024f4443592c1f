"""Give turns, and take one: claim what a model should make next, and make it.

Whoever asks writes the want first and then looks whether a turn is on its way. A turn that finds
nothing clears what it passed over first and then looks for wants again. So whichever comes first,
no wanted row is ever without a turn.

A turn goes on with what its model should make next, without another message, while something is
wanted: for a while, so that what waits for other models comes between. So there are far fewer
messages than sounds, and a few on their way are enough (``tts.demand.coming``).
"""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from functools import partial

import structlog
from celery import current_app
from django.db import transaction

from tts import clock
from tts.demand import breaker, coming, limits, usage, wants
from tts.engines import get_ready, is_here
from tts.models import AudioVariant, SpeechModel, Status, hashes_of

from . import crowd
from .attempts import about, is_due, make

log = structlog.get_logger(__name__)

TAKE_TURN = "tts.tasks.take_turn"
# So long does a turn go on before others, of other models, have theirs.
GO_ON_SECONDS = 2.0
# And a thread, beside many others.
THREAD_GOES_ON_SECONDS = 20.0
# So many candidates are read at first, and at once after that.
FIRST_READ, NEXT_READ = 3, 64
# So often is a turn passed on by machines that lack the voice; then it is sent again by recovery.
MOST_PASSES = 2


def give_turns(model: SpeechModel, variant_ids: Sequence[uuid.UUID]) -> int:
    """Have a turn on its way for each of these that is due and has none; return how many."""
    if not variant_ids:
        return 0
    count = (
        AudioVariant.objects.without_turn()
        .filter(pk__in=variant_ids)
        .update(enqueued_at=clock.now())
    )
    send_turns(model, count)
    return count


def send_turns(model: SpeechModel, count: int) -> None:
    """Send so many turns once that is committed, or as many as can be of use."""
    if count:
        transaction.on_commit(partial(_send, model, count))


def send_turn(model: SpeechModel, passed: int = 0) -> None:
    """Send a turn, unless enough are on their way: who takes it makes what is to be made next.

    ``passed``: how many machines that lack the voice have passed it on.
    """
    _send(model, 1, passed)


def _send(model: SpeechModel, count: int, passed: int = 0) -> None:
    for name in coming.announce(model, count):
        current_app.send_task(TAKE_TURN, args=[model.pk, passed, name], queue=model.engine)
        log.debug("turn.sent", model=model.model_slug, passed=passed)


def take_turns(model: SpeechModel, passed: int = 0, name: str = "") -> None:
    """Take the turn of this name: make what this model should make next, and go on for a while."""
    coming.arrived(model.pk, name)
    if threading.current_thread() is threading.main_thread():
        _go_on(model, passed, GO_ON_SECONDS)
    elif crowd.enter(model.pk):
        try:
            _go_on(model, passed, THREAD_GOES_ON_SECONDS)
        finally:
            look_again = crowd.leave(model.pk)
        if look_again and any(_wanted(model)):
            send_turn(model)


def _go_on(model: SpeechModel, passed: int, seconds: float) -> None:
    until = time.monotonic() + seconds
    _take(model, passed, lambda: time.monotonic() < until and not _ends)


def take_turn(model: SpeechModel, passed: int = 0) -> AudioVariant | None:
    """Make what this model should make next; return it, or None if there was nothing to do."""
    return _take(model, passed, lambda: False)


_ends: list[bool] = []


def end() -> None:
    """Have no turn of this process go on: it ends."""
    _ends.append(True)


def _take(model: SpeechModel, passed: int, goes_on: Callable[[], bool]) -> AudioVariant | None:
    log.debug("turn.begun", model=model.model_slug)
    holder = uuid.uuid4().hex
    if not limits.acquire(model, holder):
        return None  # whoever gives a slot back looks what the model should make next
    variant, outage = None, None
    last: AudioVariant | None = None
    is_unused = True  # the token for what is begun next
    try:
        while True:
            known = breaker.outages(model, as_believed=True)
            outage = breaker.hold(model) if known else None
            claimed = _claim_next(model) if outage is None or outage.lasting else None
            variant = claimed[0] if claimed else None
            if claimed is None:
                break
            is_first = last is None
            last, taken = claimed
            help_out = None
            if taken.more and goes_on():
                help_out = partial(send_turn, model)
                if is_first and not limits.most_at_once(model):
                    help_out()
            outage = outage or known.get(str(last.voice_id))
            is_unused = outage is not None
            make(
                last,
                outage=outage,
                on_alive=lambda: limits.renew(model, holder),
                on_slow=help_out if limits.most_at_once(model) else None,
                rank=taken.candidate.rank,
            )
            if last.status == Status.CACHED:
                usage.note(usage.account_of(taken.candidate.listener), last)
            if known and last.status == Status.CACHED:
                breaker.reset(model)
                log.info("model.in_order_again", model=model.model_slug)
                pass_over(model)
            if not goes_on() or not (is_unused or limits.take_token(model)):
                break
            is_unused = True
    finally:
        limits.release(model, holder, unused=is_unused)
    # The slot is free before the last look: a turn that still found it taken came before that.
    if variant is None:
        if outage is None:  # else the turns are sent again when the pause is over
            pass_over(model, passed)
    elif any(_wanted(model)):
        send_turn(model)  # in the place of this one
    return last


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
    if not wanted:
        return
    outage = breaker.outages(model).get(breaker.MODEL)
    if outage and not outage.lasting:
        if not outage.pause_seconds:
            send_turn(model)  # one that tries whether it is in order again
    elif limits.is_limited(model):
        # Turns that found the model at its limit ended; these find out whether it still is.
        send_turns(model, len(wanted))
    else:
        give_turns(model, wanted)


def _wanted(model: SpeechModel) -> Iterator[tuple[AudioVariant, wants.Candidate]]:
    """Yield the due variants that are wanted of the model, what is to be made first in front.

    They are read a few at a time: mostly it is asked only whether there is one.
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


def _claim_next(model: SpeechModel) -> tuple[AudioVariant, wants.Taken] | None:
    """Claim what is to be made next; return it, and what was taken from the wants.

    What is taken from the wants and cannot be made here, or now, is given back.
    """
    left: list[wants.Candidate] = []
    try:
        while taken := wants.take_next(model.pk):
            candidate = taken.candidate
            text_hash, recipe_hash = hashes_of(candidate.key)
            variant = (
                AudioVariant.objects.filter(
                    text_hash=text_hash, recipe_hash=recipe_hash, status=Status.QUEUED
                )
                .select_related("voice__speech_model")
                .first()
            )
            if variant is None:
                continue  # it is there, or somebody makes it
            if not is_due(variant) or not _may_be_made_here(variant):
                left.append(candidate)
                continue
            account = usage.account_of(candidate.listener)
            characters, _ = usage.left(account, model)
            if characters is not None and characters < len(variant.text):
                continue  # others of this account were made meanwhile; its listener is told
            get_ready(model.engine, variant.voice.engine_voice)
            if variant.claim():
                log.info("variant.claimed", listener=candidate.listener, **about(variant))
                return variant, taken
        return None
    finally:
        for candidate in reversed(left):
            wants.give_back(model.pk, candidate)


def _may_be_made_here(variant: AudioVariant) -> bool:
    """Tell whether this machine has the voice; a voice that is gone everywhere fails anywhere."""
    voice = variant.voice
    return not voice.is_offered or is_here(
        voice.speech_model.engine, voice.engine_voice, voice.engine_version
    )
