"""Whether something raised is the mark of a note.

It is one only with evidence: a link or a role in the markup, a note of that number elsewhere, or
its place behind a word or a stop.
"""

from __future__ import annotations

import re

from .quantities import (
    FUNCTIONS,
    LENGTHS,
    OTHER_LENGTHS,
    OXIDES,
    UNITS,
    is_abbreviation,
    is_element,
)
from .scripts import NOTE, NOTED, Raised
from .vocabulary import ANY_ORDINALS, ANY_WORDS, Vocabulary

_BRACKETED = re.compile(r"\[[^\[\]]{1,60}\]")
_SYMBOLS = re.compile(r"[*†‡§¶‖#]{1,4}")
_SMALL_LETTERS = re.compile(r"[a-h](?:\s?,\s?[a-h*])*|[ivx]{1,4}")
_NUMBERS = re.compile(
    r"\(?\d{1,4}[a-z]?(?:\s?[,;-]\s?\d{1,4}[a-z]?)*(?:\s?,?\s?[*†‡§¶‖#]{1,3}){0,3}\)?"
)
_NUMBER = re.compile(r"\d+(?:[.,]\d+)?")
_PAGE = re.compile(
    r"(?:\[[^\[\]]{1,20}\])?:\s?[\divxlc][\divxlc\s,–-]*"
)  # of what is cited, as in Wikipedia
_TEN = re.compile(r"(?<![\d.,])10$|[×x·*]\s?10\s$")
_YEAR = re.compile(r"(?<![\d.,])(?:1[0-9]|20)\d\d$")
_STOP = re.compile(r"[^\w\s=+×·∙*−<>≤≥≈(\[{√^-]$")
_SENTENCE_STOP = re.compile(r"[^\W\d_]{2}[.,;:!?…\"”’»]{1,2}$")
_IN_BRACKETS = re.compile(r"\(([^()]{1,60})\)$|\|([^|]{1,60})\|$|\[([^\[\]]{1,60})\]$")
_SYMBOL_NEXT = re.compile(r"\d|[\u0370-\u03ff](?![\u0370-\u03ff])")
_SENTENCE_NEXT = re.compile(r"[^\W\d_]{2}|[AIOEYÀÉÓ]\s")
_LONG_WORD = re.compile(r"[^\W\d_]{4,}")
_OPERATOR = re.compile(r"[=<>≤≥≈≠±+×·∙*/√∝∼~−-]")
_COUNTED = re.compile(r"(?:[\d½¼¾]\s?|[/·⋅∙]\s?|\(|\b(?:per|in|pro|par|por|en)\s)$")
_AMOUNT = re.compile(r"[\d½¼¾]\s?$")


def is_mark(raised: Raised, words: Vocabulary | None) -> bool:
    """Tell whether it is the mark of a note."""
    text, before = raised.text, raised.before
    if raised.role == NOTE or _BRACKETED.fullmatch(text) or _PAGE.fullmatch(text):
        return True
    if _SYMBOLS.fullmatch(text):
        return not raised.is_behind_symbol and not (before and raised.after[:1].isalnum())
    if _SMALL_LETTERS.fullmatch(text):
        return _is_letter(raised, words)
    if not _NUMBERS.fullmatch(text.strip(",")) or not text.strip("0") or _TEN.search(before):
        return False
    if raised.has_index:
        return False
    if not before or before[-1].isspace():
        return _stands_free(raised)
    if before[-1].isdigit():
        if raised.role == NOTED or not _NUMBER.fullmatch(text):
            return True
        return bool(_YEAR.search(before)) and not raised.in_formula
    if raised.word:
        return _is_behind_word(raised, words)
    if bracketed := _IN_BRACKETS.search(before):
        return not _is_term(bracketed[1] or bracketed[2] or bracketed[3])
    return bool(_STOP.search(before))


def _stands_free(raised: Raised) -> bool:
    """Tell the mark before a note's text, before a verse, or behind a word and a space."""
    after = raised.after
    if is_element(after) or raised.follows_operator or _SYMBOL_NEXT.match(after):
        return False
    if not raised.before.strip():
        return True
    if after[:1].isalpha():
        return bool(_SENTENCE_NEXT.match(after))
    return not raised.in_formula


def _is_letter(raised: Raised, words: Vocabulary | None) -> bool:
    if raised.role == NOTED:
        return True
    ordinals = words.ordinals if words else ANY_ORDINALS
    if raised.text in ordinals or is_abbreviation(raised):
        return False
    if not raised.word:
        return bool(_SENTENCE_STOP.search(raised.before))
    return len(raised.word) > 2 and not raised.in_formula and raised.word not in FUNCTIONS


def _is_behind_word(raised: Raised, words: Vocabulary | None) -> bool:
    word = raised.word
    if raised.is_behind_symbol or word in FUNCTIONS:
        return False
    if word in OTHER_LENGTHS and raised.text in {"2", "3"} and raised.role != NOTED:
        return False
    if word in UNITS and _is_power_of_unit(raised):
        return False
    if raised.in_formula and len(word) <= 3:
        return False
    if len(word) > 2 or raised.role == NOTED:
        return True
    if word.lower() in (words.words if words else ANY_WORDS):
        return True
    return word not in OXIDES and not word.islower()


def _is_power_of_unit(raised: Raised) -> bool:
    if raised.text not in {"2", "3", "4"}:
        return False
    if raised.word == "in":  # mostly the word
        return bool(_AMOUNT.search(raised.ahead)) or raised.ahead.rstrip().endswith("/")
    if raised.word in LENGTHS:
        return bool(_COUNTED.search(raised.ahead)) or raised.role != NOTED
    return raised.ahead.rstrip().endswith(("/", "·", "⋅", "∙")) or raised.in_formula


def _is_term(inner: str) -> bool:
    """Tell whether what is in brackets is mathematics."""
    if _LONG_WORD.search(inner):
        return False
    return bool(_OPERATOR.search(inner)) or len(inner.strip()) == 1 or inner.strip().isdigit()
