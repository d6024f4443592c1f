"""EPUB 3 with media overlays: the words are lit while the book is read aloud.

words.py   a passage as XHTML, each spoken word with a name
parts.py   the files of a book as text
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from reader.exporting.writers.book import Book, Chapter, Entry, Passage
from reader.exporting.writers.epub import parts
from reader.exporting.writers.epub.words import Page, page_of
from reader.exporting.writers.kind import Pieces
from reader.exporting.writers.sound.containers import write_packets
from reader.exporting.writers.sound.encoding import AAC, MP3, Codec, encode
from reader.exporting.writers.timeline import Cue, Piece, pieces_of

Alive = Callable[[float], None]
XHTML_TYPE, SMIL_TYPE = "application/xhtml+xml", "application/smil+xml"
PICTURES = {
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/gif": "gif",
    "image/webp": "webp",
    "image/svg+xml": "svg",
}
TEXT, AUDIO, OVERLAY, IMAGES = "text", "audio", "overlay", "images"


@dataclass(frozen=True, slots=True)
class Epub:
    """A read-along book."""

    slug: str
    name: str
    about: str
    codec: Codec
    container: str
    sound_extension: str
    sound_type: str
    extension: str = "epub"
    content_type: str = "application/epub+zip"
    has_voice: bool = True
    needs_words: bool = True
    times_real_time: int = 70

    @property
    def bytes_per_second(self) -> int:
        return self.codec.bit_rate // 8 + 100

    def pieces(self, book: Book) -> Sequence[Piece]:
        return pieces_of(book.cues)

    def make(self, book: Book, piece: Piece) -> Sequence[bytes]:
        return encode(book, piece, self.codec)

    def write(self, book: Book, pieces: Pieces, target: Path, alive: Alive) -> None:
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            _Writing(self, book, pieces, archive, target.with_suffix(".part"), alive).write()


class _Writing:
    def __init__(
        self,
        kind: Epub,
        book: Book,
        pieces: Pieces,
        archive: zipfile.ZipFile,
        scratch: Path,
        alive: Alive,
    ) -> None:
        self._kind = kind
        self._book = book
        self._pieces = pieces
        self._archive = archive
        self._scratch = scratch
        self._alive = alive
        self._package = parts.Package()
        self._documents = documents_of(book)
        self._pictures: dict[str, str] = {}  # names and addresses of those that are in it
        self._cues = {cue.passage.idx: cue for cue in book.cues}
        self._cut = pieces_of(book.cues)

    def write(self) -> None:
        self._put("mimetype", "application/epub+zip", zipfile.ZIP_STORED)
        self._put("META-INF/container.xml", parts.CONTAINER)
        self._put("EPUB/style.css", parts.STYLE)
        items = self._package.items
        items.append(parts.Item("nav", "nav.xhtml", XHTML_TYPE, "nav"))
        items.append(parts.Item("style", "style.css", "text/css"))
        self._cover()
        for number, document in enumerate(self._documents):
            self._alive(number / len(self._documents))
            self._document(number, document)
        self._put("EPUB/nav.xhtml", parts.navigation(self._book, self._entries()))
        self._put("EPUB/package.opf", self._package.document(self._book))

    def _document(self, number: int, document: Chapter) -> None:
        passages = [each for each in self._book.passages if _is_in(document, each.idx)]
        pages = [
            (passage, page_of(passage, picture=self._picture, link=self._link))
            for passage in passages
        ]
        name = _name(number)
        overlay = self._overlay(name, document, pages)
        properties = "mathml" if any(page.has_formulas for _, page in pages) else ""
        written = parts.page(self._book, document.title, (page.element for _, page in pages))
        self._put(f"EPUB/{TEXT}/{name}.xhtml", written)
        self._package.items.append(
            parts.Item(f"t{name}", f"{TEXT}/{name}.xhtml", XHTML_TYPE, properties, overlay)
        )
        self._package.spine.append(f"t{name}")

    def _overlay(self, name: str, document: Chapter, pages: Sequence[tuple[Passage, Page]]) -> str:
        """Write the sound of a page, and when its words are heard; return the overlay's id."""
        own = [piece for piece in self._cut if _is_in(document, piece.cues[0].passage.idx)]
        if not own:
            return ""
        codec, kind = self._kind.codec, self._kind
        packets = (packet for piece in own for packet in self._pieces(piece.number))
        write_packets(
            self._scratch, kind.container, codec, packets, book=self._book, title=document.title
        )
        audio = f"{AUDIO}/{name}.{kind.sound_extension}"
        self._archive.write(self._scratch, f"EPUB/{audio}", zipfile.ZIP_STORED)
        self._scratch.unlink()
        from_ms = codec.first_sample(own[0].start_ms) * 1000 / codec.rate
        until_ms = own[-1].cues[-1].end_ms
        clips = list(self._clips(pages, from_ms, until_ms))
        smil = parts.overlay(f"../{TEXT}/{name}.xhtml", f"../{audio}", clips)
        self._put(f"EPUB/{OVERLAY}/{name}.smil", smil)
        self._package.items += [
            parts.Item(f"a{name}", audio, kind.sound_type),
            parts.Item(f"o{name}", f"{OVERLAY}/{name}.smil", SMIL_TYPE),
        ]
        self._package.seconds[f"o{name}"] = sum(end - begin for _, begin, end in clips)
        return f"o{name}"

    def _clips(
        self, pages: Sequence[tuple[Passage, Page]], from_ms: float, until_ms: float
    ) -> Iterator[tuple[str, float, float]]:
        """Yield names and times in s: each lasts until the next one begins, so that pauses stay."""
        times: list[tuple[str, float]] = []
        for passage, page in pages:
            cue: Cue | None = self._cues.get(passage.idx)
            for name, ms in page.times if cue else ():
                times.append((name, cue.at(ms)))  # type: ignore[union-attr]
        ends = [*(ms for _, ms in times[1:]), until_ms]
        for (name, begin), end in zip(times, ends, strict=True):
            if end > begin:
                yield name, (begin - from_ms) / 1000, (end - from_ms) / 1000

    def _entries(self) -> list[tuple[Entry, str]]:
        """Return the lines of the contents with what they lead to; one for each page if none."""
        there = {passage.idx for passage in self._book.passages}
        found = [
            (entry, self._address(entry.idx)) for entry in self._book.entries if entry.idx in there
        ]
        return found or [
            (Entry(each.title, 1, each.first), f"{TEXT}/{_name(number)}.xhtml")
            for number, each in enumerate(self._documents)
        ]

    def _address(self, idx: int) -> str:
        for number, document in enumerate(self._documents):
            if _is_in(document, idx):
                return f"{TEXT}/{_name(number)}.xhtml#b{idx}"
        return ""

    def _link(self, anchor: str) -> str:
        idx = self._book.anchors.get(anchor, self._book.anchors.get(unquote(anchor)))
        if idx is None or all(passage.idx != idx for passage in self._book.passages):
            return ""
        return self._address(idx).removeprefix(f"{TEXT}/")

    def _picture(self, name: str) -> str:
        if name not in self._pictures:
            found = self._book.picture(name)
            extension = PICTURES.get(found.content_type) if found else None
            self._pictures[name] = ""
            if found and extension:
                path = f"{IMAGES}/{name}.{extension}"
                self._put(f"EPUB/{path}", found.data, zipfile.ZIP_STORED)
                self._package.items.append(parts.Item(f"i{name}", path, found.content_type))
                self._pictures[name] = f"../{path}"
        return self._pictures[name]

    def _cover(self) -> None:
        cover = self._book.cover
        if cover and cover.content_type in PICTURES:
            path = f"{IMAGES}/cover.{PICTURES[cover.content_type]}"
            self._put(f"EPUB/{path}", cover.data, zipfile.ZIP_STORED)
            item = parts.Item("cover", path, cover.content_type, "cover-image")
            self._package.items.append(item)

    def _put(self, path: str, data: str | bytes, packed: int = zipfile.ZIP_DEFLATED) -> None:
        self._archive.writestr(path, data, packed)


def documents_of(book: Book) -> list[Chapter]:
    """Return the pages of the book: its parts, with what is not heard of it too."""
    found = book.parts or [Chapter(book.title, 0, 0)]
    firsts = [book.passages[0].idx, *(part.first for part in found[1:])]
    lasts = [*(first - 1 for first in firsts[1:]), book.passages[-1].idx]
    return [
        Chapter(part.title, first, last)
        for part, first, last in zip(found, firsts, lasts, strict=True)
    ]


def _is_in(document: Chapter, idx: int) -> bool:
    return document.first <= idx <= document.last


def _name(number: int) -> str:
    return f"{number + 1:04}"


EPUB = Epub(
    slug="epub",
    name="Read-along book, EPUB",
    about="The text with its sound: readers such as Thorium or Apple's Books light each word.",
    codec=AAC,
    container="ipod",
    sound_extension="m4a",
    sound_type="audio/mp4",
)
EPUB_MP3 = Epub(
    slug="epub-mp3",
    name="Read-along book, EPUB with MP3",
    about="The same for readers that know no AAC.",
    codec=MP3,
    container="mp3",
    sound_extension="mp3",
    sound_type="audio/mpeg",
)
