"""What typesetters do to sentences, one small PDF each: what is read is what was written."""

from itertools import pairwise

import pytest

from reader.extraction import ExtractionError, extract
from reader.extraction.formats.pdf.furniture import CONTENTS
from reader.extraction.formats.pdf.page.ligatures import with_ligatures

from .paper import KOREAN, Paper

RIVER = [
    "The river was low that year and the boats lay in the mud for weeks, so the",
    "people of the town walked over the bed of it and found what earlier floods",
    "had carried off and left behind them in the sand.",
]
COMMITTEE = [
    "The committee met in the old hall by",
    "the river and reviewed the annual report",
    "and the accounts of the mill, which had",
    "been written by hand since the flood and",
]
CHEST = [
    "were kept in a chest of oak, to which the",
    "clerk alone had the key. He had lost it twice.",
]
# Another story on each page, so that nothing returns but what shall.
STORIES = [[f"{name} went down to the water, where the boats lay, and", "looked for her friends."]
           for name in ("Anna", "Berta", "Clara", "Dora")]  # fmt: skip


def blocks(paper):
    """Return each block's kind and markup, without what stands around a paragraph."""
    extracted = extract("pdf", paper.made())
    made = [(block.kind, block.html) for block in extracted.blocks]
    return [(kind, html.removeprefix("<p>").removesuffix("</p>")) for kind, html in made]


def left_out(paper):
    extracted = extract("pdf", paper.made())
    list(extracted.blocks)
    return [(part.where, part.why) for part in extracted.left_out]


def test_a_sentence_stays_whole_over_indices_and_powers():
    paper = Paper().text(72, 700, "We write x").more("1", 7, rise=-3).more(" for the points and S")
    paper.more("2", 7, rise=4).more(" for the sphere on which all of them do lie, as the")
    paper.text(72, 688, "proof of the lemma needs it.")
    assert blocks(paper) == [
        ("paragraph", "We write x<sub>1</sub> for the points and S<sup>2</sup> for the sphere on "
                      "which all of them do lie, as the proof of the lemma needs it.")
    ]  # fmt: skip


def test_what_is_raised_at_both_ends_of_a_piece_raises_nothing_between():
    paper = Paper().text(72, 700, "There was much CO").more("2", 6, rise=-2).more(" and SO")
    paper.more("4", 6, rise=-2).more("2\N{EN DASH}", 6, rise=4).more(" in 5 m").more("3", 6, rise=4)
    paper.more(" of it, and 10").more("9", 6, rise=4).more(" ions with the 3").more("2", 6, rise=4)
    [(_, html)] = blocks(paper)
    assert "SO<sub>4</sub><sup>2\N{EN DASH}</sup> in 5 m<sup>3</sup> of it" in html
    assert "10<sup>9</sup> ions with the 3<sup>2</sup>" in html


def test_a_sentence_stays_whole_over_a_word_in_another_size_and_font():
    paper = Paper().lines(72, 700, RIVER[:1]).text(72, 688, "people of the", 10)
    paper.more(" OLD TOWN", 8, "Times-Bold").more(" walked over the bed of it.")
    assert [html for _, html in blocks(paper)] == [
        f"{RIVER[0]} people of the OLD TOWN walked over the bed of it."
    ]


def test_a_sentence_goes_on_behind_a_caption():
    paper = Paper().lines(72, 700, RIVER[:2])
    paper.text(72, 660, "Figure 1: The bell, as it was found by the children.", 8)
    paper.lines(72, 620, [RIVER[2], "The next sentence stands here."])
    assert blocks(paper) == [
        ("paragraph", " ".join(RIVER)),
        ("figure", "<figure><figcaption>Figure 1: The bell, as it was found by the children."
                   "</figcaption></figure>"),
        ("paragraph", "The next sentence stands here."),
    ]  # fmt: skip


