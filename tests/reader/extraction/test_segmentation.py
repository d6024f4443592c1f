"""A paragraph is cut into units of a comfortable length, and nothing of it is lost."""

from __future__ import annotations

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader.extraction.segmentation import IDEAL, LONGEST, SHORTEST, unit_ranges, units

LANGUAGES = st.sampled_from(["", "en", "de-AT", "ja", "zh-Hans", "ar", "xx"])
WORDS = st.sampled_from(
    [
        *("a", "word", "Dr.", "e.g.", "3.5", "Yes.", "No!", "said,", "(see", "it);", "“Oh”", "–"),
        *(
            "日本語。",
            "「はい」、",
            "مرحبا،",
            "👩‍👩‍👧",
            "🇩🇪🇫🇷",
            "e\u0301" * 9,
            "x" * 90,
            "\n",
            "\xa0",
        ),
    ]
)
TEXTS = st.one_of(
    st.lists(WORDS, max_size=400).map(" ".join),
    st.lists(WORDS, max_size=200).map("".join),
    st.text(max_size=1_500),
)


def squeezed(text: str) -> str:
    return "".join(text.split())


@given(TEXTS, LANGUAGES)
def test_units_are_the_paragraph_up_to_white_space(text: str, language: str):
    ranges = unit_ranges(text, language)
    assert units(text, language) == [text[start:end] for start, end in ranges]
    position = 0
    for start, end in ranges:
        assert text[position:start].strip() == ""
        assert text[start:end] == text[start:end].strip() != ""
        position = end
    assert text[position:].strip() == ""


@given(TEXTS, LANGUAGES)
def test_no_unit_is_too_long_and_none_but_the_only_one_too_short(text: str, language: str):
    lengths = [len(unit) for unit in units(text, language)]
    assert all(length < LONGEST + 2 * SHORTEST + 4 for length in lengths)
    if len(lengths) > 1:
        assert min(lengths) >= SHORTEST


def test_a_short_paragraph_stays_whole():
    text = "One sentence. " * 25
    assert units(text, "en") == [text.strip()]


def test_units_end_with_sentences_and_are_alike():
    text = " ".join(
        f"This is sentence number {number} of Dr. Smith's text." for number in range(40)
    )
    found = units(text, "en")
    assert all(unit.endswith("text.") for unit in found)
    assert max(map(len, found)) - min(map(len, found)) <= 60
    assert abs(sum(map(len, found)) / len(found) - IDEAL) < 60


def test_a_sentence_up_to_the_longest_is_not_cut():
    sentence = "word " * 76 + "end."
    assert units(f"{sentence} {sentence}", "en") == [sentence, sentence]


def test_a_long_sentence_is_cut_at_a_clause_end():
    clause = "and so on and so forth with many a word in it and more"
    text = f"{clause}, {clause}, {clause}, {clause}; {clause}, {clause}, {clause}, {clause}."
    assert [unit[-1] for unit in units(text, "en")] == [";", "."]


@pytest.mark.parametrize(("opens", "closes"), ["()", "[]", "“”", "«»", '""'])
def test_what_stands_in_brackets_or_quotes_is_cut_between_its_sentences(opens, closes):
    sentence = "Nobody knew, as the letters had been lost, how long it would take him to return"
    text = f"{opens}{'. '.join([sentence] * 7)}.{closes}"
    cut = units(text, "en")
    assert len(cut) > 1
    assert all(unit.endswith("return.") for unit in cut[:-1])


def test_an_abbreviation_in_brackets_is_no_place_to_cut():
    text = "(" + "They asked Prof. Miller and Mrs. Brown of St. James about it, " * 10 + "and left)"
    assert all(unit.endswith(("about it,", "left)")) for unit in units(text, "en"))


def test_a_comma_in_a_number_is_no_clause_end():
    text = "one two 1,000 three 10:30 four " * 30
    assert all(
        unit.split()[0] in {"one", "two", "three", "four", "1,000", "10:30"}
        and unit.split()[-1] in {"one", "two", "three", "four", "1,000", "10:30"}
        for unit in units(text, "en")
    )


def test_japanese_is_cut_at_its_own_stops():
    text = "今日はとても天気がよかったので、公園まで散歩に行きました。" * 30
    assert {unit[-1] for unit in units(text, "ja")} == {"。"}
    assert {unit[-1] for unit in units(text.replace("。", "、"), "ja")} == {"、"}


def test_a_tail_goes_to_the_unit_before():
    text = "x" * 390 + ". And then no more."
    assert units(text, "en") == [text]


@pytest.mark.parametrize(
    "cluster",
    ["👩‍👩‍👧", "🇩🇪", "👍🏽", "e\u0301\u0302", "क्षि", "กำ", "1\ufe0f\u20e3", "\u1112\u1161\u11ab"],
)
def test_what_is_seen_as_one_character_stays_whole(cluster: str):
    text = cluster * 1_000
    assert {unit.replace(cluster, "") for unit in units(text, "")} == {""}


@pytest.mark.parametrize(
    "piece",
    [
        "word ",
        "a",
        "「。",
        "“a? ",
        "a. ",
        "!",
        "👩‍👩‍👧",
        "🇩🇪",
        "e\u0301",
        "\u0301",
        "\xa0a",
        "((",
        ",",
        ", ",
    ],
)
def test_a_hundred_thousand_characters_take_no_time(piece: str):
    text = piece * (100_000 // len(piece))
    begun = time.process_time()
    found = units(text, "en")
    assert time.process_time() - begun < 2
    assert squeezed("".join(found)) == squeezed(text)
    assert len(found) > 200


def test_lone_surrogates_do_no_harm():
    assert units("\ud800 " * 300, "en")[0].startswith("\ud800")


def test_white_space_is_no_unit():
    assert units(" \n\t ", "en") == []


def test_no_unit_begins_with_a_closing_mark():
    text = ("日本語" * 20 + "ー」" + "文字" * 10) * 20
    assert all(unicodedata.category(unit[0]) not in {"Pe", "Lm"} for unit in units(text, "ja"))
