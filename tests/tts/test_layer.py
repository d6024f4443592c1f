"""The channel layer: few commands for many pages, and no group is lost."""

from __future__ import annotations

import asyncio

import pytest
from channels.layers import get_channel_layer

from tts.connections import redis_client

GROUPS = [f"group-{number}" for number in range(20)]


@pytest.fixture
async def layer():
    layer = get_channel_layer()
    yield layer
    await layer.flush()


def subscriptions() -> tuple[int, int]:
    """Return how many commands to subscribe there were, and how many names are subscribed to."""
    calls = redis_client().info("commandstats").get("cmdstat_subscribe", {"calls": 0})["calls"]
    return int(calls), len(redis_client().pubsub_channels("lectern*"))


async def test_a_page_is_no_name_that_redis_knows(layer):
    before = subscriptions()
    await layer.new_channel()
    assert subscriptions() == before


async def test_those_who_come_at_once_subscribe_by_few_commands(layer):
    channels = [await layer.new_channel() for _ in GROUPS]
    commands, names = subscriptions()
    joining = (
        layer.groups_add([group, "all"], channel)
        for group, channel in zip(GROUPS, channels, strict=True)
    )
    await asyncio.gather(*joining)
    for group, channel in zip(GROUPS, channels, strict=True):
        await layer.group_send(group, {"type": "own", "group": group})
        assert await layer.receive(channel) == {"type": "own", "group": group}
    assert subscriptions() == (commands + 2, names + len(GROUPS) + 1)
    await layer.group_send("all", {"type": "all"})
    for channel in channels:
        assert await layer.receive(channel) == {"type": "all"}


async def test_who_joins_while_the_last_one_leaves_is_heard(layer):
    old, new = await layer.new_channel(), await layer.new_channel()
    for _ in range(20):
        await layer.groups_add(["group"], old)
        await asyncio.gather(layer.groups_discard(["group"], old), layer.groups_add(["group"], new))
        await layer.group_send("group", {"type": "news"})
        async with asyncio.timeout(5):
            assert await layer.receive(new) == {"type": "news"}
        await layer.groups_discard(["group"], new)


async def test_what_was_left_is_subscribed_to_no_longer(layer):
    channel = await layer.new_channel()
    await layer.groups_add(GROUPS, channel)
    await layer.groups_discard(GROUPS, channel)
    await layer.groups_add(["last"], channel)
    await layer.group_send("last", {"type": "news"})
    await layer.receive(channel)  # by then all commands before are carried out
    assert subscriptions()[1] == 1


async def test_a_stream_is_reached_by_its_name(layer):
    """Another process hands on what came to it (reader/consumers/streams.py)."""
    name = await layer.new_channel("stream.")
    await layer.send(name, {"type": "news"})
    assert await layer.receive(name) == {"type": "news"}
