"""The text of a page of HTML -> its tree."""

from __future__ import annotations

from lxml import etree

from reader.extraction.drafts import ExtractionError
from reader.extraction.tree.elements import name_of

NOTHING = "There is nothing to read on this page."
OF_THE_HEAD = {"title", "meta", "link", "base", "style", "script", "noscript", "template"}


def parse(text: str, kind: type[etree.HTMLParser] = etree.HTMLParser) -> etree._Element:
    """Return the tree of a page. Raises ExtractionError if there is nothing in it.

    ``kind`` of parser: that of ``lxml.html`` makes elements of many classes, which take several
    times as long to walk over.
    """
    # Without an encoding of its own a declaration in the text would be believed.
    parser = kind(remove_comments=True, remove_pis=True, no_network=True, encoding="utf-8")
    try:
        tree = etree.fromstring(text.encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, AssertionError) as error:
        raise ExtractionError(NOTHING) from error
    if tree is None:
        raise ExtractionError(NOTHING)
    _empty_the_head(tree)
    return tree


def _empty_the_head(page: etree._Element) -> None:
    """Move into the body what begins it where no tag says so.

    The parser ends a head at the elements of HTML 4 alone, and leaves ``<article>`` in it.
    """
    head = page.find("head")
    children = [] if head is None else list(head)
    first = next((n for n, each in enumerate(children) if name_of(each) not in OF_THE_HEAD), None)
    if first is None:
        return
    body = page.find("body")
    if body is None:
        body = etree.SubElement(page, "body")
    moved = children[first:]
    moved[-1].tail = (moved[-1].tail or "") + (body.text or "")
    body.text = None
    for place, element in enumerate(moved):
        body.insert(place, element)
