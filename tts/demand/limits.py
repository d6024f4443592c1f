"""How many variants of a speech model are made at once, and how many are begun in a minute, over
all workers.

A slot is a name with an expiry in a sorted set, so that a worker that was killed frees it. The rate
is a token bucket that is full at the beginning and holds a sixth of a minute's tokens. A server
without a limit of its own is not asked for any number at once either.
"""

from __future__ import annotations

from django.conf import settings

from tts import clock
from tts.connections import PREFIX, redis_client, run_script
from tts.models import SpeechModel

BURST_SECONDS = 10

ACQUIRE = """
local now, slots, rate = tonumber(ARGV[1]), tonumber(ARGV[3]), tonumber(ARGV[5])
if slots > 0 and redis.call('ZCARD', KEYS[1]) >= slots then
  redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
  if redis.call('ZCARD', KEYS[1]) >= slots then return 0 end
end
if rate > 0 then
  local most = math.max(1, rate / 60 * tonumber(ARGV[6]))
  local held = redis.call('HMGET', KEYS[2], 'tokens', 'at')
  local tokens = most
  if held[1] then
    tokens = math.min(most, tonumber(held[1]) + (now - tonumber(held[2])) * rate / 60)
  end
  if tokens < 1 then return 0 end
  redis.call('HSET', KEYS[2], 'tokens', tostring(tokens - 1), 'at', tostring(now))
  redis.call('EXPIRE', KEYS[2], 120)
end
if slots > 0 then redis.call('ZADD', KEYS[1], ARGV[2], ARGV[4]) end
return 1
"""


def acquire(model: SpeechModel, holder: str) -> bool:
    """Take one of the model's slots and a token, or tell that there is none."""
    if not is_limited(model):
        return True
    now = clock.epoch_seconds()
    expires = now + settings.SPEECH_LEASE_SECONDS
    return bool(
        run_script(
            ACQUIRE, [slots_key(model), _rate(model)],
            now, expires, most_at_once(model), holder, model.requests_per_minute, BURST_SECONDS,
        )
    )  # fmt: skip


def renew(model: SpeechModel, holder: str) -> None:
    """Keep the slot while the work goes on."""
    if most_at_once(model):
        expires = clock.epoch_seconds() + settings.SPEECH_LEASE_SECONDS
        redis_client().zadd(slots_key(model), {holder: expires}, xx=True)


def release(model: SpeechModel, holder: str, *, unused: bool = False) -> None:
    """Give the slot back, and the token too if nothing was begun with it."""
    if most_at_once(model):
        redis_client().zrem(slots_key(model), holder)
    if unused and model.requests_per_minute and redis_client().exists(_rate(model)):
        redis_client().hincrbyfloat(_rate(model), "tokens", 1.0)


def take_token(model: SpeechModel) -> bool:
    """Take a token for one more, by who has a slot already, or tell that there is none."""
    if not model.requests_per_minute:
        return True
    return bool(
        run_script(
            ACQUIRE, [slots_key(model), _rate(model)],
            clock.epoch_seconds(), 0, 0, "", model.requests_per_minute, BURST_SECONDS,
        )
    )  # fmt: skip


def is_limited(model: SpeechModel) -> bool:
    """Tell whether a turn may find that it has to wait for another one to end."""
    return bool(most_at_once(model) or model.requests_per_minute)


def most_at_once(model: SpeechModel) -> int:
    """Return how many of the model's sounds are made at once at the most; 0: any number."""
    cap = settings.SPEECH_REQUESTS_AT_ONCE if model.engine in settings.WAITING_ENGINES else 0
    return model.concurrency or cap


def slots_key(model: SpeechModel) -> str:
    return f"{PREFIX}:slots:{model.pk}"


def _rate(model: SpeechModel) -> str:
    return f"{PREFIX}:rate:{model.pk}"
