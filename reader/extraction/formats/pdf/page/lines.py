"""Pieces of text -> lines: those that stand on one row are put together.

The library ends a line at each change of baseline, so at each index and power.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from .accents import NO_SPACE
from .characters import Characters
from .pieces import Piece, split_at
from .raised import SHIFT, SMALL
from .signs import ACCENT, CAP, END, LOWERED, RAISED, composed, plain

# Type of these many sizes' height reaches from the baseline into the rows around.
REACH, SAME_ROW = 0.8, 0.16
NEAR = 2.5  # sizes between two parts of a row
SPACE = 0.12
RAISED_SPACE = 0.25  # what is raised or lowered belongs to what it stands beside
PROSE, LEAST_LONG = 45, 8  # characters of a line of text, and how many such lines show its edge
SENTENCE_ENDS = ".!?:;…。"


@dataclass(frozen=True, slots=True)
class Line:
    """Text on one baseline. Coordinates are in points, from the page's lower left corner."""

    text: str  # with the marks of signs.py
    left: float
    bottom: float  # the baseline
    right: float
    size: float
    is_bold: bool = False
    is_mono: bool = False
    has_maths: bool = False
    is_marginal: bool = False  # it stands beside the text
    opens_apart: bool = False  # its first word is set in other type, as a name is
    # Where it falls into parts: their left and right edges, their texts.
    cells: tuple[tuple[float, float, str], ...] = ()

    @property
    def top(self) -> float:
        return self.bottom + 0.75 * self.size


def _margin(pieces: Sequence[Piece]) -> float:
    """Return the left edge of the text, if all of it is in one column; else 0."""
    long = [piece for piece in pieces if len(piece.text) >= PROSE and not piece.is_mono]
    if len(long) < LEAST_LONG:
        return 0.0
    left, _ = Counter(round(piece.left) for piece in long).most_common(1)[0]
    # What begins further left may have a note of the margin before it.
    within = sum(
        piece.left - left <= 3 * piece.size and (piece.left >= left - 2 or not piece.is_one_run)
        for piece in long
    )
    return left if within >= 0.85 * len(long) else 0.0


def with_margin(characters: Characters, pieces: list[Piece]) -> list[Piece]:
    """Part notes of the margin from the lines beside them."""
    if not (margin := _margin(pieces)):
        return pieces
    parted: list[Piece] = []
    for piece in pieces:
        crosses = piece.left < margin - 3 and piece.right > margin + 3 and not piece.is_one_run
        parted += split_at(characters, piece, margin - 1) if crosses else [piece]
    return parted


def _is_marginal(piece: Piece | Line, margin: float) -> bool:
    return piece.right < margin - 3 and len(piece.text) < PROSE


def _interrupts(row: Sequence[Piece], piece: Piece, lines: Sequence[Line], margin: float) -> bool:
    """Tell whether what stands beside the text goes before the middle of a sentence."""
    if _is_marginal(piece, margin) or not all(_is_marginal(each, margin) for each in row):
        return False
    before = next((line for line in reversed(lines) if not line.is_marginal), None)
    if before is None or before.is_mono or piece.is_mono or not before.text:
        return False
    is_next = 0 < before.bottom - piece.baseline < 2 * piece.size
    return is_next and len(before.text) >= PROSE and before.text[-1] not in SENTENCE_ENDS


def rows_of(pieces: Sequence[Piece]) -> list[Line]:
    """Return the lines that pieces in order of reading make."""
    lines: list[Line] = []
    row: list[Piece] = []
    margin = _margin(pieces)

    def flush() -> None:
        line = _line(row)
        lines.append(replace(line, is_marginal=True) if _is_marginal(line, margin) else line)

    accent: Piece | None = None
    for piece in pieces:
        if ACCENT.fullmatch(piece.text):  # drawn over the letter that comes next
            accent = piece
            continue
        if accent and abs(accent.left - piece.left) < piece.size:
            first = piece.text[:1]
            piece.text = (composed(accent.text, first) or first) + piece.text[1:]
            if row and piece.left - row[-1].right < NO_SPACE * piece.size:
                piece.spaced = False  # it was seen around the accent
        accent = None
        if row and (not _joins(row, piece) or _interrupts(row, piece, lines, margin)):
            flush()
            row = []
        row.append(piece)
    if row:
        flush()
    return _with_drop_caps(lines)


def _with_drop_caps(lines: list[Line]) -> list[Line]:
    """Put the large letter that a text begins with, which is several rows high, to its word."""
    made: list[Line] = []
    for line in lines:
        cap = made[-1] if made else None
        if cap and _is_drop_cap(cap, line):
            made[-1] = replace(line, text=cap.text + CAP + line.text)
        else:
            made.append(line)
    return made


