"""The samples of a WAV that arrives, whatever sizes its header announces.

Who streams a WAV does not know its length when its header goes out, and writes 0, 0xFFFFFFFF, two
thousand million, or the length of the first piece. So a size is never taken for the truth: whether
all has arrived is for HTTP to tell. It is used only to find what may follow the samples.
"""

from __future__ import annotations

from collections.abc import Iterator

from tts.speech import SpeechError

from .incoming import BROKEN, Arriving

# The samples are not looked for behind so much else.
HEAD_BYTES = 4096
RIFF_HEAD = 12
PIECE_BYTES = 64 * 1024
# What may stand behind the samples and is none of them.
TRAILERS = frozenset(
    {b"LIST", b"id3 ", b"ID3 ", b"bext", b"iXML", b"cue ", b"JUNK", b"fact", b"PEAK"}
)


def samples_of_wav(arriving: Arriving) -> tuple[int, int]:
    """Take the header of a WAV of s16le mono samples; return their rate and how many bytes of them
    it announces. (0, 0), and nothing taken, if it holds others.

    FFmpeg's demuxer reads 64 KB, more than a second of speech, before it gives out the first.
    """
    at, rate = RIFF_HEAD, 0
    while at + 8 <= HEAD_BYTES and len(head := arriving.peek(at + 8)) == at + 8:
        name, size = head[at : at + 4], int.from_bytes(head[at + 4 :], "little")
        if name == b"data":
            if rate:
                arriving.read(at + 8)
            return rate, size if rate else 0
        if name == b"fmt ":
            content = arriving.peek(at + 24)[at + 8 :]
            if len(content) < 16 or content[:4] != b"\1\0\1\0" or content[14:16] != b"\x10\0":
                return 0, 0
            rate = int.from_bytes(content[4:8], "little")
            if not 4_000 <= rate <= 192_000:
                return 0, 0
        at += 8 + size + size % 2
    return 0, 0


def pieces_of_wav(arriving: Arriving, rate: int, announced: int) -> Iterator[bytes]:
    """Yield the samples up to the end of what arrives. Raises SpeechError.

    Where the announced ones end, what may follow is left out: the header of the next of several
    files that a server sent one after the other, or a chunk of notes. All else is more samples.
    """
    left = announced
    while piece := arriving.read(min(PIECE_BYTES, left or PIECE_BYTES)):
        yield piece
        left = max(0, left - len(piece))
        if announced and not left:
            announced = left = _skip(arriving, rate)


def _skip(arriving: Arriving, rate: int) -> int:
    """Take what is no samples; return how many bytes of them are announced then, 0 if unknown."""
    head = arriving.peek(RIFF_HEAD + 1)
    padding = int(head[1:5] in {*TRAILERS, b"RIFF"})
    name, rest = head[padding : padding + 4], head[padding + 8 : padding + RIFF_HEAD]
    if name in TRAILERS:
        while arriving.read(PIECE_BYTES):
            pass
    elif name == b"RIFF" and rest == b"WAVE":
        arriving.read(padding)
        same_rate, announced = samples_of_wav(arriving)
        if same_rate != rate:
            raise SpeechError(BROKEN, retryable=True)
        return announced
    return 0
