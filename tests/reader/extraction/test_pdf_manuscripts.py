"""Manuscripts and editions as PDF: numbered lines, double spacing, what is set into a sentence."""

import pytest

from reader.extraction import extract

from .paper import Paper

# Each page has a story of its own, so that nothing returns but what shall.
PLACES = ("harbour", "valley", "island", "market")


def story(place, lines):
    """Return so many lines of which most begin in the middle of a sentence."""
    first = f"The people of the {place} had long known what would come to them,"
    rest = (f"and they of the {place} spoke of it when the work was done and the",
            f"children slept. Nobody wrote it down in the {place}, since all knew it")  # fmt: skip
    return [first, *(f"{rest[at % 2]}{'.' if at == lines - 2 else ''}" for at in range(lines - 1))]


def read(paper):
    extracted = extract("pdf", paper.made())
    return " ".join(block.shown for block in extracted.blocks), extracted.left_out


def pages(paper, draw):
    """Draw a page for each place."""
    for number, place in enumerate(PLACES):
        if number:
            paper.page()
        draw(number, story(place, 20))
    return paper


@pytest.mark.parametrize("gap", [14, 20], ids=["single", "double"])
def test_numbers_beside_the_lines_are_left_out_and_told(gap):
    paper = Paper()

    def draw(number, lines):
        for at, line in enumerate(lines):
            paper.text(50, 760 - at * gap, str(20 * number + at + 1), 8, "Helvetica")
            paper.text(90, 760 - at * gap, line)

    text, told = read(pages(paper, draw))
    assert text == " ".join(line for place in PLACES for line in story(place, 20))
    assert [(each.where, each.why) for each in told] == [
        ("Pages 1–4", "The numbers beside the lines.")
    ]


def test_numbers_beside_each_fifth_line_are_left_out():
    paper = Paper()

    def draw(number, lines):
        for at, line in enumerate(lines):
            paper.text(90, 760 - at * 14, line)
            if at % 5 == 4:
                paper.text(460, 760 - at * 14, str(20 * number + at + 1), 8)

    text, _ = read(pages(paper, draw))
    assert text == " ".join(line for place in PLACES for line in story(place, 20))


def test_a_manuscript_in_double_spacing_keeps_the_first_line_of_each_page():
    paper = Paper()
    text, told = read(pages(paper, lambda _, lines: [
        paper.text(72, 760 - at * 24, line) for at, line in enumerate(lines)
    ]))  # fmt: skip
    assert text == " ".join(line for place in PLACES for line in story(place, 20))
    assert told == []


def test_ranks_of_a_table_are_no_numbers_of_lines():
    paper = Paper()
    for at in range(12):
        paper.text(60, 760 - at * 14, str(at + 1)).text(
            100, 760 - at * 14, f"Town number {at} of us"
        )
    text, told = read(paper)
    assert "12 Town number 11" in text
    assert told == []


def test_a_list_that_is_numbered_keeps_its_numbers():
    paper = Paper()
    for at in range(12):
        paper.text(60, 760 - at * 14, f"{at + 1}. Go to the harbour and look for boat {at}.")
    text, _ = read(paper)
    assert "Go to the harbour and look for boat 11." in text


def test_a_heading_stays_whole_over_an_index_and_a_power():
    paper = Paper().text(70, 800, "On CO", 16, "Times-Bold").more("2", 10, "Times-Bold", -4)
    paper.more(" and 10", 16, "Times-Bold").more("6", 10, "Times-Bold", 6)
    paper.more(" cells", 16, "Times-Bold").lines(70, 770, story("harbour", 8))
    extracted = extract("pdf", paper.made())
    first = next(iter(extracted.blocks))
    assert (first.kind, first.html) == (
        "heading", "<h2>On CO<sub>2</sub> and 10<sup>6</sup> cells</h2>"
    )  # fmt: skip


def test_a_sentence_goes_on_past_the_small_type_at_a_columns_foot():
    left, right = story("harbour", 30), story("valley", 30)
    left[-1] = "and it was plain to all of the town that what they had been told"
    right[0] = "by the old ones was true. It had been so before, when"
    paper = Paper().lines(50, 780, left)
    paper.lines(50, 300, ["Permission to copy this is granted", "https://doi.org/10.1000/xyz"], 7)
    paper.lines(330, 780, right)
    text, _ = read(paper)
    assert "what they had been told by the old ones was true." in text


def test_a_rule_made_of_dots_is_not_read():
    paper = Paper().lines(70, 780, story("harbour", 6)).text(70, 690, "· · · · · · · · · · ·")
    text, _ = read(paper.lines(70, 660, story("valley", 6)))
    assert "·" not in text


@pytest.mark.parametrize("name", ["Abstract", "References", "Zusammenfassung", "Résumé"])
def test_a_part_of_a_paper_that_has_no_number_is_a_heading(name):
    paper = Paper().text(270, 780, name, 10, "Times-Bold").lines(70, 760, story("harbour", 8))
    kinds = [(block.kind, block.shown) for block in extract("pdf", paper.made()).blocks]
    assert kinds[0] == ("heading", name)
    assert {kind for kind, _ in kinds[1:]} == {"paragraph"}


def test_a_compound_keeps_the_hyphen_at_which_it_is_divided():
    first = "It was known to all, and the law as well was a well-"
    paper = Paper().lines(70, 780, [first, "known one, of the inter-", "national kind. It was so."])
    text, _ = read(paper)
    assert text.startswith("It was known to all, and the law as well was a well-known one, of the ")
    assert "international kind." in text