def _is_drop_cap(cap: Line, line: Line) -> bool:
    text = cap.text.strip("“\"'«‘„¿¡")
    return (
        0 < len(text) <= 2
        and text[0].isupper()
        and cap.size > 1.7 * line.size
        and -0.3 * line.size <= line.left - cap.right <= 1.5 * line.size
        and cap.bottom - 0.3 * cap.size < line.bottom < cap.bottom + 0.9 * cap.size
        and line.text[:1].isalpha()
    )


def _base(row: Sequence[Piece]) -> Piece:
    """Return the piece on whose baseline a row stands."""
    if len(row) == 1:
        return row[0]
    largest = max(piece.size for piece in row)
    return max(
        (piece for piece in row if piece.size >= SMALL * largest), key=lambda each: len(each.text)
    )


def _joins(row: Sequence[Piece], piece: Piece) -> bool:
    """Tell whether a piece goes on in a row: on its baseline, or raised or lowered beside it."""
    base, last = _base(row), row[-1]
    size = max(base.size, piece.size)
    rise = piece.baseline - base.baseline
    gap = piece.left - max(each.right for each in row)
    is_small = min(base.size, piece.size) < SMALL * size
    if abs(rise) <= SAME_ROW * size:
        if is_small and max(len(base.text), len(piece.text)) < 3 and size > 2 * min(
            base.size, piece.size
        ):  # fmt: skip
            return False  # a drop cap
        return -0.8 * size <= gap <= NEAR * size
    if is_small and size > 1.8 * min(base.size, piece.size):
        return False
    is_short = len(piece.text) <= 3 or len(base.text) <= 2
    if not is_small and not (is_short and abs(rise) <= 0.5 * size):
        return False
    if abs(rise) > REACH * size:
        return False
    # Indices and powers may stand one above the other.
    is_stacked = last is not base and last.size < SMALL * size and piece.size < SMALL * size
    after = last.left if is_stacked else last.right
    return piece.left >= after - 0.4 * size and gap <= 0.8 * size


def _line(row: Sequence[Piece]) -> Line:
    base = _base(row)
    if len(row) == 1:
        text, cells = base.text, base.cells
    else:
        text, cells = _together(row, base), _cells(row)
    return Line(
        text=text,
        left=min(piece.left for piece in row),
        bottom=base.baseline,
        right=max(piece.right for piece in row),
        size=base.size,
        is_bold=base.is_bold,
        is_mono=base.is_mono and all(piece.is_mono or len(piece.text) < 3 for piece in row),
        has_maths=any(piece.is_maths for piece in row),
        opens_apart=row[0].opens_apart,
        cells=cells if len(cells) > 1 else (),
    )


def _together(row: Sequence[Piece], base: Piece) -> str:
    text, right = "", row[0].left
    for piece in row:
        rise = piece.baseline - base.baseline
        gap = piece.left - right
        is_apart = piece.spaced or gap > SPACE * base.size
        if abs(rise) > SHIFT * base.size and piece.size < SMALL * base.size:
            role = RAISED if rise > 0 else LOWERED
            if text.endswith(END) and role == _last_role(text) and not is_apart:
                text = text[:-1] + plain(piece.text) + END
            else:
                space = " " if is_apart and text and gap > RAISED_SPACE * base.size else ""
                text += f"{space}{role}{plain(piece.text)}{END}"
        else:
            if piece.text.startswith((RAISED, LOWERED)):
                is_apart = is_apart and gap > RAISED_SPACE * base.size
            text += (" " if is_apart and text and not text.endswith(" ") else "") + piece.text
        right = max(right, piece.right)
    return text


def _last_role(text: str) -> str:
    return max((RAISED, LOWERED), key=text.rfind)


def _cells(row: Sequence[Piece]) -> tuple[tuple[float, float, str], ...]:
    """Return the parts of a row, if one of its pieces falls into some."""
    if not any(piece.cells for piece in row):
        return ()
    cells: list[tuple[float, float, str]] = []
    for piece in row:
        own = piece.cells or ((piece.left, piece.right, piece.text),)
        if cells and own[0][0] - cells[-1][1] < NEAR * piece.size:
            left, _, text = cells.pop()
            space = " " if piece.spaced else ""
            cells.append((left, own[0][1], f"{text}{space}{own[0][2]}"))
            own = own[1:]
        cells += own
    return tuple(cells)
