"""Make a sound that nobody waits for yet. Whoever listens comes first."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from enum import Enum

from tts import synthesis
from tts.demand import breaker, limits, usage, wants
from tts.engines import get_ready, is_here
from tts.models import Status, Voice


class Outcome(Enum):
    MADE = "made"  # now, or before
    FAILED = "failed"  # and will not pass by itself
    BUSY = "busy"  # somebody else makes it, or its next attempt has to wait
    # The model is at its limit, or wanted by a listener, or out of order, or on another machine.
    LATER = "later"


class Forbidden(Exception):
    """It may not be made: a limit of use, or the model is out of order for good. In words."""


def make_ahead(
    voice: Voice,
    *,
    account: str,
    sound: str,
    text_hash: str,
    text: str,
    language: str,
    on_alive: Callable[[], object] = lambda: None,
) -> Outcome:
    """Make one text in a voice, unless there is a reason not to. Raises Forbidden.

    ``on_alive`` is called every few seconds while the engine speaks.
    """
    model = voice.speech_model
    recipe = synthesis.recipe_hash(voice, sound)
    variant = synthesis.find(recipe, [text_hash]).get(text_hash)
    if variant and variant.status == Status.CACHED:
        return Outcome.MADE
    if variant and variant.status == Status.ERROR:
        if not synthesis.is_forgotten(variant):
            return Outcome.FAILED
        variant.start_over()
    if not is_here(model.engine, voice.engine_voice, voice.engine_version):
        return Outcome.LATER
    characters, words = usage.left(account, model)
    if characters is not None and characters < len(text):
        raise Forbidden(words)
    known = breaker.outages(model)
    for outage in filter(None, map(known.get, (breaker.MODEL, str(voice.pk)))):
        if outage.lasting:
            raise Forbidden(outage.message)
        if outage.pause_seconds:
            return Outcome.LATER
    if limits.is_limited(model) and wants.upcoming(model.pk):
        return Outcome.LATER
    if variant is None:
        made = synthesis.create(
            recipe,
            voice,
            {text_hash: (text, language)},
            synthesis.audio_format(sound),
            with_turn=False,
        )
        variant = made.get(text_hash)
    if variant is None or variant.status != Status.QUEUED:
        return Outcome.BUSY
    if not synthesis.is_due(variant):
        return Outcome.BUSY
    get_ready(model.engine, voice.engine_voice)
    holder = uuid.uuid4().hex
    if not limits.acquire(model, holder):
        return Outcome.LATER
    claimed = False

    def alive() -> None:
        limits.renew(model, holder)
        on_alive()

    try:
        # The first after an outage tries for all, as whoever listens would.
        claimed = not (known and breaker.hold(model)) and variant.claim()
        if claimed:
            synthesis.make(variant, on_alive=alive)
    finally:
        limits.release(model, holder, unused=not claimed)
        if limits.is_limited(model) and wants.upcoming(model.pk):
            synthesis.send_turn(model)  # for who found it at its limit meanwhile
    if claimed and variant.status == Status.CACHED:
        usage.note(account, variant)
        if known:
            breaker.reset(model)
            synthesis.pass_over(model)
        return Outcome.MADE
    return Outcome.FAILED if variant.status == Status.ERROR else Outcome.BUSY
