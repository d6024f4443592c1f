"""The channel layer: it joins many groups by one command, and notices a line that is silent."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Collection, Iterable
from typing import Any

import structlog
from channels_redis.pubsub import RedisPubSubChannelLayer, RedisSingleShardConnection

from tts.connections import async_redis_client, redis_client

log = structlog.get_logger(__name__)

OF_A_PAGE = "specific."  # as Channels calls what a consumer asks for
POLL_SECONDS = 0.5
# A line that says nothing is asked for a sign of life; without one it is given up after this long.
SILENT_SECONDS = 2.0
AGAIN_SECONDS = 0.5


class Listening(RedisSingleShardConnection):  # type: ignore[misc]  # it has no types
    """Channels' own connection, which would listen for ever to a line that was forgotten.

    While it is away events are lost, as the layer may lose them; what was joined is joined again.
    """

    channel_layer: Any
    _redis: Any
    _pubsub: Any

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._has_groups = asyncio.Event()
        self._due: set[str] = set()  # for the next command: those who wait for the one before it

    def _ensure_redis(self) -> None:
        if self._redis is None:
            self._redis = async_redis_client()
            self._pubsub = self._redis.pubsub(ignore_subscribe_messages=True)

    async def subscribe_all(self, names: Collection[str]) -> None:
        """Subscribe to what is new; what others wait to subscribe to goes along."""
        self._due.update(names)
        try:
            async with self._lock:
                if not self._subscribed_to.issuperset(names):
                    new = self._due.union(names) - self._subscribed_to
                    self._ensure_redis()
                    self._ensure_receiver()
                    await self._pubsub.subscribe(*new)
                    self._subscribed_to |= new
                    self._has_groups.set()
        finally:
            self._due.difference_update(names)

    async def unsubscribe_all(self, names: Collection[str]) -> None:
        """Unsubscribe from groups that nobody is in, though somebody may just have come in."""
        async with self._lock:
            left = self._subscribed_to.intersection(names) - self.channel_layer.groups.keys()
            if left:
                self._ensure_redis()
                self._ensure_receiver()
                await self._pubsub.unsubscribe(*left)
                self._subscribed_to -= left

    async def subscribe(self, channel: str) -> None:
        await self.subscribe_all([channel])

    async def unsubscribe(self, channel: str) -> None:
        await self.unsubscribe_all([channel])

    async def _do_receiving(self) -> None:
        silent = 0  # looks: a loop that was busy meanwhile has not listened
        while True:
            try:
                if not self._pubsub.subscribed:
                    self._has_groups.clear()
                    await self._has_groups.wait()
                message = await self._pubsub.get_message(timeout=POLL_SECONDS)
                self._receive_message(message)
                silent = silent + 1 if message is None and self._is_overdue else 0
                if silent * POLL_SECONDS >= SILENT_SECONDS:
                    silent = 0
                    log.warning("layer.silent")
                    await self._pubsub.connection.disconnect(nowait=True)
            except Exception as error:  # whatever it is, who listens goes on listening
                log.warning("layer.away", reason=str(error) or type(error).__name__)
                await asyncio.sleep(AGAIN_SECONDS)

    @property
    def _is_overdue(self) -> bool:
        """Tell whether a PING is out: redis-py sends one when nothing has come for a while."""
        return bool(asyncio.get_running_loop().time() > self._pubsub.connection.next_health_check)


class GroupsLayer(RedisPubSubChannelLayer):  # type: ignore[misc]  # it has no types
    """Channels' own over publish and subscribe; a page wants a window of sounds at once."""

    def _get_layer(self) -> Any:
        layer = super()._get_layer()
        if not isinstance(layer._shards[0], Listening):
            layer._shards = [Listening(shard.host, layer) for shard in layer._shards]
        return layer

    async def new_channel(self, prefix: str = OF_A_PAGE) -> str:
        """Do as Channels' own does, but for pages: these are reached by their groups alone.

        So Redis need not know of each of them, nor be told when it leaves.
        """
        layer = self._get_layer()
        if prefix != OF_A_PAGE:
            return str(await layer.new_channel(prefix))
        name = f"{layer.prefix}{prefix}{uuid.uuid4().hex}"
        layer.channels[name] = asyncio.Queue()
        return name

    async def groups_add(self, groups: Iterable[str], channel: str) -> None:
        """Do as ``group_add`` does, for each of these groups."""
        layer = self._get_layer()
        for shard, names in _by_shard(layer, groups):
            for name in names:
                layer.groups.setdefault(name, set()).add(channel)
            await shard.subscribe_all(names)

    async def groups_discard(self, groups: Iterable[str], channel: str) -> None:
        """Do as ``group_discard`` does, for each of these groups."""
        layer = self._get_layer()
        for shard, names in _by_shard(layer, groups):
            for name in names:
                members = layer.groups.get(name, set())
                members.discard(channel)
                if not members:
                    layer.groups.pop(name, None)
            await shard.unsubscribe_all(names)

    def tell_group(self, group: str, message: dict[str, Any]) -> None:
        """Do as ``group_send`` does, from synchronous code. Raises RedisError.

        Without a loop, and a switch to its thread and back, that costs a tenth.
        """
        name = f"{self._kwargs['prefix']}__group__{group}"
        redis_client().publish(name, self.serialize(message))


def _by_shard(layer: Any, groups: Iterable[str]) -> list[tuple[Any, list[str]]]:
    found: dict[Any, list[str]] = {}
    for group in groups:
        name = layer._get_group_channel_name(group)
        found.setdefault(layer._get_shard(name), []).append(name)
    return list(found.items())
