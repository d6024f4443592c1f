"""Stored sounds as packets of Opus, not encoded again where that can be."""

from __future__ import annotations

import io
from collections.abc import Iterator
from functools import lru_cache

import av
import av.container

from reader.exporting.writers.book import Book
from reader.exporting.writers.sound.encoding import Codec, decoded
from reader.exporting.writers.timeline import STEP_MS, Cue
from tts.audio import FORMATS

RATE = 48_000  # in which Opus counts
PACKET = RATE * STEP_MS // 1000
STORED = FORMATS["webm"]
OPUS = Codec(
    STORED.codec, STORED.sample_rate, STORED.sample_rate * STEP_MS // 1000, 312, STORED.bit_rate,
    STORED.codec_options,
)  # fmt: skip
HEAD, GAIN = b"OpusHead", slice(16, 18)
# What the first byte of a packet says of its length (RFC 6716, section 3.1).
SILK_MS, HYBRID_MS, CELT_MS = (10, 20, 40, 60), (10, 20), (2.5, 5, 10, 20)


def opus_packets(book: Book, cue: Cue) -> list[bytes]:
    """Return the packets of a cue, 20 ms each, exactly as many as it lasts."""
    stored = _stored(book, cue)
    if stored is None:
        stored = _encoded(decoded(book, cue, OPUS.rate))
    else:
        stored = stored[cue.skip_ms // STEP_MS :]
    count = cue.length_ms // STEP_MS
    return stored[:count] + [silence()] * (count - len(stored))


@lru_cache(1)
def silence() -> bytes:
    """Return a packet in which nothing is heard."""
    return _encoded(bytes(2 * OPUS.rate))[10]


def _stored(book: Book, cue: Cue) -> list[bytes] | None:
    """Return the packets as they are stored; None if they cannot be joined with others."""
    if cue.sound.content_type != STORED.content_type:
        return None
    with av.open(io.BytesIO(book.read(cue.sound))) as container:
        assert isinstance(container, av.container.InputContainer)
        stream = container.streams.audio[0]
        head = stream.codec_context.extradata or b""
        if not head.startswith(HEAD) or head[GAIN] != b"\0\0" or head[9] != 1:
            return None  # louder, softer, or in stereo: one file has one head for all
        packets = [bytes(packet) for packet in container.demux(stream) if packet.size]
    return packets if all(map(_is_usual, packets)) else None


def _is_usual(packet: bytes) -> bool:
    """Tell whether a packet has one frame of 20 ms."""
    toc = packet[0]
    config, frames = toc >> 3, toc & 3
    if frames:
        return False
    if config < 12:
        return SILK_MS[config & 3] == STEP_MS
    if config < 16:
        return HYBRID_MS[config & 1] == STEP_MS
    return CELT_MS[config & 3] == STEP_MS


def _encoded(pcm: bytes) -> list[bytes]:
    context = OPUS.context()
    frame = av.AudioFrame(format="s16", layout="mono", samples=len(pcm) // 2)
    frame.planes[0].update(pcm)
    frame.sample_rate, frame.pts = OPUS.rate, 0
    return [*map(bytes, context.encode(frame)), *map(bytes, context.encode(None))]


def all_packets(book: Book) -> Iterator[tuple[int, bytes]]:
    """Yield the packets of a whole book, each with the number of the cue that it belongs to."""
    at = 0
    for number, cue in enumerate(book.cues):
        for _ in range((cue.start_ms - at) // STEP_MS):
            yield number, silence()
        for packet in opus_packets(book, cue):
            yield number, packet
        at = cue.end_ms
