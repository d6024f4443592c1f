"""How long a sound is silent at its ends: it is left in, for the player to make pauses of."""

from __future__ import annotations

import sys
from array import array

# Peaks below it are taken for silence: -46 dB of full scale, under which speech has no part.
SILENT = {"h": 160, "f": 160 / 32768}
WINDOW_MS = 5
BYTES_PER_SAMPLE = 2

Samples = array  # of one channel: "h" for whole numbers of 16 bits, "f" for floats up to 1


def samples_of(pcm: bytes) -> Samples[int]:
    """Return s16le samples; an odd byte at their end is left out."""
    samples = array("h", pcm[: len(pcm) - len(pcm) % BYTES_PER_SAMPLE])
    if sys.byteorder == "big":
        samples.byteswap()
    return samples


class Edges:
    """Takes in the samples of one channel piece by piece."""

    def __init__(self) -> None:
        self._lead_ms: float | None = None
        self._total_ms = 0.0
        self._loud_until_ms = 0.0

    def feed(self, samples: Samples[int] | Samples[float], sample_rate: int) -> None:
        """Take samples. Of each piece only its silent ends are looked at."""
        window = max(1, sample_rate * WINDOW_MS // 1000)
        starts = range(0, len(samples), window)
        ms = 1000 / sample_rate
        if self._lead_ms is None:
            first = next((at for at in starts if _is_loud(samples[at : at + window])), None)
            if first is not None:
                self._lead_ms = self._total_ms + first * ms
        if self._lead_ms is not None:
            last = next(
                (at for at in reversed(starts) if _is_loud(samples[at : at + window])), None
            )
            if last is not None:
                end = min(len(samples), last + window)
                self._loud_until_ms = self._total_ms + end * ms
        self._total_ms += len(samples) * ms

    def pass_over(self, ms: float) -> None:
        """Count time that is not looked at."""
        self._total_ms += ms

    @property
    def has_begun(self) -> bool:
        """Tell whether something was to be heard yet."""
        return self._lead_ms is not None

    @property
    def lead_ms(self) -> int:
        return round(self._total_ms if self._lead_ms is None else self._lead_ms)

    @property
    def trail_ms(self) -> int:
        return 0 if self._lead_ms is None else round(self._total_ms - self._loud_until_ms)


def _is_loud(samples: Samples[int] | Samples[float]) -> bool:
    silent = SILENT[samples.typecode]
    return max(samples) >= silent or min(samples) <= -silent
