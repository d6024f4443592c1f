"""Paragraphs -> blocks: their lines are joined, and divided words put together."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, field

from reader.extraction.drafts import BlockDraft
from reader.extraction.sanitise import draft
from reader.extraction.segmentation import code_pieces, unit_ranges
from reader.extraction.tree.inline import cut, markup

from .kinds import CJK, WORD_END, is_open
from .outline import Outline
from .page.lines import Line
from .page.signs import CAP, CODE, CODE_END, DIVIDED, FORMULA, FORMULA_END, bare, plain, runs
from .survey import HANGUL, Survey

LABEL = re.compile(
    r"(?:chapter|part|appendix|kapitel|teil|anhang|chapitre|partie|annexe|capítulo|parte|глава"
    r"|skyrius|第)\s*(?:\d{1,3}|[ivxlc]{1,7}|[a-z]|one|two|three|four|five|six|seven|eight|nine|ten"
    r"|eleven|twelve)\.?\s*章?", re.IGNORECASE,
)  # fmt: skip
_SPACES = re.compile(r"[^\S\x0e-\x1f]+")  # but not the marks of signs.py
_WORD_START = re.compile(r"[^\W\d_]+")
# An address that goes on in the next line.
_OPEN_ADDRESS = re.compile(r"https?:$|https?://\S*[/.\-_=&?#%~:]$", re.IGNORECASE)
# Letters that are words in some language, and words of English that begin with one of them.
LONE_LETTERS = frozenset("aeioyàèéóùавикосуяі")
BEGINNINGS = {
    *("about", "above", "according", "after", "again", "against", "all", "almost"),
    *("already", "also", "although", "always", "among", "an", "ancient", "and", "another"),
    *("any", "anyone", "are", "as", "at", "away", "ice", "idea", "if", "imagine"),
    *("immediately", "important", "in", "indeed", "inside", "instead", "into", "is", "it"),
    *("its"),
}
JOINED = {"self", "well", "half", "quasi"}  # words that hardly ever begin another without a hyphen
TENS = {"twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"}
ONES = {"one", "two", "three", "four", "five", "six", "seven", "eight", "nine"}
ONES |= {"first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth"}
# Of lists; the letters c, d, l and m are letters there.
ROMAN = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii", "xiii")
_IN_BRACKETS = re.compile(r"^\(\w{1,4}\)\s*")
TABLE_ROWS = 12
LONGEST_KOREAN = 12  # syllables of a word
NEAR_KOREAN = 300  # characters that are looked at
_KOREAN_SPACE = re.compile("(?<=[\uac00-\ud7af]) (?=[\uac00-\ud7af])")


@dataclass(slots=True)
class Paragraph:
    """Lines that belong together."""

    kind: str
    lines: list[Line] = field(default_factory=list)
    level: int = 0
    page: int = 0
    marker: str = ""
    is_full: bool = True  # its last line reaches the margin
    formulas: set[int] = field(default_factory=set)  # which of its lines are displayed formulas
    code: set[int] = field(default_factory=set)  # which are code that is displayed in a sentence

    @property
    def last(self) -> Line:
        return self.lines[-1]

    @property
    def column(self) -> Sequence[Line]:
        """Its lines in the column, or on the page, where it has come to."""
        at = len(self.lines) - 1
        while at and self.lines[at - 1].bottom > self.lines[at].bottom - self.lines[at].size:
            at -= 1
        return self.lines[at:]

    @property
    def formulas_last(self) -> bool:
        return len(self.lines) - 1 in self.formulas

    @property
    def code_last(self) -> bool:
        return len(self.lines) - 1 in self.code

    @property
    def is_unfinished(self) -> bool:
        """Tell whether its last sentence may go on further behind."""
        return is_open(self.last.text)

    def add(self, other: Paragraph) -> None:
        """Go on with the lines of another one; a formula with text behind it is a paragraph."""
        self.formulas.update(number + len(self.lines) for number in other.formulas)
        self.code.update(number + len(self.lines) for number in other.code)
        self.lines += other.lines
        if self.kind == "formula" and other.kind != "formula":
            self.kind = "paragraph"


class Writer:
    """Writes paragraphs down as blocks, in order."""

    def __init__(self, survey: Survey, outline: Outline, language: str) -> None:
        self._survey = survey
        self._outline = outline
        self._language = language
        self._label: Paragraph | None = None  # "Chapter 3", whose name is in the next heading

    def write(self, paragraph: Paragraph) -> Iterator[BlockDraft]:
        """Yield the blocks of a paragraph; a heading that is only a label waits for its name."""
        if self._label and paragraph.kind != "heading":
            label, self._label = self._label, None
            text = self._joined(label.lines)
            tag = f"h{min(label.level + 1, 6)}"
            yield draft("heading", f"<{tag}>{markup(runs(text))}</{tag}>", level=label.level)
        match paragraph.kind:
            case "code":
                yield from self._code(paragraph)
            case "table":
                yield from self._table(paragraph)
            case "heading":
                yield from self._heading(paragraph)
            case _:
                yield from self._text(paragraph)

    def _heading(self, paragraph: Paragraph) -> Iterator[BlockDraft]:
        text = self._joined(paragraph.lines)
        found = self._outline.find(bare(text), paragraph.page)
        if found is None and not self._label and LABEL.fullmatch(text):
            self._label = paragraph
            return
        if self._label:
            text = f"{self._joined(self._label.lines)} {text}"
            paragraph.level = min(paragraph.level, self._label.level)
            self._label = None
        level = min(found[0], 6) if found else paragraph.level
        tag = f"h{min(level + 1, 6)}"
        made = draft("heading", f"<{tag}>{markup(runs(text))}</{tag}>", level=level)
        if found:
            made = made._replace(anchors=(f"page {paragraph.page}: {found[1]}",))
        yield made

    def _text(self, paragraph: Paragraph) -> Iterator[BlockDraft]:
        text = self._joined(paragraph.lines, paragraph.formulas, paragraph.code)
        kind, role = paragraph.kind, ""
        opening, closing = "<p>", "</p>"
        if kind == "list_item":
            if text.startswith("("):
                text = _IN_BRACKETS.sub("", text)
            elif paragraph.marker:
                text = text[len(paragraph.marker) :].lstrip(" .)")
            roman = ROMAN.index(paragraph.marker) + 1 if paragraph.marker in ROMAN else 0
            if roman:
                opening, closing = f'<ol type="i" start="{roman}"><li>', "</li></ol>"
            elif paragraph.marker.isdecimal():
                opening, closing = f'<ol type="1" start="{paragraph.marker}"><li>', "</li></ol>"
            elif paragraph.marker.isalpha():
                number = ord(paragraph.marker[0]) - ord("a") + 1
                opening, closing = f'<ol type="a" start="{number}"><li>', "</li></ol>"
            else:
                opening, closing = "<ul><li>", "</li></ul>"
        elif kind == "note":
            kind, role = "paragraph", ' data-role="note"'
        elif kind == "formula":
            kind, opening = "paragraph", '<p data-role="math">'
            text = text.replace(FORMULA, "").replace(FORMULA_END, "")
        elif kind == "figure":
            opening, closing = "<figure><p>", "</p></figure>"
        elif kind == "caption":
            kind, opening, closing = "figure", "<figure><figcaption>", "</figcaption></figure>"
        pieces = list(runs(text))
        ranges = unit_ranges("".join(piece.text for piece in pieces), self._language)
        for number, unit in enumerate(cut(pieces, ranges)):
            if number and kind == "list_item":
                opening, closing = "<p>", "</p>"
            opened = opening.replace(">", f"{role}>", 1) if role else opening
            yield draft(kind, f"{opened}{markup(unit)}{closing}", level=paragraph.level)

    def _code(self, paragraph: Paragraph) -> Iterator[BlockDraft]:
        left = min(line.left for line in paragraph.lines)
        rows: list[str] = []
        for number, line in enumerate(paragraph.lines):
            columns = round((line.left - left) / (line.size * 0.6)) if line.size else 0
            if number and abs(line.bottom - paragraph.lines[number - 1].bottom) < 0.3 * line.size:
                rows[-1] += " " + plain(line.text)
            else:
                rows.append(" " * min(columns, 60) + plain(line.text).replace(DIVIDED, "-"))
        for piece in code_pieces("\n".join(rows)):
            html = markup(runs(piece)).replace("<br>\n", "\n")
            yield draft("code", f"<pre><code>{html}</code></pre>")

    def _table(self, paragraph: Paragraph) -> Iterator[BlockDraft]:
        if len(paragraph.lines) < 2:
            yield from self._text(_as_kind(paragraph, "paragraph"))
            return
        for first in range(0, len(paragraph.lines), TABLE_ROWS):
            rows = [_row(line) for line in paragraph.lines[first : first + TABLE_ROWS]]
            yield draft("table", f"<table><tbody>{' '.join(rows)}</tbody></table>")

    def _joined(
        self, lines: Sequence[Line], formulas: Container[int] = (), code: Container[int] = ()
    ) -> str:
        """Join lines to running text, divided words put together."""
        text = ""
        for number, line in enumerate(lines):
            piece = _SPACES.sub(" ", line.text)
            if number in formulas:
                if number - 1 in formulas:
                    text = f"{text[:-1]} {piece}{FORMULA_END}"
                else:
                    text += f"{' ' if text else ''}{FORMULA}{piece}{FORMULA_END}"
            elif number in code:
                is_first = number - 1 not in code
                text = f"{text}{CODE}{piece}{CODE_END}" if is_first else _with_row(text, piece)
            elif not text or text.endswith(CODE_END):
                text += piece
            elif text.endswith(DIVIDED) or WORD_END.search(text):
                text = self._undivided(text, piece)
            elif HANGUL.match(text[-1]) and HANGUL.match(piece):
                text += self._between_syllables(text, piece) + piece
            elif (CJK.match(text[-1]) and CJK.match(piece)) or _OPEN_ADDRESS.search(text):
                text += piece
            else:
                text += " " + piece
        return _whole(self._with_cap(text) if CAP in text else text)

    def _with_cap(self, text: str) -> str:
        """Put the large letter that a text begins with to its word, unless it is one itself."""
        head, _, tail = text.partition(CAP)
        rest = _WORD_START.match(tail)
        if not rest or head[-1:].lower() not in LONE_LETTERS:
            return head + tail
        whole, alone = (head[-1] + rest[0]).lower(), rest[0].lower()
        if whole in self._survey.words or whole in BEGINNINGS:
            return head + tail
        is_english = self._language.startswith("en") and head[-1:] in "AI"
        is_word = alone in self._survey.words or (is_english and len(alone) > 1)
        return f"{head} {tail}" if is_word else head + tail

    def _between_syllables(self, text: str, piece: str) -> str:
        """Return the space between two lines of Korean, whose words may be divided anywhere."""
        head, tail = text.rpartition(" ")[2], piece.partition(" ")[0]
        one, other = (_WORD_START.match(part) for part in (head, tail))
        if one and other and one[0] + other[0] in self._survey.words:
            return ""
        # Some files have hardly any spaces.
        around = text[-NEAR_KOREAN:] + piece
        spaces = len(_KOREAN_SPACE.findall(around))
        return " " if spaces * LONGEST_KOREAN >= len(HANGUL.findall(around)) else ""

    def _undivided(self, text: str, piece: str) -> str:
        """Put a divided word together; a hyphen stays where the file has the word so."""
        head = WORD_END.search(text)
        tail = _WORD_START.match(piece)
        stem = text[:-1]
        if not head or not tail:
            return f"{stem}-{piece}" if not text.endswith("\u00ad") else stem + piece
        one, other = head[1].lower(), tail[0].lower()
        words = self._survey.words
        if one + other in words:
            return stem + piece
        if f"{one}-{other}" in words or not tail[0][0].islower():
            return f"{stem}-{piece}"
        if (one in JOINED and other in words) or (one in TENS and other in ONES):
            return f"{stem}-{piece}"
        if text.endswith((DIVIDED, "\u00ad")):
            return stem + piece
        # Two words of the file, such as "well-known", were joined by a hyphen before.
        if one in words and other in words and len(one) > 3 and len(other) > 3:
            return f"{stem}-{piece}"
        return stem + piece


def _as_kind(paragraph: Paragraph, kind: str) -> Paragraph:
    return Paragraph(kind, paragraph.lines, paragraph.level, paragraph.page)


def _row(line: Line) -> str:
    cells = line.cells or ((line.left, line.right, line.text),)
    return f"<tr>{' '.join(f'<td>{markup(runs(_whole(text)))}</td>' for _, _, text in cells)}</tr>"


def _with_row(text: str, row: str) -> str:
    """Add a row to the code that a text ends with."""
    return f"{text[:-1]}\n{row}{CODE_END}"


def _whole(text: str) -> str:
    return text.replace(DIVIDED, "-")
