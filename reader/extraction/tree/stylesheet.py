"""The style sheets of a page, and what they hide, raise and lower of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from lxml import etree

from reader.extraction.drafts import ExtractionError
from reader.extraction.tree.cascade import HIDDEN, Cascade, styled
from reader.extraction.tree.elements import (
    RAISED,
    is_formula,
    is_shown_in_view,
    name_of,
    types_of,
)
from reader.extraction.tree.notes import NOTE

MAX_BYTES = 1_000_000  # of a style sheet
MAX_IMPORTS = 20
# What hides more than this of a page is not meant for whoever reads it so.
MOST_HIDDEN = 0.8
_STYLES = etree.XPath("//@style", smart_strings=False)
_STYLED = etree.XPath("//*[@style]")
_OF_EFFECT = re.compile("vertical-align|clip|left|content-visibility")
LONGEST_SCRIPT = 24  # characters: what is longer is set a little higher, and no exponent
_IMPORT = re.compile(r"@import\s+(?:url\(\s*)?[\"']?([^\"')\s;]+)[^;]*;", re.IGNORECASE)
_OTHER_MEDIA = re.compile(r"print|speech|aural|braille|handheld", re.IGNORECASE)


class Stylesheets:
    """The style sheets of a book's pages; ``load`` returns the text of one by its path."""

    def __init__(self, load: Callable[[str], str]) -> None:
        self._load = load
        self._sheets: dict[str, list[str]] = {}
        self._cascades: dict[tuple[str, ...], Cascade] = {}

    def apply(self, tree: etree._Element, path_of: Callable[[str], str]) -> None:
        """Mark what a page's style sheets hide with the attribute ``hidden``; notes stay.

        What they raise or lower as an index has the attribute ``RAISED``.
        """
        sheets: list[str] = []
        for element in tree.iter("style", "link"):
            if _OTHER_MEDIA.search(element.get("media", "")):
                continue
            if name_of(element) == "style":
                sheets.append((element.text or "")[:MAX_BYTES])
            elif {"stylesheet"} == set(element.get("rel", "").lower().split()):  # no alternate
                sheets += self._linked(path_of(element.get("href", "")))
        effects = self._cascade(tuple(sheets)).effects(tree) if sheets else []
        if any(map(_OF_EFFECT.search, set(_STYLES(tree)))):  # of few pages
            styles = (each for each in _STYLED(tree) if _OF_EFFECT.search(each.get("style", "")))
            effects += [(each, effect) for each in styles if (effect := styled(each))]
        hidden = []
        for element, effect in effects:
            if effect != HIDDEN:
                if len("".join(element.itertext()).strip()) <= LONGEST_SCRIPT:
                    element.set(RAISED, effect)
            elif not (types_of(element) & NOTE or is_formula(element) or is_shown_in_view(element)):
                hidden.append(element)
        if not hidden:
            return
        body = tree.find("body")
        length = len("".join((tree if body is None else body).itertext()))
        if sum(len("".join(each.itertext())) for each in hidden) <= MOST_HIDDEN * length:
            for element in hidden:
                element.set("hidden", "")

    def _cascade(self, sheets: tuple[str, ...]) -> Cascade:
        if sheets not in self._cascades:
            self._cascades = {sheets: Cascade(sheets)}  # a book's pages have mostly the same
        return self._cascades[sheets]

    def _linked(self, path: str, depth: int = 0) -> list[str]:
        if path not in self._sheets:
            self._sheets[path] = []  # a sheet may import itself
            self._sheets[path] = list(self._loaded(path, depth))
        return self._sheets[path]

    def _loaded(self, path: str, depth: int) -> Iterator[str]:
        try:
            text = self._load(path)[:MAX_BYTES]
        except ExtractionError:
            return
        folder = path.rpartition("/")[0]
        for href in _IMPORT.findall(text)[:MAX_IMPORTS] if depth < 3 else ():
            yield from self._linked(f"{folder}/{href}".lstrip("/"), depth + 1)
        yield text
