"""What a document is called that does not say so itself."""

from __future__ import annotations

import re

FIRST_WORDS = 60  # characters, of a text that is called by how it begins


def stem(name: str) -> str:
    """Return a file's name as a title."""
    bare = re.sub(r"\.\w{1,8}$", "", name.rpartition("/")[2])
    return re.sub(r"[_\s]+", " ", bare).strip()


def first_words(text: str) -> str:
    """Return how a text begins."""
    words = " ".join(text.split())
    if len(words) <= FIRST_WORDS:
        return words
    # Not every script has spaces to cut at.
    return (words[:FIRST_WORDS].rpartition(" ")[0] or words[: FIRST_WORDS - 1]) + "…"
