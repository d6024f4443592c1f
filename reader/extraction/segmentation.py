"""A paragraph -> units of a comfortable length to speak, cut where a reader would pause."""

from __future__ import annotations

import math
import re
import unicodedata

import sentencex

Range = tuple[int, int]

IDEAL = 300  # characters of a unit
LONGEST = 400  # a sentence up to this length stays whole
SHORTEST = 40  # of a unit that is not a paragraph of its own
WINDOW = 4_000  # sentencex needs quadratic time in nested quotation marks: feed it so much at once

_SPACE = re.compile(r"\s")
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_CLOSING = "[\"'’”»›)\\]]*"
# Where a long sentence may be cut, best first; what is matched stays before the cut.
_PAUSES = tuple(
    re.compile(pattern)
    for pattern in (
        rf"[;:!?…؛؟·]{_CLOSING}(?=\s)|[；：。！？…][」』）”’]*|\s[–—-]+(?=\s)|—|\n",
        rf"[,،]{_CLOSING}(?=\s)|[，、､][」』）”’]*|[)\]](?=\s)",
        r"[ \t\u1680\u2000-\u2006\u2008-\u200b\u205f\u3000]+",
        r"\s|[-/\u2010](?=\w)",
    )
)
# What cannot begin a line: closing marks, emoji modifiers, joiners, the Japanese long vowel.
_NO_START = {"Pe", "Pf", "Po", "Sk", "Cf", "Lm"}
_VIRAMA = 9  # the combining class that ties the next consonant to this one
_CLUSTER_END = re.compile("[\u0e33\u0eb3\u1160-\u11ff\ud7b0-\ud7ff]")  # Thai, Lao AM; Hangul parts
_FLAG = re.compile("[\U0001f1e6-\U0001f1ff]")


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
    if end - start <= LONGEST:
        return [(start, end)]
    parts: list[Range] = []
    for sentence in _sentences(text, language):
        parts += _cut(text, *sentence)
    return _gather(parts)


def _sentences(text: str, language: str) -> list[Range]:
    """Return the sentences, without the white space around them."""
    # One space for each: sentencex drops some line ends, and lone surrogates stop it.
    plain = _LONE_SURROGATE.sub("\ufffd", _SPACE.sub(" ", text))
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
                half, full = start + WINDOW // 2, start + WINDOW
                lengths = [_best_cut(plain, start, half, full, full) - start]
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
        cut = _best_cut(text, start, low, goal, high)
        parts.append(_trim(text, start, cut))
        start, end = _trim(text, cut, end)
    if start < end:
        parts.append((start, end))
    return parts


def _best_cut(text: str, start: int, low: int, goal: int, high: int) -> int:
    """Return the best place to cut between low and high, the nearest to goal of its kind."""
    for pause in _PAUSES:
        cuts = (pause_here.end() for pause_here in pause.finditer(text, low, high))
        allowed = [cut for cut in cuts if _may_cut(text, start, cut)]
        if allowed:
            return min(allowed, key=lambda cut: abs(cut - goal))
    for distance in range(high - low):
        for cut in (goal - distance, goal + distance):
            if low < cut <= high and _may_cut(text, start, cut):
                return cut
    return goal


def _may_cut(text: str, start: int, cut: int) -> bool:
    """Tell whether what a reader sees as one character stays whole; start is a good place."""
    before, after = text[cut - 1], text[cut]
    category = unicodedata.category(after)
    if category.startswith("M"):
        return False
    if before.isspace() or after.isspace():
        return True
    if category in _NO_START or before == "\u200d" or unicodedata.combining(before) == _VIRAMA:
        return False
    if _FLAG.match(before) and _FLAG.match(after):
        flags = cut
        while flags > start and _FLAG.match(text[flags - 1]):
            flags -= 1
        return (cut - flags) % 2 == 0
    return not _CLUSTER_END.match(after)


def _gather(parts: list[Range]) -> list[Range]:
    """Put sentences together until the next would lead further from the length to aim at.

    That length shares out what is left, so that the last unit is like the others.
    """
    gathered: list[Range] = []
    last = parts[-1][1]
    begin, stop = parts[0]
    for start, end in parts[1:]:
        goal = (last - begin) / _count(last - begin)
        fits = end - begin <= LONGEST and end - begin - goal < goal - (stop - begin)
        if fits or stop - begin < SHORTEST or last - start < SHORTEST:
            stop = end
        else:
            gathered.append((begin, stop))
            begin, stop = start, end
    return [*gathered, (begin, stop)]


def _count(length: int) -> int:
    """Return into how many units a text of this length goes best."""
    return max(math.ceil(length / LONGEST), round(length / IDEAL))


def _trim(text: str, start: int, end: int) -> Range:
    while start < end and text[start].isspace():
        start += 1
    while start < end and text[end - 1].isspace():
        end -= 1
    return start, end
