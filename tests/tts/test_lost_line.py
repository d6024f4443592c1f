"""A line to Redis that is silent, cut or broken off: noticed within seconds, and nothing twice."""

from __future__ import annotations

import asyncio
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from channels.layers import channel_layers, get_channel_layer

from reader.consumers.session import LOOK_AGAIN_SECONDS
from tests.environment import SOCKET
from tests.faults.proxy import Proxy
from tests.worker import running_worker, wait_until
from tts import connections
from tts.connections import async_redis_client, redis_client
from tts.delivery import live
from tts.demand import alignments, coming, figures, heard
from tts.models import AudioVariant, Status

from .conftest import Listener

# An answer is waited for 2 s; then comes a pause of at most 0.6 s, and it is asked once more.
NOTICED_SECONDS = 4.5
# 12 are aimed at, by `make faults`; here others may be at work. It took 40 and more.
SOUND_SECONDS = 20.0
CUT_SECONDS = 10.0


@pytest.fixture
def proxy() -> Proxy:
    return Proxy(SOCKET)


@pytest.fixture
def behind(proxy, settings, monkeypatch) -> Iterator[Proxy]:
    """Have this process reach Redis through the proxy."""
    # A test before this one may have found Redis away, so that nothing is noted for some seconds.
    monkeypatch.setattr(figures, "_away_until", 0.0)
    settings.REDIS_URL = f"redis://127.0.0.1:{proxy.port}/0"
    redis_client.cache_clear()
    channel_layers.backends.clear()
    yield proxy
    proxy.pass_on()
    redis_client.cache_clear()
    channel_layers.backends.clear()
    connections._async_clients.clear()


def seconds_of(what) -> float:
    began = time.monotonic()
    what()
    return time.monotonic() - began


def test_a_command_over_a_forgotten_line_is_carried_out_over_a_new_one(behind):
    redis_client().set("key", "before")
    behind.forget()
    assert seconds_of(lambda: redis_client().set("key", "after")) < NOTICED_SECONDS
    assert redis_client().get("key") == b"after"


def test_nobody_waits_long_for_a_line_that_is_cut(behind):
    redis_client().ping()
    behind.blackhole()
    with pytest.raises(connections.redis.RedisError):
        redis_client().ping()
    behind.pass_on()
    assert seconds_of(redis_client().ping) < NOTICED_SECONDS


def test_a_command_bears_a_reset(behind):
    redis_client().set("key", "before")
    behind.reset()
    assert redis_client().get("key") == b"before"


async def test_a_command_of_a_loop_bears_a_forgotten_line(behind):
    await async_redis_client().set("key", "before")
    behind.forget()
    async with asyncio.timeout(NOTICED_SECONDS):
        assert await async_redis_client().get("key") == b"before"


@pytest.mark.parametrize("how", ["forget", "reset"])
async def test_events_come_again_after_the_line_was_lost(behind, how):
    layer = get_channel_layer()
    channel = await layer.new_channel()
    await layer.groups_add(["group"], channel)
    await layer.group_send("group", {"type": "first"})
    assert (await layer.receive(channel))["type"] == "first"
    getattr(behind, how)()
    sent = 0
    async with asyncio.timeout(8):
        while True:  # some are lost, as the layer may lose them
            sent += 1
            await layer.group_send("group", {"type": "again", "number": sent})
            try:
                async with asyncio.timeout(0.2):
                    assert (await layer.receive(channel))["type"] == "again"
                    break
            except TimeoutError:
                continue
    await layer.flush()


async def test_a_layer_at_rest_keeps_its_line(behind, caplog):
    """Nothing to say is not silence: it answers when it is asked."""
    layer = get_channel_layer()
    channel = await layer.new_channel()
    await layer.groups_add(["group"], channel)
    await asyncio.sleep(6)
    await layer.group_send("group", {"type": "first"})
    async with asyncio.timeout(1):
        assert (await layer.receive(channel))["type"] == "first"
    assert not [record for record in caplog.records if "layer." in record.getMessage()]
    await layer.flush()


