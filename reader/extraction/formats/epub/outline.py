"""The contents of a book: its navigation document, or the NCX of older ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from posixpath import dirname
from urllib.parse import unquote

from lxml import etree

from reader.extraction.archives import Archive
from reader.extraction.drafts import Entry, ExtractionError
from reader.extraction.tree.elements import name_of

TYPE = "{http://www.idpf.org/2007/ops}type"  # in what is read as XML
NCX = "application/x-dtbncx+xml"
MAX_OUTLINE = 5_000
MAX_DEPTH = 20

PathOf = Callable[[str, str], str]  # folder, address -> path in the archive


def outline_of(
    archive: Archive, folder: str, items: Sequence[etree._Element], path_of: PathOf
) -> list[Entry]:
    """Return the contents that a book brings along; empty if it has none, or broken ones.

    ``items`` of its manifest, and the ``folder`` that their addresses begin at.
    """
    navigation = [item for item in items if "nav" in item.get("properties", "").split()]
    ncx = [item for item in items if item.get("media-type") == NCX]
    for read, named in ((_from_navigation, navigation), (_from_ncx, ncx)):
        for item in named:
            path = path_of(folder, item.get("href", ""))
            try:
                entries = list(read(archive.xml(path), dirname(path), path_of))
            except ExtractionError:
                continue
            if entries:
                return entries[:MAX_OUTLINE]
    return []


def _from_navigation(root: etree._Element, folder: str, path_of: PathOf) -> Iterator[Entry]:
    found = [each for each in root.iter() if name_of(each) == "nav"]
    nav = next((each for each in found if "toc" in each.get(TYPE, "").split()), None)
    for link in () if nav is None else nav.iter():
        if name_of(link) == "a" and link.get("href"):
            depth = sum(1 for each in link.iterancestors() if name_of(each) == "ol")
            if title := _text(link):
                yield Entry(max(1, depth), title, _target(folder, link.get("href", ""), path_of))


def _from_ncx(
    element: etree._Element, folder: str, path_of: PathOf, level: int = 1
) -> Iterator[Entry]:
    for child in element:
        name = name_of(child)
        if name == "navpoint":
            label = next((each for each in child if name_of(each) == "navlabel"), None)
            content = next((each for each in child if name_of(each) == "content"), None)
            if label is not None and content is not None and (title := _text(label)):
                yield Entry(level, title, _target(folder, content.get("src", ""), path_of))
            if level < MAX_DEPTH:
                yield from _from_ncx(child, folder, path_of, level + 1)
        elif name == "navmap":
            yield from _from_ncx(child, folder, path_of, level)


def _text(element: etree._Element) -> str:
    return " ".join("".join(element.itertext()).split())[:300]


def _target(folder: str, href: str, path_of: PathOf) -> str:
    path, fragment = path_of(folder, href), unquote(href.partition("#")[2])
    return f"{path}#{fragment}" if fragment else path
