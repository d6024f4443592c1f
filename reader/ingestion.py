"""What a worker does with an upload: extract, store the blocks, tell."""

from __future__ import annotations

import structlog
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from tts.models import hash_text

from . import events, spoken
from .extraction import BlockDraft, ExtractionError, decode
from .extraction.text import extract
from .models import Block, Document

log = structlog.get_logger(__name__)

MAX_ATTEMPTS = 3
CRASHED = (
    "This could not be read: our importer failed on it three times. "
    "Please try the text by itself, without what surrounds it."
)


def import_document(document: Document) -> None:
    """Make the document's blocks from its source. Twice does no harm."""
    if not _begin(document):
        return
    log.info("import.begun", document=str(document.uuid), attempt=document.attempt)
    try:
        with document.source.open("rb") as source:
            data = source.read()
        # A pasted text is known to be one, in UTF-8, whatever it begins with.
        text = decode(data) if document.source_name else data.decode()
        extracted = extract(text, title=document.title)
        blocks = [
            _block(document, idx, draft, extracted.language)
            for idx, draft in enumerate(extracted.blocks)
        ]
        if not any(block.text for block in blocks):
            raise ExtractionError("There is nothing to read aloud in this: no words were found.")
    except ExtractionError as error:
        _fail(document, str(error))
        return
    _finish(document, extracted.title, extracted.language, blocks)


def _begin(document: Document) -> bool:
    """Count the attempt; a document that kills its workers is given up, not tried for ever."""
    if document.status != Document.Status.IMPORTING:
        return False
    if document.attempt >= MAX_ATTEMPTS:
        _fail(document, CRASHED)
        return False
    Document.objects.filter(pk=document.pk).update(
        attempt=F("attempt") + 1, changed_at=timezone.now()
    )
    document.attempt += 1
    return True


def _block(document: Document, idx: int, draft: BlockDraft, language: str) -> Block:
    said = spoken.speak(draft.kind, draft.shown)
    block_language = draft.language or language
    return Block(
        document=document,
        idx=idx,
        kind=draft.kind,
        level=draft.level,
        language=block_language,
        html=draft.html,
        text=said.text,
        text_hash=hash_text(said.text, block_language) if said.text else "",
        spans=said.spans,
    )


def _finish(document: Document, title: str, language: str, blocks: list[Block]) -> None:
    with transaction.atomic():
        done = Document.objects.filter(pk=document.pk, status=Document.Status.IMPORTING).update(
            status=Document.Status.READY,
            title=(document.title or title)[:300],
            language=language,
            block_count=len(blocks),
            changed_at=timezone.now(),
        )
        if not done:  # deleted meanwhile, or another worker was sooner
            return
        document.blocks.all().delete()
        Block.objects.bulk_create(blocks, batch_size=500)
    log.info("import.done", document=str(document.uuid), blocks=len(blocks))
    events.document_changed(document.owner_id, document.uuid)
    events.import_progress(
        document.owner_id, document.uuid, done=len(blocks), total=len(blocks), status="done"
    )


def _fail(document: Document, error: str) -> None:
    failed = Document.objects.filter(pk=document.pk, status=Document.Status.IMPORTING).update(
        status=Document.Status.FAILED, error=error, changed_at=timezone.now()
    )
    if failed:
        log.warning("import.failed", document=str(document.uuid), reason=error)
        events.import_progress(
            document.owner_id, document.uuid, done=0, total=0, status="error", error=error
        )
