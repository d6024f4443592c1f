"""How many turns of a speech model are on their way: messages that nobody has taken up yet.

Whoever takes one up looks for what is wanted, goes on while there is more, and sends another one if
others could help. So a few on their way are enough, whatever is wanted, and one for each who asks
where as many are at work. One that was lost counts for some seconds.
"""

from __future__ import annotations

import uuid

from tts.connections import PREFIX, redis_client, run_script
from tts.models import SpeechModel

from . import limits

MOST = 4
EXPIRES_MS = 4_000

# All are put in, and those that are too many taken out again: asked once more, since no answer
# came, it answers the same. What would count for longer than any does was put in before the clock
# of Redis was set back.
ANNOUNCE = """
local time, most, limit = redis.call('TIME'), tonumber(ARGV[2]), tonumber(ARGV[3])
local now, members = time[1] * 1000 + math.floor(time[2] / 1000), {}
for n = 4, #ARGV do
  members[#members + 1] = now + ARGV[1]
  members[#members + 1] = ARGV[n]
end
redis.call('ZADD', KEYS[1], unpack(members))
redis.call('PEXPIRE', KEYS[1], ARGV[1])
local asked, over = #ARGV - 3, 0
if limit > 0 then
  local at_work = redis.call('ZCOUNT', KEYS[2], now / 1000, '+inf')
  if at_work >= most then over = asked - 1 end
  most = math.min(most, limit - at_work)
end
local too_many = redis.call('ZCOUNT', KEYS[1], now, now + 2 * ARGV[1]) - most
over = math.min(asked, math.max(over, too_many))
if over <= 0 then return asked end
redis.call('ZREM', KEYS[1], unpack(ARGV, 4 + asked - over))
return asked - over
"""


def announce(model: SpeechModel, count: int = 1) -> list[str]:
    """Return the names of turns that may be sent, so many at the most.

    There are fewer if enough are on their way, or at work: whoever gives a slot of the model back
    looks what is wanted.
    """
    names = [uuid.uuid4().hex for _ in range(min(count, MOST))]
    may_be_sent = run_script(
        ANNOUNCE, [_key(model.pk), limits.slots_key(model)],
        EXPIRES_MS, MOST, limits.most_at_once(model), *names,
    )  # fmt: skip
    return names[:may_be_sent]


def arrived(model_id: int, name: str) -> None:
    """Note that somebody has taken it up."""
    redis_client().zrem(_key(model_id), name)


def _key(model_id: int) -> str:
    return f"{PREFIX}:coming:{model_id}"
