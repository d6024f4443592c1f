"""Columns that a file has row by row: their pieces are parted at the gutter and put in order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from statistics import median

from .characters import Box, Characters
from .pieces import Piece, split_at

MOST_COLUMNS = 4
LEAST_ROWS = 8
ALIGNED = 2.0  # points
GUTTER = 5.0
PROSE = 18  # characters of a column's usual line, at the least; cells of tables are shorter


def in_columns(characters: Characters, pieces: list[Piece]) -> list[Piece]:
    """Return pieces in order of reading."""
    if len(pieces) < LEAST_ROWS:
        return pieces
    left = min(piece.left for piece in pieces)
    width = max(piece.right for piece in pieces) - left
    wide = [
        piece
        for piece in pieces
        if not piece.is_one_run and piece.right - piece.left > 0.45 * width
    ]
    if len(wide) < LEAST_ROWS:
        return pieces
    runs = characters.runs()
    edges: list[float] = []
    for _ in range(MOST_COLUMNS - 1):
        edge = _edge(runs, pieces, [left, *edges, left + width])
        if not edge:
            break
        parted: list[Piece] = []
        for piece in pieces:
            crosses = piece.left < edge - GUTTER and piece.right > edge + GUTTER
            crosses = crosses and not piece.is_one_run
            parted += split_at(characters, piece, edge - ALIGNED) if crosses else [piece]
        if not _is_prose(parted, edge, left):
            break
        pieces = parted
        edges = sorted([*edges, edge])
    return _by_column(pieces, edges) if edges else pieces


def _edge(runs: Sequence[Box], pieces: Sequence[Piece], known: Sequence[float]) -> float:
    """Return where many runs begin, and over which hardly any goes: a column's left edge."""
    least, most = known[0], known[-1]
    starts: Counter[int] = Counter()
    for run in runs:
        if all(abs(run.left - edge) > 0.12 * (most - least) for edge in known):
            starts[round(run.left)] += 1
    for at, _ in starts.most_common(3):
        count = starts[at - 1] + starts[at] + starts[at + 1]
        if count < LEAST_ROWS:
            return 0.0
        begin = [run.left for run in runs if abs(run.left - at) <= ALIGNED]
        edge = min(begin)
        over = sum(run.left < edge - GUTTER and run.right > edge + 1 for run in runs)
        rows = [
            piece
            for piece in pieces
            if piece.left < edge - GUTTER and piece.right > edge + GUTTER and piece.turns == 0
        ]
        # Each row goes over the gutter as the library sees it, no run does.
        if over <= 0.25 * len(rows) and len(rows) - over >= LEAST_ROWS:
            return edge
    return 0.0


def _is_prose(pieces: Sequence[Piece], edge: float, left: float) -> bool:
    """Tell whether what lies on both sides of an edge are columns rather than cells of a table."""
    before = [p for p in pieces if p.right <= edge + 1 and p.left < edge - GUTTER]
    behind = [p for p in pieces if p.left >= edge - ALIGNED]
    if min(len(before), len(behind)) < LEAST_ROWS:
        return False
    right = max(p.right for p in before)
    if edge - right < 0 or edge - median(p.right for p in before) > 0.55 * (edge - left):
        return False
    return min(median(len(p.text) for p in side) for side in (before, behind)) >= PROSE


def _by_column(pieces: Sequence[Piece], edges: Sequence[float]) -> list[Piece]:
    ordered: list[Piece] = []
    columns: list[list[Piece]] = [[] for _ in range(len(edges) + 1)]
    for piece in pieces:
        column = sum(piece.left >= edge - ALIGNED for edge in edges)
        if column < len(edges) and piece.right > edges[column] + GUTTER:  # across the columns
            ordered += (each for column_ in columns for each in column_)
            columns = [[] for _ in columns]
            ordered.append(piece)
        else:
            columns[column].append(piece)
    return [*ordered, *(each for column_ in columns for each in column_)]
