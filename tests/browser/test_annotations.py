"""Marking what is read, hearing just that, and focus."""

from __future__ import annotations

import re
from itertools import groupby

from .listening import ReadingPage

TEXT = "\n\n".join(
    f"Paragraph {n} begins here. Then a second sentence follows. A third one ends it."
    for n in range(12)
)
SECOND_SENTENCE = "Then a second sentence follows."
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
# The range of a word in a block: its left and right edge, and the middle of its line.
WORD = """([idx, word]) => {
  const body = document.querySelector(`#block-${idx} .block__body`);
  const node = document.createTreeWalker(body, NodeFilter.SHOW_TEXT).nextNode();
  const range = new Range();
  range.setStart(node, node.data.indexOf(word));
  range.setEnd(node, node.data.indexOf(word) + word.length);
  const { left, right, top, height } = range.getBoundingClientRect();
  return [left, right, top + height / 2];
}"""
SELECT = """([first, from, last, to]) => {
  const node = (idx) => document.createTreeWalker(
    document.querySelector(`#block-${idx} .block__body`), NodeFilter.SHOW_TEXT).nextNode();
  const [a, b] = [node(first), node(last)];
  getSelection().setBaseAndExtent(a, a.data.indexOf(from), b, b.data.indexOf(to) + to.length);
}"""


def opened(
    stack, open_page, text: str = TEXT, pace: int = 100, makes_at: float = 0, **options
) -> tuple:
    """Open a document in a tone of so many ms for each character; return it and its page.

    It is made ``makes_at`` times as quickly as it is heard; 0: at once.
    """
    person, model = stack.person(), stack.tones(ms_per_character=pace, pace=makes_at)
    stack.prefer(person, model, "tone-500")
    uuid = stack.document(person, text)
    reading = open_page(person, uuid, **options)
    return reading, reading.page


def drag(page, start: tuple[int, str], end: tuple[int, str]) -> None:
    """Select from the beginning of a word to the end of another with the mouse."""
    left, _, top = page.evaluate(WORD, list(start))
    _, right, bottom = page.evaluate(WORD, list(end))
    page.mouse.move(left + 1, top)
    page.mouse.down()
    page.mouse.move((left + right) / 2, (top + bottom) / 2)
    page.mouse.move(right - 1, bottom)
    page.mouse.up()
    page.wait_for_selector("#selection-bar:visible")


def press_word(page, idx: int, word: str) -> None:
    left, right, middle = page.evaluate(WORD, [idx, word])
    page.mouse.click((left + right) / 2, middle)


def painted(page, name: str = "marked") -> list[str]:
    return page.evaluate(f"Array.from(CSS.highlights.get('{name}') ?? [], String)")


def paints(reading, texts: list[str], name: str = "marked") -> None:
    reading.waits_for(lambda: painted(reading.page, name) == texts, 10, f"{texts} are {name}")


def told(reading, text: str) -> None:
    said = reading.page.locator("#toast [role=status]")
    seen = []

    def is_told() -> bool:
        seen.append(said.inner_text())
        return text in seen[-1]

    try:
        reading.waits_for(is_told, 10, f"{text!r} is told")
    except AssertionError as error:
        raise AssertionError(f"{error}; told was {list(dict.fromkeys(seen))}") from None


def kept(uuid: str) -> list[tuple[str, str, str]]:
    from reader.models import Annotation

    own = Annotation.objects.filter(document__uuid=uuid)
    return list(own.values_list("kind", "quote", "note"))


def uuid_of(page) -> str:
    return re.search(r"/documents/([^/]+)/", page.url)[1]


def is_playing(page) -> bool:
    return page.get_attribute("#player", "data-playing") == "true"


def hears_nothing_for(reading, ms: float) -> None:
    start = reading.now() + 100  # what is in the output's own buffers
    reading.waits_for(lambda: reading.now() > start + ms, 30, "time passes")
    assert reading.tones(start) == set()


def makes(reading, *blocks: int) -> None:
    """Have these blocks made, and nothing play."""
    reading.play()
    reading.waits_for(lambda: reading.words_lit(), 20, "a word is lit")
    for idx in blocks:
        look = f"#block-{idx}[data-state=ready]"
        reading.waits_for(lambda look=look: reading.page.locator(look).count(), 30, f"{look}")
    reading.page.keyboard.press("Space")


def lit_since(reading, count: int) -> list[str]:
    """Return the words lit after so many; one that is lit anew while it is heard counts once."""
    return [word for word, _ in groupby(reading.words_lit()[count:])]


# --- bookmarks -----------------------------------------------------------------------------------