def test_a_sentence_goes_on_in_the_next_column_below_a_table_and_a_box():
    paper = Paper().lines(60, 700, COMMITTEE)
    paper.text(320, 700, "Table 2: The accounts", 8)
    paper.lines(320, 670, ["In short: who has the key,", "has the mill."], 9, "Helvetica")
    paper.lines(320, 640, CHEST)
    assert [html for _, html in blocks(paper)] == [
        " ".join(COMMITTEE + CHEST),
        "<figure><figcaption>Table 2: The accounts</figcaption></figure>",
        "In short: who has the key, has the mill.",
    ]


def test_a_sentence_goes_on_on_the_next_page_past_head_number_and_note():
    paper = Paper()
    for number, (story, goes_on) in enumerate(pairwise(STORIES)):
        if number:
            paper.page()
        paper.text(72, 800, "A. Writer", 8).text(290, 40, str(number + 17), 8)
        paper.lines(72, 740, [f"They met, said {number}.", *story])
        paper.lines(
            72, 640, ["In the evening of the same day, when all the others had gone home, she"]
        )
        paper.text(72, 80, "1", 6).text(76, 77, f"So the {goes_on[0].split()[0]}s say.", 8)
        paper.page().text(480, 800, "The boats", 8).text(290, 40, str(number * 2 + 18), 8)
        paper.lines(72, 740, ["told her friends what she had seen in the mud.", "And so on."])
    found = [html for _, html in blocks(paper)]
    whole = (
        "In the evening of the same day, when all the others had gone home, she told her friends "
        "what she had seen in the mud. And so on."
    )
    assert found.count(whole) == 3
    assert not any("Writer" in html or "The boats" in html for html in found)
    assert [html for html in found if html.isdecimal()] == []


@pytest.mark.parametrize("edges", [(60, 260), (50, 220, 390)], ids=["two", "three"])
def test_columns_that_are_written_row_by_row_are_read_one_after_the_other(edges):
    columns = [
        [f"{word} {name} and told it" for name in
         ("one of the boats", "of the mill", "some of it", "what they saw", "of the flood",
          "about a bell", "the whole story", "that it was so", "more of this")]
        for word in ("first", "second", "third")[: len(edges)]
    ]  # fmt: skip
    paper = Paper().text(72, 760, "A heading over all of the columns", 14, "Times-Bold")
    for row in range(9):
        for edge, column in zip(edges, columns, strict=True):
            paper.text(edge, 700 - 12 * row, column[row])
    _, *found = [html for _, html in blocks(paper)]
    assert " ".join(found) == " ".join(" ".join(column) for column in columns)


def test_cells_of_a_table_are_no_columns():
    paper = Paper().lines(72, 780, RIVER)
    for row in range(12):
        paper.text(72, 700 - 12 * row, f"Item {row}").text(250, 700 - 12 * row, f"{row * 3} pence")
    kinds = [kind for kind, _ in blocks(paper)]
    assert kinds == ["paragraph", "table"]


def test_a_displayed_formula_within_a_sentence_is_marked_as_mathematics():
    paper = Paper().lines(72, 700, ["The energy of a body at rest is given by"])
    paper.text(200, 676, "E = mc").more("2", 7, rise=4).text(460, 676, "(1)")
    paper.lines(72, 652, ["where m is its mass and c the speed of light.", "So it is."])
    assert blocks(paper) == [
        ("paragraph", "The energy of a body at rest is given by "
                      '<span data-role="math">E = mc<sup>2</sup> (1)</span> '
                      "where m is its mass and c the speed of light. So it is.")
    ]  # fmt: skip


def test_a_displayed_formula_between_sentences_is_a_block_of_its_own():
    paper = Paper().lines(72, 700, ["There is but one law."])
    paper.text(200, 676, "a + b = c").lines(72, 652, ["We shall need it. So it is."])
    assert blocks(paper) == [
        ("paragraph", "There is but one law."),
        ("paragraph", '<p data-role="math">a + b = c'),
        ("paragraph", "We shall need it. So it is."),
    ]


@pytest.mark.parametrize(("sign", "font"), [("l", "ZapfDingbats"), ("\xb7", "Symbol"),
                                            ("\x95", "Times-Roman")])  # fmt: skip
