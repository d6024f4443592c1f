"""The sound of one attempt while it is made: written once, read by many, never raising."""

import asyncio
import time
import uuid
from itertools import count, pairwise
from types import SimpleNamespace

import pytest
import redis

from tts.connections import redis_client
from tts.delivery import live
from tts.delivery.live import Writer, read

VARIANT = uuid.UUID("12345678-1234-5678-1234-567812345678")


async def sound(revision: int = 1) -> bytes:
    return b"".join([piece async for piece in read(VARIANT, revision)])


async def test_a_reader_gets_every_byte_in_order():
    writer = Writer(VARIANT, 1)
    pieces = [bytes([n]) * 1000 for n in range(50)]
    for piece in pieces:
        writer.append(piece)
    writer.end()
    assert await sound() == b"".join(pieces)


async def test_many_readers_get_the_same_from_the_beginning_whenever_they_come():
    writer = Writer(VARIANT, 1)
    early = asyncio.create_task(sound())
    await asyncio.sleep(0.05)
    writer.append(b"one ")
    late = asyncio.create_task(sound())
    await asyncio.sleep(0.05)
    writer.append(b"two")
    writer.end()
    assert await early == await late == await sound() == b"one two"


def test_the_first_piece_goes_out_at_once_and_the_next_are_gathered(monkeypatch):
    monkeypatch.setattr(live, "time", SimpleNamespace(monotonic=lambda: 0.0))
    writer = Writer(VARIANT, 1)
    assert not writer.append(b"")  # an encoder that has nothing ready yet
    assert writer.append(b"x")
    assert not writer.append(b"x")
    assert writer.append(b"x" * live.GATHER_BYTES)


def test_no_piece_waits_until_a_browser_has_enough_to_begin(monkeypatch):
    clock = count(0, 0.015)  # four times real time
    monkeypatch.setattr(live, "time", SimpleNamespace(monotonic=lambda: next(clock)))
    writer = Writer(VARIANT, 1)
    sent = [writer.append(b"x" * 400) for _ in range(40)]
    hurried = -(-live.HURRIED_BYTES // 400)
    assert all(sent[:hurried])
    assert 0 < sent[hurried:].count(True) < len(sent[hurried:]) / 2


def test_what_is_heard_later_is_gathered_from_its_second_piece_on(monkeypatch):
    clock = count(0, 0.015)
    monkeypatch.setattr(live, "time", SimpleNamespace(monotonic=lambda: next(clock)))
    writer = Writer(VARIANT, 1, is_heard_now=False)
    sent = [n for n in range(100) if writer.append(b"x" * 400)]
    assert sent[:3] == [0, 7, 14]  # each tenth of a second, until a browser can begin
    assert all(later - earlier >= 20 for earlier, later in pairwise(sent[2:]))
    assert len(sent) > 5


def test_what_was_gathered_for_long_goes_out(monkeypatch):
    monkeypatch.setattr(live, "NOW_SECONDS", (0.01, 0.01))
    writer = Writer(VARIANT, 1)
    assert writer.append(b"x")
    time.sleep(0.02)
    assert writer.append(b"x")


async def test_one_attempts_sound_is_not_anothers():
    Writer(VARIANT, 1).append(b"first")
    second = Writer(VARIANT, 2)
    second.append(b"second")
    second.end()
    assert await sound(2) == b"second"


async def test_a_reader_gives_up_after_a_long_silence(monkeypatch):
    monkeypatch.setattr(live, "IDLE_SECONDS", 0.2)
    monkeypatch.setattr(live, "POLL_MS", 50)
    Writer(VARIANT, 1).append(b"half a so")
    assert await asyncio.wait_for(sound(), 2) == b"half a so"


async def test_an_attempt_that_made_nothing_ends_its_readers():
    reading = asyncio.create_task(sound())
    Writer(VARIANT, 1).end()
    assert await asyncio.wait_for(reading, 2) == b""


async def test_a_reader_ends_when_redis_goes_away(monkeypatch):
    nowhere = redis.asyncio.Redis.from_url("unix:///nowhere/redis.sock")
    monkeypatch.setattr(live, "async_redis_client", lambda: nowhere)
    assert await asyncio.wait_for(sound(), 2) == b""


def test_a_stream_goes_away_by_itself():
    writer = Writer(VARIANT, 1)
    writer.append(b"x")
    writer.end()
    (stream,) = redis_client().keys()
    assert 0 < redis_client().ttl(stream) <= live.EXPIRES_SECONDS


@pytest.mark.parametrize("size", [0, 1, live.GATHER_BYTES, 5 * live.GATHER_BYTES + 1])
async def test_the_end_brings_the_rest(size):
    writer = Writer(VARIANT, 1)
    writer.append(b"a")
    writer.append(b"b" * size)
    writer.append(b"c")
    writer.end()
    assert await sound() == b"a" + b"b" * size + b"c"
