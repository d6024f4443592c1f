"""What is spoken of a block, and where that is shown."""

from __future__ import annotations

import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from reader.spoken import NOTHING, Spoken, speak

ODD = st.text(
    st.one_of(
        st.sampled_from(" \n\t\xa0\xad\u200b\u200c\u200d\u202e\ufeffaé1.😀می👩"), st.characters()
    )
)


def utf16(text: str) -> bytes:
    return text.encode("utf-16-le", "surrogatepass")


def test_text_that_is_spoken_as_it_is_shown_has_one_span():
    assert speak("paragraph", "", "Hello, world.") == Spoken("Hello, world.", ((0, 0, 13),))


def test_lengths_count_utf16_units():
    assert speak("paragraph", "", "😀 Hi") == Spoken("😀 Hi", ((0, 0, 5),))


def test_white_space_is_folded_and_the_map_kept():
    assert speak("paragraph", "", "  One \n two\xa0three ") == Spoken(
        "One two three", ((0, 2, 4), (4, 8, 9))
    )


def test_invisible_characters_are_not_spoken_and_the_map_kept():
    assert speak("paragraph", "", "\ufeffco\xadop\u200b, \u202eyes") == Spoken(
        "coop, yes", ((0, 1, 2), (2, 4, 2), (4, 7, 2), (6, 10, 3))
    )


def test_joiners_stay_where_they_shape_a_word():
    assert speak("paragraph", "", "می\u200cخواهم 👩\u200d👧").text == "می\u200cخواهم 👩\u200d👧"
    assert speak("paragraph", "", "Auf\u200clage \u200d x").text == "Auflage x"


@pytest.mark.parametrize(
    "shown", ["", " \n\t", "* * *", "—", "…?!", "😀", "\u200b\xad", "\x00", "___"]
)
def test_where_there_are_no_words_nothing_is_spoken(shown: str):
    assert speak("paragraph", "", shown) == NOTHING


@pytest.mark.parametrize("shown", ["5", "½", "ok", "日本", "مرحبا", "(a)"])
def test_a_word_or_number_is_spoken(shown: str):
    assert speak("paragraph", "", shown).text == shown


@given(ODD)
@example("𝕊")
def test_every_span_leads_to_the_same_characters(shown: str):
    spoken = speak("paragraph", "", shown)
    said, seen = utf16(spoken.text), utf16(shown)
    after = (0, 0)
    for spoken_start, shown_start, length in spoken.spans:
        assert length > 0
        assert (spoken_start, shown_start) >= after
        after = (spoken_start + length, shown_start + length)
        here = said[2 * spoken_start : 2 * after[0]].decode("utf-16-le", "surrogatepass")
        there = seen[2 * shown_start : 2 * after[1]].decode("utf-16-le", "surrogatepass")
        assert here == "".join(" " if letter.isspace() else letter for letter in there)
    # A styled letter is said as a plain one: that is not shown there.
    if set(spoken.text) <= {*shown, " "}:
        assert sum(length for _, _, length in spoken.spans) == len(said) // 2


@given(ODD)
def test_spoken_text_is_folded(shown: str):
    text = speak("paragraph", "", shown).text
    assert text == " ".join(text.split())
    # Without the rules: what an invisible character kept apart may be a footnote's mark to them.
    assert speak("paragraph", "", text, silent=frozenset()).text == text


@pytest.mark.parametrize("piece", ["a \xad", "a\xad", " ", "\u200b", "a\u200c", "😀\n\n"])
def test_time_is_linear(piece: str):
    def spent(count: int) -> float:
        begun = time.process_time()
        speak("paragraph", "", piece * count + "a")
        return time.process_time() - begun

    # Ten times the text takes ten times as long, on any machine; a square would be a hundred.
    assert spent(300_000) < 40 * max(spent(30_000), 0.01)