def test_bullets_of_symbol_fonts_begin_items(sign, font):
    sign = "•" if sign == "\x95" else sign
    paper = Paper().lines(72, 700, RIVER)
    for number, fruit in enumerate(("Apples", "Pears", "Plums")):
        paper.text(80, 640 - 14 * number, sign, 10, font).text(92, 640 - 14 * number, fruit)
    _, *items = blocks(paper)
    assert items == [
        ("list_item", f"<ul><li>{fruit}</li></ul>") for fruit in ("Apples", "Pears", "Plums")
    ]


def test_a_dash_within_a_sentence_is_no_bullet():
    paper = Paper().lines(
        72,
        700,
        [RIVER[0], "– as they said – walked over the bed of it and found what earlier", RIVER[2]],
    )
    assert [kind for kind, _ in blocks(paper)] == ["paragraph"]


def test_accents_that_are_drawn_over_letters_are_theirs():
    paper = Paper().text(72, 700, "The Universit").text(125.9, 700, "\xb4").text(125.3, 700, "e of")
    paper.text(72, 688, "M").text(81.7, 688, "\xa8").text(80.9, 688, "unchen has many students.")
    assert blocks(paper) == [("paragraph", "The Université of München has many students.")]


def test_letters_that_are_set_apart_are_words():
    paper = Paper()
    for number, letter in enumerate("OUR WORK"):
        if letter != " ":
            paper.text(72 + 16 * number, 720, letter, 12, "Times-Bold")
    paper.lines(72, 690, RIVER)
    assert blocks(paper)[0] == ("heading", "<h2>OUR WORK</h2>")


def test_words_of_korean_are_divided_between_lines_without_a_sign():
    paper = Paper().lines(
        72, 700, ["사람들은모두함께만들", "었고지금도계속발전하고있다."], 10, KOREAN
    )
    assert blocks(paper) == [("paragraph", "사람들은모두함께만들었고지금도계속발전하고있다.")]


def test_text_across_the_page_is_left_out_and_told():
    paper = Paper().lines(72, 700, RIVER)
    paper.text(30, 300, "arXiv:2001.01234v1 [math.NT] 1 Jan 2020", 20, turn=90)
    paper.text(200, 300, "DRAFT", 60, turn=45)
    assert blocks(paper) == [("paragraph", " ".join(RIVER))]
    told = " ".join(why for _, why in left_out(paper))
    assert "arXiv:2001.01234v1" in told
    assert "DRAFT" in told


def test_a_page_that_is_set_sideways_is_read():
    paper = Paper()
    for number, line in enumerate(RIVER):
        paper.text(100 + 12 * number, 72, line, turn=90)
    paper.text(290, 20, "7", 8)
    assert blocks(paper) == [("paragraph", " ".join(RIVER))]


@pytest.mark.parametrize("high", [800, 640], ids=["at the top", "far below it"])
def test_running_heads_are_left_out_wherever_they_return(high):
    paper = Paper()
    for number, story in enumerate(STORIES):
        if number:
            paper.page()
        paper.text(72 if number % 2 else 400, high, ("A. Writer", "The boats")[number % 2], 8)
        paper.lines(72, high - 40, story)
    assert [html for _, html in blocks(paper)] == [" ".join(story) for story in STORIES]
    assert ("Pages 1, 3", "A running head, which returns from page to page: “A. Writer”.") in (
        left_out(paper)
    )


def test_pages_that_begin_alike_lose_nothing():
    paper = Paper().lines(72, 780, RIVER).page().lines(72, 780, RIVER).page().lines(72, 780, RIVER)
    assert [html for _, html in blocks(paper)] == [" ".join(RIVER)] * 3


def test_a_number_alone_is_no_page_number_without_evidence():
    paper = Paper().lines(72, 700, RIVER).text(290, 60, "42")
    assert [html for _, html in blocks(paper)] == [" ".join(RIVER), "42"]


