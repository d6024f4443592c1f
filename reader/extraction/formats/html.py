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
from reader.extraction.tree.elements import XML_LANG

NOTHING = "There is nothing to read on this page."
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
    return tree
