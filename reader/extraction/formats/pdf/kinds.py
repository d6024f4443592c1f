"""What each line of a page is by itself: heading, list item, caption, formula, code, text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from .outline import SECTION, Outline
from .page.lines import Line
from .page.signs import DIVIDED, END, bare, plain
from .survey import LARGE, Survey

Kind = tuple[str, int, str]  # the kind, a heading's level, a list item's marker

BULLET = re.compile(r"^([•◦‣▪●○■□◆◇►▶➢✓➤∙·⁃–—*\-])\s+(?=\S)")
NUMBER = re.compile(r"^(?:\((?=\w+\)))?(\d{1,3}|[a-z]|[ivx]{1,4})[.)]\s+(?=\S)")
CAPTION = re.compile(
    r"^(?:(?:fig(?:ure|\.)?|table|tab\.|abb(?:ildung|\.)|tabelle|figura|tabla|tableau|listing"
    r"|algorithm|scheme|plate|chart|box|рис\.?|табл(?:ица|\.)|рисунок)\s*(?:[A-Z]?\d+(?:[.\-]\d+)*"
    r"|[IVX]{1,5})[a-z]?\s*(?:[:.–—|]|(?=[A-Z]))|(?:図|表|图|그림|표)\s*\d+)", re.IGNORECASE,
)  # fmt: skip
ENDS = re.compile("[.!?…。！？:;؟؛।॥][\"'’”»›)\\]]*$")
WORD_END = re.compile(r"([^\W\d_]+)[-\u2010\u00ad\x02]$")
CJK = re.compile("[\u3000-\u30ff\u3400-\u9fff\uac00-\ud7af\uff00-\uffef]")
# Letters that are not told small from capital: nothing in them tells the start of a sentence.
CASELESS = re.compile("[\u0590-\u08ff\u0900-\u0eff\u3000-\u30ff\u3400-\u9fff\uac00-\ud7af]")
# Parts of papers and books that have no number
_NAMED = re.compile(
    r"(?:abstract|summary|introduction|conclusions?|references|bibliography|acknowledge?ments?|index"
    r"|keywords|contents|zusammenfassung|inhalt(?:sverzeichnis)?|literatur(?:verzeichnis)?|résumé"
    r"|danksagung|sommaire|bibliographie|remerciements|resumen|índice|referencias|bibliografía"
    r"|agradecimientos|riassunto|sommario|bibliografia|resumo|referências|аннотация|литература)\W?",
    re.IGNORECASE,
)
_LATIN_WORD, _LONG_WORD = re.compile(r"[^\W\d_]{3,}"), re.compile(r"[^\W\d_]{4,}")
# A displayed formula: signs of mathematics, and hardly a word of prose.
_SIGN = re.compile(r"[=<>≤≥≈≡∼≃≅≠±∓×÷∑∏∫∮∂∇√∞∈∉⊂⊆∪∩∀∃→↦⇒⇔∝⟨⟩‖∧∨⊗⊕+−|/^]|[\uf8e5-\uf8ff]")
_FUNCTION = re.compile(
    r"\b(?:sin|cos|tan|cot|sec|csc|sinh|cosh|tanh|arcsin|arccos|arctan|log|exp|lim|max|min|sup|inf"
    r"|det|dim|ker|deg|gcd|mod|arg|argmin|argmax|diag|var|cov|for|and|with|all|Pr|tr|rank|sgn)\b"
)
_EQUATION_NUMBER = re.compile(r"\(?[A-Z]?\.?\d{1,3}(?:\.\d{1,3})*[a-z]?'?\)")
_NUMBERED = re.compile(r"\s+\([A-Z]?\.?\d{1,3}(?:\.\d{1,3})*[a-z]?'?\)$")

# What a picture's labels look like, each by itself.
LABELS = frozenset({"paragraph", "formula", "table", "list_item"})
LONGEST_LABEL, LEAST_LABELS = 24, 4
RUNNING = frozenset({"paragraph", "list_item"})
SMALL = 0.92
PROSE = 45  # characters: shorter lines may be a list's
SHORT_HEADING = 200  # characters


def ends(text: str) -> bool:
    """Tell whether a line ends with the end of a sentence, or of a part of one."""
    if text.endswith(END):
        text = bare(text).rstrip()
    if text.endswith(")"):
        text = _NUMBERED.sub("", text)
    return bool(ENDS.search(text[-8:]))


def is_open(text: str) -> bool:
    """Tell whether a line's sentence goes on behind it."""
    return not ends(text)


def starts_small(text: str) -> bool:
    """Tell whether a line begins inside of a sentence."""
    first = next(filter(str.isalnum, plain(text)), "")
    return first.islower()


def goes_on_in_words(before: str, after: str) -> bool:
    """Tell whether two lines are one sentence by how the one ends and the other begins."""
    if before.endswith(DIVIDED) or WORD_END.search(before):
        return True
    if ends(before):
        return False
    before, after = plain(before).rstrip(), plain(after).lstrip()
    first = next((ch for ch in after if ch.isalnum()), "")
    if not first:
        return False
    return first.islower() or bool(CASELESS.match(first)) or before.endswith((",", "(", "–", "—"))


