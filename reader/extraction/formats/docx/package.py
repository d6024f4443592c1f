"""The parts of a Word document, and how they refer to each other."""

from __future__ import annotations

import re
from posixpath import basename, dirname, join, normpath
from typing import NamedTuple

from lxml import etree

from reader.extraction.archives import Archive, parse_xml
from reader.extraction.drafts import ExtractionError
from reader.extraction.formats.docx.names import w

MAIN = "word/document.xml"
_CORE = "{http://schemas.openxmlformats.org/package/2006/metadata/core-properties}"
_DC = "{http://purl.org/dc/elements/1.1/}"
# The strict variant of the standard (ISO/IEC 29500-1) has names of its own for the same things.
_STRICT = re.compile(rb"http://purl\.oclc\.org/ooxml/(officeDocument|wordprocessingml|drawingml)/?")
_EMPTY = "<none/>"


class Relation(NamedTuple):
    """What a part refers to: a part's path, or an address outside."""

    kind: str  # the last word of its type: footnotes, image, hyperlink
    target: str
    is_external: bool


class Package:
    """A Word document's parts by their paths. A part that is missing or broken is empty."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._relations: dict[str, dict[str, Relation]] = {}
        self.broken: set[str] = set()  # paths of what was asked for and could not be read
        main = [each for each in self.relations("").values() if each.kind == "officeDocument"]
        self.main = next((each.target for each in main if each.target in archive), MAIN)
        self.document = parse_xml(_transitional(archive.read(self.main)))

    def relations(self, part: str) -> dict[str, Relation]:
        """Return what a part refers to, by the ids that it uses."""
        if part not in self._relations:
            folder = dirname(part)
            path = join(folder, "_rels", f"{basename(part)}.rels")
            self._relations[part] = {
                each.get("Id", ""): Relation(
                    each.get("Type", "").rpartition("/")[2],
                    each.get("Target", "")
                    if (is_external := each.get("TargetMode") == "External")
                    else normpath(join("/", folder, each.get("Target", ""))).lstrip("/"),
                    is_external,
                )
                for each in self.xml(path)
            }
        return self._relations[part]

    def part(self, kind: str) -> str:
        """Return the path of the part of a kind that the document refers to; else nothing."""
        found = (each for each in self.relations(self.main).values() if each.kind == kind)
        return next((each.target for each in found if not each.is_external), "")

    def xml(self, path: str) -> etree._Element:
        """Return a part's XML, in the names of the transitional variant."""
        try:
            return parse_xml(_transitional(self.read(path)))
        except ExtractionError:
            self.broken.add(path)
            return etree.fromstring(_EMPTY)

    def read(self, path: str) -> bytes:
        """Return a part's bytes. Raises ExtractionError."""
        return self._archive.read(path)

    def properties(self) -> tuple[str, str]:
        """Return title and author, as far as they are told."""
        found = [each for each in self.relations("").values() if each.kind == "core-properties"]
        core = self.xml(found[0].target if found else "docProps/core.xml")
        told = (core.findtext(f"{_DC}{name}") or "" for name in ("title", "creator"))
        title, author = (" ".join(each.split())[:300] for each in told)
        return title, author

    def language(self) -> str:
        """Return the language of the document's defaults."""
        for element in self.xml(self.part("styles")).iter(w("lang")):
            return (element.get(w("val")) or "").strip()
        return ""


def _transitional(data: bytes) -> bytes:
    def name(found: re.Match[bytes]) -> bytes:
        return _NAMES[found[1]]

    return _STRICT.sub(name, data) if b"purl.oclc.org" in data else data


_NAMES = {
    b"officeDocument": b"http://schemas.openxmlformats.org/officeDocument/2006/",
    b"wordprocessingml": b"http://schemas.openxmlformats.org/wordprocessingml/2006/",
    b"drawingml": b"http://schemas.openxmlformats.org/drawingml/2006/",
}
