"""Looking at feeds for what is new, each in its turn."""

from __future__ import annotations

from datetime import timedelta
from hashlib import blake2b

import structlog
from django.conf import settings

from tts import clock, heartbeat

from ..extraction import ExtractionError
from ..ingestion import fetching
from ..models import Document, Subscription, SubscriptionEntry
from ..services import quota, shelving
from ..services.documents import add_document, same_source
from .entries import Entry, NoFeed, read_feed

log = structlog.get_logger(__name__)

CHECK_EVERY = timedelta(hours=1)
LONGEST_PAUSE = timedelta(days=1)
# For so long has a worker a feed to itself.
LEASE = timedelta(minutes=5)
MOST_BYTES = 5 * 1024 * 1024
# Of a feed that is new to somebody not all of its history is brought in.
FIRST_ARTICLES = 5
# One that changes all of its ids and addresses brings in no more than this.
MOST_ARTICLES = 10
MOST_A_DAY = 50


def take(feed: Subscription) -> bool:
    """Have a due feed to oneself; False if another worker was sooner."""
    now = clock.now()
    return bool(Subscription.objects.filter(pk=feed.pk, due_at__lte=now).update(due_at=now + LEASE))


def check(feed: Subscription) -> int:
    """Bring in what is new in a feed; return how much."""
    heartbeat.beat(fetching.TOTAL_SECONDS + heartbeat.SILENCE_SECONDS)
    try:
        fetched = fetching.fetch(
            feed.address,
            most_bytes=MOST_BYTES,
            may_be_private=settings.FETCH_PRIVATE_ADDRESSES,
        )
        content = read_feed(fetched.data, address=fetched.address)
    except (ExtractionError, NoFeed) as error:
        _put_off(feed, str(error))
        return 0
    if not Subscription.objects.filter(pk=feed.pk).exists():  # it was given up meanwhile
        return 0
    if not feed.title and content.title:
        Subscription.objects.filter(pk=feed.pk, title="").update(title=content.title)
        feed.title = content.title
    brought, refused = _bring_in(feed, content.entries)
    now = clock.now()
    Subscription.objects.filter(pk=feed.pk).update(
        checked_at=now, due_at=now + CHECK_EVERY, failures=0, error=refused
    )
    log.info("feed.checked", feed=feed.pk, new=brought)
    return brought


def _put_off(feed: Subscription, error: str) -> None:
    """Try again later, and the later the more often it failed."""
    pause = min(CHECK_EVERY * 2 ** min(feed.failures, 5), LONGEST_PAUSE)
    now = clock.now()
    Subscription.objects.filter(pk=feed.pk).update(
        checked_at=now, due_at=now + pause, failures=min(feed.failures + 1, 1000), error=error
    )
    log.warning("feed.failed", feed=feed.pk, reason=error)


def _bring_in(feed: Subscription, entries: list[Entry]) -> tuple[int, str]:
    """Bring in articles that were not seen before; return how many, and why no more."""
    seen = set(feed.entries.values_list("key", flat=True))
    new = [entry for entry in entries if seen.isdisjoint(_keys(entry))]
    # Those that are known by one of their names are known by the other from now on.
    _note(feed, [entry for entry in entries if entry not in new and not seen >= _keys(entry)])
    room = FIRST_ARTICLES if feed.checked_at is None else min(MOST_ARTICLES, _room_today(feed))
    documents, refused = [], ""
    for entry in reversed(new[:room]):  # the latest comes first in feeds, and last into the library
        if refused := quota.refusal(feed.owner):
            break
        _note(feed, [entry], is_brought=True)
        if same_source(owner=feed.owner, address=entry.address):
            continue
        documents.append(
            add_document(owner=feed.owner, title=entry.title, kind="html", address=entry.address)
        )
    if not refused:
        _note(feed, new[room:])  # what there was before, or is too much, is not asked for again
    _collect(feed, documents)
    return len(documents), refused


def _room_today(feed: Subscription) -> int:
    yesterday = clock.now() - timedelta(days=1)
    keys = feed.entries.filter(is_brought=True, seen_at__gt=yesterday).count()
    return max(0, MOST_A_DAY - keys // 2)


def _note(feed: Subscription, entries: list[Entry], *, is_brought: bool = False) -> None:
    SubscriptionEntry.objects.bulk_create(
        (
            SubscriptionEntry(subscription=feed, key=key, is_brought=is_brought)
            for entry in entries
            for key in _keys(entry)
        ),
        ignore_conflicts=True,
    )


def _keys(entry: Entry) -> set[str]:
    """Return what an article is known by: a feed may change its ids, or its addresses."""
    return {
        blake2b(text.encode("utf-8", "replace"), digest_size=20).hexdigest()
        for text in (f"id {entry.id}", f"at {entry.address}")
    }


def _collect(feed: Subscription, documents: list[Document]) -> None:
    if not documents:
        return
    if feed.collection is None:
        try:
            name = str(feed)[:100].lstrip("#") or "Feed"
            feed.collection = shelving.collection_named(owner=feed.owner, name=name)
        except shelving.TooMany:
            return
        Subscription.objects.filter(pk=feed.pk).update(collection=feed.collection)
    shelving.put_into(collection=feed.collection, documents=documents)
