"""Letters that stand for others in a style of type: 𝗯𝗼𝗹𝗱 as pasted in posts, 𝑥 of mathematics."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from .text import Edit

_STYLED = re.compile("[\U0001d400-\U0001d7ff]+")


def plain_letters(shown: str) -> Iterator[Edit]:
    """Yield plain letters and digits instead of those that no voice knows."""
    for found in _STYLED.finditer(shown):
        yield Edit(found.start(), found.end(), unicodedata.normalize("NFKC", found[0]))
