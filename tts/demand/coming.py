"""How many turns of a speech model are on their way: messages that nobody has taken up yet.

Whoever takes one up looks for what is wanted, goes on while there is more, and sends another one if
others could help. So a few on their way are enough, whatever is wanted. One that was lost counts
for some seconds.
"""

from __future__ import annotations

import uuid

from tts.connections import PREFIX, redis_client
from tts.models import SpeechModel

from . import limits

MOST = 4
EXPIRES_MS = 4_000

ANNOUNCE = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
local coming, limit = redis.call('ZCARD', KEYS[1]), tonumber(ARGV[4])
if coming >= tonumber(ARGV[2]) then return 0 end
if limit > 0 and coming + redis.call('ZCOUNT', KEYS[2], now / 1000, '+inf') >= limit then
  return 0
end
redis.call('ZADD', KEYS[1], now + ARGV[3], ARGV[1])
return redis.call('PEXPIRE', KEYS[1], ARGV[3])
"""


def announce(model: SpeechModel) -> str:
    """Return the name of a turn that may be sent; nothing if enough are on their way, or at work:
    whoever gives a slot of the model back looks what is wanted."""
    name, most_at_once = uuid.uuid4().hex, limits.most_at_once(model)
    may_be_sent = redis_client().eval(
        ANNOUNCE, 2, _key(model.pk), limits.slots_key(model), name, MOST, EXPIRES_MS, most_at_once
    )
    return name if may_be_sent else ""


def arrived(model_id: int, name: str) -> None:
    """Note that somebody has taken it up."""
    redis_client().zrem(_key(model_id), name)


def _key(model_id: int) -> str:
    return f"{PREFIX}:coming:{model_id}"
