"""Lines -> paragraphs: the typesetter's work undone.

Lines are gathered into paragraphs by their distance, indent, size and length. A paragraph goes on
over columns and pages, over displayed formulas, and over what was set into it: captions, tables,
notes and boxes come after it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from reader.extraction.drafts import BlockDraft

from .footnotes import note_paragraphs, notes_apart, with_note_marks
from .furniture import Furniture
from .joining import are_alike, goes_on, is_set_into
from .kinds import PROSE, RUNNING, Kinds, is_open, starts_small
from .outline import Outline
from .page import Page
from .page.lines import Line
from .running import has_running_text
from .setting import Setting
from .survey import Survey
from .writing import Paragraph, Writer

_LEADERS = re.compile(r"(?:[·.…_=~∙•*–—-]\s?){5,}")  # a rule that is made of characters
_NUMBER = re.compile(r"\d+\s")  # of a listing's line
# What waits for the rest of its sentence, waits no longer than so many paragraphs and pages, beside
# a few that have nothing but pictures.
LONGEST_WAIT, PAGES_WAITED, MOST_PICTURED = 24, 1, 2
LONGEST_INSET = 3  # lines of code that may be set into a sentence


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
        self._pictured = 0  # pages without running text, up to the last one

    @property
    def furniture(self) -> Furniture:
        return self._furniture

    def add_page(self, number: int, page: Page) -> Iterator[BlockDraft]:
        """Yield the blocks that are whole now."""
        lines = [
            line
            for line in self._furniture.without(number, page)
            if not _LEADERS.fullmatch(line.text)
        ]
        body, notes = notes_apart(lines, page.height, self._survey.body_size)
        body = with_note_marks(body, notes)
        setting = Setting(body, self._survey.body_size)
        kinds = self._kinds.of(body, number, setting.left_of)
        is_text = has_running_text(body, kinds, page.pictures)
        self._pictured = 0 if is_text else min(self._pictured + 1, MOST_PICTURED)
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
        self._held += note_paragraphs(notes, number)
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

    # --- lines to paragraphs ---

    def _add(self, begun: Paragraph, previous: Line | None, setting: Setting) -> None:
        open_ = self._open
        is_set_in = open_ is not None and self._set_in(open_, begun, setting)
        open_ = self._open
        if open_ and (is_set_in or goes_on(open_, begun, previous, setting)):
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

    def _set_in(self, code: Paragraph, begun: Paragraph, setting: Setting) -> bool:
        """Make a few lines of code a part of the sentence that goes on behind them; tell if so."""
        before = self._waiting[-1] if self._waiting else None
        if (
            before is None
            or code.kind != "code"
            or len(code.lines) > LONGEST_INSET
            or any(_NUMBER.match(line.text) for line in code.lines)
            or not is_set_into(before, code, begun, setting)
        ):
            return False
        code.code.update(range(len(code.lines)))
        before.add(code)
        self._waiting.pop()
        self._open = before
        return True

    def _resumed(self, begun: Paragraph) -> Paragraph | None:
        """Return the paragraph that waits for a line: it was interrupted by what came between."""
        line = begun.lines[0]
        if begun.kind not in {"paragraph", "formula"} or not starts_small(line.text):
            return None
        between = [*self._waiting, *([self._open] if self._open else [])]
        if not between:
            return None
        before = between[-1]
        if before.kind == begun.kind == "formula":
            return None  # labels of a picture, here and there
        if before.kind in RUNNING and is_open(before.last.text) and are_alike(before.last, line):
            return None
        for waiting in reversed(between[:-1]):
            is_cut = waiting.kind in RUNNING and waiting.is_full and waiting.is_unfinished
            if is_cut and are_alike(waiting.last, line):
                return waiting
            if waiting.kind == "heading":
                return None
        return None

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
                 and each.page >= page + 1 - PAGES_WAITED - self._pictured), done,
            )  # fmt: skip
        written, self._waiting = self._waiting[:done], self._waiting[done:]
        for paragraph in written:
            yield from self._writer.write(paragraph)
