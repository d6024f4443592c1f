"""Numbers and running heads of the printed pages, which stand in the middle of digital text."""

from __future__ import annotations

import re
from collections.abc import Set
from functools import lru_cache

from lxml import etree

from reader.extraction.plain.contents import HEADING, contents, entry_of, may_lead
from reader.extraction.tree.elements import BLOCKS, HEADINGS, name_of

LONGEST = 24  # characters of a page's number, with the word and the brackets around it

TYPES = {"pagebreak", "doc-pagebreak"}
_NAMES = re.compile(
    r"(?:^|[\s_-])(?:page[_-]?(?:num(?:ber)?s?|no|nr|break|mark(?:er)?)|pg(?:num|no|brk)?|folio|pb"
    r"|pagina(?:tion)?[_-]?n(?:um|r|o)\w*|seiten(?:zahl|nummer|umbruch)|numpage|num[_-]page"
    r"|newpage|printpage|line[_-]?(?:num(?:ber)?s?|no))(?:[_-]?\d{1,4})?(?:$|[\s_-])",
    re.IGNORECASE,
)
_RUNNING_HEAD = re.compile(
    r"(?:^|[\s_-])(?:running[_-]?(?:head(?:er|line|ing)?|foot(?:er|line)?|title)|page[_-]?(?:head(?:er)?"
    r"|foot(?:er)?)|kolumnentitel|titre[_-]?courant)\d*(?:$|[\s_-])",
    re.IGNORECASE,
)
LONGEST_HEAD = 120  # characters
_PAGE = re.compile(r"(?:^|\s)page(?:$|\s)", re.IGNORECASE)
_ANCHOR = re.compile(r"(?:page|pg|p|seite|s)[_.-]?0*(\d{1,4}|[ivxlc]{1,8})", re.IGNORECASE)
_WORD = r"(?:pages?|pgs?|pp?|seite|s|str|pág|página|pagina|стр|с)\.?"
_NUMBER = re.compile(
    rf"[\[({{|–—-]?\s*(?:{_WORD}\s*)?(\d{{1,4}}|[ivxlcdm]{{1,8}})\s*[\])}}|–—-]?", re.IGNORECASE
)
# "[Pg 12]", "{p. 12}": nothing else is written so, whatever element it is in.
_UNMISTAKABLE = re.compile(
    r"[\[{]\s*(?:pg|page|seite|página|pagina)\.?\s*\d{1,4}\s*[\]}]", re.IGNORECASE
)
LEAST_NUMBERS, LEAST_CUT = 3, 2  # that rise, and of them within a sentence
LONGEST_ENTRY = 300  # characters of contents
_TEXT = etree.XPath("string()", smart_strings=False)
_LED = etree.XPath(
    "descendant::text()[contains(., '....') or contains(., '. . . .') or contains(., '……')]"
)
_OPENING = ("[", "{")
_NUMBERED, _PAGED, _HEAD = "a page's number", "of a page", "a running head"
_MAY_BE_HEAD = {"p", "div", "span", "header", "footer"}
_MAY_BE = {"span", "a", "b", "i", "em", "strong", "small", "sup", "sub", "div", "p", "font", "hr"}
_MAY_BE_EITHER = _MAY_BE | _MAY_BE_HEAD


def is_furniture(element: etree._Element, name: str, types: Set[str]) -> bool:
    """Tell whether an element is the number of a printed page, or its running head or foot.

    Its type or role says so, its class, its id, or its shape. What is longer than such a number is
    text, whatever it is called: an empty element that was left open has all that follows in it.
    """
    # Elements of DAISY's and of LibreOffice's
    if types & TYPES or name == "pagenum" or (name == "sdfield" and _is_field_of_page(element)):
        return len(_text(element)) <= LONGEST
    if name not in _MAY_BE_EITHER:
        return False
    classes, own = element.get("class") or "", element.get("id") or ""
    if name == "div" and element.get("title") in {"header", "footer"}:  # as LibreOffice names them
        return _is_running_head(element)
    # What says nothing of the kind, as nearly all elements do, is not looked into.
    called = _called(classes) if classes else ""
    if own and called != _NUMBERED and _NAMES.search(own):
        called = _NUMBERED
    if called == _PAGED:  # or a link to one
        called = "" if element.get("href") else _NUMBERED
    if called == _HEAD and name in _MAY_BE_HEAD:
        return _is_running_head(element)
    if name not in _MAY_BE:
        return False
    names = (own, element.get("name"))
    anchors = [found for each in names if each and (found := _anchor_in(each))]
    if not (called == _NUMBERED or anchors or (element.text or "").lstrip().startswith(_OPENING)):
        return False
    text = _text(element)
    number = _NUMBER.fullmatch(text) if len(text) <= LONGEST else None
    if number is None:
        return False
    if _UNMISTAKABLE.fullmatch(text) and not element.get("href"):
        return True
    return called == _NUMBERED or number[1] in anchors


