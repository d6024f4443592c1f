"""What two libraries take for the article of a page, as the passages that each of them keeps."""

from __future__ import annotations

import copy
import logging
from collections.abc import Iterable, Sequence

import readability
import trafilatura
from lxml import etree
from lxml.html import HtmlElement

from reader.extraction.article.passages import Passage, own_text, squeeze

# Both tell on their loggers what they could not do; what matters of it is seen in what they return.
for _name in ("readability", "trafilatura", "justext", "htmldate"):
    logging.getLogger(_name).setLevel(logging.CRITICAL + 1)

MARK = "data-nth"  # which element of the page this is
SHORTEST_QUOTE = 25  # letters that are no accident when found in the middle of a text
_LINES = {
    "p",
    "head",
    "item",
    "cell",
    "quote",
    "code",
    "ab",
    "div",
    "td",
    "th",
    "li",
    "row",
    "table",
}


def mark(body: etree._Element) -> None:
    """Give each element a number, by which it is known in a copy."""
    for number, element in enumerate(body.iter()):
        if isinstance(element.tag, str):
            element.set(MARK, str(number))


def unmark(body: etree._Element) -> None:
    for element in body.iter():
        element.attrib.pop(MARK, None)


class _Readability(readability.Document):
    """Arc90's readability on a tree that is parsed and cleaned already, and kept as a tree."""

    def __init__(self, page: HtmlElement) -> None:
        super().__init__("")
        self._page = page

    def _parse(self, _: str) -> HtmlElement:
        return copy.deepcopy(self._page)

    def get_clean_html(self) -> str:
        text: str = etree.tostring(self._html(), method="html", encoding="unicode")
        return text


def kept_by_readability(
    page: HtmlElement, passages: Iterable[Passage]
) -> tuple[list[bool], set[str]]:
    """Return which passages readability keeps, and the marks of all elements that it keeps."""
    document = _Readability(page)
    try:
        document.summary()
    except readability.readability.Unparseable:
        return [False for _ in passages], set()
    marks = {number for each in document.html.iter() if (number := each.get(MARK))}
    return [_is_marked(passage, marks) for passage in passages], marks


def _is_marked(passage: Passage, marks: set[str]) -> bool:
    texts = list(own_text(passage))
    kept = sum(length for owner, length in texts if owner.get(MARK) in marks)
    return 2 * kept > sum(length for _, length in texts)


def kept_by_trafilatura(page: HtmlElement, passages: Sequence[Passage]) -> list[bool]:
    """Return which passages trafilatura keeps: it makes a tree of its own, so by their words."""
    found = trafilatura.bare_extraction(copy.deepcopy(page), include_comments=False)
    if found is None or isinstance(found, dict) or found.body is None:
        return [False] * len(passages)
    texts = ["".join(each.itertext()) for each in found.body.iter() if each.tag in _LINES]
    lines = {squeeze(text) for text in [*texts, *(found.text or "").splitlines()]}
    whole = squeeze("".join(found.body.itertext()))
    return [
        passage.squeezed in lines
        or (len(passage.squeezed) >= SHORTEST_QUOTE and passage.squeezed in whole)
        for passage in passages
    ]
