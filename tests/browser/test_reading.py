"""A person signs in, brings in a text, and listens."""

from __future__ import annotations

import io
import statistics
from collections import Counter

import av
import pytest

from .conftest import ARGUMENTS, shell_path, sign_in, sign_in_by_form
from .listening import ReadingPage
from .stack import wait_for

THIRTY = "\n\n".join(f"This is paragraph number {n}." for n in range(1, 31))
PAUSE_MS = 400
# What is left of an old sound in the output's own buffers, in ms.
IN_THE_PIPE = 60


@pytest.mark.alone
def test_a_pasted_text_plays_from_the_first_block_to_the_last(stack, new_context):
    page = new_context().new_page()
    person = stack.person()
    sign_in_by_form(page, person)
    page.goto("/documents/new/")
    page.fill("[name=text]", THIRTY)
    page.click("main form button[type=submit]")
    page.wait_for_selector("#play")
    page.evaluate("witness.started")
    reading = ReadingPage(page)
    reading.waits_for(lambda: page.locator(".block").count() == 30, 15, "the blocks are there")
    reading.play()
    # The first words at the usual speed: twice as fast the very first lasts hardly longer than a
    # frame of a browser without a graphics card.
    reading.waits_for(lambda: reading.current == 1, 20, "the second block is read")
    page.click("#speed-open")
    page.click("[data-speed='2']")
    page.keyboard.press("Escape")
    reading.waits_for(lambda: reading.current == 29, 120, "the last block is read")
    reading.waits_for(lambda: "inished" in reading.status, 20, "it has finished")
    assert reading.blocks_read() == list(range(30))
    assert page.evaluate("witness.together()") == 1
    lit = reading.words_lit()
    assert lit[:5] == ["This", "is", "paragraph", "number", "1"]
    assert len(lit) >= 30 * 4


@pytest.mark.alone
def test_silence_between_blocks_is_short(stack, open_page):
    """Tones have no silence of their own: all that is heard between two blocks is ours."""
    person, model = stack.person(), stack.tones(ms_per_character=25)
    stack.prefer(person, model, "tone-500", pause_ms=PAUSE_MS)
    reading = open_page(person, stack.document(person, THIRTY))
    reading.play()
    reading.waits_for(lambda: "inished" in reading.status, 90, "it has finished")
    silences = reading.silences_between_blocks()
    assert len(silences) == 29
    gaps = statistics.quantiles([abs(ms - PAUSE_MS) for ms in silences], n=20)
    print(f"silence beside what is chosen: p50 {gaps[9]:.0f} ms, p95 {gaps[18]:.0f} ms")
    assert reading.tones() == {500}
    assert gaps[18] <= 150


def test_the_witness_notices_a_wrong_tone(stack, open_page):
    person, model = stack.person(), stack.tones()
    stack.prefer(person, model, "tone-700")
    reading = open_page(person, stack.document(person, THIRTY))
    reading.play()
    reading.hears(700, 15, since=0)
    assert 500 not in reading.tones()


def test_faster_speech_keeps_its_pitch(stack, open_page):
    person, model = stack.person(), stack.tones(ms_per_character=100)
    stack.prefer(person, model, "tone-700", speed=2.0)
    reading = open_page(person, stack.document(person, THIRTY))
    reading.play()
    reading.hears(700, 15, since=0)
    started = reading.now()
    reading.waits_for(lambda: reading.now() > started + 2000, 10, "two seconds pass")
    assert reading.tones(started) == {700}


def test_a_click_plays_from_there_and_next_and_previous_move(stack, open_page):
    person, model = stack.person(), stack.tones(ms_per_character=100)
    stack.prefer(person, model, "tone-500")
    reading = open_page(person, stack.document(person, THIRTY))
    reading.page.click("#block-4 .block__body")
    reading.hears(500, 15, since=0)
    assert reading.current == 4
    reading.page.click("#next")
    reading.page.click("#next")
    assert reading.current == 6
    reading.hears_something(10)
    reading.page.keyboard.press("ArrowLeft")
    assert reading.current == 5
    reading.hears_something(10)
    assert reading.page.evaluate("witness.together()") == 1