def test_a_piece_whose_answer_was_lost_is_not_there_twice(behind):
    variant = uuid.uuid4()
    writer = live.Writer(variant, 1)
    writer.append(b"one ")
    with the_next_answer_lost(behind):
        writer.end()
    entries = redis_client().xrange(live._stream(variant, 1))
    assert [fields[live.DATA] for _, fields in entries] == [b"one ", b""]


@contextmanager
def the_next_answer_lost(behind: Proxy) -> Iterator[None]:
    """Have it break off while it comes; the line is in order when it is asked for once more."""
    behind.truncate()
    mending = threading.Timer(0.15, behind.pass_on)
    mending.start()
    yield
    mending.join()


def test_a_sound_whose_answer_was_lost_is_still_taken_for_alignment(behind):
    first, second = uuid.uuid4(), uuid.uuid4()
    alignments.add([first], soon=True)
    alignments.add([second], soon=False)
    alignments.write()
    with the_next_answer_lost(behind):
        assert alignments.take() == first
    assert (alignments.take(), alignments.take()) == (second, None)


@pytest.mark.parametrize(("limit", "granted"), [(0, 3), (2, 2), (1, 1)])
def test_turns_whose_announcement_was_not_answered_are_sent(behind, ann, limit, granted):
    model = ann.voice.speech_model
    model.concurrency = limit
    for name in coming.announce(model, 1):  # the script is known to Redis
        coming.arrived(model.pk, name)
    with the_next_answer_lost(behind):
        names = coming.announce(model, 3)
    assert len(names) == granted
    assert len(coming.announce(model, 3)) == (limit or coming.MOST) - granted
    for name in names:
        coming.arrived(model.pk, name)
    assert len(coming.announce(model, 3)) == granted


def test_what_was_heard_is_written_though_the_answer_was_lost(behind, ann):
    (variant,) = ann.want("Something that was heard.")
    heard.note([variant.pk])
    with the_next_answer_lost(behind):
        assert heard.write() == 1


async def test_a_stream_that_lost_its_beginning_is_not_read():
    variant = uuid.uuid4()
    writer = live.Writer(variant, 1)
    writer.append(b"one ")
    redis_client().flushall()
    writer.append(b"x" * live.GATHER_BYTES)
    writer.end()
    assert [piece async for piece in live.read(variant, 1)] == []


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("pool", ["prefork", "threads"])
@pytest.mark.parametrize("how", ["forget", "reset", "cut"])
def test_a_worker_makes_sound_again_after_its_line_was_lost(
    proxy, ann, tmp_path, monkeypatch, pool, how
):
    monkeypatch.setenv("REDIS_URL", f"redis://127.0.0.1:{proxy.port}/0")
    log = tmp_path / "tone.log"
    with running_worker(data_dir=tmp_path, tone_log=log, pool=pool):
        ann.want("Before.")
        wait_until(lambda: AudioVariant.objects.filter(status=Status.CACHED).count() == 1)
        for number in range(2):  # at rest, and with an answer on its way
            if how == "cut":
                proxy.blackhole()
                time.sleep(CUT_SECONDS)
                proxy.pass_on()
            else:
                getattr(proxy, how)()
            began = time.monotonic()
            while not is_made(ann, f"After {number}."):
                assert time.monotonic() - began < SOUND_SECONDS
            print(f"{pool}, {how}: sound after {time.monotonic() - began:.1f} s")


def is_made(ann: Listener, text: str) -> bool:
    """Want it, as a session does again and again: the turn may have gone down with the line."""
    (variant,) = ann.want(text)
    over = time.monotonic() + LOOK_AGAIN_SECONDS
    while time.monotonic() < over and variant.status != Status.CACHED:
        time.sleep(0.05)
        variant.refresh_from_db()
    return variant.status == Status.CACHED
