"""The packets of an Ogg Opus stream, as they arrive: before their page is whole.

RFC 3533 (Ogg), RFC 6716, section 3.1 (how long a packet of Opus sounds), RFC 7845 (Opus in Ogg).
"""

from __future__ import annotations

import zlib
from typing import NamedTuple

from tts.speech import SpeechError

from .incoming import BROKEN, NOT_SOUND

CAPTURE, HEAD_BYTES = b"OggS", 27
CONTINUED, BEGINS, ENDS = 1, 2, 4
OPUS_HEAD, OPUS_TAGS = b"OpusHead", b"OpusTags"
OPUS_HEAD_BYTES = 19
BEGINNING_BYTES = HEAD_BYTES + 1 + OPUS_HEAD_BYTES
NO_POSITION = -1  # of a page on which no packet ends
PER_MS = 48  # Opus counts samples at 48 kHz, whatever it was made of
LONGEST_PACKET = 120 * PER_MS
# Each byte with its bits the other way round: the checksum of Ogg is that of zlib, mirrored.
MIRRORED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


def _frame_samples(toc: int) -> int:
    """Return how long a frame is, of which the first five bits of a packet tell."""
    config = toc >> 3
    if config < 12:
        return (480, 960, 1920, 2880)[config & 3]
    if config < 16:
        return (480, 960)[config & 1]
    return (120, 240, 480, 960)[config & 3]


FRAME_SAMPLES = [_frame_samples(toc) for toc in range(256)]
# Of a packet whose first byte alone tells how long it is: it has one frame or two; else 0.
PACKET_SAMPLES = [(1, 2, 2, 0)[toc & 3] * FRAME_SAMPLES[toc] for toc in range(256)]


class Packet(NamedTuple):
    data: bytes
    samples: int  # that it sounds
    left_out: int  # of these, at its end, since the sound is over


def opus_head(beginning: bytes) -> bytes:
    """Return the head of Opus in one or two channels with which a file begins, or nothing."""
    head = beginning[HEAD_BYTES + 1 : BEGINNING_BYTES]
    is_known = (
        beginning.startswith(CAPTURE)
        and beginning[HEAD_BYTES - 1] == 1  # packet on the page
        and head.startswith(OPUS_HEAD)
        and len(head) == OPUS_HEAD_BYTES
        and head[8] >> 4 == 0  # the version
        and head[9] in (1, 2)
        and head[18] == 0  # how channels are mapped
    )
    return head if is_known else b""


