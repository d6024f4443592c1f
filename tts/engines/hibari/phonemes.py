"""What is said -> the phonemes that the model speaks, each knowing the word that it is of."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from hibari.g2p import G2P

from .files import assets
from .packed import Packed

PAD = 0
# What is written as a phoneme but is a pause: silence at the ends is counted over these.
PAUSES = frozenset(' ;:,.!?—…"“”()')
VOICELESS = frozenset("ptkfθsʃʧh")


@dataclass(frozen=True, slots=True)
class Phonemes:
    """The ids of one piece, with a pad at both ends, and the words among them.

    ``words``: the first id of each spoken token, its place in the text, and whether it follows the
    word before without a pause. ``sounding``: the first and the last id that is no pause.
    ``voiceless``: which ids are of consonants without voice.
    """

    ids: Sequence[int]
    words: Sequence[tuple[int, int, bool]]
    sounding: tuple[int, int]
    voiceless: Sequence[int]


def phonemes_of(text: str, *, british: bool) -> Phonemes | None:
    """Return the phonemes of a text that is rewritten; None if there is nothing to say in it."""
    reading = reader(british)
    tokens = reading.phonemize_tokens(reading.tokenize(text))
    vocabulary = _vocabulary()
    ids, words, sounding, voiceless = [PAD], [], [], []
    at = 0
    for token in tokens:
        found = text.find(token.text, at)
        if found >= 0:
            at = found + len(token.text)
        first = len(ids)
        said = (token.phonemes or "") + (" " if token.whitespace else "")
        for phoneme in said:
            if phoneme not in vocabulary:
                continue
            if phoneme not in PAUSES:
                sounding.append(len(ids))
            if phoneme in VOICELESS:
                voiceless.append(len(ids))
            ids.append(vocabulary[phoneme])
        if found >= 0 and sounding and sounding[-1] >= first:
            at_word = next(number for number, each in enumerate(sounding) if each >= first)
            begin = sounding[at_word]
            is_fluent = at_word > 0 and begin - sounding[at_word - 1] <= 2  # a space, or nothing
            words.append((begin, found, is_fluent))
    if not sounding:
        return None
    return Phonemes((*ids, PAD), words, (sounding[0], sounding[-1]), voiceless)


@cache
def reader(british: bool) -> G2P:
    """Return the reader of one kind of English; loading it takes half a second."""
    reading = G2P(british=british)
    reading.oov("lectern")  # the net for unknown words is loaded when it is first used
    for words in (reading.lexicon.golds, reading.lexicon.silvers):
        words.d = Packed(words.d)
    tagger = reading.tagger
    tagger.weights, tagger.tagdict = Packed(tagger.weights), Packed(tagger.tagdict)
    tagger.vocab = Packed(dict.fromkeys(tagger.vocab, True))
    return reading


@cache
def _vocabulary() -> dict[str, int]:
    known: dict[str, int] = json.loads((assets() / "vocab.json").read_text(encoding="utf-8"))
    return known
