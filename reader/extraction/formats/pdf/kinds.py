"""What each line of a page is by itself: heading, list item, caption, formula, code, text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from reader.extraction.plain.contents import SECTION

from .outline import Outline
from .page.lines import Line
from .page.signs import DIVIDED, END, bare, plain
from .survey import LARGE, Survey

Kind = tuple[str, int, str]  # the kind, a heading's level, a list item's marker

BULLET = re.compile(r"^([•◦‣▪●○■□◆◇►▶➢✓➤∙·⁃–—*\-])\s+(?=\S)")
NUMBER = re.compile(r"^(?:\((?=\w+\)))?(\d{1,3}|[a-z]|[ivx]{1,4})[.)]\s+(?=\S)")
PARTS = re.compile(r"(?:\([a-z]\)\s*){2,}")  # what the parts of a picture are called below them
CAPTION = re.compile(
    r"^(?:(?:fig(?:ure|\.)?|table|tab\.|abb(?:ildung|\.)|tabelle|figura|tabla|tableau|listing"
    r"|algorithm|scheme|plate|chart|box|рис\.?|табл(?:ица|\.)|рисунок)\s*(?:[A-Z]?\d+(?:[.\-]\d+)*"
    r"|(?-i:[IVX]{1,5}))[a-z]?\s*(?:[:.–—|]|(?=(?-i:[A-ZÀ-ÞА-Я])))"
    r"|(?:図|表|图|그림|표)\s*\d+)", re.IGNORECASE,
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
DISPLAY = 4.5  # type sizes: a fraction of sums with their limits is about so high
ROW = 1.8  # type sizes: the distance of a table's rows, groups of which may stand apart a little
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
        for at in range(1, len(lines) - 1):
            if kinds[at][0] != "paragraph":
                continue
            if _is_within_code(lines, kinds, at):
                kinds[at] = "code", 0, ""
            elif _is_within_table(lines, kinds, at):
                kinds[at] = "table", 0, ""
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
        if PARTS.fullmatch(line.text):
            return "figure", 0, ""
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
        # Three letters may be three factors, where type or a sign of mathematics is beside them.
        has_signs = line.has_maths or bool(_SIGN.search(text))
        words = _LONG_WORD if in_formula and has_signs else _LATIN_WORD
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
        # The name of a program in it is set in type of its own, and a note may be behind it.
        if SECTION.match(text) and self._outline.has(bare(line.text), page):
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


def _is_within_code(lines: Sequence[Line], kinds: Sequence[Kind], at: int) -> bool:
    """Tell whether a line between two of a listing ends with a remark in other type."""
    before, line, after = lines[at - 1 : at + 2]
    return (
        kinds[at - 1][0] == kinds[at + 1][0] == "code"
        and abs(line.size - before.size) < 0.1
        and line.left > min(before.left, after.left) - 1
        and all(0.9 < gap / line.size < 1.35
                for gap in (before.bottom - line.bottom, line.bottom - after.bottom))
    )  # fmt: skip


def _is_within_table(lines: Sequence[Line], kinds: Sequence[Kind], at: int) -> bool:
    """Tell whether a short line between two rows of a table is one, which has no gaps."""
    before, line, after = lines[at - 1 : at + 2]
    return (
        kinds[at - 1][0] == kinds[at + 1][0] == "table"
        and len(line.text) <= PROSE
        and abs(line.size - before.size) < 0.1
        and min(abs(line.left - before.left), abs(line.left - after.left)) < 1
        and all(0.9 < gap / line.size < ROW
                for gap in (before.bottom - line.bottom, line.bottom - after.bottom))
    )  # fmt: skip


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
            is_formula = formulas >= 0.5 * len(run) or _is_display(run, kinds[start:at])
            if (not is_formula or _is_scattered(run)) and below < 0.5 * (len(run) - 1):
                yield start, at
        start = at + 1


def _is_display(lines: Sequence[Line], kinds: Sequence[Kind]) -> bool:
    """Tell whether short lines are the parts of one displayed formula: they hardly rise or fall."""
    places = [line.bottom for line in lines]
    is_flat = max(places) - min(places) < DISPLAY * max(line.size for line in lines)
    return is_flat and any(kind == "formula" for kind, _, _ in kinds)


def _is_scattered(lines: Sequence[Line]) -> bool:
    """Tell whether short lines stand up and down the page, further than those of a formula."""
    size = max(line.size for line in lines)
    rises = [(other.bottom - one.bottom) / size for one, other in pairwise(lines)]
    return max(rises) > DISPLAY and sum(abs(rise) > DISPLAY for rise in rises) > 1


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
