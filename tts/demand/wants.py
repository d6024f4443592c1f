"""Who wants which variant, and what a speech model is to make next. All in Redis.

A model has one hash, listener → window. A window is one string, so that a script reads all of them
by one command and tells the first wish of each without taking it apart: a line with the time at
which it expires unless it is written again, a line "rank key" for each wish in order, and a line
"- key" for each that is being made. So what is wanted most comes first, equals take turns, and a
listener that went away counts for nothing. One that comes back finds its place in the line: when
each listener and each account was served last is kept in a hash of its own.

Accounts take turns before their listeners do: who opens many pages, or ever new ones, gets no more
than who has one. An account is what stands before the dot in a listener's name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count

from redis.commands.core import Script

from tts.connections import PREFIX, redis_client

WANT_EXPIRES_MS = 30_000
# What is being made is not broken off because its listener was silent, only when it says so, or
# after this long: it may hear that very sound, and want nothing else meanwhile.
ABANDONED_MS = 300_000
# Of each model: those served long ago would pile up. One that is dropped counts as never served.
TURNS_KEPT = 1_000

NOW = """
local function now_us()
  local time = redis.call('TIME')
  return time[1] * 1000000 + time[2]
end
local function now_ms() return math.floor(now_us() / 1000) end
"""

# Put a wish among those that are being made; nothing if the window does not have it.
SET_ASIDE = """
local function set_aside(window, key)
  local at = string.find(window, ' ' .. key .. '\\n', 1, true)
  if not at then return nil end
  local start = at
  while string.byte(window, start - 1) ~= 10 do start = start - 1 end
  if string.sub(window, start, start) == '-' then return nil end
  return string.sub(window, 1, start - 1) .. string.sub(window, at + #key + 2)
    .. '- ' .. key .. '\\n'
end
"""

# Note when an account and a listener were served; those of long ago are forgotten now and then.
SERVED = """
local function serve(served, listener, account, now)
  redis.call('HSET', served, 'a' .. account, now, 'l' .. listener, now)
  if ARGV[1] == '' then return end
  local all, times = redis.call('HGETALL', served), {}
  for i = 2, #all, 2 do times[#times + 1] = tonumber(all[i]) end
  table.sort(times)
  local last, old = times[#times - 2 * ARGV[1] + 1] or 0, {}
  for i = 1, #all, 2 do
    if tonumber(all[i + 1]) < last and #old < 4000 then old[#old + 1] = all[i] end
  end
  if #old > 0 then redis.call('HDEL', served, unpack(old)) end
end
"""

REPLACE = (
    NOW
    + """
if ARGV[2] == '' then return redis.call('HDEL', KEYS[1], ARGV[1]) end
redis.call('HSET', KEYS[1], ARGV[1], string.format('%.0f', now_ms() + ARGV[3]) .. '\\n' .. ARGV[2])
return redis.call('PEXPIRE', KEYS[1], ARGV[3] + ARGV[4])
"""
)

# Take the best: lowest rank; among equals of the account that was served longest ago, and of it
# the listener. It leaves every window of the model. Tells whether there is more.
TAKE_NEXT = (
    NOW
    + SET_ASIDE
    + SERVED
    + """
local held = redis.call('HGETALL', KEYS[1])
if #held == 0 then return false end
local us = now_us()
local now, least, more, gone = us / 1000, math.huge, 0, {}
local firsts, fields = {}, {}
for i = 1, #held, 2 do
  local window = held[i + 1]
  local expires, rank, key = string.match(window, '^(%d+)\\n(%d+) ([^\\n]+)\\n')
  local over = now - (expires or string.match(window, '^%d+'))
  if over >= 0 then
    if over > tonumber(ARGV[2]) and #gone < 1000 then gone[#gone + 1] = held[i] end
  elseif rank then
    rank, more = tonumber(rank), more + 1
    if rank < least then least, firsts, fields = rank, {}, {} end
    if rank == least then
      local listener = held[i]
      local account = string.match(listener, '^[^.]*')
      firsts[#firsts + 1] = {key, listener, account}
      fields[#fields + 1] = 'a' .. account
      fields[#fields + 1] = 'l' .. listener
    end
  end
end
if #gone > 0 then redis.call('HDEL', KEYS[1], unpack(gone)) end
if #firsts == 0 then return false end
local best, by = firsts[1], nil
if #firsts > 1 then
  local served = {}
  for i = 1, #fields, 1000 do
    local last = math.min(i + 999, #fields)
    for _, n in ipairs(redis.call('HMGET', KEYS[2], unpack(fields, i, last))) do
      served[#served + 1] = tonumber(n or 0)
    end
  end
  for i, first in ipairs(firsts) do
    local account, turn = served[2 * i - 1], served[2 * i]
    if not by or account < by[1] or account == by[1] and (
      turn < by[2] or turn == by[2] and first[2] < best[2]
    ) then
      best, by = first, {account, turn}
    end
  end
end
local changed = {}
for i = 1, #held, 2 do
  local window = (held[i] == best[2] or #changed < 2000) and set_aside(held[i + 1], best[1])
  if window then
    changed[#changed + 1] = held[i]
    changed[#changed + 1] = window
    if not string.match(window, '^%d+\\n%d+ ') then more = more - 1 end
  end
end
redis.call('HSET', KEYS[1], unpack(changed))
serve(KEYS[2], best[2], best[3], string.format('%.0f', us))
return {best[1], best[2], tostring(least), more > 0 and 1 or 0}
"""
)

# Every listener's wishes in the order in which they would be taken.
UPCOMING = (
    NOW
    + """
local found, now = {}, now_ms()
local held = redis.call('HGETALL', KEYS[1])
local served, all = {}, redis.call('HGETALL', KEYS[2])
for i = 1, #all, 2 do served[all[i]] = tonumber(all[i + 1]) end
for i = 1, #held, 2 do
  local listener, window = held[i], held[i + 1]
  if tonumber(string.match(window, '^%d+')) > now then
    local account = served['a' .. string.match(listener, '^[^.]*')] or 0
    for rank, key in string.gmatch(window, '(%d+) ([^\\n]+)\\n') do
      found[#found + 1] = {
        tonumber(rank), account, served['l' .. listener] or 0, listener, key
      }
    end
  end
end
table.sort(found, function(a, b)
  for i = 1, 5 do
    if a[i] ~= b[i] then return a[i] < b[i] end
  end
  return false
end)
local flat = {}
for _, item in ipairs(found) do
  flat[#flat + 1] = item[5]
  flat[#flat + 1] = item[4]
  flat[#flat + 1] = tostring(item[1])
end
return flat
"""
)

# Put what was taken, and was not made, back in front of its listener's window.
GIVE_BACK = """
local window = redis.call('HGET', KEYS[1], ARGV[1])
local line = '- ' .. ARGV[2] .. '\\n'
local at = window and string.find(window, '\\n' .. line, 1, true)
if not at then return 0 end
window = string.sub(window, 1, at) .. string.sub(window, at + #line + 1)
local head = string.match(window, '^%d+\\n')
return redis.call('HSET', KEYS[1], ARGV[1],
  head .. ARGV[3] .. ' ' .. ARGV[2] .. '\\n' .. string.sub(window, #head + 1))
"""

UNWANTED = (
    NOW
    + """
local held, now, live, gone = redis.call('HGETALL', KEYS[1]), now_ms(), {}, {}
for i = 2, #held, 2 do
  if string.match(held[i], '^%d+') + ARGV[1] > now then live[#live + 1] = held[i] end
end
for n = 2, #ARGV do
  local key = ARGV[n]
  local wanted = false
  for _, window in ipairs(live) do
    wanted = wanted or string.find(window, ' ' .. key .. '\\n', 1, true) ~= nil
  end
  if not wanted then gone[#gone + 1] = key end
end
return gone
"""
)


# Whether somebody waits for what nobody makes yet, in any of these models' windows.
WAITED_FOR = (
    NOW
    + """
local now = now_ms()
for _, key in ipairs(KEYS) do
  for _, window in ipairs(redis.call('HVALS', key)) do
    local expires = string.match(window, '^(%d+)\\n%d+ ')
    if expires and tonumber(expires) > now then return 1 end
  end
end
return 0
"""
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A wanted variant, and the listener on whose account it would be made."""

    key: str
    listener: str
    rank: int = 0


@dataclass(frozen=True, slots=True)
class Taken:
    """What is to be made now, and whether more is wanted."""

    candidate: Candidate
    more: bool


def replace(
    model_id: int, listener: str, ranks: Mapping[str, int], making: Iterable[str] = ()
) -> None:
    """Make these variant keys all that the listener wants of this model. Lowest rank first.

    ``making``: what it wants besides and somebody makes already.
    """
    lines = [f"{rank} {key}\n" for rank, key in sorted((ranks[key], key) for key in ranks)]
    lines += [f"- {key}\n" for key in making]
    _run(REPLACE, model_id, listener, "".join(lines), WANT_EXPIRES_MS, ABANDONED_MS)


def forget(model_id: int, listener: str) -> None:
    """End all the listener's wants of this model."""
    replace(model_id, listener, {})


def upcoming(model_id: int) -> list[Candidate]:
    """Return all that the model should make, best first."""
    flat = [name.decode() for name in _run(UPCOMING, model_id)]
    rows = zip(flat[::3], flat[1::3], flat[2::3], strict=True)
    return [Candidate(key, listener, int(rank)) for key, listener, rank in rows]


def take_next(model_id: int) -> Taken | None:
    """Take what the model should make next: nobody's turn will find it again."""
    forget_old = next(_turns) % (TURNS_KEPT // 2) == 0
    taken = _run(TAKE_NEXT, model_id, TURNS_KEPT if forget_old else "", ABANDONED_MS)
    if not taken:
        return None
    key, listener, rank = (name.decode() for name in taken[:3])
    return Taken(Candidate(key, listener, int(rank)), bool(taken[3]))


def give_back(model_id: int, candidate: Candidate) -> None:
    """Put back what was taken and cannot be made now, if its listener still wants it."""
    _run(GIVE_BACK, model_id, candidate.listener, candidate.key, candidate.rank)


def unwanted(model_id: int, keys: Sequence[str]) -> set[str]:
    """Return which of these nobody wants any more."""
    return {key.decode() for key in _run(UNWANTED, model_id, ABANDONED_MS, *keys)}


def is_waited_for(model_ids: Iterable[int]) -> bool:
    """Tell whether anything that nobody makes yet is wanted of these models."""
    keys = [_windows(model_id) for model_id in model_ids]
    return bool(keys and redis_client().eval(WAITED_FOR, len(keys), *keys))


_turns = count(1)
_scripts: dict[str, Script] = {}


def _run(script: str, model_id: int, *arguments: str | int) -> list[bytes]:
    """Run a script on the model's windows and turns: by its hash, so that it is sent once."""
    if script not in _scripts:
        _scripts[script] = redis_client().register_script(script)
    windows = _windows(model_id)
    found: list[bytes] = _scripts[script](
        keys=[windows, f"{windows}#served"], args=arguments, client=redis_client()
    )
    return found


def _windows(model_id: int) -> str:
    return f"{PREFIX}:wants:{model_id}"
