"""The sounds of a piece as packets of another codec.

Each piece is encoded by itself, so that one that was made need never be made again, and they are
joined packet by packet. All encoders lag: what is decoded comes ``delay`` samples late. Every piece
has exactly as many packets as its time has, so that all of them lag alike; what is cut off behind
is silent, as pieces begin after a pause that is longer than that.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

import av
import av.container

from reader.exporting.writers.book import Book
from reader.exporting.writers.timeline import Cue, Piece
from tts.audio.formats import format_of

BYTES_PER_SAMPLE = 2


@dataclass(frozen=True, slots=True)
class Codec:
    """An encoder and how it is used. ``frame``, ``delay`` in samples."""

    encoder: str
    rate: int
    frame: int
    delay: int
    bit_rate: int
    options: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    empty: int = 0  # packets in front in which there is nothing yet

    def first_sample(self, ms: int) -> int:
        """Return the sample with which a piece begins that is due at this time."""
        samples = ms * self.rate // 1000
        return samples - samples % self.frame

    def packets_of(self, piece: Piece) -> int:
        """Return how many packets a piece has: an exact number, but for the last one."""
        samples = self.first_sample(piece.end_ms) - self.first_sample(piece.start_ms)
        return samples // self.frame

    def context(self) -> av.AudioCodecContext:
        context = av.CodecContext.create(self.encoder, "w")
        assert isinstance(context, av.AudioCodecContext)
        context.sample_rate = self.rate
        context.layout = "mono"
        context.format = context.codec.audio_formats[0]  # type: ignore[index]
        context.bit_rate = self.bit_rate
        context.options = dict(self.options)
        return context


AAC = Codec(
    "aac", 24_000, 1024, 1024, 64_000,
    # The thorough search costs twice the time, and is not heard in speech at this rate.
    MappingProxyType({"aac_coder": "fast"}),
)  # fmt: skip
MP3 = Codec(
    "libmp3lame", 24_000, 576, 1105, 64_000,
    # No packet borrows from the one before: the first of a piece has none.
    MappingProxyType({"compression_level": "7", "reservoir": "0"}),
    empty=1,
)  # fmt: skip


def encode(book: Book, piece: Piece, codec: Codec) -> Sequence[bytes]:
    """Return the packets of a piece. Raises av.FFmpegError for a damaged sound."""
    context = codec.context()
    packets: list[bytes] = []
    at = 0
    for pcm in samples_of(book, piece, codec):
        if pcm:
            frame = av.AudioFrame(format="s16", layout="mono", samples=len(pcm) // 2)
            frame.planes[0].update(pcm)
            frame.sample_rate, frame.pts = codec.rate, at
            at += frame.samples
            packets += map(bytes, context.encode(frame))
    packets += map(bytes, context.encode(None))
    packets = packets[codec.empty :]
    return packets if piece.is_last else packets[: codec.packets_of(piece)]


def samples_of(book: Book, piece: Piece, codec: Codec) -> Iterator[bytes]:
    """Yield the samples of a piece, silence between its sounds."""
    at = begin = codec.first_sample(piece.start_ms)
    for cue in piece.cues:
        start = cue.start_ms * codec.rate // 1000
        yield bytes(BYTES_PER_SAMPLE * (start - at))
        pcm = decoded(book, cue, codec.rate)
        yield pcm
        at = start + len(pcm) // BYTES_PER_SAMPLE
    if not piece.is_last:
        end = begin + codec.packets_of(piece) * codec.frame
        yield bytes(BYTES_PER_SAMPLE * max(0, end - at))


def decoded(book: Book, cue: Cue, rate: int) -> bytes:
    """Return the samples of a cue: s16le, mono, exactly as long as it is."""
    sound = cue.sound
    skip_ms = cue.skip_ms + format_of(sound.content_type).delay_ms
    first = skip_ms * rate // 1000 * BYTES_PER_SAMPLE
    length = cue.length_ms * rate // 1000 * BYTES_PER_SAMPLE
    pcm = bytearray()
    # Few large frames: calls cost more than the work in them.
    resampler = av.AudioResampler(format="s16", layout="mono", rate=rate, frame_size=rate // 2)
    with av.open(io.BytesIO(book.read(sound))) as container:
        assert isinstance(container, av.container.InputContainer)
        for frame in (*container.decode(audio=0), None):
            for resampled in resampler.resample(frame):
                pcm += bytes(resampled.planes[0])[: resampled.samples * BYTES_PER_SAMPLE]
    pcm = pcm[first : first + length]
    return bytes(pcm) + bytes(length - len(pcm))