class Kinds:
    """Tells kinds of lines, by what holds for the whole file."""

    def __init__(self, survey: Survey, outline: Outline) -> None:
        self._survey = survey
        self._outline = outline

    def of(self, lines: Sequence[Line], page: int, left_of: Callable[[Line], float]) -> list[Kind]:
        """Return the kind of each line of a page."""
        kinds = list(self._each(lines, page, left_of))
        for at, line in enumerate(lines):
            # A line of prose may have a gap where a sign is that its font does not tell.
            around = {kind for kind, _, _ in (*kinds[max(0, at - 1) : at], *kinds[at + 1 : at + 2])}
            if kinds[at][0] == "table" and "table" not in around and len(line.text) > PROSE:
                kinds[at] = "paragraph", 0, ""
        for start, end in _labels(lines, kinds):
            kinds[start:end] = [("figure", 0, "")] * (end - start)
        return kinds

    def _each(
        self, lines: Sequence[Line], page: int, left_of: Callable[[Line], float]
    ) -> Iterator[Kind]:
        in_formula = False
        for line in lines:
            kind = self._kind(line, page)
            if kind[0] in {"paragraph", "table", "heading"}:
                in_formula = self._is_formula(line, left_of, in_formula=in_formula)
                if in_formula:
                    kind = "formula", 0, ""
            else:
                in_formula = False
            yield kind

    def _kind(self, line: Line, page: int) -> Kind:
        if self._is_heading(line, page):
            return "heading", self._level(line), ""
        if line.is_mono and not line.is_marginal:
            return "code", 0, ""
        if len(line.cells) > 2 or (
            len(line.cells) == 2 and not BULLET.match(line.text) and not NUMBER.match(line.text)
        ):
            return "table", 0, ""
        if CAPTION.match(line.text):
            return "caption", 0, ""
        if match := BULLET.match(line.text) or NUMBER.match(line.text):
            return "list_item", 1, match[1]
        return "paragraph", 0, ""

    def _is_formula(
        self, line: Line, left_of: Callable[[Line], float], *, in_formula: bool
    ) -> bool:
        """Tell whether a line is part of a displayed formula."""
        text = plain(line.text)
        is_set_apart = line.left - left_of(line) > 0.9 * line.size
        if not in_formula and not line.has_maths and not is_set_apart:
            return False
        # Three letters may be three factors, where type of mathematics is beside them.
        words = _LONG_WORD if in_formula and line.has_maths else _LATIN_WORD
        prose = sum(map(len, words.findall(_FUNCTION.sub("", text))))
        letters = sum(map(str.isalnum, text))
        if len(text) > 160 or prose > 0.34 * max(letters, 1):
            return False
        if in_formula and not prose:
            return True
        if in_formula and _EQUATION_NUMBER.fullmatch(text):
            return True
        if not line.has_maths and not (_SIGN.search(text) and is_set_apart):
            return False
        return prose < 0.25 * max(letters, 1) and (is_set_apart or not prose)

    def _is_heading(self, line: Line, page: int) -> bool:
        text = plain(line.text)
        if not any(map(str.isalnum, text)) or len(text) > SHORT_HEADING:
            return False
        is_bold = line.is_bold and self._survey.bold_tells
        stands_out = line.size > self._survey.body_size * LARGE or is_bold
        if stands_out and self._outline.may_begin(text, page):
            return True
        if line.size > self._survey.text_size * 1.15 and not line.is_mono:
            return not line.cells or len(line.cells) == 2
        if not is_bold or line.is_mono:
            return False
        if _NAMED.fullmatch(text):
            return True
        is_short = len(text) < SHORT_HEADING / 2
        return is_short and bool(SECTION.match(text)) and not ENDS.search(text)

    def _level(self, line: Line) -> int:
        for level, size in enumerate(self._survey.heading_sizes, 1):
            if line.size >= size - 0.5:
                return min(level, 6)
        return min(len(self._survey.heading_sizes) + 1, 6)


def _labels(lines: Sequence[Line], kinds: Sequence[Kind]) -> Iterator[tuple[int, int]]:
    """Yield runs of lines that are a picture's labels: short ones that stand here and there."""
    start = 0
    for at in range(len(lines) + 1):
        if at < len(lines) and kinds[at][0] in LABELS and _is_short(lines[at]):
            continue
        if at - start >= LEAST_LABELS:
            run = lines[start:at]
            formulas = sum(line.has_maths for line in run)
            below = sum(_is_below(one, other) for one, other in pairwise(run))
            if formulas < 0.5 * len(run) and below < 0.5 * (len(run) - 1):
                yield start, at
        start = at + 1


def _is_short(line: Line) -> bool:
    text = plain(line.text)
    return len(text) <= LONGEST_LABEL and text.count(" ") < 4


def _is_below(one: Line, other: Line) -> bool:
    """Tell whether a line stands where the next line of a text, a title or a list does."""
    drop = (one.bottom - other.bottom) / max(one.size, other.size)
    is_aligned = (
        abs(one.left - other.left) < 2 * other.size
        or abs(one.left + one.right - other.left - other.right) < 6
    )
    return is_aligned and 0.7 < drop < 3
