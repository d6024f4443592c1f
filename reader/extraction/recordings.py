"""Files of sound that a document brings along: what of them can be heard."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import av
import av.container

from reader.extraction.drafts import ExtractionError

# Sniffed, not believed: nothing that would have the demuxer open addresses, as playlists do.
DEMUXERS = {
    b"OggS": "ogg",
    b"RIFF": "wav",
    b"fLaC": "flac",
    b"ID3": "mp3",
    b"\x1aE\xdf\xa3": "matroska",
}
MP4_AT, MP4 = slice(4, 8), b"ftyp"
# So long may one file be decoded, and all of a document. Of the rest the packets tell the length.
FILE_SECONDS, ALL_SECONDS = 15.0, 90.0
SLACK_SECONDS = 0.25  # by which a clip may end after the sound, or have a gap in it
LEAST_SECONDS = 0.02
# Formats in which time is but the number of frames. What is larger than one has swallowed some that
# are damaged: behind it no time is known.
COUNTED, LARGEST_FRAME_BYTES = {"mp3", "aac"}, 1_536


class Stretch(Protocol):
    """A stretch of a file; ``end_ms`` None: to its end."""

    @property
    def sound(self) -> int: ...
    @property
    def begin_ms(self) -> int: ...
    @property
    def end_ms(self) -> int | None: ...


@dataclass(slots=True)
class Recording:
    """How long a file of sound is, in seconds, and where nothing can be heard of it."""

    length: float = 0.0
    gaps: list[tuple[float, float]] = field(default_factory=list)

    def take(self, begin: float, end: float) -> None:
        """Take in what is heard next."""
        if begin - self.length > SLACK_SECONDS:
            self.gaps.append((self.length, begin))
        self.length = max(self.length, end)

    def has(self, begin: float, end: float) -> bool:
        return not any(first < end and last > begin for first, last in self.gaps)


class Recordings:
    """Knows of each file what of it can be heard. Each is looked at once, when it is needed."""

    def __init__(self, paths: Sequence[str], read: Callable[[str], bytes]) -> None:
        self._paths = paths
        self._read = read
        self._known: dict[int, Recording] = {}
        self._left = ALL_SECONDS

    def within(self, stretch: Stretch) -> tuple[int, int, int] | None:
        """Return the file, beginning and end (ms) of a stretch; None if it cannot be heard."""
        known = self._recording(stretch.sound)
        begin = stretch.begin_ms / 1000
        end = known.length if stretch.end_ms is None else stretch.end_ms / 1000
        until = min(end, known.length)
        if end > known.length + SLACK_SECONDS or until - begin < LEAST_SECONDS:
            return None
        if not known.has(begin, until):
            return None
        return stretch.sound, stretch.begin_ms, int(until * 1000)

    def _recording(self, number: int) -> Recording:
        if number not in self._known:
            began = time.monotonic()
            try:
                data = self._read(self._paths[number])
                self._known[number] = look(data, min(self._left, FILE_SECONDS))
            except ExtractionError:
                self._known[number] = Recording()
            self._left -= time.monotonic() - began
        return self._known[number]


def look(data: bytes, seconds: float) -> Recording:
    """Return what can be heard of a file of sound, decoded for so long; nothing if it is none."""
    found, deadline = Recording(), time.monotonic() + seconds
    try:
        with opened(data) as container:
            zero = starts_at(container)
            counts_frames = container.format.name in COUNTED
            for packet in container.demux(container.streams.audio[0]):
                if counts_frames and packet.size > LARGEST_FRAME_BYTES and found.length:
                    break
                if time.monotonic() < deadline:
                    for frame in decoded(packet):
                        begin = (frame.time or 0.0) - zero
                        found.take(begin, begin + frame.samples / frame.sample_rate)
                elif packet.pts is not None and packet.time_base is not None:
                    begin = float(packet.pts * packet.time_base) - zero
                    found.take(begin, begin + float((packet.duration or 0) * packet.time_base))
    except (av.FFmpegError, IndexError, ValueError, OverflowError):
        pass  # what came before it can be heard
    return found


def decoded(packet: av.Packet[av.AudioStream]) -> Iterator[av.AudioFrame]:
    """Yield the frames of a packet; none of one that is damaged, as players do."""
    try:
        yield from packet.decode()
    except (av.FFmpegError, ValueError):
        return


def starts_at(container: av.container.InputContainer) -> float:
    """Return the time (s) at which FFmpeg has the first sample of a file, which is 0 to its makers.

    It counts what an MP3's encoder has put before the sound, although it leaves that out.
    """
    stream = container.streams.audio[0]
    if container.format.name != "mp3" or not stream.start_time or not stream.time_base:
        return 0.0
    return max(0.0, float(stream.start_time * stream.time_base))


def opened(data: bytes) -> av.container.InputContainer:
    """Open a file of sound by what its first bytes say. Raises av.FFmpegError or ValueError."""
    container = av.open(io.BytesIO(data), "r", format=demuxer_of(data))
    assert isinstance(container, av.container.InputContainer)
    return container


def demuxer_of(data: bytes) -> str:
    """Return what reads a file of sound. Raises ValueError for what is none."""
    if data[MP4_AT] == MP4:
        return "mov"
    for signature, name in DEMUXERS.items():
        if data.startswith(signature):
            return name
    if len(data) > 1 and data[0] == 0xFF and data[1] & 0xE0 == 0xE0:  # a frame's sync word
        return "aac" if data[1] & 0xF6 == 0xF0 else "mp3"
    raise ValueError("no sound")
