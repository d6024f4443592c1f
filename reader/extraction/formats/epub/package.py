"""What an EPUB says of itself: its files, the order in which they are read, title and cover."""

from __future__ import annotations

import re
from posixpath import basename, dirname, join, normpath
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from lxml import etree

from reader.extraction.archives import Archive
from reader.extraction.drafts import Entry, ExtractionError, LeftOut, Picture
from reader.extraction.formats.epub.outline import outline_of
from reader.extraction.pictures import Pictures
from reader.extraction.tree.elements import name_of

MAX_SPINE = 5_000
PAGES = (".xhtml", ".html", ".htm", ".xml")
MAX_FALLBACKS = 5
MISSING = "It is not in the file."


class Chapter(NamedTuple):
    """A file of the reading order."""

    path: str
    name: str  # for a person


class Package:
    """The package document of a book, and the archive that it describes.

    A book that says little or wrong things of itself is read by what there is.
    """

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._paths: dict[tuple[str, str], str] = {}  # that addresses mean, by their folder
        path = _package_path(archive)
        self._folder = dirname(path)
        try:
            self._root = archive.xml(path) if path else etree.Element("package")
        except ExtractionError:  # broken: what is in the archive is read
            self._root = etree.Element("package")
        named = [item for item in self._root.iter() if name_of(item) == "item"]
        self._items = {_squeezed(item.get("id", "")): item for item in named}
        self.left_out: list[LeftOut] = []
        items = list(self._items.values())
        self.outline: list[Entry] = outline_of(archive, self._folder, items, self.path_of)

    def metadata(self, name: str) -> list[str]:
        """Return what the book says under a name of Dublin Core."""
        tag = f"{{http://purl.org/dc/elements/1.1/}}{name}"
        found = [" ".join("".join(each.itertext()).split())[:300] for each in self._root.iter(tag)]
        return [each for each in found if each]

    def chapters(self) -> list[Chapter]:
        """Return the files in reading order, and note those that are not there.

        ``linear="no"`` only means that a page may be left out in print: it is read where it stands.
        What the contents lead to is read too; a book without an order is read in theirs.
        """
        paths = self._spine()
        listed = [entry.anchor.partition("#")[0] for entry in self.outline]
        paths += [path for path in listed if path in self._archive]
        if not paths:
            paths = self._manifest()
        if not paths:
            pages = [path for path in self._archive.paths() if path.lower().endswith(PAGES)]
            pages = [path for path in pages if not path.startswith("META-INF/")]
            paths = sorted(pages, key=_natural)
        paths = list(dict.fromkeys(paths))[:MAX_SPINE]
        return [
            Chapter(path, f"Chapter {number} ({basename(path)})")
            for number, path in enumerate(paths, 1)
        ]

    def overlays(self) -> list[str]:
        """Return the files that tell how pages are read aloud, in the order of the manifest."""
        names = (item.get("media-overlay", "") for item in self._items.values())
        named = (self._items.get(_squeezed(name)) for name in names if name)
        paths = (
            self.path_of(self._folder, item.get("href", "")) for item in named if item is not None
        )
        return [path for path in dict.fromkeys(paths) if path in self._archive]

    @property
    def narrator(self) -> str:
        """Who reads the book, if it tells."""
        for meta in self._root.iter():
            if name_of(meta) == "meta" and meta.get("property") == "media:narrator":
                return " ".join("".join(meta.itertext()).split())[:100]
        return ""

    def _spine(self) -> list[str]:
        paths = []
        references = [each for each in self._root.iter() if name_of(each) == "itemref"]
        for number, reference in enumerate(references[:MAX_SPINE], 1):
            name = _squeezed(reference.get("idref", ""))
            item = self._items.get(name)
            href = item.get("href", "") if item is not None else name
            path = self.path_of(self._folder, href)
            if path in self._archive and item is not None:
                path = self._readable(path, item)
            if path in self._archive:
                paths.append(path)
            else:
                where = f"Chapter {number} ({basename(unquote(href))[:100]})"
                self.left_out.append(LeftOut(where, MISSING))
        return paths

    def _readable(self, path: str, item: etree._Element) -> str:
        """Return what stands in for an item that is no page, if the book names something."""
        for _ in range(MAX_FALLBACKS):
            fallback = self._items.get(_squeezed(item.get("fallback", "")))
            if fallback is None or item.get("media-type", "") in PAGE_TYPES:
                break
            item = fallback
            path = self.path_of(self._folder, item.get("href", "")) or path
        return path

    def _manifest(self) -> list[str]:
        pages = [
            self.path_of(self._folder, item.get("href", ""))
            for item in self._items.values()
            if item.get("media-type", "") in PAGE_TYPES
            and "nav" not in item.get("properties", "").split()
        ]
        return [path for path in pages if path in self._archive]

    def path_of(self, folder: str, href: str) -> str:
        """Return the path that an address in a folder means, as the archive spells it if it can.

        Addresses are written with and without escapes; signs that part an address stand in names.
        """
        plain = href.partition("#")[0]
        if plain and not _PARTS.search(plain):  # as nearly all are written, and many to one page
            if (folder, plain) not in self._paths:
                self._paths[folder, plain] = self._archive.named(join(folder, plain))
            if found := self._paths[folder, plain]:
                return found
        tried = [unquote(plain), plain, unquote(plain.partition("?")[0]), unquote(href), href]
        for each in tried:
            for path in (join(folder, each), each):
                if found := self._archive.named(path):
                    return found
        return normpath(join(folder, tried[0].replace("\\", "/"))).lstrip("/")

    def target_of(self, folder: str, href: str) -> str:
        """Return the anchor that an address leads to; empty for one outside of the book."""
        parts = urlsplit(href)
        if parts.scheme or parts.netloc:
            return ""
        path, fragment = self.path_of(folder, href), unquote(parts.fragment)
        return f"{path}#{fragment}" if fragment else path

    def cover(self) -> Picture | None:
        """Return the picture that the package names as its cover, in the way of either version."""
        items = list(self._items.values())
        named = [item for item in items if "cover-image" in item.get("properties", "").split()]
        for meta in self._root.iter():
            if name_of(meta) == "meta" and meta.get("name") == "cover":
                item = self._items.get(_squeezed(meta.get("content", "")))
                named += [] if item is None else [item]
        for item in named:
            path = self.path_of(self._folder, item.get("href", ""))
            if path in self._archive:
                return Pictures(self._archive.read).find(path)
        return None


_PARTS = re.compile("[%?]")
PAGE_TYPES = {
    *("application/xhtml+xml", "text/html", "image/svg+xml", "text/x-oeb1-document"),
    *("application/x-dtbook+xml", "application/xml", "text/xml"),
}


def _package_path(archive: Archive) -> str:
    try:
        roots = list(archive.xml("META-INF/container.xml").iter())
    except ExtractionError:
        roots = []
    for root in roots:
        if name_of(root) == "rootfile" and (path := archive.named(root.get("full-path", ""))):
            return path
    return next((path for path in archive.paths() if path.lower().endswith(".opf")), "")


def _squeezed(name: str) -> str:
    return " ".join(name.split())


def _natural(path: str) -> list[tuple[int, str]]:
    """Order names as people do: chapter 2 before chapter 10."""
    return [
        (int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d+)", path)
    ]
