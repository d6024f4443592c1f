"""Who wants which variant, and what a speech model is to make next. All in Redis.

A model has one hash, listener → window. A window is one string, so that a script reads all of them
by one command and tells the first wish of each without taking it apart: a line with the time at
which it expires unless it is written again and with the number of its last turn, a line "rank key"
for each wish in order, and a line "- key" for each that is being made. So what is wanted most comes
first, equals take turns, and a listener that went away counts for nothing.

Accounts take turns before their listeners do: who opens many pages, or ever new ones, gets no more
than who has one. An account is what stands before the dot in a listener's name; its last turn is
the last one of its listeners. Under its own name that is kept for a while when they are gone: one
that comes back finds its place in the line.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tts import clock
from tts.connections import PREFIX, run_script

WANT_EXPIRES_MS = 30_000
# What is being made is not broken off because its listener was silent, only when it says so, or
# after this long: it may hear that very sound, and want nothing else meanwhile.
ABANDONED_MS = 300_000

# The time of Redis, in ms.
NOW = """
local function now_ms()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end
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

# The last turn of each account, and of all.
TURNS = """
local function turns(held)
  local of_account, last = {}, 0
  for i = 1, #held, 2 do
    local account = string.match(held[i], '^[^.]*')
    local turn = tonumber(string.match(held[i + 1], '^%d+ (%d+)'))
    if turn > (of_account[account] or 0) then of_account[account] = turn end
    if turn > last then last = turn end
  end
  return of_account, last
end
"""

# A listener that wants nothing any more leaves its place in the line to its account, and has that
# again when it comes back: who empties its window and fills it anew is not served before others.
REPLACE = (
    NOW
    + """
local function turn_of(window) return string.match(window, '^%d+ (%d+)') end
local old = redis.call('HGET', KEYS[1], ARGV[1])
if not old and ARGV[2] == '' then return 0 end
local now = now_ms()
local account, its, kept = string.match(ARGV[1], '^[^.]*'), nil, '0'
if account ~= ARGV[1] and (not old or ARGV[2] == '') then
  its = redis.call('HGET', KEYS[1], account)
  kept = its and turn_of(its) or '0'
end
local turn = old and turn_of(old) or kept
if ARGV[2] ~= '' then
  local expires = string.format('%.0f', now + ARGV[3])
  redis.call('HSET', KEYS[1], ARGV[1], expires .. ' ' .. turn .. '\\n' .. ARGV[2])
  return redis.call('PEXPIRE', KEYS[1], ARGV[3] + ARGV[4])
end
redis.call('HDEL', KEYS[1], ARGV[1])
if turn == '0' then return 0 end
if tonumber(kept) > tonumber(turn) then turn = kept end
if not its or string.match(its, '^[^\\n]+\\n$') then
  its = string.format('%.0f', now + ARGV[4]) .. ' ' .. turn .. '\\n'
else
  its = string.gsub(its, '^(%d+) %d+', '%1 ' .. turn)
end
return redis.call('HSET', KEYS[1], account, its)
"""
)

