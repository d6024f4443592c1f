"""Lines -> paragraphs: the typesetter's work undone.

Lines are gathered into paragraphs by their distance, indent, size and length; a paragraph goes on
over columns and pages; what returns on every page is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from statistics import median

from reader.extraction.drafts import BlockDraft

from .lines import DIVIDED, Line, split
from .outline import SECTION, Outline
from .survey import Survey, folded, is_page_number
from .writing import CJK, WORD_END, Paragraph, Writer

BULLET = re.compile(r"^([•◦‣▪●○∙·⁃–—*\-])\s+(?=\S)")
NUMBER = re.compile(r"^\(?((?:\d{1,3}|[a-z]|[ivx]{1,4}))[.)]\s+(?=\S)")
CAPTION = re.compile(
    r"^(?:fig(?:ure|\.)|table|tab\.|abbildung|tabelle|figura|tabla|tableau|listing|рис\.)\s*"
    r"[A-Z]?\d+(?:[.\-]\d+)*\s*[:.–—]", re.IGNORECASE,
)  # fmt: skip
NOTE_MARK = re.compile(r"^([\d⁰¹²³⁴-⁹]{1,3}|[*†‡§])\s*(?=\S)")
ENDS = re.compile("[.!?…。！？:;][\"'’”»›)\\]]*$")
_LEADER = re.compile(r"(?:\.\s?){3,}\s*\d{1,4}$|(?:…\s?)+\s*\d{1,4}$")
_TRAILING_NUMBER = re.compile(r"[\s.…]*\b(?:\d{1,4}|[ivxlc]{1,7})$")

FURNITURE_SHARE = 0.14
SMALL = 0.92
LARGE = 1.08
SHORT_HEADING = 200  # characters


class Typesetter:
    """Takes pages in order and gives out blocks as soon as they are whole."""

    def __init__(self, survey: Survey, outline: Outline, language: str) -> None:
        self._survey = survey
        self._outline = outline
        self._writer = Writer(survey, outline, language)
        self._open: Paragraph | None = None
        self._held: list[Paragraph] = []  # notes, until the sentence they interrupt is over

    def add_page(self, number: int, height: float, lines: list[Line]) -> Iterator[BlockDraft]:
        """Yield the blocks that are whole now."""
        lines = [line for line in lines if not self._is_furniture(line, height, lines)]
        if self._is_contents(lines):
            return
        lines = _in_columns(lines)
        body, notes = self._notes_apart(lines, height)
        pitch = _pitch(body) or self._survey.body_size * 1.2
        margins = _margins(body)
        previous: Line | None = None
        for line in body:
            yield from self._add(line, previous, pitch, margins, number)
            previous = line
        for paragraph in self._note_paragraphs(notes, number):
            self._held.append(paragraph)
        if self._open is None:
            yield from self._release()

    def finish(self) -> Iterator[BlockDraft]:
        yield from self._close()

    # --- what is not read ---

    def _is_furniture(self, line: Line, height: float, lines: list[Line]) -> bool:
        """Tell whether a line is a running head, a foot or a page number."""
        from_top, from_bottom = height - line.bottom, line.bottom
        margin = FURNITURE_SHARE * height
        if min(from_top, from_bottom) > margin:
            return False
        if folded(line.text) in self._survey.running:
            return True
        edges = self._survey.top_edges if from_top < from_bottom else self._survey.bottom_edges
        distance = min(from_top, from_bottom)
        is_at_edge = any(abs(edge - distance) <= 4 for edge in edges)
        is_outermost = not any(
            other.bottom > line.bottom + 2
            if from_top < from_bottom
            else other.bottom < line.bottom - 2
            for other in lines
        )
        if is_page_number(line.text) and is_outermost:
            return True
        return is_at_edge and is_outermost and line.size <= self._survey.body_size * LARGE

    def _is_contents(self, lines: list[Line]) -> bool:
        """Tell whether a page is one of the table of contents: the page has the outline instead."""
        entries = [line for line in lines if _LEADER.search(line.text)]
        if len(entries) >= 0.5 * len(lines) and len(entries) >= 3:
            return True
        if self._outline.is_empty:
            return False
        named = [line for line in lines if self._outline.names(_TRAILING_NUMBER.sub("", line.text))]
        return len(named) >= 0.6 * len(lines) and len(named) >= 4

    def _notes_apart(self, lines: list[Line], height: float) -> tuple[list[Line], list[Line]]:
        """Part the footnotes from the text: small type at the foot that begins with a mark."""
        small = self._survey.body_size * SMALL
        at = len(lines)
        while at and lines[at - 1].size <= small and lines[at - 1].bottom < 0.5 * height:
            at -= 1
        while at < len(lines) and not NOTE_MARK.match(lines[at].text):
            at += 1
        return lines[:at], lines[at:]

    def _note_paragraphs(self, lines: list[Line], page: int) -> Iterator[Paragraph]:
        paragraph: Paragraph | None = None
        for line in lines:
            if paragraph is None or NOTE_MARK.match(line.text):
                if paragraph:
                    yield paragraph
                paragraph = Paragraph("note", page=page)
            paragraph.lines.append(line)
        if paragraph:
            yield paragraph

    # --- lines to paragraphs ---

    def _add(
        self, line: Line, previous: Line | None, pitch: float, margins: tuple[float, float],
        page: int,
    ) -> Iterator[BlockDraft]:  # fmt: skip
        kind, level, marker = self._kind(line, page)
        open_ = self._open
        if open_ and self._goes_on(open_, line, previous, pitch, margins, kind):
            open_.lines.append(line)
            return
        yield from self._close()
        self._open = Paragraph(kind, [line], level, page, marker)

    def _kind(self, line: Line, page: int) -> tuple[str, int, str]:
        if self._is_heading(line, page):
            return "heading", self._level(line), ""
        if line.is_mono:
            return "code", 0, ""
        if len(line.cells) > 2 or (len(line.cells) == 2 and not BULLET.match(line.text)
                                   and not NUMBER.match(line.text)):  # fmt: skip
            return "table", 0, ""
        if CAPTION.match(line.text):
            return "caption", 0, ""
        if match := BULLET.match(line.text):
            return "list_item", 1, match[1]
        if match := NUMBER.match(line.text):
            return "list_item", 1, match[1]
        return "paragraph", 0, ""

    def _is_heading(self, line: Line, page: int) -> bool:
        if not any(map(str.isalnum, line.text)) or len(line.text) > SHORT_HEADING:
            return False
        stands_out = line.size > self._survey.body_size * LARGE or line.is_bold
        if self._outline.may_begin(line.text, page) and stands_out:
            return True
        if line.size > self._survey.body_size * 1.15 and not line.is_mono:
            return not line.cells or len(line.cells) == 2
        return (
            line.is_bold
            and not line.is_mono
            and bool(SECTION.match(line.text))
            and len(line.text) < SHORT_HEADING / 2
            and not ENDS.search(line.text)
        )

    def _level(self, line: Line) -> int:
        for level, size in enumerate(self._survey.heading_sizes, 1):
            if line.size >= size - 0.5:
                return min(level, 6)
        return min(len(self._survey.heading_sizes) + 1, 6)

    def _goes_on(
        self, open_: Paragraph, line: Line, previous: Line | None, pitch: float,
        margins: tuple[float, float], kind: str,
    ) -> bool:  # fmt: skip
        last = open_.last
        if previous is None:  # over to the next page
            return kind == open_.kind == "paragraph" and self._continues(open_, line)
        gap = last.bottom - line.bottom
        if open_.kind in {"code", "table"}:
            return kind == open_.kind and -1 < gap < 2.2 * pitch
        if open_.kind == "heading":
            return (
                kind == "heading"
                and abs(line.size - last.size) < 0.5
                and line.is_bold == last.is_bold
                and 0 < gap < 1.7 * line.size * 1.2
                and not SECTION.match(line.text)
            )
        if kind == "code" and open_.kind in {"paragraph", "list_item", "note"}:
            # An address or a command that happens to fill a line of the running text.
            is_within = 0 < gap < 1.25 * pitch and not ENDS.search(last.text)
            if is_within and abs(line.size - last.size) < 0.2 * last.size:
                return True
        if kind in {"heading", "code", "caption"} or (kind == "list_item"):
            return False
        if kind == "table" and gap > 0.5:
            return False
        if abs(line.size - last.size) > 0.12 * last.size and gap > 0.5:
            return False
        if gap < -pitch:  # up: the next column
            return self._continues(open_, line)
        if gap > 1.38 * max(pitch, last.size * 1.1):
            return False
        indent = line.left - min(each.left for each in open_.lines)
        if open_.kind == "list_item":
            return line.left >= open_.lines[0].left - 1
        if len(open_.lines) == 1:
            # The first line of a paragraph may be indented, a hanging one the other way.
            if indent > 0.8 * line.size and ENDS.search(last.text):
                return False
        elif indent > 0.8 * line.size:
            return False
        is_short = last.right < margins[1] - max(4 * line.size, 0.2 * (margins[1] - margins[0]))
        return not (is_short and ENDS.search(last.text))

    def _continues(self, open_: Paragraph, line: Line) -> bool:
        """Tell whether a paragraph goes on in the next column or on the next page."""
        last = open_.last.text
        if last.endswith(DIVIDED) or WORD_END.search(last):
            return True
        if ENDS.search(last):
            return False
        first = next((ch for ch in line.text if ch.isalnum()), "")
        return bool(first) and (first.islower() or bool(CJK.match(first)) or last.endswith(","))

    def _close(self) -> Iterator[BlockDraft]:
        paragraph, self._open = self._open, None
        if paragraph:
            yield from self._writer.write(paragraph)
        yield from self._release()

    def _release(self) -> Iterator[BlockDraft]:
        held, self._held = self._held, []
        for paragraph in held:
            yield from self._writer.write(paragraph)


def _pitch(lines: Sequence[Line]) -> float:
    """Return the usual distance of two baselines."""
    gaps = [
        round(one.bottom - other.bottom, 1)
        for one, other in pairwise(lines)
        if 0.8 * other.size < one.bottom - other.bottom < 2 * other.size
    ]
    return median(gaps) if gaps else 0.0


def _margins(lines: Sequence[Line]) -> tuple[float, float]:
    if not lines:
        return 0.0, 0.0
    lefts, rights = sorted(line.left for line in lines), sorted(line.right for line in lines)
    return lefts[len(lefts) // 10], rights[len(rights) * 9 // 10]


def _in_columns(lines: list[Line]) -> list[Line]:
    """Put the lines of a page in columns in order, where the file has them side by side."""
    gaps = [line for line in lines if len(line.cells) == 2]
    if len(gaps) < 8 or len(gaps) < 0.3 * len(lines):
        return lines
    edges = sorted(line.cells[1][0] for line in gaps)
    edge = median(edges)
    aligned = [each for each in edges if abs(each - edge) < 6]
    if len(aligned) < 0.7 * len(edges):
        return lines
    edge -= 3
    ordered: list[Line] = []
    left: list[Line] = []
    right: list[Line] = []
    for line in sorted(lines, key=lambda each: -each.bottom):
        if not line.cells and line.left < edge - 20 and line.right > edge + 20:
            ordered += left + right  # across both columns
            left, right = [], []
            ordered.append(line)
            continue
        for part in split(line, edge):
            (right if part.left >= edge else left).append(part)
    return ordered + left + right
