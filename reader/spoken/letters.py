"""Letters that stand for others in a style of type: 𝗯𝗼𝗹𝗱 as pasted in posts, 𝑥 of mathematics."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from .text import Edit

# With those of them that Unicode had before: the "h" in 𝑡ℎ𝑒
_STYLED = re.compile("[\U0001d400-\U0001d7ffℂℊ-ℎℐ-ℓℕℙ-ℝℤℨℬℭℯ-ℱℳℴ]")


def plain_letters(shown: str) -> Iterator[Edit]:
    """Yield plain letters and digits instead of those that no voice knows."""
    for found in _STYLED.finditer(shown):
        yield Edit(found.start(), found.end(), unicodedata.normalize("NFKC", found[0]))


def in_plain_letters(text: str) -> str:
    return _STYLED.sub(lambda found: unicodedata.normalize("NFKC", found[0]), text)