def _is_field_of_page(element: etree._Element) -> bool:
    return (element.get("type") or "").lower() == "page"


def hide_numbers(body: etree._Element) -> None:
    """Hide paragraphs that are the numbers of pages, as they rise from each to the next.

    Some of them stand within a sentence: the numbers of chapters do not.
    """
    chain: list[tuple[int, etree._Element]] = []
    for element in body.iter("p", "div"):
        # Most have more in them, and are not looked into.
        if len(element) > 1 or len(element.text or "") > LONGEST:
            continue
        text = _text(element)
        found = _NUMBER.fullmatch(text) if text and len(text) <= LONGEST else None
        if not found or not found[1].isdecimal():
            continue
        if chain and int(found[1]) != chain[-1][0] + 1:
            if len(chain) >= LEAST_NUMBERS:
                break
            chain = []
        chain.append((int(found[1]), element))
    inside = sum(_is_within_sentence(element) for _, element in chain)
    if len(chain) >= LEAST_NUMBERS and inside >= LEAST_CUT:
        for _, element in chain:
            element.set("hidden", "")


def cut_leaders(body: etree._Element) -> None:
    """Leave of printed contents their titles, without dots and the numbers of pages."""
    if not may_lead(_TEXT(body)):
        return
    lines: list[tuple[etree._Element, str]] = []
    for text in _LED(body):
        element = text.getparent() if not text.is_tail else text.getparent().getparent()
        while element is not None and name_of(element) not in BLOCKS:
            element = element.getparent()
        if element is None or (lines and lines[-1][0] is element):
            continue
        if any(name_of(child) in BLOCKS for child in element):
            continue
        if len(line := "".join(element.itertext())) <= LONGEST_ENTRY:
            lines.append((element, line))
    entries = [entry for at, (_, line) in enumerate(lines) if (entry := entry_of(at, line))]
    headed = [entry.at for entry in entries if HEADING.fullmatch(_text_before(lines[entry.at][0]))]
    for entry in contents(entries, headed):
        _cut(lines[entry.at][0], entry.end)


def _text_before(element: etree._Element) -> str:
    above: etree._Element | None = element
    while above is not None and above.getprevious() is None:
        above = above.getparent()
    before = above.getprevious() if above is not None else None
    return _text(before) if before is not None else ""


def _cut(element: etree._Element, end: int) -> None:
    """Drop all text of an element from this character on."""
    for event, inner in etree.iterwalk(element, events=("start", "end")):
        if event == "start":
            text = inner.text or ""
            inner.text, end = text[:end], max(0, end - len(text))
        elif inner is not element:
            text = inner.tail or ""
            inner.tail, end = text[:end], max(0, end - len(text))


def _is_within_sentence(element: etree._Element) -> bool:
    before, after = element.getprevious(), element.getnext()
    if before is None or after is None:
        return False
    end = "".join(before.itertext()).rstrip()[-1:]
    begin = "".join(after.itertext()).lstrip()[:1]
    return (end.isalnum() or end in {",", "-"}) and begin.islower()


@lru_cache(1024)
def _called(classes: str) -> str:
    """Return what its classes call an element; many have the same."""
    if _NAMES.search(classes):
        return _NUMBERED
    if _PAGE.search(classes):
        return _PAGED
    return _HEAD if _RUNNING_HEAD.search(classes) else ""


def _anchor_in(name: str) -> str:
    found = _ANCHOR.fullmatch(name)
    return found[1] if found else ""


def _is_running_head(element: etree._Element) -> bool:
    if any(name_of(inner) in HEADINGS for inner in element.iterdescendants()):
        return False  # the head of the page as a whole, as Bootstrap calls it
    return len("".join(element.itertext()).strip()) <= LONGEST_HEAD


def _text(element: etree._Element) -> str:
    text = ""
    for piece in element.itertext():
        text = f"{text}{piece}".strip()
        if len(text) > LONGEST:
            break
    return text