def test_marks_of_notes_are_told_from_powers():
    paper = Paper().text(72, 700, "A fact that was noted by others").more("3", 7, rise=4)
    paper.more(" and the area of 20 m").more("2", 7, rise=4).more(" is known.")
    paper.text(72, 100, "3", 6).text(76, 97, "See the report.", 8)
    assert [html for _, html in blocks(paper)] == [
        'A fact that was noted by others<sup data-role="note">3</sup> and the area of 20 '
        "m<sup>2</sup> is known.",
        '<p data-role="note"><sup>3</sup>See the report.',
    ]


def test_a_file_whose_fonts_tell_no_letters_is_told_so():
    shifted = str.maketrans("abcdefghijklmnopqrstuvwxyz", "defghijklmnopqrstuvwxyzabc")
    paper = Paper().lines(72, 700, [line.translate(shifted) for line in RIVER])
    with pytest.raises(ExtractionError, match="do not tell which letters"):
        extract("pdf", paper.made())


def test_a_file_of_control_characters_is_told_to_have_no_text():
    with pytest.raises(ExtractionError):
        extract("pdf", Paper().lines(72, 700, ["\x01\x03\x04\x05"]).made())


STORY = [
    "The old men of the harbour told the story of the boat again and again, and",
    "nobody who sat with them in the evening ever grew tired of hearing it, for",
    "it was a good story, and every teller added a little of his own to it each",
    "time, so that after many years hardly anything of it was still quite true.",
]


@pytest.mark.parametrize(("cap", "line", "words"), [
    ("A", "long time ago there lived a miller by the river", "A long time ago there"),
    ("A", "nd so it was that the miller went to the town", "And so it was"),
    ("I", "was born in the year of the great flood, when", "I was born in"),
    ("I", "n the year of the great flood the river rose and", "In the year of"),
    ("T", "he men of the harbour told this story to all", "The men of"),
])  # fmt: skip
def test_a_letter_of_several_rows_may_be_a_word_by_itself(cap, line, words):
    paper = Paper().text(72, 676, cap, 48)
    paper.lines(72 + (20 if cap == "I" else 40), 700, [line, "sons and a cat, and the cat"])
    paper.lines(72, 664, STORY)
    assert blocks(paper)[0][1].startswith(words)


@pytest.mark.parametrize(("text", "whole"), [
    ("an o\x1bice of e\x1bort and di\x1berent \x1crst", "an oﬀice of eﬀort and diﬀerent ﬁrst"),
    ("\x1bgures, \x1brst, \x1bles; e\x1dective", "ﬁgures, ﬁrst, ﬁles; eﬀective"),
    ("most \x1eavours of a \x1cick tour", "most ﬂavours of a \uf8f1ick tour"),
    ("x \x0f y, \x1cX and \x1b1", "x \x0f y, \x1cX and \x1b1"),
])  # fmt: skip
def test_ligatures_without_letters_are_told_by_their_numbers_and_the_words_around(text, whole):
    assert with_ligatures(text) == whole


def read(paper):
    return " ".join(html for _, html in blocks(paper))


def test_an_index_is_no_table_of_contents():
    paper = Paper().lines(72, 760, STORY * 4).page().text(72, 760, "Index", 16, "Times-Bold")
    entries = [f"{name}, of the harbour . . . . . . {n}" for n, name in enumerate("ABCDEFGHIJ")]
    paper.lines(72, 730, entries)
    assert "J, of the harbour" in read(paper)
    paper = Paper().lines(72, 760, STORY * 4).page().text(72, 760, "Contents", 16, "Times-Bold")
    paper.lines(72, 730, entries)
    assert "J, of the harbour" not in read(paper)


ABSTRACT = [*RIVER, "It is told here how they came there, who found them, and what was done."]
LED = [f"2.{n} The harbour in its year {n} . . . . . . . . . . . . {n + 2}" for n in range(1, 6)]


