"""An import: its source, its attempts, and its end."""

from __future__ import annotations

from contextlib import suppress
from urllib.parse import unquote, urlsplit

import structlog
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import F

from tts import clock, heartbeat
from tts.storage import why

from .. import events, narrating, telling
from ..extraction import FORMATS, Extracted, ExtractionError, kind_of, sandbox
from ..extraction.formats.text import extract
from ..extraction.plain.decoding import decode, decode_page
from ..models import IMPORT_IS_LOST_AFTER, Document, OutlineEntry
from . import fetching, growing, turns
from .making import (
    FIRST_BLOCKS,
    Making,
    Stopped,
    left_out_of,
    of_this_attempt,
    outline_of,
    read_names,
    tell_end,
)
from .naming import first_words, stem
from .speaking import Speaker

log = structlog.get_logger(__name__)

MAX_ATTEMPTS = 3
CRASHED = (
    "This could not be read: our importer failed on it three times. "
    "Please try the text by itself, without what surrounds it."
)
NOT_KEPT = (
    "This could not be kept: {reason}. Nothing is wrong with it: whoever runs Lectern has to look "
    "at the storage. Then bring it in again."
)
NO_WORDS = "There is nothing to read aloud in this: no words were found."
HTML_TYPES = {"text/html", "application/xhtml+xml"}
TEXT_TYPES = {
    "text/plain": "text",
    "text/markdown": "markdown",
    **dict.fromkeys(HTML_TYPES, "html"),
}


def import_document(document: Document) -> bool:
    """Make the document's blocks from its source. Twice does no harm; again, it goes on.

    Return False when another worker was sooner. Raises NoSlot if its page has to be fetched, and as
    many are fetched as may be.
    """
    if not _begin(document):
        return False
    log.info("import.begun", document=str(document.uuid), attempt=document.attempt)
    try:
        extracted = extract_source(document)
        made = Making(document, extracted.language, Speaker.of(document))
        made.introduce(extracted)
        for draft in extracted.blocks:
            made.add(draft)
            heartbeat.beat(sandbox.SILENT_SECONDS + heartbeat.SILENCE_SECONDS)
        made.store()
        if not made.has_words:
            raise ExtractionError(NO_WORDS)
    except ExtractionError as error:
        _fail(document, str(error))
    except OSError as error:  # the storage's: those of the network have words of their own
        log.warning("import.storage_failed", document=str(document.uuid), reason=str(error))
        if document.attempt >= MAX_ATTEMPTS:
            _fail(document, NOT_KEPT.format(reason=why(error)))
        else:  # it is silent for a while, as if lost, and then tried again; unless it was stopped
            tell_end(document)
    except turns.NoSlot:
        _give_back(document)
        raise
    except Stopped:
        _give_back(document)
        log.info("import.stopped", document=str(document.uuid))
    else:
        _finish(document, extracted, made)
    return True


def extract_source(document: Document) -> Extracted:
    """Take a document's source apart; a page is fetched first. Raises ExtractionError, Stopped."""
    if not document.source:
        _fetch(document)
    with document.source.open("rb") as source:
        data = source.read()
    if document.kind == "text":
        # Our own reader of text needs no guard. A pasted text is known to be one, in UTF-8,
        # whatever it begins with.
        text = decode(data) if document.source_name else data.decode()
        return extract(text, title=document.title)
    heartbeat.beat(sandbox.SILENT_SECONDS + heartbeat.SILENCE_SECONDS)
    return sandbox.extract(document.kind, data, title=document.title)


def _fetch(document: Document) -> None:
    """Fetch a document's page and keep it as its source.

    Raises ExtractionError, NoSlot, and Stopped if another attempt has taken over meanwhile.
    """
    heartbeat.beat(fetching.TOTAL_SECONDS + heartbeat.SILENCE_SECONDS)
    with turns.fetch_slot():
        fetched = fetching.fetch(
            document.address,
            most_bytes=settings.MAX_UPLOAD_MB * 1024 * 1024,
            may_be_private=settings.FETCH_PRIVATE_ADDRESSES,
        )
    name = urlsplit(fetched.address).path.rpartition("/")[2]
    data = fetched.data
    kind = TEXT_TYPES.get(fetched.content_type) or kind_of(name or "page.html", data)
    if fetched.content_type in HTML_TYPES:
        kind = "html"
    if fetched.charset and fetched.content_type in TEXT_TYPES:
        with suppress(ExtractionError):  # what the server says of its charset is known only here
            data = decode_page(data, fetched.charset).encode("utf-8-sig")
    path = f"{document.uuid.hex}{FORMATS[kind].extensions[0]}"
    document.source.save(path, ContentFile(data), save=False)
    source, name = str(document.source), name[-255:] or "page.html"
    kept = of_this_attempt(document).update(
        source=source,
        source_bytes=len(data),
        kind=kind,
        source_name=name,
        changed_at=clock.now(),
    )
    if not kept:
        default_storage.delete(source)
        raise Stopped
    document.kind, document.source_name = kind, name


