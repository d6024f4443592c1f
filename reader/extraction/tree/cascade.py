"""Which elements style sheets hide, by the cascade as far as it matters, on a screen.

Not by a library that makes XPath of selectors: a page made to harm keeps that busy for hours.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from lxml import etree

from reader.extraction.tree.elements import name_of

MOST_CHARACTERS = 2_000_000  # of style sheets that are looked at
MOST_RULES = 2_000  # that say whether something is shown
MOST_COMPARISONS = 300_000  # of a rule with an element: beyond it nothing more is hidden

_REMARK = re.compile(r"/\*.*?\*/|<!--|-->", re.DOTALL)
_SHOWN_MEDIA = re.compile(r"(?:only\s+)?(?:all|screen)?", re.IGNORECASE)
_DECLARATION = re.compile(
    r"(?:^|[;{\s])(display|visibility)\s*:\s*([a-z-]+)\s*(!\s*important)?", re.IGNORECASE
)
_HIDING = {("display", "none"), ("visibility", "hidden"), ("visibility", "collapse")}
# One step of a selector: p.note#one. What asks for more than names is left to browsers.
_STEP = re.compile(r"(?:\*|[a-z][\w-]*)?(?:[.#][^\s.#>+~:\[\]*,]+)*", re.IGNORECASE)
_BRACE = re.compile(r"[{}]")
_CLASSES = etree.XPath("//@class", smart_strings=False)
_IDS = etree.XPath("//@id", smart_strings=False)
_NAME = re.compile(r"([.#])([^.#]+)")


class _Step(NamedTuple):
    tag: str
    classes: frozenset[str]
    ids: frozenset[str]
    is_child: bool = False  # of the step before it

    def fits(self, element: etree._Element) -> bool:
        return (
            (not self.tag or self.tag == name_of(element))
            and self.classes <= set((element.get("class") or "").split())
            and all(element.get("id") == each for each in self.ids)
        )


class _Rule(NamedTuple):
    weight: tuple[bool, int, int, int, int]  # important, ids, classes, tags, place in the sheets
    steps: tuple[_Step, ...]
    what: str
    hides: bool


class Cascade:
    """The rules of some style sheets by which elements are hidden, or shown after all."""

    def __init__(self, sheets: Iterable[str]) -> None:
        self._by_name: dict[str, list[_Rule]] = defaultdict(list)
        self._hiding: set[str] = set()  # the names of what is hidden by some rule
        self._comparisons = 0
        for count, rule in enumerate(_rules(sheets)):
            if count >= MOST_RULES:
                break
            last = rule.steps[-1]
            names = [f"#{each}" for each in last.ids] or [f".{each}" for each in last.classes]
            name = (names or [last.tag])[0]
            self._by_name[name].append(rule)
            if rule.hides:
                self._hiding.add(name)

    def hidden(self, tree: etree._Element) -> list[etree._Element]:
        """Return the elements that are hidden themselves, whatever they are in."""
        self._comparisons = 0
        found: list[etree._Element] = []
        # Many elements are called alike, and hardly any rule is about them.
        known: dict[tuple[object, str | None, str | None], tuple[_Rule, ...]] = {}
        for element in tree.iter("*") if self._may_hide_of(tree) else ():
            if self._comparisons >= MOST_COMPARISONS:
                break
            own = element.get("id")
            called = element.tag, element.get("class"), own if f"#{own}" in self._by_name else None
            if called not in known:
                rules = tuple(self._of(element))
                known[called] = rules if any(rule.hides for rule in rules) else ()
            if known[called] and self._hide(element, known[called]):
                found.append(element)
        return found

    def _may_hide_of(self, tree: etree._Element) -> bool:
        """Tell whether a tree has what some rule hides, without looking at each element."""
        if not self._hiding:
            return False
        names = {f".{each}" for each in " ".join(_CLASSES(tree)).split()}
        names.update(f"#{each}" for each in _IDS(tree))
        return not names.isdisjoint(self._hiding) or any(
            not name or name[0] not in ".#" for name in self._hiding
        )

    def _hide(self, element: etree._Element, rules: Iterable[_Rule]) -> bool:
        found: dict[str, _Rule] = {}
        for rule in rules:
            best = found.get(rule.what)
            if (best is None or rule.weight >= best.weight) and self._fits(rule.steps, element):
                found[rule.what] = rule
        for name, value, _ in _DECLARATION.findall(element.get("style") or ""):
            what = name.lower()
            if what in found and not found[what].weight[0]:
                found[what] = found[what]._replace(hides=(what, value.lower()) in _HIDING)
        return any(rule.hides for rule in found.values())

    def _of(self, element: etree._Element) -> Iterator[_Rule]:
        names = [f".{each}" for each in set((element.get("class") or "").split())]
        if own := element.get("id"):
            names.append(f"#{own}")
        for name in [*names, name_of(element), ""]:
            yield from self._by_name.get(name, ())

    def _fits(self, steps: tuple[_Step, ...], element: etree._Element) -> bool:
        at, above = len(steps) - 1, element
        while at >= 0 and above is not None and self._comparisons < MOST_COMPARISONS:
            self._comparisons += 1
            if steps[at].fits(above):
                at -= 1
            elif at == len(steps) - 1 or steps[at + 1].is_child:
                return False
            above = above.getparent()
        return at < 0


def _rules(sheets: Iterable[str]) -> Iterator[_Rule]:
    left, place = MOST_CHARACTERS, 0
    for sheet in sheets:
        for selectors, declarations in _blocks(_REMARK.sub(" ", sheet[:left])):
            said = _DECLARATION.findall(declarations)
            for selector in selectors.split(",") if said else ():
                if steps := _steps(selector):
                    place += 1
                    for name, value, important in said:
                        what = name.lower()
                        weight = (bool(important), *_specificity(steps), place)
                        yield _Rule(weight, steps, what, (what, value.lower()) in _HIDING)
        left -= len(sheet)
        if left <= 0:
            return


def _blocks(sheet: str) -> Iterator[tuple[str, str]]:
    """Yield selectors and declarations; what holds for print or a width alone is passed over."""
    at = 0
    while (start := sheet.find("{", at)) >= 0:
        head = sheet[at:start].rpartition(";")[2].rpartition("}")[2].strip()
        end = sheet.find("}", start)
        if head.startswith("@"):
            media = head.lower().startswith("@media") and _SHOWN_MEDIA.fullmatch(head[6:].strip())
            at = start + 1 if media else _end_of_block(sheet, start)
            continue
        if end < 0:
            return
        yield head, sheet[start + 1 : end]
        at = end + 1


def _end_of_block(sheet: str, start: int) -> int:
    depth = 0
    for brace in _BRACE.finditer(sheet, start):
        depth += 1 if brace[0] == "{" else -1
        if depth == 0:
            return brace.end()
    return len(sheet)


def _steps(selector: str) -> tuple[_Step, ...]:
    steps: list[_Step] = []
    is_child = False
    for word in selector.replace(">", " > ").split():
        if word == ">":
            is_child = True
            continue
        if not _STEP.fullmatch(word):
            return ()
        names = _NAME.findall(word)
        tag = re.split(r"[.#]", word)[0].lower().strip("*")
        classes = frozenset(name for sign, name in names if sign == ".")
        ids = frozenset(name for sign, name in names if sign == "#")
        steps.append(_Step(tag, classes, ids, is_child))
        is_child = False
    return tuple(steps)


def _specificity(steps: tuple[_Step, ...]) -> tuple[int, int, int]:
    return (
        sum(len(step.ids) for step in steps),
        sum(len(step.classes) for step in steps),
        sum(bool(step.tag) for step in steps),
    )
