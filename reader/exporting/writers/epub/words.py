"""A passage as XHTML in which every spoken word that is shown has a name."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from lxml import etree, html

from reader.exporting.writers.book import Passage
from reader.extraction.sanitise import shown_text
from reader.extraction.segmentation import sentence_ranges

XHTML = "http://www.w3.org/1999/xhtml"
MATHML = "http://www.w3.org/1998/Math/MathML"
XML = "http://www.w3.org/XML/1998/namespace"
# What XML has no place for.
NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
ADDRESS = re.compile(
    r"(?:https?://[^\s/?#\[\]<>\"{}|\\^`]+[^\s\[\]<>\"{}|\\^`]*|mailto:[^\s<>\"]+)"
)
LANGUAGE = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*")
# Elements that HTML has no more; what is in them stays.
UNWRAPPED = {"rb", "rtc"}


class Word(NamedTuple):
    """A range of what is shown, in UTF-16 units, and when it is heard in the passage's sound."""

    start: int
    end: int
    start_ms: int
    sentence: int = -1  # those of one have one name, as far as they stand in one stretch of text

    def goes_with(self, other: Word) -> bool:
        return self.sentence == other.sentence >= 0


# What of a passage is lit, one after the other.
Words = Callable[[Passage], Sequence[Word]]


@dataclass(frozen=True, slots=True)
class Page:
    """A passage's markup, and for each name in it when it is heard, in the passage's sound."""

    element: etree._Element
    times: Sequence[tuple[str, int]]
    has_formulas: bool


def words_of(passage: Passage) -> list[Word]:
    """Return the spoken words that are shown, where they are shown, in order."""
    if passage.sound is None:
        return []
    words: list[Word] = []
    shown = shown_text(passage.html).encode("utf-16-le", "replace")
    spans = [tuple(span) for span in passage.spans]
    at = 0
    for start, end, start_ms, _ in passage.sound.marks:
        while at < len(spans) and spans[at][0] + spans[at][2] <= start:
            at += 1
        first: int | None = None
        last = 0
        for spoken, place, length in spans[at:]:
            if spoken >= end:
                break
            low, high = max(start, spoken), min(end, spoken + length)
            if low < high:
                first = place + low - spoken if first is None else first
                last = place + high - spoken
        if first is None:
            first, last = _instead(spans, start, end, shown)
        if last > first and first >= (words[-1].end if words else 0):
            words.append(Word(first, last, start_ms))
    return words


def sentences_of(passage: Passage, language: str) -> list[Word]:
    """Return the same words, each with the sentence that it is in."""
    shown, words = shown_text(passage.html), words_of(passage)
    ends = [_units(shown[:end]) for _, end in sentence_ranges(shown, passage.language or language)]
    return [word._replace(sentence=bisect_right(ends, word.start)) for word in words]


def _instead(
    spans: Sequence[tuple[int, ...]], start: int, end: int, shown: bytes
) -> tuple[int, int]:
    """Return where that is shown instead of which something is spoken: a formula, a sum."""
    first, last = 0, len(shown) // 2
    for spoken, place, length in spans:
        if spoken + length <= start:
            first = place + length
        elif spoken >= end:
            last = place
            break
    gap = shown[2 * first : 2 * last].decode("utf-16-le", "replace")
    first += _units(gap) - _units(gap.lstrip())
    return first, first + _units(gap.strip())


def page_of(
    passage: Passage,
    words: Sequence[Word],
    *,
    picture: Callable[[str], str],
    link: Callable[[str], str],
) -> Page:
    """Return a passage as XHTML, with names for its words.

    ``picture``, ``link``: the addresses in the book of what markup calls by these names; empty
    where there is none.
    """
    root = html.fragment_fromstring(NO_XML.sub("", passage.html), create_parent="div")
    _clean(root, picture, link)
    name = f"b{passage.idx}"
    # Only where both count alike is a place in one a place in the other.
    is_same = "".join(root.itertext()) == shown_text(NO_XML.sub("", passage.html))
    times = _Naming(name, words).name(root) if words and is_same else []
    only = root[0] if len(root) == 1 and not (root.text or "").strip() else None
    element = root if only is None or (only.tail or "").strip() else only
    element.tail = None
    element.set("id", name)
    if passage.language and LANGUAGE.fullmatch(passage.language):
        element.set("lang", passage.language)
    if passage.sound and not times:
        times = [(name, passage.sound.words_from_ms)]
    has_formulas = element.find(".//math") is not None
    return Page(_in_namespaces(element), times, has_formulas)


