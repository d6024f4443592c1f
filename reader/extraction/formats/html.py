"""HTML, from a file or the web, -> block drafts: the article, without what surrounds it."""

from __future__ import annotations

import re

from lxml import etree

from reader.extraction.drafts import Extracted, ExtractionError
from reader.extraction.language import guess_language
from reader.extraction.plain.decoding import decode_page
from reader.extraction.tree.blocks import blocks_of
from reader.extraction.tree.elements import XML_LANG, name_of

NOTHING = "There is nothing to read on this page."
# An element that says it is the article is believed if so much of the page's text is in it.
ENOUGH_OF_THE_PAGE = 0.4
SHORTEST_ARTICLE = 400  # characters

SURROUNDING_TAGS = {"nav", "aside", "footer"}
SURROUNDING_ROLES = {"navigation", "banner", "contentinfo", "complementary", "search", "menu"}
SURROUNDING_NAMES = re.compile(
    r"(?:^|[\s_-])(?:nav|navbar|navheader|navfooter|navigation|menu|breadcrumbs?|sidebar|cookies?"
    r"|consent|share|sharing|social|advert|advertisement|ads|promo|newsletter|subscribe|comments?"
    r"|related|recommended|skip-?link|sphinxsidebar|headerlink|toc|mw-editsection|noprint|printfooter"
    r"|catlinks|mw-jump-link|navbox|docnav|banner|masthead|pager|pagination|site-header|site-footer)(?:$|[\s_-])",
    re.IGNORECASE,
)


def extract_file(data: bytes, title: str = "") -> Extracted:
    """Take an HTML file apart."""
    return extract(data, title=title)


def extract(data: bytes, *, title: str = "", charset: str = "") -> Extracted:
    """Take a page apart; ``charset``: what the server said. Raises ExtractionError."""
    tree = parse(decode_page(data, charset))
    body = _without_surroundings(_article(tree))
    language = (tree.get("lang") or tree.get(XML_LANG) or "").strip()
    language = language or guess_language(" ".join(body.itertext()))
    found_title = _title(tree)
    return Extracted(
        title.strip() or found_title,
        language,
        blocks_of(body, language),
        author=_meta(tree, "author", "article:author", "dc.creator", "citation_author"),
        site=_meta(tree, "og:site_name", "application-name"),
    )


def parse(text: str) -> etree._Element:
    """Return the tree of a page. Raises ExtractionError if there is nothing in it."""
    # Without an encoding of its own a declaration in the text would be believed.
    # Not lxml.html, whose elements of many classes take several times as long to walk over.
    parser = etree.HTMLParser(
        remove_comments=True, remove_pis=True, no_network=True, encoding="utf-8"
    )
    try:
        tree = etree.fromstring(text.encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, AssertionError) as error:
        raise ExtractionError(NOTHING) from error
    if tree is None:
        raise ExtractionError(NOTHING)
    return tree


# --- the article ----------------------------------------------------------------------------------


def _article(tree: etree._Element) -> etree._Element:
    """Return the element that the article is in; the whole body if none says so."""
    body = tree.find("body")
    if body is None:
        body = tree
    whole = _length(body)
    candidates = [
        element
        for element in body.iter()
        if name_of(element) in {"article", "main"}
        or element.get("role") in {"main", "article"}
        or element.get("itemprop") == "articleBody"
    ]
    by_length = sorted(candidates, key=_length, reverse=True)
    if by_length and _length(by_length[0]) >= min(SHORTEST_ARTICLE, ENOUGH_OF_THE_PAGE * whole):
        return by_length[0]
    return body


def _length(element: etree._Element) -> int:
    return sum(
        len(text.strip())
        for each in element.iter()
        if name_of(each) not in {"script", "style", "noscript"}
        for text in (each.text or "", each.tail or "")
    )


def _without_surroundings(article: etree._Element) -> etree._Element:
    """Drop navigation and the like, unless that is most of what there is."""
    whole = _length(article)
    for element in list(article.iter()):
        if element is article or not _surrounds(element, article):
            continue
        if _length(element) < whole / 2:
            _drop(element)
    return article


def _drop(element: etree._Element) -> None:
    """Take an element out of its tree, but not the text that follows it."""
    parent, before = element.getparent(), element.getprevious()
    if parent is None:
        return
    if element.tail and before is None:
        parent.text = (parent.text or "") + element.tail
    elif element.tail:
        before.tail = (before.tail or "") + element.tail
    parent.remove(element)


def _surrounds(element: etree._Element, article: etree._Element) -> bool:
    name = name_of(element)
    if name in SURROUNDING_TAGS or element.get("role") in SURROUNDING_ROLES:
        return "note" not in element.get("role", "")
    if name == "header" and element.getparent() is article and name_of(article) == "body":
        return not any(name_of(each) == "h1" for each in element.iter())
    names = f"{element.get('class', '')} {element.get('id', '')}"
    return bool(names.strip()) and bool(SURROUNDING_NAMES.search(names))


# --- what the page says of itself -----------------------------------------------------------------


def _title(tree: etree._Element) -> str:
    if said := _meta(tree, "og:title", "citation_title", "dc.title"):
        return said
    headings = [_text(each) for each in tree.iter() if name_of(each) == "h1"]
    titles = [_text(each) for each in tree.iter() if name_of(each) == "title"]
    title = titles[0] if titles else ""
    # "The article – The site": the heading is the article's own.
    return (
        next((each for each in headings if each and each in title), "")
        or title
        or (headings[0] if headings else "")
    )


def _meta(tree: etree._Element, *names: str) -> str:
    for name in names:
        for element in tree.iter():
            if name_of(element) != "meta":
                continue
            if (element.get("property") or element.get("name") or "").lower() == name:
                content = " ".join((element.get("content") or "").split())
                if content and not content.startswith(("http://", "https://")):
                    return content[:300]
    return ""


def _text(element: etree._Element) -> str:
    return " ".join("".join(element.itertext()).split())[:300]
