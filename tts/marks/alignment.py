"""When the words of a sound are heard, by aligning it with one of the same text whose word times
are known: mel-frequency cepstra, and dynamic time warping between them.

Sakoe and Chiba, "Dynamic programming algorithm optimization for spoken word recognition", 1978;
Davis and Mermelstein, "Comparison of parametric representations", 1980.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Bools = NDArray[np.bool_]
Indices = NDArray[np.intp]

SAMPLE_RATE = 16_000  # of the samples that are taken
HOP = 80  # samples: 5 ms
HOP_MS = 1000 * HOP / SAMPLE_RATE
WINDOW = 400  # 25 ms
FFT = 512
MELS, CEPSTRA = 26, 10
LOWEST_HZ, HIGHEST_HZ = 100, 5_500
PRE_EMPHASIS = 0.97
DELTA = 2  # frames at either side
# What is so far below the loud parts is silence.
SILENT_DB = 38.0
LOUD_PERCENTILE = 95
# Each second frame tells the way roughly; all of them are looked at only so near to it.
COARSE = 2
NEAR_MS = 150
BAND_FRAMES = 50  # that are looked at in the same part of the other sound
DELTA_WEIGHT = 0.5
ENERGY_WEIGHT = 1.0
# Of a longer sound only each second frame is looked at, or each third, so that the matrices fit
# into memory: 50 MB.
MOST_FRAMES = 5_000
# Two sounds of one text are nearer to each other than one of them is to the other backwards, which
# sounds alike and says something else. Measured: the same text 0.28 to 0.86, another 0.85 to 0.98,
# a tone or noise 0.97 and more.
UNSURE = 0.87
# Words are missing where so much of the reference is found in so little of the sound, and too many
# where it is the other way round.
LONG_MS, SHORT_MS = 1_200, 200


@dataclass(frozen=True, slots=True)
class Alignment:
    """Where each asked time of the reference is in the sound, in ms.

    ``unlikeness``: their distance, of which that to the reference backwards is 1.
    """

    times_ms: list[int]
    unlikeness: float
    is_whole: bool  # nothing is missing and nothing too much

    @property
    def is_sure(self) -> bool:
        return self.unlikeness < UNSURE and self.is_whole


def align(reference: Floats, sound: Floats, times_ms: Sequence[int]) -> Alignment | None:
    """Find times of the reference in the sound; None if there is nothing to go by.

    ``reference`` and ``sound``: samples at 16 kHz, mono, between -1 and 1.
    """
    here, there = _Frames.of(reference), _Frames.of(sound)
    if not here or not there:
        return None
    stride = -(-max(len(here.features), len(there.features)) // MOST_FRAMES)
    frame_ms = HOP_MS * stride
    coarse = COARSE * stride
    rough_here, rough_there, forwards = _warp(here.features[::coarse], there.features[::coarse])
    _, _, backwards = _warp(here.features[::-coarse], there.features[::coarse])
    fine_here, fine_there = here.features[::stride], there.features[::stride]
    near = round(NEAR_MS / frame_ms)
    bands = _bands(rough_here, rough_there, len(fine_here), len(fine_there), near)
    path_here, path_there, _ = _warp(fine_here, fine_there, bands)
    first, last = _met(path_here, path_there)
    times = []
    for time in times_ms:
        at = min(len(first) - 1, max(0, round((time / HOP_MS - here.offset) / stride)))
        found = (first[at] + last[at]) / 2 * stride + there.offset
        times.append(round(found * HOP_MS))
    silent = there.silent[there.offset :][: len(there.features)][::stride]
    return Alignment(
        times,
        forwards / max(backwards, 1e-6),
        _is_whole(path_here, path_there, silent, frame_ms),
    )


@dataclass(frozen=True, slots=True)
class _Frames:
    features: Floats
    offset: int  # frames of silence that were left out before the first
    silent: Bools  # of every frame, those left out included

    @classmethod
    def of(cls, samples: Floats) -> _Frames | None:
        if len(samples) < 4 * WINDOW:
            return None
        spectra, energy = _spectra(samples)
        silent = energy < np.percentile(energy, LOUD_PERCENTILE) - SILENT_DB
        loud = np.flatnonzero(~silent)
        if len(loud) < 4 * DELTA:
            return None
        part = slice(loud[0], loud[-1] + 1)
        return cls(_features(spectra[part], energy[part]), int(loud[0]), silent)


def _is_whole(path_here: Indices, path_there: Indices, silent: Bools, frame_ms: float) -> bool:
    """Tell whether neither sound has a stretch for which the other has next to nothing."""
    loud = np.concatenate([[0], np.cumsum(~silent)])
    first_there, _ = _met(path_here, path_there)
    first_here, _ = _met(path_there, path_here)
    long, short = round(LONG_MS / frame_ms), round(SHORT_MS / frame_ms)
    # Loud frames of the sound that a long stretch of the reference is found in, and the reverse.
    found = loud[first_there[long:]] - loud[first_there[:-long]]
    asked = first_here[long:] - first_here[:-long]
    spoken = loud[long : len(first_here)] - loud[: max(0, len(first_here) - long)]
    return not (found < short).any() and not ((asked < short) & (spoken > long / 2)).any()


def _spectra(samples: Floats) -> tuple[Floats, Floats]:
    """Return the log mel spectrum and the energy in dB of each frame."""
    padded = np.pad(samples, WINDOW // 2)
    emphasised = np.append(padded[:1], padded[1:] - PRE_EMPHASIS * padded[:-1])
    frames = np.lib.stride_tricks.sliding_window_view(emphasised, WINDOW)[::HOP]
    power = np.abs(np.fft.rfft(frames * np.hanning(WINDOW), FFT)) ** 2
    mel = np.log(power @ _mel_filters().T + 1e-6)
    energy = 10 * np.log10(power.sum(axis=1) + 1e-7)
    return mel.astype(np.float32), energy.astype(np.float32)


def _features(mel: Floats, energy: Floats) -> Floats:
    cepstra = np.concatenate([mel @ _cosines().T, ENERGY_WEIGHT * energy[:, None] / 10], axis=1)
    cepstra = (cepstra - cepstra.mean(axis=0)) / (cepstra.std(axis=0) + 1e-6)
    padded = np.pad(cepstra, ((2 * DELTA, 2 * DELTA), (0, 0)), mode="edge")
    delta = sum(
        step * (padded[2 * DELTA + step : len(padded) - 2 * DELTA + step or None]
                - padded[2 * DELTA - step : len(padded) - 2 * DELTA - step])
        for step in range(1, 2 * DELTA + 1)
    )  # fmt: skip
    delta = delta / (delta.std(axis=0) + 1e-6)
    features = np.concatenate([cepstra, DELTA_WEIGHT * delta], axis=1)
    return np.ascontiguousarray(features, dtype=np.float32)


@cache
def _mel_filters() -> Floats:
    """Return triangles evenly spaced in mel, one a row, over the bins of the spectrum."""

    def mel(hz: float) -> float:
        return float(2595 * np.log10(1 + hz / 700))

    edges = np.linspace(mel(LOWEST_HZ), mel(HIGHEST_HZ), MELS + 2)
    hz = 700 * (10 ** (edges / 2595) - 1)
    bins = np.arange(FFT // 2 + 1) * SAMPLE_RATE / FFT
    rising = (bins - hz[:-2, None]) / (hz[1:-1] - hz[:-2])[:, None]
    falling = (hz[2:, None] - bins) / (hz[2:] - hz[1:-1])[:, None]
    return np.maximum(0, np.minimum(rising, falling)).astype(np.float32)


@cache
def _cosines() -> Floats:
    """Return the discrete cosine transform without its constant, one cepstrum a row."""
    at = np.pi * (np.arange(MELS) + 0.5) / MELS
    return np.cos(np.arange(1, CEPSTRA + 1)[:, None] * at).astype(np.float32)


@dataclass(frozen=True, slots=True)
class _Band:
    """Rows of the one sound, and the columns of the other among which they are found."""

    first: int
    last: int  # excluded
    low: int
    high: int  # excluded


def _bands(
    rough_here: Indices, rough_there: Indices, rows: int, columns: int, near: int
) -> list[_Band]:
    """Return where to look for a path that is known roughly, in frames that are COARSE as many."""
    first_met, last_met = _met(rough_here, rough_there)
    bands = []
    for first in range(0, rows, BAND_FRAMES):
        last = min(rows, first + BAND_FRAMES)
        low = COARSE * int(first_met[first // COARSE]) - near
        high = COARSE * int(last_met[(last - 1) // COARSE]) + COARSE + near
        bands.append(_Band(first, last, max(0, low), min(columns, high)))
    return bands


def _warp(
    here: Floats, there: Floats, bands: Sequence[_Band] = ()
) -> tuple[Indices, Indices, float]:
    """Return the cheapest path through both, and the mean distance along it.

    Where it is cheapest to come from in the row above is found for a whole row at once. How far to
    go on in the row itself is a running minimum, once the sum of the row so far is taken off.
    """
    bands = bands or [_Band(0, len(here), 0, len(there))]
    costs: list[Floats] = []
    before = bands[0]
    for band in bands:
        distances = _distances(here[band.first : band.last], there[band.low : band.high])
        # With the row above the first one, and a column before the first that none comes from.
        cost = np.full((len(distances) + 1, distances.shape[1] + 1), np.inf, dtype=np.float32)
        if not costs:
            cost[0, 0] = 0  # the beginning of both
        else:
            low, high = max(band.low - 1, before.low), min(band.high, before.high)
            known = costs[-1][-1, low - before.low + 1 : high - before.low + 1]
            cost[0, low - band.low + 1 :][: len(known)] = known
        for row, steps in enumerate(distances):
            so_far = np.cumsum(steps, dtype=np.float64)
            entered = np.minimum(cost[row, :-1], cost[row, 1:]).astype(np.float64)
            entered[1:] -= so_far[:-1]
            np.minimum.accumulate(entered, out=entered)
            cost[row + 1, 1:] = entered + so_far
        costs.append(cost)
        before = band
    path = _trace(costs, bands)
    return *path, float(costs[-1][-1, -1]) / len(path[0])


def _trace(costs: list[Floats], bands: Sequence[_Band]) -> tuple[Indices, Indices]:
    """Return the path that cost the least, from its end."""
    row, column = bands[-1].last - 1, bands[-1].high - 1
    path_here, path_there = [row], [column]
    for cost, band in zip(reversed(costs), reversed(bands), strict=True):
        while row >= band.first and (row or column):
            at, to = row - band.first + 1, column - band.low + 1
            diagonal, above, beside = cost[at - 1, to - 1], cost[at - 1, to], cost[at, to - 1]
            goes_up = diagonal <= beside or above <= beside
            goes_back = diagonal <= above or beside < above
            row -= goes_up
            column -= goes_back
            path_here.append(row)
            path_there.append(column)
    return np.array(path_here[::-1]), np.array(path_there[::-1])


def _distances(here: Floats, there: Floats) -> Floats:
    squares = (here**2).sum(axis=1)[:, None] + (there**2).sum(axis=1) - 2 * here @ there.T
    distances: Floats = np.sqrt(np.maximum(squares, 0), dtype=np.float32)
    return distances


def _met(path: Indices, other: Indices) -> tuple[Indices, Indices]:
    """Return for each frame of the one the first and the last of the other it is paired with."""
    frames = np.arange(path[-1] + 1)
    first = other[np.searchsorted(path, frames, side="left")]
    last = other[np.searchsorted(path, frames, side="right") - 1]
    return first, last
