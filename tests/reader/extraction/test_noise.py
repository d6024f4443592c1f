"""What stands in a page, and was never meant to be heard; and what only looks like it."""

import re

import pytest
from lxml import etree

from reader.extraction import extract
from reader.extraction.tree.cascade import MOST_COMPARISONS, Cascade
from reader.extraction.tree.descriptions import description
from reader.spoken import speak

PAGE_NUMBERS = {
    "a class": 'The ship <span class="pagenum">[Pg 12]</span>sailed.',
    "a class with a number": 'The ship <span class="page-num-12">12</span>sailed.',
    "a class in another language": 'The ship <span class="seitenzahl">S. 12</span>sailed.',
    "a role": 'The ship <span role="doc-pagebreak" aria-label="12">12</span>sailed.',
    "a type, left open": 'The ship <span epub:type="pagebreak" id="p12"/>sailed.',
    "an anchor": 'The ship <a id="Page_12">12</a>sailed.',
    "Roman": 'The ship <span class="pagenum">xii</span>sailed.',
    "its shape": "The ship <span lang='en'>[Pg 12]</span>sailed.",
}


@pytest.mark.parametrize("how", PAGE_NUMBERS)
def test_the_number_of_a_printed_page_is_not_read(how):
    assert shown(f"<p>{PAGE_NUMBERS[how]}</p>") == ["The ship sailed."]


def test_a_page_number_between_paragraphs_is_not_read_and_its_anchor_stays():
    blocks = drafts("<p>One.</p><p class='pageno' id='p12'>12</p><p>Two.</p>")
    assert [block.shown for block in blocks] == ["One.", "Two."]
    assert blocks[1].anchors == ("p12",)


@pytest.mark.parametrize("text", [
    'See <a class="page" href="#x">page 12</a> of it.',
    'Of <span class="page-title">12 Monkeys</span> much was said.',
    'On <span id="page_13">12</span> of May.',
    '<a href="#p12">12</a> men.',
    'The <span class="folio">codex was written in Ravenna</span> then.',
])  # fmt: skip
def test_a_number_that_belongs_to_the_text_is_read(text):
    assert shown(f"<p>{text}</p>") == [re.sub("<[^>]+>", "", text)]


@pytest.mark.parametrize("alt", [
    "image", "Photo", "img_1234.jpg", "IMG_20240102_1530", "DSC00012", "formula", "hero image",
    "Figure 3", "Bild", "imagen", "画像", "https://example.org/x.png", "my photo (1).JPEG", "12",
    "Screenshot 2024-01-02 at 12.30.22", "alt text", "No description available", "spacer", "",
    "Click to enlarge", "Image description", "data:image/png;base64,AAAA", "[image]",
    "decoration", "Decorative image", "scene break", "divider line",
])  # fmt: skip
def test_a_description_that_only_holds_its_place_is_not_read(alt):
    assert description(alt) == ""


@pytest.mark.parametrize("alt", [
    "A boat on the river", "Image of a boat", "Photo: Jane Doe", "Cover", "A picture", "x squared",
    "Chart of the rise in 2020", "Photographer at work", "An icon painter in Kyiv", "Formula One",
    "Not available yet", "A divider of oak", "Decoration of the hall",
])  # fmt: skip
def test_a_description_that_says_something_is_read(alt):
    assert description(alt) == alt


def test_what_a_program_guessed_of_a_picture_is_read_without_its_remark():
    assert (
        description("A dog on a sofa\n\nDescription automatically generated") == "A dog on a sofa"
    )


def test_a_placeholder_leaves_nothing_of_its_picture():
    assert shown(
        "<p>One.</p><img src='x.png' alt='image'><p>Two <img alt='img.png'>words.</p>"
    ) == [
        "One.",
        "Two words.",
    ]


