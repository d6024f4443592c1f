"""A text with some of it left out or said otherwise, and the map back to what is shown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

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


class Edit(NamedTuple):
    """From where to where in what is shown (code points), and what is spoken instead."""

    start: int
    end: int
    said: str
    rule: str = ""  # by which it is so


class Unspoken(NamedTuple):
    """A range of what is shown, in UTF-16 units, that is not spoken as it stands, and why."""

    start: int
    end: int
    rule: str


@dataclass(frozen=True, slots=True)
class Spoken:
    """The spoken text of a block, empty when there is nothing to say.

    ``spans`` are ``(spoken_start, shown_start, length)`` in UTF-16 units, rising: what is spoken
    there is shown there. What lies between two spans is only spoken or only shown. ``silence`` is
    the rule by which the whole block is silent, ``unspoken`` what rules leave out of it.
    """

    text: str
    spans: tuple[tuple[int, int, int], ...]
    silence: str = ""
    unspoken: tuple[Unspoken, ...] = ()


NOTHING = Spoken("", ())


def said(shown: str, edits: Iterable[Edit]) -> Spoken:
    """Carry out edits, of which the first of two that overlap counts, and fold white space."""
    if not _SAYABLE.search(shown):
        return NOTHING
    apart = [_with_space(shown, edit) for edit in _apart(edits)]
    if not apart:
        return _apply(shown, _white_space(shown))
    edited = _apply(shown, apart)
    unspoken = tuple(
        Unspoken(_units(shown[: edit.start]), _units(shown[: edit.end]), edit.rule)
        for edit in apart
        if edit.rule
    )
    if not _SAYABLE.search(edited.text):
        reason = next((each.rule for each in unspoken), "")
        return Spoken("", (), reason, unspoken)
    folded = _apply(edited.text, _white_space(edited.text))
    return Spoken(folded.text, tuple(_through(folded.spans, edited.spans)), "", unspoken)


def _apart(edits: Iterable[Edit]) -> list[Edit]:
    apart: list[Edit] = []
    taken = 0
    # What is put in somewhere comes before what is said instead of what stands there.
    for edit in sorted(edits, key=lambda each: (each.start, each.end > each.start, -each.end)):
        if edit.start >= taken or (edit.start == edit.end == taken):
            apart.append(edit)
            taken = max(taken, edit.end)
    return apart


def _with_space(shown: str, edit: Edit) -> Edit:
    """Take the space before something that is left out along, where none is wanted after it."""
    if edit.said or edit.start == edit.end or not edit.start:
        return edit
    after = shown[edit.end : edit.end + 1]
    if shown[edit.start - 1] == " " and (not after or after in " .,;:!?)]…"):
        return edit._replace(start=edit.start - 1)
    return edit


def _through(
    spans: Iterable[tuple[int, int, int]], inner: Sequence[tuple[int, int, int]]
) -> Iterator[tuple[int, int, int]]:
    """Follow spans through those of the text that they lead to."""
    for spoken_start, middle_start, length in spans:
        for inner_start, shown_start, inner_length in inner:
            first = max(middle_start, inner_start)
            last = min(middle_start + length, inner_start + inner_length)
            if first < last:
                yield (
                    spoken_start + first - middle_start,
                    shown_start + first - inner_start,
                    last - first,
                )


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
            yield Edit(start, at, "")
            yield Edit(at, at + 1, " ")
            yield Edit(at + 1, end, "")
        elif at_an_end or gap[0].strip(JOINERS) or not _joins(shown, start, end):
            yield Edit(start, end, "")


def _joins(shown: str, start: int, end: int) -> bool:
    return bool(_SHAPED.match(shown[start - 1]) and _SHAPED.match(shown[end]))


def _apply(shown: str, edits: Iterable[Edit]) -> Spoken:
    """Carry out edits, which are in order and apart; one that keeps the length keeps the span."""
    pieces: list[str] = []
    spans: list[tuple[int, int, int]] = []
    spoken_start = shown_start = length = position = 0
    for start, end, instead, _ in (*edits, Edit(len(shown), len(shown), "")):
        kept = shown[position:start]
        pieces += kept, instead
        position = end
        length += _units(kept)
        spoken_units, shown_units = _units(instead), _units(shown[start:end])
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
