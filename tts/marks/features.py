"""What a sound is compared by: mel-frequency cepstra, their change, and the energy, every 5 ms.

Davis and Mermelstein, "Comparison of parametric representations for monosyllabic word recognition",
1980.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Bools = NDArray[np.bool_]

SAMPLE_RATE = 12_000  # of the samples that are taken
HOP = 60  # samples: 5 ms
HOP_MS = 1000 * HOP / SAMPLE_RATE
WINDOW = 300  # 25 ms
FFT = 320
MELS, CEPSTRA = 26, 10
LOWEST_HZ, HIGHEST_HZ = 100, 5_500
PRE_EMPHASIS = 0.97
FRAMES_AT_ONCE = 256
DELTA = 4  # frames at either side
DELTA_WEIGHT = 0.5
# What is so far below the loud parts is silence.
SILENT_DB = 38.0
FAINT_DB = 30.0
LOUD_PERCENTILE = 95


@dataclass(frozen=True, slots=True)
class Frames:
    """What is heard in each 5 ms from the first loud ones to the last."""

    features: Floats
    offset: int  # frames of silence that were left out before the first
    silent: Bools  # of each frame
    faint: Bools  # of each frame: it may be silent, or a breath, or the end of a sound

    @classmethod
    def of(cls, samples: Floats) -> Frames | None:
        """Return the frames of samples between -1 and 1; None if there is nothing to go by."""
        if len(samples) < 4 * WINDOW:
            return None
        mel, energy = _spectra(samples)
        loudest = np.percentile(energy, LOUD_PERCENTILE)
        silent, faint = energy < loudest - SILENT_DB, energy < loudest - FAINT_DB
        loud = np.flatnonzero(~silent)
        if len(loud) < 2 * DELTA:
            return None
        part = slice(loud[0], loud[-1] + 1)
        return cls(_features(mel[part], energy[part]), int(loud[0]), silent[part], faint[part])


def _spectra(samples: Floats) -> tuple[Floats, Floats]:
    """Return the log mel spectrum and the energy in dB of each frame.

    Some frames at a time, which stay in the processor's cache, and all in 32 bits: NumPy transforms
    such frames in 64 unless it also has to scale, and sooner if they are of full length already.
    """
    padded = np.pad(samples.astype(np.float32, copy=False), WINDOW // 2)
    padded[1:] -= np.float32(PRE_EMPHASIS) * padded[:-1]
    frames = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[::HOP]
    powers = np.empty((len(frames), MELS + 1), np.float32)
    windowed = np.zeros((FRAMES_AT_ONCE, FFT), np.float32)
    for at in range(0, len(frames), FRAMES_AT_ONCE):
        some = frames[at : at + FRAMES_AT_ONCE]
        np.multiply(some, _window(), out=windowed[: len(some), :WINDOW])
        parts = np.fft.rfft(windowed[: len(some)], norm="forward").view(np.float32)
        np.matmul(np.square(parts, out=parts), _filters(), out=powers[at : at + len(some)])
    mel = np.log(powers[:, :MELS] + np.float32(1e-6))
    energy = 10 * np.log10(powers[:, MELS] + np.float32(1e-7))
    return mel, energy


def _features(mel: Floats, energy: Floats) -> Floats:
    cepstra = np.concatenate([mel @ _cosines(), energy[:, None] / 10], axis=1)
    cepstra -= cepstra.mean(axis=0)
    cepstra /= cepstra.std(axis=0) + np.float32(1e-6)
    padded = np.pad(cepstra, ((DELTA, DELTA), (0, 0)), mode="edge")
    middle, count = DELTA, len(cepstra)
    delta = np.zeros_like(cepstra)
    for step in range(1, DELTA + 1):
        later, earlier = padded[middle + step :], padded[middle - step :]
        delta += np.float32(step) * (later[:count] - earlier[:count])
    delta *= np.float32(DELTA_WEIGHT) / (delta.std(axis=0) + np.float32(1e-6))
    return np.concatenate([cepstra, delta], axis=1)


@cache
def _window() -> Floats:
    """Return a Hann window that takes back how a transform of norm "forward" scales."""
    return (FFT * np.hanning(WINDOW)).astype(np.float32)


@cache
def _filters() -> Floats:
    """Return what makes powers of a spectrum, one a column, over the squares of each bin's real and
    imaginary part: triangles evenly spaced in mel, and all together."""

    def mel(hz: float) -> float:
        return float(2595 * np.log10(1 + hz / 700))

    edges = np.linspace(mel(LOWEST_HZ), mel(HIGHEST_HZ), MELS + 2)
    hz = 700 * (10 ** (edges / 2595) - 1)
    bins = np.arange(FFT // 2 + 1)[:, None] * SAMPLE_RATE / FFT
    rising = (bins - hz[:-2]) / (hz[1:-1] - hz[:-2])
    falling = (hz[2:] - bins) / (hz[2:] - hz[1:-1])
    filters = np.column_stack([np.maximum(0, np.minimum(rising, falling)), np.ones(len(bins))])
    return filters.repeat(2, axis=0).astype(np.float32)


@cache
def _cosines() -> Floats:
    """Return the discrete cosine transform without its constant, one cepstrum a column."""
    at = np.pi * (np.arange(MELS) + 0.5) / MELS
    return np.cos(at[:, None] * np.arange(1, CEPSTRA + 1)).astype(np.float32)
