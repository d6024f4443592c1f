"""HTML, from a file or the web, -> block drafts: the article, without what surrounds it."""

from __future__ import annotations

import lxml.html
from lxml import etree
from lxml.html import HtmlElement

from reader.extraction import article
from reader.extraction.article.facts import facts_of
from reader.extraction.article.hiding import take_out_hidden
from reader.extraction.drafts import Extracted, ExtractionError
from reader.extraction.language import guess_language
from reader.extraction.plain.decoding import decode_page
from reader.extraction.tree.blocks import blocks_of
from reader.extraction.tree.elements import XML_LANG, name_of

NOTHING = "There is nothing to read on this page."
OF_THE_HEAD = {"title", "meta", "link", "base", "style", "script", "noscript", "template"}
# Without an encoding of its own a declaration in the text would be believed.
_READING = {"remove_comments": True, "remove_pis": True, "no_network": True, "encoding": "utf-8"}


def extract_file(data: bytes, title: str = "") -> Extracted:
    """Take an HTML file apart."""
    return extract(data, title=title)


def extract(data: bytes, *, title: str = "", charset: str = "") -> Extracted:
    """Take a page apart; ``charset``: what the server said. Raises ExtractionError."""
    page = _page(decode_page(data, charset))
    facts = facts_of(page)
    language = (page.get("lang") or page.get(XML_LANG) or "").strip()
    take_out_hidden(page)
    article.find(page, facts)
    body = page.find("body")
    body = page if body is None else body
    language = language or guess_language(" ".join(body.itertext()))
    return Extracted(
        title.strip() or facts.title,
        language,
        blocks_of(body, language),
        author=facts.author,
        site=facts.site,
    )


def parse(text: str) -> etree._Element:
    """Return the tree of a page. Raises ExtractionError if there is nothing in it."""
    # Not lxml.html, whose elements of many classes take several times as long to walk over.
    return _parsed(text, etree.HTMLParser(**_READING))


def _page(text: str) -> HtmlElement:
    """Return a page as the libraries that look for its article want it."""
    return _parsed(text, lxml.html.HTMLParser(**_READING))


def _parsed(text: str, parser: etree.HTMLParser) -> etree._Element:
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
