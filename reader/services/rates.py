"""How often a program may ask: counted by the minute in Redis, for all processes."""

from __future__ import annotations

import time

import redis
import structlog
from django.conf import settings

from tts.connections import PREFIX, redis_client

from ..models import Token

log = structlog.get_logger(__name__)

WINDOW_SECONDS = 60


def seconds_to_wait(token: Token) -> int:
    """Count a request of this token's account; return for how long it has to wait. 0: not at all.

    An account counts, not a token: who makes ten gains nothing. With Redis away none is counted.
    """
    limit = settings.API_REQUESTS_PER_MINUTE
    if not limit:
        return 0
    now = time.time()
    window = int(now // WINDOW_SECONDS)
    key = f"{PREFIX}:requests:{token.user_id}:{window}"
    try:
        with redis_client().pipeline() as pipeline:
            pipeline.incr(key)
            pipeline.expire(key, 2 * WINDOW_SECONDS)
            count, _ = pipeline.execute()
    except (redis.RedisError, OSError):
        log.warning("requests.not_counted", user=token.user_id)
        return 0
    return max(1, round((window + 1) * WINDOW_SECONDS - now)) if int(count) > limit else 0
