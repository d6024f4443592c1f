"""What a worker does with an upload: extract, store the blocks as they come, tell."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

import structlog
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from . import events, extraction, fetching
from .extraction import FORMATS, BlockDraft, Extracted, ExtractionError, kind_of, sandbox
from .extraction.decoding import decode
from .extraction.text import extract
from .models import (
    IMPORT_IS_LOST_AFTER,
    OWN_LINK,
    Block,
    Document,
    DocumentQuerySet,
    OutlineEntry,
    Picture,
)
from .speaking import Speaker

log = structlog.get_logger(__name__)

MAX_ATTEMPTS = 3
CRASHED = (
    "This could not be read: our importer failed on it three times. "
    "Please try the text by itself, without what surrounds it."
)
NO_WORDS = "There is nothing to read aloud in this: no words were found."
# The first blocks are stored soon, so that they can be heard; then fewer, larger writes.
FIRST_BLOCKS = 12
BATCH_BLOCKS = 400
BATCH_SECONDS = 1.0
MAX_OUTLINE = 5_000
HTML_TYPES = {"text/html", "application/xhtml+xml"}
TEXT_TYPES = {
    "text/plain": "text",
    "text/markdown": "markdown",
    **dict.fromkeys(HTML_TYPES, "html"),
}


class Stopped(Exception):
    """The import is over: cancelled, deleted, or another worker was sooner."""


def import_document(document: Document) -> None:
    """Make the document's blocks from its source. Twice does no harm; again, it goes on."""
    if not _begin(document):
        return
    log.info("import.begun", document=str(document.uuid), attempt=document.attempt)
    try:
        extracted = _extracted(document)
        made = _Making(document, extracted.language, Speaker.of(document))
        made.introduce(extracted)
        for draft in extracted.blocks:
            made.add(draft)
        made.store()
        if not made.has_words:
            raise ExtractionError(NO_WORDS)
    except ExtractionError as error:
        _fail(document, str(error))
    except Stopped:
        _give_back(document)
        log.info("import.stopped", document=str(document.uuid))
    else:
        _finish(document, extracted, made)


def _extracted(document: Document) -> Extracted:
    if not document.source:
        _fetch(document)
    with document.source.open("rb") as source:
        data = source.read()
    if document.kind == "text":
        # Our own reader of text needs no guard. A pasted text is known to be one, in UTF-8,
        # whatever it begins with.
        text = decode(data) if document.source_name else data.decode()
        return extract(text, title=document.title)
    return sandbox.extract(document.kind, data, title=document.title)


def _fetch(document: Document) -> None:
    """Fetch a document's page and keep it as its source.

    Raises ExtractionError, and Stopped if another attempt has taken over meanwhile.
    """
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
        with suppress(LookupError):  # what the server says of its charset counts most
            if fetched.charset:
                data = data.decode(fetched.charset, "replace").encode("utf-8-sig")
    path = f"{document.uuid.hex}{FORMATS[kind].extensions[0]}"
    document.source.save(path, ContentFile(data), save=False)
    document.kind, document.source_name = kind, name[-255:] or "page.html"
    kept = _of_this_attempt(document).update(
        source=document.source.name,
        kind=document.kind,
        source_name=document.source_name,
        changed_at=timezone.now(),
    )
    if not kept:
        document.source.delete(save=False)
        raise Stopped


def _of_this_attempt(document: Document) -> DocumentQuerySet:
    """Return the document while this attempt is the one that imports it, else nothing."""
    return Document.objects.importing().filter(
        pk=document.pk, revision=document.revision, attempt=document.attempt
    )


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
    if not free.update(attempt=F("attempt") + 1, changed_at=timezone.now()):
        return False
    document.attempt += 1
    return True


def _give_back(document: Document) -> None:
    """Leave a deleted document as if this attempt had not been: who restores it goes on at once."""
    Document.objects.filter(
        pk=document.pk, status=Document.Status.IMPORTING, attempt=document.attempt
    ).update(attempt=F("attempt") - 1, changed_at=timezone.now() - 2 * IMPORT_IS_LOST_AFTER)