def test_a_key_bookmarks_the_sentence_being_read_and_takes_it_back(stack, open_page):
    reading, page = opened(stack, open_page, pace=300)
    reading.play()
    reading.waits_for(lambda: reading.words_lit(), 20, "a word is lit")
    page.keyboard.press(".")
    reading.waits_for(lambda: reading.words_lit()[-1] in SECOND_SENTENCE, 10, "the second sentence")
    page.keyboard.press("b")
    told(reading, f"Bookmarked: “{SECOND_SENTENCE}”")
    assert kept(uuid_of(page)) == [("bookmark", SECOND_SENTENCE, "")]
    page.wait_for_selector("#block-0.block--bookmarked")
    page.keyboard.press("b")
    told(reading, "Bookmark removed.")
    assert kept(uuid_of(page)) == []
    page.wait_for_selector("#block-0:not(.block--bookmarked)")
    reading.hears_something(10)

    page.click("#annotations-open")
    assert "Press B" in page.inner_text("#annotations-blank")
    page.click("#panel-annotations [data-bookmark]")
    told(reading, "Bookmarked")
    page.reload()
    page.wait_for_selector("#block-0.block--bookmarked")


def test_of_a_sound_that_is_being_made_the_sentence_is_bookmarked_that_is_heard(stack, open_page):
    reading, page = opened(stack, open_page, pace=200, makes_at=1.2)
    reading.play()
    reading.waits_for(lambda: "second" in reading.words_lit(), 30, "the second sentence")
    assert page.get_attribute("#block-0", "data-state") == "making"
    page.keyboard.press("b")
    told(reading, f"Bookmarked: “{SECOND_SENTENCE}”")


def test_from_a_bookmark_it_reads_on(stack, open_page):
    reading, page = opened(stack, open_page)
    page.keyboard.press("b")  # nothing was played yet: the first sentence
    told(reading, "Bookmarked: “Paragraph 0 begins here.”")
    page.click("#block-5 .block__state")
    reading.hears(500, 20, since=0)
    page.click("#annotations-open")
    page.click(".annotation [data-act=hear]")
    reading.waits_for(lambda: reading.current == 0, 10, "it reads from the bookmark")
    reading.waits_for(lambda: reading.current == 1, 30, "and reads on")


# --- highlights and notes ------------------------------------------------------------------------


def test_a_highlight_over_two_blocks_is_kept_noted_deleted_and_brought_back(stack, open_page):
    reading, page = opened(stack, open_page)
    drag(page, (1, "third"), (2, "Paragraph"))
    page.click("#selection-bar [data-act=highlight]")
    parts = ["third one ends it.", "Paragraph"]
    paints(reading, parts)
    assert not page.locator("#selection-bar").is_visible()
    assert not is_playing(page)
    page.reload()
    paints(reading, parts)

    press_word(page, 1, "ends")
    entry = page.locator(".annotation")
    assert entry.locator(".annotation__quote").inner_text().split() == " ".join(parts).split()
    assert not is_playing(page)  # a press on it opens it and does nothing else
    entry.locator("[data-act=note]").click()
    page.keyboard.type("Why b?")
    said = entry.locator(".annotation__said")
    reading.waits_for(lambda: said.inner_text() == "Saved.", 20, "the note is kept")
    quote = "third one ends it.\n\nParagraph"
    assert kept(uuid_of(page)) == [("highlight", quote, "Why b?")]
    paints(reading, parts, "noted")

    entry.locator("[data-act=delete]").click()
    told(reading, "Deleted")
    assert entry.count() == 0
    paints(reading, [])
    assert kept(uuid_of(page)) == []
    page.click("#toast button")
    paints(reading, parts, "noted")
    assert kept(uuid_of(page)) == [("highlight", quote, "Why b?")]
    assert entry.locator("textarea").input_value() == "Why b?"

    with page.expect_download() as download:
        page.click("#annotations-export")
    assert download.value.suggested_filename == "A document - notes.md"
    with open(download.value.path()) as file:
        assert file.read() == (
            "# A document\n\n> third one ends it.\n>\n> Paragraph\n\n**Note:** Why b?\n"
        )


def test_a_note_is_kept_when_the_page_is_left_at_once(stack, open_page):
    reading, page = opened(stack, open_page)
    drag(page, (1, "Then"), (1, "second"))
    page.click("#selection-bar [data-act=note]")
    page.wait_for_selector("textarea:focus")
    page.keyboard.type("In a hurry")
    page.reload()
    page.wait_for_selector("#play:enabled")
    reading.waits_for(
        lambda: kept(uuid_of(page)) == [("highlight", "Then a second", "In a hurry")], 10, "kept"
    )


