"""What is shown of a block -> what is spoken of it, and the map between the two."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

JOINERS = "\u200c\u200d"
# Soft hyphen, zero-width space, word joiner, byte order mark, bidi and other control characters.
INVISIBLE = (
    "\xad\u034f\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff"
    "\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f"
)

_GAP = re.compile(rf"[\s{INVISIBLE}{JOINERS}]+")
_SPACE = re.compile(r"\s")
_SHAPED = re.compile(r"[\u0590-\u1dff\u20d0-\U0010ffff]")  # written beyond Latin, Greek, Cyrillic
_SAYABLE = re.compile(r"[^\W_]")

Edit = tuple[int, int, str]  # from where to where in what is shown, and what is spoken instead


@dataclass(frozen=True, slots=True)
class Spoken:
    """The spoken text of a block, empty when there is nothing to say.

    ``spans`` are ``(spoken_start, shown_start, length)`` in UTF-16 units, rising: what is spoken
    there is shown there. What lies between two spans is only spoken or only shown.
    """

    text: str
    spans: tuple[tuple[int, int, int], ...]


NOTHING = Spoken("", ())


def speak(kind: str, shown: str) -> Spoken:
    """Decide what is spoken of a block of this kind that shows this text."""
    if not _SAYABLE.search(shown):
        return NOTHING
    return _apply(shown, _white_space(shown))


def _white_space(shown: str) -> Iterator[Edit]:
    """Fold white space to single spaces, with none at the ends; drop what cannot be seen.

    Joiners stay inside words of Persian or Hindi and inside emoji, which they shape; between
    Latin letters they are only typography.
    """
    for gap in _GAP.finditer(shown):
        start, end = gap.span()
        at_an_end = start == 0 or end == len(shown)
        space = _SPACE.search(gap[0])
        if space and not at_an_end:
            at = start + space.start()
            yield start, at, ""
            yield at, at + 1, " "
            yield at + 1, end, ""
        elif at_an_end or gap[0].strip(JOINERS) or not _joins(shown, start, end):
            yield start, end, ""


def _joins(shown: str, start: int, end: int) -> bool:
    return bool(_SHAPED.match(shown[start - 1]) and _SHAPED.match(shown[end]))


def _apply(shown: str, edits: Iterable[Edit]) -> Spoken:
    """Carry out edits, which are in order and apart; one that keeps the length keeps the span."""
    pieces: list[str] = []
    spans: list[tuple[int, int, int]] = []
    spoken_start = shown_start = length = position = 0
    for start, end, said in (*edits, (len(shown), len(shown), "")):
        kept = shown[position:start]
        pieces += kept, said
        position = end
        length += _units(kept)
        spoken_units, shown_units = _units(said), _units(shown[start:end])
        if spoken_units == shown_units:
            length += spoken_units
            continue
        if length:
            spans.append((spoken_start, shown_start, length))
        spoken_start += length + spoken_units
        shown_start += length + shown_units
        length = 0
    if length:
        spans.append((spoken_start, shown_start, length))
    return Spoken("".join(pieces), tuple(spans))


def _units(text: str) -> int:
    """Count UTF-16 units."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2