class OggOpus:
    """Takes in a stream piece by piece. A page's checksum is checked when the page is whole: what
    turns out to be damaged may have been given out before."""

    def __init__(self) -> None:
        self.pre_skip = 0  # samples at the beginnings of its streams that are not to be heard
        self._buffer = bytearray()
        self._at = 0
        self._parts: list[tuple[int, bool]] | None = None  # of the page: bytes, whether it ends one
        self._begun = bytearray()  # a packet that goes on
        self._headers = 0  # packets to come that are no sound
        self._serial = self._sequence = -1
        self._position: int | None = None  # in samples, of the page's end
        self._reached: int | None = 0  # in samples; unknown until a page tells
        self._page_samples = 0
        self._flags = 0
        self._is_over = False

    def feed(self, data: bytes) -> list[Packet]:
        """Take bytes; return the packets that are whole. Raises SpeechError."""
        packets: list[Packet] = []
        buffer = self._buffer
        buffer += data
        while True:
            if self._parts is None and not self._begin_page():
                return packets
            assert self._parts is not None
            self._take_plain(packets)
            while self._parts:
                length, is_end = self._parts[-1]
                if len(buffer) < self._at + length:
                    return packets
                self._parts.pop()
                part = bytes(buffer[self._at : self._at + length])
                self._at += length
                if self._begun or not is_end:
                    self._begun += part
                    if not is_end:
                        continue
                    part = bytes(self._begun)
                    self._begun.clear()
                self._take(part, packets)
            self._end_page()

    def _take_plain(self, packets: list[Packet]) -> None:
        """Take the packets with which nothing is special: nearly all, hundreds in a sound."""
        parts = self._parts
        if not parts or self._begun or self._headers or self._flags & ENDS:
            return
        data, begin = bytes(self._buffer[self._at :]), 0
        while parts:
            length, is_end = parts[-1]
            if not is_end or not length or begin + length > len(data):
                break
            samples = PACKET_SAMPLES[data[begin]]
            if not samples:
                break
            parts.pop()
            packets.append(Packet(data[begin : begin + length], samples, 0))
            begin += length
            self._page_samples += samples
        self._at += begin

    def close(self) -> None:
        """Tell that no more comes. Raises SpeechError if something is missing."""
        if self._begun or self._parts or (self._buffer and not self._is_over):
            raise SpeechError(BROKEN, retryable=True)

    def _begin_page(self) -> bool:
        """Read the head of a page, if all of it is there."""
        buffer = self._buffer
        if len(buffer) < HEAD_BYTES or len(buffer) < HEAD_BYTES + buffer[26]:
            return False
        if not buffer.startswith(CAPTURE) or buffer[4]:
            if self._is_over:  # what follows a stream is none of it
                buffer.clear()
                return False
            raise SpeechError(BROKEN, retryable=True)
        self._flags = buffer[5]
        serial = int.from_bytes(buffer[14:18], "little")
        sequence = int.from_bytes(buffer[18:22], "little")
        if self._flags & BEGINS:
            self._begin_stream(serial)
        elif serial != self._serial or sequence != self._sequence + 1:
            raise SpeechError(BROKEN, retryable=True)
        self._sequence = sequence
        if bool(self._flags & CONTINUED) != bool(self._begun):
            raise SpeechError(BROKEN, retryable=True)
        position = int.from_bytes(buffer[6:14], "little", signed=True)
        self._position = None if position == NO_POSITION else position
        self._page_samples = 0
        parts, length = [], 0
        for lace in buffer[HEAD_BYTES : HEAD_BYTES + buffer[26]]:
            length += lace
            if lace < 255:
                parts.append((length, True))
                length = 0
        if length:
            parts.append((length, False))
        self._parts = parts[::-1]
        self._at = HEAD_BYTES + buffer[26]
        return True

    def _begin_stream(self, serial: int) -> None:
        self._serial, self._headers, self._is_over = serial, 2, False
        self._reached = 0

    def _take(self, data: bytes, packets: list[Packet]) -> None:
        if self._headers:
            expected = OPUS_HEAD if self._headers == 2 else OPUS_TAGS
            if not data.startswith(expected):
                raise SpeechError(NOT_SOUND, retryable=True)
            if self._headers == 2:
                self.pre_skip += int.from_bytes(data[10:12], "little")
            self._headers -= 1
            return
        samples = _samples_of(data)
        self._page_samples += samples
        left_out = 0
        if self._flags & ENDS and self._position is not None and self._reached is not None:
            left_out = max(0, self._reached + self._page_samples - self._position)
        if left_out < samples:
            packets.append(Packet(data, samples, left_out))

    def _end_page(self) -> None:
        """Check the page that is whole, and forget it."""
        page = self._buffer[: self._at]
        del self._buffer[: self._at]
        self._parts = None
        told = int.from_bytes(page[22:26], "little")
        page[22:26] = bytes(4)
        if checksum(page) != told:
            raise SpeechError(BROKEN, retryable=True)
        if self._position is not None:
            self._reached = self._position
        self._is_over = bool(self._flags & ENDS)


def checksum(page: bytes | bytearray) -> int:
    """Return Ogg's checksum: 0x04C11DB7, begun with 0, nothing mirrored."""
    mirrored = zlib.crc32(page.translate(MIRRORED), 0xFFFFFFFF) ^ 0xFFFFFFFF
    return int.from_bytes(mirrored.to_bytes(4, "little").translate(MIRRORED), "big")


def _samples_of(packet: bytes) -> int:
    """Return how long a packet sounds. Raises SpeechError if it is none of Opus."""
    if not packet:
        raise SpeechError(BROKEN, retryable=True)
    toc = packet[0]
    frames = (1, 2, 2, packet[1] & 63 if len(packet) > 1 else 0)[toc & 3]
    samples = frames * FRAME_SAMPLES[toc]
    if not 0 < samples <= LONGEST_PACKET:
        raise SpeechError(BROKEN, retryable=True)
    return samples
