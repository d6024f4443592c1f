"""Audiobooks: M4B, MP3 and Opus."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from reader.exporting.writers.book import Book, Chapter
from reader.exporting.writers.kind import Pieces
from reader.exporting.writers.sound.containers import chapter_marks, write_packets
from reader.exporting.writers.sound.encoding import AAC, MP3, Codec, encode
from reader.exporting.writers.sound.packets import OPUS, PACKET, RATE, all_packets
from reader.exporting.writers.sound.tags import (
    add_cover_to_mp4,
    add_tags_to_mp3,
    add_tags_to_opus,
)
from reader.exporting.writers.timeline import Piece, pieces_of

Alive = Callable[[float], None]
NOT_IN_FILE_NAMES = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f]+')
LONGEST_NAME = 60


@dataclass(frozen=True, slots=True)
class Encoded:
    """A kind that is encoded piece by piece."""

    slug: str
    name: str
    about: str
    extension: str
    content_type: str
    codec: Codec
    times_real_time: int
    put: Callable[[Book, list[Piece], Pieces, Path, Alive, Codec], None]
    has_voice: bool = True
    needs_words: bool = False

    @property
    def bytes_per_second(self) -> int:
        return self.codec.bit_rate // 8

    def pieces(self, book: Book) -> Sequence[Piece]:
        return pieces_of(book.cues)

    def make(self, book: Book, piece: Piece) -> Sequence[bytes]:
        return encode(book, piece, self.codec)

    def write(self, book: Book, pieces: Pieces, target: Path, alive: Alive) -> None:
        self.put(book, pieces_of(book.cues), pieces, target, alive, self.codec)


@dataclass(frozen=True, slots=True)
class Repacked:
    """A kind whose packets are those that are stored: nothing is encoded again."""

    slug: str
    name: str
    about: str
    extension: str
    content_type: str
    container: str
    has_voice: bool = True
    needs_words: bool = False
    bytes_per_second: int = OPUS.bit_rate // 8
    times_real_time: int = 1000

    def pieces(self, book: Book) -> Sequence[Piece]:
        return ()

    def make(self, book: Book, piece: Piece) -> Sequence[bytes]:
        return ()

    def write(self, book: Book, pieces: Pieces, target: Path, alive: Alive) -> None:
        def packets() -> Iterator[bytes]:
            told = -1
            for number, packet in all_packets(book):
                if number > told:
                    told = number
                    alive(number / len(book.cues))
                yield packet

        until = book.cues[-1].end_ms if book.cues else 0
        marks = chapter_marks(book.chapters, book.cues, until_ms=until)
        write_packets(
            target,
            self.container,
            OPUS,
            packets(),
            book=book,
            title=book.title,
            marks=() if self.container == "ogg" else marks,
            samples_per_packet=PACKET,
            packet_rate=RATE,
        )
        if self.container == "ogg":
            add_tags_to_opus(target, book, marks=marks)
        else:
            add_cover_to_mp4(target, book)


def packets_of(count: int, pieces: Pieces, alive: Alive, first: int = 0) -> Iterator[bytes]:
    for number in range(first, first + count):
        alive(number / (first + count))
        yield from pieces(number)


def _m4b(
    book: Book, cut: list[Piece], pieces: Pieces, target: Path, alive: Alive, codec: Codec
) -> None:
    marks = chapter_marks(book.chapters, book.cues, until_ms=cut[-1].end_ms)
    write_packets(
        target,
        "ipod",
        codec,
        packets_of(len(cut), pieces, alive),
        book=book,
        title=book.title,
        marks=marks,
        options={"movflags": "+faststart"},
    )
    add_cover_to_mp4(target, book)


def _mp3(
    book: Book, cut: list[Piece], pieces: Pieces, target: Path, alive: Alive, codec: Codec
) -> None:
    marks = chapter_marks(book.chapters, book.cues, until_ms=cut[-1].end_ms)
    packets = packets_of(len(cut), pieces, alive)
    write_mp3(target, codec, packets, book)
    add_tags_to_mp3(target, book, title=book.title, marks=marks)


def write_mp3(target: Path, codec: Codec, packets: Iterator[bytes], book: Book) -> None:
    options = {"id3v2_version": "0", "write_xing": "1"}
    write_packets(target, "mp3", codec, packets, book=book, title=book.title, options=options)


def _mp3_by_chapter(
    book: Book, cut: list[Piece], pieces: Pieces, target: Path, alive: Alive, codec: Codec
) -> None:
    parts = [part for part in book.parts if any(_is_in(piece, part) for piece in cut)]
    digits = len(str(len(parts)))
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for number, part in enumerate(parts, 1):
            own = [piece for piece in cut if _is_in(piece, part)]
            sound = target.with_suffix(".part")
            packets = packets_of(len(own), pieces, alive, own[0].number)
            write_mp3(sound, codec, packets, book)
            of = f"{number}/{len(parts)}"
            add_tags_to_mp3(sound, book, title=part.title, marks=(), number=of)
            archive.write(sound, f"{number:0{digits}} {_file_name(part.title)}.mp3")
            sound.unlink()


def _is_in(piece: Piece, part: Chapter) -> bool:
    return part.first <= piece.cues[0].passage.idx <= part.last


def _file_name(title: str) -> str:
    name = " ".join(NOT_IN_FILE_NAMES.sub(" ", title).split())
    return name[:LONGEST_NAME].strip(" .") or "Chapter"


M4B = Encoded(
    slug="m4b",
    name="Audiobook, M4B",
    about="One file with chapters and a cover: for Apple's Books and most audiobook players.",
    extension="m4b",
    content_type="audio/mp4",
    codec=AAC,
    times_real_time=100,
    put=_m4b,
)
MP3_WHOLE = Encoded(
    slug="mp3",
    name="Audiobook, MP3",
    about="One file with chapters: plays everywhere.",
    extension="mp3",
    content_type="audio/mpeg",
    codec=MP3,
    times_real_time=70,
    put=_mp3,
)
MP3_BY_CHAPTER = Encoded(
    slug="mp3-chapters",
    name="MP3, a file for each chapter",
    about="Packed in a ZIP: for players that know no chapters.",
    extension="zip",
    content_type="application/zip",
    codec=MP3,
    times_real_time=70,
    put=_mp3_by_chapter,
)
OGG_OPUS = Repacked(
    slug="opus",
    name="Audiobook, Opus",
    about="The smallest, made at once and as it is heard here; not for Apple's players.",
    extension="opus",
    content_type="audio/ogg; codecs=opus",
    container="ogg",
)
M4B_OPUS = Repacked(
    slug="m4b-opus",
    name="Audiobook, M4B with Opus",
    about="As small, in the file that audiobook players know; not for Apple's.",
    extension="m4b",
    content_type="audio/mp4",
    container="mp4",
)
