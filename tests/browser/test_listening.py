"""How one listens: pauses, volume, chapters, and what the system says that it does."""

from __future__ import annotations

import os
import re
import statistics
from itertools import pairwise
from pathlib import Path

import pytest

from .listening import SILENCE, ReadingPage

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True}
WORDS = (
    "Alpha bravo charlie delta echo foxtrot golf hotel india juliett kilo lima mike november "
    "oscar papa quebec romeo sierra tango uniform victor whiskey xray yankee zulu."
)
# The chapters of `book` begin with these blocks, each with a heading and two paragraphs.
ONE, TWO, THREE, FOUR = 0, 3, 6, 9


def book(stack, person: str, *, filler: str = "") -> str:
    """Add a document of four chapters; return its uuid."""
    chapters = ("One", "Two", "Three", "Four")
    text = "\n\n".join(
        f"# Chapter {name}\n\nThe first of {name}. {filler}\n\nThe second of {name}. {filler}"
        for name in chapters
    )
    return stack.document(person, text, "A book to hear", kind="markdown")


def picture(page, name: str) -> None:
    if folder := os.environ.get("PICTURES"):
        page.screenshot(path=Path(folder) / f"listening-{name}.png")


def silences(reading) -> list[float]:
    """Return the length in ms of each silence between two sounds."""
    step = reading.page.evaluate("witness.step")
    loud = [at for at, what in reading.heard() if what != SILENCE]
    return [b - a - step for a, b in pairwise(loud) if b - a > 3 * step]


def opened(reading, name: str):
    reading.page.click(f"#{name}-open")
    part = reading.page.locator(f"#panel-{name}")
    part.wait_for(state="visible")  # what is rarely used is loaded when it is first used
    return part


def line(reading, name: str):
    return reading.page.locator(f".outline__entry[data-idx='{name}']")


# --- pauses ---------------------------------------------------------------------------------------


@pytest.mark.alone
def test_after_each_sentence_it_is_silent_for_as_long_as_is_chosen(stack, open_page):
    person, model = stack.person(), stack.tones(ms_per_character=40)
    stack.prefer(person, model, "tone-500", pause_ms=0, sentence_pause_ms=800)
    text = "This is one sentence here. This is another one. And this is the last one of them."
    reading = open_page(person, stack.document(person, text))
    reading.play()
    reading.waits_for(lambda: "inished" in reading.status, 40, "it has finished")
    between = silences(reading)
    print(f"silences between sentences: {[round(ms) for ms in between]}")
    assert len(between) == 2
    assert all(700 <= ms <= 4_000 for ms in between)
    # The word that was said last stays lit, and no word of the next sentence is lit too early.
    lit = reading.words_lit()
    assert lit.index("here") + 1 == lit.index("This", 1)


@pytest.mark.alone
def test_after_a_heading_it_is_silent_for_longer(stack, open_page):
    person, model = stack.person(), stack.tones(ms_per_character=40)
    stack.prefer(person, model, "tone-500", pause_ms=0, heading_pause_ms=1500)
    reading = open_page(person, book(stack, person))
    reading.play()
    reading.waits_for(lambda: "inished" in reading.status, 60, "it has finished")
    between = reading.silences_between_blocks()
    after_headings = between[0::3]
    others = [ms for at, ms in enumerate(between) if at % 3]
    print(f"after headings {after_headings}, elsewhere {others}")
    assert len(between) == 11
    assert min(after_headings) >= 1_300
    assert statistics.median(others) < 500


