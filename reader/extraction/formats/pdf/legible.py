"""Whether a file's fonts tell which letters they draw.

Some files have only numbers of shapes. What the library makes of them are letters, but no words.
"""

from __future__ import annotations

import re
import unicodedata

from reader.extraction.language import COMMON_WORDS

# Signs that stand for no letter: private places, replacements, numbers in place of letters.
_STRANGE = re.compile("\\(cid:\\d+\\)|[\ue000-\uf8ff\ufffd\x00-\x08]")
_WIDE = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_WORD = re.compile(r"[A-Za-z\u00c0-\u024f]{2,}")
# In every language in Latin letters these eight are more than half of all.
_USUAL = frozenset("aeinorst")
_COMMON = {language: frozenset(words.split()) for language, words in COMMON_WORDS["Latn"].items()}
ENOUGH = 30  # words or signs
STRANGE_SHARE = 0.3
COMMON_SHARE = 0.09  # of a text's words are among the commonest of its language
USUAL_SHARE = 0.5


def is_legible(text: str) -> bool:
    """Tell whether a text may be one in some language; a short one is believed."""
    strange = len(_STRANGE.findall(text))
    letters = sum(map(str.isalpha, text))
    if strange >= ENOUGH and strange > STRANGE_SHARE * (letters + strange):
        return False
    words = [word.lower() for word in _WORD.findall(text)]
    # A character of Han or kana says as much as some letters.
    letters += 2 * len(_WIDE.findall(text))
    if len(words) < ENOUGH or sum(map(len, words)) < 0.4 * letters:
        return True
    known = max(sum(word in common for word in words) for common in _COMMON.values())
    if known >= COMMON_SHARE * len(words):
        return True
    plain = "".join(unicodedata.normalize("NFD", "".join(words)))
    basic = [letter for letter in plain if letter.isalpha()]
    return sum(letter in _USUAL for letter in basic) >= USUAL_SHARE * len(basic)
