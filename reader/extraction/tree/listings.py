"""Listings of program code, without the numbers of their lines."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from reader.extraction.drafts import ExtractionError
from reader.extraction.tree.elements import name_of

LISTINGS = {"pre", "listing", "xmp"}  # elements
_CLASSES = etree.XPath(".//@class", smart_strings=False)
MAX_DEPTH = 200  # elements in elements
TOO_DEEP = "This document is nested too deeply to be read here."
# The numbers of a listing's lines, as programs that colour code call them
_LINE_NUMBERS = re.compile(
    r"(?:^|[\s_-])(?:linenos?|line-?num(?:ber)?s?|gutter|blob-num)(?:$|[\s_-])"
)


def listing_in(element: etree._Element) -> str:
    """Return the text of a listing; empty if it is but the numbers beside another one.

    Raises ExtractionError when it is too deep.
    """
    if any(_is_line_numbers(each) for each in element.iterancestors("td", "div", "figure")):
        return ""
    # Most have neither numbers nor line breaks, and are made of many elements.
    is_plain = next(element.iter("br"), None) is None and not any(
        map(_LINE_NUMBERS.search, set(_CLASSES(element)))
    )
    pieces = element.itertext() if is_plain else _text_in(element, 0)
    return "".join(pieces).replace("\r\n", "\n").strip("\n")


def _is_line_numbers(element: etree._Element) -> bool:
    names = element.get("class")
    if not names or not _LINE_NUMBERS.search(names):
        return False
    return not "".join(element.itertext()).strip().strip("0123456789\n\r\t ")


def _text_in(element: etree._Element, nesting: int) -> Iterator[str]:
    if nesting > MAX_DEPTH:
        raise ExtractionError(TOO_DEEP)
    yield element.text or ""
    for child in element:
        if name_of(child) == "br":
            yield "\n"
        elif name_of(child) and not _is_line_numbers(child):
            yield from _text_in(child, nesting + 1)
        yield child.tail or ""
