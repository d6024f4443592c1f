"""A page -> its pieces of text, each on one baseline: where each is, how large, in what type."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median

from .accents import with_accents
from .characters import FIXED_PITCH, FORCE_BOLD, Box, Characters
from .raised import FEW, SMALL, marked, raised_in, samples
from .signs import ACCENT, readable

MONO = re.compile(
    r"mono(?!type)|courier|consol|typewr|(?:cm|sf|lm|ec|tx|px|cs|la|t1x)l?[vb]?tt|nimbusmon|menlo|fixed|zi4"
    r"|inconsolat|andale|letter ?gothic|hack-", re.IGNORECASE,
)  # fmt: skip
# Fonts of pictures, whose letters stand for bullets, arrows and boxes.
PICTURES = re.compile(r"wingding|webding|dingbat|(?:^|\+)symbol|pzdr|marvosym|fontawesome|bullet",
                      re.IGNORECASE)  # fmt: skip
BOLD = re.compile(r"bold|black|heavy|semibold|cmbx|sfbx|-medi|demi", re.IGNORECASE)
# Fonts of TeX that are not bold, whatever weight the library makes of their stems.
UPRIGHT = re.compile(r"(?:^|\+)(?:cm|sf|ec|lm|tc)(?:r|rm|ti|sl|ss|csc|u|mi|sy|tt)\d", re.IGNORECASE)
MATHS = re.compile(
    r"(?:^|\+)(?:cm(?:mi|sy|ex|bsy|mib)|ms[ab]m|eu[frs][mb]|rsfs|stmary|wasy|lm(?:math|mi|sy|ex)"
    r"|(?:tx|px|ntx|rtx|rpx|nxl)(?:mi|sy|ex|b?mia|symb)|mt(?:mi|sy|ex)|mathjax|esint|lasy|symbol)"
    r"|math(?!ew)|[mM]ath[A-Z]", re.IGNORECASE,
)  # fmt: skip
BOLD_WEIGHT = 600
# A gap of so many times the type size within a line parts columns or cells.
WIDE_GAP = 1.6
# A divided word has no line end after its hyphen.
_BREAK = re.compile("(?<=[\x02\ufffe])|[\r\n]+")
_NUMBER = re.compile(r"\s*(?:\d{1,4}\s+)?")
# One sign and a space, or nothing else.
_BULLET = re.compile(r"\s*[^\s\d](?:\s|$)")
_TOKEN = re.compile(r"\S+")
MOST_WORDS = 9  # of a line's beginning whose fonts are compared


@dataclass(slots=True)
class Piece:
    """Text on one baseline as the library gives it, in points from the lower left corner."""

    text: str
    left: float
    right: float
    baseline: float
    size: float
    turns: int
    first: int  # index of its first and last character on the page
    last: int
    is_bold: bool = False
    is_mono: bool = False
    is_maths: bool = False
    spaced: bool = False  # white space stands before it
    is_one_run: bool = True  # written by one operation
    opens_apart: bool = False  # its first word is set in other type, as a name is
    cells: tuple[tuple[float, float, str], ...] = ()  # left and right edges of its parts, texts


def pieces_of(characters: Characters) -> Iterator[Piece]:
    """Yield a page's pieces in the order of the file, which mostly is that of reading."""
    units, start = characters.text, 0
    was_mono = True  # the last line of the page before may have been
    for text in _BREAK.split(units):
        at = units.index(text, start) if text else start
        start = at + len(text)
        if text.strip() and (piece := _measured(characters, text, at)) and piece.text:
            if was_mono and not piece.is_mono and not piece.is_one_run:  # asked behind code alone
                piece.opens_apart = _opens_apart(characters, text, at)
            was_mono = piece.is_mono
            yield piece


