"""Numbers of the printed pages, which stand in the middle of digital text."""

from __future__ import annotations

import re
from collections.abc import Set
from functools import lru_cache

from lxml import etree

LONGEST = 24  # characters of a page's number, with the word and the brackets around it

TYPES = {"pagebreak", "doc-pagebreak"}
_NAMES = re.compile(
    r"(?:^|[\s_-])(?:page[_-]?(?:num(?:ber)?s?|no|nr|break|mark(?:er)?)|pg(?:num|no|brk)?|folio|pb"
    r"|pagina(?:tion)?[_-]?n(?:um|r|o)\w*|seiten(?:zahl|nummer|umbruch)|numpage|num[_-]page"
    r"|newpage|printpage)(?:[_-]?\d{1,4})?(?:$|[\s_-])",
    re.IGNORECASE,
)
_ANCHOR = re.compile(r"(?:page|pg|p|seite|s)[_.-]?0*(\d{1,4}|[ivxlc]{1,8})", re.IGNORECASE)
_WORD = r"(?:pages?|pgs?|pp?|seite|s|str|pág|página|pagina|стр|с)\.?"
_NUMBER = re.compile(
    rf"[\[({{|–—-]?\s*(?:{_WORD}\s*)?(\d{{1,4}}|[ivxlcdm]{{1,8}})\s*[\])}}|–—-]?", re.IGNORECASE
)
# "[Pg 12]", "{p. 12}": nothing else is written so, whatever element it is in.
_UNMISTAKABLE = re.compile(
    r"[\[{]\s*(?:pg|page|seite|página|pagina)\.?\s*\d{1,4}\s*[\]}]", re.IGNORECASE
)
_MAY_BE = {"span", "a", "b", "i", "em", "strong", "small", "sup", "sub", "div", "p", "font", "hr"}


def is_page_number(element: etree._Element, name: str, types: Set[str]) -> bool:
    """Tell whether an element is no more than the number of a printed page.

    Its type or role says so, its class, its id, or its shape. What is longer than such a number is
    text, whatever it is called: an empty element that was left open has all that follows in it.
    """
    if not element.attrib or (name not in _MAY_BE and not types & TYPES):
        return False
    if types & TYPES:
        return len(_text(element)) <= LONGEST
    # What says nothing of the kind, as nearly all elements do, is not looked into.
    classes, anchors = element.get("class", ""), (element.get("id", ""), element.get("name", ""))
    by_name = bool(classes or anchors[0]) and _is_named_so(f"{classes} {anchors[0]}")
    said = [found[1] for each in anchors if each and (found := _ANCHOR.fullmatch(each))]
    if not (by_name or said or (element.text or "").lstrip().startswith(("[", "{"))):
        return False
    text = _text(element)
    number = _NUMBER.fullmatch(text) if len(text) <= LONGEST else None
    if number is None:
        return False
    if _UNMISTAKABLE.fullmatch(text) and not element.get("href"):
        return True
    return by_name or number[1] in said


@lru_cache(4096)
def _is_named_so(names: str) -> bool:
    return bool(_NAMES.search(names))


def _text(element: etree._Element) -> str:
    text = ""
    for piece in element.itertext():
        text = f"{text}{piece}".strip()
        if len(text) > LONGEST:
            break
    return text
