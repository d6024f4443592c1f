"""A page of a PDF -> its lines of text: where each is, how large, in what type."""

from __future__ import annotations

import ctypes
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from statistics import median

import pypdfium2 as pdfium
import pypdfium2.raw as c

# What the library puts where a hyphen at a line's end divides a word.
DIVIDED = "\x02"
FIXED_PITCH, FORCE_BOLD = 1, 1 << 18
MONO = re.compile(r"mono|courier|consol|typewriter|cmtt|nimbusmon|menlo|fixed|sftt", re.IGNORECASE)
BOLD = re.compile(r"bold|black|heavy|semibold|cmbx|sfbx|-medi|demi", re.IGNORECASE)
BOLD_WEIGHT = 600
# A gap of so many times the type size within a line parts columns or cells.
WIDE_GAP = 1.6
# Digits right after a word or its punctuation: the mark of a note, if they are smaller or higher.
_MARK = re.compile(r"(?<=[^\W\d_]|[.,;:!?)\]”’»])\d{1,3}(?![\w.])")
SMALL_MARK, RISE = 0.85, 0.12
SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
MAX_CHARACTERS = 200_000  # of one page
# A divided word has no line end after its hyphen.
_BREAK = re.compile("(?<=[\x02\ufffe])|[\r\n]+")
# TeX's opening quotation mark, drawn with an accent that belongs to no letter.
_LONE_ACCENT = re.compile(r"(?:(?<=\s)|^)[\u0300\u0301]\s?")


@dataclass(frozen=True, slots=True)
class Line:
    """Text on one baseline. Coordinates are in points, from the page's lower left corner."""

    text: str
    left: float
    bottom: float
    right: float
    top: float
    size: float
    is_bold: bool = False
    is_mono: bool = False
    cells: tuple[tuple[float, str], ...] = ()  # where it falls into parts: their left edges, texts
    first: int = 0  # index of its first character on the page

    @property
    def height(self) -> float:
        return self.top - self.bottom


def lines_of(page: pdfium.PdfPage) -> list[Line]:
    """Return a page's lines in the order of the file, which mostly is that of reading."""
    textpage = page.get_textpage()
    try:
        return list(_lines(textpage.raw))
    finally:
        textpage.close()


def _lines(textpage: object) -> Iterator[Line]:
    count = min(c.FPDFText_CountChars(textpage), MAX_CHARACTERS)
    if count <= 0:
        return
    buffer = (ctypes.c_ushort * (count + 1))()
    c.FPDFText_GetText(textpage, 0, count, buffer)
    # Indices of the library count code units of UTF-16, as this does.
    units = bytes(buffer)[: 2 * count].decode("utf-16-le", "surrogatepass")
    if len(units) != count:  # beyond the basic plane: keep a place for each unit
        units = "".join(chr(unit) for unit in buffer[:count])
    start = 0
    for piece in _BREAK.split(units):
        at = units.index(piece, start) if piece else start
        start = at + len(piece)
        if piece.strip():
            line = _line(textpage, piece, at)
            if line:
                yield line


