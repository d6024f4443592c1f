"""What style sheets hide, raise and lower, by the cascade as far as it matters, on a screen.

Not by a library that makes XPath of selectors: a page made to harm keeps that busy for hours.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from lxml import etree

from reader.extraction.tree.elements import name_of

MOST_CHARACTERS = 2_000_000  # of style sheets that are looked at
MOST_RULES = 2_000  # that say whether something is shown
MOST_COMPARISONS = 300_000  # of a rule with an element: beyond it nothing more is hidden

_REMARK = re.compile(r"/\*.*?\*/|<!--|-->", re.DOTALL)
WIDTH = 1280  # pixels of the screen: pages hold some things twice, for narrow ones and wide ones
_MEDIA = re.compile(
    r"(?:(?:only\s+)?(?:all|screen))?"
    r"(?:\s*(?:\band\b)?\s*\(\s*(?:min|max)-width\s*:\s*\d+(?:\.\d+)?(?:px|r?em)\s*\))*",
    re.IGNORECASE,
)
_WIDTH_ASKED = re.compile(r"(min|max)-width\s*:\s*(\d+(?:\.\d+)?)(px|r?em)", re.IGNORECASE)
HIDDEN: Final = "hidden"
_DECLARATION = re.compile(
    r"(?:^|[;{\s])(display|visibility|content-visibility|clip|clip-path|left|vertical-align)"
    r"\s*:\s*([^;!}]{1,80})(!\s*important)?",
    re.IGNORECASE,
)
_SHOWN_OR_NOT = {"display", "visibility"}  # of which a later rule may be another
# What is clipped to a point, or set beside the page, is there for screen readers.
_EFFECTS = {
    "display": (("none", HIDDEN),),
    "visibility": (("hidden|collapse", HIDDEN),),
    "content-visibility": (("hidden", HIDDEN),),
    "clip": ((r"rect\(\s*(?:[01](?:px)?[\s,]*){4}\)", HIDDEN),),
    "clip-path": ((r"inset\(\s*(?:50|100)%.*\)", HIDDEN),),
    "left": ((r"-(?:\d{4,}(?:\.\d*)?px|\d{3,}(?:\.\d*)?r?em|999px)", HIDDEN),),
    "vertical-align": (
        (r"super|(?:0?\.[2-9]\d*|1)r?em|[2-9]\d(?:\.\d+)?%|[2-9](?:\.\d+)?p[tx]", "sup"),
        (r"sub|-(?:0?\.[2-9]\d*|1)r?em|-[2-9]\d(?:\.\d+)?%|-[2-9](?:\.\d+)?p[tx]", "sub"),
    ),
}
# One step of a selector: p.note#one. What asks for more than names is left to browsers.
_STEP = re.compile(r"(?:\*|[a-z][\w-]*)?(?:[.#][^\s.#>+~:\[\]*,]+)*", re.IGNORECASE)
_SIGN = re.compile(r"[{};]")
_GROUP = re.compile(r"@(?:layer\b|supports\b(?!\s*not\b))")
DEEPEST, LONGEST_SELECTORS = 6, 2_000  # of rules within rules
_NAME = re.compile(r"([.#])([^.#]+)")


class _Step(NamedTuple):
    tag: str
    classes: frozenset[str]
    ids: frozenset[str]
    is_child: bool = False  # of the step before it

    def fits(self, element: etree._Element) -> bool:
        return (
            (not self.tag or self.tag == name_of(element))
            and (not self.classes or self.classes <= set((element.get("class") or "").split()))
            and (not self.ids or self.ids == {element.get("id")})
        )


class _Rule(NamedTuple):
    weight: tuple[bool, int, int, int, int]  # important, ids, classes, tags, place in the sheets
    steps: tuple[_Step, ...]
    what: str
    effect: str


class Cascade:
    """The rules of some style sheets by which elements are hidden, raised or lowered."""

    def __init__(self, sheets: Iterable[str]) -> None:
        self._by_name: dict[str, list[_Rule]] = defaultdict(list)
        self._ids: set[str | None] = set()  # that some rule names
        self._changing: set[str] = set()  # the names of what some rule has an effect on
        self._meant: dict[str, bool] = {}  # by an element's classes: whether one is among them
        self._comparisons = 0
        for count, rule in enumerate(_rules(sheets)):
            if count >= MOST_RULES:
                break
            last = rule.steps[-1]
            self._ids |= last.ids
            names = [f"#{each}" for each in last.ids] or [f".{each}" for each in last.classes]
            name = (names or [last.tag])[0]
            self._by_name[name].append(rule)
            if rule.effect:
                self._changing.add(name)

    def effects(self, tree: etree._Element) -> list[tuple[etree._Element, str]]:
        """Return the elements that are hidden, raised (sup) or lowered (sub) themselves."""
        self._comparisons = 0
        found: list[tuple[etree._Element, str]] = []
        # Many elements are called alike, and hardly any rule is about them.
        known: dict[tuple[object, str | None, str | None], list[_Rule]] = {}
        for element in self._candidates(tree):
            if self._comparisons >= MOST_COMPARISONS:
                break
            own = element.get("id")
            called = element.tag, element.get("class"), own if own in self._ids else None
            if called not in known:
                known[called] = self._of(element)
            if known[called] and (effect := self._effect(element, known[called])):
                found.append((element, effect))
        return found

    def _candidates(self, tree: etree._Element) -> list[etree._Element]:
        """Return the elements that some rule may be about, by their names alone."""
        if not self._changing:
            return []
        if "" in self._changing:  # of any element
            return list(tree.iter("*"))
        ids = {each[1:] for each in self._changing if each.startswith("#")}
        tags = {each for each in self._changing if each[0] not in ".#"}
        found: list[etree._Element] = []
        meant = self._meant
        if len(tags) < len(self._changing):
            for each in tree.iter("*"):
                if (names := each.get("class")) is not None:
                    if names not in meant:
                        meant[names] = self._is_meant(names)
                    if meant[names]:
                        found.append(each)
                if ids and each.get("id") in ids:
                    found.append(each)
        if tags:  # which the parser finds by itself
            found += tree.iter(*(f"{{*}}{tag}" for tag in tags))
        return list(dict.fromkeys(found))

    def _is_meant(self, classes: str) -> bool:
        return not self._changing.isdisjoint([f".{each}" for each in classes.split()])

    def _effect(self, element: etree._Element, rules: Sequence[_Rule]) -> str:
        self._comparisons += len(rules)
        found: dict[str, _Rule] = {}
        for rule in rules:
            best = found.get(rule.what)
            if (best is None or rule.weight >= best.weight) and self._is_within(
                rule.steps, element
            ):
                found[rule.what] = rule
        for name, value, _ in _DECLARATION.findall(element.get("style") or ""):
            what = name.lower()
            if what in found and not found[what].weight[0]:
                found[what] = found[what]._replace(effect=_effect_of(what, value))
        effects = [rule.effect for rule in found.values() if rule.effect]
        return HIDDEN if HIDDEN in effects else "".join(effects[:1])

    def _of(self, element: etree._Element) -> list[_Rule]:
        """Return the rules that may be about an element as it is called, if one has an effect."""
        names = [f".{each}" for each in set((element.get("class") or "").split())]
        if own := element.get("id"):
            names.append(f"#{own}")
        rules = [
            rule for name in (*names, name_of(element), "") for rule in self._by_name.get(name, ())
        ]
        self._comparisons += len(rules)
        rules = [rule for rule in rules if rule.steps[-1].fits(element)]
        return rules if any(rule.effect for rule in rules) else []

    def _is_within(self, steps: tuple[_Step, ...], element: etree._Element) -> bool:
        """Tell whether the steps before the last, which it fits, lead to an element."""
        at, above = len(steps) - 2, element.getparent()
        while at >= 0 and above is not None and self._comparisons < MOST_COMPARISONS:
            self._comparisons += 1
            if steps[at].fits(above):
                at -= 1
            elif steps[at + 1].is_child:
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
                        what, effect = name.lower(), _effect_of(name, value)
                        if effect or what in _SHOWN_OR_NOT:
                            weight = (bool(important), *_specificity(steps), place)
                            yield _Rule(weight, steps, what, effect)
        left -= len(sheet)
        if left <= 0:
            return


def styled(element: etree._Element) -> str:
    """Return the effect of an element's own ``style``."""
    effects = [
        effect
        for name, value, _ in _DECLARATION.findall(element.get("style") or "")
        if (effect := _effect_of(name, value))
    ]
    return HIDDEN if HIDDEN in effects else "".join(effects[:1])


