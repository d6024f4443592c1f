"""A file of a book's reading order -> the elements that are read of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape
from itertools import accumulate

from lxml import etree
from lxml.builder import E

from reader.extraction.archives import Archive
from reader.extraction.drafts import ExtractionError
from reader.extraction.pictures import type_of
from reader.extraction.plain.decoding import decode_page
from reader.extraction.tree.parsing import parse
from reader.extraction.tree.stylesheet import Stylesheets
from reader.extraction.tree.svg import spell_out_drawings

LINKS_OF_CONTENTS = 8
NO_PAGE = "It is {what}, not a page of text."
KINDS = ((b"%PDF-", "a PDF document"), (b"PK\x03\x04", "an archive"), (b"ID3", "a sound"))
_PREFIXED = re.compile(r"<\w+:\w")
_SUBSET = re.compile(r"<!DOCTYPE[^\[<>]*(\[.*?\])\s*>", re.DOTALL | re.IGNORECASE)
_ENTITY = re.compile(r"<!ENTITY\s+([\w.-]+)\s+([\"'])([^%\"'<>]{0,500})\2\s*>")
_REFERENCE = re.compile(r"&([\w.-]+);")
LONGEST_SUBSET, MOST_ENTITIES = 100_000, 500
_CDATA = re.compile(r"<!\[CDATA\[(.*?)\]\]>", re.DOTALL)
_STYLE = re.compile(r"(<(style|script)\b[^>]*>)(.*?)(</\2)", re.DOTALL | re.IGNORECASE)


class Pages:
    """Reads the pages of a book, each with its style sheets."""

    def __init__(self, archive: Archive, path_of: Callable[[str, str], str]) -> None:
        self._archive = archive
        self._styles = Stylesheets(self._stylesheet)
        self._path_of = path_of

    def read(self, path: str, folder: str) -> etree._Element:
        """Return the body of a page. Raises ExtractionError."""
        data = self._archive.read(path)
        if type_of(data):
            return E.body(E.figure(E.img(src=f"/{path}")))
        for start, what in KINDS:
            if data.startswith(start):
                raise ExtractionError(NO_PAGE.format(what=what))
        text = _without_sections(_with_entities(decode_page(data)))
        tree = parse(text)
        if _PREFIXED.search(text):  # <html:p>, <svg:text>, <m:mi>
            for element in tree.iter():
                if isinstance(element.tag, str) and ":" in element.tag:
                    element.tag = element.tag.rpartition(":")[2]
        self._styles.apply(tree, lambda href: self._path_of(folder, href))
        body = tree.find("body")
        body = tree if body is None else body
        if body.tag in {"svg", "html"} and tree.find(".//svg") is tree:
            body = E.body(tree)
        _choose(body)
        spell_out_drawings(body)
        return body

    def _stylesheet(self, path: str) -> str:
        return decode_page(self._archive.read(path)) if path in self._archive else ""


def is_contents(body: etree._Element) -> bool:
    """Tell whether a chapter is but a list of links to the others."""
    links = [each for each in body.iter("a") if each.get("href")]
    local = [each for each in links if "://" not in each.get("href", "")]
    if len(local) < LINKS_OF_CONTENTS:
        return False
    linked = sum(len("".join(each.itertext()).strip()) for each in local)
    # Most chapters have far more text than links, and need not be counted to their end.
    lengths = accumulate((len(text.strip()) for text in body.itertext()), initial=0)
    return all(linked > 0.7 * length for length in lengths)


def is_picture(body: etree._Element) -> bool:
    """Tell whether a page is a picture's file."""
    return len(body) == 1 and body[0].tag == "figure" and not "".join(body.itertext()).strip()


def _with_entities(text: str) -> str:
    """Write out the entities that a page defines for itself, which HTML knows nothing of."""
    subset = _SUBSET.search(text[:LONGEST_SUBSET]) if "<!ENTITY" in text else None
    if not subset:
        return text
    named = {name: value for name, _, value in _ENTITY.findall(subset[1])[:MOST_ENTITIES]}
    text = text[: subset.start(1)] + text[subset.end(1) :]
    written = _REFERENCE.sub(lambda found: named.get(found[1], found[0]), text)
    return written if len(written) <= 2 * len(text) else text


def _without_sections(text: str) -> str:
    """Write the character data of XML as HTML has it, which knows none."""
    if "<![CDATA[" not in text:
        return text
    text = _STYLE.sub(lambda found: found[1] + _CDATA.sub(r"\1", found[3]) + found[4], text)
    return _CDATA.sub(lambda found: escape(found[1], quote=False), text)


def _choose(body: etree._Element) -> None:
    """Keep one case of each ``epub:switch``: mathematics, else what is there for all."""
    for switch in list(body.iter("switch")):
        cases = [each for each in switch if each.tag == "case" and each.find(".//math") is not None]
        kept = cases[:1] or [each for each in switch if each.tag == "default"]
        if not kept or switch.getparent() is None:
            continue
        for each in list(switch):
            if each not in kept:
                switch.remove(each)