def _measured(characters: Characters, text: str, at: int) -> Piece | None:
    """Measure a piece by a few of its characters: each question to the library costs."""
    start, end = len(text) - len(text.lstrip()), len(text.rstrip())
    half = (start + end) // 2
    half -= text[half].isspace()  # a space has the type of what was drawn last
    first, last, middle = at + start, at + end - 1, at + max(half, start)
    length = end - start
    asked = {index: characters.drawn(index) for index in (first, middle, last)}
    sizes = [asked[first].size, asked[middle].size, asked[last].size]
    if length > FEW and max(sizes[0], sizes[2]) < SMALL * sizes[1]:  # both ends may be raised
        more = (at + index for index in samples(text, start, end))
        asked |= {index: characters.drawn(index) for index in more}
        sizes = [each.size for each in asked.values()]
    size = max(sizes) if length < 3 else median(sizes)
    if not size:
        return None
    # The first of them that is of the usual size stands on the baseline.
    stands = next(i for i in (middle, first, last, *asked) if asked[i].size >= SMALL * size)
    turns = asked[stands].turns
    if ACCENT.search(text) and length > 1:
        text = with_accents(characters, text, at, size)
    one, other = characters.box(first), characters.box(last)
    left, baseline, right = _upright(turns, one, other, characters.origin(stands))
    name, flags = characters.font(stands)
    marks: list[tuple[int, int, str]] = []
    is_one = length == 1
    is_one_run = is_one or characters.is_of_one_run(first, last)
    if turns == 0 and not is_one_run:
        baseline, marks = raised_in(characters, text, at, size, baseline)
    if _BULLET.match(text) and PICTURES.search(characters.font(first)[0]):
        text = text.replace(text[start], "•", 1)
    is_mono = bool(flags & FIXED_PITCH or MONO.search(name))
    if is_mono and not is_one:  # all of it: a line of prose may end with a command
        # But for the number of a listing's line.
        begin = at + _NUMBER.match(text).end()  # type: ignore[union-attr]
        ends = (characters.font(index) for index in {min(begin, last), last})
        is_mono = all(flag & FIXED_PITCH or MONO.search(font) for font, flag in ends)
    is_bold = _is_bold(characters, stands, name, flags)
    if is_bold and not is_one:  # all of it: a heading may be run in
        is_bold = _is_bold(characters, last, *characters.font(last))
    made = Piece(
        text=marked(characters, text, at, marks),
        left=left,
        right=right,
        baseline=baseline,
        size=max(round(size, 1), 0.1),  # others are told in its parts
        turns=turns,
        first=first,
        last=last,
        is_bold=is_bold,
        is_mono=is_mono,
        is_maths=bool(MATHS.search(name)),
        spaced=text[0].isspace(),
        is_one_run=is_one_run,
    )
    if turns == 0 and " " in text.strip() and made.right - made.left > 0.62 * size * len(text):
        made.cells = tuple(_cells(characters, text, at, size))
    return made


def _opens_apart(characters: Characters, text: str, at: int) -> bool:
    """Tell whether the first word is set in another font than most of the next ones."""
    words = [at + word.start() for word in _TOKEN.finditer(text)]
    opening = characters.font(words[0])[0]
    if MATHS.search(opening):
        return False
    fonts = Counter(characters.font(word)[0] for word in words[:MOST_WORDS])
    [(usual, count)] = fonts.most_common(1)
    return count > fonts[opening] and not MATHS.search(usual)


def _is_bold(characters: Characters, index: int, name: str, flags: int) -> bool:
    if flags & FORCE_BOLD or BOLD.search(name):
        return True
    return characters.weight(index) >= BOLD_WEIGHT and not UPRIGHT.search(name)


def _upright(
    turns: int, one: Box, other: Box, origin: tuple[float, float]
) -> tuple[float, float, float]:
    """Return left, baseline and right as if a turned piece stood upright, from where it begins."""
    x, y = origin
    match turns:
        case 1:
            return min(one.bottom, other.bottom), -x, max(one.top, other.top)
        case 2:
            return -max(one.right, other.right), -y, -min(one.left, other.left)
        case 3:
            return -max(one.top, other.top), x, -min(one.bottom, other.bottom)
    return min(one.left, other.left), y, max(one.right, other.right)


def _cells(characters: Characters, text: str, at: int, size: float
) -> Iterator[tuple[float, float, str]]:  # fmt: skip
    """Yield the parts of a piece that wide gaps lie between."""
    part, left, edge = "", 0.0, None
    for word in _TOKEN.finditer(text):
        start = characters.box(at + word.start())
        end = characters.box(at + word.end() - 1)
        if edge is not None and start.left - edge > WIDE_GAP * size:
            yield left, edge, readable(part)
            part = ""
        if not part:
            left = start.left
        part += (" " if part else "") + word[0]
        edge = end.right
    if part and edge is not None:
        yield left, edge, readable(part)


def split_at(characters: Characters, piece: Piece, edge: float) -> list[Piece]:
    """Return the parts of a piece on either side of an edge; the piece itself if it has none."""
    text = characters.text[piece.first : piece.last + 1]
    words = list(_TOKEN.finditer(text))
    low, high = 0, len(words)
    while low < high:  # words stand from left to right
        at = (low + high) // 2
        if characters.origin(piece.first + words[at].start())[0] < edge:
            low = at + 1
        else:
            high = at
    if not 0 < low < len(words):
        return [piece]
    before = characters.box(piece.first + words[low - 1].end() - 1).right
    if characters.origin(piece.first + words[low].start())[0] - before < 0.5 * piece.size:
        return [piece]  # a heading over both columns
    made = []
    for start, end in ((0, words[low - 1].end()), (words[low].start(), len(text))):
        part = text[start:end]
        if measured := _measured(characters, part, piece.first + start):
            made.append(measured)
    return made or [piece]
