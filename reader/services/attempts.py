"""How often somebody may try to sign in, or make an account: counted in Redis, for all processes.

An attempt counts before its password is looked at, so that many at once gain nothing. Counted are
the attempts on an account, wherever they come from, and those of a client, whatever their names.
From where somebody signed in before, an account has a count of its own and no other: neither who
tries it from elsewhere nor others behind the same proxy lock its owner out.
"""

from __future__ import annotations

import math
import unicodedata
from hashlib import blake2b

import redis
import structlog

from tts.connections import PREFIX, redis_client

log = structlog.get_logger(__name__)

WINDOW_SECONDS = 15 * 60
FAILURES_OF_ACCOUNT = 10
FAILURES_OF_CLIENT = 50
SIGN_UPS_OF_CLIENT = 20
SIGN_UP_SECONDS = 3600
KNOWN_SECONDS = 30 * 24 * 3600


class TooMany(Exception):
    """There were too many attempts; the message says for how long to wait."""

    def __init__(self, what: str, seconds: int) -> None:
        minutes = max(1, math.ceil(seconds / 60))
        super().__init__(
            f"Too many attempts to {what}. For your safety, please wait "
            f"{f'{minutes} minutes' if minutes > 1 else 'a minute'} and try again."
        )


def begin_sign_in(*, account: str, client: str) -> None:
    """Count an attempt to sign in. Raises TooMany."""
    name, of_client = _digest(account), f"client:{client}"
    try:
        if redis_client().exists(_key(f"known:{name}:{client}")):
            limits = {f"account:{name}:{client}": FAILURES_OF_ACCOUNT}
        else:
            limits = {f"account:{name}": FAILURES_OF_ACCOUNT, of_client: FAILURES_OF_CLIENT}
        for counted, most in limits.items():
            count, seconds = _count(counted, WINDOW_SECONDS)
            if count > most:
                log.warning("sign_in.too_many", of=counted.partition(":")[0], client=client)
                raise TooMany("sign in", seconds)
    except redis.RedisError:  # who owns the account must get in; hashing is bounded anyway
        log.warning("sign_in.not_counted", client=client)


def signed_in(*, account: str, client: str) -> None:
    """Forget the failures before, and remember from where the account is used."""
    name = _digest(account)
    try:
        with redis_client().pipeline() as pipeline:
            if not redis_client().exists(_key(f"known:{name}:{client}")):
                pipeline.decr(_key(f"client:{client}"))  # it was counted, and is no failure
                pipeline.expire(_key(f"client:{client}"), WINDOW_SECONDS)
            pipeline.delete(_key(f"account:{name}"), _key(f"account:{name}:{client}"))
            pipeline.set(_key(f"known:{name}:{client}"), 1, ex=KNOWN_SECONDS)
            pipeline.execute()
    except redis.RedisError:
        log.warning("sign_in.not_counted", client=client)


def begin_sign_up(*, client: str) -> None:
    """Count a sign-up. Raises TooMany."""
    try:
        count, seconds = _count(f"sign-up:{client}", SIGN_UP_SECONDS)
    except redis.RedisError:
        log.warning("sign_up.not_counted", client=client)
        return
    if count > SIGN_UPS_OF_CLIENT:
        log.warning("sign_up.too_many", client=client)
        raise TooMany("make accounts", seconds)


def _count(name: str, seconds: int) -> tuple[int, int]:
    """Count one more; return how many there were in this window, and how long it still lasts."""
    key = _key(name)
    with redis_client().pipeline() as pipeline:
        pipeline.set(key, 0, ex=seconds, nx=True)
        pipeline.incr(key)
        pipeline.ttl(key)
        _, count, left = pipeline.execute()
    return int(count), int(left)


def _digest(account: str) -> str:
    """Return what stands for a name, however it is spelled; it may be as long as it likes."""
    name = unicodedata.normalize("NFKC", account).casefold().strip()
    return blake2b(name.encode("utf-8", "replace"), digest_size=12).hexdigest()


def _key(name: str) -> str:
    return f"{PREFIX}:attempts:{name}"
