"""Letters as they are meant: with the accents drawn over them, and not set apart."""

from __future__ import annotations

import re
from itertools import pairwise
from statistics import median

from .characters import Characters
from .signs import ACCENT, composed

GONE = "\x00"  # in place of a character, so that indices stay
NO_SPACE = 0.13
# Letters that are set apart: at least four, a space between each two.
SPACED = re.compile(r"(?<!\S)(?:[^\W\d_][.,:]? ){3,}[^\W\d_](?!\S)")


def with_accents(characters: Characters, text: str, at: int, size: float) -> str:
    """Put accents that are drawn over a letter and the letter together; indices stay."""
    letters = list(text)
    for found in ACCENT.finditer(text):
        index = found.start()
        over = characters.box(at + index)
        middle = (over.left + over.right) / 2
        # Mostly its letter is beside it; some have all accents at the end of a line.
        for other in sorted(range(len(text)), key=lambda each, index=index: abs(each - index)):  # type: ignore[misc]
            made = composed(found[0], letters[other]) if letters[other].isalpha() else ""
            if not made:
                continue
            box = characters.box(at + other)
            if box.left - 0.1 <= middle <= box.right + 0.1:
                letters[other], letters[index] = made, GONE
                _close_up(letters, index, other)
                # The library sees a space where the accent stands far before its letter's edge.
                first = min(index, other)
                if abs(other - index) == 1 and first > 1 and letters[first - 1] == " ":
                    gap = box.left - characters.box(at + first - 2).right
                    if letters[first - 2].isalpha() and gap < NO_SPACE * size:
                        letters[first - 1] = GONE
                break
    return "".join(letters)


def _close_up(letters: list[str], accent: int, letter: int) -> None:
    """Take out the spaces that the library saw around an accent that stands before its letter."""
    if letter == accent + 2 and letters[accent + 1] == " ":
        letters[accent + 1] = GONE
        if accent and letters[accent - 1] == " ":
            letters[accent - 1] = GONE
    elif accent == letter + 2 and letters[letter + 1] == " ":
        letters[letter + 1] = GONE


def closed_up(characters: Characters, text: str, at: int) -> str:
    """Put words together whose letters are set apart, by the gaps between them."""
    for spaced in reversed(list(SPACED.finditer(text))):
        indices = [i for i in range(*spaced.span()) if not text[i].isspace()]
        boxes = [characters.box(at + index) for index in indices]
        gaps = [other.left - one.right for one, other in pairwise(boxes)]
        usual = median(gaps)
        word = ""
        for index, gap in zip(indices, [*gaps, 0.0], strict=True):
            word += text[index] + (" " if gap > 1.6 * max(usual, 0.1) + 0.6 else "")
        text = text[: spaced.start()] + word + text[spaced.end() :]
    return text