@pytest.mark.parametrize(
    ("entries", "behind"),
    [
        (["1 The town 1", "2 The harbour 2", *LED], []),  # parts have no leaders
        (["Contents are told below.", *LED], []),
        (LED, STORY * 6),
        (["1 The town 1", *LED], STORY * 6),
    ],
)
def test_contents_between_an_abstract_and_the_text_are_left_out(entries, behind):
    paper = Paper().text(72, 780, "What the River Left", 18, "Times-Bold")
    paper.lines(72, 740, ABSTRACT * 3).text(72, 560, "Contents", 14, "Times-Bold")
    paper.lines(72, 540, entries)
    if behind:
        paper.text(72, 400, "1 The town", 14, "Times-Bold").lines(72, 380, behind)
    paper.page().lines(72, 760, STORY * 6)
    said = read(paper)
    assert "The harbour in its year" not in said
    assert "Contents" not in said
    assert said.count("It is told here how they came there") == 3
    assert ("1 The town" in said) == bool(behind)
    assert ("Page 1", CONTENTS) in left_out(paper)


@pytest.mark.parametrize("numbers", [["", "", "", ""], ["1. ", "2. ", "3. ", "4. "]])
def test_a_list_of_prices_among_the_text_is_read(numbers):
    dishes = zip(numbers, ["Soup", "Bread", "Carp", "Cake"], [7, 4, 18, 6], strict=True)
    led = [f"{number}{name} of the house . . . . . . . {price}" for number, name, price in dishes]
    paper = Paper().lines(72, 760, ABSTRACT * 3).lines(72, 560, led).lines(72, 480, STORY * 6)
    assert "Cake of the house" in read(paper)


@pytest.mark.parametrize("led", [" . . . . . . . . . . . . .", "...", " . . . . . . . {}"])
def test_numbered_questions_and_sentences_among_the_text_are_read(led):
    asked = ["What is the river", "Who found it there", "When was it found", "Where is it now"]
    lines = [f"{n}. {each}{led.format(n * 2)}" for n, each in enumerate(asked, 1)]
    paper = Paper().lines(72, 760, ABSTRACT * 3).lines(72, 560, lines).lines(72, 480, STORY * 6)
    assert "Who found it there" in read(paper)


def test_sentences_that_trail_off_on_the_page_behind_contents_are_read():
    paper = Paper().text(72, 740, "Contents", 14, "Times-Bold").lines(72, 720, LED)
    paper.text(72, 400, "1 The town", 14, "Times-Bold").lines(72, 380, STORY * 6)
    paper.page().lines(72, 760, ABSTRACT * 3)
    paper.lines(72, 560, ["And so it went on ...", "He waited there ...", "The river rose ..."])
    assert "He waited there" in read(paper.lines(72, 480, STORY * 6))


def test_a_paragraph_between_the_heading_of_contents_and_the_first_entry_is_read():
    paper = Paper().text(72, 740, "Contents", 14, "Times-Bold").lines(72, 720, ABSTRACT)
    paper.lines(72, 640, LED).text(72, 400, "1 The town", 14, "Times-Bold")
    said = read(paper.lines(72, 380, STORY * 6))
    assert "It is told here how they came there" in said
    assert "The harbour in its year" not in said


def test_some_running_heads_are_told_and_how_many_more_there_are():
    paper = Paper()
    for number in range(60):
        if number:
            paper.page()
        paper.text(72, 800, f"The {'abefghjknopqrst'[number // 4]} chapter of it", 9)
        paper.lines(72, 760, STORY * 4)
    extracted = extract("pdf", paper.made())
    list(extracted.blocks)
    heads = [part.why for part in extracted.left_out if "running head" in part.why]
    assert len(heads) == 9
    assert heads[-1] == "7 more running heads."


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["The miller had lived for twenty-", "one years beside the river."], "twenty-one years"),
        (["It was the thirty-", "third time that the river rose."], "thirty-third time"),
        (["The twenties were the best of the inter-", "war years."], "interwar years"),
    ],
)
def test_a_number_in_words_keeps_its_hyphen_at_the_end_of_a_line(lines, said):
    ((_, html),) = blocks(Paper().lines(72, 700, lines))
    assert said in html


def test_the_second_page_of_a_letter_may_be_the_only_one_with_a_number():
    paper = Paper().lines(72, 160, RIVER[:2]).page().text(72, 800, "2", 9)
    paper.lines(72, 700, [RIVER[2], "The next sentence stands here."])
    assert blocks(paper) == [
        ("paragraph", " ".join([*RIVER, "The next sentence stands here."])),
    ]
    assert left_out(paper) == [("Page 2", "The page’s printed number.")]


