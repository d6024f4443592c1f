"""A text longer than an engine takes is cut where a speaker would breathe, and nowhere else."""

import pytest

from tts.utterances import first_clause_end, parts

ASIDE = "After a very long walk around the old harbour they saw that it was "


def test_the_first_part_of_a_long_sentence_ends_at_a_clause():
    text = "Once the harbour was quiet again, " + "the fishermen carried their nets ashore " * 3
    assert first_clause_end(text, 0, len(text)) == len("Once the harbour was quiet again, ")


def test_a_short_sentence_and_a_short_beginning_are_not_divided():
    short = "Once the harbour was quiet again, they went home."
    assert first_clause_end(short, 0, len(short)) is None
    begun = "In 1984, " + "the fishermen carried their nets ashore " * 3
    assert first_clause_end(begun, 0, len(begun)) is None


def test_the_last_of_several_clauses_is_taken():
    text = "Once the harbour was quiet, and the wind had gone, " + "the fishermen came ashore " * 4
    assert text[: first_clause_end(text, 0, len(text))].endswith("had gone, ")


@pytest.mark.parametrize(
    "whole", ["1,234,567", "10:30:15", "1990–1995", "http://example.com:80/a,b;c", "a:b", "3,5"]
)
def test_what_is_one_word_is_not_cut(whole):
    text = f"{ASIDE[: 74 - len(whole)]} {whole} of them that came back from there in the end"
    assert first_clause_end(text, 0, len(text)) is None
    for longest in range(60, 84):
        cuts = [start for start, _ in parts(text, "en", longest)[1:]]
        inside = range(text.index(whole) + 1, text.index(whole) + len(whole))
        assert not set(cuts) & set(inside)


@pytest.mark.parametrize(
    "clause",
    ["he said; ", "(he said), ", "“he said,” ", "he said – ", "he said—", "他说，", "قال، "],
)
def test_a_clause_ends_behind_its_quotation_mark(clause):
    text = f"{ASIDE[:40]}{clause}and after that nobody saw any of them ever again in that old town"
    assert first_clause_end(text, 0, len(text)) == 40 + len(clause)
