"""A text that is longer than an engine takes -> parts, cut where a speaker would breathe."""

from __future__ import annotations

import re
from itertools import pairwise

import sentencex

# Behind a stop that ends no sentence: the rest of a sum, "3! = 6", or of a name, "README.MD".
GOES_ON = re.compile(r"(?:(?<=\d!)|(?<=\d! ))[=+×*÷/−^)]|(?<=\w\.)[A-Z]{2,5}\b")
# Where a sentence that is too long by itself is cut, best first: after a clause, between words.
# A comma in a sum, a colon in a time or an address, a dash between years divide nothing.
PAUSES = (
    re.compile(r"[;:,][\"'”’»)\]]*\s+|[،、，；：—][\"'”’»)\]]*\s*|–\s+"),
    re.compile(r"\s+"),
)

# A clause of so many characters is spoken before the rest of its sentence.
FIRST_CLAUSE = 24, 80


def parts(text: str, language: str, longest: int) -> list[tuple[int, int]]:
    """Return where the parts begin and end, in code points; one if the text is short enough."""
    found: list[tuple[int, int]] = []
    start = 0
    while len(text) - start > longest:
        cut = _best_cut(text, language, start, start + longest)
        found.append((start, cut))
        start = cut
    return [*found, (start, len(text))]


def sentences(text: str, language: str) -> list[tuple[int, int]]:
    """Return where the sentences begin and end, in code points: all of the text, in order."""
    ends = [*_sentence_ends(text, language), len(text)]
    return list(pairwise([0, *ends]))


def first_clause_end(text: str, start: int, end: int) -> int | None:
    """Return where a long sentence's first part ends, so that it is heard soon: at a clause."""
    least, most = FIRST_CLAUSE
    if end - start <= most:
        return None
    ends = [found.end() for found in PAUSES[0].finditer(text, start + least, start + most)]
    return ends[-1] if ends else None


def _best_cut(text: str, language: str, start: int, most: int) -> int:
    """Return the last good place to cut in a window, in its second half."""
    least = start + (most - start + 1) // 2
    ends = _sentence_ends(text[start:most], language)
    if cuts := [start + end for end in ends if least <= start + end]:
        return cuts[-1]
    for pause in PAUSES:
        if cuts := [found.end() for found in pause.finditer(text, least, most)]:
            return cuts[-1]
    return most


def _sentence_ends(text: str, language: str) -> list[int]:
    """Return where sentences end, but the last, which goes on behind the window."""
    sentences = sentencex.segment(language.partition("-")[0].lower() or "en", text)
    if "".join(sentences) != text:  # it drops some line ends: its lengths are of no use then
        return []
    ends, end = [], 0
    for sentence in sentences[:-1]:
        end += len(sentence)
        if not GOES_ON.match(text, end):
            ends.append(end)
    return ends
