"""PDFs in which something is displayed within a sentence or beside it: code, tables, pictures."""

import pytest

from reader.extraction import extract
from reader.extraction.formats.pdf.page.characters import _with_others

from .paper import Paper

RIVER = [
    "The river had been low all summer, and the boats lay in the mud of the bank as if",
    "they had been forgotten there. Nobody went down to look at them, since it was too",
    "hot to walk so far and since everyone knew what would be found. It had been so before.",
]
LOADS = [
    "It was said by all who had used it that the package does nothing of its own, and that",
    "whoever wants to have the old signs must write the line",
]
LINE = "\\usepackage[old,full]{signs}"


def blocks(paper):
    return [(block.kind, block.shown) for block in extract("pdf", paper.made()).blocks]


def displayed(before, code, after, at=72, font="Times-Roman"):
    """Return a page with code between two parts of a text."""
    paper = Paper().lines(72, 780, RIVER).lines(72, 720, before)
    y = 720 - 12 * len(before) - 8
    paper.lines(90, y, code, 10, "Courier")
    y -= 12 * len(code) + 8
    words = after[0].split(" ", 1)
    paper.text(at, y, words[0] + " ", 10, font).more(words[1])
    return paper.lines(72, y - 12, after[1:]).lines(72, 400, RIVER)


def test_a_sentence_goes_on_behind_the_code_that_is_displayed_in_it():
    after = ["in the preamble of the document, and then the old signs are there for all of its"]
    found = blocks(displayed(LOADS, [LINE], [*after, "text. Of this more is said below."]))
    whole = f"{' '.join(LOADS)}\n{LINE}\n{after[0]} text. Of this more is said below."
    assert found[1] == ("paragraph", whole)


def test_code_in_a_sentence_is_marked_as_code():
    after = ["in the preamble of the document, and then the old signs are there for all of it."]
    found = list(extract("pdf", displayed(LOADS, [LINE], after).made()).blocks)
    assert f"<br>\n<code>{LINE}</code><br>\nin the" in found[1].html


@pytest.mark.parametrize(
    ("before", "code", "after", "at", "font"),
    [
        ([*LOADS[:1], "it is told by this:"], [LINE], "Nothing else must be done.", 72, None),
        (LOADS, ["one", "two", "three", "four"], "in the preamble of all of it.", 72, None),
        (LOADS, ["12 one", "13 two"], "in the preamble of all of it.", 72, None),
        (RIVER, [LINE], "signs is the name of the package that has them.", 72, "Times-Bold"),
        (RIVER, [LINE], "signs: the name of the package that has them.", 72, None),
        (RIVER, [LINE], "\\signs is the name of the command that has them.", 72, None),
        (RIVER, [LINE], "in the preamble it stands as a paragraph of its own.", 96, None),
        (["Loading the Signs"], [LINE], "There is nothing to be done.", 72, None),
        (RIVER, ["open(name, mode)"], "opens the file that is called so, for reading.", 72, None),
        (LOADS, [LINE], "There is nothing else that would have to be done.", 72, None),
    ],
    ids=[
        "ended",
        "long",
        "listing",
        "name",
        "label",
        "command",
        "indented",
        "title",
        "signature",
        "sentence",
    ],
)
def test_code_stands_by_itself(before, code, after, at, font):
    found = blocks(displayed(before, code, [after], at, font or "Times-Roman"))
    assert ("code", "\n".join(code)) in found


OPEN, REST = RIVER[:2], RIVER[2:]
RIVER_WHOLE = ("paragraph", " ".join(RIVER))


def test_a_sentence_goes_on_behind_code_and_a_caption_on_the_next_page():
    paper = Paper().lines(72, 780, RIVER).lines(72, 100, OPEN).page()
    paper.lines(90, 780, ["boat.sink(river)", "boat.raise()"], 10, "Courier")
    paper.text(72, 740, "Listing 1: How a boat is sunk.").lines(72, 700, [*REST, *RIVER])
    assert RIVER_WHOLE[1] in blocks(paper)[1][1]


def test_code_on_the_next_page_is_not_set_into_a_footnote():
    after = "in the preamble of the document, and then the old signs are there for all of it."
    paper = Paper().lines(72, 780, RIVER).lines(72, 120, LOADS)
    paper.text(72, 60, "1 It is told of in the book on boats, and in that on signs.", 7).page()
    paper.text(90, 780, LINE, 10, "Courier").text(72, 758, after).lines(72, 700, RIVER)
    found = blocks(paper)
    assert ("code", LINE) in found
    assert not any(LINE in text for kind, text in found if kind != "code")


def test_small_print_below_code_is_no_part_of_its_sentence():
    paper = Paper().lines(72, 780, RIVER).lines(72, 720, LOADS)
    paper.text(90, 688, LINE, 10, "Courier").text(72, 668, "adapted from a book on boats", 6)
    paper.lines(72, 640, RIVER)
    assert not any("adapted" in text and LINE in text for _, text in blocks(paper))


