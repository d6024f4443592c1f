"""Whose import is next: accounts take turns, and slow sites never hold all processes."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.conf import settings

from tts import clock
from tts.connections import PREFIX, redis_client

from ..models import Document
from .fetching import TOTAL_SECONDS

SERVED = f"{PREFIX}:imports-served"  # account → when it last had a turn
FETCHING = f"{PREFIX}:fetching"  # who fetches → since when
SERVED_COUNTS_FOR = timedelta(days=1)
# A fetch is over by then, or whoever fetched is gone.
SLOT_SECONDS = TOTAL_SECONDS + 30


class NoSlot(Exception):
    """As many pages are being fetched as may be."""


def waiting() -> Iterator[Document]:
    """Yield what waits to be imported: whose account was served longest ago comes first.

    Of an account, the oldest comes first, and only that one is offered: its next has its own turn.
    """
    oldest: dict[int, int] = {}
    rows = Document.objects.lost_or_new().order_by("created_at", "pk")
    for pk, owner in rows.values_list("pk", "owner_id"):
        oldest.setdefault(owner, pk)
    client = redis_client()
    served = {owner: client.zscore(SERVED, str(owner)) or 0.0 for owner in oldest}
    for owner in sorted(oldest, key=served.__getitem__):
        document = Document.objects.lost_or_new().filter(pk=oldest[owner]).first()
        if document:
            yield document


def note(document: Document) -> None:
    """Note that an account had a turn."""
    client, now = redis_client(), clock.epoch_seconds()
    client.zadd(SERVED, {str(document.owner_id): now})
    client.zremrangebyscore(SERVED, 0, now - SERVED_COUNTS_FOR.total_seconds())


def may_fetch() -> bool:
    """Tell whether another page may be fetched at the moment."""
    client = redis_client()
    client.zremrangebyscore(FETCHING, 0, clock.epoch_seconds() - SLOT_SECONDS)
    return int(client.zcard(FETCHING)) < settings.FETCHES_AT_ONCE


@contextmanager
def fetch_slot() -> Iterator[None]:
    """Hold one of the slots for fetching. Raises NoSlot."""
    client, holder = redis_client(), uuid.uuid4().hex
    client.zremrangebyscore(FETCHING, 0, clock.epoch_seconds() - SLOT_SECONDS)
    client.zadd(FETCHING, {holder: clock.epoch_seconds()})
    try:
        if holder.encode() not in client.zrange(FETCHING, 0, settings.FETCHES_AT_ONCE - 1):
            raise NoSlot
        yield
    finally:
        client.zrem(FETCHING, holder)
