"""What is said of addresses and of the names of files."""

from __future__ import annotations

import re
from collections.abc import Sequence

from .numbers import spelled
from .readings import Said


def address(found: re.Match[str]) -> Said:
    said = re.sub(r"^(?:https?|ftp)://", "", found[0], flags=re.IGNORECASE).rstrip("/")
    said = re.sub(r"^mailto:", "", said, flags=re.IGNORECASE)
    words: list[str] = []
    for part in re.findall(r"[^\W\d_]+|\d+|[^\w\s]|_", said):
        if part.isdigit():
            words.append(part if len(part) < 5 else spelled(part))
        elif part.isalpha() and _is_spelled(part.lower(), behind=words[-1:]):
            words.append(spelled(part))
        else:
            words.append(IN_ADDRESSES.get(part, part))
    return f" {' '.join(words)} "


def _is_spelled(part: str, *, behind: Sequence[str]) -> bool:
    """Tell whether a part of an address is no word: a country, what has no vowels, no article."""
    if part == "a" or (1 < len(part) < 6 and not re.search("[aeiouy]", part)):
        return part.isascii()
    return len(part) == 2 and list(behind) == ["dot"] and part not in ("co", "me", "tv")


IN_ADDRESSES = {
    ".": "dot", "@": "at", "/": "slash", "-": "dash", "_": "underscore", ":": "colon", "~": "tilde",
    "?": "question mark", "&": "and", "=": "equals", "#": "hash", "%": "percent", "+": "plus",
}  # fmt: skip


def name_of_a_file(found: re.Match[str]) -> Said:
    endings = found[2].lower().strip(".").split(".")
    said = [each if re.search("[aeiou]", each) else spelled_mixed(each) for each in endings]
    name = re.sub(r"\ba\b", "A.", re.sub(r"[_.-]", " ", found[1]))
    return [(name, 1), *((f" dot {each}", 2) for each in said)]


def spelled_mixed(characters: str) -> str:
    """Say letters and digits one by one: "mp3"."""
    return " ".join(spelled(each) for each in re.findall(r"[a-z]+|\d+", characters))
