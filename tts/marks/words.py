"""When each spoken word is heard: an engine's own events, snapped to our words."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from tts.speech import Mark, WordEvent

# Scripts that put no spaces between words. There a unit is what one can point at: a Han character,
# a run of Hiragana or of Katakana, a syllable of Thai, Lao, Burmese or Khmer.
HIRAGANA = "\u3041-\u309a\u309d-\u309f"
KATAKANA = "\u30a1-\u30fa\u30fd-\u30ff\u31f0-\u31ff\uff66-\uff9f"
LONG_VOWEL = "\u30fc"
REPEATED = "\u3005"  # as in 人々
HAN = "\u3006\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
SOUTH_EAST = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"
UNSPACED = HIRAGANA + KATAKANA + LONG_VOWEL + REPEATED + HAN + SOUTH_EAST

# Of Thai and Lao: vowels that are written before their consonant, and letters that follow one.
LEADING = "\u0e40-\u0e44\u0ec0-\u0ec4"
FOLLOWING = "\u0e2f\u0e30\u0e32\u0e33\u0e45\u0e46\u0eaf\u0eb0\u0eb2\u0eb3\u0ebd\u0ec6"
# Of Burmese and Khmer: what puts the next consonant under this one; what ends a syllable.
STACKING = "\u1039\u17d2"
CLOSING = "\u103a"


def _combining() -> str:
    """Return what combines with a letter and is none to ``re``: vowel signs, accents, points."""
    blocks = ((0x300, 0x3100), (0xA600, 0xAC00), (0xFB00, 0xFE30), (0x10000, 0x12000))
    more = ((0x16000, 0x17000), (0x1E000, 0x1F000), (0xE0100, 0xE01F0))
    ranges: list[list[int]] = []
    for code in (code for block in blocks + more for code in range(*block)):
        if not unicodedata.category(chr(code)).startswith("M"):
            continue
        if ranges and ranges[-1][1] == code - 1:
            ranges[-1][1] = code
        else:
            ranges.append([code, code])
    return "".join(f"{chr(first)}-{chr(last)}" for first, last in ranges)


# How long the last word of a sound that grows is taken to last.
LAST_WORD_MS = 400
MARKS = f"[{_combining()}]"
LETTER = rf"[^\W_{UNSPACED}]"
JOINED = "['\u2019\u02bc\u00ad\u200c\u200d·.,:/-]"
PIECE = rf"(?:{LETTER}{MARKS}*)+"
SOUTH_EAST_LETTER = rf"(?:(?![\d{LEADING}{FOLLOWING}])(?=[{SOUTH_EAST}])\w)"
SYLLABLE = (
    rf"(?:[{LEADING}]+{SOUTH_EAST_LETTER}?|{SOUTH_EAST_LETTER}){MARKS}*"
    rf"(?:(?<=[{STACKING}]){SOUTH_EAST_LETTER}{MARKS}*"
    rf"|{SOUTH_EAST_LETTER}(?=[{CLOSING}]){MARKS}*)*"
    rf"[{FOLLOWING}]*"
)
WORD = re.compile(
    rf"[$€£¥₹]?{PIECE}(?:{JOINED}{PIECE})*[%‰°]?"
    rf"|[{HIRAGANA}][{HIRAGANA}{LONG_VOWEL}]*"
    rf"|[{KATAKANA}{LONG_VOWEL}][{KATAKANA}{LONG_VOWEL}\u3099\u309a]*"
    rf"|[{HAN}{REPEATED}]{REPEATED}*{MARKS}*"
    rf"|\d+(?:[.,]\d+)*"
    rf"|{SYLLABLE}"
    rf"|[{FOLLOWING}]{MARKS}*"
)


def words(text: str) -> list[tuple[int, int]]:
    """Return the ranges of the spoken words in UTF-16 units, in order."""
    units = _utf16_offsets(text)
    return [(units(start), units(end)) for start, end in spans(text)]


def snap(text: str, events: Sequence[WordEvent], duration_ms: int) -> list[Mark]:
    """Return one mark for each spoken word, in order, from an engine's word events.

    A word starts with its first event: an engine says a number in several. Of misplaced events
    as few as possible are left out, so that the others are in order. Words without an event
    share the time up to the next word that has one, by their length.
    """
    found = spans(text)
    if not found:
        return []
    known = _start_times([start for start, _ in found], events, duration_ms)
    times = _fill(found, known, duration_ms)
    units = _utf16_offsets(text)
    ends = [*times[1:], duration_ms]
    return [
        Mark(units(start), units(end), begins, ends_at)
        for (start, end), begins, ends_at in zip(found, times, ends, strict=True)
    ]


def snap_so_far(text: str, events: Sequence[WordEvent]) -> list[Mark]:
    """Return the marks of the words up to the last one with an event, while the sound grows."""
    if not events:
        return []
    last = max(event.position for event in events)
    begun = [(start, end) for start, end in spans(text) if start <= last]
    if not begun:
        return []
    until_ms = max(event.start_ms for event in events) + LAST_WORD_MS
    return snap(text[: begun[-1][1]], events, until_ms)


def spans(text: str) -> list[tuple[int, int]]:
    """Return the ranges of the spoken words in code points, in order."""
    return [match.span() for match in WORD.finditer(text)]


def _start_times(
    word_starts: Sequence[int], events: Sequence[WordEvent], duration_ms: int
) -> list[tuple[int, int]]:
    """Return (word, time) of the most words whose first events are in order.

    The longest increasing subsequence, by patience sorting: one event far off costs no other.
    """
    tops: list[int] = []  # the least word that ends a subsequence of each length
    ends: list[_Known] = []
    for event in sorted(events, key=lambda event: event.start_ms):
        word = max(0, bisect_right(word_starts, event.position) - 1)
        length = bisect_left(tops, word)
        if tops[length : length + 1] == [word]:  # later in the same word
            continue
        at = min(max(0, event.start_ms), duration_ms)
        known = _Known(word, at, ends[length - 1] if length else None)
        tops[length : length + 1] = [word]
        ends[length : length + 1] = [known]
    last = ends[-1] if ends else None
    times = []
    while last:
        times.append((last.word, last.at))
        last = last.before
    return times[::-1]


@dataclass(frozen=True, slots=True)
class _Known:
    """A word whose time is known, and the one known before it."""

    word: int
    at: int
    before: _Known | None


def _fill(
    found: Sequence[tuple[int, int]], known: Sequence[tuple[int, int]], duration_ms: int
) -> list[int]:
    """Spread the words between known times by their place in the text."""
    anchors = [*known, (len(found), duration_ms)]
    if not known or known[0][0] > 0:
        anchors.insert(0, (0, 0))
    times: list[int] = []
    for (first, from_ms), (last, to_ms) in pairwise(anchors):
        lengths = [end - start for start, end in found[first:last]]
        total, said = sum(lengths), 0
        for length in lengths:
            times.append(from_ms + (to_ms - from_ms) * said // total)
            said += length
    return times


def _utf16_offsets(text: str) -> Callable[[int], int]:
    """Return a function from code point offsets to UTF-16 offsets: JavaScript counts so."""
    astral = [at for at, character in enumerate(text) if ord(character) > 0xFFFF]
    return lambda offset: offset + bisect_left(astral, offset)
