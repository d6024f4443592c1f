"""What a style sheet hides: ``display: none`` and the like, by the cascade as far as it matters."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from cssselect import HTMLTranslator, SelectorError, parse
from lxml import etree

from reader.extraction.drafts import ExtractionError
from reader.extraction.tree.elements import NOTE, name_of, types_of

MAX_BYTES = 1_000_000  # of a style sheet
MAX_RULES = 300  # that show or hide
MAX_SELECTOR = 200  # characters
MAX_IMPORTS = 20
# What hides more than this of a page is not meant for whoever reads it so.
MOST_HIDDEN = 0.8
HIDES = re.compile(r"display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)", re.IGNORECASE)
SHOWS = re.compile(r"display\s*:\s*(?!none)\w|visibility\s*:\s*visible", re.IGNORECASE)
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_IMPORT = re.compile(r"@import\s+(?:url\(\s*)?[\"']?([^\"')\s;]+)[^;]*;", re.IGNORECASE)
_MEDIA = re.compile(r"@media\s+(?:only\s+)?(?:all|screen)\b(?![^{]*\bprint\b)", re.IGNORECASE)


class Rule(NamedTuple):
    """A selector that shows or hides, as XPath."""

    weight: tuple[bool, int, int, int]  # said to be important, then its specificity
    path: str
    hides: bool


class Stylesheets:
    """The style sheets of a book's pages; ``load`` returns the text of one by its path."""

    def __init__(self, load: Callable[[str], str]) -> None:
        self._load = load
        self._rules: dict[str, list[Rule]] = {}

    def hide(self, tree: etree._Element, path_of: Callable[[str], str]) -> None:
        """Mark what a page's style sheets hide with the attribute ``hidden``; notes stay."""
        rules: list[Rule] = []
        for element in tree.iter("style", "link"):
            if name_of(element) == "style":
                rules += _rules_of(element.text or "")
            elif {"stylesheet"} == set(element.get("rel", "").lower().split()):  # no alternate
                rules += self._linked(path_of(element.get("href", "")))
        if not any(rule.hides for rule in rules):
            return
        hidden = [each for each in _hidden_by(rules, tree) if not types_of(each) & NOTE]
        body = tree.find("body")
        length = len("".join((tree if body is None else body).itertext()))
        if sum(len("".join(each.itertext())) for each in hidden) <= MOST_HIDDEN * length:
            for element in hidden:
                element.set("hidden", "")

    def _linked(self, path: str, depth: int = 0) -> list[Rule]:
        if path not in self._rules:
            self._rules[path] = []  # a sheet may import itself
            try:
                text = self._load(path)
            except ExtractionError:
                text = ""
            rules: list[Rule] = []
            for href in _IMPORT.findall(text[:MAX_BYTES])[:MAX_IMPORTS]:
                folder = path.rpartition("/")[0]
                if depth < 3:
                    rules += self._linked(f"{folder}/{href}".lstrip("/"), depth + 1)
            self._rules[path] = rules + _rules_of(text)
        return self._rules[path]


def _hidden_by(rules: list[Rule], tree: etree._Element) -> list[etree._Element]:
    decided: dict[etree._Element, tuple[tuple[bool, int, int, int], bool]] = {}
    for rule in rules[:MAX_RULES]:
        for element in tree.xpath(rule.path):
            if element not in decided or decided[element][0] <= rule.weight:
                decided[element] = rule.weight, rule.hides
    return [element for element, (_, hides) in decided.items() if hides]


def _rules_of(text: str) -> list[Rule]:
    if not HIDES.search(text[:MAX_BYTES]):
        return []
    rules: list[Rule] = []
    for selectors, declarations in _blocks(_COMMENT.sub("", text[:MAX_BYTES])):
        hides, shows = HIDES.search(declarations), SHOWS.search(declarations)
        if (hides or shows) and len(selectors) <= MAX_SELECTOR:
            is_important = "!important" in declarations.replace(" ", "").lower()
            rules += _compiled(selectors, is_important, bool(hides))
        if len(rules) > MAX_RULES:
            break
    return rules


def _blocks(text: str) -> Iterator[tuple[str, str]]:
    """Yield selectors and declarations; of blocks with a condition only those for a screen."""
    at = 0
    while (opening := text.find("{", at)) >= 0:
        prelude = text[at:opening].rpartition(";")[2].strip()
        closing = text.find("}", opening)
        if closing < 0:
            return
        if prelude.startswith("@"):
            if _MEDIA.match(prelude):
                at = opening + 1
                continue
            closing = _end_of(text, opening)
        else:
            yield prelude.strip("} \n\t\r"), text[opening + 1 : closing]
        at = closing + 1


def _end_of(text: str, opening: int) -> int:
    """Return where a block with blocks in it ends."""
    depth = 0
    for found in re.finditer("[{}]", text[opening:]):
        depth += 1 if found[0] == "{" else -1
        if depth == 0:
            return opening + found.start()
    return len(text)


def _compiled(selectors: str, is_important: bool, hides: bool) -> Iterator[Rule]:
    try:
        parsed = parse(selectors)
        for selector in parsed:
            if selector.pseudo_element is None:
                path = HTMLTranslator().selector_to_xpath(selector)
                yield Rule((is_important, *selector.specificity()), path, hides)
    except (SelectorError, RecursionError):
        return  # what it cannot understand it does not apply
