"""Whether a line goes on in a paragraph: by distance, indent, size and length, and by its words."""

from __future__ import annotations

import re

from reader.extraction.plain.contents import SECTION

from .kinds import PROSE, RUNNING, ends, goes_on_in_words, is_open, starts_small
from .page.lines import Line
from .page.signs import plain
from .setting import Setting
from .writing import Paragraph

_WORDS = re.compile(r"[(\[\"'“‘«„]?[^\W\d_]+(?![\w/@]|:\s)")  # rather than a command, or a label
INSET_GAP = 3.2  # lines' distances around code that is set into a sentence


def goes_on(open_: Paragraph, begun: Paragraph, previous: Line | None, setting: Setting) -> bool:
    """Tell whether a line goes on in the open paragraph."""
    last, line, kind = open_.last, begun.lines[0], begun.kind
    if line.is_marginal and not last.is_marginal:
        return False
    if open_.code_last:
        return False
    if previous is None:  # over to the next page
        return kind == "paragraph" and open_.kind in RUNNING and _continues(open_, line)
    gap = last.bottom - line.bottom
    pitch = max(setting.pitch, last.size * 1.1)
    if open_.kind in {"code", "table", "figure"}:
        reach = 15 if open_.kind == "figure" else 2.2
        if kind == open_.kind:
            return -reach < gap / pitch < reach if kind == "figure" else -1 < gap < reach * pitch
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
    if kind == "list_item" and _is_within(open_, begun, setting, gap):
        return True
    if kind != "paragraph" and not (kind == "table" and gap <= 0.5):
        return False
    if open_.formulas_last:
        return abs(gap) < 4 * pitch and starts_small(line.text)
    if last.is_mono and not line.is_mono and starts_small(line.text) and 0 < gap < 2.4 * pitch:
        return True  # a command that was set into a sentence
    if gap < -pitch:  # up: the next column
        return _continues(open_, line)
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


def _is_within(open_: Paragraph, begun: Paragraph, setting: Setting, gap: float) -> bool:
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


def _continues(open_: Paragraph, line: Line) -> bool:
    """Tell whether a paragraph goes on in the next column or on the next page."""
    last = open_.last
    if abs(line.size - last.size) > 0.12 * last.size:
        return False
    return goes_on_in_words(last.text, line.text)


def is_set_into(before: Paragraph, code: Paragraph, begun: Paragraph, setting: Setting) -> bool:
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
    if not all(0 < gap < reach for gap in gaps) or not are_alike(last, line):
        return False
    lefts = [each.left for each in code.lines]
    if max(lefts) - min(lefts) > 1 or abs(code.last.size - last.size) > 0.2 * last.size:
        return False  # a sentence would lose the indentation of lines
    if line.opens_apart or not starts_small(line.text) or not _WORDS.match(plain(line.text)):
        return False
    return line.left < min(*lefts, *(each.left for each in before.lines)) + 1


def are_alike(one: Line, other: Line) -> bool:
    """Tell whether two lines are set in one size."""
    return abs(one.size - other.size) <= 0.12 * other.size


def _are_centred(one: Line, other: Line) -> bool:
    """Tell whether two lines of other lengths stand around one middle."""
    apart = abs(one.left - other.left)
    return apart > 0.8 * other.size and abs(one.left + one.right - other.left - other.right) < 3


def _are_prose(*lines: Line) -> bool:
    return all(len(line.text) > PROSE for line in lines)
