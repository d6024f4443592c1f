"""EPUB 2 and 3 -> block drafts: the pages of the reading order, the navigation as outline.

package.py      what the book says of itself: order, title, cover; outline.py: its contents
protection.py   what of it is encrypted
pages.py        a page -> the elements that are read of it
overlays.py     what a narrator reads of them, and when; narration.py: the same of blocks
"""

from __future__ import annotations

from collections.abc import Iterator
from posixpath import dirname
from typing import TYPE_CHECKING
from urllib.parse import unquote

from lxml import etree

from reader.extraction.archives import Archive
from reader.extraction.drafts import BlockDraft, Extracted, ExtractionError, LeftOut
from reader.extraction.formats.epub.package import Chapter, Package
from reader.extraction.formats.epub.pages import Pages, is_contents, is_picture
from reader.extraction.formats.epub.protection import DRM, ENCRYPTED, encrypted_paths
from reader.extraction.pictures import Pictures
from reader.extraction.tree.blocks import blocks_of

if TYPE_CHECKING:
    from reader.extraction.formats.epub.narration import Narration

EMPTY = "There is nothing to read in this book: it has no chapters."
NO_WORDS_IN_PICTURE = "It is a picture: it is shown, and words in it are not read."
UNREADABLE = "It is broken in a way that it could not be read."
# What a broken page may raise; the others are read all the same.
BROKEN = (etree.LxmlError, RecursionError, ValueError, LookupError)


def extract_file(data: bytes, title: str = "") -> Extracted:
    """Take a book apart. Raises ExtractionError."""
    archive = Archive(data)
    package = Package(archive)
    chapters = package.chapters()
    if not chapters:
        raise ExtractionError(EMPTY)
    encrypted = encrypted_paths(archive)
    locked = [chapter for chapter in chapters if chapter.path in encrypted]
    if 2 * len(locked) > len(chapters):
        raise ExtractionError(DRM)
    left_out = package.left_out + [LeftOut(chapter.name, ENCRYPTED) for chapter in locked]
    chapters = [chapter for chapter in chapters if chapter not in locked]
    narration = _narration_of(archive, package)
    book = _Book(archive, package, narration, left_out)
    language = next(iter(package.metadata("language")), "") or book.guess(chapters)
    return Extracted(
        title.strip() or next(iter(package.metadata("title")), ""),
        language,
        book.blocks(chapters, language),
        author=", ".join(package.metadata("creator")),
        parts=len(chapters),
        unit="chapters",
        outline=tuple(package.outline),
        cover=package.cover(),
        left_out=left_out,
        sounds=narration.sounds if narration else (),
        narrator=package.narrator,
    )


def _narration_of(archive: Archive, package: Package) -> Narration | None:
    if not package.overlays():
        return None
    # A decoder of sounds takes longer to load than many a book to read, and few have any.
    from reader.extraction.formats.epub.narration import Narration

    return Narration(archive, package)


class _Book:
    def __init__(
        self,
        archive: Archive,
        package: Package,
        narration: Narration | None,
        left_out: list[LeftOut],
    ) -> None:
        self._archive = archive
        self._narration = narration
        self._package = package
        self._left_out = left_out
        self._pages = Pages(archive, package.path_of)
        self._levels = {entry.anchor: entry.level for entry in package.outline}
        self._folder = self._path = ""  # of the page that is read
        self._pictures = Pictures(self._picture)

    def blocks(self, chapters: list[Chapter], language: str) -> Iterator[BlockDraft]:
        """Yield the blocks of all pages; one that cannot be read is told, and the rest is read."""
        has_blocks = False
        for number, chapter in enumerate(chapters, 1):
            try:
                for block in self._chapter(chapter, number, language, len(chapters) == 1):
                    has_blocks = True
                    yield block
            except ExtractionError as error:
                self._left_out.append(LeftOut(chapter.name, str(error)))
            except BROKEN:
                self._left_out.append(LeftOut(chapter.name, UNREADABLE))
        if self._left_out and not has_blocks:
            raise ExtractionError(self._left_out[-1].why)

    def _chapter(
        self, chapter: Chapter, number: int, language: str, is_only: bool
    ) -> Iterator[BlockDraft]:
        self._path, self._folder = chapter.path, dirname(chapter.path)
        body = self._pages.read(chapter.path, self._folder)
        if not is_only and is_contents(body):
            return  # the page has the outline instead
        if is_picture(body):
            self._left_out.append(LeftOut(chapter.name, NO_WORDS_IN_PICTURE))
        anchors: tuple[str, ...] = (chapter.path,)
        read = self._narration.of_page(chapter.path, body) if self._narration else None
        undivided = read.undivided if read else None
        for block in blocks_of(body, language, self._pictures, self._anchor_of, undivided):
            named = (*anchors, *[f"{chapter.path}#{anchor}" for anchor in block.anchors])
            level = block.level
            if block.kind == "heading":
                anchors = ()
                # What the book's own outline says of a heading counts more than its markup.
                known = [self._levels[anchor] for anchor in named if anchor in self._levels]
                level = min(known[-1], 6) if known else level
            # A book has tens of thousands: _replace takes several times as long.
            yield BlockDraft(
                block.kind, block.html, block.shown, level, block.language, named, number,
                block.pictures, read.clips(block.shown) if read else (),
            )  # fmt: skip

    def guess(self, chapters: list[Chapter]) -> str:
        """Guess the language by a page from the middle."""
        from reader.extraction.language import guess_language  # most books tell it

        for chapter in chapters[len(chapters) // 2 :]:
            try:
                body = self._pages.read(chapter.path, dirname(chapter.path))
            except (ExtractionError, *BROKEN):
                continue
            return guess_language(" ".join(body.itertext()))
        return ""

    def _picture(self, source: str) -> bytes | None:
        path = self._package.path_of(self._folder, source)
        return self._archive.read(path) if path in self._archive else None

    def _anchor_of(self, href: str) -> str:
        if href.startswith("#"):
            return f"{self._path}#{unquote(href[1:])}"
        return self._package.target_of(self._folder, href)
