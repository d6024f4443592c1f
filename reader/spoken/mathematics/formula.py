"""A formula of presentation MathML in words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from lxml import etree

from ..numbers.vocabulary import Vocabulary, vocabulary
from .symbols import ACCENTS, BIG, BINARY, FENCES, LIMITS, OPERATORS, ROOTS, letter_name

DEEPEST = 60  # elements in elements
MOST = 3_000  # elements

_ROWS = {"math", "mrow", "mstyle", "mpadded", "menclose", "merror", "mtd", "body", "html"}
_FIRST = {"semantics", "maction"}
_SILENT = {"mphantom", "mspace", "annotation", "annotation-xml", "none", "mprescripts"}
_FUNCTIONS = re.compile(r"[fghFGHPEOouvφψΦΨΓζ]")
_PRIMES = {*"′'″‴"}
_POWERS = {"T": "transpose", "⊤": "transpose", "*": "star", "∗": "star", "†": "dagger",
           "∘": "degrees", "°": "degrees", "+": "plus", "-": "minus"}  # fmt: skip


@lru_cache(maxsize=500)
def formula_said(markup: str, language: str) -> str:
    """Return the words of MathML; empty where it cannot be said."""
    parser = etree.HTMLParser(no_network=True, remove_comments=True, encoding="utf-8")
    try:
        tree = etree.fromstring(markup.encode("utf-8", "replace"), parser)
    except (etree.XMLSyntaxError, ValueError):
        return ""
    math = next((each for each in tree.iter() if each.tag == "math"), None)
    if math is None or sum(1 for _ in math.iter()) > MOST or _depth(math) > DEEPEST:
        return ""
    words = vocabulary(language)
    try:
        said = _Reader(words, english=language.lower().partition("-")[0] == "en").say(math)
    except RecursionError:  # functions of functions
        return ""
    said = re.sub(r" (?=[,;.)²³⁰¹⁴-⁹^′″])|(?<=\() ", "", " ".join(said.split()))
    return said.rstrip(",;: ")


def _depth(element: etree._Element) -> int:
    deepest = 0
    for each in element.iter():
        if len(each) == 0:
            deepest = max(deepest, sum(1 for _ in each.iterancestors()))
    return deepest


class _Reader:
    def __init__(self, words: Vocabulary | None, *, english: bool) -> None:
        self._words = words
        self._english = english

    def say(self, element: etree._Element) -> str:
        """Return the words of an element."""
        name = str(element.tag)
        inner = list(element)
        if name in _SILENT:
            return ""
        if name in _ROWS:
            return self._row(inner) if inner else self._token(element)
        if name in _FIRST:
            return self.say(inner[0]) if inner else ""
        if name == "mtable":
            return self._table(element)
        spoken = getattr(self, f"_{name}", None)
        if spoken and inner:
            return str(spoken(inner, element))
        if inner:
            return self._row(inner)
        return self._token(element)

    # --- tokens and rows ---

    def _token(self, element: etree._Element) -> str:
        text = _text(element)
        if element.tag in {"mtext", "ms"}:
            return text
        if not self._english:
            return self._character(text)
        if element.tag == "mi" and text in BIG:
            return letter_name(text) if len(text) == 1 else text
        if text in BIG:
            return BIG[text] + " of"
        if text in OPERATORS:
            return OPERATORS[text]
        if len(text) == 1:
            return letter_name(text)
        return re.sub(r"[\u0370-\u03ff]", lambda found: f" {letter_name(found[0])} ", text)

    def _character(self, text: str) -> str:
        if text == "-":
            return self._words.minus if self._words else "−"
        if text == "+" and self._words:
            return self._words.plus
        return "" if text in {"\u2061", "\u2062", "\u2063", "\u2064"} else text

    def _row(self, elements: Sequence[etree._Element]) -> str:
        elements = _flat(elements)
        if not self._english:
            return " ".join(filter(None, map(self.say, elements)))
        pairs = _pairs(elements)
        said: list[str] = []
        at = 0
        while at < len(elements):
            words = ""
            if close := pairs.get(at, 0):
                words = self._fenced(elements, at, close)
            said.append(words or self._placed(elements, at))
            at = close + 1 if words else at + 1
        return " ".join(filter(None, said))

    def _placed(self, elements: Sequence[etree._Element], at: int) -> str:
        """Return the words of an element that depend on what stands beside it."""
        element = elements[at]
        is_last = at + 1 == len(elements)
        if element.tag in {"mfrac", "msqrt", "mroot"}:
            return self._bounded(element, is_last=is_last)
        text = _text(element) if len(element) == 0 else ""
        if text == "\u2061" and at and not is_last:
            applied = _is_function(elements[at - 1]) and _text(elements[at + 1])[:1] != "("
            return "of" if applied else ""
        if text == "{" and at + 2 == len(elements):
            return "cases:"
        if text in {"·", "⋅"} and at and _text(elements[at - 1]) == "∇":
            return "dot"
        return self.say(element)

    def _fenced(self, elements: Sequence[etree._Element], at: int, close: int) -> str:
        """Return the words of what stands in fences, where these need not be named."""
        fence, inside = _text(elements[at]), elements[at + 1 : close]
        before = elements[at - 1] if at else None
        if before is not None and _text(before) == "\u2061" and at > 1:
            before = elements[at - 2]
        end = elements[close]
        behind = self._scripts_of(end) if len(end) else ""
        if fence == "(" and before is not None and _is_function(before) and inside:
            return f"of {self._row(inside).replace('vertical bar', 'given')} {behind}"
        if len(inside) == 1 and inside[0].tag == "mtable":
            rows = _rows(inside[0])
            kind = "determinant of the" if fence == "|" else ""
            size = f"{len(rows)} by {max(map(len, rows), default=0)}"
            return f"the {kind} {size} matrix: {self._table(inside[0])}; {behind}"
        if len(inside) == 1 and inside[0].tag == "mfrac" and _is_binomial(inside[0]):
            return f"{self.say(inside[0])} {behind}"
        if fence in {"|", "‖"} and inside:
            kind = "absolute value" if fence == "|" else "norm"
            return f"the {kind} of {self._row(inside)} {behind}"
        return ""

    def _table(self, table: etree._Element) -> str:
        rows = [", ".join(filter(None, (self.say(cell) for cell in row))) for row in _rows(table)]
        aligned = any(_text(cell)[:1] in BINARY for row in _rows(table) for cell in row[1:])
        if aligned:  # equations below each other
            rows = [" ".join(filter(None, map(self.say, row))) for row in _rows(table)]
        return "; ".join(filter(None, rows))

    # --- fractions, roots and scripts ---

    def _bounded(self, element: etree._Element, *, is_last: bool) -> str:
        """Return a fraction or root, with where it begins and ends if that is not plain."""
        said = self.say(element)
        inner = list(element)
        if element.tag == "mfrac" and not _is_binomial(element):
            if any(map(_is_sum, inner)):
                said = f"the fraction {said}"
            if len(inner) == 2 and _is_sum(inner[1]) and not is_last:
                said += ", end of fraction,"
        elif any(map(_is_sum, [element, *inner])) and not is_last:
            said += ", end of root,"
        return said

    def _mfrac(self, inner: Sequence[etree._Element], element: etree._Element) -> str:
        above, below = self._each(inner, 2)
        if _is_binomial(element):
            return f"{above} choose {below}" if self._english else f"({above} {below})"
        if self._words:
            return f"{above} {self._words.over} {below}"
        return f"{_held(inner[0], above)}/{_held(inner[1], below)}" if len(inner) > 1 else above

    def _msqrt(self, inner: Sequence[etree._Element], _: etree._Element) -> str:
        said = self._row(inner)
        return f"the square root of {said}" if self._english else f"√({said})"

    def _mroot(self, inner: Sequence[etree._Element], _: etree._Element) -> str:
        under, degree = self._each(inner, 2)
        if not self._english:
            return f"{degree}√({under})"
        return f"the {ROOTS.get(degree, f'{degree}th')} root of {under}"

    def _msup(self, inner: Sequence[etree._Element], element: etree._Element) -> str:
        base, over = self._each(inner, 2)
        if self._is_big(inner[0]):
            return self._big(inner[0], "", over)
        return f"{base} {self._scripts_of(element)}"

    def _scripts_of(self, element: etree._Element) -> str:
        """Return what is said behind a base: its index and its power."""
        inner = list(element)
        low = self.say(inner[1]) if element.tag in {"msub", "msubsup"} and len(inner) > 1 else ""
        high = inner[-1] if element.tag in {"msup", "msubsup"} and len(inner) > 1 else None
        index = f"sub {low}" if low and self._english else low
        return f"{index} {self._power(high) if high is not None else ''}"

    def _power(self, element: etree._Element) -> str:
        text = "".join(element.itertext()).strip().translate(_MINUS)
        if text and set(text) <= _PRIMES:
            if not self._english:
                return text
            count = sum({"″": 2, "‴": 3}.get(mark, 1) for mark in text)
            return {1: "prime", 2: "double prime"}.get(count, "triple prime")
        if self._english and text in _POWERS:
            return _POWERS[text]
        said = " ".join(self.say(element).split())
        if self._words:
            return self._words.raised_to(said)
        return said.translate(_HIGH) if said in "0123456789" else f"^{_held(element, said)}"

    def _msub(self, inner: Sequence[etree._Element], element: etree._Element) -> str:
        base, low = self._each(inner, 2)
        if self._is_big(inner[0]):
            return self._big(inner[0], low, "")
        if self._english and _text(inner[0]) in {"log", "lg"}:
            return f"log base {low} of"
        return f"{base} {self._scripts_of(element)}"

    def _msubsup(self, inner: Sequence[etree._Element], element: etree._Element) -> str:
        base, low, high = self._each(inner, 3)
        if self._is_big(inner[0]):
            return self._big(inner[0], low, high)
        return f"{base} {self._scripts_of(element)}"

    def _munder(self, inner: Sequence[etree._Element], _: etree._Element) -> str:
        base, low = self._each(inner, 2)
        if self._is_big(inner[0]):
            return self._big(inner[0], low, "")
        if _text(inner[-1]) in {"_", "¯", "⏟", "\u0332"}:
            return base
        return f"{base} with {low} below" if self._english else f"{base} {low}"

    def _mover(self, inner: Sequence[etree._Element], _: etree._Element) -> str:
        base, high = self._each(inner, 2)
        mark = _text(inner[-1])
        if self._is_big(inner[0]):
            return self._big(inner[0], "", high)
        if mark in {"⏞", "︷"}:
            return base
        if not self._english:
            return base if mark in ACCENTS else f"{base} {high}"
        if mark in ACCENTS:
            accent = ACCENTS[mark]
            return f"vector {base}" if accent == "vector" else f"{base} {accent}"
        return f"{base} with {high} above"

    def _munderover(self, inner: Sequence[etree._Element], _: etree._Element) -> str:
        base, low, high = self._each(inner, 3)
        if self._is_big(inner[0]):
            return self._big(inner[0], low, high)
        return f"{base} with {low} below and {high} above" if self._english else base

    def _mmultiscripts(self, inner: Sequence[etree._Element], _: etree._Element) -> str:
        names = [each.tag for each in inner]
        split = names.index("mprescripts") if "mprescripts" in names else len(inner)
        behind = [self.say(each) for each in inner[1:split]]
        before = [self.say(each) for each in inner[split + 1 :]]
        # They come in pairs, the lower one first; the upper one is said first.
        front = " ".join(filter(None, before[::-1]))
        return f"{front} {self.say(inner[0])} {' '.join(filter(None, behind))}"

    # --- sums, integrals, limits ---

    def _is_big(self, element: etree._Element) -> bool:
        text = _text(element)
        return element.tag in {"mo", "mi"} and (text in BIG or text in LIMITS)

    def _big(self, element: etree._Element, low: str, high: str) -> str:
        text = _text(element)
        if not self._english:
            return f"{text} {low} {high}"
        name = BIG.get(text) or OPERATORS.get(text, text)
        if text in LIMITS:
            reached = re.sub(r"\bto\b", "approaches", low) if text.startswith("lim") else low
            joint = "as" if text.startswith("lim") else "over"
            return f"{name} {joint} {reached} of" if low else f"{name} of"
        if low and high:
            return f"{name} from {low} to {high} of"
        return f"{name} over {low} of" if low else f"{name} to {high} of"

    def _each(self, inner: Sequence[etree._Element], count: int) -> list[str]:
        """Return the words of so many elements; what is missing says nothing."""
        said = [" ".join(self.say(each).split()) for each in inner[:count]]
        return said + [""] * (count - len(said))


_HIGH = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_MINUS = str.maketrans({"−": "-", "–": "-", "‐": "-"})


def _text(element: etree._Element) -> str:
    """Return an element's characters; letters of mathematical alphabets as those of the usual."""
    text = " ".join("".join(element.itertext()).split()).translate(_MINUS)
    if text in OPERATORS or text in ACCENTS or text in BIG:
        return text
    return unicodedata.normalize("NFKC", text).translate(_MINUS).strip()


