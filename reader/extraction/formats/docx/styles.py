"""Styles and numbering of a Word document: what a paragraph is, and its number."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from reader.extraction.formats.docx.names import is_on, value, w

MAX_BASES = 10  # styles that a style is based on
MAX_LEVEL = 8
_HEADING = re.compile(r"heading (\d)", re.IGNORECASE)
_NUMBERINGS = {"lowerLetter": "a", "upperLetter": "A", "lowerRoman": "i", "upperRoman": "I"}
_PLAIN_LABEL = re.compile(r"[(\[]?%\d[.)\]:]?\s*")
_ROMANS = ((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"),
           (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))  # fmt: skip


class Styles:
    """The styles by their ids, each with those that it is based on."""

    def __init__(self, styles: etree._Element) -> None:
        self._by_id = {each.get(w("styleId")) or "": each for each in styles.iter(w("style"))}
        self._default = next(
            (
                name
                for name, each in self._by_id.items()
                if each.get(w("type")) == "paragraph" and each.get(w("default")) in {"1", "true"}
            ),
            "",
        )

    def names(self, paragraph: etree._Element) -> list[str]:
        """Return the names of a paragraph's style and of those under it, in lower case."""
        own = value(paragraph.find(w("pPr")), "pStyle")
        if own and own not in self._by_id:  # a name that Word itself knows: Heading1, TOC2
            return [re.sub(r"(?<=[a-z])(?=\d)", " ", own.lower())]
        return [
            (value(each, "name") or each.get(w("styleId")) or "").lower()
            for each in self._chain(own or self._default)
        ]

    def heading(self, paragraph: etree._Element) -> int:
        """Return the level of a heading, or 0."""
        names = self.names(paragraph)
        for name in names:
            if match := _HEADING.match(name):
                return max(1, min(int(match[1]), 6))
        if names and names[0] == "title":
            return 1
        for source in self.sources(paragraph):
            level = value(source, "outlineLvl")
            if level.isdecimal():
                return min(int(level) + 1, 6) if int(level) < 9 else 0
        return 0

    def sources(self, paragraph: etree._Element) -> Iterator[etree._Element]:
        """Yield where properties of a paragraph stand: its own, then those of its styles."""
        own = paragraph.find(w("pPr"))
        if own is not None:
            yield own
        for style in self._chain(value(own, "pStyle") or self._default):
            found = style.find(w("pPr"))
            if found is not None:
                yield found

    def of_run(self, run: etree._Element, paragraph_style: str) -> Iterator[etree._Element]:
        """Yield where properties of a run stand: its own, then those of its styles."""
        own = run.find(w("rPr"))
        if own is not None:
            yield own
        for name in (value(own, "rStyle"), paragraph_style):
            for style in self._chain(name):
                found = style.find(w("rPr"))
                if found is not None:
                    yield found

    def numbering_style(self, name: str) -> etree._Element | None:
        """Return the properties of a style of lists."""
        style = self._by_id.get(name)
        return style.find(w("pPr")) if style is not None else None

    def _chain(self, name: str) -> Iterator[etree._Element]:
        for _ in range(MAX_BASES):
            style = self._by_id.get(name)
            if style is None:
                return
            yield style
            name = value(style, "basedOn")


@dataclass(slots=True)
class _Level:
    kind: str  # of its number: 1, a, A, i, I; empty for a bullet
    label: str  # such as %1.%2
    start: int = 1


@dataclass(slots=True)
class _List:
    key: str  # lists of one key go on counting
    levels: dict[int, _Level] = field(default_factory=dict)
    restarts: dict[int, int] = field(default_factory=dict)
    by_style: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Item:
    """What a paragraph's place in a list is: its depth from 0, its number, how that is written.

    ``label`` is what is written in front where it is more than a number: 2.1, Article 3, § 4.
    """

    level: int
    kind: str
    number: int
    label: str


