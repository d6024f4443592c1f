"""Documents that are still being written: blocks are made of what is whole, and never change."""

from __future__ import annotations

from datetime import timedelta

import structlog
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import F, Q, TextField, Value
from django.db.models.functions import Concat

from tts import clock

from .. import events, telling
from ..extraction import IMPORTER
from ..extraction.growing import Pause, cut
from ..extraction.language import guess_language
from ..extraction.sanitise import shown_text
from ..models import Addition, Block, Document, Growth, OutlineEntry
from .making import MAX_OUTLINE, block_of, tell_end
from .naming import first_words
from .speaking import Speaker

log = structlog.get_logger(__name__)

# After so long a sentence that looks whole is taken for one; and then whatever is there.
SHORT_PAUSE, LONG_PAUSE = timedelta(seconds=1), timedelta(seconds=3)
# A writer that is silent for so long has died. Whoever goes on later begins it again.
GIVEN_UP_AFTER = timedelta(minutes=30)
MOST_TRIES = 20
NO_WORDS = "There is nothing to read aloud in this: no words were written."


def note(document: Document, text: str, *, finished: bool) -> None:
    """Keep what was written, in the order in which it came."""
    if text:
        Addition.objects.create(document=document, text=text)
    Growth.objects.get_or_create(document=document)
    more = Concat(F("pending"), Value(text), output_field=TextField())
    ended = {"finished": True} if finished else {}
    Growth.objects.filter(document=document).update(
        pending=more, version=F("version") + 1, changed_at=clock.now(), **ended
    )


def take(document_pk: int, pause: Pause = Pause.NONE) -> None:
    """Make blocks of what is whole. Twice does no harm; of two at once one makes each block."""
    for _ in range(MOST_TRIES):
        growth = (
            Growth.objects.select_related("document__owner")
            .filter(document=document_pk, document__growing=True)
            .first()
        )
        if growth is None:  # finished, deleted, or it is still being imported
            return
        if _take(growth, Pause.END if growth.finished else pause):
            if growth.finished:
                complete(growth.document)
            return


def _take(growth: Growth, pause: Pause) -> bool:
    """Make the blocks of what is whole; False if somebody else changed it meanwhile."""
    document = growth.document
    language = document.language or guess_language(growth.pending)
    found = cut(growth.pending, language, is_mid_paragraph=growth.is_mid_paragraph, pause=pause)
    if not found.drafts and pause < Pause.END:
        return True
    speaker, begin = Speaker.of(document), document.block_count
    blocks = [
        block_of(document, begin + number, draft, language, speaker)
        for number, draft in enumerate(found.drafts)
    ]
    title = document.title or next(
        (first_words(shown_text(block.html)) for block in blocks if block.text), ""
    )
    with transaction.atomic():
        # As who writes does, the document first: else two would wait for each other on PostgreSQL.
        Document.objects.select_for_update(no_key=True).filter(pk=document.pk).first()
        taken = Growth.objects.filter(pk=growth.pk, version=growth.version).update(
            pending=found.rest,
            is_mid_paragraph=found.is_mid_paragraph,
            version=F("version") + 1,
        )
        if not taken:
            return False
        Document.objects.filter(pk=document.pk).update(
            block_count=begin + len(blocks),
            title=title[:300],
            language=language[:35],
            changed_at=clock.now(),
        )
        Block.objects.bulk_create(blocks)
    if blocks:
        _tell(document, "running", begin + len(blocks))
        tell_end(document)  # to which another worker may have come meanwhile
    return True


def complete(document: Document) -> None:
    """End a document's growth: it is as if it had been brought in whole. Twice does no harm."""
    document.refresh_from_db()
    if not document.growing:
        return
    before = document.source.name or ""
    written = "".join(document.additions.values_list("text", flat=True))
    if before:
        with document.source.open("rb") as source:
            written = source.read().decode("utf-8", "replace") + written
    data = written.encode("utf-8", "replace")
    path = default_storage.save(f"uploads/{document.uuid.hex}.txt", ContentFile(data))
    has_words = document.blocks.exclude(text="").exists()
    status = Document.Status.READY if has_words else Document.Status.FAILED
    with transaction.atomic():
        done = Document.objects.filter(
            pk=document.pk, growing=True, growth__finished=True, growth__pending=""
        ).update(
            status=status,
            error="" if has_words else NO_WORDS,
            growing=False,
            source=path,
            source_bytes=len(data),
            importer=IMPORTER,
            changed_at=clock.now(),
        )
        if done:
            _outline(document)
            document.refresh_from_db()
            telling.import_done(document)
            Growth.objects.filter(document=document).delete()
            Addition.objects.filter(document=document).delete()
    discarded = before if done else path
    if discarded:
        default_storage.delete(discarded)
    if done:
        log.info("growth.done", document=str(document.uuid), blocks=document.block_count)
        events.document_changed(document.owner_id, document.uuid)
        _tell(document, "done" if has_words else "error", document.block_count)


def _outline(document: Document) -> None:
    headings = document.blocks.filter(kind=Block.Kind.HEADING)[:MAX_OUTLINE]
    document.outline.all().delete()
    OutlineEntry.objects.bulk_create(
        OutlineEntry(
            document=document,
            position=position,
            level=block.level,
            title=" ".join(shown_text(block.html).split())[:300],
            block_idx=block.idx,
        )
        for position, block in enumerate(headings)
    )


def _tell(document: Document, status: str, count: int) -> None:
    events.job_progress(
        document.owner_id,
        document.uuid,
        job="import",
        done=count,
        total=0,
        status=status,
        error=NO_WORDS if status == "error" else "",
    )


def look_after() -> None:
    """Speak what writers paused after, end what they finished, give up who died."""
    now = clock.now()
    # What was added in the moment in which an import ended.
    left = Document.objects.ready().filter(growing=False, growth__isnull=False)
    left.update(status=Document.Status.IMPORTING, growing=True, changed_at=now)
    growing = Growth.objects.filter(document__growing=True)
    late = Q(finished=True) | (~Q(pending="") & Q(changed_at__lt=now - SHORT_PAUSE))
    for pk, changed_at in growing.filter(late).values_list("document", "changed_at"):
        take(pk, Pause.LONG if changed_at < now - LONG_PAUSE else Pause.SHORT)
    for growth in growing.filter(changed_at__lt=now - GIVEN_UP_AFTER, finished=False):
        log.info("growth.given_up", document=growth.document_id)
        Growth.objects.filter(pk=growth.pk, version=growth.version).update(finished=True)
        take(growth.document_id)
