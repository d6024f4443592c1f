"""A paragraph -> units of a comfortable length to speak, cut where a reader would pause."""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise

import sentencex

Range = tuple[int, int]

IDEAL = 300  # characters of a unit
LONGEST = 400  # a sentence up to this length stays whole
SHORTEST = 40  # of a unit that is not a paragraph of its own
WINDOW = 4_000  # sentencex needs quadratic time in nested quotation marks: feed it so much at once

_SPACE = re.compile(r"\s")
_CLOSING = "[\"'’”»›)\\]]*"
# Where a long sentence may be cut, best first; what is matched stays before the cut.
_PAUSES = tuple(
    re.compile(pattern)
    for pattern in (
        rf"[;:.!?…؛·]{_CLOSING}(?=\s)|[；：。！？…][」』）”’]*|\s[–—-]+(?=\s)|—|\n",
        rf"[,،]{_CLOSING}(?=\s)|[，、､][」』）”’]*|[)\]](?=\s)",
        r"[ \t\u1680\u2000-\u2006\u2008-\u200b\u205f\u3000]+",
        r"\s|[-/\u2010](?=\w)",
    )
)
_JOINERS = "\u200c\u200d\u2060\ufeff"
_KEPT_TOGETHER = {"\u0e33", "\u0eb3"}  # Thai and Lao AM, spacing letters that end a cluster
_NO_START = {"Mn", "Mc", "Me", "Pe", "Pf", "Po", "Cf", "Sk"}  # nothing begins with these


def units(text: str, language: str) -> list[str]:
    """Cut a paragraph into units of about IDEAL characters at sentence ends.

    A longer sentence is cut at clause ends, then between words, then between letters. Joined
    by white space where there was some, the units are the paragraph again.
    """
    return [text[start:end] for start, end in unit_ranges(text, language)]


def unit_ranges(text: str, language: str) -> list[Range]:
    """Return where the units of a paragraph begin and end."""
    start, end = _trim(text, 0, len(text))
    if start == end:
        return []
    if end - start <= IDEAL:
        return [(start, end)]
    parts: list[Range] = []
    for sentence in _sentences(text, language):
        parts += _cut(text, *sentence)
    return _gather(parts)


def _sentences(text: str, language: str) -> list[Range]:
    """Return the sentences, without the white space around them."""
    # One space for each: sentencex drops some line ends, and lone surrogates stop it.
    plain = re.sub(r"[\ud800-\udfff]", "\ufffd", _SPACE.sub(" ", text))
    code = language.partition("-")[0].lower() or "en"
    found: list[Range] = []
    start = 0
    while start < len(plain):
        window = plain[start : start + WINDOW]
        lengths = [len(sentence) for sentence in sentencex.segment(code, window)]
        if sum(lengths) != len(window):
            lengths = [len(window)]
        if start + WINDOW < len(plain):
            # The last sentence goes on behind the window. If it fills it, it will be cut anyway.
            if len(lengths) > 1:
                lengths.pop()
            else:
                lengths = [_best_cut(plain, start, start + WINDOW // 2, start + WINDOW) - start]
        for length in lengths:
            sentence = _trim(plain, start, start + length)
            if sentence[0] < sentence[1]:
                found.append(sentence)
            start += length
    return found


def _cut(text: str, start: int, end: int) -> list[Range]:
    """Cut a sentence that is too long into parts of like length."""
    parts: list[Range] = []
    while end - start > LONGEST:
        goal = start + (end - start) // _count(end - start)
        reach = (goal - start) // 2
        low, high = goal - reach, min(goal + reach, start + LONGEST, end - SHORTEST)
        cut = _best_cut(text, low, goal, high, start)
        parts.append(_trim(text, start, cut))
        start, end = _trim(text, cut, end)
    if start < end:
        parts.append((start, end))
    return parts