def test_keys_mark_what_is_selected_or_else_the_sentence(stack, open_page):
    reading, page = opened(stack, open_page)
    page.keyboard.press("h")
    told(reading, "Highlighted: “Paragraph 0 begins here.”")
    page.click("#toast button")
    paints(reading, [])
    page.evaluate(SELECT, [3, "second", 3, "follows"])
    page.wait_for_selector("#selection-bar:visible")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.dataset.act") == "highlight"
    page.keyboard.press("Escape")
    assert not page.locator("#selection-bar").is_visible()
    page.evaluate(SELECT, [3, "second", 3, "follows"])
    page.keyboard.press("n")
    page.wait_for_selector("textarea:focus")
    page.keyboard.type("bhnrf")  # typed, not pressed
    assert page.locator("textarea").input_value() == "bhnrf"
    paints(reading, ["second sentence follows"])
    page.keyboard.press("Escape")
    assert not page.locator("#panel").is_visible()


def test_the_list_leads_to_the_place(stack, open_page):
    reading, page = opened(stack, open_page, TEXT + "\n\n" + TEXT)
    page.evaluate(SELECT, [20, "third", 21, "begins"])
    page.keyboard.press("h")
    told(reading, "Highlighted")
    page.evaluate("scrollTo({ top: 0, behavior: 'instant' })")
    page.click("#annotations-open")
    page.click(".annotation__go")
    box = page.locator("#block-20").bounding_box
    reading.waits_for(lambda: 0 < box()["y"] < 700, 10, "it is in sight")
    paints(reading, ["third one ends it.", "Paragraph 9 begins"], "pointed")


# --- hearing -------------------------------------------------------------------------------------


def test_just_what_is_selected_is_heard(stack, open_page):
    reading, page = opened(stack, open_page)
    makes(reading, 0, 1, 2)
    before = len(reading.words_lit())
    drag(page, (1, "third"), (2, "begins"))
    start = reading.now()
    page.click("#selection-bar [data-act=hear]")
    reading.hears(500, 20, since=start)
    reading.waits_for(lambda: not is_playing(page), 30, "it stops")
    hears_nothing_for(reading, 1000)
    assert reading.current == 2
    lit = lit_since(reading, before)
    assert lit == ["third", "one", "ends", "it", "Paragraph", "2", "begins"]
    page.keyboard.press("Space")
    reading.waits_for(lambda: "Then" in reading.words_lit()[before:], 20, "it reads on")


def test_a_key_reads_the_selection_and_nothing_without_one(stack, open_page):
    reading, page = opened(stack, open_page)
    makes(reading, 0)
    page.keyboard.press("r")
    assert not is_playing(page)
    before = len(reading.words_lit())
    page.evaluate(SELECT, [0, "second", 0, "sentence"])
    page.keyboard.press("r")
    reading.waits_for(lambda: is_playing(page), 10, "it plays")
    reading.waits_for(lambda: not is_playing(page), 30, "it stops")
    assert lit_since(reading, before) == ["second", "sentence"]


def test_a_press_on_a_word_plays_from_it_and_one_in_the_gutter_from_the_beginning(stack, open_page):
    reading, page = opened(stack, open_page)
    makes(reading, 0, 1, 2)
    before = len(reading.words_lit())
    press_word(page, 2, "third")
    reading.waits_for(lambda: len(lit_since(reading, before)) > 1, 20, "words are lit")
    assert lit_since(reading, before)[:2] == ["third", "one"]
    page.keyboard.press("Space")
    before = len(reading.words_lit())
    page.click("#block-1 .block__state")
    reading.waits_for(lambda: len(lit_since(reading, before)) > 1, 20, "words are lit")
    assert lit_since(reading, before)[:2] == ["Paragraph", "1"]


def test_a_press_on_a_word_whose_time_is_not_known_begins_at_about_its_sentence(stack, open_page):
    reading, page = opened(stack, open_page)
    page.route("**/marks/", lambda route: route.abort())
    reading.play()
    ready = page.locator("#block-2[data-state=ready]")
    reading.waits_for(lambda: ready.count() == 1, 30, "block 2 is made")
    page.keyboard.press("Space")
    began = reading.now()
    press_word(page, 2, "third")  # Its sentence is the last 2.5 s of the block's 8 s.
    reading.waits_for(lambda: reading.current == 3, 30, "the next block is read")
    turned = [at for at, idx in page.evaluate("witness.blocks") if idx == 3][-1]
    sounded = [at for at, what in reading.heard(began + 300) if what == 500 and at < turned]
    assert 1_500 < turned - sounded[0] < 4_500


