"""Stored sounds for others: as samples, at another speed, in the formats of OpenAI's API."""

from __future__ import annotations

import math
import struct
from types import MappingProxyType

import av

from .encoder import Encoder
from .formats import AudioFormat
from .loudness import Filters
from .webm import Packets

RATE = 24_000
BYTES_PER_SAMPLE = 2
# What a decoder of Opus gives out, whatever was put in.
OPUS_RATE = 48_000
PRE_SKIP = slice(10, 12)  # of OpusHead (RFC 7845, section 5.1)
SLOWEST, FASTEST = 0.25, 4.0
# The slowest that FFmpeg's filter takes: below it is used twice.
SLOWEST_STEP = 0.5
MS = 1000


class Samples:
    """Takes the bytes of a stored sound as they come, and gives s16le mono samples at RATE."""

    def __init__(self) -> None:
        self._packets = Packets()
        self._decoder: av.AudioCodecContext | None = None
        self._resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
        self._drop = 0  # bytes that an encoder put before the sound

    def feed(self, data: bytes) -> bytes:
        """Return the samples that can be told from what has come. Raises ValueError."""
        pcm = bytearray()
        for packet in self._packets.feed(data):
            for frame in self._decode(packet):
                for resampled in self._resampler.resample(frame):
                    pcm += bytes(resampled.planes[0])[: resampled.samples * BYTES_PER_SAMPLE]
        dropped = min(self._drop, len(pcm))
        self._drop -= dropped
        return bytes(pcm[dropped:])

    def _decode(self, packet: bytes) -> list[av.AudioFrame]:
        if self._decoder is None:
            head = self._packets.head
            decoder = av.CodecContext.create("opus", "r")
            assert isinstance(decoder, av.AudioCodecContext)
            decoder.extradata = head
            decoder.sample_rate = OPUS_RATE
            self._decoder = decoder
            skipped = int.from_bytes(head[PRE_SKIP], "little")
            self._drop = skipped * RATE // OPUS_RATE * BYTES_PER_SAMPLE
        try:
            return self._decoder.decode(av.Packet(packet))
        except av.FFmpegError as error:
            raise ValueError("This sound is damaged.") from error


class Tempo:
    """Makes samples faster or slower, and keeps their pitch."""

    def __init__(self, speed: float) -> None:
        steps = 1 if speed >= SLOWEST_STEP else 2
        step = speed if steps == 1 else math.sqrt(speed)
        filters = [("atempo", f"{step:.6f}")] * steps
        self._filters = Filters(RATE, *filters) if speed != 1 else None

    def feed(self, pcm: bytes) -> bytes:
        return self._out(pcm) if self._filters else pcm

    def finish(self) -> bytes:
        return self._out(None) if self._filters else b""

    def _out(self, pcm: bytes | None) -> bytes:
        assert self._filters is not None
        return b"".join(
            bytes(frame.planes[0])[: frame.samples * BYTES_PER_SAMPLE]
            for frame in self._filters.run(pcm)
        )


def _format(
    name: str, content_type: str, container: str, codec: str, **more: object
) -> AudioFormat:
    about: dict[str, object] = {"sample_format": "s16", "bit_rate": 64_000, **more}
    return AudioFormat(
        name=name,
        content_type=content_type,
        mime_type=content_type,
        extension=name,
        container=container,
        codec=codec,
        codec_name=codec,
        sample_rate=RATE,
        **about,  # type: ignore[arg-type]
    )


ENCODED = {
    "mp3": _format(
        "mp3", "audio/mpeg", "mp3", "libmp3lame", sample_format="s16p",
        codec_options=MappingProxyType({"compression_level": "7"}),
        container_options=MappingProxyType({"write_xing": "0", "id3v2_version": "0"}),
    ),
    "opus": _format(
        "opus", "audio/ogg", "ogg", "libopus",
        codec_options=MappingProxyType({"application": "audio", "compression_level": "3"}),
        # Short pages: one goes out when the next one begins.
        container_options=MappingProxyType({"page_duration": "60000"}),
    ),
    "aac": _format("aac", "audio/aac", "adts", "aac", sample_format="fltp"),
    "flac": _format("flac", "audio/flac", "flac", "flac", bit_rate=0),
}  # fmt: skip
RAW = {"wav": "audio/wav", "pcm": "audio/pcm"}
TYPES = {**{name: each.content_type for name, each in ENCODED.items()}, **RAW}
# How long it will be is not known when its header goes out.
UNKNOWN = 0xFFFFFFFF
WAV_HEAD = struct.pack(
    "<4sI4s4sIHHIIHH4sI",
    b"RIFF", UNKNOWN, b"WAVE", b"fmt ", 16, 1, 1, RATE, RATE * BYTES_PER_SAMPLE,
    BYTES_PER_SAMPLE, 8 * BYTES_PER_SAMPLE, b"data", UNKNOWN - 36,
)  # fmt: skip


class Answer:
    """Samples in, and out comes a file in one of TYPES, at a speed, piece by piece."""

    def __init__(self, name: str, speed: float = 1.0) -> None:
        self._tempo = Tempo(speed)
        self._encoder = Encoder(ENCODED[name], RATE) if name in ENCODED else None
        self._head = WAV_HEAD if name == "wav" else b""
        self.bytes_of_samples = 0

    @property
    def milliseconds(self) -> float:
        """How long it is so far, at its speed."""
        return self.bytes_of_samples / BYTES_PER_SAMPLE / RATE * MS

    def feed(self, pcm: bytes) -> bytes:
        return self._out(self._tempo.feed(pcm))

    def finish(self) -> bytes:
        rest = self._out(self._tempo.finish())
        return rest + (self._encoder.finish() if self._encoder else b"")

    def _out(self, pcm: bytes) -> bytes:
        self.bytes_of_samples += len(pcm)
        if self._encoder:
            return self._encoder.encode(pcm)
        head, self._head = self._head, b""
        return head + pcm
