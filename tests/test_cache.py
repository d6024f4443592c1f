"""The cache that limits are kept in: real Redis, and a Redis that is away."""

from config.cache import LenientRedisCache
from config.settings import REDIS_URL


def test_it_keeps_things():
    cache = LenientRedisCache(REDIS_URL, {})
    assert cache.add("a", 1)
    assert not cache.add("a", 2)
    assert cache.get("a") == 1
    cache.set("a", [3])
    assert cache.get("a") == [3]
    assert cache.delete("a")
    assert cache.get("a", "none") == "none"


def test_while_redis_is_away_it_holds_nothing_and_nobody_is_locked_out():
    cache = LenientRedisCache("redis://127.0.0.1:9/0", {})
    cache.set("a", 1)
    assert cache.get("a", "none") == "none"
    assert cache.add("a", 1), "What asks for a lock gets it."
    assert not cache.delete("a")
