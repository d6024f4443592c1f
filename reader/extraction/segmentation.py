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

_SPACE = re.compile(r"[^\S ]")  # but the plain one
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_OPENING, _CLOSING = "[\"'‘“«‹(\\[]*", "[\"'’”»›)\\]]*"
# Where a long sentence may be cut, best first; what is matched stays before the cut.
_PAUSES = tuple(
    re.compile(pattern)
    for pattern in (
        # What stands in brackets or in quotation marks is one sentence to sentencex.
        rf"(?<=[a-zß-öø-ÿа-яё]{{4}})[.!?…]{_CLOSING}(?=\s+{_OPENING}[A-ZÀ-ÖØ-ÞА-ЯЁ])",
        rf"[;:!?…؛؟·]{_CLOSING}(?=\s)|[；：。！？…][」』）”’]*|\s[–—-]+(?=\s)|—|\n",
        rf"[,،]{_CLOSING}(?=\s)|[，、､][」』）”’]*|[)\]](?=\s)",
        r"[ \t\u1680\u2000-\u2006\u2008-\u200b\u205f\u3000]+",
        r"\s|[-/\u2010](?=\w)",
    )
)
# What sentencex takes for the end of a sentence, and is none.
ABBREVIATIONS = {
    "fr": {"m", "mm", "mme", "janv", "févr", "avr", "juill", "sept", "oct", "nov", "déc", "cf"},
    "it": {"pag", "pagg", "sig", "dott", "prof", "ing", "avv", "fig", "cap", "vol"},
    "nl": {"dhr", "mevr", "mw", "dr", "prof", "o.a", "d.w.z", "bijv", "t.a.v", "i.p.v", "m.b.t"},
    "ru": {"г", "гг", "руб", "коп", "т", "е", "т.е", "стр", "рис", "им", "ул", "см"},
    "en": {"vol", "pp", "fig", "sec", "no", "ch"},
    "es": {"sr", "sra", "dr", "dra", "uu", "ee", "pág", "fig"},
}
ORDINAL_POINT = {"de", "da", "nb", "no", "nn", "fi", "cs", "sk", "hu", "et", "hr", "sl", "is", "lv"}
_LAST_WORD = re.compile(r"(?:^|[\s(«„“])((?:[^\W\d_]+\.)*\w+)\.$")
# Speech that is reported after its own question or exclamation mark.
_QUOTED = re.compile("[?!？！…][\"'’”»›」』]+$")
_REPORTED = re.compile(
    "[–—-]\\s|と|って|[\u4e00-\u9fff]{0,3}[问問说說道答喊叫]|[^\\W\\d_A-ZÀ-ÞА-Я]"
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


def sentence_ranges(text: str, language: str) -> list[Range]:
    """Return where the sentences begin and end, without the white space around them."""
    return _sentences(text, language) if text.strip() else []


def code_pieces(code: str) -> list[str]:
    """Cut code between lines."""
    pieces: list[str] = []
    for line in code.split("\n"):
        if pieces and len(pieces[-1]) + len(line) < LONGEST:
            pieces[-1] += "\n" + line
        else:
            pieces += (line[at : at + LONGEST] for at in range(0, len(line) or 1, LONGEST))
    return [piece.strip("\n") for piece in pieces if piece.strip()]


def _sentences(text: str, language: str) -> list[Range]:
    """Return the sentences, without the white space around them."""
    # One space for each: sentencex drops some line ends, and lone surrogates stop it.
    is_plain = text.isprintable()  # of white space, that is true of the plain space alone
    plain = text if is_plain else _LONE_SURROGATE.sub("\ufffd", _SPACE.sub(" ", text))
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
    return _mended(plain, found, code)


def _mended(text: str, sentences: list[Range], language: str) -> list[Range]:
    """Put together what was parted inside of a sentence: after abbreviation, ordinal or quote.

    One that is missed is but a pause where none should be; so only what is plain is joined.
    """
    mended: list[Range] = []
    for start, end in sentences:
        if mended and start - mended[-1][1] <= 1:
            first, last = mended[-1]
            if _goes_on(text[max(first, last - 30) : last], text[start : start + 12], language):
                mended[-1] = (first, end)
                continue
        mended.append((start, end))
    return mended


def _goes_on(before: str, after: str, language: str) -> bool:
    if before.endswith("."):
        abbreviation = _LAST_WORD.search(before)
        word = abbreviation[1].lower() if abbreviation else ""
        if word in ABBREVIATIONS.get(language, ()):
            return True
        if word.isdecimal() and len(word) <= 2 and language in ORDINAL_POINT:
            return True
        # After a short word in small letters a number seldom begins a sentence: "vol. 4".
        return bool(after[:1].isdecimal() and word.islower() and len(word) <= 4)
    return bool(_REPORTED.match(after) and _QUOTED.search(before))


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
