"""Places in a text whose paragraphs were put together, divided, mended, added and dropped."""

import pytest

from reader.ingestion.moves import Moves

OLD = ["Title", "One sentence runs", "12", "over the page and on.", "Same.", "Gone.", "The end."]
NEW = ["Title", "One sentence runs over the page and on.", "Found.", "Same.", "The end."]


@pytest.mark.parametrize(
    ("place", "moved"),
    [
        ((0, 3), (0, 3)),
        ((1, 0), (1, 0)),
        ((1, 4), (1, 4)),  # "sentence"
        ((2, 0), (1, 18)),  # the page's number: the next word that stayed
        ((3, 5), (1, 23)),  # "the"
        ((4, 2), (3, 2)),
        ((5, 3), (4, 0)),  # what follows
        ((6, 8), (4, 8)),
        ((99, 0), (4, 0)),
    ],
)
def test_a_place_stays_at_its_word(place, moved):
    assert Moves(OLD, NEW).place(*place) == moved


def test_the_end_of_a_passage_stays_behind_its_last_word():
    moves = Moves(OLD, NEW)
    assert moves.place(3, 21, is_end=True) == (1, 39)
    assert moves.place(1, 17, is_end=True) == (1, 17)
    assert moves.place(2, 2, is_end=True) == (1, 17)


def test_a_paragraph_that_was_divided_keeps_its_places():
    moves = Moves(["a b c. d e f."], ["a b c.", "d e f."])
    assert [moves.place(0, at) for at in (0, 2, 7, 9)] == [(0, 0), (0, 2), (1, 0), (1, 2)]
    assert moves.place(0, 6, is_end=True) == (0, 6)
    assert moves.place(0, 13, is_end=True) == (1, 6)


def test_only_what_says_the_same_is_the_same():
    moves = Moves(OLD, NEW)
    assert [moves.same(at) for at in range(7)] == [0, None, None, None, 3, None, 4]


@pytest.mark.parametrize(("old", "new"), [([], ["a"]), (["a"], []), ([], []), (["…"], ["–"])])
def test_there_is_always_a_place(old, new):
    block, offset = Moves(old, new).place(0, 0)
    assert (block, offset) == (0, 0)


def test_every_place_is_one_of_the_new_text():
    old = ["Words of a text.", "", "x" * 40, "More words, and more.", "The last."]
    new = ["Of a text:", "More words and", "more", ""]
    moves = Moves(old, new)
    for block, text in enumerate(old):
        last = (0, 0)
        for offset in range(len(text) + 1):
            place = moves.place(block, offset)
            assert 0 <= place[1] <= len(new[place[0]])
            assert place >= last, "The order stays."
            last = place


def test_a_long_book_is_compared_soon():
    old = [f"Paragraph {at} of a book." for at in range(20_000)]
    new = [text for at, text in enumerate(old) if at % 50] + ["New."]
    moves = Moves(old, new)
    assert moves.place(19_999, 3) == (len(new) - 2, 3)
    assert moves.same(51) == 49
