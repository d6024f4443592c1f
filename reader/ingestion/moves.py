"""Where the places of a document are after its blocks were made anew.

Blocks that say the same are found first; what was changed between them is compared word by word,
so that a place stays at its word even if paragraphs were put together or divided.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from difflib import SequenceMatcher
from itertools import accumulate
from typing import NamedTuple

MOST_WORDS = 30_000  # that are compared; beyond that a place is kept by its share of the text
BETWEEN = "\n"
_WORD = re.compile(r"\w+|[^\w\s]")


class Region(NamedTuple):
    """Blocks that were changed: the old ones from ``first`` to ``last``, and the new ones."""

    first: int
    last: int
    new_first: int
    new_last: int


class Moves:
    """From places in old texts to places in new ones. A place is a block and a code point."""

    def __init__(self, old: Sequence[str], new: Sequence[str]) -> None:
        self._old, self._new = old, new
        self._exact: dict[int, int] = {}
        self._regions: list[Region] = []
        self._compared: dict[Region, _Comparison] = {}
        first = new_first = 0
        for anchor, new_anchor in [*_anchors(old, new), (len(old), len(new))]:
            self._compare(Region(first, anchor, new_first, new_anchor))
            if anchor < len(old):
                self._exact[anchor] = new_anchor
            first, new_first = anchor + 1, new_anchor + 1

    def same(self, block: int) -> int | None:
        """Return the block that says the same as an old one, if there is one."""
        return self._exact.get(block)

    def place(self, block: int, offset: int, *, is_end: bool = False) -> tuple[int, int]:
        """Return where an old place is now; ``is_end``: the end of a passage, not its start."""
        if (same := self._exact.get(block)) is not None:
            return same, min(offset, len(self._new[same]))
        at = bisect_right(self._regions, block, key=lambda region: region.first) - 1
        if at < 0 or not self._new or block >= len(self._old):
            return max(0, min(block, len(self._new) - 1)), 0
        region = self._regions[at]
        if region.new_first == region.new_last:  # gone: what follows it, or the end
            return min(region.new_first, len(self._new) - 1), 0
        if region not in self._compared:
            self._compared[region] = _Comparison(
                self._old[region.first : region.last], self._new[region.new_first : region.new_last]
            )
        inner, offset = self._compared[region].place(block - region.first, offset, is_end)
        return region.new_first + inner, offset

    def _compare(self, region: Region) -> None:
        """Find what is the same between two anchors."""
        first, last, new_first, new_last = region
        matcher = SequenceMatcher(None, self._old[first:last], self._new[new_first:new_last])
        for tag, i1, i2, j1, j2 in matcher.get_opcodes():
            if tag == "equal":
                for at in range(i2 - i1):
                    self._exact[first + i1 + at] = new_first + j1 + at
            else:
                changed = Region(first + i1, first + i2, new_first + j1, new_first + j2)
                self._regions.append(changed)


def _anchors(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    """Return the longest row of texts that stand once in both, as in Bram Cohen's patience diff."""
    once = {text: at for at, text in enumerate(new) if text}
    counted, new_counted = Counter(old), Counter(new)
    pairs = [
        (at, once[text])
        for at, text in enumerate(old)
        if text in once and counted[text] == new_counted[text] == 1
    ]
    ends: list[int] = []  # the lowest new place in which a row of each length ends
    row: list[int] = []  # the pair that it ends with
    before: list[int] = []  # for each pair the one before it in its row
    for number, (_, place) in enumerate(pairs):
        length = bisect_right(ends, place)
        before.append(row[length - 1] if length else -1)
        ends[length : length + 1] = [place]
        row[length : length + 1] = [number]
    found, number = [], row[-1] if row else -1
    while number >= 0:
        found.append(pairs[number])
        number = before[number]
    return found[::-1]


class _Comparison:
    """Changed blocks and what they became, word by word."""

    def __init__(self, old: Sequence[str], new: Sequence[str]) -> None:
        self._old_starts, self._new_starts = _starts(old), _starts(new)
        self._new_texts = new
        text, new_text = BETWEEN.join(old), BETWEEN.join(new)
        self._lengths = len(text), len(new_text)
        words, new_words = list(_WORD.finditer(text)), list(_WORD.finditer(new_text))
        self._pairs: list[tuple[int, int, int]] = []  # old start, new start, length
        if len(words) + len(new_words) <= MOST_WORDS:
            matcher = SequenceMatcher(
                None, [word[0] for word in words], [word[0] for word in new_words], autojunk=False
            )
            for first, new_first, count in matcher.get_matching_blocks():
                for at in range(count):
                    word, other = words[first + at], new_words[new_first + at]
                    self._pairs.append((word.start(), other.start(), len(word[0])))

    def place(self, block: int, offset: int, is_end: bool) -> tuple[int, int]:
        here = self._old_starts[block] + offset
        at = bisect_right(self._pairs, here - is_end, key=lambda pair: pair[0]) - 1
        if not self._pairs:
            whole, new_whole = self._lengths
            place = here * new_whole // max(1, whole)
        elif at >= 0 and here - is_end < self._pairs[at][0] + self._pairs[at][2]:
            place = self._pairs[at][1] + here - self._pairs[at][0]
        elif (is_end and at >= 0) or at + 1 == len(self._pairs):
            place = self._pairs[at][1] + self._pairs[at][2]  # behind the last word that stayed
        else:
            place = self._pairs[at + 1][1]  # before the next word that stayed
        found = bisect_right(self._new_starts, place - is_end) - 1 if place else 0
        return found, min(place - self._new_starts[found], len(self._new_texts[found]))


def _starts(texts: Sequence[str]) -> list[int]:
    lengths = (len(text) + len(BETWEEN) for text in texts)
    return list(accumulate(lengths, initial=0))[: len(texts)]
