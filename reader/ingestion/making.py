"""The blocks of a document while they come."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction

from tts import clock

from .. import events, extraction, narrating
from ..extraction import BlockDraft, Extracted
from ..extraction.language import language_of
from ..models import OWN_LINK, Block, Document, DocumentQuerySet, Picture
from .speaking import Speaker

# The first blocks are stored soon, so that they can be heard; then fewer, larger writes.
FIRST_BLOCKS = 12
BATCH_BLOCKS = 400
BATCH_SECONDS = 1.0
MAX_OUTLINE = 5_000


class Stopped(Exception):
    """The import is over: cancelled, deleted, or another worker was sooner."""


@dataclass
class Making:
    """The blocks of a document while they come: appended, never numbered anew.

    The same source gives the same blocks, so an attempt after another goes on where that ended.
    """

    document: Document
    language: str
    speaker: Speaker
    count: int = 0
    has_words: bool = False
    opening: str = ""  # what is shown of the first block that is spoken
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
        read_names(self.document)
        self._update(
            title=(self.document.title or extracted.title)[:300],
            author=(self.document.author or extracted.author)[:300],
            site=extracted.site[:300],
            language=extracted.language[:35],
            cover=extracted.cover.name if extracted.cover else "",
            part_count=extracted.parts,
            part_unit=extracted.unit,
            importer=extraction.IMPORTER,
            sounds=list(extracted.sounds) or None,
        )
        narrating.keep_voice(self.document, extracted.narrator)

    def add(self, draft: BlockDraft) -> None:
        for picture in draft.pictures:
            self._keep(picture)
        block = block_of(self.document, self.count, draft, self.language, self.speaker)
        self.links.update(OWN_LINK.findall(draft.html))
        for anchor in draft.anchors:
            self.anchors.setdefault(anchor, self.count)
        if draft.kind == "heading" and len(self.headings) < MAX_OUTLINE:
            title = " ".join(draft.shown.split())[:300]
            self.headings.append((draft.level, title, self.count))
        if block.text:
            self.has_words = True
            self.opening = self.opening or draft.shown
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
        if not of_this_attempt(self.document).update(**fields, changed_at=clock.now()):
            raise Stopped
        for name, value in fields.items():
            setattr(self.document, name, value)


def tell_end(document: Document) -> None:
    """Tell the open pages how an import ended, if it is over."""
    ends = {Document.Status.READY: "done", Document.Status.FAILED: "error"}
    ended = Document.objects.filter(pk=document.pk, status__in=ends).first()
    if ended:
        events.job_progress(
            ended.owner_id,
            ended.uuid,
            job="import",
            done=ended.parts_done,
            total=ended.part_count,
            status=ends[Document.Status(ended.status)],
            error=ended.error,
        )


def of_this_attempt(document: Document) -> DocumentQuerySet:
    """Return the document while this attempt is the one that imports it, else nothing."""
    return Document.objects.importing().filter(
        pk=document.pk, revision=document.revision, attempt=document.attempt
    )


def read_names(document: Document) -> None:
    """Read again what a person may have changed meanwhile."""
    for title, author in Document.objects.filter(pk=document.pk).values_list("title", "author"):
        document.title, document.author = title, author


def block_of(
    document: Document, idx: int, draft: BlockDraft, language: str, speaker: Speaker
) -> Block:
    """Return a draft as a block, not stored, with what is spoken of it."""
    block = Block(
        document=document,
        idx=idx,
        kind=draft.kind,
        level=draft.level,
        language=_language(draft, language)[:35],
        html=draft.html,
        clips=[list(clip) for clip in draft.clips] or None,
    )
    speaker.speak(block, draft.shown)
    return block


def _language(draft: BlockDraft, usual: str) -> str:
    if draft.kind == "code":
        return draft.language or usual
    return language_of(draft.shown, draft.language or usual, is_told=bool(draft.language))


def outline_of(extracted: Extracted, made: Making) -> Iterator[tuple[int, str, int]]:
    """Yield level, title and block of each line: the document's own outline, else its headings."""
    own = [
        (entry.level, entry.title, made.anchors[entry.anchor])
        for entry in extracted.outline
        if entry.anchor in made.anchors
    ]
    yield from own if len(own) > 1 else made.headings


def left_out_of(extracted: Extracted) -> list[list[str]]:
    """Return what was left out, where and why, in the order of the document."""
    parts = sorted(extracted.left_out, key=lambda part: part.place)
    return [[part.where, part.why] for part in parts]
