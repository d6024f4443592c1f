"""HTML, from a file or the web, -> block drafts: the article, without what surrounds it."""

from __future__ import annotations

from lxml.html import HTMLParser

from reader.extraction import article
from reader.extraction.article.facts import facts_of
from reader.extraction.article.hiding import take_out_hidden
from reader.extraction.drafts import Extracted
from reader.extraction.language import guess_language
from reader.extraction.plain.decoding import decode_page
from reader.extraction.tree.blocks import blocks_of
from reader.extraction.tree.elements import XML_LANG
from reader.extraction.tree.parsing import parse


def extract_file(data: bytes, title: str = "") -> Extracted:
    """Take an HTML file apart."""
    return extract(data, title=title)


def extract(data: bytes, *, title: str = "", charset: str = "") -> Extracted:
    """Take a page apart; ``charset``: what the server said. Raises ExtractionError."""
    page = parse(decode_page(data, charset), HTMLParser)  # as the article's libraries want it
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
