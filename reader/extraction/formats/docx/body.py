"""The body of a Word document -> elements as HTML has them; its notes last."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree
from lxml.builder import E

from reader.extraction.drafts import ExtractionError, LeftOut
from reader.extraction.formats.docx.mathematics import mathml
from reader.extraction.formats.docx.names import is_on, is_unfilled, m, value, w
from reader.extraction.formats.docx.package import Package
from reader.extraction.formats.docx.runs import Runs, appended, choice, say
from reader.extraction.formats.docx.styles import Item, Numbering, Styles
from reader.extraction.plain.decoding import decode_page
from reader.extraction.tree.parsing import parse

# What only holds other things.
TRANSPARENT = {w(name) for name in ("sdt", "sdtContent", "customXml", "smartTag", "ins", "moveTo")}
MAX_DEPTH = 40  # of tables, boxes and the like in each other
EMBEDDED = "An embedded part ({name})"
BROKEN_NOTES = "They are damaged or cut off in this file."
NOT_HTML = "It is no web page, and only those are read within a Word document."
PAGES = (".htm", ".html", ".xhtml")


class Reader:
    """Makes HTML elements of a Word document; ``left_out`` says what it could not."""

    def __init__(self, package: Package) -> None:
        self._package = package
        self._styles = Styles(package.xml(package.part("styles")))
        self._numbering = Numbering(package.xml(package.part("numbering")), self._styles)
        self._runs = Runs(package, self._styles)
        self._initial: etree._Element | None = None  # a letter that the next paragraph begins with
        self.left_out = [
            LeftOut(f"The {kind}s", BROKEN_NOTES)
            for kind in ("footnote", "endnote")
            if (part := package.part(f"{kind}s")) and part in package.broken
        ]

    def body(self) -> etree._Element:
        """Return the whole document. Raises ExtractionError."""
        source = self._package.document.find(w("body"))
        if source is None:
            raise ExtractionError("There is nothing to read in this document: it has no body.")
        body = E.body(*self._blocks(source, 0))
        if notes := list(self._notes()):
            body.append(E.section(*notes, role="doc-endnotes"))
        return body

    def _blocks(self, container: etree._Element, depth: int) -> Iterator[etree._Element]:
        if depth > MAX_DEPTH:
            raise ExtractionError("This document is nested too deeply to be read here.")
        for child in container:
            if child.tag == w("p"):
                yield from self._paragraph(child, depth)
            elif child.tag == w("tbl"):
                yield self._table(child, depth)
            elif child.tag in {m("oMathPara"), m("oMath")}:  # in no paragraph
                yield mathml(child)
            elif child.tag == w("altChunk"):
                yield from self._embedded(child)
            elif child.tag in TRANSPARENT and not is_unfilled(child):
                yield from self._blocks(child, depth)
            elif (chosen := choice(child)) is not None:
                yield from self._blocks(chosen, depth)

    def _paragraph(self, paragraph: etree._Element, depth: int) -> Iterator[etree._Element]:
        content, boxes, pictures = self._runs.read(paragraph)
        yield from pictures
        item = self._numbering.item(paragraph)
        frame = paragraph.find(f"{w('pPr')}/{w('framePr')}")
        if frame is not None and frame.get(w("dropCap")) in {"drop", "margin"}:
            self._initial = content
        elif "".join(content.itertext()).strip() or content.find(".//math") is not None:
            if self._initial is not None:
                content = _joined(self._initial, content)
                self._initial = None
            yield self._dressed(paragraph, content, item)
        for box in boxes:
            inner = E.div(*self._blocks(box, depth + 1))
            if len(inner):
                yield inner

    def _dressed(
        self, paragraph: etree._Element, content: etree._Element, item: Item | None
    ) -> etree._Element:
        """Return a paragraph's text as the element that its style makes of it."""
        names = self._styles.names(paragraph) or [""]
        if level := self._styles.heading(paragraph):
            content.tag = f"h{level}"
            if item and item.label:
                _begin(content, f"{item.label} ")
            return content
        if names[0].startswith(("quote", "intense quote", "block text")):
            return E.blockquote(content)
        if "code" in names[0].split() or names[0].startswith(("html preformatted", "macro")):
            content.tag = "pre"
            return content
        if names[0] == "caption":
            content.tag = "figcaption"
            return E.figure(content)
        if item:
            return _in_list(content, item)
        if len(content) == 1 and content[0].tag == "math" and content[0].get("display") == "block":
            return content[0] if not (content.text or content[0].tail or "").strip() else content
        return content

    def _table(self, table: etree._Element, depth: int) -> etree._Element:
        element = E.table()
        for number, row in enumerate(_within(table, w("tr"))):
            properties = row.find(w("trPr"))
            is_head = number == 0 and is_on(properties, "tblHeader")
            written = E.tr()
            for cell in _within(row, w("tc")):
                target = appended(written, "th" if is_head else "td")
                target.extend(list(self._blocks(cell, depth + 1)))
                span = value(cell.find(w("tcPr")), "gridSpan")
                if span.isdecimal() and 1 < int(span) < 100:
                    target.set("colspan", span)
                if len(target) == 1 and target[0].tag == "p":  # the usual cell: only text
                    _unwrap(target, target[0])
            element.append(written)
        return element

    def _embedded(self, chunk: etree._Element) -> Iterator[etree._Element]:
        relation = self._runs.relation(chunk)
        if relation is None:
            return
        name = relation.target.rpartition("/")[2]
        try:
            data = self._package.read(relation.target)
            if not (name.lower().endswith(PAGES) or b"<html" in data[:1000].lower()):
                raise ExtractionError(NOT_HTML)
            tree = parse(decode_page(data))
            body = tree.find("body")
            yield E.div(*(tree if body is None else body))
        except ExtractionError as error:
            self.left_out.append(LeftOut(EMBEDDED.format(name=name), str(error)))

    def _notes(self) -> Iterator[etree._Element]:
        # A note may have notes of its own, which come behind it.
        for number, note in self._runs.notes():
            written = E.p(f"{number} " if number else "")
            for paragraph in note.iter(w("p")):
                content, _, _ = self._runs.read(paragraph)
                say(written, content.text or "")
                written.extend(list(content))
                say(written, " ")
            yield written


def _within(container: etree._Element, tag: str) -> Iterator[etree._Element]:
    """Yield rows or cells, also those in content controls and the like."""
    for child in container:
        if child.tag == tag:
            yield child
        elif child.tag in TRANSPARENT:
            yield from _within(child, tag)
        elif (chosen := choice(child)) is not None:
            yield from _within(chosen, tag)


def _in_list(content: etree._Element, item: Item) -> etree._Element:
    if item.label:  # more than a number: it is part of the text
        _begin(content, f"{item.label} ")
        if item.kind:
            return content
    content.tag = "li"
    numbered = {"type": item.kind, "start": str(item.number)}
    element = E.ol(content, **numbered) if item.kind else E.ul(content)
    for _ in range(item.level):
        element = E.ul(element)
    return element


def _begin(content: etree._Element, text: str) -> None:
    content.text = text + (content.text or "")


def _joined(first: etree._Element, content: etree._Element) -> etree._Element:
    """Put a large initial before the rest of its word."""
    initial = re.sub(r"\s+", "", "".join(first.itertext()))
    _begin(content, initial)
    return content


def _unwrap(target: etree._Element, inner: etree._Element) -> None:
    target.remove(inner)
    target.text = inner.text
    target.extend(list(inner))
