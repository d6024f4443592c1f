"""The characters of a page, as the library tells of them: their places, sizes and fonts.

Each question costs about a microsecond, so pages are measured by a few characters of each line.
"""

from __future__ import annotations

import ctypes
import re
import sys
from collections.abc import Sequence
from math import atan2, hypot, isfinite, pi
from typing import NamedTuple

import pypdfium2 as pdfium
import pypdfium2.raw as c

from .ligatures import with_ligatures

MOST = 200_000  # characters of one page
BASIC = 0xFFFF  # the last character that is one unit of UTF-16
FIXED_PITCH, FORCE_BOLD = 1, 1 << 18
_QUARTER = pi / 2
# What the library takes for a hyphen keeps two letters of an Arabic or Persian word apart.
_UNJOINED = re.compile("(?<=[\u0600-\u06ff])[\x02\ufffe](?=[\u0600-\u06ff])")
_SQUARE = 0.05  # of a quarter turn: what is nearer to upright is upright


class Box(NamedTuple):
    left: float
    right: float
    bottom: float
    top: float


class Drawn(NamedTuple):
    """How a character is drawn: its size in points, and its quarter turns to the left."""

    size: float
    turns: int  # 0 to 3; SLANTED where it is none of them


SLANTED = 4
_NUMBERED = re.compile("[\x0b\x0c\x0e-\x1f]")  # but for line ends
_MATHS_ITALIC = re.compile(r"(?:^|\+)(?:cmmi|cmmib|lmmi|lmmathit)", re.IGNORECASE)
_GREEK = "αβγδεζηθικλμνξπρστυφχ"  # from 0x0b on


class Characters:
    """The text of a page and what can be asked about each of its characters by its index."""

    def __init__(self, textpage: pdfium.PdfTextPage) -> None:
        self._page = textpage.raw
        self.count = c.FPDFText_CountChars(self._page)
        text, self._places = _text(self._page)
        self._numbers = [ctypes.c_double() for _ in range(4)]
        self._matrix = c.FS_MATRIX()
        self._flags = ctypes.c_int()
        self._name = ctypes.create_string_buffer(128)
        self.text = with_ligatures(self._with_greek(_UNJOINED.sub("\u200c", text)))

    def _with_greek(self, text: str) -> str:
        """Return the letters of TeX's mathematics of which the library tells but their numbers."""
        if not _NUMBERED.search(text):
            return text
        letters = list(text)
        for found in _NUMBERED.finditer(text):
            if _MATHS_ITALIC.search(self.font(found.start())[0]):
                letters[found.start()] = _GREEK[ord(found[0]) - 0x0B]
        return "".join(letters)

    def box(self, index: int) -> Box:
        left, right, bottom, top = self._numbers
        index = self._places[index]
        c.FPDFText_GetCharBox(self._page, index, left, right, bottom, top)
        return Box(_known(left), _known(right), _known(bottom), _known(top))

    def origin(self, index: int) -> tuple[float, float]:
        """Return where a character begins on its baseline."""
        x, y, _, _ = self._numbers
        c.FPDFText_GetCharOrigin(self._page, self._places[index], x, y)
        return _known(x), _known(y)

    def drawn(self, index: int) -> Drawn:
        """Return the size of a character's font as it is scaled, and how it is turned."""
        index = self._places[index]
        size, matrix = c.FPDFText_GetFontSize(self._page, index), self._matrix
        if not c.FPDFText_GetMatrix(self._page, index, matrix):
            return Drawn(abs(size), 0)
        scale = hypot(matrix.c, matrix.d)
        if scale and isfinite(scale):
            size *= scale
        if abs(matrix.b) <= _SQUARE * abs(matrix.a) and matrix.a > 0:
            return Drawn(abs(size), 0)
        if not isfinite(matrix.a + matrix.b):
            return Drawn(abs(size), SLANTED)
        quarters = atan2(matrix.b, matrix.a) / _QUARTER
        turns = round(quarters)
        return Drawn(abs(size), turns % 4 if abs(quarters - turns) < _SQUARE else SLANTED)

    def font(self, index: int) -> tuple[str, int]:
        """Return the name of a character's font, and its flags."""
        index = self._places[index]
        length = c.FPDFText_GetFontInfo(self._page, index, self._name, 128, self._flags)
        name = self._name.raw[: max(0, min(length, 128) - 1)].decode("utf-8", "replace")
        return name, self._flags.value

    def weight(self, index: int) -> int:
        return int(c.FPDFText_GetFontWeight(self._page, self._places[index]))

    def is_of_one_run(self, first: int, last: int) -> bool:
        """Tell whether characters were written by one operation, so all on one baseline."""
        start = self._places[first]
        return bool(c.FPDFText_CountRects(self._page, start, self._places[last] + 1 - start) <= 1)

    def runs(self) -> list[Box]:
        """Return the boxes of what was written by one operation each."""
        left, right, bottom, top = self._numbers
        found = []
        for index in range(c.FPDFText_CountRects(self._page, 0, -1)):
            c.FPDFText_GetRect(self._page, index, left, top, right, bottom)
            found.append(Box(_known(left), _known(right), _known(bottom), _known(top)))
        return found


def _known(number: ctypes.c_double) -> float:
    """Return a place on the page; of a letter that a broken matrix puts nowhere, its corner."""
    return number.value if isfinite(number.value) else 0.0


def _text(page: object) -> tuple[str, Sequence[int]]:
    """Return a page's text, and the library's index of each of its UTF-16 units."""
    count = min(c.FPDFText_CountChars(page), MOST)
    if count <= 0:
        return "", ()
    buffer = (ctypes.c_ushort * (count + 1))()
    length = min(max(c.FPDFText_GetText(page, 0, count, buffer) - 1, 0), count)
    units = bytes(buffer)[: 2 * length].decode("utf-16-le", "surrogatepass")
    if len(units) != length:  # beyond the basic plane: keep a place for each unit
        units = "".join(chr(unit) for unit in buffer[:length])
    if length == count:
        return units, range(count)
    # Characters that their font gives no letter for are not in the text; nor are those beyond the
    # basic plane that come as one, which the library forgets when it counts.
    codes = [c.FPDFText_GetUnicode(page, at) for at in range(count)]
    if BASIC < max(codes) <= sys.maxunicode and sum(0 < code <= BASIC for code in codes) == length:
        return _with_others(units, codes)
    return units, [c.FPDFText_GetCharIndexFromTextIndex(page, at) for at in range(length)]


def _with_others(units: str, codes: Sequence[int]) -> tuple[str, Sequence[int]]:
    """Put the characters beyond the basic plane to their places in a text that lacks them."""
    rest = iter(units)
    made: list[str] = []
    places: list[int] = []
    for at, code in enumerate(codes):
        if code > BASIC:  # as two units
            made += (chr(0xD7C0 + (code >> 10)), chr(0xDC00 + (code & 0x3FF)))
            places += (at, at)
        elif code:
            made.append(next(rest))
            places.append(at)
    return "".join(made), places