def test_the_place_is_kept(stack, open_page):
    person, model = stack.person(), stack.tones(ms_per_character=300)
    stack.prefer(person, model, "tone-500")
    uuid = stack.document(person, THIRTY)
    reading = open_page(person, uuid)
    reading.page.click("#block-7 .block__body")
    reading.hears(500, 15, since=0)
    reading.waits_for(lambda: reading.now() > 2500, 10, "two seconds pass")
    reading.page.keyboard.press("Space")
    wait_for(lambda: position(uuid)[1] > 500, 10, "the position is kept")
    assert position(uuid)[0] == 7
    again = ReadingPage.open(reading.page, uuid)
    assert again.current == 7


def position(uuid):
    from reader.models import Position

    return (
        Position.objects.filter(document__uuid=uuid).values_list("block_idx", "offset_ms").first()
    )


def test_scrolling_away_is_respected(stack, open_page):
    person, model = stack.person(), stack.tones(ms_per_character=20)
    stack.prefer(person, model, "tone-500")
    reading = open_page(person, stack.document(person, THIRTY * 3))
    reading.play()
    reading.hears(500, 15, since=0)
    reading.page.mouse.move(400, 300)
    for _ in range(10):
        reading.page.mouse.wheel(0, 400)
    before = reading.current
    reading.waits_for(lambda: reading.current >= before + 4, 20, "it reads on")
    assert reading.page.evaluate("scrollY") > 1500
    reading.page.click("#back-to-place")
    sight = reading.page.locator(".block--current").bounding_box
    reading.waits_for(lambda: 0 <= sight()["y"] <= 700, 5, "the block being read is in sight")


def test_a_page_that_missed_the_end_of_its_import_learns_of_it(stack, open_page, new_context):
    person, model = stack.person(), stack.tones()
    stack.prefer(person, model, "tone-500")
    uuid = stack.document(person, "One sentence is all there is.")
    page = new_context().new_page()
    sign_in(page, person)

    # The page as it was made a moment before the import ended.
    page.add_init_script(
        """document.addEventListener("readystatechange", () => {
          const config = document.getElementById("reading-config");
          if (!config) return;
          window.wasReady = /"status": "ready"/.test(config.textContent) || window.wasReady;
          config.textContent = config.textContent.replace('"ready"', '"importing"');
        });"""
    )
    reading = ReadingPage.open(page, uuid)
    assert page.evaluate("wasReady")
    reading.play()
    reading.waits_for(lambda: "inished" in reading.status, 15, "it finishes")


def test_play_that_is_refused_asks_for_a_press(stack, chromium, new_context):
    person, model = stack.person(), stack.tones()
    stack.prefer(person, model, "tone-500", auto_play=True)
    uuid = stack.document(person, THIRTY)
    # A browser of its own, in which nothing was ever pressed: neither here, nor on the way here.
    # And without the witness: what goes through its silent context needs no press.
    signed_in = new_context(heard=False)
    sign_in(signed_in.new_page(), person)
    fresh = chromium.browser_type.launch(executable_path=shell_path(), args=ARGUMENTS)
    context = fresh.new_context(base_url=stack.url)
    context.add_cookies(signed_in.cookies())
    page = context.new_page()
    page.goto(f"/documents/{uuid}/")
    # No look at the page before it has tried: to Chromium, Playwright's looking is a gesture.
    page.wait_for_timeout(6000)
    assert "ress play" in page.inner_text("#status")
    reading = ReadingPage(page)
    assert reading.current == 0
    reading.play()
    reading.waits_for(lambda: reading.current >= 2, 15, "it plays")
    fresh.close()


