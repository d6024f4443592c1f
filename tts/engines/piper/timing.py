"""When each word is heard, told by how long each phoneme is.

The phonemes of a sentence do not say which word they are of: espeak runs words together ("of the"
is one) and says a number in several. So each word is also read by itself, and these phonemes are
aligned with the sentence's, as strings are (Needleman and Wunsch, 1970).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

STRESS = frozenset("ˈˌːˑ")
VOWELS = frozenset("aeiouyæøœɐɑɒɔɘəɚɛɜɝɞɪɨɯɵɤʉʊʌʏᵻ")
SPACE = " "
PUNCTUATION = frozenset(" .,:;!?…-—–()\"'“”«»¿¡。、，！？")

# What a pair of symbols is worth, and one that stands alone.
SAME, SPACES, ALIKE, UNLIKE, BESIDE_SPACE, ALONE = 2.0, 1.0, -0.5, -2.0, -4.0, -1.0


def word_starts(words: Sequence[Sequence[str]], spoken: Sequence[str]) -> list[int | None]:
    """Return for each word the index of the symbol that it begins with; None if it has none.

    That is its first phoneme behind a pause. Without one it is the space before: what the model
    gives to that is no silence but the way from one word to the next.

    ``words``: the phonemes of each word by itself. ``spoken``: those of the whole.
    """
    expected: list[str] = []
    of: list[int] = []
    for number, word in enumerate(words):
        symbols = [symbol for symbol in word if symbol not in STRESS and symbol not in PUNCTUATION]
        if expected and symbols:
            expected.append(SPACE)
            of.append(-1)
        expected += symbols
        of += [number] * len(symbols)
    heard, places = _plain(spoken)
    starts: list[int | None] = [None] * len(words)
    last = -1
    for ours, theirs in _aligned(expected, heard):
        number = of[ours]
        if number < 0 or heard[theirs] == SPACE or starts[number] is not None:
            last = theirs
            continue
        # What comes before it up to a space was said of no other word.
        first = theirs
        while first - 1 > last and heard[first - 1] != SPACE:
            first -= 1
        starts[number] = _beginning(spoken, places[first])
        last = theirs
    return starts


def _plain(spoken: Sequence[str]) -> tuple[list[str], list[int]]:
    """Return the phonemes without stress, and with one space for each pause; and their places."""
    heard: list[str] = []
    places: list[int] = []
    for place, symbol in enumerate(spoken):
        if symbol in STRESS:
            continue
        if symbol in PUNCTUATION:
            if not heard or heard[-1] == SPACE:
                continue
            symbol = SPACE
        heard.append(symbol)
        places.append(place)
    return heard, places


def _beginning(spoken: Sequence[str], place: int) -> int:
    while place and spoken[place - 1] in STRESS:
        place -= 1
    is_fluent = place > 1 and spoken[place - 1] == SPACE and spoken[place - 2] not in PUNCTUATION
    return place - 1 if is_fluent else place


def _aligned(ours: Sequence[str], theirs: Sequence[str]) -> list[tuple[int, int]]:
    """Return which symbols stand side by side in the best alignment, in order."""
    rows, columns = len(ours), len(theirs)
    if not rows or not columns:
        return []
    worth = _worth(ours, theirs)
    steps = ALONE * np.arange(columns + 1)
    best = np.empty((rows + 1, columns + 1))
    best[0] = steps
    for row in range(1, rows + 1):
        line = best[row - 1] + ALONE
        line[1:] = np.maximum(line[1:], best[row - 1, :-1] + worth[row - 1])
        # To come from the left any number of times costs as much each time.
        best[row] = np.maximum.accumulate(line - steps) + steps
    pairs = []
    row, column = rows, columns
    while row and column:
        here = best[row, column]
        if here == best[row - 1, column - 1] + worth[row - 1, column - 1]:
            row, column = row - 1, column - 1
            pairs.append((row, column))
        elif here == best[row - 1, column] + ALONE:
            row -= 1
        else:
            column -= 1
    return pairs[::-1]


def _worth(ours: Sequence[str], theirs: Sequence[str]) -> NDArray[np.float64]:
    codes = {symbol: code for code, symbol in enumerate({*ours, *theirs})}
    a = np.array([codes[symbol] for symbol in ours])[:, None]
    b = np.array([codes[symbol] for symbol in theirs])[None, :]
    kinds = [0 if symbol == SPACE else 1 if symbol in VOWELS else 2 for symbol in codes]
    kind = np.array(kinds)
    worth = np.where(kind[a] == kind[b], ALIKE, UNLIKE)
    worth = np.where((kind[a] == 0) != (kind[b] == 0), BESIDE_SPACE, worth)
    worth = np.where(a == b, SAME, worth)
    return np.where((kind[a] == 0) & (kind[b] == 0), SPACES, worth)
