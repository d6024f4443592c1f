"""The cheapest way through two rows of features: dynamic time warping.

Sakoe and Chiba, "Dynamic programming algorithm optimization for spoken word recognition", 1978.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .features import Floats

Indices = NDArray[np.intp]

# Rows that are looked at in the same columns: fewer make more of them, more make them longer.
BAND_ROWS = 32
INFINITE = np.float32(np.inf)
# Of what only fills up: it has to stay a number.
TOO_FAR = np.float32(1e4)
# Where a way comes from, as bits.
ROW_BACK, COLUMN_BACK = 1, 2


@dataclass(frozen=True, slots=True)
class Way:
    """For each frame of the one sound the first and the last of the other it is paired with."""

    first: Indices
    last: Indices

    def back(self, count: int) -> Indices:
        """Return for so many frames of the other the first of the one."""
        found = np.searchsorted(self.last, np.arange(count), side="left")
        return np.minimum(found, len(self.last) - 1)


@dataclass(frozen=True, slots=True)
class _Band:
    """Rows of the one sound, the columns of the other among which they are found, and from where
    the cheapest way to each place comes."""

    begin: int
    low: int
    rows: int
    columns: int
    came_from: bytes


def way_through(here: Floats, there: Floats) -> tuple[Way, float]:
    """Return the cheapest way through all of both, and its cost where that of the cheapest way
    through one of them backwards is 1."""
    forwards = _distances(here, there)
    both = np.stack([forwards, forwards[::-1]], axis=1)
    costs = np.full((len(here) + 1, 2, len(there) + 1), INFINITE, np.float32)
    costs[0, :, 0] = 0
    _accumulate(costs, both)
    straight, reverse = costs[-1, :, -1]
    rows, columns = forwards.shape
    band = _Band(0, 0, rows, columns, _came_from(costs[:, 0]))
    way = Way(*_trace([band], len(there) - 1))
    return way, float(straight / max(reverse, 1e-6))


def way_near(here: Floats, there: Floats, low: Indices, high: Indices) -> Way:
    """Return the cheapest way of which it is known between which columns of the other sound each
    row of the one is found: from ``low`` to before ``high``, which may lie beyond its ends.

    It is looked for from both ends at once, up to where they meet: NumPy goes from row to row, and
    a row of two takes hardly longer than a row of one.
    """
    columns = len(there)
    half = len(here) // 2
    rows = 2 * half
    # An odd row at the end is found there, and the one before it wherever it would have been.
    high = np.append(high[: rows - 1], columns)
    begin = _Lane(here[:half], there, low[:half], high[:half])
    end = _Lane(
        here[half:rows][::-1], there[::-1],
        columns - high[half:rows][::-1], columns - low[half:rows][::-1],
    )  # fmt: skip
    for row in range(0, half, BAND_ROWS):
        lanes = [begin.band(row), end.band(row)]
        width = max(distances.shape[1] for distances, _ in lanes)
        distances = np.full((len(lanes[0][0]), 2, width), TOO_FAR, np.float32)
        costs = np.full((len(distances) + 1, 2, width + 1), INFINITE, np.float32)
        for n, (own, entered) in enumerate(lanes):
            distances[:, n, : own.shape[1]] = own
            costs[0, n, : len(entered)] = entered
        _accumulate(costs, distances)
        begin.keep(row, costs[:, 0])
        end.keep(row, costs[:, 1])
    # The one lane's last row lies above the other's, whose columns are counted from the end.
    reached, left = np.full((2, columns + 1), INFINITE, np.float32)
    reached[begin.low : begin.low + len(begin.last)] = begin.last
    left[columns - end.low - len(end.last) : columns - end.low] = end.last[::-1]
    total = reached[:-1] + np.minimum(left[:-1], left[1:])
    meet = int(total.argmin())
    over = meet + int(left[meet + 1] < left[meet])
    first, last = _trace(begin.bands, meet)
    their_first, their_last = _trace(end.bands, columns - 1 - over)
    odd = [columns - 1] * (len(here) - rows)
    return Way(
        np.concatenate([first, columns - 1 - their_last[::-1], odd]).astype(np.intp),
        np.concatenate([last, columns - 1 - their_first[::-1], odd]).astype(np.intp),
    )


class _Lane:
    """One half of a way, from its end of both sounds on."""

    def __init__(self, here: Floats, there: Floats, low: Indices, high: Indices) -> None:
        self._here, self._there = here, there
        self._low, self._high = low, high
        self.bands: list[_Band] = []
        self.last: Floats = np.zeros(1, np.float32)  # what the last row costs
        self.low = -1  # its first column
        self._next = 0

    def band(self, row: int) -> tuple[Floats, Floats]:
        """Return the distances of the next rows, and what it costs to enter them: from the column
        before their first one on."""
        rows = slice(row, row + BAND_ROWS)
        self._next = max(0, int(self._low[rows].min()))
        end = min(len(self._there), int(self._high[rows].max()))
        distances = _distances(self._here[rows], self._there[self._next : end])
        entered = np.full(end - self._next + 1, INFINITE, np.float32)
        known = self.last[max(0, self._next - 1 - self.low) :]
        at = max(0, self.low - self._next + 1)
        known = known[: len(entered) - at]
        entered[at : at + len(known)] = known
        return distances, entered

    def keep(self, row: int, costs: Floats) -> None:
        end = min(len(self._there), int(self._high[row : row + BAND_ROWS].max()))
        costs = costs[:, : end - self._next + 1]
        self.last, self.low = costs[-1, 1:], self._next
        self.bands.append(
            _Band(row, self.low, len(costs) - 1, costs.shape[1] - 1, _came_from(costs))
        )


def _distances(here: Floats, there: Floats) -> Floats:
    squares: Floats = here @ (-2 * there.T)
    squares += (here**2).sum(axis=1)[:, None]
    squares += (there**2).sum(axis=1)
    np.maximum(squares, 0, out=squares)
    return np.sqrt(squares, out=squares)


def _accumulate(costs: Floats, distances: Floats) -> None:
    """Fill in what the cheapest way to each place costs.

    ``costs`` has a row more, which says where to enter, and an infinite column before the others.

    Where it is cheapest to come from in the row above is found for a whole row at once. How far to
    go on in the row itself is a running minimum, once the sum of the row so far is taken off.
    """
    sums = np.cumsum(distances, axis=-1)
    before = sums - distances
    entered = np.empty(distances.shape[1:], np.float32)
    minimum, subtract, add = np.minimum, np.subtract, np.add
    lowest = np.minimum.accumulate
    rows = zip(
        costs[:-1, ..., :-1], costs[:-1, ..., 1:], costs[1:, ..., 1:], before, sums, strict=True
    )
    for diagonal, above, into, so_far, with_it in rows:
        minimum(diagonal, above, out=entered)
        subtract(entered, so_far, entered)
        lowest(entered, -1, None, into)
        add(into, with_it, into)


def _came_from(costs: Floats) -> bytes:
    """Return for each place where the cheapest way to it comes from."""
    diagonal, above, beside = costs[:-1, :-1], costs[:-1, 1:], costs[1:, :-1]
    row_back = np.minimum(diagonal, above) <= beside
    column_back = (diagonal <= above) | (beside < above)
    return (row_back.view(np.uint8) | column_back.view(np.uint8) << 1).tobytes()


def _trace(bands: Sequence[_Band], column: int) -> tuple[Indices, Indices]:
    """Follow the cheapest way from a column of the last row; return each row's first and last."""
    row = bands[-1].begin + bands[-1].rows - 1
    first, last = [0] * (row + 1), [0] * (row + 1)
    for band in reversed(bands):
        came_from, width = band.came_from, band.columns
        at = (row - band.begin) * width + column - band.low
        last[row] = column
        while row >= band.begin:
            step = came_from[at]
            if step & ROW_BACK:
                first[row] = column
                row -= 1
                at -= width
                if step & COLUMN_BACK and column:
                    column -= 1
                    at -= 1
                if row >= band.begin:
                    last[row] = column
            else:
                column -= 1
                at -= 1
    return np.array(first), np.array(last)
