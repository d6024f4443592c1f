"""Footnotes of a page, parted from its text, and the marks by which the text refers to them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from .kinds import SMALL
from .page.lines import Line
from .page.signs import END, NOTE, RAISED, plain
from .writing import Paragraph

STOPS = ".,;:!?”»"
_AFTER_WORD = re.compile(
    f'([^\\W\\d_]|(?<=[^\\W\\d_])[{STOPS}"’)\\]])\\s?{RAISED}(\\d{{1,3}}|[*†‡§¶]{{1,3}}|[a-z]){END}'
)
_AT_START = re.compile(f"{RAISED}(\\d{{1,3}}|[*†‡§¶]{{1,3}}|[a-z]){END}\\s")
NOTE_MARK = re.compile(r"^(?:[\x0e\x10](?:\d{1,3}|[a-z*†‡§¶])\x11|\d{1,3}|[*†‡§¶]{1,3})\s*(?=\S)")


def notes_apart(
    lines: Sequence[Line], height: float, body_size: float
) -> tuple[list[Line], list[Line]]:
    """Part the footnotes from the text: small type at a column's foot that begins with a mark.

    A column ends where the lines begin again further up.
    """
    body: list[Line] = []
    notes: list[Line] = []
    for column in _columns(lines):
        at = _first_note(column, height, body_size * SMALL)
        body += column[:at]
        notes += column[at:]
    return body, notes


def _first_note(lines: Sequence[Line], height: float, small: float) -> int:
    at = len(lines)
    while at and lines[at - 1].size <= small and lines[at - 1].bottom < 0.5 * height:
        at -= 1
    while at < len(lines) and not NOTE_MARK.match(lines[at].text):
        at += 1
    return at


def _columns(lines: Sequence[Line]) -> Iterator[list[Line]]:
    column: list[Line] = []
    for line in lines:
        if column and line.bottom > column[-1].bottom + 8 * line.size:
            yield column
            column = []
        column.append(line)
    if column:
        yield column


def note_paragraphs(lines: Sequence[Line], page: int) -> Iterator[Paragraph]:
    """Yield the notes of a page, each with its lines."""
    paragraph: Paragraph | None = None
    for line in lines:
        if paragraph is None or NOTE_MARK.match(line.text):
            if paragraph:
                yield paragraph
            paragraph = Paragraph("note", page=page)
        paragraph.lines.append(line)
    if paragraph:
        yield paragraph


def with_note_marks(lines: Sequence[Line], notes: Sequence[Line]) -> list[Line]:
    """Tell marks of notes from powers: a note of the page begins so, or they stand at a stop."""
    marks = {plain(found[0]).strip() for note in notes if (found := NOTE_MARK.match(note.text))}

    def marked(raised: re.Match[str]) -> str:
        is_known = raised[2] in marks or (raised[1] in STOPS and raised[2].isdecimal())
        return f"{raised[1]}{NOTE}{raised[2]}{END}" if is_known else raised[0]

    made = list(lines)
    for at, line in enumerate(lines):
        if RAISED in line.text:
            text = _AFTER_WORD.sub(marked, line.text)
            # A mark may have come to the next line.
            if at and (first := _AT_START.match(text)) and first[1] in marks:
                text = f"{NOTE}{text[1:]}"
            made[at] = replace(line, text=text)
        elif line.text in marks:  # alone on its row
            made[at] = replace(line, text=f"{NOTE}{line.text}{END}", cells=())
    return made