# Take the best: lowest rank; among equals of the account that was served longest ago, and of it
# the listener. It leaves every window of the model. Tells whether there is more.
#
# That nothing is over, as mostly, the caller's clock may say. What is over Redis's own says. So a
# caller whose clock is behind may serve who has gone, once, and nobody loses anything.
TAKE_NEXT = (
    NOW
    + SET_ASIDE
    + TURNS
    + """
local held = redis.call('HGETALL', KEYS[1])
if #held == 0 then return false end
local now, is_sure = tonumber(ARGV[1]), false
local least, more, gone, firsts, live = math.huge, 0, {}, {}, {}
for i = 1, #held, 2 do
  local expires, turn, rest = string.match(held[i + 1], '^(%d+) (%d+)\\n()')
  if now >= tonumber(expires) and not is_sure then now, is_sure = now_ms(), true end
  local over = now - expires
  live[i] = over < 0
  local rank, key = string.match(held[i + 1], '^(%d+) ([^\\n]+)\\n', rest)
  if over >= 0 then
    local is_empty = rest > #held[i + 1]  -- a place in the line alone
    if (is_empty or over > tonumber(ARGV[2])) and #gone < 1000 then gone[#gone + 1] = held[i] end
  elseif rank then
    rank, more = tonumber(rank), more + 1
    if rank < least then least, firsts = rank, {} end
    if rank == least then firsts[#firsts + 1] = {key, held[i], tonumber(turn)} end
  end
end
if #gone > 0 then redis.call('HDEL', KEYS[1], unpack(gone)) end
if #firsts == 0 then return false end
local of_account, last = turns(held)
local best, its_account = nil, nil
for _, first in ipairs(firsts) do
  local account = of_account[string.match(first[2], '^[^.]*')] or 0
  if not best or account < its_account or account == its_account and (
    first[3] < best[3] or first[3] == best[3] and first[2] < best[2]
  ) then
    best, its_account = first, account
  end
end
local changed = {}
for i = 1, #held, 2 do
  local window = (held[i] == best[2] or #changed < 2000) and set_aside(held[i + 1], best[1])
  if window then
    if held[i] == best[2] then
      window = string.gsub(window, '^(%d+) %d+', '%1 ' .. string.format('%.0f', last + 1))
    end
    changed[#changed + 1] = held[i]
    changed[#changed + 1] = window
    if live[i] and not string.match(window, '^[^\\n]+\\n%d+ ') then more = more - 1 end
  end
end
redis.call('HSET', KEYS[1], unpack(changed))
return {best[1], best[2], tostring(least), more > 0 and 1 or 0}
"""
)

# Every listener's wishes in the order in which they would be taken.
UPCOMING = (
    NOW
    + TURNS
    + """
local found, now = {}, now_ms()
local held = redis.call('HGETALL', KEYS[1])
local of_account = turns(held)
for i = 1, #held, 2 do
  local listener = held[i]
  local expires, turn, rest = string.match(held[i + 1], '^(%d+) (%d+)\\n()')
  if tonumber(expires) > now then
    local account = of_account[string.match(listener, '^[^.]*')] or 0
    for rank, key in string.gmatch(string.sub(held[i + 1], rest), '(%d+) ([^\\n]+)\\n') do
      found[#found + 1] = {tonumber(rank), account, tonumber(turn), listener, key}
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
local head = string.match(window, '^[^\\n]+\\n')
return redis.call('HSET', KEYS[1], ARGV[1],
  head .. ARGV[3] .. ' ' .. ARGV[2] .. '\\n' .. string.sub(window, #head + 1))
"""

UNWANTED = (
    NOW
    + """
local live, gone, now = {}, {}, now_ms()
for _, window in ipairs(redis.call('HVALS', KEYS[1])) do
  if string.match(window, '^%d+') + ARGV[1] > now then live[#live + 1] = window end
end
for n = 2, #ARGV do
  local wanted = false
  for _, window in ipairs(live) do
    wanted = wanted or string.find(window, ' ' .. ARGV[n] .. '\\n', 1, true) ~= nil
  end
  if not wanted then gone[#gone + 1] = ARGV[n] end
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
    local expires = string.match(window, '^(%d+) %d+\\n%d+ ')
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
    now_ms = round(clock.epoch_seconds() * 1000)
    taken = _run(TAKE_NEXT, model_id, now_ms, ABANDONED_MS)
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
    return bool(keys and run_script(WAITED_FOR, keys))


def _run(script: str, model_id: int, *arguments: str | int) -> list[bytes]:
    found: list[bytes] = run_script(script, [_windows(model_id)], *arguments)
    return found


def _windows(model_id: int) -> str:
    return f"{PREFIX}:windows:{model_id}"
