"""How the lines of a page are set: their distance, and the margins of their columns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from .kinds import SMALL
from .page.lines import Line

EDGE = 3.0  # points within which lines of one right margin end
OFTEN, LEAST = 0.25, 4  # of the lines that begin at one place, and how many at least


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
        self._edges = {at: _edges(each) for at, each in rights.items()}
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
        near = (at - 1, at, at + 1)
        # A title may go over the columns, and begin where one of them does.
        edges = (edge for each in near for edge in self._edges.get(each, ()))
        widest = max(self._rights.get(each, 0.0) for each in near)
        return min((edge for edge in edges if edge > line.right - EDGE), default=widest)


def _edges(rights: Sequence[float]) -> list[float]:
    """Return where many of these lines end, as lines of a justified text do."""
    counts = Counter(round(right / EDGE) for right in rights)
    wanted = max(LEAST, OFTEN * len(rights))
    return [at * EDGE for at in counts if counts[at - 1] + counts[at] + counts[at + 1] >= wanted]


def _pitch(lines: Sequence[Line]) -> float:
    """Return the usual distance of two baselines."""
    gaps = [
        round(one.bottom - other.bottom, 1)
        for one, other in pairwise(lines)
        if 0.8 * other.size < one.bottom - other.bottom < 2 * other.size
    ]
    return median(gaps) if gaps else 0.0
