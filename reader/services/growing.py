"""Texts that are read while they are written."""

from __future__ import annotations

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import F

from tts import clock

from ..ingestion import growing
from ..models import Addition, Document, Growth, User
from . import quota

log = structlog.get_logger(__name__)

MB = 1024 * 1024
GROWS = frozenset({"text", "markdown"})
# Whoever goes on with a document that was there begins a paragraph.
NEW_PARAGRAPH = "\n\n"


class CannotGrow(Exception):
    """Nothing can be added to this document; the message is for a person."""


def begin_growing(*, owner: User, title: str = "", text: str = "") -> Document:
    """Make a document that grows until it is finished."""
    document = Document.objects.create(
        owner=owner,
        title=title.strip()[:300],
        kind="text",
        status=Document.Status.IMPORTING,
        growing=True,
        attempt=1,
    )
    quota.note_import(owner)
    log.info("document.grows", document=str(document.uuid), user=owner.pk)
    append_text(document=document, text=text)
    document.refresh_from_db()
    return document


def append_text(*, document: Document, text: str, finished: bool = False) -> None:
    """Add to a document; ``finished``: nothing more comes. Raises CannotGrow.

    What is whole of it becomes blocks at once, and open pages go on with it.
    """
    if document.kind not in GROWS:
        raise CannotGrow("Only texts grow: this was brought in as a file of another kind.")
    if document.status == Document.Status.FAILED:
        raise CannotGrow("This document could not be brought in, so that nothing follows it.")
    more = len(text.encode("utf-8", "replace"))
    if text and document.source_bytes + more > settings.MAX_UPLOAD_MB * MB:
        raise CannotGrow(f"A document takes {settings.MAX_UPLOAD_MB} MB at the most.")
    if text and (words := quota.size_refusal(document.owner, more_bytes=more)):
        raise CannotGrow(words)
    with transaction.atomic():
        own = Document.objects.filter(pk=document.pk)
        reopened = own.filter(status=Document.Status.READY).update(
            status=Document.Status.IMPORTING, growing=True, changed_at=clock.now()
        )
        if reopened:
            Growth.objects.get_or_create(document=document)
            Addition.objects.create(document=document, text=NEW_PARAGRAPH)
        own.update(source_bytes=F("source_bytes") + more)
        growing.note(document, text, finished=finished)
    growing.take(document.pk)


def finish(*, document: Document) -> None:
    """End a document's growth, as its writer would."""
    append_text(document=document, text="", finished=True)
