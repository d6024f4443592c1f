"""What a person marks in a document, and taking it along as Markdown."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from typing import Any

from django.utils import timezone

from ..extraction.sanitise import shown_text
from ..models import BETWEEN_BLOCKS, MAX_QUOTE, Annotation, Document, OutlineEntry, User

MAX_NOTE = 10_000
MAX_BLOCKS = 200
MAX_PER_DOCUMENT = 2_000

FIELDS = ("kind", "block_idx", "start", "end_block_idx", "end", "quote", "note")

# What CommonMark, GitHub's tables and its formulas would take for markup, wherever it stands …
SIGNS = re.compile(r"[\\`*_\[\]<>&~|#$]")
# … and at the beginning of a line: a list, or the line under a heading.
LIST_SIGN = re.compile(r"^(\d{1,9}(?=[.)])|(?=[-+=]))")
INDENT = re.compile(r"^[ \t]+")
PARAGRAPH_ENDS = re.compile(r"\n[ \t]*\n\s*")
NOT_IN_FILE_NAMES = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f]+')
LONGEST_FILE_NAME = 80


class PassageError(ValueError):
    """There is no such passage, or it is too long; the message is for a person."""


# --- making and showing --------------------------------------------------------------------------


def quote_of(
    *, document: Document, block_idx: int, start: int, end_block_idx: int, end: int
) -> str:
    """Return what is shown between two places, in UTF-16 units of the blocks' shown texts."""
    if (end_block_idx, end) < (block_idx, start):
        raise PassageError("This passage ends before it begins.")
    if end_block_idx - block_idx >= MAX_BLOCKS:
        raise PassageError("This is too much to mark at once. Please choose a shorter passage.")
    found = document.blocks.filter(idx__range=(block_idx, end_block_idx))
    texts = [shown_text(html) for html in found.values_list("html", flat=True)]
    if len(texts) != end_block_idx - block_idx + 1:
        raise PassageError("There is no such place in this document. Please reload the page.")
    units = [text.encode("utf-16-le") for text in texts]
    if 2 * start > len(units[0]) or 2 * end > len(units[-1]):
        raise PassageError("There is no such place in this document. Please reload the page.")
    units[-1] = units[-1][: 2 * end]
    units[0] = units[0][2 * start :]
    try:
        quote = BETWEEN_BLOCKS.join(piece.decode("utf-16-le") for piece in units).strip()
    except UnicodeDecodeError as error:
        raise PassageError("A passage cannot begin or end within a character.") from error
    if len(quote) > MAX_QUOTE:
        raise PassageError("This is too much to mark at once. Please choose a shorter passage.")
    return quote


def annotate(
    *, user: User, document: Document, note: str, **passage: Any
) -> tuple[Annotation, bool]:
    """Mark a passage, and tell whether it is a new one; a known one keeps what it has of a note."""
    known = Annotation.objects.filter(user=user, document=document, **passage).first()
    if known is None:
        made = Annotation.objects.create(user=user, document=document, note=note, **passage)
        return made, True
    if note and not known.note:
        change_note(known, note)
    return known, False


def change_note(annotation: Annotation, note: str) -> bool:
    """Change a note; False when the annotation is gone, which brings nothing back."""
    annotation.note = note
    own = Annotation.objects.filter(pk=annotation.pk)
    return bool(own.update(note=note, changed_at=timezone.now()))


def as_json(annotation: Annotation) -> dict[str, Any]:
    return {"id": annotation.pk, **{name: getattr(annotation, name) for name in FIELDS}}


# --- taking it along -----------------------------------------------------------------------------


def file_name(document: Document) -> str:
    """Return a name for the file that any system can store."""
    title = " ".join(NOT_IN_FILE_NAMES.sub(" ", document.title).split())
    return f"{title[:LONGEST_FILE_NAME].strip(' .') or 'document'} - notes.md"


def as_markdown(document: Document, annotations: Iterable[Annotation]) -> str:
    """Return what was marked in a document, in reading order, under the headings it stands in."""
    return "\n\n".join(_parts(document, annotations)) + "\n"


def _parts(document: Document, annotations: Iterable[Annotation]) -> Iterator[str]:
    yield f"# {_line(document.title) or 'Document'}"
    if about := document.author or document.site:
        yield _line(about)
    if re.fullmatch(r"[^\s<>\\]+", document.address):
        yield f"<{document.address}>"
    outline = sorted(document.outline.all(), key=lambda entry: (entry.block_idx, entry.position))
    last, is_empty = None, True
    for annotation in annotations:
        is_empty = False
        chapter = _chapter(outline, annotation.block_idx)
        if chapter is not None and chapter != last:
            yield f"## {_line(chapter.title)}"
        last = chapter
        if annotation.kind == Annotation.Kind.BOOKMARK:
            yield "**Bookmark**"
        if annotation.quote:
            yield "\n".join(f"> {line}".rstrip() for line in _text(annotation.quote).split("\n"))
        if annotation.note:
            yield f"**Note:** {_text(annotation.note)}"
    if is_empty:
        yield "Nothing is marked in this document yet."


def _chapter(outline: list[OutlineEntry], idx: int) -> OutlineEntry | None:
    before = bisect_right(outline, idx, key=lambda entry: entry.block_idx)
    return outline[before - 1] if before else None


def _text(text: str) -> str:
    """Return plain text as Markdown that shows it: its lines are lines, its blank ones gaps."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n").strip("\n")
    return "\n\n".join(
        "\\\n".join(_escaped(line.rstrip()) for line in paragraph.split("\n"))
        for paragraph in PARAGRAPH_ENDS.split(plain)
    )


def _line(text: str) -> str:
    return _escaped(" ".join(text.split()))


def _escaped(line: str) -> str:
    escaped = SIGNS.sub(r"\\\g<0>", line)
    # Spaces at the front would be dropped, or make it code; no-break spaces stay what they are.
    escaped = INDENT.sub(lambda found: "\u00a0" * len(found[0].expandtabs(4)), escaped)
    return LIST_SIGN.sub(r"\1\\", escaped)
