"""The channel layer, which joins and leaves many groups by one command."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from channels_redis.pubsub import RedisPubSubChannelLayer

from tts.connections import redis_client


class GroupsLayer(RedisPubSubChannelLayer):  # type: ignore[misc]  # it has no types
    """Channels' own over publish and subscribe; a page wants a window of sounds at once."""

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
