"""A book that was an EPUB already, with its words named and the sound to them."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path
from posixpath import basename, dirname, join, relpath
from urllib.parse import quote

from lxml import etree

from reader.exporting.writers.book import Book
from reader.exporting.writers.epub import parts
from reader.exporting.writers.epub.kept import OPF, PREFIX, SMIL_TYPE, NotKept, Source
from reader.exporting.writers.epub.sound import Clip, Sounds
from reader.exporting.writers.epub.words import XHTML, Words

FOLDER = "lectern"
STYLE = f".{parts.ACTIVE} {{ background: #fde68a; color: #111; }}\n"


def copy(
    book: Book,
    sounds: Sounds,
    words: Words,
    source: Source,
    target: Path,
    alive: Callable[[float], None],
) -> None:
    """Write the book with the names and the sound put in. Raises NotKept."""
    source.name_words(book, words)
    folder = join(source.folder, FOLDER)
    if any(name.startswith(f"{folder}/") for name in source.archive.namelist()):
        raise NotKept
    forgotten = _forget_overlays(source)
    clips = iter(list(sounds.clips([each for page in source.pages for each in page.times])))
    overlays: dict[str, list[Clip]] = {}
    for page in source.pages:
        own = [clip for _ in page.times if (clip := next(clips))]
        if own:
            overlays[page.path] = own
    pages = {page.path: page for page in source.pages}
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/epub+zip", zipfile.ZIP_STORED)
        for info in source.archive.infolist():
            if info.filename in {"mimetype", source.path, *forgotten} or info.is_dir():
                continue
            if info.filename in overlays:
                page = pages[info.filename]
                _link_style(page.tree, relpath(join(folder, "style.css"), dirname(page.path)))
                data = etree.tostring(page.tree, encoding="UTF-8", xml_declaration=True)
            else:
                data = source.archive.read(info)
            archive.writestr(info.filename, data, info.compress_type)
        archive.writestr(join(folder, "style.css"), STYLE)
        files = [number for number in range(len(sounds.documents)) if sounds.file_of(number)]
        for at, number in enumerate(files):
            alive(at / len(files))
            sounds.put(archive, number, join(folder, sounds.file_of(number)))
        _describe(book, sounds, source, overlays, files, archive)


def _describe(
    book: Book,
    sounds: Sounds,
    source: Source,
    overlays: dict[str, list[Clip]],
    files: list[int],
    archive: zipfile.ZipFile,
) -> None:
    """Write the overlays, and the package document that names all that is new."""
    root = source.package.getroot()
    manifest, metadata = root.find(f"{{{OPF}}}manifest"), root.find(f"{{{OPF}}}metadata")
    if manifest is None or metadata is None:
        raise NotKept
    added = [
        parts.Item(f"{PREFIX}style", f"{FOLDER}/style.css", "text/css"),
        *(
            parts.Item(f"{PREFIX}a{at}", f"{FOLDER}/{sounds.file_of(at)}", sounds.content_type)
            for at in files
        ),
    ]
    seconds: dict[str, float] = {}
    for number, page in enumerate(each for each in source.pages if each.path in overlays):
        own, name = overlays[page.path], f"{PREFIX}o{number}"
        href = quote(relpath(page.path, join(source.folder, FOLDER)))
        path = f"{FOLDER}/{basename(name)}.smil"
        archive.writestr(join(source.folder, path), parts.overlay(href, "", own))
        added.append(parts.Item(name, path, SMIL_TYPE))
        page.item.set("media-overlay", name)
        seconds[name] = sum(clip.end - clip.begin for clip in own)
    for item in added:
        manifest.append(_element(str(item)))
    known = {(meta.get("property"), meta.text) for meta in metadata if meta.get("property")}
    for written in parts.overlay_metadata(seconds, book.voice):
        meta = _element(written)
        if (meta.get("property"), meta.text) not in known or meta.get("refines"):
            metadata.append(meta)
    for meta in metadata:
        if meta.get("property") == "dcterms:modified" and not meta.get("refines"):
            meta.text = book.modified
    written_package = etree.tostring(source.package, encoding="UTF-8", xml_declaration=True)
    archive.writestr(source.path, written_package)


def _forget_overlays(source: Source) -> set[str]:
    """Leave out another narration that the book may have had; return the paths of its files."""
    root = source.package.getroot()
    items = list(root.iter(f"{{{OPF}}}item"))
    paths = {source.path_of(item): item for item in items}
    overlays = [path for path, item in paths.items() if item.get("media-type") == SMIL_TYPE]
    shown = "".join(etree.tostring(page.tree, encoding="unicode") for page in source.pages)
    heard = {path for overlay in overlays for path in source.sounds_of(overlay) if path in paths}
    # A page may play one of its sounds by itself.
    forgotten = {*overlays, *(path for path in heard if basename(path) not in shown)}
    for path, item in paths.items():
        item.attrib.pop("media-overlay", None)
        if path in forgotten:
            item.getparent().remove(item)
    for meta in list(root.iter(f"{{{OPF}}}meta")):
        if str(meta.get("property", "")).startswith("media:"):
            meta.getparent().remove(meta)
    return forgotten


def _element(text: str) -> etree._Element:
    return etree.fromstring(text.replace(" ", f' xmlns="{OPF}" ', 1))


def _link_style(tree: etree._ElementTree, href: str) -> None:
    head = tree.getroot().find(f"{{{XHTML}}}head")
    if head is None:
        raise NotKept
    link = etree.SubElement(head, f"{{{XHTML}}}link")
    link.attrib.update({"rel": "stylesheet", "type": "text/css", "href": quote(href)})