def test_a_line_that_begins_with_the_name_of_a_table_goes_on_in_its_sentence():
    paper = Paper().lines(72, 700, [
        "The names of the boats are to be used sparingly by all the people of the town, see",
        "Table 2 for the details of it. Figure 3 shows the same of all the other towns.",
    ])  # fmt: skip
    ((kind, html),) = blocks(paper)
    assert kind == "paragraph"
    assert "town, see Table 2 for the details" in html


def test_numbers_in_brackets_are_those_of_a_list():
    paper = Paper().lines(72, 700, RIVER)
    paper.lines(84, 650, ["(i) The first of them.", "(ii) The second.", "(iii) The third."])
    assert [html for _, html in blocks(paper)[1:]] == [
        f'<ol type="i" start="{number}"><li>{text}</li></ol>'
        for number, text in enumerate(["The first of them.", "The second.", "The third."], 1)
    ]


def test_a_paragraph_goes_on_in_the_next_column_over_lines_that_begin_with_a_capital():
    paper = Paper().lines(60, 700, COMMITTEE)
    paper.lines(320, 700, [
        "were kept in a chest of oak. It went to",
        "Clara Miller, who had the only key, and",
        "Anna, her friend. She had lost it twice.",
    ])  # fmt: skip
    ((_, html),) = blocks(paper)
    assert "It went to Clara Miller, who had the only key, and Anna, her friend." in html


def test_an_address_whose_lines_are_centred_is_one():
    paper = Paper()
    for row, (x, text) in enumerate(
        (
            (103, "anna@example.org"),
            (84, "Institute for Clarity in Rivers"),
            (115.6, "Dublin, Ohio"),
        )
    ):
        paper.text(x, 700 - 12 * row, text)
    paper.lines(72, 600, RIVER)
    first = blocks(paper)[0][1]
    assert first == "anna@example.org Institute for Clarity in Rivers Dublin, Ohio"


def test_a_remark_in_other_type_is_a_part_of_its_listing():
    paper = Paper().lines(72, 700, RIVER)
    paper.text(84, 650, "def setup(self):", 9, "Courier")
    paper.text(95, 639, "return 4", 9, "Courier").more("  # of every kind of them", 9)
    paper.text(84, 628, "run(setup)", 9, "Courier")
    kinds = [kind for kind, _ in blocks(paper)]
    assert kinds == ["paragraph", "code"]


def test_what_the_parts_of_a_picture_are_called_is_no_list():
    paper = Paper().lines(72, 700, RIVER).text(150, 600, "(a)").text(300, 600, "(b)")
    paper.text(72, 580, "Figure 3: The bell from both of its sides.").lines(72, 550, RIVER)
    assert "list_item" not in [kind for kind, _ in blocks(paper)]


def test_what_returns_on_all_pages_but_the_first_of_a_few_is_no_heading():
    paper = Paper().lines(72, 700, STORIES[0])
    for story in STORIES[1:3]:
        paper.page().text(72, 800, "MISSION STATEMENT", 14).lines(72, 700, story)
    assert "MISSION" not in " ".join(html for _, html in blocks(paper))


def test_running_heads_that_differ_by_their_numbers_are_told_as_one():
    paper = Paper()
    for number, story in enumerate(STORIES, 1):
        if number > 1:
            paper.page()
        paper.text(72, 800, f"The Old River {number}", 8).lines(72, 700, story)
    assert left_out(paper) == [
        ("Pages 1–4", "A running head, which returns from page to page: “The Old River 1”.")
    ]


def test_a_cell_that_stands_a_little_higher_has_no_raised_digits():
    paper = Paper().lines(72, 700, RIVER)
    paper.text(72, 640, "exim4-daemon-light", 10)
    paper.more(" V:264, I:278, which is a transport agent of mail, and is the default", rise=-1.3)
    said = " ".join(html for _, html in blocks(paper))
    assert "exim4-daemon-light V:264" in said
