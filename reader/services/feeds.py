"""The private podcast of a person: finished exports under an address that only they know."""

from __future__ import annotations

import secrets

import structlog
from django.db import transaction
from django.utils import timezone

from tts.keys import seal, unseal
from tts.models import Voice, digest

from ..models import Document, Export, ExportQuerySet, Feed, User
from . import exports

log = structlog.get_logger(__name__)

# What podcast apps play: by its kinds, the one that is made for it first.
KINDS = ("mp3", "m4b")
SECRET_BYTES = 24


def open_feed(*, person: User) -> Feed:
    """Give a person's podcast an address; another one if it has one, which ends the old one."""
    secret = secrets.token_urlsafe(SECRET_BYTES)
    with transaction.atomic():
        feed, _ = Feed.objects.update_or_create(
            owner=person,
            defaults={
                "secret_hash": _hash(secret),
                "sealed_secret": seal(secret),
                "created_at": timezone.now(),
            },
        )
    log.info("feed.opened", user=person.pk)
    return feed


def close_feed(*, person: User) -> None:
    """Withdraw the address: whoever has it finds nothing from now on."""
    Feed.objects.filter(owner=person).delete()
    log.info("feed.closed", user=person.pk)


def secret_of(feed: Feed) -> str:
    """Return the secret part of its address. Raises UnreadableKey."""
    return unseal(feed.sealed_secret)


def find_feed(secret: str) -> Feed | None:
    """Return the feed under an address, unless its owner may not sign in any more."""
    found = Feed.objects.select_related("owner").filter(secret_hash=_hash(secret))
    return found.filter(owner__is_active=True).first()


def episodes_of(feed: Feed) -> ExportQuerySet:
    """Return what is played of it, latest first."""
    made = Export.objects.visible_to(feed.owner).filter(status=Export.Status.DONE, in_feed=True)
    return made.filter(kind__in=KINDS).select_related("document").order_by("-finished_at", "-pk")


def add_to_feed(*, document: Document, person: User, voice: Voice) -> Export:
    """Have a document played by podcast apps: a file that is there and up to date, or one that is
    made for it. Raises ExportRefused."""
    if not Feed.objects.filter(owner=person).exists():
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
