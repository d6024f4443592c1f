"""The files of sound in a book, one for each part, and when names in its pages are heard."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from reader.exporting.writers.book import Book, Chapter, Passage
from reader.exporting.writers.kind import Pieces
from reader.exporting.writers.sound.containers import write_packets
from reader.exporting.writers.sound.encoding import Codec
from reader.exporting.writers.timeline import Cue, Piece, pieces_of


@dataclass(frozen=True, slots=True)
class Clip:
    """From when to when (s) a name in a page is heard in a file of sound."""

    name: str
    file: str
    begin: float
    end: float


@dataclass(frozen=True)
class Sounds:
    """``scratch``: where a file may be made before it is put into the book."""

    book: Book
    pieces: Pieces
    codec: Codec
    container: str
    extension: str
    content_type: str
    scratch: Path

    @cached_property
    def documents(self) -> list[Chapter]:
        return documents_of(self.book)

    @cached_property
    def _cues(self) -> dict[int, Cue]:
        return {cue.passage.idx: cue for cue in self.book.cues}

    @cached_property
    def _by_document(self) -> list[list[Piece]]:
        own: list[list[Piece]] = [[] for _ in self.documents]
        for piece in pieces_of(self.book.cues):
            own[self.number_of(piece.cues[0].passage.idx)].append(piece)
        return own

    def number_of(self, idx: int) -> int:
        """Return the number of the part in which a passage is."""
        found = (n for n, document in enumerate(self.documents) if idx <= document.last)
        return next(found, len(self.documents) - 1)

    def file_of(self, number: int) -> str:
        """Return the name of a part's file; empty if nothing of it is heard."""
        return f"{number + 1:04}.{self.extension}" if self._by_document[number] else ""

    def put(self, archive: zipfile.ZipFile, number: int, path: str) -> None:
        """Put the sound of a part into the book, under this path."""
        own = self._by_document[number]
        packets = (packet for piece in own for packet in self.pieces(piece.number))
        title = self.documents[number].title
        write_packets(
            self.scratch, self.container, self.codec, packets, book=self.book, title=title
        )
        archive.write(self.scratch, path, zipfile.ZIP_STORED)
        self.scratch.unlink()

    def clips(self, times: Sequence[tuple[str, Passage, int]]) -> Iterator[Clip | None]:
        """Yield when names are heard, which are in order, each with its passage and when it is
        heard in that; None for one of no length. Each lasts until the next: so pauses stay."""
        places = []
        for _, passage, ms in times:
            cue = self._cues[passage.idx]
            places.append((self.number_of(passage.idx), cue.at(ms)))
        for at, ((name, _, _), (number, begin)) in enumerate(zip(times, places, strict=True)):
            own = self._by_document[number]
            follows = at + 1 < len(places) and places[at + 1][0] == number
            end = places[at + 1][1] if follows else own[-1].cues[-1].end_ms
            from_ms = self.codec.first_sample(own[0].start_ms) * 1000 / self.codec.rate
            first, last = (begin - from_ms) / 1000, (end - from_ms) / 1000
            yield Clip(name, self.file_of(number), first, last) if end > begin else None


def documents_of(book: Book) -> list[Chapter]:
    """Return the parts of the book, with what is not heard of it too."""
    found = book.parts or [Chapter(book.title, 0, 0)]
    firsts = [book.passages[0].idx, *(part.first for part in found[1:])]
    lasts = [*(first - 1 for first in firsts[1:]), book.passages[-1].idx]
    return [
        Chapter(part.title, first, last)
        for part, first, last in zip(found, firsts, lasts, strict=True)
    ]
