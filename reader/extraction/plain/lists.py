"""List items in plain text: bullets, and numbers that have a neighbour."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

FARTHEST = 60  # lines from one number to the next

# No dash but the hyphen: in many languages the others begin what someone says.
_BULLET = re.compile(r"(?P<indent> *)(?P<mark>[-*+•‣◦▪·●○■□]) +(?P<text>\S.*)$")
_NUMBER = re.compile(
    r"(?P<indent> *)(?P<open>\(?)(?P<mark>\d{1,3}|[a-z]|[ivxl]{2,6}|[A-Z]|[IVXL]{2,6})"
    r"(?P<close>[.)]) +(?P<text>\S.*)$"
)
_ROMAN_DIGITS = {"i": 1, "v": 5, "x": 10, "l": 50}


@dataclass(frozen=True, slots=True)
class Marker:
    """How a line begins a list item."""

    indent: int
    text: str
    numbering: str = ""  # the type of an HTML list (1, a, A, i, I), or nothing for a bullet
    number: int = 0


def bullet(line: str) -> Marker | None:
    """Read a line that begins with a bullet."""
    found = _BULLET.match(line)
    return Marker(len(found["indent"]), found["text"]) if found else None


def numbered_lines(lines: Sequence[str]) -> dict[int, Marker]:
    """Find the lines that begin with a number and whose neighbours in the list are there too.

    A number alone may be a date ("3. March"), a year or a name ("A. Smith").
    """
    found: dict[int, Marker] = {}
    latest: dict[tuple[str, str], tuple[int, Marker]] = {}
    for at, line in enumerate(lines):
        for style, marker in _readings(line):
            before_at, before = latest.get(style, (-FARTHEST, marker))
            if before.number + 1 == marker.number and at - before_at < FARTHEST:
                found[before_at] = before
                found[at] = marker
            latest[style] = (at, marker)
    return found


def _readings(line: str) -> Iterator[tuple[tuple[str, str], Marker]]:
    """Yield what the number of a line may be: "i" is a letter and a Roman one."""
    found = _NUMBER.match(line)
    if not found:
        return
    mark, punctuation = found["mark"], found["open"] + found["close"]
    lower = mark.lower()
    readings = []
    if mark.isdigit():
        readings.append(("1", int(mark)))
    elif len(mark) == 1:
        readings.append(("a" if mark == lower else "A", ord(lower) - ord("a") + 1))
    if set(lower) <= _ROMAN_DIGITS.keys():
        readings.append(("i" if mark == lower else "I", _roman(lower)))
    for numbering, number in readings:
        marker = Marker(len(found["indent"]), found["text"], numbering, number)
        yield (numbering, punctuation), marker


def _roman(numeral: str) -> int:
    values = [_ROMAN_DIGITS[digit] for digit in numeral]
    following = [*values[1:], 0]
    return sum(
        -value if value < after else value for value, after in zip(values, following, strict=True)
    )
