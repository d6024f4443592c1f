"""EPUB 2 and 3 -> block drafts: the spine's documents in their order, the navigation as outline."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate
from posixpath import dirname, join, normpath
from urllib.parse import unquote, urldefrag, urlsplit

from lxml import etree

from reader.extraction.archives import Archive
from reader.extraction.drafts import BlockDraft, Entry, Extracted, ExtractionError, Picture
from reader.extraction.formats import html
from reader.extraction.language import guess_language
from reader.extraction.pictures import Pictures
from reader.extraction.plain.decoding import decode_page
from reader.extraction.tree.blocks import blocks_of
from reader.extraction.tree.elements import name_of

TYPE = "{http://www.idpf.org/2007/ops}type"  # in what is read as XML
MAX_SPINE = 5_000
MAX_OUTLINE = 5_000
LINKS_OF_CONTENTS = 8
DRM = (
    "This book is protected by DRM, so only its seller's own reader can open it. "
    "Bring in a copy without protection."
)
# Fonts may be obfuscated without the book being protected.
HARMLESS = {
    "http://www.idpf.org/2008/embedding",
    "http://ns.adobe.com/pdf/enc#RC",
}


def extract_file(data: bytes, title: str = "") -> Extracted:
    """Take a book apart. Raises ExtractionError."""
    archive = Archive(data)
    _refuse_drm(archive)
    package_path = _package_path(archive)
    package = archive.xml(package_path)
    folder = dirname(package_path)
    items = {item.get("id", ""): item for item in package.iter() if name_of(item) == "item"}
    spine = [
        (_resolve(folder, items[ref.get("idref", "")].get("href", "")))
        for ref in package.iter()
        if name_of(ref) == "itemref"
        and ref.get("idref", "") in items
        and ref.get("linear", "yes") != "no"
    ][:MAX_SPINE]
    outline = tuple(_outline(archive, package, folder, items))
    chapters = [path for path in dict.fromkeys(spine) if path in archive]
    if not chapters:
        raise ExtractionError("There is nothing to read in this book: it has no chapters.")
    language = _metadata(package, "language") or _guess(archive, chapters)
    return Extracted(
        title.strip() or _metadata(package, "title"),
        language,
        _blocks(archive, chapters, language, {entry.anchor: entry.level for entry in outline}),
        author=", ".join(_all_metadata(package, "creator")),
        parts=len(chapters),
        unit="chapters",
        outline=outline,
        cover=_cover(archive, package, folder, items),
    )


def _blocks(
    archive: Archive, chapters: list[str], language: str, levels: dict[str, int]
) -> Iterator[BlockDraft]:
    folder = path = ""

    def read(source: str) -> bytes | None:
        path = _resolve(folder, source)
        return archive.read(path) if path in archive else None

    def anchor_of(href: str) -> str:
        if urlsplit(href).scheme or urlsplit(href).netloc:
            return ""
        return f"{path}#{unquote(href[1:])}" if href.startswith("#") else _target(folder, href)

    pictures = Pictures(read)
    for number, path in enumerate(chapters, 1):
        body = _body(archive.read(path))
        if len(chapters) > 1 and _is_contents(body):
            continue  # the page has the outline instead
        anchors: tuple[str, ...] = (path,)
        folder = dirname(path)
        for block in blocks_of(body, language, pictures, anchor_of):
            named = (*anchors, *(f"{path}#{anchor}" for anchor in block.anchors))
            level = block.level
            if block.kind == "heading":
                anchors = ()
                # What the book's own outline says of a heading counts more than its markup.
                known = [levels[anchor] for anchor in named if anchor in levels]
                level = min(known[-1], 6) if known else level
            yield BlockDraft(
                block.kind, block.html, block.shown, level, block.language, named, number,
                block.pictures,
            )  # fmt: skip


def _body(data: bytes) -> etree._Element:
    tree = html.parse(decode_page(data))
    body = tree.find("body")
    return tree if body is None else body


def _is_contents(body: etree._Element) -> bool:
    """Tell whether a chapter is but a list of links to the others."""
    links = [each for each in body.iter("a") if each.get("href")]
    local = [each for each in links if "://" not in each.get("href", "")]
    if len(local) < LINKS_OF_CONTENTS:
        return False
    linked = sum(len("".join(each.itertext()).strip()) for each in local)
    # Most chapters have far more text than links, and need not be counted to their end.
    lengths = accumulate((len(text.strip()) for text in body.itertext()), initial=0)
    return all(linked > 0.7 * length for length in lengths)


def _guess(archive: Archive, chapters: list[str]) -> str:
    middle = chapters[len(chapters) // 2]
    return guess_language(" ".join(_body(archive.read(middle)).itertext()))


# --- the package ----------------------------------------------------------------------------------


def _package_path(archive: Archive) -> str:
    if "META-INF/container.xml" in archive:
        for root in archive.xml("META-INF/container.xml").iter():
            if name_of(root) == "rootfile" and root.get("full-path", "") in archive:
                return str(root.get("full-path", ""))
    for path in archive.paths():
        if path.lower().endswith(".opf"):
            return path
    raise ExtractionError(
        "This is not an EPUB book, or it is damaged: it has no table of contents."
    )


def _refuse_drm(archive: Archive) -> None:
    if "META-INF/encryption.xml" in archive:
        for method in archive.xml("META-INF/encryption.xml").iter():
            if name_of(method) == "encryptionmethod" and method.get("Algorithm") not in HARMLESS:
                raise ExtractionError(DRM)
    if "META-INF/rights.xml" in archive or "META-INF/sinf.xml" in archive:
        raise ExtractionError(DRM)


def _metadata(package: etree._Element, name: str) -> str:
    return next(iter(_all_metadata(package, name)), "")


def _all_metadata(package: etree._Element, name: str) -> list[str]:
    found = [
        " ".join("".join(each.itertext()).split())[:300]
        for each in package.iter()
        if isinstance(each.tag, str) and each.tag == f"{{http://purl.org/dc/elements/1.1/}}{name}"
    ]
    return [each for each in found if each]


def _resolve(folder: str, href: str) -> str:
    path = normpath(join(folder, unquote(urldefrag(href)[0])))
    return path.lstrip("/")


def _target(folder: str, href: str) -> str:
    path, fragment = _resolve(folder, href), unquote(urldefrag(href)[1])
    return f"{path}#{fragment}" if fragment else path


def _cover(
    archive: Archive, package: etree._Element, folder: str, items: dict[str, etree._Element]
) -> Picture | None:
    """Return the picture that the package names as its cover, in the way of either version."""
    named = [item for item in items.values() if "cover-image" in item.get("properties", "").split()]
    named += [
        items[each.get("content", "")]
        for each in package.iter()
        if name_of(each) == "meta"
        and each.get("name") == "cover"
        and each.get("content", "") in items
    ]
    for item in named:
        path = _resolve(folder, item.get("href", ""))
        if path in archive:
            return Pictures(archive.read).find(path)
    return None


# --- the outline ----------------------------------------------------------------------------------


def _outline(
    archive: Archive, package: etree._Element, folder: str, items: dict[str, etree._Element]
) -> list[Entry]:
    for item in items.values():
        if "nav" in item.get("properties", "").split():
            path = _resolve(folder, item.get("href", ""))
            if path in archive:
                entries = list(_from_navigation(archive, path))
                if entries:
                    return entries[:MAX_OUTLINE]
    for item in items.values():
        if item.get("media-type") == "application/x-dtbncx+xml":
            path = _resolve(folder, item.get("href", ""))
            if path in archive:
                return list(_from_ncx(archive.xml(path), dirname(path), 1))[:MAX_OUTLINE]
    return []


def _from_navigation(archive: Archive, path: str) -> Iterator[Entry]:
    root = archive.xml(path)
    for nav in root.iter():
        if name_of(nav) == "nav" and "toc" in nav.get(TYPE, "").split():
            for link in nav.iter():
                if name_of(link) == "a" and link.get("href"):
                    depth = sum(1 for each in link.iterancestors() if name_of(each) == "ol")
                    title = " ".join("".join(link.itertext()).split())[:300]
                    if title:
                        yield Entry(max(1, depth), title, _target(dirname(path), link.get("href")))
            return


def _from_ncx(element: etree._Element, folder: str, level: int) -> Iterator[Entry]:
    for child in element:
        name = name_of(child)
        if name == "navpoint":
            label = next((each for each in child if name_of(each) == "navlabel"), None)
            content = next((each for each in child if name_of(each) == "content"), None)
            if label is not None and content is not None:
                title = " ".join("".join(label.itertext()).split())[:300]
                if title:
                    yield Entry(level, title, _target(folder, content.get("src", "")))
            if level < 20:
                yield from _from_ncx(child, folder, level + 1)
        elif name == "navmap":
            yield from _from_ncx(child, folder, level)