def test_a_word_is_lit_where_the_browser_has_no_highlights(stack, new_context):
    person = stack.person()
    context = new_context()
    context.add_init_script("delete CSS.highlights")
    page = context.new_page()
    sign_in(page, person)
    reading = ReadingPage.open(page, stack.document(person, THIRTY))
    reading.play()
    box = page.locator(".block--current .word-boxes > span")
    reading.waits_for(box.count, 20, "a word is lit")
    page.click("#play")
    reading.waits_for(lambda: "aused" in reading.status, 10, "it rests")
    picture = page.screenshot(clip=box.bounding_box(), animations="disabled")
    lamp = page.evaluate("getComputedStyle(document.querySelector('.word-boxes > span'))"
                         ".backgroundColor")  # fmt: skip
    # The letters are drawn on it, and the block's own ground is not drawn over it.
    colour, _ = colours(picture).most_common(1)[0]
    assert f"rgb{colour}" == lamp
    assert len(colours(picture)) > 1


def colours(picture: bytes) -> Counter[tuple[int, int, int]]:
    """Return how many pixels of a picture have which colour."""
    with av.open(io.BytesIO(picture)) as container:
        frame = next(container.decode(video=0)).reformat(format="rgb24")
    plane = frame.planes[0]
    rows = bytes(plane)
    return Counter(
        tuple(rows[at : at + 3])
        for y in range(frame.height)
        for at in range(y * plane.line_size, y * plane.line_size + 3 * frame.width, 3)
    )


def test_a_failed_block_is_told_and_passed_over(stack, open_page):
    person = stack.person()
    model = stack.tones(ms_per_character=30, fail_on="number 2.")
    stack.prefer(person, model, "tone-500")
    reading = open_page(person, stack.document(person, THIRTY))
    reading.play()
    reading.waits_for(lambda: reading.page.locator(".notice").count(), 20, "a notice")
    assert "Paragraph 2 could not be read aloud" in reading.page.inner_text(".notice")
    assert "This is paragraph number 2." in reading.page.inner_text("#block-1")
    assert reading.page.get_attribute("#block-1", "data-state") == "failed"
    reading.waits_for(lambda: reading.current >= 2, 10, "the next one follows")
    reading.hears_something(10)
    asked = sum(1 for line in stack.spoken() if "number 2." in line["text"])
    reading.page.click("#block-1 .block__state")
    wait_for(
        lambda: sum(1 for line in stack.spoken() if "number 2." in line["text"]) > asked,
        10,
        "it is tried again",
    )


def test_what_is_copied_is_the_text_alone(stack, new_context):
    person = stack.person()
    page = new_context(permissions=["clipboard-read", "clipboard-write"]).new_page()
    sign_in(page, person)
    ReadingPage.open(page, stack.document(person, THIRTY))
    page.evaluate("""getSelection().setBaseAndExtent(
      document.querySelector("#block-0 .block__body").firstElementChild.firstChild, 8,
      document.querySelector("#block-1 .block__body").firstElementChild.firstChild, 17)""")
    page.keyboard.press("Control+c")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert " ".join(copied.split()) == "paragraph number 1. This is paragraph"


def test_nothing_breaks_the_content_security_policy(stack, open_page):
    person, model = stack.person(), stack.tones(ms_per_character=20)
    stack.prefer(person, model, "tone-500")
    page = None
    said = []
    uuid = stack.document(person, THIRTY)
    reading = open_page(person, uuid, heard=False)
    page = reading.page
    page.on("console", lambda message: message.type == "error" and said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    reading = ReadingPage.open(page, uuid)
    reading.play()
    reading.waits_for(lambda: (reading.current or 0) >= 3, 20, "it reads on")
    page.click("#voice")
    page.keyboard.press("Escape")
    for path in ("/", "/documents/new/", "/settings/", "/accounts/password_change/"):
        assert page.goto(path).status == 200
    assert said == []