def _begin(document: Document) -> bool:
    """Count the attempt; a document that kills its workers is given up, not tried for ever."""
    if document.status != Document.Status.IMPORTING:
        return False
    # The message may come twice, or once more while an import waits or goes on: one takes it up.
    free = Document.objects.lost_or_new().filter(pk=document.pk, attempt=document.attempt)
    if document.attempt >= MAX_ATTEMPTS:
        if free.exists():
            _fail(document, CRASHED)
        return False
    if not free.update(attempt=F("attempt") + 1, changed_at=clock.now()):
        return False
    document.attempt += 1
    return True


def _give_back(document: Document) -> None:
    """Leave a deleted document as if this attempt had not been: who restores it goes on at once.

    If it was stopped, that is told once more: what this attempt told last may have come after it.
    """
    Document.objects.filter(
        pk=document.pk, status=Document.Status.IMPORTING, attempt=document.attempt
    ).update(attempt=F("attempt") - 1, changed_at=clock.now() - 2 * IMPORT_IS_LOST_AFTER)
    tell_end(document)


def _finish(document: Document, extracted: Extracted, made: Making) -> None:
    read_names(document)
    title = document.title or _first_heading(made)
    if not (
        title or (document.address and document.kind == "html")
    ):  # theirs are index, page, 1234
        title = stem(document.source_name)
    title = title or first_words(made.opening)
    with transaction.atomic():
        done = of_this_attempt(document).update(
            status=Document.Status.READY,
            title=title[:300],
            block_count=made.count,
            parts_done=extracted.parts,
            anchors=targets_of(made),
            left_out=left_out_of(extracted),
            changed_at=clock.now(),
        )
        if not done:  # deleted meanwhile, or another worker was sooner
            _give_back(document)
            return
        goes_on = _goes_on(document)
        document.outline.all().delete()
        OutlineEntry.objects.bulk_create(
            OutlineEntry(
                document=document, position=position, level=level, title=title[:300], block_idx=idx
            )
            for position, (level, title, idx) in enumerate(outline_of(extracted, made))
        )
    narrating.end_empty_voice(document)
    if goes_on:
        growing.take(document.pk)
        return
    log.info("import.done", document=str(document.uuid), blocks=made.count)
    events.document_changed(document.owner_id, document.uuid)
    total = extracted.parts or made.count
    events.job_progress(
        document.owner_id, document.uuid, job="import", done=total, total=total, status="done"
    )


def _goes_on(document: Document) -> bool:
    """Have what was added meanwhile follow it; tell whether there is any. Else it is told."""
    own = Document.objects.filter(pk=document.pk, status=Document.Status.READY)
    if not own.filter(growth__isnull=False).update(
        status=Document.Status.IMPORTING, growing=True, changed_at=clock.now()
    ):
        document.refresh_from_db()
        telling.import_done(document)
        return False
    return True


def targets_of(made: Making) -> dict[str, int]:
    """Return the blocks that links lead to. A chapter's missing anchor leads to its beginning."""
    targets = {}
    for link in made.links:
        anchor = unquote(link)
        idx = made.anchors.get(anchor, made.anchors.get(anchor.partition("#")[0]))
        if idx is not None:
            targets[link] = idx
    return targets


def _first_heading(made: Making) -> str:
    return next((title for _, title, idx in made.headings if idx < FIRST_BLOCKS), "")


def _fail(document: Document, error: str) -> None:
    """Say why it failed. What can be heard of it stays, anything else goes."""
    with transaction.atomic():
        failed = Document.objects.filter(
            pk=document.pk, status=Document.Status.IMPORTING, attempt=document.attempt
        ).update(status=Document.Status.FAILED, error=error, changed_at=clock.now())
        if not failed:  # another attempt has it, or it was cancelled
            tell_end(document)
            return
        document.refresh_from_db()
        telling.import_done(document)
    if not document.blocks.exclude(text="").exists():
        document.blocks.all().delete()
        for picture in document.pictures.all():
            picture.delete()
            default_storage.delete(str(picture.file))
        Document.objects.filter(pk=document.pk).update(block_count=0, cover="")
    log.warning("import.failed", document=str(document.uuid), reason=error)
    events.job_progress(
        document.owner_id,
        document.uuid,
        job="import",
        done=0,
        total=0,
        status="error",
        error=error,
    )
