"""The cache of what may be forgotten: while Redis is away it holds nothing, and nothing fails."""

from __future__ import annotations

from typing import Any

import redis
import structlog
from django.core.cache.backends.redis import RedisCache

log = structlog.get_logger(__name__)


class LenientRedisCache(RedisCache):
    """Limits are kept in it. Without Redis nobody is locked out; hashing is bounded anyway."""

    def add(self, *args: Any, **kwargs: Any) -> bool:
        return bool(self._tried(True, super().add, *args, **kwargs))

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        return self._tried(default, super().get, key, default, version)

    def set(self, *args: Any, **kwargs: Any) -> None:
        self._tried(None, super().set, *args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> bool:
        return bool(self._tried(False, super().delete, *args, **kwargs))

    @staticmethod
    def _tried(instead: Any, function: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except (redis.RedisError, OSError):
            log.warning("cache.away")
            return instead
