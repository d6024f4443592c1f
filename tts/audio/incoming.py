"""Read a sound that comes from outside, while it comes: what it is, its packets, its samples."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import av

from tts.speech import SpeechError, WordEvent

# What a sound's first bytes say. Playlists and the like, which have the demuxer open addresses,
# are not among them: the demuxer is never asked to find out for itself.
SIGNATURES = {
    b"OggS": "ogg",
    b"RIFF": "wav",
    b"fLaC": "flac",
    b"ID3": "mp3",
    b"\x1aE\xdf\xa3": "webm",
}
DEMUXERS = {"webm": "matroska"}
SIGNATURE_BYTES = 16
# Enough for a demuxer to see what is in the file; more holds up the first sound: with 4,096 bytes
# that of MP3 came 250 ms later from a server of four times real time.
PROBE_BYTES = 512
MAX_BYTES = 64 * 1024 * 1024
OPUS_HEAD, OPUS_HEAD_BYTES = b"OpusHead", 19
OPUS_GAIN = slice(16, 18)

NOT_SOUND = "The speech server sent something that is not sound."
BROKEN = "The speech server sent a damaged sound."


class Arriving:
    """An engine's pieces as a file that can be read forwards; word events go aside."""

    def __init__(
        self, pieces: Iterator[bytes | WordEvent], on_word: Callable[[WordEvent], None]
    ) -> None:
        self._pieces = pieces
        self._on_word = on_word
        self._buffer = bytearray()
        self.head = b""
        self.received = 0
        self.waited_seconds = 0.0

    def peek(self, count: int) -> bytes:
        """Return the first bytes without taking them; fewer if there are no more."""
        while len(self._buffer) < count and self._fill():
            pass
        return bytes(self._buffer[:count])

    def read(self, count: int) -> bytes:
        if not self._buffer:
            self._fill()
        taken = bytes(self._buffer[:count])
        del self._buffer[:count]
        return taken

    def _fill(self) -> bool:
        began = time.perf_counter()
        try:
            for piece in self._pieces:
                if isinstance(piece, WordEvent):
                    self._on_word(piece)
                elif piece:
                    self._buffer += piece
                    self.received += len(piece)
                    if len(self.head) < SIGNATURE_BYTES:
                        self.head = (self.head + piece)[:SIGNATURE_BYTES]
                    if self.received > MAX_BYTES:
                        raise SpeechError("The speech server sent far too much sound.")
                    return True
            return False
        finally:
            self.waited_seconds += time.perf_counter() - began


def kind_of(head: bytes, *, may_be_raw: bool) -> str:
    """Tell by its first bytes what a file is: a name of a format, or "raw". Raises SpeechError."""
    for signature, name in SIGNATURES.items():
        if head.startswith(signature):
            return name
    if not head:
        raise SpeechError("The speech server sent no sound at all.", retryable=True)
    if head.lstrip()[:1] in (b"<", b"{", b"["):
        raise SpeechError(NOT_SOUND, retryable=True)
    if may_be_raw:
        return "raw"
    if len(head) > 1 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0:  # a frame's sync word
        return "aac" if head[1] & 0xF6 == 0xF0 else "mp3"
    raise SpeechError(NOT_SOUND, retryable=True)


def softened(head: bytes, gain_db: float) -> bytes:
    """Return a head of Opus with a gain (dB) added to its own, or nothing where it cannot be.

    Only this header says a gain (RFC 7845, section 5.1: Q7.8, little-endian).
    """
    if not head.startswith(OPUS_HEAD) or len(head) < OPUS_HEAD_BYTES:
        return b""
    gain = int.from_bytes(head[OPUS_GAIN], "little", signed=True) + round(gain_db * 256)
    if gain > 0:
        return b""  # louder than it was encoded, it would need a limiter
    written = max(-0x8000, gain).to_bytes(2, "little", signed=True)
    return head[: OPUS_GAIN.start] + written + head[OPUS_GAIN.stop :]


class Incoming:
    """A sound in a known container, demuxed as it arrives."""

    def __init__(self, arriving: Arriving, kind: str) -> None:
        options = {"probesize": str(PROBE_BYTES), "format_whitelist": DEMUXERS.get(kind, kind)}
        if kind == "wav":  # the size in its header is often but a placeholder
            options["ignore_length"] = "1"
        try:
            self._container = av.open(
                arriving, "r", format=DEMUXERS.get(kind, kind), options=options, buffer_size=4096
            )
            self.stream = self._container.streams.audio[0]
        except (av.FFmpegError, IndexError, ValueError) as error:
            raise SpeechError(NOT_SOUND, retryable=True) from error

    @property
    def codec(self) -> str:
        context = self.stream.codec_context
        if context is None:  # FFmpeg knows no decoder for it
            raise SpeechError(NOT_SOUND, retryable=True)
        return context.codec.canonical_name

    def soften(self, gain_db: float) -> bool:
        """Have it decoded with this gain (dB) by what its header says; tell whether it can."""
        context = self.stream.codec_context
        softer = softened(context.extradata or b"", gain_db)
        if softer:
            context.extradata = softer
        return bool(softer)

    def packets(self) -> Iterator[tuple[av.Packet[av.AudioStream], list[av.AudioFrame]]]:
        """Yield each packet with what it is decoded to. Raises SpeechError."""
        try:
            for packet in self._container.demux(self.stream):
                yield packet, packet.decode()
        except (av.FFmpegError, ValueError) as error:
            raise SpeechError(BROKEN, retryable=True) from error
        finally:
            self._container.close()