@pytest.mark.parametrize(("sheet", "is_hidden"), [
    (".x { display: none }", True),
    ("#one{color:red;display:none!important}", True),
    ("p.x, b { visibility: hidden }", True),
    ("div > .x { display: none }", True),
    ("body .x { display: none }", True),
    ("@media screen { .x { display: none } }", True),
    ("/* .y */ .x { display : none }", True),
    ("@media print { .x { display: none } }", False),
    ("@media (max-width: 600px) { .x { display: none } } p { color: red }", False),
    (".x { display: none } p.x { display: block }", False),
    (".x { display: none } .x { display: block }", False),
    (".x:hover { display: none }", False),
    (".y .x { display: none }", False),
    ("body > .x { display: none }", False),
    (".xy { display: none }", False),
    (".x { opacity: 0 }", False),
])  # fmt: skip
def test_a_style_sheet_hides_what_it_names(sheet, is_hidden):
    tree = etree.fromstring("<html><body><div><p class='a x' id='one'>T</p></div></body></html>")
    hidden = [(tree.find(".//p"), "hidden")] if is_hidden else []
    assert Cascade([sheet]).effects(tree) == hidden


def test_many_rules_for_many_elements_that_are_called_alike_are_looked_at_for_a_while_only():
    tree = etree.fromstring("<body>" + "<p class='a'>T</p>" * 1_500 + "</body>")
    hidden = Cascade([".a{display:none}" * 2_000]).effects(tree)
    assert len(hidden) <= MOST_COMPARISONS / 2_000


def test_the_elements_own_style_counts_more_than_a_sheet():
    shown_after_all = etree.fromstring("<p class='x' style='display: block'>T</p>")
    assert Cascade([".x { display: none }"]).effects(shown_after_all) == []


def test_an_unknown_element_is_part_of_the_sentence():
    said = shown("<p>One <x-tip>word</x-tip> of <blink>many</blink> and <foo>more</foo>.</p>")
    assert said == ["One word of many and more."]


def test_elements_that_a_page_made_up_for_its_blocks_stay_apart():
    assert shown("<x-part>One.</x-part><x-part>Two.</x-part>") == ["One.", "Two."]


def test_a_table_with_a_cell_too_long_to_be_one_is_a_page():
    long = "A sentence of the page. " * 120
    said = " ".join(shown(f"<table><tr><th>Old site</th><td>{long}</td></tr></table>"))
    assert said == f"Old site {long}".strip()


@pytest.mark.parametrize("mark", [
    "<a href='#fn1'>[1]</a>",
    "<a href='#x' class='footnote-ref'>2</a>",
    "<span class='reference'><a href='#cite_note-4'>[4]</a></span>",
    "<a href='#note3' id='ref3'>3</a>",
    "<span class='fn'>12</span>",
    "<a href='#_ftn1' name='_ftnref1'>[1]</a>",
    "<a href='notes.html#footnote-7'>*</a>",
    "<b><a href='#endnote12'>12</a></b>",
])  # fmt: skip
def test_a_notes_mark_is_known_without_being_raised(mark):
    [block] = drafts(f"<p>A fact.{mark} Another one.</p>")
    assert speak(block.kind, block.html, block.shown).text == "A fact. Another one."


@pytest.mark.parametrize("text", [
    "See note <a href='#fn3'>3</a> for it.", "<a href='#fn3'>3</a> men came.",
    "See chapter<a href='#chapter2'>2</a>.", "It is <span class='fn'>John Doe</span>.",
    "A man<a href='#fn3'> called Ishmael</a>.", "The 4<a href='#x'>2</a>nd street.",
])  # fmt: skip
def test_a_number_that_is_no_notes_mark_is_said(text):
    [block] = drafts(f"<p>{text}</p>")
    assert speak(block.kind, block.html, block.shown).text == re.sub("<[^>]+>", "", text)


def drafts(body):
    page = f"<!doctype html><html lang='en'><body>{body}</body></html>"
    return list(extract("html", page.encode()).blocks)


def shown(body):
    return [block.shown for block in drafts(body)]
