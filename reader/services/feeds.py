"""Private podcasts: finished exports under an address that only their owner knows.

A person has one, of what they add to it; each collection may have one, of its documents.
"""

from __future__ import annotations

import secrets

import structlog
from django.db import transaction
from django.db.models import OuterRef, Subquery
from django.utils import timezone

from tts.keys import seal, unseal
from tts.models import Voice, digest

from ..models import Collection, Document, Export, ExportQuerySet, Feed, User
from . import exports
from .preferences import preferences_of, voice_of

log = structlog.get_logger(__name__)

# What podcast apps play: by its kinds, the one that is made for it first.
KINDS = ("mp3", "m4b")
SECRET_BYTES = 24


def open_feed(*, person: User, collection: Collection | None = None) -> Feed:
    """Give a podcast an address; another one if it has one, which ends the old one."""
    secret = secrets.token_urlsafe(SECRET_BYTES)
    with transaction.atomic():
        feed, _ = Feed.objects.update_or_create(
            owner=person,
            collection=collection,
            defaults={
                "secret_hash": _hash(secret),
                "sealed_secret": seal(secret),
                "created_at": timezone.now(),
            },
        )
    log.info("feed.opened", user=person.pk, collection=collection and collection.pk)
    return feed


def feed_of(person: User, collection: Collection | None = None) -> Feed | None:
    return Feed.objects.filter(owner=person, collection=collection).first()


def close_feed(*, person: User, collection: Collection | None = None) -> None:
    """Withdraw the address: whoever has it finds nothing from now on."""
    Feed.objects.filter(owner=person, collection=collection).delete()
    log.info("feed.closed", user=person.pk)


def secret_of(feed: Feed) -> str:
    """Return the secret part of its address. Raises UnreadableKey."""
    return unseal(feed.sealed_secret)


def find_feed(secret: str) -> Feed | None:
    """Return the feed under an address, unless its owner may not sign in any more."""
    found = Feed.objects.select_related("owner", "collection").filter(secret_hash=_hash(secret))
    return found.filter(owner__is_active=True).first()


def episodes_of(feed: Feed) -> ExportQuerySet:
    """Return what is played of it, latest first."""
    made = Export.objects.visible_to(feed.owner).filter(
        status=Export.Status.DONE, kind__in=KINDS, document__deleted_at=None
    )
    if feed.collection is None:
        made = made.filter(in_feed=True)
    else:
        # Of each document the latest file that has all of it.
        whole = made.filter(chapters__isnull=True)
        latest = whole.filter(document=OuterRef("document")).order_by("-finished_at", "-pk")
        made = whole.filter(document__collections=feed.collection)
        made = made.filter(pk=Subquery(latest.values("pk")[:1]))
    return made.select_related("document").order_by("-finished_at", "-pk")


def fill_feed(feed: Feed) -> tuple[int, str]:
    """Have the files made that a collection's podcast lacks; return how many, and why no more."""
    assert feed.collection
    there = (
        Export.objects.visible_to(feed.owner)
        .filter(kind__in=KINDS, chapters__isnull=True)
        .exclude(status__in=(Export.Status.ERROR, Export.Status.STOPPED))
    )
    lacking = (
        Document.objects.visible_to(feed.owner)
        .filter(collections=feed.collection, status=Document.Status.READY)
        .exclude(pk__in=there.values("document"))
        .order_by("pk")
    )
    count = 0
    for document in lacking:
        voice = voice_of(preferences_of(feed.owner, document))
        try:
            exports.begin_export(document=document, person=feed.owner, kind=KINDS[0], voice=voice)
        except exports.ExportRefused as refused:
            return count, str(refused)
        count += 1
    return count, ""


def add_to_feed(*, document: Document, person: User, voice: Voice) -> Export:
    """Have a document played by podcast apps: a file that is there and up to date, or one that is
    made for it. Raises ExportRefused."""
    if feed_of(person) is None:
        open_feed(person=person)
    own = Export.objects.visible_to(person).filter(
        document=document, voice=voice, kind__in=KINDS, chapters__isnull=True
    )
    for export in own.exclude(status__in=(Export.Status.ERROR, Export.Status.STOPPED)):
        if not exports.why_out_of_date(export):
            Export.objects.filter(pk=export.pk).update(in_feed=True)
            export.in_feed = True
            return export
    return exports.begin_export(
        document=document, person=person, kind=KINDS[0], voice=voice, in_feed=True
    )


def take_out_of_feed(*, export: Export) -> None:
    Export.objects.filter(pk=export.pk).update(in_feed=False)


def _hash(secret: str) -> str:
    return digest("feed", secret)