class Numbering:
    """Counts the paragraphs of a document's lists."""

    def __init__(self, numbering: etree._Element, styles: Styles) -> None:
        self._styles = styles
        self._lists = dict(_lists(numbering, styles))
        self._counters: dict[tuple[str, int], int] = defaultdict(int)
        self._begun: set[tuple[str, int]] = set()

    def item(self, paragraph: etree._Element) -> Item | None:
        """Count a paragraph, if it is one of a list's, and return its place there."""
        number_id, level = self._place(paragraph)
        names = self._styles.names(paragraph)
        name = names[0] if names else ""
        if number_id:
            found = self._lists.get(number_id, _List(number_id))
            if match := re.fullmatch(r"list \w+ (\d)", name):
                level = int(match[1]) - 1  # "List Bullet 2" is a list of its own to Word
        elif name.startswith(("list bullet", "list number")):
            digits = re.sub(r"\D", "", name)
            found, level = _List(name), int(digits) - 1 if digits else 0
            found.levels[level] = _Level("1" if "number" in name else "", "%1.")
            number_id = name
        else:
            return None
        return self._count(number_id, found, max(0, min(level, MAX_LEVEL)))

    def _count(self, number_id: str, found: _List, level: int) -> Item:
        key, own = found.key, found.levels.get(level, _Level("", ""))
        if (number_id, level) not in self._begun:
            self._begun.add((number_id, level))
            if level in found.restarts:
                self._counters[key, level] = found.restarts[level] - 1
        if not self._counters[key, level]:
            self._counters[key, level] = own.start - 1
        for deeper in [each for each in self._counters if each[0] == key and each[1] > level]:
            del self._counters[deeper]
        self._counters[key, level] += 1

        def written(match: re.Match[str]) -> str:
            at = int(match[1]) - 1
            there = found.levels.get(at, _Level("1", ""))
            return as_written(self._counters[key, at] or there.start, there.kind or "1")

        label = ""
        if own.label and own.kind and not _PLAIN_LABEL.fullmatch(own.label):
            label = re.sub(r"%([1-9])", written, own.label).strip()
        elif not own.kind and re.search(r"[^\W\d_]{2}", own.label):
            label = own.label.strip()  # a word instead of a bullet
        return Item(level, own.kind, self._counters[key, level], label)

    def _place(self, paragraph: etree._Element) -> tuple[str, int]:
        style = value(paragraph.find(w("pPr")), "pStyle")
        for source in self._styles.sources(paragraph):
            numbering = source.find(w("numPr"))
            if numbering is None:
                continue
            number_id, level = value(numbering, "numId"), value(numbering, "ilvl")
            if number_id == "0":
                return "", 0
            if number_id:
                by_style = self._lists.get(number_id, _List("")).by_style.get(style, 0)
                return number_id, int(level) if level.isdecimal() else by_style
        return "", 0


def as_written(number: int, kind: str) -> str:
    """Return a number as a list of a kind (1, a, A, i, I) has it."""
    if kind in {"a", "A"} and number > 0:
        written = chr(ord("a") + (number - 1) % 26) * ((number - 1) // 26 % 9 + 1)
    elif kind in {"i", "I"} and 0 < number < 4000:
        written = ""
        for worth, letters in _ROMANS:
            written += letters * (number // worth)
            number %= worth
    else:
        return str(number)
    return written.upper() if kind.isupper() else written


def _lists(numbering: etree._Element, styles: Styles) -> Iterator[tuple[str, _List]]:
    abstracts = {
        each.get(w("abstractNumId")) or "": each for each in numbering.iter(w("abstractNum"))
    }
    numbers = {each.get(w("numId")) or "": each for each in numbering.iter(w("num"))}
    for number_id, number in numbers.items():
        key = value(number, "abstractNumId")
        abstract = abstracts.get(key)
        if abstract is not None and (link := value(abstract, "numStyleLink")):
            style = styles.numbering_style(link)  # its levels stand in another list
            linked = value(style.find(w("numPr")), "numId") if style is not None else ""
            key = value(numbers.get(linked), "abstractNumId") or key
            abstract = abstracts.get(key)
        found = _List(f"abstract {key}")
        sources = [] if abstract is None else list(abstract.iter(w("lvl")))
        for level in [*sources, *number.iter(w("lvl"))]:
            at = level.get(w("ilvl")) or "0"
            if at.isdecimal():
                found.levels[int(at)] = _level(level)
                found.by_style[value(level, "pStyle")] = int(at)
        for override in number.iter(w("lvlOverride")):
            at, start = override.get(w("ilvl")) or "", value(override, "startOverride")
            if at.isdecimal() and start.isdecimal():
                found.restarts[int(at)] = int(start)
        yield number_id, found


def _level(level: etree._Element) -> _Level:
    kind = value(level, "numFmt") or "decimal"
    start = value(level, "start")
    written = "" if kind in {"bullet", "none"} else _NUMBERINGS.get(kind, "1")
    if is_on(level, "isLgl"):
        written = "1"
    return _Level(written, value(level, "lvlText"), int(start) if start.isdecimal() else 1)