def _flat(elements: Sequence[etree._Element]) -> list[etree._Element]:
    """Return what is in a row, and in rows in it."""
    flat: list[etree._Element] = []
    for each in elements:
        if each.tag in {"mrow", "mstyle", "mpadded"} and len(each):
            flat += _flat(list(each))
        else:
            flat.append(each)
    return flat


def _is_function(element: etree._Element) -> bool:
    """Tell whether what follows in parentheses is probably what a function is of."""
    inner = list(element)
    if element.tag in {"msup", "msub", "msubsup"} and inner:
        return _is_function(inner[0])
    return element.tag == "mi" and bool(_FUNCTIONS.fullmatch(_text(element)))


def _pairs(elements: Sequence[etree._Element]) -> dict[int, int]:
    """Return where each fence of a row closes that is opened in it."""
    pairs: dict[int, int] = {}
    open_: list[tuple[int, str]] = []  # where, and what closes it
    for at, element in enumerate(elements):
        scripted = element.tag in {"msup", "msub", "msubsup"} and len(element)
        inner = element[0] if scripted else element
        text = _text(inner) if inner.tag == "mo" and len(inner) == 0 else ""
        closed = text in FENCES.values() and _last(open_, text)
        if closed:
            pairs[open_[-closed][0]] = at
            del open_[-closed:]
        elif text in FENCES and not scripted:
            open_.append((at, FENCES[text]))
    return pairs


def _last(open_: Sequence[tuple[int, str]], fence: str) -> int:
    """Return how many fences from the end the one stands that is closed; bars may stay open."""
    for number, (_, close) in enumerate(reversed(open_), 1):
        if close == fence:
            return number
        if close not in {"|", "‖"}:
            return 0
    return 0


def _rows(table: etree._Element) -> list[list[etree._Element]]:
    return [list(row) for row in table if row.tag in {"mtr", "mlabeledtr"}]


def _is_binomial(element: etree._Element) -> bool:
    return bool(re.fullmatch(r"0(?:\.0*)?(?:[a-z]*)", element.get("linethickness", "1")))


def _is_sum(element: etree._Element) -> bool:
    """Tell whether there is an operator between two terms."""
    flat = _flat(list(element))
    return any(each.tag == "mo" and _text(each) in BINARY for each in flat[1:])


def _held(element: etree._Element, said: str) -> str:
    return f"({said})" if len(_flat([element])) > 1 else said