def test_after_a_long_pause_the_thread_is_found_again(stack, open_page):
    person, model = stack.person(), stack.tones(ms_per_character=90)
    stack.prefer(person, model, "tone-500", rewind_ms=2_000)
    reading = open_page(person, stack.document(person, WORDS))
    page = reading.page
    order = [word.strip(".") for word in WORDS.split()]
    reading.play()
    reading.waits_for(lambda: "foxtrot" in reading.words_lit(), 30, "some words are read")
    page.keyboard.press("Space")
    assert "Paused" in reading.status
    count, last = len(reading.words_lit()), reading.words_lit()[-1]
    page.wait_for_timeout(11_000)
    page.keyboard.press("Space")
    reading.waits_for(lambda: len(reading.words_lit()) > count, 10, "words are lit again")
    again = reading.words_lit()[count]
    assert 2 <= order.index(last) - order.index(again) <= 5
    page.keyboard.press("Space")
    count, last = len(reading.words_lit()), reading.words_lit()[-1]
    page.keyboard.press("Space")
    reading.waits_for(lambda: len(reading.words_lit()) > count, 10, "it goes on")
    assert order.index(reading.words_lit()[count]) == order.index(last) + 1


# --- volume ---------------------------------------------------------------------------------------


def test_volume_is_set_muted_and_kept(stack, open_page):
    person, model = stack.person(), stack.tones(ms_per_character=90)
    stack.prefer(person, model, "tone-500")
    uuid = stack.document(person, "\n\n".join([WORDS] * 4))
    reading = open_page(person, uuid)
    page = reading.page
    reading.play()
    reading.hears(500, 15, since=0)
    page.keyboard.press("m")
    silent_since = reading.now() + 500
    reading.waits_for(lambda: len(reading.heard(silent_since)) > 50, 10, "it goes on")
    assert {what for _, what in reading.heard(silent_since)} == {SILENCE}
    assert reading.status == "Playing"
    page.keyboard.press("m")
    reading.hears(500, 10)
    page.click("#speed-open")
    with page.expect_response("**/preferences/"):
        page.locator("#volume").fill("40")
    picture(page, "panel")
    page.keyboard.press("Escape")
    reading.hears(500, 10)
    ReadingPage.open(page, uuid)
    assert page.input_value("#volume") == "40"


def test_the_sleep_timer_tells_what_is_left(stack, open_page):
    person, model = stack.person(), stack.tones(ms_per_character=90)
    stack.prefer(person, model, "tone-500")
    reading = open_page(person, stack.document(person, "\n\n".join([WORDS] * 4)))
    page = reading.page
    page.evaluate("document.querySelector('[data-sleep=\"15\"]').dataset.sleep = '0.25'")
    reading.play()
    reading.hears(500, 15, since=0)
    page.click("#speed-open")
    page.click("[data-sleep='0.25']")
    words = page.inner_text("#sleep")
    assert re.search(r"stops in 1[0-5] s", words)
    reading.waits_for(lambda: "Paused" in reading.status, 60, "it stops by itself")
    assert page.inner_text("#sleep") == ""


# --- chapters -------------------------------------------------------------------------------------


def test_one_goes_from_chapter_to_chapter(stack, open_page):
    person, model = stack.person(), stack.tones(ms_per_character=60)
    stack.prefer(person, model, "tone-500")
    reading = open_page(person, book(stack, person))
    page = reading.page
    page.keyboard.press("Shift+ArrowRight")
    assert reading.current == TWO
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowLeft")
    assert reading.current == TWO
    page.keyboard.press("Shift+ArrowLeft")
    assert reading.current == ONE
    said = lambda: "Press play" in reading.status or "Paused" in reading.status  # noqa: E731
    reading.waits_for(said, 20, "it plays nothing")

    part = opened(reading, "contents")
    times = part.locator(".outline__time").all_inner_texts()
    assert len(times) == 4
    assert all(re.fullmatch(r"\d+ (s|min)", words) for words in times)
    page.click("#chapter-next")
    assert line(reading, TWO).locator("a").get_attribute("aria-current") == "location"
    line(reading, FOUR).locator("a").click()
    assert reading.current == FOUR
    assert part.locator("[aria-current]").count() == 1
    assert ", 100 % heard" in line(reading, ONE).locator(".unseen").inner_text()
    reading.play()
    reading.hears(500, 15, since=0)
    line(reading, THREE).locator("a").click()
    assert reading.current == THREE
    assert page.get_attribute("#player", "data-playing") == "true"
    reading.hears_something(10)
    picture(page, "contents")


