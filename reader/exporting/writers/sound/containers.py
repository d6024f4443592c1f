"""Files of sound: packets, chapters and title put together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av

from reader.exporting.writers.book import Book, Chapter
from reader.exporting.writers.sound.encoding import Codec
from reader.exporting.writers.timeline import Cue

GENRE = "Audiobook"


@dataclass(frozen=True, slots=True)
class Mark:
    """A chapter in a file's time."""

    title: str
    start_ms: int
    end_ms: int


def chapter_marks(
    chapters: Sequence[Chapter], cues: Sequence[Cue], *, from_ms: int = 0, until_ms: int
) -> list[Mark]:
    """Return when chapters begin in a file: with their first word."""
    starts: list[tuple[str, int]] = []
    at = 0
    for chapter in chapters:
        while at < len(cues) and cues[at].passage.idx < chapter.first:
            at += 1
        if at < len(cues) and cues[at].passage.idx <= chapter.last:
            starts.append((chapter.title, 0 if not starts else cues[at].word_ms - from_ms))
    ends = [*(start for _, start in starts[1:]), until_ms - from_ms]
    return [Mark(title, start, end) for (title, start), end in zip(starts, ends, strict=True)]


def chapter_list(book: Book) -> list[tuple[int, str]]:
    """Return when each chapter of a whole book begins, and its title."""
    until = book.cues[-1].end_ms if book.cues else 0
    marks = chapter_marks(book.chapters, book.cues, until_ms=until)
    return [(mark.start_ms, mark.title) for mark in marks]


def write_packets(
    target: Path,
    container: str,
    codec: Codec,
    packets: Iterable[bytes],
    *,
    book: Book,
    title: str,
    marks: Sequence[Mark] = (),
    options: dict[str, str] | None = None,
    samples_per_packet: int = 0,
    packet_rate: int = 0,
) -> None:
    """Write packets of a codec into a file, with its title and chapters."""
    step, rate = samples_per_packet or codec.frame, packet_rate or codec.rate
    with av.open(str(target), "w", format=container, options=options or {}) as output:
        stream = output.add_stream(codec.encoder, rate=codec.rate, options=dict(codec.options))
        assert isinstance(stream, av.AudioStream)
        stream.layout, stream.bit_rate = "mono", codec.bit_rate
        output.metadata.update(
            {"title": title, "album": book.title, "artist": book.author, "genre": GENRE}
        )
        output.set_chapters(
            [
                {
                    "id": number,
                    "start": mark.start_ms,
                    "end": max(mark.end_ms, mark.start_ms + 1),
                    "time_base": Fraction(1, 1000),
                    "metadata": {"title": mark.title},
                }
                for number, mark in enumerate(marks)
            ]
        )
        output.start_encoding()
        base, at = Fraction(1, rate), -codec.delay
        for data in packets:
            packet = av.Packet(data)
            packet.stream, packet.time_base = stream, base
            packet.pts = packet.dts = at
            packet.duration = step
            output.mux(packet)
            at += step
