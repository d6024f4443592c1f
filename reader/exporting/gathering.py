"""A document, as its owner hears it -> the book that is written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.core.files.storage import default_storage
from django.db.models import QuerySet
from django.utils import timezone

from tts.models import AudioVariant, Status, digest

from ..listening import ListeningVoice
from ..models import Block, Document, DocumentPreferences, OutlineEntry, User
from .writers import book

Range = tuple[int, int]
READ_AT_ONCE = 400  # texts; below every database's limit of variables


@dataclass(frozen=True, slots=True)
class Choice:
    """The part of a document that is exported: chosen chapters, or all but the skipped ones."""

    document: Document
    ranges: Sequence[Range] | None  # None: all of it
    entries: Sequence[OutlineEntry]

    @classmethod
    def of(cls, document: Document, person: User, chapters: Sequence[int] | None) -> Choice:
        entries = list(document.outline.all())
        if chapters is not None:
            return cls(document, _ranges(entries, chapters, document.block_count), entries)
        folded = DocumentPreferences.objects.filter(user=person, document=document)
        skipped: list[int] = next(iter(folded.values_list("folded", flat=True)), [])
        left_out = _ranges(entries, skipped, document.block_count)
        ranges = _between(left_out, document.block_count) if left_out else None
        return cls(document, ranges, entries)

    def blocks(self) -> QuerySet[Block]:
        """Return the blocks of it, in order."""
        blocks = self.document.blocks.all()
        if self.ranges is None:
            return blocks
        found = blocks.none()
        for first, last in self.ranges:
            found = found | blocks.filter(idx__range=(first, last))
        return found

    def spoken(self) -> QuerySet[Block]:
        return self.blocks().exclude(text_hash="")

    @property
    def text_hash(self) -> str:
        """What changes when something else would be written, whatever the voice."""
        document = self.document
        return digest(
            str(document.revision),
            str(document.block_count),
            document.title,
            document.author,
            document.cover,
            repr(self.ranges),
        )


def recipe_of(voice: ListeningVoice | None) -> str:
    """Return what changes when another sound would be heard of the same text."""
    return digest(repr(sorted(voice.recipes.items()))) if voice else ""


def book_of(
    choice: Choice, person: User, voice: ListeningVoice | None, *, voice_name: str = ""
) -> book.Book:
    """Read all that is written of a document; passages without a stored sound have none."""
    document = choice.document
    blocks = list(choice.blocks())
    variants = variants_of(blocks, voice) if voice else {}
    files = {str(each.pk): str(each.file.name) for each in variants.values()}

    def sound(block: Block) -> book.Sound | None:
        variant = variants.get(block.pk)
        if variant is None:
            return None
        return book.Sound(
            name=f"{variant.pk}:{variant.sound_revision}",
            content_type=variant.content_type,
            duration_ms=variant.duration_ms or 0,
            lead_ms=variant.lead_ms,
            trail_ms=variant.trail_ms,
            marks=variant.marks or (),
        )

    def read(sound: book.Sound) -> bytes:
        with default_storage.open(files[sound.name.partition(":")[0]]) as file:
            return bytes(file.read())

    return book.Book(
        identifier=f"urn:uuid:{document.uuid}",
        title=document.name,
        author=document.author or document.site,
        language=document.language or "und",
        passages=[
            book.Passage(
                idx=block.idx,
                kind=block.kind,
                level=block.level,
                language=block.language,
                html=block.html,
                text=block.text,
                spans=block.spans,
                sound=sound(block),
            )
            for block in blocks
        ],
        entries=[book.Entry(each.title, each.level, each.block_idx) for each in choice.entries],
        voice=voice_name,
        modified=timezone.now().strftime("%Y-%m-%dT%H:%M:%SZ"),
        pause_ms=person.pause_ms,
        heading_pause_ms=person.heading_pause_ms,
        cover=_picture_of(document)(document.cover) if document.cover else None,
        anchors=document.anchors,
        read=read,
        picture=_picture_of(document),
        source=_source_of(document),
        is_whole=choice.ranges is None,
    )


def variants_of(blocks: Sequence[Block], voice: ListeningVoice) -> dict[int, AudioVariant]:
    """Return the stored sounds of blocks, by the blocks' ids."""
    by_recipe: dict[str, list[Block]] = {}
    for block in blocks:
        if block.text_hash:
            heard = voice.for_text(block.text_hash, block.language)
            by_recipe.setdefault(heard.recipe, []).append(block)
    found: dict[int, AudioVariant] = {}
    for recipe, own in by_recipe.items():
        hashes = list({block.text_hash for block in own})
        variants: dict[str, AudioVariant] = {}
        for at in range(0, len(hashes), READ_AT_ONCE):
            stored = AudioVariant.objects.in_recipe(recipe, hashes[at : at + READ_AT_ONCE])
            for each in stored.filter(status=Status.CACHED).defer("text"):
                variants[each.text_hash] = each
        for block in own:
            if block.text_hash in variants:
                found[block.pk] = variants[block.text_hash]
    return found


def _picture_of(document: Document) -> Callable[[str], book.Picture | None]:
    def picture(name: str) -> book.Picture | None:
        found = document.pictures.filter(name=name).first()
        if found is None:
            return None
        try:
            with default_storage.open(str(found.file.name)) as file:
                return book.Picture(found.content_type, bytes(file.read()))
        except OSError:
            return None

    return picture


def _source_of(document: Document) -> Callable[[], bytes | None]:
    def source() -> bytes | None:
        if document.kind != "epub" or not document.source:
            return None
        try:
            with default_storage.open(str(document.source.name)) as file:
                return bytes(file.read())
        except OSError:
            return None

    return source


def _ranges(entries: Sequence[OutlineEntry], firsts: Sequence[int], count: int) -> list[Range]:
    """Return the blocks of chapters, each known by its first block: up to the next line of the
    contents that is not deeper. What lies in another one's is in it."""
    ordered = sorted(entries, key=lambda entry: entry.block_idx)
    ranges: list[Range] = []
    for number, entry in enumerate(ordered):
        if entry.block_idx not in firsts:
            continue
        after = (
            later.block_idx
            for later in ordered[number + 1 :]
            if later.block_idx > entry.block_idx and later.level <= entry.level
        )
        last = next(after, count) - 1
        if ranges and entry.block_idx <= ranges[-1][1] + 1:
            ranges[-1] = (ranges[-1][0], max(last, ranges[-1][1]))
        else:
            ranges.append((entry.block_idx, last))
    return ranges


def _between(ranges: Sequence[Range], count: int) -> list[Range]:
    """Return what is not in these ranges."""
    rest, at = [], 0
    for first, last in ranges:
        if at < first:
            rest.append((at, first - 1))
        at = last + 1
    if at < count:
        rest.append((at, count - 1))
    return rest
