"""Circuit breakers: a speech model that is out of order is noticed once, not once for each text.

Closed: all goes on. Open: nothing is asked of the engine until a pause is over that grows with each
failure. Half open: then one attempt goes through, and its outcome closes or opens it again. A
failure that will not pass by itself (a wrong key, an unknown voice) opens it for ten minutes, or
until somebody asks for another try or edits the model; what is wanted meanwhile fails at once.

One hash in Redis for each model: field "model" for the model as a whole, a voice's id for one.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import Any

from tts import clock
from tts.connections import PREFIX, redis_client, run_script
from tts.models import AudioVariant, SpeechModel
from tts.speech import SpeechError

FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 60.0
LASTING_SECONDS = 600.0
# How long one attempt is waited for while it is half open.
PROBE_SECONDS = 30.0
EXPIRES_SECONDS = 3600
MODEL = "model"
# That a model is in order is believed for so long; of a server, which others ask too, for less.
# What this process finds out counts at once.
BELIEVED_SECONDS, BELIEVED_OF_SERVER_SECONDS = 0.5, 0.1
_in_order_until: dict[int, float] = {}
_trips = 0  # of this process

# An attempt that was begun before the breaker opened tells nothing new, but may ask for more time.
TRIP = """
local now, began = tonumber(ARGV[2]), tonumber(ARGV[3])
local state = cjson.decode(ARGV[5])
local held = redis.call('HGET', KEYS[1], ARGV[1])
state['failures'] = 1
state['since'] = now
state['tripped'] = now
if held then
  local old = cjson.decode(held)
  state['since'] = old['since']
  state['failures'] = old['failures'] + 1
  if began < old['tripped'] and not state['lasting'] then
    state['failures'] = old['failures']
    state['tripped'] = old['tripped']
  end
end
local pause = tonumber(ARGV[4])
if pause == 0 then
  pause = math.min(tonumber(ARGV[7]), tonumber(ARGV[6]) * 2 ^ (state['failures'] - 1))
end
state['until'] = now + pause
local text = cjson.encode(state)
redis.call('HSET', KEYS[1], ARGV[1], text)
redis.call('EXPIRE', KEYS[1], ARGV[8])
return text
"""

# Whoever finds the pause over goes through, and keeps the others waiting for its outcome.
PASS = """
local held = redis.call('HGET', KEYS[1], ARGV[1])
if not held then return nil end
local state, now = cjson.decode(held), tonumber(ARGV[2])
if now < state['until'] then return held end
if state['lasting'] then
  redis.call('HDEL', KEYS[1], ARGV[1])
  return nil
end
state['until'] = now + tonumber(ARGV[3])
redis.call('HSET', KEYS[1], ARGV[1], cjson.encode(state))
return nil
"""


@dataclass(frozen=True, slots=True)
class Outage:
    """What is wrong, in words; since when, and until when nothing is tried, in epoch seconds."""

    message: str
    advice: str
    lasting: bool
    since: float
    until: float
    failures: int

    @property
    def pause_seconds(self) -> float:
        return max(0.0, self.until - clock.epoch_seconds())


def outages(model: SpeechModel, *, as_believed: bool = False) -> dict[str, Outage]:
    """Return what is out of order: "model" for all of it, a voice's id for one voice.

    ``as_believed``: that nothing is may have been found out a moment ago.
    """
    now = time.monotonic()
    if as_believed and now < _in_order_until.get(model.pk, 0.0):
        return {}
    trips_before = _trips
    held: dict[Any, Any] = redis_client().hgetall(_name(model))
    if not held and _trips == trips_before:  # else another thread has just found out better
        believed = BELIEVED_OF_SERVER_SECONDS if model.base_url else BELIEVED_SECONDS
        _in_order_until[model.pk] = now + believed
    found = {field.decode(): _outage(text) for field, text in held.items()}
    now = clock.epoch_seconds()
    return {field: found[field] for field in found if not _is_over(found[field], now)}


def hold(model: SpeechModel) -> Outage | None:
    """Return why nothing is to be asked of the model now; who gets None may ask, for the others."""
    held = run_script(PASS, [_name(model)], MODEL, clock.epoch_seconds(), PROBE_SECONDS)
    return _outage(held) if held else None


def trip(variant: AudioVariant, error: SpeechError, began: float) -> Outage:
    """Note a failure that others would share; ``began``: when the attempt did."""
    field = MODEL if error.scope == "model" else str(variant.voice_id)
    lasting = not error.retryable
    state = {"message": error.message, "advice": error.advice, "lasting": lasting}
    pause = LASTING_SECONDS if lasting else error.retry_after or 0
    global _trips
    try:
        text = run_script(
            TRIP, [_name(variant.voice.speech_model)],
            field, clock.epoch_seconds(), began, pause, json.dumps(state),
            FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS, EXPIRES_SECONDS,
        )  # fmt: skip
    finally:  # what another thread saw before that is believed by nobody
        _trips += 1
        _in_order_until.pop(variant.voice.speech_model_id, None)
    return _outage(text)


def reset(model: SpeechModel) -> bool:
    """Forget all that was wrong; tell whether there was something."""
    return bool(redis_client().delete(_name(model)))


def _is_over(outage: Outage, now: float) -> bool:
    return outage.lasting and outage.until <= now


def _outage(text: bytes) -> Outage:
    state = json.loads(text)
    return Outage(
        message=state["message"],
        advice=state["advice"],
        lasting=state["lasting"],
        since=state["since"],
        until=state["until"],
        failures=int(state["failures"]),
    )


def _name(model: SpeechModel) -> str:
    return f"{PREFIX}:outages:{model.pk}"
