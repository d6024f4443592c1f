"""Drawings (SVG) as elements that are read: their words as paragraphs, their pictures as images."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree
from lxml.builder import E

from reader.extraction.tree.elements import is_hidden, name_of

UNSEEN = {"defs", "symbol", "style", "script", "metadata", "clippath", "mask", "pattern", "title",
          "desc"}  # fmt: skip
LINK = "{http://www.w3.org/1999/xlink}href"
LARGEST_LEADING = 2.2  # of a paragraph's lines, in type sizes
USUAL_SIZE = 16.0
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


def spell_out_drawings(body: etree._Element) -> None:
    """Replace each drawing by what is written in it, in the order of the file."""
    for drawing in list(body.iter("svg")):
        parent = drawing.getparent()
        if parent is None or any(each.tag == "svg" for each in drawing.iterancestors()):
            continue
        spelled = E.div()
        spelled.tail = drawing.tail
        title = next((_words(each) for each in drawing if name_of(each) in {"title", "desc"}), "")
        _spell(drawing, spelled, title)
        if title and not len(spelled):
            spelled.append(E.figure(E.img(alt=title)))
        if "id" in drawing.attrib:
            spelled.set("id", drawing.get("id", ""))
        parent.replace(drawing, spelled)


def _spell(element: etree._Element, target: etree._Element, title: str) -> None:
    last: etree._Element | None = None  # the text whose lines go on
    for each in _seen(element):
        name = name_of(each)
        if name == "text":
            words = _words(each)
            if not words:
                continue
            if last is not None and _goes_on(last, each):
                paragraph = target[-1]
                paragraph.text = f"{paragraph.text} {words}"
            else:
                target.append(E.p(words))
            last = each
        elif name == "image":
            source = each.get("href") or each.get("xlink:href") or each.get(LINK) or ""
            target.append(E.figure(E.img(src=source, alt=title)))
            last = None
        elif name == "foreignobject":
            for child in list(each):
                target.append(child)
            last = None


def _seen(element: etree._Element) -> Iterator[etree._Element]:
    for child in element:
        name = name_of(child)
        if not name or name in UNSEEN or (name != "svg" and is_hidden(child, name)):
            continue
        if child.get("display") == "none" or child.get("visibility") in {"hidden", "collapse"}:
            continue
        yield child
        if name not in {"text", "foreignobject"}:
            yield from _seen(child)


def _words(element: etree._Element) -> str:
    pieces = [element.text or ""]
    for child in element:
        # A part with a place of its own is a word or a line of its own.
        apart = child.get("x") is not None or child.get("dy") is not None
        pieces += [" " if apart else "", _words(child), child.tail or ""]
    return " ".join("".join(pieces).split()) if name_of(element) == "text" else "".join(pieces)


def _goes_on(last: etree._Element, text: etree._Element) -> bool:
    """Tell whether a text is the next piece of a line, or the next line of a paragraph."""
    before, here = _number(last.get("y")), _number(text.get("y"))
    if before is None or here is None or last.getparent() is not text.getparent():
        return False
    size = _number(text.get("font-size")) or USUAL_SIZE
    return 0 <= here - before <= LARGEST_LEADING * size


def _number(value: str | None) -> float | None:
    found = _NUMBER.match(value or "")
    return float(found[0]) if found else None
