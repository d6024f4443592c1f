"""A book written anew: a page for each part, with the pictures of its passages."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote

from reader.exporting.writers.book import Book, Chapter, Entry, Passage
from reader.exporting.writers.epub import parts
from reader.exporting.writers.epub.sound import Sounds
from reader.exporting.writers.epub.words import Words, page_of

XHTML_TYPE, SMIL_TYPE = "application/xhtml+xml", "application/smil+xml"
PICTURES = {
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/gif": "gif",
    "image/webp": "webp",
    "image/svg+xml": "svg",
}
TEXT, AUDIO, OVERLAY, IMAGES = "text", "audio", "overlay", "images"


def write(
    book: Book, sounds: Sounds, words: Words, target: Path, alive: Callable[[float], None]
) -> None:
    """Write a book."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        _Writing(book, sounds, words, archive, alive).write()


class _Writing:
    def __init__(
        self,
        book: Book,
        sounds: Sounds,
        words: Words,
        archive: zipfile.ZipFile,
        alive: Callable[[float], None],
    ) -> None:
        self._book = book
        self._sounds = sounds
        self._words = words
        self._archive = archive
        self._alive = alive
        self._package = parts.Package()
        self._pictures: dict[str, str] = {}  # names and addresses of those that are in it
        self._there = {passage.idx for passage in book.passages}

    def write(self) -> None:
        self._put("mimetype", "application/epub+zip", zipfile.ZIP_STORED)
        self._put("META-INF/container.xml", parts.CONTAINER)
        self._put("EPUB/style.css", parts.STYLE)
        items = self._package.items
        items.append(parts.Item("nav", "nav.xhtml", XHTML_TYPE, "nav"))
        items.append(parts.Item("style", "style.css", "text/css"))
        self._cover()
        documents = self._sounds.documents
        for number, document in enumerate(documents):
            self._alive(number / len(documents))
            self._document(number, document)
        self._put("EPUB/nav.xhtml", parts.navigation(self._book, self._entries()))
        self._put("EPUB/package.opf", self._package.document(self._book))

    def _document(self, number: int, document: Chapter) -> None:
        pages = [
            (
                passage,
                page_of(passage, self._words(passage), picture=self._picture, link=self._link),
            )
            for passage in self._book.passages
            if document.first <= passage.idx <= document.last
        ]
        name = _name(number)
        times = [(at, passage, ms) for passage, page in pages for at, ms in page.times]
        overlay = self._overlay(number, times) if self._sounds.file_of(number) else ""
        properties = "mathml" if any(page.has_formulas for _, page in pages) else ""
        written = parts.page(self._book, document.title, (page.element for _, page in pages))
        self._put(f"EPUB/{TEXT}/{name}.xhtml", written)
        self._package.items.append(
            parts.Item(f"t{name}", f"{TEXT}/{name}.xhtml", XHTML_TYPE, properties, overlay)
        )
        self._package.spine.append(f"t{name}")

    def _overlay(self, number: int, times: list[tuple[str, Passage, int]]) -> str:
        """Write the sound of a page, and when its words are heard; return the overlay's id."""
        name, file = _name(number), self._sounds.file_of(number)
        self._sounds.put(self._archive, number, f"EPUB/{AUDIO}/{file}")
        clips = [clip for clip in self._sounds.clips(times) if clip]
        smil = parts.overlay(f"../{TEXT}/{name}.xhtml", f"../{AUDIO}/", clips)
        self._put(f"EPUB/{OVERLAY}/{name}.smil", smil)
        self._package.items += [
            parts.Item(f"a{name}", f"{AUDIO}/{file}", self._sounds.content_type),
            parts.Item(f"o{name}", f"{OVERLAY}/{name}.smil", SMIL_TYPE),
        ]
        self._package.seconds[f"o{name}"] = sum(clip.end - clip.begin for clip in clips)
        return f"o{name}"

    def _entries(self) -> list[tuple[Entry, str]]:
        """Return the lines of the contents with what they lead to; one for each page if none."""
        found = [
            (entry, self._address(entry.idx))
            for entry in self._book.entries
            if entry.idx in self._there
        ]
        return found or [
            (Entry(each.title, 1, each.first), f"{TEXT}/{_name(number)}.xhtml")
            for number, each in enumerate(self._sounds.documents)
        ]

    def _address(self, idx: int) -> str:
        return f"{TEXT}/{_name(self._sounds.number_of(idx))}.xhtml#b{idx}"

    def _link(self, anchor: str) -> str:
        idx = self._book.anchors.get(anchor, self._book.anchors.get(unquote(anchor)))
        if idx is None or idx not in self._there:
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


def _name(number: int) -> str:
    return f"{number + 1:04}"