def test_a_folded_chapter_is_passed_over_and_remembered(stack, open_page):
    person, model = stack.person(), stack.tones(ms_per_character=20)
    stack.prefer(person, model, "tone-500", pause_ms=0, heading_pause_ms=0)
    uuid = book(stack, person)
    reading = open_page(person, uuid)
    page = reading.page
    opened(reading, "contents")
    with page.expect_response("**/fold/") as answer:
        page.click("button[aria-label='Skip “Chapter Two”']")
    assert answer.value.status == 204
    assert "is skipped" in page.inner_text("#outline-said")
    assert re.match(r"skipped, \d+ s", line(reading, TWO).locator(".outline__time").inner_text())
    assert re.match(r"Skipped: \d+ s\.", page.inner_text(f"#block-{TWO} .folded"))
    picture(page, "folded")
    reading.play()
    reading.waits_for(lambda: "inished" in reading.status, 60, "it has finished")
    assert reading.blocks_read() == [0, 1, 2, 6, 7, 8, 9, 10, 11]

    reading = ReadingPage.open(page, uuid)
    assert page.locator(".block--folded").count() == 3
    page.locator(f"#block-{TWO} .folded").scroll_into_view_if_needed()
    with page.expect_response("**/fold/"):
        page.click(f"#block-{TWO} .folded button")
    assert page.locator(".block--folded, .folded").count() == 0
    ReadingPage.open(page, uuid)
    assert page.locator(".block--folded, .folded").count() == 0


def test_what_is_chosen_without_a_connection_is_kept_when_there_is_one(stack, open_page):
    person, model = stack.person(), stack.tones(ms_per_character=20)
    stack.prefer(person, model, "tone-500")
    uuid = book(stack, person)
    reading = open_page(person, uuid)
    page = reading.page
    opened(reading, "contents")
    page.context.set_offline(True)
    page.click("button[aria-label='Skip “Chapter Two”']")
    page.get_by_text("is not kept yet").wait_for()
    speed = page.inner_text("#speed-shown")
    page.keyboard.press("+")
    reading.waits_for(lambda: page.inner_text("#speed-shown") != speed, 5, "it is faster")
    faster = page.inner_text("#speed-shown")
    page.wait_for_timeout(1_000)  # until it is not tried of itself any more
    with page.expect_response("**/fold/") as fold, page.expect_response("**/preferences/") as other:
        page.context.set_offline(False)
    assert (fold.value.status, other.value.status) == (204, 204)
    ReadingPage.open(page, uuid)
    assert page.locator(".block--folded").count() == 3
    assert page.inner_text("#speed-shown") == faster


def test_who_presses_a_skipped_paragraph_hears_its_chapter(stack, open_page):
    person, model = stack.person(), stack.tones(ms_per_character=20)
    stack.prefer(person, model, "tone-500", pause_ms=0)
    reading = open_page(person, book(stack, person))
    page = reading.page
    opened(reading, "contents")
    with page.expect_response("**/fold/"):
        page.click("button[aria-label='Skip “Chapter Three”']")
    with page.expect_response("**/fold/"):
        page.click(f"#block-{THREE + 1} .block__body")
    assert page.locator(".block--folded").count() == 0
    reading.waits_for(lambda: reading.current == THREE + 2, 15, "it reads on in the chapter")


def test_not_everything_can_be_skipped(stack, open_page):
    person, model = stack.person(), stack.tones()
    stack.prefer(person, model, "tone-500")
    reading = open_page(person, book(stack, person))
    page = reading.page
    opened(reading, "contents")
    for name in ("One", "Two", "Three", "Four"):
        page.click(f"button[aria-label='Skip “Chapter {name}”']")
    assert "nothing would be left" in page.inner_text("#outline-said")
    assert page.locator(".outline__entry--skipped").count() == 3


# --- where one is, and what the system does -------------------------------------------------------