def _effect_of(name: str, value: str) -> str:
    value = value.strip().lower()
    return next(
        (effect for wanted, effect in _EFFECTS[name.lower()] if re.fullmatch(wanted, value)), ""
    )


def _blocks(sheet: str) -> Iterator[tuple[str, str]]:
    """Yield selectors and declarations; what does not hold on a usual screen is passed over.

    Rules may stand within others, whose selectors they go on.
    """
    around: list[tuple[str | None, list[str]]] = []
    at = 0
    for sign in _SIGN.finditer(sheet):
        said, at = sheet[at : sign.start()], sign.end()
        if sign[0] == "{":
            outer = around[-1][0] if around else ""
            inner = _within(said.strip(), outer) if len(around) < DEEPEST else None
            around.append((inner, []))
            continue
        if around:
            around[-1][1].append(said)
        if sign[0] == "}" and around:
            selectors, declarations = around.pop()
            if selectors:
                yield selectors, ";".join(declarations)


def _within(head: str, outer: str | None) -> str | None:
    """Return the selectors of a block within another; None for what does not hold."""
    if outer is None:
        return None
    lower = head.lower()
    if lower.startswith("@media"):
        return outer if _holds(head[6:]) else None
    if lower.startswith("@"):
        return outer if _GROUP.match(lower) else None
    if not outer:
        return head
    both = [
        one.replace("&", other) if "&" in one else f"{other} {one}"
        for one in head.split(",")
        for other in outer.split(",")
    ]
    made = ",".join(both)
    return made if len(made) <= LONGEST_SELECTORS else None


def _holds(media: str) -> bool:
    """Tell whether rules hold on a usual screen, for what is asked of it."""
    return any(
        _MEDIA.fullmatch(query.strip()) and all(map(_is_so_wide, _WIDTH_ASKED.findall(query)))
        for query in media.split(",")
    )


def _is_so_wide(asked: tuple[str, str, str]) -> bool:
    bound, number, unit = asked
    pixels = float(number) * (1 if unit.lower() == "px" else 16)
    return pixels <= WIDTH if bound.lower() == "min" else pixels >= WIDTH


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
