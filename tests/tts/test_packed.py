"""hibari's tables in little memory say what they said as dicts."""

import tracemalloc

import pytest
from hibari.g2p import G2P
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.known_speech import REPORTED, TUNED_ON
from tests.nasty_texts import NASTY
from tts.engines.hibari.packed import Packed
from tts.engines.hibari.phonemes import reader


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.dictionaries(st.text(), st.text() | st.dictionaries(st.text(), st.floats(-50, 50))))
def test_each_key_has_its_value_and_no_other_key_any(table):
    packed = Packed(table)
    for key, value in table.items():
        assert packed.get(key) == value
        assert key in packed
        other = key + "\x00"
        assert packed.get(other) == table.get(other)
    assert packed.get("\ud800") is None  # half of a pair is in no text


def test_a_table_takes_a_third_of_the_memory_or_less():
    def table() -> dict[str, str]:
        return {f"word {n}": f"wˈɜːd {n}" for n in range(50_000)}

    assert memory_of(lambda: Packed(table())) < memory_of(table) / 3


def memory_of(make) -> int:
    tracemalloc.start()
    try:
        kept = make()
        size, _ = tracemalloc.get_traced_memory()
        assert kept
        return size
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("british", [False, True])
def test_what_is_read_is_what_the_library_reads(british):
    ours, library = reader(british), G2P(british=british)
    tagger, lexicon = ours.tagger, ours.lexicon
    for table in (tagger.weights, tagger.tagdict, tagger.vocab, lexicon.golds.d, lexicon.silvers.d):
        assert isinstance(table, Packed)
    texts = [*TUNED_ON, *REPORTED, *(text for text in NASTY if len(text) < 2_000)]
    for text in texts:
        found, expected = (
            [(token.text, token.tag, token.phonemes) for token in each.phonemize_tokens(tokens)]
            for each, tokens in ((one, one.tokenize(text)) for one in (ours, library))
        )
        assert found == expected
