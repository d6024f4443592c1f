"""What a page has besides its text, and is not read: running heads, page numbers, stamps, contents.

All of it is remembered, to be told.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from reader.extraction.drafts import LeftOut
from reader.extraction.plain import contents

from .outline import Outline
from .page import Page
from .page.lines import Line
from .page.signs import plain
from .survey import (
    APART,
    EDGE_LINES,
    LARGE,
    NEAR_POINTS,
    NUMBER_SHARE,
    Survey,
    folded,
    number_of,
    offset_of,
)

_LEADER = re.compile(r"(?:\.\s?){3,}\s*(?:\d{1,4}|[ivxlc]{1,7})?$|(?:…\s?)+\s*\d{1,4}$")
_TRAILING_NUMBER = re.compile(r"[\s.…]*\b(?:\d{1,4}|[ivxlc]{1,7})$")
_LAST_DIGITS = re.compile(r"\d{1,4}$")
NAMED_SHARE, NUMBERED_SHARE = 0.3, 0.6  # of the entries
LED_SHARE = 0.4  # of the lines from the first entry to the last
FARTHEST_HEADING = 8  # lines before the first entry
LONGEST_PART = 60  # characters of an entry without leaders; what is longer is text
FURNITURE_SHARE = 0.14
TOLD_HEADS = 8  # of them one by one, the rest by their number
HEAD, NUMBERS = (
    "A running head, which returns from page to page: “{}”.",
    "The page’s printed number.",
)
TURNED = "Text that runs across the page, such as a stamp or the label of an axis: “{}”."
LINE_NUMBERS = "The numbers beside the lines."
CONTENTS = "A table of contents, or a list of figures or tables."


class Furniture:
    """Takes from pages what is not read of them."""

    def __init__(self, survey: Survey, outline: Outline) -> None:
        self._survey = survey
        self._outline = outline
        # By their texts without the numbers in them; and each as it stands first.
        self._heads: dict[str, list[int]] = defaultdict(list)
        self._texts: dict[str, str] = {}
        self._turned: dict[str, list[int]] = defaultdict(list)
        self._numbers: list[int] = []
        self._contents: list[int] = []
        self._numbered: list[int] = []

    def without(self, number: int, page: Page) -> list[Line]:
        """Return the lines of a page that are read."""
        for text in page.turned:
            self._turned[text].append(number)
        if page.has_line_numbers:
            self._numbered.append(number)
        lines = self._without_heads(number, page)
        return self._without_contents(number, lines)

    def told(self) -> Iterator[LeftOut]:
        """Yield what was left out, in words."""
        if self._contents:
            yield LeftOut(_pages(self._contents), CONTENTS)
        texts = sorted(self._heads, key=lambda text: -len(self._heads[text]))
        for text in texts[:TOLD_HEADS]:
            yield LeftOut(_pages(self._heads[text]), HEAD.format(self._texts[text]))
        if texts[TOLD_HEADS:]:
            rest = [number for text in texts[TOLD_HEADS:] for number in self._heads[text]]
            count = len(texts) - TOLD_HEADS
            yield LeftOut(
                _pages(rest), f"{count} more running {'head' if count == 1 else 'heads'}."
            )
        if self._numbers:
            yield LeftOut(_pages(self._numbers), NUMBERS)
        if self._numbered:
            yield LeftOut(_pages(self._numbered), LINE_NUMBERS)
        for text, pages in list(self._turned.items())[:TOLD_HEADS]:
            yield LeftOut(_pages(pages), TURNED.format(text))

    def _without_heads(self, number: int, page: Page) -> list[Line]:
        lines = page.lines
        by_height = sorted(lines, key=lambda line: -line.bottom)
        outermost = _first_rows(by_height), _first_rows(by_height[::-1])
        left_out: set[int] = set()
        for at_top, rows in zip((True, False), outermost, strict=True):
            # From the edge inwards: behind the first line of the text there is no head.
            heads: list[list[Line]] = []
            for row in rows:
                if not all(self._is_head(line, page, number, at_top=at_top) for line in row):
                    break
                heads.append(row)
            while heads and self._is_of_text(heads[-1], lines, at_top=at_top):
                heads.pop()
            left_out.update(id(line) for row in heads for line in row)
        if len(left_out) == len(lines) and len(lines) > EDGE_LINES:
            return lines
        for line in lines:
            if id(line) in left_out:
                text = plain(line.text)
                if number_of(text) is None:
                    self._heads[folded(text)].append(number)
                    self._texts.setdefault(folded(text), text)
                else:
                    self._numbers.append(number)
        return [line for line in lines if id(line) not in left_out]

    def _is_of_text(self, row: list[Line], lines: list[Line], *, at_top: bool) -> bool:
        """Tell whether a row belongs to the text right behind it, as pages may begin alike."""
        edge = row[0]
        inner = [
            line
            for line in lines
            if (line.bottom < edge.bottom - 2 if at_top else line.bottom > edge.bottom + 2)
        ]
        if not inner:
            return False
        near = min(inner, key=lambda line: abs(line.bottom - edge.bottom))
        return (
            abs(near.bottom - edge.bottom) < APART * edge.size * 0.9
            and abs(near.size - edge.size) < 0.3
            and near.is_bold == edge.is_bold
            and edge.right - edge.left > 0.7 * (near.right - near.left)
        )

    def _is_head(self, line: Line, page: Page, number: int, *, at_top: bool) -> bool:
        found = self._survey
        distance = page.height - line.bottom if at_top else line.bottom
        signed = distance if at_top else -distance
        places = found.running.get(folded(line.text), ())
        if any(abs(place - signed) <= 1.5 * NEAR_POINTS for place in places):
            return True
        if distance > NUMBER_SHARE * page.height:
            return False
        if number_of(line.text) is not None:
            return offset_of(line.text, number) in found.offsets or any(
                abs(edge - signed) <= NEAR_POINTS for edge in found.number_edges
            )
        if distance > FURNITURE_SHARE * page.height:
            return False
        edges = found.top_edges if at_top else found.bottom_edges
        is_at_edge = any(abs(edge - distance) <= NEAR_POINTS for edge in edges)
        return is_at_edge and line.size <= found.body_size * LARGE

    def _without_contents(self, number: int, lines: list[Line]) -> list[Line]:
        """Leave out the table of contents: the page has the outline instead."""
        entries = [at for at, line in enumerate(lines) if _LEADER.search(line.text)]
        # A paper has them on its first page, between the abstract and the text.
        is_led = len(entries) >= 3 and len(entries) >= LED_SHARE * (entries[-1] - entries[0] + 1)
        if is_led and not self._are_contents(number, lines, entries):
            return lines
        if not is_led:
            if self._outline.is_empty:
                return lines
            entries = [
                at
                for at, line in enumerate(lines)
                if self._outline.names(_TRAILING_NUMBER.sub("", plain(line.text)))
            ]
            if len(entries) < 4 or len(entries) < 0.6 * len(lines):
                return lines
        first, last = self._begin(lines, entries[0]), entries[-1]
        # Its own heading stands right before it; what is far before or behind it is text.
        before = [line for line in lines[:first] if len(plain(line.text)) > LONGEST_PART]
        kept = lines[:first] if before else []
        behind = lines[last + 1 :]
        if sum(len(line.text) for line in behind) > 200:
            kept = [*kept, *behind]
        self._contents.append(number)
        return kept

    @staticmethod
    def _begin(lines: Sequence[Line], first: int) -> int:
        """Return where the heading stands: entries of parts have no leaders, and come before."""
        for at in range(first - 1, max(-1, first - 1 - FARTHEST_HEADING), -1):
            text = plain(lines[at].text).strip()
            if len(text) > LONGEST_PART:
                return first
            if contents.HEADING.fullmatch(text):
                return at
        return first

    def _are_contents(self, number: int, lines: Sequence[Line], entries: Sequence[int]) -> bool:
        """Tell contents from an index or a list of changes, which nothing else has."""
        texts = [plain(lines[at].text) for at in entries]
        named = sum(self._outline.names(_TRAILING_NUMBER.sub("", text)) for text in texts)
        if not self._outline.is_empty and named >= NAMED_SHARE * len(texts):
            return True
        is_most = len(entries) >= LED_SHARE * len(lines)
        if number - 1 in self._contents and (is_most or entries[0] < FARTHEST_HEADING):
            return True  # it goes on
        before = [plain(line.text).strip() for line in lines[: entries[0]]]
        if any(map(contents.HEADING.fullmatch, before)):
            return True
        # Questions of a worksheet, with lines for the answers, or a list of prices
        if not is_most:
            return False
        numbered = sum(bool(contents.SECTION.match(text)) for text in texts)
        # What such a list leads to may be prices, too.
        pages = [int(found[0]) for text in texts if (found := _LAST_DIGITS.search(text))]
        return numbered >= NUMBERED_SHARE * len(texts) and pages == sorted(pages)


def _first_rows(lines: Sequence[Line]) -> list[list[Line]]:
    """Return the first rows of lines that are in order of their height."""
    rows: list[list[Line]] = []
    for line in lines:
        if rows and abs(rows[-1][0].bottom - line.bottom) <= 2:
            rows[-1].append(line)
        elif len(rows) == EDGE_LINES:
            break
        else:
            rows.append([line])
    return rows


def _pages(numbers: Iterable[int]) -> str:
    """Return page indices in words: Pages 2, 4–17."""
    rising = sorted({number + 1 for number in numbers})
    spans: list[list[int]] = [[rising[0], rising[0]]]
    for before, number in pairwise(rising):
        if number == before + 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    named = [str(a) if a == b else f"{a}–{b}" for a, b in spans[:12]]
    more = f" and {len(spans) - 12} more" if len(spans) > 12 else ""
    return f"{'Page' if len(rising) == 1 else 'Pages'} {', '.join(named)}{more}"
