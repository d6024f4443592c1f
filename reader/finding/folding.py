"""Words as they are compared when something is looked for: without case and accents.

Scripts that put no spaces between words are taken character by character, so that any two
characters of theirs that stand together are found.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

# Letters that Unicode does not take apart.
ALIKE = str.maketrans(
    {"ø": "o", "đ": "d", "ð": "d", "ł": "l", "æ": "ae", "œ": "oe", "ı": "i", "þ": "th", "ħ": "h"}
)
# Han, kana, Thai, Lao, Tibetan, Burmese, Khmer.
UNSPACED = (
    "\u0e00-\u0eff\u0f00-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
# Marks above and below letters of Latin, Greek, Cyrillic, Hebrew and Arabic script: not those of
# Indian scripts and of kana, which are letters of their own to whoever reads them.
ACCENTS = re.compile("[\u0300-\u036f\u0591-\u05bd\u05bf-\u05c7\u064b-\u065f\u0670\u1ab0-\u1aff]")
# Marks that belong to the letter before them, of the scripts above that have any.
MARKS = (
    "\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u0900-\u0903\u093a-\u094f"
    "\u0981-\u0983\u09bc-\u09cd\u0a01-\u0a4d\u0a81-\u0acd\u0b01-\u0b57\u0b82\u0bbe-\u0bcd"
    "\u0c00-\u0c56\u0c81-\u0cd6\u0d00-\u0d57"
)
LETTER = f"[^\\W_{UNSPACED}]"
TOKEN = re.compile(f"[{UNSPACED}]|{LETTER}+(?:[{MARKS}]+{LETTER}*)*")
# The same, of most texts once they are folded: an import has many. What is no letter is a space.
ASCII = "".join(char.lower() if char.isalnum() else " " for char in map(chr, range(128)))
LONGEST_TOKEN = 60


def fold(text: str) -> str:
    """Return a text as it is compared."""
    if text.isascii():
        return text.lower()
    taken_apart = unicodedata.normalize("NFKD", text).casefold()
    return unicodedata.normalize("NFC", ACCENTS.sub("", taken_apart)).translate(ALIKE)


def tokens(text: str) -> list[str]:
    """Return the words of a text, and the characters of what has none, as they are compared."""
    folded = text if text.isascii() else fold(text)
    found = folded.translate(ASCII).split() if folded.isascii() else TOKEN.findall(folded)
    if max(map(len, found), default=0) > LONGEST_TOKEN:
        return [token[:LONGEST_TOKEN] for token in found]
    return found


def places(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield where each token of a text begins and ends in it, and the token as it is compared."""
    for found in TOKEN.finditer(text):
        for token in tokens(found[0]):
            yield found.start(), found.end(), token
