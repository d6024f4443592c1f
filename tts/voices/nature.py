"""What the voices of an engine are like: said where one is chosen, and the best come first."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Nature:
    """What voices are like, in words, and their rank among others: the lowest is the best."""

    words: str
    rank: int


NATURES = {
    "narrator": Nature("recorded, comes with the book", -1),
    "hibari": Nature("natural, on this machine", 0),
    "piper": Nature("natural, on this machine", 0),
    "openai": Nature("natural, from a server", 1),
    "espeak": Nature("robotic, every language", 3),
}
# Of an engine that somebody added, only they know.
UNKNOWN = Nature("", 2)


def nature_of(engine: str) -> Nature:
    return NATURES.get(engine, UNKNOWN)