def _line(textpage: object, piece: str, at: int) -> Line | None:
    """Measure a line by a few of its characters: each question to the library costs."""
    shown = [i for i, ch in enumerate(piece) if not ch.isspace()]
    first, last = at + shown[0], at + shown[-1]
    text = piece[shown[0] : shown[-1] + 1]
    boxes = [_box(textpage, index) for index in (first, last)]
    middle = at + shown[len(shown) // 2]
    sizes = [_size(textpage, index) for index in dict.fromkeys((first, middle, last))]
    size = median(sizes)
    left, right = min(box[0] for box in boxes), max(box[1] for box in boxes)
    bottom = min(box[2] for box in boxes)
    if not size or right - left < 0:
        return None
    fonts = [_font(textpage, index) for index in dict.fromkeys((middle, first, last))]
    name, flags = fonts[0]
    weight = c.FPDFText_GetFontWeight(textpage, middle)
    cells: tuple[tuple[float, str], ...] = ()
    if " " in text and (right - left) > 0.62 * size * len(text):
        cells = tuple(_cells(textpage, piece, at, size))
    if _MARK.search(text):
        text = _raised(textpage, text, first, size)
    return Line(
        text=_readable(text),
        left=left,
        bottom=bottom,
        right=right,
        top=bottom + size,
        size=round(size, 1),
        is_bold=bool(flags & FORCE_BOLD) or weight >= BOLD_WEIGHT or bool(BOLD.search(name)),
        # All of it: a line of prose may end with a command.
        is_mono=all(flag & FIXED_PITCH or MONO.search(font) for font, flag in fonts),
        cells=cells if len(cells) > 1 else (),
        first=first,
    )


def _raised(textpage: object, text: str, first: int, size: float) -> str:
    """Return a line with the marks of its notes, which are set small, as superscript digits."""
    for mark in reversed(list(_MARK.finditer(text))):
        at = first + mark.start()
        rise = _baseline(textpage, at) - _baseline(textpage, at - 1)
        if _size(textpage, at) < SMALL_MARK * size or rise > RISE * size:
            raised = mark[0].translate(SUPERSCRIPTS)
            text = text[: mark.start()] + raised + text[mark.end() :]
    return text


def _cells(textpage: object, piece: str, at: int, size: float) -> Iterator[tuple[float, str]]:
    """Yield the parts of a line that wide gaps lie between."""
    part, left, edge = "", 0.0, None
    for word in re.finditer(r"\S+", piece):
        start = _box(textpage, at + word.start())
        end = _box(textpage, at + word.end() - 1)
        if edge is not None and start[0] - edge > WIDE_GAP * size:
            yield left, _readable(part)
            part = ""
        if not part:
            left = start[0]
        part += (" " if part else "") + word[0]
        edge = end[1]
    if part:
        yield left, _readable(part)


def split(line: Line, edge: float) -> list[Line]:
    """Return a line's parts on either side of an edge; the line itself if it has none."""
    sides: list[list[tuple[float, str]]] = [[], []]
    for left, text in line.cells:
        sides[left >= edge].append((left, text))
    if not all(sides):
        return [line]
    return [
        replace(
            line,
            text=" ".join(text for _, text in side),
            left=side[0][0],
            right=min(line.right, edge) if number == 0 else line.right,
            cells=tuple(side) if len(side) > 1 else (),
        )
        for number, side in enumerate(sides)
    ]


def _box(textpage: object, index: int) -> tuple[float, float, float, float]:
    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    c.FPDFText_GetCharBox(textpage, index, left, right, bottom, top)
    return left.value, right.value, bottom.value, top.value


def _baseline(textpage: object, index: int) -> float:
    x, y = ctypes.c_double(), ctypes.c_double()
    c.FPDFText_GetCharOrigin(textpage, index, x, y)
    return y.value


def _size(textpage: object, index: int) -> float:
    """Return the size at which a character is drawn: that of its font, and as it is scaled."""
    size = c.FPDFText_GetFontSize(textpage, index)
    matrix = c.FS_MATRIX()
    if c.FPDFText_GetMatrix(textpage, index, matrix):
        scale = (matrix.c**2 + matrix.d**2) ** 0.5
        if scale:
            size *= scale
    return float(abs(size))


def _font(textpage: object, index: int) -> tuple[str, int]:
    flags = ctypes.c_int()
    buffer = ctypes.create_string_buffer(128)
    length = c.FPDFText_GetFontInfo(textpage, index, buffer, 128, flags)
    name = buffer.raw[: max(0, min(length, 128) - 1)].decode("utf-8", "replace")
    return name, flags.value


_LIGATURES = str.maketrans(
    {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st",
     "\ufffe": DIVIDED, "\x00": "", "\u00a0": " "}
)  # fmt: skip


_SURROGATE = re.compile("[\ud800-\udfff]")


def _readable(text: str) -> str:
    if _SURROGATE.search(text):  # the halves of a character, or what a broken file has of one
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    text = _LONE_ACCENT.sub("", text.translate(_LIGATURES))
    return re.sub(r"[\x00\x01\x03-\x08\x0e-\x1f]", "", text)
