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
# So many stretches are looked for side by side, none of them shorter than this.
STRETCHES, LEAST_BANDS = 8, 8
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
    """From where the cheapest way to each place comes, of BAND_ROWS rows of the one sound and some
    columns of the other."""

    low: int  # the first column
    columns: int
    came_from: bytes


def way_through(here: Floats, there: Floats) -> tuple[Way, float]:
    """Return the cheapest way through all of both, and its cost where that of the cheapest way
    through one of them backwards is 1."""
    forwards = _distances(here, there)
    entered = np.full((2, len(there) + 1), INFINITE, np.float32)
    entered[:, 0] = 0
    costs = _accumulated(entered, np.stack([forwards, forwards[::-1]], axis=1))
    straight, reverse = costs[-1, :, -1]
    came_from, columns = _came_from(costs[:, 0]), len(there)
    bands = [
        _Band(0, columns, came_from[row : row + BAND_ROWS].tobytes())
        for row in range(0, len(here), BAND_ROWS)
    ]
    way = Way(*_trace(bands, len(here) - 1, columns - 1))
    return way, float(straight / max(reverse, 1e-6))


def way_near(here: Floats, there: Floats, low: Indices, high: Indices) -> Way:
    """Return the cheapest way of which it is known between which columns of the other sound each
    row of the one is found: from ``low`` to before ``high``, neither of which goes back; they may
    lie beyond its ends.

    Stretches of it are looked for side by side, since NumPy goes from row to row, and a row of
    eight takes half of what eight rows take. Where a stretch is to begin is not known: it begins
    half of its length before, anywhere, and by then has come onto the cheapest way.
    """
    count, columns = -(-len(here) // BAND_ROWS), len(there)
    at = np.minimum(np.arange(count * BAND_ROWS), len(here) - 1).reshape(count, BAND_ROWS)
    lows = np.maximum(low[at].min(axis=1), 0)
    widths = np.minimum(high[at].max(axis=1), columns) - lows
    each = max(LEAST_BANDS, -(-count // STRETCHES))
    begins = np.arange(0, count, each)
    bands: dict[int, _Band] = {}
    costs = np.zeros((1, len(begins), columns + 1), np.float32)
    before = np.zeros_like(begins)
    for step in range(-(each // 2), each):
        now = np.clip(begins + step, 0, count - 1)
        width = int(widths[now].max())
        beside = np.arange(width)
        found = there[np.minimum(lows[now, None] + beside, columns - 1)]
        distances = _distances(here[at[now]], found)
        np.copyto(distances, TOO_FAR, where=(beside >= widths[now, None])[:, None])
        entered = _entered(costs[-1], lows[now] - before, width + 1)
        if step == 0:
            entered[0, 1:], entered[0, 0] = INFINITE, 0  # the first one's beginning is known
        costs = _accumulated(entered, distances.swapaxes(0, 1))
        before = lows[now]
        if step < 0:
            continue  # nobody asks for the way before a stretch begins
        came_from = _came_from(costs)
        for n, number in enumerate((begins + step).tolist()):
            if number < count:
                bands[number] = _Band(int(lows[number]), width, came_from[:, n].tobytes())
    return Way(*_trace([bands[n] for n in range(count)], len(here) - 1, columns - 1))


def _entered(costs: Floats, shifts: Indices, width: int) -> Floats:
    """Return what it costs to enter the next rows: what the last one costs, so many columns on."""
    at = shifts[:, None] + np.arange(width)
    inside = np.take_along_axis(costs, np.minimum(at, costs.shape[1] - 1), axis=1)
    return np.where(at < costs.shape[1], inside, INFINITE)


def _distances(here: Floats, there: Floats) -> Floats:
    """Return the distance of each row of features of the one to each of the other."""
    squares: Floats = here @ (-2 * there.swapaxes(-1, -2))
    squares += (here**2).sum(axis=-1)[..., None]
    squares += (there**2).sum(axis=-1)[..., None, :]
    np.maximum(squares, 0, out=squares)
    return np.sqrt(squares, out=squares)


def _accumulated(entered: Floats, distances: Floats) -> Floats:
    """Return what the cheapest way to each place costs: row by row of stretches side by side.

    Before the first row stands what it costs to enter it, and before each first column nothing that
    a way could come from.

    Where it is cheapest to come from in the row above is found for a whole row at once. How far to
    go on in the row itself is a running minimum, once the sum of the row so far is taken off.
    """
    costs = np.empty((len(distances) + 1, *entered.shape), np.float32)
    costs[0], costs[1:, :, 0] = entered, INFINITE
    sums = np.cumsum(distances, axis=-1)
    before = sums - distances
    cheapest = np.empty(distances.shape[1:], np.float32)
    minimum, subtract, add = np.minimum, np.subtract, np.add
    lowest = np.minimum.accumulate
    rows = zip(
        costs[:-1, :, :-1], costs[:-1, :, 1:], costs[1:, :, 1:], before, sums, strict=True
    )  # fmt: skip
    for diagonal, above, into, so_far, with_it in rows:
        minimum(diagonal, above, out=cheapest)
        subtract(cheapest, so_far, cheapest)
        lowest(cheapest, -1, None, into)
        add(into, with_it, into)
    return costs


def _came_from(costs: Floats) -> NDArray[np.uint8]:
    """Return for each place where the cheapest way to it comes from."""
    diagonal, above, beside = costs[:-1, ..., :-1], costs[:-1, ..., 1:], costs[1:, ..., :-1]
    row_back = np.minimum(diagonal, above) <= beside
    column_back = (diagonal <= above) | (beside < above)
    bits: NDArray[np.uint8] = np.left_shift(column_back, 1, dtype=np.uint8)
    return np.bitwise_or(bits, row_back, out=bits)


def _trace(bands: Sequence[_Band], row: int, column: int) -> tuple[Indices, Indices]:
    """Follow the cheapest way from a place on; return the first and the last of each row."""
    first, last = [0] * (row + 1), [0] * (row + 1)
    last[row] = column
    for number in range(len(bands) - 1, -1, -1):
        begin, band = number * BAND_ROWS, bands[number]
        came_from, width = band.came_from, band.columns
        at = (row - begin) * width + column - band.low
        while row >= begin:
            step = came_from[at]
            if step & ROW_BACK:
                first[row] = column
                row -= 1
                at -= width
                if step & COLUMN_BACK and column:
                    column -= 1
                    at -= 1
                if row >= 0:
                    last[row] = column
            else:
                column -= 1
                at -= 1
    return np.array(first), np.array(last)
