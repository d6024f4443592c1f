"""A person's own lexicon: this word is said so."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from .text import Edit


@dataclass(frozen=True, slots=True)
class Pronunciation:
    """A word or phrase and what is said instead."""

    word: str
    say: str
    language: str = ""  # BCP 47; empty: in all
    match_case: bool = False
    whole_word: bool = True


def pronounced(shown: str, words: Sequence[Pronunciation], language: str) -> Iterator[Edit]:
    """Yield where the lexicon has another word to say."""
    base = language.lower().partition("-")[0]
    for entry in words:
        if entry.language and entry.language.lower().partition("-")[0] != base:
            continue
        for found in _pattern(entry).finditer(shown):
            yield Edit(found.start(), found.end(), entry.say, "")


def stands_alone(word: str, shown: str) -> bool:
    """Whether a word is found as a whole one, if at all: not so in scripts without spaces."""
    whole, inside = Pronunciation(word, ""), Pronunciation(word, "", whole_word=False)
    return bool(_pattern(whole).search(shown)) or not _pattern(inside).search(shown)


@lru_cache(maxsize=2_000)
def _pattern(entry: Pronunciation) -> re.Pattern[str]:
    pattern = r"\s+".join(map(re.escape, entry.word.split()))
    if entry.whole_word:
        pattern = rf"(?<!\w){pattern}(?!\w)"
    return re.compile(pattern, 0 if entry.match_case else re.IGNORECASE)
