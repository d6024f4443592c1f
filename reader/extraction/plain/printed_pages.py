"""Printed pages in plain text: their numbers and running heads, which cut sentences in two."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from reader.extraction.plain import contents

LONGEST_HEAD = 100  # characters
LONGEST_NUMBER = 24
FARTHEST = 200  # lines looked at for the end of a page and the start of the next
LEAST_PAGES = 2  # that have the same line at their edge
SHARE = 1 / 3  # of the pages, which must have it
LEAST_NUMBERS = 3  # one above the other, where no form feed tells where a page ends
LEAST_CUT = 2  # of them within a sentence: numbers of chapters stand between sentences

_NUMBER = re.compile(
    r"[-–—\[(]*\s*(?:(?:page|seite|página|pagina|стр\.?|p\.|s\.)\s*)?(?P<number>\d{1,4})"
    r"(?:\s*(?:of|/|von|de|из)\s*\d{1,4})?\s*[-–—\])]*",
    re.IGNORECASE,
)
# Within a sentence this is a page's number, even if there is no other.
_BETWEEN_DASHES = re.compile(r"[-–—]\s*\d{1,4}\s*[-–—]")
_DIGITS = re.compile(r"\d+|\b[ivxlc]+\b")
_STOP = re.compile("[.!?:;…。！？][\"'’”»)\\]]*$")


def without_furniture(text: str) -> str:
    """Return a text without the numbers and running heads of its printed pages."""
    text = _without_leaders(text)
    if "\f" in text:
        return _by_form_feeds(text)
    return _by_numbers(text)


def _without_leaders(text: str) -> str:
    """Return a text whose contents have their titles alone."""
    if not contents.may_lead(text):
        return text
    lines = text.split("\n")
    entries, headed, is_headed = [], [], False
    for at, line in enumerate(lines):
        if entry := contents.entry_of(at, line):
            entries.append(entry)
            if is_headed:
                headed.append(at)
        if stripped := line.strip():
            is_headed = bool(contents.HEADING.fullmatch(stripped))
    for entry in contents.contents(entries, headed):
        lines[entry.at] = lines[entry.at][: entry.end]
    return "\n".join(lines)


def _by_form_feeds(text: str) -> str:
    pages = [page.replace("\r\n", "\n").split("\n") for page in text.split("\f")]
    seen = Counter(key for page in pages for key in {_key(page[at]) for at in _edges(page)})
    least = max(LEAST_PAGES, SHARE * len(pages))
    kept: list[str] = []
    for page in pages:
        edges = {at for at in _edges(page) if seen[_key(page[at])] >= least}
        lines = [line for at, line in enumerate(page) if at not in edges]
        _join(kept, lines)
    return "\n".join(kept)


def _edges(page: Sequence[str]) -> list[int]:
    """Return where the first and the last line of a page stand, if they may be more than text."""
    filled = [at for at, line in enumerate(page) if line.strip()]
    return [at for at in {*filled[:1], *filled[-1:]} if len(page[at].strip()) <= LONGEST_HEAD]


def _key(line: str) -> str:
    return _DIGITS.sub("#", " ".join(line.lower().split()))


def _by_numbers(text: str) -> str:
    """Drop lines with nothing but a number that rises from each to the next."""
    lines = text.splitlines()
    found = [
        (at, int(match["number"]))
        for at, line in enumerate(lines)
        if len(short := line.strip()) <= LONGEST_NUMBER and (match := _NUMBER.fullmatch(short))
    ]
    chain: list[tuple[int, int]] = []
    for at, number in found:
        if not chain or number == chain[-1][1] + 1:
            chain.append((at, number))
        elif len(chain) < LEAST_NUMBERS:
            chain = [(at, number)]
    cutting = {
        at
        for at, _ in {*found, *chain}
        if _is_within_sentence(lines[max(0, at - FARTHEST) : at], lines[at + 1 : at + FARTHEST])
    }
    numbers = {at for at in cutting if _BETWEEN_DASHES.fullmatch(lines[at].strip())}
    if len(chain) >= LEAST_NUMBERS and sum(at in cutting for at, _ in chain) >= LEAST_CUT:
        numbers |= {at for at, _ in chain}
    if not numbers:
        return text
    kept: list[str] = []
    start = 0
    for at in [*sorted(numbers), len(lines)]:
        _join(kept, lines[start:at])
        start = at + 1
    return "\n".join(kept)


def _join(before: list[str], after: Sequence[str]) -> None:
    """Put a page behind another, with no blank line where a sentence goes on."""
    if not _is_within_sentence(before, after):
        before += ["", *after] if before else after
        return
    while not before[-1].strip():
        before.pop()
    first = next(at for at, line in enumerate(after) if line.strip())
    before += after[first:]


def _is_within_sentence(before: Sequence[str], after: Sequence[str]) -> bool:
    last = next((line for line in before[: -FARTHEST - 1 : -1] if line.strip()), "").rstrip()
    first = next((line for line in after[:FARTHEST] if line.strip()), "").lstrip()
    return bool(last) and not _STOP.search(last) and first[:1].islower()