def test_the_place_is_told_in_percent_of_the_listening_time(stack, open_page):
    person, model = stack.person(), stack.tones(ms_per_character=40)
    stack.prefer(person, model, "tone-500")
    text = "\n\n".join(["Short one.", "Another one.", "This is a long paragraph. " * 12])
    reading = open_page(person, stack.document(person, text))
    page = reading.page
    place = page.locator("#place")
    assert re.fullmatch(r"0 % · (under a minute|\d+ min) left", place.inner_text())
    assert place.get_attribute("title") == "Paragraph 1 of 3"
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    # Two blocks of three lie behind, and next to nothing of what there is to hear.
    assert 1 <= int(place.inner_text().split(" %")[0]) <= 12
    assert place.get_attribute("title") == "Paragraph 3 of 3"
    assert page.get_attribute("#seek", "aria-valuetext").startswith("Paragraph 3 of 3, ")
    page.focus("#seek")
    page.keyboard.press("ArrowLeft")
    assert place.get_attribute("title") == "Paragraph 2 of 3"


def test_the_system_says_what_it_does_and_makes_a_sound_again(stack, open_page):
    person = stack.person()
    model = stack.tones(ms_per_character=20, fail_on="The second of One", retryable=False)
    stack.prefer(person, model, "tone-500", pause_ms=0)
    reading = open_page(person, book(stack, person))
    page = reading.page

    def says(name: str) -> str:
        return page.inner_text(f"#report [data-line='{name}']")

    opened(reading, "about")
    reading.waits_for(lambda: says("connection") == "Connected.", 10, "it is connected")
    assert says("voice") == f"500 Hz, made by {model}."
    assert says("preparation") == "Not asked for."
    reading.play()
    reading.waits_for(lambda: reading.current == 2, 30, "the failed one has its turn")
    reading.waits_for(lambda: (reading.current or 0) > 2, 30, "the next one follows")
    reading.play()  # the same button pauses
    reading.waits_for(lambda: "Paused" in reading.status, 5, "it is paused")
    reading.waits_for(lambda: says("block") == "Ready.", 10, "this one is ready")
    assert re.search(r"of listening, \d+ paragraphs?\.$", says("ahead"))
    assert re.match(r"Makes [\d.]+ s of sound a second|Not measured", says("pace"))
    assert not page.locator("#report-retry").is_visible()
    while reading.current > 2:
        page.keyboard.press("ArrowLeft")
    reading.waits_for(lambda: says("block").startswith("Failed."), 10, "the failure is told")
    assert "told to fail" in says("block")
    picture(page, "report")

    def asked() -> int:
        return sum("second of One" in entry["text"] for entry in stack.spoken())

    before = asked()
    page.click("#report-retry")
    reading.waits_for(lambda: asked() > before, 15, "it is tried again")


# --- on a phone -----------------------------------------------------------------------------------


def test_on_a_phone_all_of_it_is_in_reach(stack, open_page):
    person, model = stack.person(), stack.tones(ms_per_character=20)
    stack.prefer(person, model, "tone-500")
    reading = open_page(person, book(stack, person, filler="And a few words more. " * 5), **PHONE)
    page = reading.page
    assert re.match(r"0 % · ", page.inner_text("#place"))
    opened(reading, "contents")
    for button in page.locator(".outline__fold, .outline a, .outline__keys button").all():
        assert button.bounding_box()["height"] >= 44
    picture(page, "contents-phone")
    with page.expect_response("**/fold/"):
        page.click("button[aria-label='Skip “Chapter Two”']")
    page.click(".outline__entry[data-idx='6'] a")
    assert reading.current == THREE
    assert not page.locator("#panel").is_visible()  # it would lie over the text
    page.wait_for_timeout(600)
    picture(page, "folded-phone")
    part = opened(reading, "about")
    assert part.evaluate("part => part.scrollWidth <= part.clientWidth")
    picture(page, "report-phone")
    page.click("#panel-close")
    page.click("#speed-open")
    box = page.locator("#listening").bounding_box()
    assert box["x"] >= 0
    assert box["y"] >= 0
    assert box["x"] + box["width"] <= 390
    picture(page, "panel-phone")
