"""Who wants which variant, and what a speech model is to make next. All in Redis.

A listener's window is one sorted set, variant key → rank, that expires as a whole unless it is
written again. A model's listeners are one sorted set, listener → when it was last served. So what
is wanted most comes first, equals take turns, and a listener that went away counts for nothing. One
that comes back finds its place in the line: the last turns are kept in a sorted set of their own.

Accounts take turns before their listeners do: who opens many pages, or ever new ones, gets no more
than who has one. An account is what stands before the dot in a listener's name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tts.connections import PREFIX, redis_client

WANT_EXPIRES_MS = 30_000
# A turn looks at this many keys of each listener: more than any model makes at once.
DEPTH = 16
# Of each model: those of long ago would pile up. One that is dropped counts as never served.
TURNS_KEPT = 1_000

REPLACE = """
local listeners, window = KEYS[1], KEYS[2]
local listener = ARGV[1]
redis.call('DEL', window)
if #ARGV < 3 then
  redis.call('ZREM', listeners, listener)
  return 0
end
for i = 3, #ARGV, 2 do redis.call('ZADD', window, ARGV[i], ARGV[i + 1]) end
redis.call('PEXPIRE', window, ARGV[2])
local turn = redis.call('ZSCORE', listeners .. '#turns', listener) or 0
redis.call('ZADD', listeners, 'NX', turn, listener)
return 1
"""

# Every listener's first keys, by rank; among equals the account that was served longest ago first,
# and of it the listener.
NEXT = """
local found, served = {}, {}
for turn, listener in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
  local window = redis.call('ZRANGE', KEYS[1] .. ':' .. listener, 0, ARGV[1] - 1, 'WITHSCORES')
  if #window == 0 then redis.call('ZREM', KEYS[1], listener) end
  local account = string.match(listener, '^[^.]*')
  served[account] = served[account]
    or tonumber(redis.call('ZSCORE', KEYS[1] .. '#accounts', account) or 0)
  for i = 1, #window, 2 do
    found[#found + 1] = {tonumber(window[i + 1]), served[account], turn, window[i], listener}
  end
end
table.sort(found, function(a, b)
  for i = 1, 4 do
    if a[i] ~= b[i] then return a[i] < b[i] end
  end
  return false
end)
local flat = {}
for _, item in ipairs(found) do
  flat[#flat + 1] = item[4]
  flat[#flat + 1] = item[5]
end
return flat
"""

# The key leaves every window of the model; the listener and its account go to the end of the line,
# and find their place again if they want nothing for a while, as a page does that asks afresh.
TAKE = """
for _, listener in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
  redis.call('ZREM', KEYS[1] .. ':' .. listener, ARGV[1])
end
if ARGV[2] ~= '' then
  local turn = redis.call('INCR', KEYS[1] .. '#served')
  redis.call('ZADD', KEYS[1], 'XX', turn, ARGV[2])
  local lines = {['#turns'] = ARGV[2], ['#accounts'] = string.match(ARGV[2], '^[^.]*')}
  for line, name in pairs(lines) do
    redis.call('ZADD', KEYS[1] .. line, turn, name)
    redis.call('ZREMRANGEBYRANK', KEYS[1] .. line, 0, -1 - ARGV[3])
  end
end
return 1
"""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A wanted variant, and the listener on whose account it would be made."""

    key: str
    listener: str


def replace(model_id: int, listener: str, ranks: Mapping[str, int]) -> None:
    """Make these variant keys all that the listener wants of this model. Lowest rank first."""
    flat: list[str | int] = []
    for key, rank in ranks.items():
        flat += [rank, key]
    redis_client().eval(
        REPLACE, 2, _listeners(model_id), _window(model_id, listener),
        listener, WANT_EXPIRES_MS, *flat,
    )  # fmt: skip


def forget(model_id: int, listener: str) -> None:
    """End all the listener's wants of this model."""
    replace(model_id, listener, {})


def upcoming(model_id: int) -> list[Candidate]:
    """Return what the model should make next, best first."""
    flat = redis_client().eval(NEXT, 1, _listeners(model_id), DEPTH)
    names = [name.decode() for name in flat]
    return [Candidate(key, listener) for key, listener in zip(names[::2], names[1::2], strict=True)]


def take(model_id: int, candidate: Candidate) -> None:
    """Note that the candidate is being made: nobody's turn will find it again."""
    redis_client().eval(
        TAKE, 1, _listeners(model_id), candidate.key, candidate.listener, TURNS_KEPT
    )


def _listeners(model_id: int) -> str:
    return f"{PREFIX}:wants:{model_id}"


def _window(model_id: int, listener: str) -> str:
    return f"{_listeners(model_id)}:{listener}"