def test_lines_of_code_that_are_indented_keep_their_columns():
    after = ["in the preamble of the document, and then the old signs are there for all of it."]
    paper = Paper().lines(72, 780, RIVER).lines(72, 720, LOADS)
    paper.text(90, 688, "if low:", 10, "Courier").text(114, 676, "return boat", 10, "Courier")
    found = blocks(paper.lines(72, 656, after).lines(72, 400, RIVER))
    assert ("code", "if low:\n    return boat") in found


def test_a_sentence_goes_on_behind_a_page_of_pictures():
    paper = Paper().lines(72, 780, RIVER).lines(72, 100, RIVER[:2]).page()
    paper.text(72, 500, "Figure 1: The boats, as they lay in the mud of the bank.")
    paper.page().lines(72, 780, RIVER[2:])
    assert blocks(paper)[1] == ("paragraph", " ".join(RIVER))


VERSE = ["The boats are lying in the mud,", "The river has no more to say;",
         "It took its water to the sea,", "And took the summer on its way."]  # fmt: skip
SLIDE = ["Boats of the river", "• in the mud since June", "• nobody looks", "• nobody may swim"]
CAPTION = [
    "Figure 1: The boats of the town, as they lay in the mud of the bank in the",
    "summer of that year, and the children who had been told to look after",
    "them.",
]


def between(*drawn):
    """Put pages into a sentence; tell if it is whole, and with which page it is written."""
    paper = Paper().lines(72, 780, RIVER).lines(72, 100, OPEN)
    for draw in drawn:
        draw(paper.page())
    paper.page().lines(72, 780, [*REST, *RIVER]).page().lines(72, 780, RIVER)
    found = list(extract("pdf", paper.made()).blocks)
    sentence = found[1]
    return sentence.shown.startswith(RIVER_WHOLE[1]), sentence.part


def verse(paper):
    paper.lines(150, 600, VERSE).lines(150, 500, VERSE)


def slide(paper):
    paper.text(72, 700, SLIDE[0], 20).lines(90, 600, SLIDE[1:], 14)


def slide_with_ground(paper):
    slide(paper.picture(0, 0, 595, 842))


def slide_with_picture(paper):
    slide(paper.picture(350, 200, 200, 300))


def verse_with_ornament(paper):
    verse(paper.picture(280, 700, 30, 20).picture(72, 760, 450, 1))


def framed_verse(paper):
    verse(paper.picture(40, 40, 515, 762))


def picture(paper):
    return paper.picture(72, 300, 450, 400)


def picture_with_caption(paper):
    picture(paper).lines(72, 260, CAPTION)


def picture_with_labels(paper):
    picture(paper).text(100, 600, "Depth of the water at the bridge, in feet", 8)
    paper.text(200, 320, "Days since the last rain in the hills", 8)


def nothing(paper):
    return paper


@pytest.mark.parametrize(
    "page", [verse, slide, slide_with_ground, slide_with_picture, verse_with_ornament, framed_verse]
)
def test_a_sentence_does_not_wait_over_a_page_of_text_in_short_lines(page):
    assert between(page) == (False, 2)
    assert between(page, page) == (False, 2)


@pytest.mark.parametrize("page", [picture, picture_with_caption, picture_with_labels, nothing])
def test_a_sentence_waits_over_pages_that_are_but_pictures(page):
    assert between(page)[0]
    assert between(page, page)[0]


def test_a_sentence_does_not_wait_for_ever_over_captions():
    assert not between(*[picture_with_caption] * 3)[0]


def test_a_row_without_gaps_is_a_part_of_its_table():
    paper = Paper().lines(72, 780, RIVER)
    for at, row in enumerate([("femtomole", "fmol", "amount"), ("micromole", "µmol", "amount"),
                              ("units of time",), ("second", "s", "time"),
                              ("minute", "min", "time")]):  # fmt: skip
        paper.text(72, 700 - 12 * at, row[0])
        for cell in row[1:]:
            paper.more(" " * 30 + cell)
    found = blocks(paper.lines(72, 600, RIVER))
    assert [kind for kind, _ in found] == ["paragraph", "table", "paragraph"]
    assert "units of time" in found[1][1]


def test_letters_that_stand_here_and_there_are_a_pictures():
    paper = Paper().lines(72, 780, RIVER[:2])
    for x, y, letter in ((120, 700, "a"), (220, 620, "b"), (160, 690, "g"), (300, 610, "d"),
                         (140, 560, "e"), (260, 680, "l")):  # fmt: skip
        paper.text(x, y, letter, 10, "Symbol")
    found = blocks(paper.lines(72, 500, RIVER[2:]))
    assert [kind for kind, _ in found] == ["paragraph", "figure"]
    assert found[0][1] == " ".join(RIVER)


def test_letters_beyond_the_basic_plane_are_put_to_their_places():
    units, places = _with_others("a = b", [97, 32, 61, 0x1D703, 32, 0, 98])
    assert units.encode("utf-16-le", "surrogatepass").decode("utf-16-le") == "a =𝜃 b"
    assert list(places) == [0, 1, 2, 3, 3, 4, 6]