def test_a_press_that_lets_go_of_a_selection_does_not_play(stack, open_page):
    reading, page = opened(stack, open_page)
    drag(page, (1, "Then"), (1, "second"))
    press_word(page, 3, "third")
    page.wait_for_selector("#selection-bar", state="hidden")
    assert not is_playing(page)
    press_word(page, 3, "third")
    reading.waits_for(lambda: is_playing(page), 10, "it plays")


# --- focus ---------------------------------------------------------------------------------------


def opacity(page, idx: int) -> float:
    return float(page.evaluate(f"getComputedStyle(document.querySelector('#block-{idx}')).opacity"))


def test_focus_dims_all_but_what_is_read_and_is_remembered(stack, open_page):
    reading, page = opened(stack, open_page)
    assert opacity(page, 3) == 1
    page.keyboard.press("f")
    told(reading, "Focus is on")
    reading.waits_for(lambda: opacity(page, 3) < 0.5, 10, "the others are dimmed")
    assert opacity(page, 0) == 1
    page.hover("#block-3")
    reading.waits_for(lambda: opacity(page, 3) == 1, 10, "it comes back")
    page.reload()
    page.wait_for_selector("#play:enabled")
    reading.waits_for(lambda: opacity(page, 5) < 0.5, 10, "it is remembered")
    button = page.locator("#tools [data-focus-mode]")
    assert button.get_attribute("aria-pressed") == "true"
    button.click()
    reading.waits_for(lambda: opacity(page, 5) == 1, 10, "all of it is there again")


# --- the telephone -------------------------------------------------------------------------------


def test_a_thumb_can_do_it_all(stack, open_page):
    reading, page = opened(stack, open_page, **PHONE)
    page.tap(".bookmark-here")
    told(reading, "Bookmarked: “Paragraph 0 begins here.”")
    page.evaluate(SELECT, [3, "second", 4, "begins"])
    bar = page.locator("#selection-bar")
    bar.wait_for(state="visible")
    _, _, line = page.evaluate(WORD, [4, "begins"])
    box = bar.bounding_box()
    assert box["y"] > line, "below the selection: the system's own menu is above"
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    page.tap("#selection-bar [data-act=highlight]")
    told(reading, "Highlighted")
    page.tap("#annotations-open")
    quotes = page.locator(".annotation__quote")
    assert quotes.count() == 2
    quotes.nth(1).tap()
    page.wait_for_selector("#panel", state="hidden")
    paints(reading, ["second sentence follows. A third one ends it.", "Paragraph 4 begins"])
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_all_of_it_keeps_to_the_content_security_policy(stack, open_page):
    reading, page = opened(stack, open_page, heard=False)
    said = []
    page.on("console", lambda message: message.type == "error" and said.append(message.text))
    reading = ReadingPage.open(page, uuid_of(page))
    page.keyboard.press("f")
    page.keyboard.press("b")
    told(reading, "Bookmarked")
    drag(page, (1, "Then"), (1, "second"))
    page.click("#selection-bar [data-act=note]")
    page.wait_for_selector("textarea:focus")
    assert said == []


def test_what_is_marked_on_another_device_is_there_when_one_comes_back(stack, open_page):
    reading, page = opened(stack, open_page)
    other = ReadingPage.open(page.context.new_page(), uuid_of(page))
    other.page.keyboard.press("b")
    told(other, "Bookmarked")
    assert page.locator("#annotations > li").count() == 0
    # What the browser says when a page is in sight again; without a screen it always is.
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    reading.waits_for(lambda: page.locator("#annotations > li").count() == 1, 10, "it is there")


def test_a_note_written_on_two_devices_is_as_it_was_written_last(stack, open_page):
    reading, page = opened(stack, open_page)
    page.keyboard.press("n")
    page.wait_for_selector("textarea:focus")
    page.keyboard.type("Ask Anna\n")  # is kept without its last line
    said = page.locator(".annotation__said")
    reading.waits_for(lambda: said.inner_text() == "Saved.", 20, "the note is kept")
    other = ReadingPage.open(page.context.new_page(), uuid_of(page))
    other.page.click("[data-panel=annotations]")
    last = "Ask Anna. She said yes."
    field = other.page.locator("#annotations textarea")
    field.fill(last)
    field.blur()
    other.waits_for(lambda: [note for *_, note in kept(uuid_of(page))] == [last], 20, "it is kept")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    here = page.locator("#annotations textarea")
    reading.waits_for(lambda: here.input_value() == last, 10, "it is shown here")
    page.reload()
    page.wait_for_selector("#play:enabled")
    assert [note for *_, note in kept(uuid_of(page))] == [last]
