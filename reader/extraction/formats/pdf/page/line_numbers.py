"""Numbers of lines, which manuscripts and editions have beside each line, or each fifth."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from statistics import median
from typing import NamedTuple

from .characters import Characters
from .pieces import Piece, split_at

LEAST, LEAST_FIFTHS = 8, 3
GAP = 0.8  # sizes between a number and its line
ALIGNED = 2.5  # points
INSIDE = 0.35  # of the lines, which begin in the middle of a sentence
_BEFORE = re.compile(r"\s*(\d{1,4})(?:\s+|$)")
_BEHIND = re.compile(r"(?<=\s)(\d{1,4})\s*$")


class _Numbered(NamedTuple):
    number: int
    piece: Piece
    left: float
    right: float
    edge: float  # between it and its line; 0 if that is another piece
    is_behind: bool = False  # its line, at the right margin


def without_line_numbers(characters: Characters, pieces: Sequence[Piece]) -> list[Piece]:
    """Return the pieces of a page without the numbers of its lines; the same if it has none."""
    pieces = list(pieces)
    numbers: dict[int, _Numbered] = {}
    for look, at in ((_before, slice(0, 1)), (_behind, slice(-1, None))):
        if sum(piece.text[at].isdigit() for piece in pieces) >= LEAST_FIFTHS:
            found = [each for piece in pieces if (each := look(characters, piece))]
            numbers = numbers or {id(each.piece): each for each in _of_lines(found, pieces)}
    if not numbers:
        return pieces
    kept: list[Piece] = []
    for piece in pieces:
        if id(piece) not in numbers:
            kept.append(piece)
        elif edge := numbers[id(piece)].edge:
            parts = split_at(characters, piece, edge)
            if len(parts) > 1:
                parts.pop(-1 if numbers[id(piece)].is_behind else 0)
            kept += parts
    return kept


def _before(characters: Characters, piece: Piece) -> _Numbered | None:
    """Return the number that a piece begins with, or that it is."""
    raw = characters.text[piece.first : piece.last + 1]
    match = _BEFORE.match(raw) if piece.turns == 0 else None
    if not match:
        return None
    right = characters.box(piece.first + match.end(1) - 1).right
    edge = characters.origin(piece.first + match.end())[0] - 0.5 if match.end() < len(raw) else 0.0
    if edge and edge - right < GAP * piece.size:
        return None
    return _Numbered(int(match[1]), piece, piece.left, right, edge)


def _behind(characters: Characters, piece: Piece) -> _Numbered | None:
    """Return the number that a piece ends with."""
    raw = characters.text[piece.first : piece.last + 1]
    match = _BEHIND.search(raw) if piece.turns == 0 else None
    if not match:
        return None
    left = characters.origin(piece.first + match.start(1))[0]
    before = characters.box(piece.first + len(raw[: match.start(1)].rstrip()) - 1).right
    if left - before < GAP * piece.size:
        return None
    return _Numbered(int(match[1]), piece, left, piece.right, left - 0.5, is_behind=True)


def _of_lines(found: Sequence[_Numbered], pieces: Sequence[Piece]) -> list[_Numbered]:
    """Return the numbers that go down the page beside its lines."""
    for step, least in ((1, LEAST), (5, LEAST_FIFTHS)):
        chain = _chain(found, step)
        if len(chain) < least or not _is_aligned(chain):
            continue
        lines = [_line_of(each, pieces) for each in chain]
        if step == 1:
            inside = sum(map(_starts_inside, lines))
            if all(lines) and inside >= INSIDE * len(lines):
                return chain
        elif (
            all(lines)
            and all(each.number % 5 == 0 for each in chain)
            and _is_each_fifth(chain, pieces)
        ):
            return chain
    return []


def _chain(found: Sequence[_Numbered], step: int) -> list[_Numbered]:
    """Return the longest run of numbers each of which is larger by a step, and further down."""
    best: list[_Numbered] = []
    run: list[_Numbered] = []
    for each in found:
        goes_on = run and each.number == run[-1].number + step
        is_below = run and each.piece.baseline < run[-1].piece.baseline - 1
        run = [*run, each] if goes_on and is_below else [each]
        best = max(best, run, key=len)
    return best


def _is_aligned(chain: Sequence[_Numbered]) -> bool:
    edges = ([each.left for each in chain], [each.right for each in chain])
    return any(max(each) - min(each) <= ALIGNED for each in edges)


def _line_of(numbered: _Numbered, pieces: Sequence[Piece]) -> str:
    """Return the text of the line that a number is beside."""
    if numbered.edge:
        return (_BEHIND if numbered.is_behind else _BEFORE).sub("", numbered.piece.text, count=1)
    beside = (
        piece.text
        for piece in pieces
        if piece is not numbered.piece
        and abs(piece.baseline - numbered.piece.baseline) < 2
        and (piece.left > numbered.right + GAP * piece.size or piece.right < numbered.left)
    )
    return next(beside, "")


def _starts_inside(line: str) -> bool:
    """Tell whether a line begins in the middle of a sentence, as far as its letters tell."""
    first = next(filter(str.isalnum, line), "")
    return first.islower() or first.lower() == first.upper()


def _is_each_fifth(chain: Sequence[_Numbered], pieces: Sequence[Piece]) -> bool:
    rows = sorted({round(piece.baseline) for piece in pieces}, reverse=True)
    pitch = median([one - other for one, other in pairwise(rows) if one - other > 4] or [0])
    drops = [one.piece.baseline - other.piece.baseline for one, other in pairwise(chain)]
    return bool(pitch) and all(4.4 < drop / pitch < 5.6 for drop in drops)