@dataclass
class _Making:
    """The blocks of a document while they come: appended, never numbered anew.

    The same source gives the same blocks, so an attempt after another goes on where that ended.
    """

    document: Document
    language: str
    speaker: Speaker
    count: int = 0
    has_words: bool = False
    anchors: dict[str, int] = field(default_factory=dict)
    links: set[str] = field(default_factory=set)  # anchors that are linked to, as in the markup
    headings: list[tuple[int, str, int]] = field(default_factory=list)
    _waiting: list[Block] = field(default_factory=list)
    _part: int = 0
    _stored_at: float = field(default_factory=time.monotonic)

    def introduce(self, extracted: Extracted) -> None:
        """Keep what is known before the first block."""
        if extracted.cover:
            self._keep(extracted.cover)
        _read_names(self.document)
        self._update(
            title=(self.document.title or extracted.title)[:300],
            author=(self.document.author or extracted.author)[:300],
            site=extracted.site[:300],
            language=extracted.language[:35],
            cover=extracted.cover.name if extracted.cover else "",
            part_count=extracted.parts,
            part_unit=extracted.unit,
        )

    def add(self, draft: BlockDraft) -> None:
        for picture in draft.pictures:
            self._keep(picture)
        block = _block(self.document, self.count, draft, self.language, self.speaker)
        self.links.update(OWN_LINK.findall(draft.html))
        for anchor in draft.anchors:
            self.anchors.setdefault(anchor, self.count)
        if draft.kind == "heading" and len(self.headings) < MAX_OUTLINE:
            title = " ".join(draft.shown.split())[:300]
            self.headings.append((draft.level, title, self.count))
        self.has_words = self.has_words or bool(block.text)
        self.count += 1
        self._part = draft.part
        self._waiting.append(block)
        is_late = time.monotonic() - self._stored_at > BATCH_SECONDS
        if len(self._waiting) >= BATCH_BLOCKS or is_late or self.count == FIRST_BLOCKS:
            self.store()

    def _keep(self, picture: extraction.Picture) -> None:
        """Store a picture, once; one that is stored and not noted is taken away again."""
        if self.document.pictures.filter(name=picture.name).exists():
            return
        path = default_storage.save(
            f"pictures/{self.document.uuid.hex}/{picture.name}", ContentFile(picture.data)
        )
        try:
            Picture.objects.create(
                document=self.document,
                name=picture.name,
                content_type=picture.content_type,
                file=path,
            )
        except BaseException:
            default_storage.delete(path)
            raise

    def store(self) -> None:
        """Store what has come, and tell. Raises Stopped."""
        with transaction.atomic():
            self._update(
                block_count=max(self.count, self.document.block_count), parts_done=self._part
            )
            # What an attempt before this one, or another worker, has stored is the same.
            Block.objects.bulk_create(self._waiting, batch_size=500, ignore_conflicts=True)
        self._waiting.clear()
        self._stored_at = time.monotonic()
        document = self.document
        events.job_progress(
            document.owner_id,
            document.uuid,
            job="import",
            done=self._part,
            total=document.part_count,
            status="running",
        )

    def _update(self, **fields: object) -> None:
        if not _of_this_attempt(self.document).update(**fields, changed_at=timezone.now()):
            raise Stopped
        for name, value in fields.items():
            setattr(self.document, name, value)


def _read_names(document: Document) -> None:
    """Read again what a person may have changed meanwhile."""
    for title, author in Document.objects.filter(pk=document.pk).values_list("title", "author"):
        document.title, document.author = title, author


def _block(
    document: Document, idx: int, draft: BlockDraft, language: str, speaker: Speaker
) -> Block:
    block = Block(
        document=document,
        idx=idx,
        kind=draft.kind,
        level=draft.level,
        language=(draft.language or language)[:35],
        html=draft.html,
    )
    speaker.speak(block, draft.shown)
    return block


def _outline(extracted: Extracted, made: _Making) -> Iterator[tuple[int, str, int]]:
    """Yield level, title and block of each line: the document's own outline, else its headings."""
    own = [
        (entry.level, entry.title, made.anchors[entry.anchor])
        for entry in extracted.outline
        if entry.anchor in made.anchors
    ]
    yield from own if len(own) > 1 else made.headings


def _finish(document: Document, extracted: Extracted, made: _Making) -> None:
    _read_names(document)
    title = document.title or _first_heading(made) or _stem(document.source_name)
    with transaction.atomic():
        done = _of_this_attempt(document).update(
            status=Document.Status.READY,
            title=title[:300],
            block_count=made.count,
            parts_done=extracted.parts,
            anchors=_targets(made),
            changed_at=timezone.now(),
        )
        if not done:  # deleted meanwhile, or another worker was sooner
            _give_back(document)
            return
        document.outline.all().delete()
        OutlineEntry.objects.bulk_create(
            OutlineEntry(
                document=document, position=position, level=level, title=title[:300], block_idx=idx
            )
            for position, (level, title, idx) in enumerate(_outline(extracted, made))
        )
    log.info("import.done", document=str(document.uuid), blocks=made.count)
    events.document_changed(document.owner_id, document.uuid)
    total = extracted.parts or made.count
    events.job_progress(
        document.owner_id, document.uuid, job="import", done=total, total=total, status="done"
    )


def _targets(made: _Making) -> dict[str, int]:
    """Return the blocks that links lead to. A chapter's missing anchor leads to its beginning."""
    targets = {}
    for link in made.links:
        anchor = unquote(link)
        idx = made.anchors.get(anchor, made.anchors.get(anchor.partition("#")[0]))
        if idx is not None:
            targets[link] = idx
    return targets


def _first_heading(made: _Making) -> str:
    return next((title for _, title, idx in made.headings if idx < FIRST_BLOCKS), "")


def _stem(name: str) -> str:
    stem = re.sub(r"\.\w{1,8}$", "", name.rpartition("/")[2])
    return re.sub(r"[_\s]+", " ", stem).strip()


def _fail(document: Document, error: str) -> None:
    """Say why it failed. What can be heard of it stays, anything else goes."""
    failed = Document.objects.filter(
        pk=document.pk, status=Document.Status.IMPORTING, attempt=document.attempt
    ).update(status=Document.Status.FAILED, error=error, changed_at=timezone.now())
    if not failed:  # another attempt has it, or it was cancelled
        return
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
