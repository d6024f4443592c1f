"""How many turns of a speech model are on their way: messages that nobody has taken up yet.

Whoever takes one up looks for what is wanted, goes on while there is more, and sends another one if
others could help. So a few on their way are enough, whatever is wanted. Those that were lost count
until none has been sent for some seconds: once there seem to be enough, none is.
"""

from __future__ import annotations

from tts import clock
from tts.connections import PREFIX, redis_client, run_script
from tts.models import SpeechModel

from . import limits

MOST = 4
EXPIRES_MS = 4_000

ANNOUNCE = """
local limit, coming = tonumber(ARGV[5]), math.max(0, tonumber(redis.call('GET', KEYS[1]) or 0))
local room = ARGV[4] - coming
if limit > 0 then
  room = math.min(room, limit - coming - redis.call('ZCOUNT', KEYS[2], ARGV[2], '+inf'))
end
local count = math.min(room, ARGV[1])
if count < 1 then return 0 end
redis.call('SET', KEYS[1], coming + count, 'PX', ARGV[3])
return count
"""


def announce(model: SpeechModel, count: int = 1) -> int:
    """Return how many turns may be sent, so many at the most.

    There are fewer if enough are on their way, or at work: whoever gives a slot of the model back
    looks what is wanted.
    """
    may_be_sent: int = run_script(
        ANNOUNCE, [_key(model.pk), limits.slots_key(model)],
        count, clock.epoch_seconds(), EXPIRES_MS, MOST, limits.most_at_once(model),
    )  # fmt: skip
    return may_be_sent


def arrived(model_id: int) -> None:
    """Note that somebody has taken one up; too many noted do no harm."""
    redis_client().decr(_key(model_id))


def _key(model_id: int) -> str:
    return f"{PREFIX}:turns:{model_id}"
