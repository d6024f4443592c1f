"""Lines -> paragraphs: the typesetter's work undone.

Lines are gathered into paragraphs by their distance, indent, size and length. A paragraph goes on
over columns and pages, over displayed formulas, and over what was set into it: captions, tables,
notes and boxes come after it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from statistics import median

from reader.extraction.drafts import BlockDraft

from .furniture import Furniture
from .kinds import PROSE, RUNNING, SMALL, Kinds, ends, goes_on_in_words, is_open, starts_small
from .lines import Line, Page
from .outline import SECTION, Outline
from .signs import END, NOTE, RAISED, plain
from .survey import Survey
from .writing import Paragraph, Writer

STOPS = ".,;:!?”»"
_AFTER_WORD = re.compile(
    f'([^\\W\\d_]|(?<=[^\\W\\d_])[{STOPS}"’)\\]])\\s?{RAISED}(\\d{{1,3}}|[*†‡§¶]{{1,3}}|[a-z]){END}'
)
_AT_START = re.compile(f"{RAISED}(\\d{{1,3}}|[*†‡§¶]{{1,3}}|[a-z]){END}\\s")
NOTE_MARK = re.compile(r"^(?:[\x0e\x10](?:\d{1,3}|[a-z*†‡§¶])\x11|\d{1,3}|[*†‡§¶]{1,3})\s*(?=\S)")
# What waits for the rest of its sentence, waits no longer than so many paragraphs and pages.
LONGEST_WAIT, PAGES_WAITED = 24, 1


class Typesetter:
    """Takes pages in order and gives out blocks as soon as they are whole."""

    def __init__(self, survey: Survey, outline: Outline, language: str) -> None:
        self._survey = survey
        self._furniture = Furniture(survey, outline)
        self._kinds = Kinds(survey, outline)
        self._writer = Writer(survey, outline, language)
        self._open: Paragraph | None = None
        # Whole paragraphs that wait for the end of one that stands before them.
        self._waiting: list[Paragraph] = []
        self._held: list[Paragraph] = []  # notes, until the sentence they interrupt is over

    @property
    def furniture(self) -> Furniture:
        return self._furniture

    def add_page(self, number: int, page: Page) -> Iterator[BlockDraft]:
        """Yield the blocks that are whole now."""
        lines = self._furniture.without(number, page)
        body, notes = self._notes_apart(lines, page.height)
        body = _with_note_marks(body, notes)
        setting = Setting(body, self._survey.body_size)
        kinds = self._kinds.of(body, number, setting.left_of)
        previous: Line | None = None
        for line, (kind, level, marker) in zip(body, kinds, strict=True):
            if line.is_marginal and previous and self._is_within_sentence(setting):
                self._set_aside(line, number)
                continue
            begun = Paragraph(kind, [line], level, number, marker)
            if kind == "formula":
                begun.formulas.add(0)
            self._add(begun, previous, setting)
            previous = line
        self._held += self._note_paragraphs(notes, number)
        yield from self._write(number)

    def finish(self) -> Iterator[BlockDraft]:
        self._close()
        yield from self._write(None)

    def _is_within_sentence(self, setting: Setting) -> bool:
        open_ = self._open
        if open_ is None or open_.kind not in RUNNING:
            return False
        last = open_.last
        return open_.is_unfinished and len(last.text) >= PROSE and setting.is_full(last)

    def _set_aside(self, line: Line, number: int) -> None:
        """Keep what stands beside the text until its sentence is over."""
        last = self._held[-1] if self._held else None
        if last and last.last.is_marginal and last.page == number:
            last.lines.append(line)
        else:
            self._held.append(Paragraph("paragraph", [line], page=number, is_full=False))

    # --- notes ---

    def _notes_apart(self, lines: list[Line], height: float) -> tuple[list[Line], list[Line]]:
        """Part the footnotes from the text: small type at a column's foot that begins with a mark.

        A column ends where the lines begin again further up.
        """
        body: list[Line] = []
        notes: list[Line] = []
        for column in _columns(lines):
            at = self._first_note(column, height)
            body += column[:at]
            notes += column[at:]
        return body, notes

    def _first_note(self, lines: list[Line], height: float) -> int:
        small = self._survey.body_size * SMALL
        at = len(lines)
        while at and lines[at - 1].size <= small and lines[at - 1].bottom < 0.5 * height:
            at -= 1
        while at < len(lines) and not NOTE_MARK.match(lines[at].text):
            at += 1
        return at

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

    def _add(self, begun: Paragraph, previous: Line | None, setting: Setting) -> None:
        open_ = self._open
        if open_ and self._goes_on(open_, begun, previous, setting):
            open_.add(begun)
            return
        if open_ and previous:
            open_.is_full = setting.is_full(open_.last)
        resumed = self._resumed(begun)
        self._close()
        self._open = begun
        if resumed:
            at = self._waiting.index(resumed)
            self._open = self._waiting[at]
            self._open.add(begun)
            self._held = [*self._waiting[at + 1 :], *self._held]
            del self._waiting[at:]

    def _resumed(self, begun: Paragraph) -> Paragraph | None:
        """Return the paragraph that waits for a line: it was interrupted by what came between."""
        line = begun.lines[0]
        if begun.kind not in {"paragraph", "formula"} or not starts_small(line.text):
            return None
        between = [*self._waiting, *([self._open] if self._open else [])]
        if not between or (between[-1].kind in RUNNING and is_open(between[-1].last.text)):
            return None
        for waiting in reversed(between[:-1]):
            is_like = abs(waiting.last.size - line.size) <= 0.12 * line.size
            if waiting.kind in RUNNING and waiting.is_full and waiting.is_unfinished and is_like:
                return waiting
            if waiting.kind == "heading":
                return None
        return None

    def _goes_on(
        self, open_: Paragraph, begun: Paragraph, previous: Line | None, setting: Setting
    ) -> bool:
        """Tell whether a line goes on in the open paragraph."""
        last, line, kind = open_.last, begun.lines[0], begun.kind
        if line.is_marginal and not last.is_marginal:
            return False
        if previous is None:  # over to the next page
            return kind == "paragraph" and open_.kind in RUNNING and self._continues(open_, line)
        gap = last.bottom - line.bottom
        pitch = max(setting.pitch, last.size * 1.1)
        if open_.kind in {"code", "table", "figure"}:
            reach = 6 if open_.kind == "figure" else 2.2
            if kind == open_.kind:
                return (
                    -reach < gap / pitch < reach if kind == "figure" else -1 < gap < reach * pitch
                )
            return False
        if open_.kind == "heading":
            return (
                (kind == "heading" or (line.is_bold and goes_on_in_words(last.text, line.text)))
                and abs(line.size - last.size) < 0.5
                and (line.is_bold == last.is_bold or goes_on_in_words(last.text, line.text))
                and 0 < gap < 1.7 * line.size * 1.2
                and not SECTION.match(line.text)
            )
        if kind == "formula":
            return (open_.formulas_last or is_open(last.text)) and abs(gap) < 4 * pitch
        if kind == "code":
            # An address or a command that happens to fill a line of the running text.
            is_within = 0 < gap < 1.25 * setting.pitch and is_open(last.text)
            return is_within and abs(line.size - last.size) < 0.2 * last.size
        if kind == "list_item" and self._is_within(open_, begun, setting, gap):
            return True
        if kind != "paragraph" and not (kind == "table" and gap <= 0.5):
            return False
        if open_.formulas_last:
            return abs(gap) < 4 * pitch and starts_small(line.text)
        if gap < -pitch:  # up: the next column
            return self._continues(open_, line)
        if (
            goes_on_in_words(last.text, line.text)
            and gap < 2.4 * pitch
            and (setting.is_full(last) or last.text.endswith(",") or _are_prose(last, line))
        ):
            return abs(line.size - last.size) <= 0.3 * last.size
        if abs(line.size - last.size) > 0.12 * last.size and gap > 0.5:
            return False
        if gap > 1.38 * pitch:
            return False
        indent = line.left - min(each.left for each in open_.lines)
        if open_.kind == "list_item":
            return line.left >= open_.lines[0].left - 1
        if len(open_.lines) == 1:
            # The first line of a paragraph may be indented, a hanging one the other way.
            if indent > 0.8 * line.size and ends(last.text):
                return False
        elif indent > 0.8 * line.size and not goes_on_in_words(last.text, line.text):
            return False
        is_short = last.right < setting.right_of(last) - max(4 * line.size, 0.2 * setting.width)
        return not (is_short and ends(last.text))

    def _is_within(self, open_: Paragraph, begun: Paragraph, setting: Setting, gap: float) -> bool:
        """Tell whether a line only looks like an item: a dash or a number within a sentence."""
        line, last = begun.lines[0], open_.last
        at_margin = abs(line.left - min(each.left for each in open_.lines[-2:])) < 1
        return (
            at_margin
            and open_.kind == "paragraph"
            and 0 < gap < 1.25 * setting.pitch
            and is_open(last.text)
            and setting.is_full(last)
        )

    def _continues(self, open_: Paragraph, line: Line) -> bool:
        """Tell whether a paragraph goes on in the next column or on the next page."""
        last = open_.last
        if abs(line.size - last.size) > 0.12 * last.size:
            return False
        return goes_on_in_words(last.text, line.text)

    # --- paragraphs to blocks ---

    def _close(self) -> None:
        paragraph, self._open = self._open, None
        if paragraph:
            self._waiting.append(paragraph)
            self._waiting += self._held
            self._held = []

    def _write(self, page: int | None) -> Iterator[BlockDraft]:
        """Yield what need not wait: all before the last paragraph whose sentence may go on."""
        if self._open is None:
            self._waiting += self._held
            self._held = []
        done = len(self._waiting)
        if page is not None and len(self._waiting) <= LONGEST_WAIT:
            done = next(
                (at for at, each in enumerate(self._waiting)
                 if each.kind in RUNNING and each.is_unfinished
                 and each.page >= page + 1 - PAGES_WAITED), done,
            )  # fmt: skip
        written, self._waiting = self._waiting[:done], self._waiting[done:]
        for paragraph in written:
            yield from self._writer.write(paragraph)


class Setting:
    """How the lines of a page are set: their distance, and the margins of their columns."""

    def __init__(self, lines: Sequence[Line], body_size: float) -> None:
        self.pitch = _pitch(lines) or body_size * 1.2
        self._lefts = sorted(line.left for line in lines if line.size >= SMALL * body_size)
        self._margins: dict[int, float] = {}
        self._step = 4 * body_size or 40.0
        rights: dict[int, list[float]] = {}
        for line in lines:
            rights.setdefault(self._at(line), []).append(line.right)
        self._rights = {at: sorted(each)[len(each) * 9 // 10] for at, each in rights.items()}
        left = self._lefts[len(self._lefts) // 10] if self._lefts else 0.0
        widths = [right - at * self._step for at, right in self._rights.items()]
        self.left = left
        self.width = max(median(widths), 0.0) if widths else 0.0

    def _at(self, line: Line) -> int:
        return int(line.left // self._step)

    def left_of(self, line: Line) -> float:
        """Return the left margin of a line's column: the nearest at which lines often begin."""
        key = round(line.left)
        if key not in self._margins:
            self._margins[key] = self._left_of(line.left)
        return self._margins[key]

    def _left_of(self, left: float) -> float:
        near = [each for each in self._lefts if left - 8 * self._step < each <= left + 1]
        wanted = max(2, len(self._lefts) // 7)
        for each in reversed(near):
            if sum(abs(each - other) < 2 for other in near) >= wanted:
                return each
        return near[0] if near else left

    def is_full(self, line: Line) -> bool:
        """Tell whether a line reaches the right margin, so that its text may well go on."""
        return line.right > self.right_of(line) - max(3 * line.size, 0.12 * self.width)

    def right_of(self, line: Line) -> float:
        """Return the right margin of a line's column."""
        at = self._at(line)
        return max(self._rights.get(near, 0.0) for near in (at - 1, at, at + 1))


def _are_prose(*lines: Line) -> bool:
    return all(len(line.text) > PROSE for line in lines)


def _with_note_marks(lines: Sequence[Line], notes: Sequence[Line]) -> list[Line]:
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


def _columns(lines: Sequence[Line]) -> Iterator[list[Line]]:
    column: list[Line] = []
    for line in lines:
        if column and line.bottom > column[-1].bottom + 8 * line.size:
            yield column
            column = []
        column.append(line)
    if column:
        yield column


def _pitch(lines: Sequence[Line]) -> float:
    """Return the usual distance of two baselines."""
    gaps = [
        round(one.bottom - other.bottom, 1)
        for one, other in pairwise(lines)
        if 0.8 * other.size < one.bottom - other.bottom < 2 * other.size
    ]
    return median(gaps) if gaps else 0.0
