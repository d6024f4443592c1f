"""A page of a PDF -> its lines in the order of reading, and what stands across them."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field, replace

import pypdfium2 as pdfium

from .characters import SLANTED, Characters
from .columns import in_columns
from .drawn import Box, pictures_on
from .line_numbers import without_line_numbers
from .lines import Line, rows_of, with_margin
from .pieces import Piece, pieces_of
from .signs import plain

MANY = 20  # characters of a page that has text
# Turned text that is so long is a table set sideways rather than a stamp or a label.
MUCH_TURNED, TURNED_ROWS = 400, 4
LEFTWARDS = re.compile("[\u0590-\u08ff]")
LEFTWARDS_SHARE = 0.4  # of a page's characters


@dataclass(slots=True)
class Page:
    """A page's lines in the order of reading, and what stands across them."""

    height: float = 0.0
    lines: list[Line] = field(default_factory=list)
    turned: list[str] = field(default_factory=list)  # texts of labels and stamps
    is_mute: bool = False  # it has characters, and no letter for any of them
    has_line_numbers: bool = False  # which were taken out
    pictures: tuple[Box, ...] = ()  # of a page with little text

    @property
    def text(self) -> str:
        """All that is set like prose."""
        return "\n".join(line.text for line in self.lines if not line.is_mono)


def page_of(page: pdfium.PdfPage) -> Page:
    """Take the lines from a page, in the order of the file unless that goes over columns."""
    width, height = page.get_size()
    textpage = page.get_textpage()
    try:
        characters = Characters(textpage)
        if not characters.text.strip():
            return Page(height, is_mute=characters.count >= MANY)
        found = list(pieces_of(characters))
        pieces = without_line_numbers(characters, found)
        has_numbers = pieces != found
        amounts: Counter[int] = Counter()
        for piece in pieces:
            amounts[piece.turns] += len(piece.text)
        if set(amounts) <= {0}:
            lines = rows_of(in_columns(characters, with_margin(characters, pieces)))
            upright = _mirrored(lines, width)
            pictures = pictures_on(page, lines) if upright is lines else ()
            return Page(height, upright, has_line_numbers=has_numbers, pictures=pictures)
        return _with_turned(pieces, amounts, width, height)
    finally:
        textpage.close()


def _mirrored(lines: list[Line], width: float) -> list[Line]:
    """Turn a page that is written from right to left around, so that lines begin at the left."""
    letters = leftwards = 0
    for line in lines:
        if not line.text.isascii():
            leftwards += len(LEFTWARDS.findall(line.text))
        letters += len(line.text)
    if leftwards < LEFTWARDS_SHARE * letters:
        return lines
    return [
        replace(
            line,
            left=width - line.right,
            right=width - line.left,
            cells=tuple(
                (width - right, width - left, text) for left, right, text in line.cells[::-1]
            ),
        )
        for line in lines
    ]


def _with_turned(
    pieces: list[Piece], amounts: Counter[int], width: float, height: float
) -> Page:  # fmt: skip
    """Return a page on which some text is turned; what is long is read as it stands."""
    main = max(amounts, key=lambda turns: (turns != SLANTED, amounts[turns]))
    made = Page(width if main in {1, 3} else height)
    order = sorted(amounts, key=lambda turns: turns != main)
    for turns in order:
        # Turned text is measured from the corner where it begins.
        upright = [_moved(piece, width, height) for piece in pieces if piece.turns == turns]
        lines = rows_of(upright)
        if turns == main or (amounts[turns] >= MUCH_TURNED and len(lines) >= TURNED_ROWS):
            made.lines += lines
        else:
            made.turned += (plain(line.text) for line in lines)
    return made


def _moved(piece: Piece, width: float, height: float) -> Piece:
    across = {2: width, 3: height}.get(piece.turns, 0.0)
    up = {1: width, 2: height}.get(piece.turns, 0.0)
    return replace(
        piece, left=piece.left + across, right=piece.right + across, baseline=piece.baseline + up
    )
