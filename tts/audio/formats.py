"""What sounds are stored as.

Measured:

- WebM keeps time: a click is decoded within 0.1 ms of its place, the length is right to 1 ms (a
  sound of less than a frame lasts 14 ms). MP3 is 46 ms late and up to 60 ms longer.
- A stream cannot say at its beginning how long it will be, so Chromium 156 takes a WebM's duration
  for Infinity until it has played to the end. From a blob it seeks all the same, forwards and
  backwards: each second of a test sound was heard where it belongs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

# Raise it when the same samples come out as other bytes for a reason that no field below tells.
PROCESSING_VERSION = 2


@dataclass(frozen=True, slots=True)
class AudioFormat:
    """A container and codec, and all that decides the bytes."""

    name: str
    content_type: str
    mime_type: str  # with its codec, as Media Source asks for it
    extension: str
    container: str
    codec: str  # the encoder
    codec_name: str  # what it makes
    sample_rate: int
    sample_format: str
    bit_rate: int
    delay_ms: int = 0  # so much later than in the samples is everything heard
    codec_options: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    container_options: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def recipe(self) -> str:
        """Everything that changes the bytes, as one string."""
        options = sorted({**self.codec_options, **self.container_options}.items())
        settings = [self.container, self.codec, self.sample_rate, self.bit_rate, options]
        return f"{settings} {PROCESSING_VERSION}"


FORMATS = {
    "webm": AudioFormat(
        name="webm",
        content_type="audio/webm",
        mime_type='audio/webm; codecs="opus"',
        extension="webm",
        container="webm",
        codec="libopus",
        codec_name="opus",
        sample_rate=24_000,
        sample_format="s16",
        bit_rate=48_000,
        # Encoding is what a sound costs most. The general codec at complexity 0 takes 46 % of the
        # time of the one for narrow-band speech: 630 against 290 times real time, of one core.
        codec_options=MappingProxyType({"application": "audio", "compression_level": "0"}),
        # Short clusters: a cluster goes out when the next one begins, so that the first sound is
        # out after four frames of Opus. They cost 2 % of the size.
        container_options=MappingProxyType({"cluster_time_limit": "60", "live": "1"}),
    ),
    "mp3": AudioFormat(
        name="mp3",
        content_type="audio/mpeg",
        mime_type="audio/mpeg",
        extension="mp3",
        container="mp3",
        codec="libmp3lame",
        codec_name="mp3",
        sample_rate=24_000,
        sample_format="s16p",
        bit_rate=48_000,
        delay_ms=46,
        codec_options=MappingProxyType({"compression_level": "9"}),
        # A Xing header is written last, at the beginning: not in a stream.
        container_options=MappingProxyType({"write_xing": "0", "id3v2_version": "0"}),
    ),
}


def format_of(content_type: str) -> AudioFormat:
    """Return the format that has this content type."""
    return next(each for each in FORMATS.values() if each.content_type == content_type)
