"""What is heard of sentences that are written short: the phonemes of what a person would say."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import product

import pytest

from tests.tts.hard_sentences import HARD, MORE
from tts.engines.hibari.phonemes import PAUSES, reader
from tts.engines.hibari.rewriting import rewrite
from tts.engines.hibari.speaking import _parts

# Pauses and stress depend on how a thing is written; which sounds there are must not.
LEFT_OUT = PAUSES | set("ˈˌ")


def heard(text: str) -> str:
    """Return the sounds of a text that is spoken as the engine does, part by part."""
    return "".join(_phonemes(rewrite(text[start:end]).text) for start, end, _ in _parts(text))


def _phonemes(said: str) -> str:
    reading = reader(british=False)
    tokens = reading.phonemize_tokens(reading.tokenize(said))
    return "".join(
        each for token in tokens for each in token.phonemes or "" if each not in LEFT_OUT
    )


def ways_to_say(words: str) -> Iterator[str]:
    """Yield what may be said, of which ``{one|another}`` gives the choice."""
    parts = [part.split("|") for part in re.split(r"[{}]", words)]
    for chosen in product(*parts):
        yield re.sub(r" +(?=[ ,.;])", "", "".join(chosen))


@pytest.mark.parametrize(("written", "words"), [*HARD, *MORE])
def test_it_is_heard_as_a_person_would_say_it(written, words):
    sounds = heard(written)
    ways = {way: heard(way) for way in ways_to_say(words)}
    assert sounds in ways.values(), (sounds, next(iter(ways.items())))


@pytest.mark.parametrize("written", [written for written, _ in (*HARD, *MORE)])
def test_every_character_that_is_said_knows_its_place(written):
    rewritten = rewrite(written)
    assert len(rewritten.text) == len(rewritten.origin)
    assert rewritten.origin == sorted(rewritten.origin)
    assert all(0 <= place < len(written) for place in rewritten.origin)
