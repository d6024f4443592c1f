"""When each spoken word is heard: an engine's own events, snapped to our words."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from itertools import pairwise

from .speech import Mark, WordEvent

# Scripts that put no spaces between words: Thai to Burmese, Khmer, Kana, Han. Each letter, with
# what is combined with it, is a unit of its own; a run of Kana is one.
KANA = "\u3040-\u30ff\u31f0-\u31ff\uff66-\uff9f"
HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
SOUTH_EAST = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"
UNSPACED = KANA + HAN + SOUTH_EAST

# Letters, digits and what combines with them, as regular expressions know them.
LETTER = rf"[^\W_{UNSPACED}]"
JOINED = "['\u2019\u02bc\u00ad\u200c\u200d·.,:/-]"
# What combines with a letter, and is no letter to ``re``: vowel signs, accents, points.
COMBINING = "".join(
    character
    for block in ((0x300, 0x1E00), (0x20D0, 0x2100), (0xA800, 0xAC00), (0xFE00, 0xFE30))
    for character in map(chr, range(*block))
    if unicodedata.category(character).startswith("M")
)
MARKS = f"[{COMBINING}]"
PIECE = rf"(?:{LETTER}{MARKS}*)+"
WORD = re.compile(
    rf"[$€£¥₹]?{PIECE}(?:{JOINED}{PIECE})*[%‰°]?"
    rf"|[{KANA}]+"
    rf"|[{HAN}]"
    rf"|[{SOUTH_EAST}]{MARKS}*"
)


def words(text: str) -> list[tuple[int, int]]:
    """Return the ranges of the spoken words in UTF-16 units, in order."""
    units = _utf16_offsets(text)
    return [(units(start), units(end)) for start, end in _words(text)]


def snap(text: str, events: Sequence[WordEvent], duration_ms: int) -> list[Mark]:
    """Return one mark for each spoken word, in order, from an engine's word events.

    A word starts with the first event inside it that is not earlier than what came before; an
    engine says a number in several events, some of them misplaced. Words without an event share
    the time up to the next word that has one, by their length.
    """
    found = _words(text)
    if not found:
        return []
    starts = _start_times([start for start, _ in found], events, duration_ms)
    known = [(n, at) for n, at in enumerate(starts) if at is not None]
    times = _fill(found, known, duration_ms)
    units = _utf16_offsets(text)
    ends = [*times[1:], duration_ms]
    return [
        Mark(units(start), units(end), begins, ends_at)
        for (start, end), begins, ends_at in zip(found, times, ends, strict=True)
    ]


def _words(text: str) -> list[tuple[int, int]]:
    return [match.span() for match in WORD.finditer(text)]


def _start_times(
    word_starts: Sequence[int], events: Sequence[WordEvent], duration_ms: int
) -> list[int | None]:
    times: list[int | None] = [None] * len(word_starts)
    latest_word, latest_ms = -1, 0
    for event in events:
        word = max(0, bisect_right(word_starts, event.position) - 1)
        at = min(event.start_ms, duration_ms)
        if word > latest_word and at >= latest_ms:
            times[word] = at
            latest_word, latest_ms = word, at
    return times


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
