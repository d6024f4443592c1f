"""A page -> its pieces of text, each on one baseline: where each is, how large, in what type."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median

from .characters import FIXED_PITCH, FORCE_BOLD, Box, Characters
from .signs import ACCENT, END, LOWERED, RAISED, composed, readable

MONO = re.compile(r"mono|courier|consol|typewriter|cmtt|nimbusmon|menlo|fixed|sftt", re.IGNORECASE)
BOLD = re.compile(r"bold|black|heavy|semibold|cmbx|sfbx|-medi|demi", re.IGNORECASE)
MATHS = re.compile(
    r"(?:^|\+)(?:cm(?:mi|sy|ex|bsy|mib)|ms[ab]m|eu[frs][mb]|rsfs|stmary|wasy|lm(?:math|mi|sy|ex)"
    r"|(?:tx|px|ntx|rtx|rpx|nxl)(?:mi|sy|ex|b?mia|symb)|mt(?:mi|sy|ex)|mathjax|esint|lasy|symbol)"
    r"|math(?!ew)|[mM]ath[A-Z]", re.IGNORECASE,
)  # fmt: skip
BOLD_WEIGHT = 600
# What is smaller than so much of the type around it, or so far off its baseline, is raised.
SMALL, SHIFT = 0.86, 0.09
FURTHEST = 60  # characters looked at from an end
# A gap of so many times the type size within a line parts columns or cells.
WIDE_GAP = 1.6
# A divided word has no line end after its hyphen.
_BREAK = re.compile("(?<=[\x02\ufffe])|[\r\n]+")
_TOKEN = re.compile(r"\S+")
_DIGIT = re.compile(r"\d")


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
    cells: tuple[tuple[float, float, str], ...] = ()  # left and right edges of its parts, texts


def pieces_of(characters: Characters) -> Iterator[Piece]:
    """Yield a page's pieces in the order of the file, which mostly is that of reading."""
    units, start = characters.text, 0
    for text in _BREAK.split(units):
        at = units.index(text, start) if text else start
        start = at + len(text)
        if text.strip():
            shown = [i for i, ch in enumerate(text) if not ch.isspace()]
            piece = _measured(characters, text, at, shown)
            if piece:
                yield piece


def _measured(characters: Characters, text: str, at: int, shown: list[int]) -> Piece | None:
    first, last, middle = at + shown[0], at + shown[-1], at + shown[len(shown) // 2]
    asked = {index: characters.drawn(index) for index in (first, middle, last)}
    sizes = [asked[first].size, asked[middle].size, asked[last].size]
    size = max(sizes) if len(shown) < 3 else median(sizes)
    if not size:
        return None
    # The first of them that is of the usual size stands on the baseline.
    stands = next(i for i in (middle, first, last) if asked[i].size >= SMALL * size)
    turns = asked[stands].turns
    one, other = characters.box(first), characters.box(last)
    left, baseline, right = _upright(turns, one, other, characters.origin(stands))
    name, flags = characters.font(stands)
    marks: list[tuple[int, int, str]] = []
    is_one = len(shown) == 1
    if turns == 0 and not is_one and not characters.is_of_one_run(first, last - first + 1):
        baseline, marks = _raised(characters, text, at, size, baseline)
    is_mono = bool(flags & FIXED_PITCH or MONO.search(name))
    if is_mono and not is_one:  # all of it: a line of prose may end with a command
        ends = (characters.font(index) for index in (first, last))
        is_mono = all(flag & FIXED_PITCH or MONO.search(font) for font, flag in ends)
    made = Piece(
        text=_marked(characters, text, at, marks),
        left=left,
        right=right,
        baseline=baseline,
        size=round(size, 1),
        turns=turns,
        first=first,
        last=last,
        is_bold=bool(flags & FORCE_BOLD or BOLD.search(name))
        or characters.weight(middle) >= BOLD_WEIGHT,
        is_mono=is_mono,
        is_maths=bool(MATHS.search(name)),
        spaced=text[0].isspace(),
    )
    if turns == 0 and " " in text.strip() and made.right - made.left > 0.62 * size * len(text):
        made.cells = tuple(_cells(characters, text, at, size))
    return made


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


def _raised(
    characters: Characters, text: str, at: int, size: float, baseline: float
) -> tuple[float, list[tuple[int, int, str]]]:
    """Return the baseline on which most of a piece stands, and what in it is raised or lowered."""
    words = list(_TOKEN.finditer(text))
    heights = [characters.origin(at + word.end() - 1)[1] for word in words]
    if len(heights) > 2:
        baseline = median(heights)
    marks: list[tuple[int, int, str]] = []
    for word, height in zip(words, heights, strict=True):
        if abs(height - baseline) <= SHIFT * size and not _DIGIT.search(word[0]):
            continue
        roles = [
            _role(characters.origin(at + index)[1] - baseline, size)
            for index in range(word.start(), min(word.end(), word.start() + FURTHEST))
        ]
        start = word.start()
        for index, role in enumerate(roles):
            if role and marks and marks[-1][1:] == (start + index, role):
                marks[-1] = (marks[-1][0], start + index + 1, role)
            elif role:
                marks.append((start + index, start + index + 1, role))
    return baseline, marks


def _role(rise: float, size: float) -> str:
    if abs(rise) <= SHIFT * size:
        return ""
    return RAISED if rise > 0 else LOWERED


def _marked(characters: Characters, text: str, at: int, marks: list[tuple[int, int, str]]) -> str:
    """Return the text of a piece, readable, with what is raised in it marked."""
    if ACCENT.search(text) and not marks:
        return readable(_with_accents(characters, text, at)).strip()
    made: list[str] = []
    done = 0
    for start, end, role in marks:
        made += readable(text[done:start]), role, readable(text[start:end]), END
        done = end
    made.append(readable(text[done:]))
    return "".join(made).strip()


def _with_accents(characters: Characters, text: str, at: int) -> str:
    """Put accents that are drawn over a letter and the letter together."""
    letters = list(text)
    for found in ACCENT.finditer(text):
        index = found.start()
        over = characters.box(at + index)
        middle = (over.left + over.right) / 2
        near = (index + 1, index + 2, index - 1, index - 2)
        for other in near:
            if not 0 <= other < len(text) or not letters[other].isalpha():
                continue
            if text[min(index, other) + 1 : max(index, other)].strip():
                continue
            box = characters.box(at + other)
            if box.left - 0.1 <= middle <= box.right + 0.1 and (
                made := composed(found[0], text[other])
            ):
                letters[other], letters[index] = made, ""
                for between in range(min(index, other) + 1, max(index, other)):
                    letters[between] = ""
                # A space that the library saw around the accent is none.
                if other == index + 2 and index and text[index - 1] == " ":
                    letters[index - 1] = ""
                break
    return "".join(letters)


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
    made = []
    for start, end in ((0, words[low - 1].end()), (words[low].start(), len(text))):
        part = text[start:end]
        shown = [i for i, ch in enumerate(part) if not ch.isspace()]
        if measured := _measured(characters, part, piece.first + start, shown):
            made.append(measured)
    return made or [piece]
