"""What is raised or lowered within a piece of text, by the baselines of its characters."""

from __future__ import annotations

import re
from collections.abc import Iterator
from statistics import median

from .accents import SPACED, closed_up
from .characters import Characters
from .signs import END, LOWERED, RAISED, readable

# What is smaller than so much of the type around it, or so far off its baseline, is raised.
SMALL, SHIFT = 0.86, 0.09
FEW = 5  # characters that are asked besides the ends and the middle
FURTHEST = 60  # characters looked at from an end
# Words in which something may be raised: with digits, or with a sign that notes are marked by.
LONG_WORD = 6  # characters: no index or mark with letters in it is so long
_LETTERS = re.compile(r"[^\W\d_]{3}")
_SIGNS = re.compile(r"[^\s\d*†‡§¶]*[\d*†‡§¶]\S*")
_WITHIN = re.compile(r"(?<=[^\W\d_])\d+(?=\D)")


def samples(text: str, start: int, end: int) -> list[int]:
    """Return a few places in a part of a text, evenly spread, at which something is shown."""
    return [i for i in range(start, end, max(1, (end - start) // FEW)) if not text[i].isspace()]


def raised_in(
    characters: Characters, text: str, at: int, size: float, baseline: float
) -> tuple[float, list[tuple[int, int, str]]]:
    """Return the baseline on which most of a piece stands, and which signs in it are off that."""
    words = list(_SIGNS.finditer(text))
    if not words:
        return baseline, []
    ends = text.rstrip()
    middle = len(ends) // 2
    shown = [i for i in (0, middle, len(ends) - 1) if not text[i].isspace()]
    if len(ends) > FEW:  # both ends may be raised
        shown += samples(text, 0, len(ends))
    if len(shown) > 1:
        baseline = median([baseline, *(characters.origin(at + index)[1] for index in shown)])
    marks: list[tuple[int, int, str]] = []
    for word in words:
        for start, end in _off(characters, word, at, size, baseline):
            role = _role(characters.origin(at + start)[1] - baseline, size)
            marks.append((start, end, role))
    return baseline, marks


def _off(
    characters: Characters, word: re.Match[str], at: int, size: float, baseline: float
) -> Iterator[tuple[int, int]]:
    """Yield where signs of a word are raised or lowered: at its ends, or digits after letters."""

    def role(index: int) -> str:
        return _role(characters.origin(at + index)[1] - baseline, size)

    start = end = word.end()
    is_raised = role(end - 1)
    if is_raised:
        while start > max(word.start(), end - FURTHEST) and role(start - 1) == is_raised:
            start -= 1
        if start == word.start() and len(word[0]) >= LONG_WORD and _LETTERS.search(word[0]):
            return  # a word of another row, as cells of a table stand
    begin = word.start()
    if begin < start and not word.string[begin].isalpha() and (is_high := role(begin)):
        while begin < start and role(begin) == is_high:
            begin += 1
        yield word.start(), begin
    for digits in _WITHIN.finditer(word.string, begin, start):
        if (raised := role(digits.start())) and role(digits.start() - 1) != raised:
            yield digits.span()
    if start < end:
        yield start, end


def _role(rise: float, size: float) -> str:
    if abs(rise) <= SHIFT * size:
        return ""
    return RAISED if rise > 0 else LOWERED


def marked(characters: Characters, text: str, at: int, marks: list[tuple[int, int, str]]) -> str:
    """Return the text of a piece, readable, with what is raised in it marked."""
    if not marks and SPACED.search(text):
        return readable(closed_up(characters, text, at)).strip()
    made: list[str] = []
    done = 0
    for start, end, role in marks:
        made += readable(text[done:start]), role, readable(text[start:end]), END
        done = end
    made.append(readable(text[done:]))
    return "".join(made).strip()
