"""What a page says of itself: its title, its author, its site, and whether it is a program."""

from __future__ import annotations

from typing import NamedTuple

from lxml import etree
from lxml.html import HtmlElement

LONGEST = 300  # characters of each
TITLES = ("og:title", "citation_title", "dc.title")
AUTHORS = ("author", "article:author", "dc.creator", "citation_author")
SITES = ("og:site_name", "application-name")


class Facts(NamedTuple):
    title: str
    author: str
    site: str
    scripts: int  # that it runs


def facts_of(page: HtmlElement) -> Facts:
    """Return what a page says of itself, before anything is taken out of it."""
    said = _meta(page)
    author = _first(said, AUTHORS)
    site = _first(said, SITES)
    if not author or not site:
        more_author, more_site = _structured(page)
        author, site = author or more_author, site or more_site
    scripts = sum(_runs(script.get("type") or "") for script in page.iter("script"))
    return Facts(_first(said, TITLES) or _title(page), author, site, scripts)


def _runs(kind: str) -> bool:
    return not kind or "javascript" in kind.lower() or kind.lower() == "module"


def _meta(page: etree._Element) -> dict[str, str]:
    said: dict[str, str] = {}
    for element in page.iter("meta"):
        name = (element.get("property") or element.get("name") or "").lower()
        content = " ".join((element.get("content") or "").split())
        if name and content and not content.startswith(("http://", "https://")):
            said.setdefault(name, content[:LONGEST])
    return said


def _first(said: dict[str, str], names: tuple[str, ...]) -> str:
    return next((said[name] for name in names if name in said), "")


def _structured(page: HtmlElement) -> tuple[str, str]:
    """Return author and site as the page's data for search engines have them (JSON-LD)."""
    if not page.xpath('.//script[@type="application/ld+json"]'):
        return "", ""
    from trafilatura.metadata import extract_meta_json
    from trafilatura.settings import Document

    try:
        found = extract_meta_json(page, Document())
    except Exception:  # it expects them to be as their standard has them: they are the page's own
        return "", ""
    return (found.author or "")[:LONGEST], (found.sitename or "")[:LONGEST]


def _title(page: etree._Element) -> str:
    headings = [_text(each) for each in page.iter("h1")]
    titles = [_text(each) for each in page.iter("title")]
    title = titles[0] if titles else ""
    # "The article – The site": the heading is the article's own.
    return (
        next((each for each in headings if each and each in title), "")
        or title
        or (headings[0] if headings else "")
    )


def _text(element: etree._Element) -> str:
    return " ".join("".join(element.itertext()).split())[:LONGEST]
