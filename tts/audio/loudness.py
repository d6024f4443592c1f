"""How loud speech is, and making it as loud as other speech: FFmpeg's filters, as it streams.

Loudness is that of EBU R 128 (ITU-R BS.1770), in LUFS.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import av
from av.filter import Graph

BYTES_PER_SAMPLE = 2
# What goes beyond it is held back: -1 dB of full scale.
CEILING = 0.891
# A nudge that nobody hears is not worth its time.
LEAST_GAIN_DB = 0.5
MOST_GAIN_DB = 12.0


class Filters:
    """A chain of filters for s16le mono samples."""

    def __init__(self, sample_rate: int, *filters: tuple[str, str]) -> None:
        self._rate = sample_rate
        self._pts = 0
        self._graph = Graph()
        last = self._graph.add_abuffer(
            sample_rate=sample_rate,
            format="s16",
            layout="mono",
            time_base=Fraction(1, sample_rate),
        )
        chain = [*filters, ("aformat", "sample_fmts=s16:channel_layouts=mono")]
        for name, arguments in chain:
            filtered = self._graph.add(name, arguments)
            last.link_to(filtered)
            last = filtered
        last.link_to(self._graph.add("abuffersink"))
        self._graph.configure()

    def run(self, pcm: bytes | None) -> Iterator[av.AudioFrame]:
        """Put samples in, or None at their end, and yield what comes out."""
        if pcm is None:
            self._graph.push(None)
        elif pcm:
            frame = av.AudioFrame(format="s16", layout="mono", samples=len(pcm) // 2)
            frame.planes[0].update(pcm)
            frame.sample_rate, frame.pts = self._rate, self._pts
            frame.time_base = Fraction(1, self._rate)
            self._pts += frame.samples
            self._graph.push(frame)
        while True:
            try:
                frame = self._graph.pull()  # type: ignore[assignment]
            except (av.BlockingIOError, av.EOFError):
                return
            yield frame


class Leveller:
    """Raise or lower samples by one gain, and hold back what would be too loud then."""

    def __init__(self, gain_db: float, sample_rate: int) -> None:
        self._odd = b""
        self._filters = Filters(
            sample_rate,
            ("volume", f"{gain_db}dB"),
            ("alimiter", f"limit={CEILING}:attack=5:release=50:level=false:latency=true"),
        )

    def level(self, pcm: bytes) -> bytes:
        """Take samples; return what is ready of them, which lags a little behind."""
        pcm = self._odd + pcm
        whole = len(pcm) - len(pcm) % BYTES_PER_SAMPLE
        self._odd = pcm[whole:]
        return self._out(pcm[:whole])

    def finish(self) -> bytes:
        """Return the rest; there are as many samples in all as were taken."""
        return self._out(None)

    def _out(self, pcm: bytes | None) -> bytes:
        return b"".join(
            bytes(frame.planes[0])[: frame.samples * BYTES_PER_SAMPLE]
            for frame in self._filters.run(pcm)
        )


def loudness(pcm: bytes, sample_rate: int) -> float | None:
    """Return the integrated loudness of s16le mono samples in LUFS; None of silence."""
    filters = Filters(sample_rate, ("ebur128", "metadata=1"))
    found = None
    for part in (pcm, None):
        for frame in filters.run(part):
            if measured := frame.metadata.get("lavfi.r128.I"):
                found = float(measured)
    return found if found is not None and found > -70 else None


def gain_towards(target_lufs: float, measured_lufs: float | None) -> float:
    """Return the gain in dB that brings speech to a loudness, within bounds."""
    if measured_lufs is None:
        return 0.0
    gain = max(-MOST_GAIN_DB, min(MOST_GAIN_DB, target_lufs - measured_lufs))
    return round(gain, 1) if abs(gain) >= LEAST_GAIN_DB else 0.0
