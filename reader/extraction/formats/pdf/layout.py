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
from .kinds import PROSE, RUNNING, Kinds, ends, goes_on_in_words, is_open, starts_small
from .outline import SECTION, Outline
from .page import Page
from .page.lines import Line
from .page.signs import plain
from .running import has_running_text
from .setting import Setting
from .survey import Survey
from .writing import Paragraph, Writer

_LEADERS = re.compile(r"(?:[·.…_=~∙•*–—-]\s?){5,}")  # a rule that is made of characters
_NUMBER = re.compile(r"\d+\s")  # of a listing's line
_WORDS = re.compile(r"[(\[\"'“‘«„]?[^\W\d_]+(?![\w/@]|:\s)")  # rather than a command, or a label
# What waits for the rest of its sentence, waits no longer than so many paragraphs and pages, beside
# a few that have nothing but pictures.
LONGEST_WAIT, PAGES_WAITED, MOST_PICTURED = 24, 1, 2
# Lines of code that may be set into a sentence, and the lines' distances around them.
LONGEST_INSET, INSET_GAP = 3, 3.2


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
        if open_ and (is_set_in or self._goes_on(open_, begun, previous, setting)):
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
            or not _is_set_into(before, code, begun, setting)
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
        if before.kind in RUNNING and is_open(before.last.text) and _are_alike(before.last, line):
            return None
        for waiting in reversed(between[:-1]):
            is_cut = waiting.kind in RUNNING and waiting.is_full and waiting.is_unfinished
            if is_cut and _are_alike(waiting.last, line):
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
        if open_.code_last:
            return False
        if previous is None:  # over to the next page
            return kind == "paragraph" and open_.kind in RUNNING and self._continues(open_, line)
        gap = last.bottom - line.bottom
        pitch = max(setting.pitch, last.size * 1.1)
        if open_.kind in {"code", "table", "figure"}:
            reach = 15 if open_.kind == "figure" else 2.2
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
        if last.is_mono and not line.is_mono and starts_small(line.text) and 0 < gap < 2.4 * pitch:
            return True  # a command that was set into a sentence
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
        indent = line.left - min(each.left for each in open_.column)
        if open_.kind == "list_item":
            return line.left >= open_.lines[0].left - 1
        if len(open_.lines) == 1 or len(open_.lines) - 2 in open_.code:
            # The first line of a paragraph may be indented, a hanging one the other way.
            if indent > 0.8 * line.size and ends(last.text):
                return False
        elif indent > 0.8 * line.size and not (
            goes_on_in_words(last.text, line.text) or _are_centred(last, line)
        ):
            return False
        is_short = last.right < setting.right_of(last) - max(4 * line.size, 0.2 * setting.width)
        return not (is_short and ends(last.text))

    def _is_within(self, open_: Paragraph, begun: Paragraph, setting: Setting, gap: float) -> bool:
        """Tell whether a line only looks like an item: a dash or a number within a sentence."""
        line, last = begun.lines[0], open_.last
        # A dash may hang over the margin a little.
        at_margin = abs(line.left - min(each.left for each in open_.lines[-2:])) < 0.4 * line.size
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
                 and each.page >= page + 1 - PAGES_WAITED - self._pictured), done,
            )  # fmt: skip
        written, self._waiting = self._waiting[:done], self._waiting[done:]
        for paragraph in written:
            yield from self._writer.write(paragraph)


def _is_set_into(before: Paragraph, code: Paragraph, begun: Paragraph, setting: Setting) -> bool:
    """Tell whether code stands in a sentence: right behind one that is not over and goes on.

    All of it in one column. What is begun over or behind a page may be a header, a caption or a
    label of a picture.
    """
    last, line = before.last, begun.lines[0]
    if not before.kind == begun.kind == "paragraph" or not before.is_unfinished:
        return False
    if not before.page == code.page == begun.page or last.is_marginal or line.is_marginal:
        return False
    reach = INSET_GAP * max(setting.pitch, 1.2 * line.size)
    gaps = (last.bottom - code.lines[0].bottom, code.last.bottom - line.bottom)
    if not all(0 < gap < reach for gap in gaps) or not _are_alike(last, line):
        return False
    lefts = [each.left for each in code.lines]
    if max(lefts) - min(lefts) > 1 or abs(code.last.size - last.size) > 0.2 * last.size:
        return False  # a sentence would lose the indentation of lines
    if line.opens_apart or not starts_small(line.text) or not _WORDS.match(plain(line.text)):
        return False
    return line.left < min(*lefts, *(each.left for each in before.lines)) + 1


def _are_alike(one: Line, other: Line) -> bool:
    """Tell whether two lines are set in one size."""
    return abs(one.size - other.size) <= 0.12 * other.size


def _are_centred(one: Line, other: Line) -> bool:
    """Tell whether two lines of other lengths stand around one middle."""
    apart = abs(one.left - other.left)
    return apart > 0.8 * other.size and abs(one.left + one.right - other.left - other.right) < 3


def _are_prose(*lines: Line) -> bool:
    return all(len(line.text) > PROSE for line in lines)
