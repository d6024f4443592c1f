"""Fractions that are written as one: ½, 3⁄8, or a raised and a lowered number with a bar."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence

from ..passages import Script
from ..text import Edit
from .quantities import is_element
from .scripts import plain
from .vocabulary import Vocabulary

_WRITTEN = re.compile(
    r"[\u00bc-\u00be\u2150-\u215e\u2189](?!\w)|(?<![\w⁄])(?P<above>\d{1,4})\u2044(?P<below>\d{1,4})(?![\w⁄])"
)
_WHOLE = re.compile(r"(?<![\w.,/⁄])\d{1,6}(?P<space>\s?)$")


def fractions_said(shown: str, scripts: Sequence[Script], words: Vocabulary) -> Iterator[Edit]:
    """Yield how the fractions among a text's characters are said.

    Where one of the ``scripts`` begins or ends within the digits, "5" and a raised "3" say more.
    """
    borders = [border for each in scripts for border in (each.start, each.end)]
    for found in _WRITTEN.finditer(shown):
        above, below = found["above"], found["below"]
        if above and any(found.start() < each < found.end() for each in borders):
            continue
        if above is None:
            above, _, below = unicodedata.normalize("NFKC", found[0]).partition("\u2044")
        if int(below):
            fraction = (int(above), int(below))
            yield fraction_said(shown, found.start(), found.end(), fraction, words)


def fraction_of(shown: str, above: Script, below: Script) -> tuple[int, int] | None:
    """Return numerator and denominator of what is raised, a bar, and what is lowered."""
    bar = shown[above.end : below.start].strip()
    if below.raised or bar not in {"/", "\u2044", "\u2215", ""}:
        return None
    if not bar and (above.end < below.start or not _stands_alone(shown, above, below)):
        return None
    one, other = (plain(shown[each.start : each.end]).strip() for each in (above, below))
    if not (one.isdecimal() and other.isdecimal()) or max(len(one), len(other)) > 4:
        return None
    return None if other.startswith("0") else (int(one), int(other))  # none: 0/00, per mille


def _stands_alone(shown: str, above: Script, below: Script) -> bool:
    """Tell whether the two are no power and index of what stands before, or of an element."""
    before, after = shown[: above.start][-1:], shown[below.end : below.end + 3]
    return not before.isalnum() and before not in {*")]}|"} and not is_element(after)


def fraction_said(
    shown: str, start: int, end: int, fraction: tuple[int, int], words: Vocabulary
) -> Edit:
    """Return how a fraction is said, behind a whole number or alone."""
    whole = _WHOLE.search(shown, max(0, start - 8), start)
    said = words.fraction(*fraction, mixed=whole is not None)
    if (whole and not whole["space"]) or shown[start - 1 : start].isalnum():
        said = f" {said}"
    return Edit(start, end, said + (" " if shown[end : end + 1].isalnum() else ""))