def _clean(root: etree._Element, picture: Callable[[str], str], link: Callable[[str], str]) -> None:
    """Leave only what a book of today may have, with its own addresses."""
    for element in list(root.iter()):
        if not isinstance(element.tag, str):
            element.drop_tree()
            continue
        if element.tag in UNWRAPPED:
            element.drop_tag()
            continue
        if element.tag == "img":
            source = picture(element.get("src", "").removeprefix("picture:"))
            if not source:
                element.drop_tree()
                continue
            element.set("src", source)
            element.attrib.pop("loading", None)
            element.set("alt", element.get("alt", ""))
        if element.tag == "a":
            element.attrib.pop("rel", None)
            href = element.attrib.pop("href", "")
            if href.startswith("block:"):
                href = link(href.removeprefix("block:"))
            elif not ADDRESS.fullmatch(href):
                href = ""
            if href and not any(each.tag == "a" for each in element.iterancestors()):
                element.set("href", href)
            else:
                element.tag = "span"
        if element.tag == "li" and element.getparent().tag != "ol":
            element.attrib.pop("value", None)
        if not LANGUAGE.fullmatch(element.get("lang", "x-")):
            element.attrib.pop("lang", None)


class _Naming:
    """Puts named elements around words. A formula is one piece."""

    def __init__(self, name: str, words: Sequence[Word]) -> None:
        self._name = name
        self._words = words
        self._next = 0  # the first word that has no name yet
        self._at = 0  # how many units of text have passed
        self._times: list[tuple[str, int]] = []

    def name(self, root: etree._Element) -> list[tuple[str, int]]:
        self._walk(root)
        return self._times

    def _walk(self, element: etree._Element) -> None:
        children = list(element)
        text, element.text = element.text or "", None
        self._put(element, None, text)
        for child in children:
            tail, child.tail = child.tail or "", None
            if child.tag == "math":
                child = self._formula(element, child)
            else:
                self._walk(child)
            self._put(element, child, tail)

    def _formula(self, parent: etree._Element, math: etree._Element) -> etree._Element:
        end = self._at + _units("".join(math.itertext()))
        begun = self._next
        while self._next < len(self._words) and self._words[self._next].start < end:
            self._next += 1
        self._at = end
        if begun == self._next:
            return math
        span = etree.Element("span")
        parent.replace(math, span)
        span.append(math)
        self._named(span, begun)
        return span

    def _put(self, parent: etree._Element, before: etree._Element | None, text: str) -> None:
        """Put a text behind an element, or at the beginning, its words in elements."""
        if not text:
            return
        units = text.encode("utf-16-le")
        begin, end = self._at, self._at + len(units) // 2
        self._at = end

        def part(first: int, last: int) -> str:
            return units[2 * (first - begin) : 2 * (last - begin)].decode("utf-16-le", "replace")

        at = begin
        while self._next < len(self._words) and self._words[self._next].start < end:
            word, number = self._words[self._next], self._next
            first, last = max(word.start, begin), min(word.end, end)
            while self._is_next_of(word, end):
                self._next += 1
                last = min(self._words[self._next].end, end)
            before = _append(parent, before, part(at, first))
            span = etree.Element("span")
            span.text = part(first, last)
            self._insert(parent, before, span)
            self._named(span, number)
            before, at = span, last
            self._next += 1
        _append(parent, before, part(at, end))

    def _is_next_of(self, word: Word, end: int) -> bool:
        """Tell whether the word behind the next one has the same name, and begins before there."""
        following = self._words[self._next + 1 : self._next + 2]
        return any(each.goes_with(word) and each.start < end for each in following)

    @staticmethod
    def _insert(
        parent: etree._Element, before: etree._Element | None, element: etree._Element
    ) -> None:
        parent.insert(0 if before is None else parent.index(before) + 1, element)

    def _named(self, element: etree._Element, number: int) -> None:
        name = f"{self._name}w{number}"
        element.set("id", name)
        self._times.append((name, self._words[number].start_ms))


def _append(
    parent: etree._Element, before: etree._Element | None, text: str
) -> etree._Element | None:
    if text and before is None:
        parent.text = (parent.text or "") + text
    elif text and before is not None:
        before.tail = (before.tail or "") + text
    return before


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _in_namespaces(element: etree._Element, is_formula: bool = False) -> etree._Element:
    """Return a copy of an element of HTML as one of XML."""
    is_formula = is_formula or element.tag == "math"
    space = MATHML if is_formula else XHTML
    made: etree._Element = etree.Element(f"{{{space}}}{element.tag}", nsmap={None: space})
    for key, value in element.attrib.items():
        if key == "xmlns" or ":" in key:
            continue
        made.set(key, value)
        if key == "lang":
            made.set(f"{{{XML}}}lang", value)
    made.text, made.tail = element.text, element.tail
    for child in element:
        made.append(_in_namespaces(child, is_formula))
    return made
