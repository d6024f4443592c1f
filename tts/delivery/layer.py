"""The channel layer: it joins many groups by one command, and notices a line that is silent."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

import structlog
from channels_redis.pubsub import RedisPubSubChannelLayer, RedisSingleShardConnection

from tts.connections import async_redis_client, redis_client

log = structlog.get_logger(__name__)

POLL_SECONDS = 0.1
# A line that says nothing is asked for a sign of life; without one it is given up after this long.
SILENT_SECONDS = 2.0
AGAIN_SECONDS = 0.5


class Listening(RedisSingleShardConnection):  # type: ignore[misc]  # it has no types
    """Channels' own connection, which would listen for ever to a line that was forgotten.

    While it is away events are lost, as the layer may lose them; what was joined is joined again.
    """

    _redis: Any
    _pubsub: Any

    def _ensure_redis(self) -> None:
        if self._redis is None:
            self._redis = async_redis_client()
            self._pubsub = self._redis.pubsub(ignore_subscribe_messages=True)

    async def _do_receiving(self) -> None:
        silent = 0  # looks: a loop that was busy meanwhile has not listened
        while True:
            try:
                if not self._pubsub.subscribed:
                    await asyncio.sleep(POLL_SECONDS)
                    continue
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

    async def groups_add(self, groups: Iterable[str], channel: str) -> None:
        """Do as ``group_add`` does, for each of these groups."""
        layer = self._get_layer()
        for shard, names in _by_shard(layer, groups):
            for name in names:
                layer.groups.setdefault(name, set()).add(channel)
            async with shard._lock:
                if new := [name for name in names if name not in shard._subscribed_to]:
                    shard._ensure_redis()
                    shard._ensure_receiver()
                    await shard._pubsub.subscribe(*new)
                    shard._subscribed_to.update(new)

    async def groups_discard(self, groups: Iterable[str], channel: str) -> None:
        """Do as ``group_discard`` does, for each of these groups."""
        layer = self._get_layer()
        for shard, names in _by_shard(layer, groups):
            async with shard._lock:
                left = []
                for name in names:
                    members = layer.groups.get(name, set())
                    members.discard(channel)
                    if not members:
                        layer.groups.pop(name, None)
                        left.append(name)
                if old := [name for name in left if name in shard._subscribed_to]:
                    shard._ensure_redis()
                    shard._ensure_receiver()
                    await shard._pubsub.unsubscribe(*old)
                    shard._subscribed_to.difference_update(old)

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
