"""One person's pages of one document, on several devices or in two tabs."""

from __future__ import annotations

import time

from .listening import ReadingPage

TEXT = "\n\n".join(f"Paragraph {n} goes on for quite a while, and then ends." for n in range(1, 41))
PHONE = {"width": 390, "height": 844}
# A page follows within a second; a machine that is busy is granted many.
WITHIN = 15


def words(reading: ReadingPage) -> str:
    """Return what it says of another page that plays; nothing if it does not show it."""
    return reading.page.evaluate("document.getElementById('elsewhere').innerText").strip() * (
        reading.page.is_visible("#elsewhere")
    )


def open_two(stack, open_page) -> tuple[ReadingPage, ReadingPage]:
    person, model = stack.person(), stack.tones(ms_per_character=52)
    stack.prefer(person, model, "tone-500")
    uuid = stack.document(person, TEXT)
    return open_page(person, uuid), open_page(person, uuid, viewport=PHONE)


def begins(reading: ReadingPage) -> None:
    reading.hears(500, 30)


def assert_silent(reading: ReadingPage, seconds: float) -> None:
    since = reading.now()
    time.sleep(seconds)
    assert reading.tones(since) == set()


def assert_only_one_is_heard(silent: ReadingPage, sounding: ReadingPage) -> None:
    """The one falls silent, and stays so while the other goes on for some blocks."""
    silent.waits_for(
        lambda: {what for _, what in silent.heard(silent.now() - 200)} <= {0}, WITHIN, "silence"
    )
    since, at = silent.now(), sounding.current
    sounding.waits_for(lambda: sounding.current >= at + 2, 40, "it reads on")
    assert silent.tones(since) == set()


def test_a_silent_page_follows_the_one_that_plays(stack, open_page):
    desk, phone = open_two(stack, open_page)
    desk.play()
    begins(desk)
    phone.waits_for(lambda: words(phone) != "", WITHIN, "it says who plays")
    assert "Playing on another device (Chrome on Linux), paragraph" in words(phone)
    for _ in range(12):
        desk.page.click("#next")
    at = desk.current
    assert at >= 12
    phone.waits_for(lambda: phone.current >= at, WITHIN, "it is where the other one is")
    assert f"paragraph {phone.current + 1}" in words(phone)
    phone.waits_for(
        lambda: phone.page.locator(".block--current").evaluate(
            "block => { const { top } = block.getBoundingClientRect();"
            " return top > 0 && top < innerHeight }"
        ),
        WITHIN,
        "and in view",
    )
    phone.page.screenshot(path="/tmp/voices-elsewhere-phone.png")
    assert phone.tones() == set()
    assert desk.page.locator("#elsewhere").is_hidden()
    desk.page.click("#play")
    phone.waits_for(lambda: words(phone) == "", WITHIN, "it says nothing when nobody plays")


def test_playback_is_carried_on_here_and_taken_back_there(stack, open_page):
    desk, phone = open_two(stack, open_page)
    desk.play()
    begins(desk)
    for _ in range(7):
        desk.page.click("#next")
    phone.waits_for(lambda: phone.current is not None and phone.current >= 7, WITHIN, "it follows")
    phone.page.click("text=Continue here")
    at = phone.current
    begins(phone)
    assert 7 <= at <= phone.current
    desk.waits_for(lambda: words(desk) != "", WITHIN, "the other one says why it stopped")
    assert "Playback moved to another device (Chrome on Linux)" in words(desk)
    assert words(phone) == ""
    assert_only_one_is_heard(desk, phone)
    desk.waits_for(lambda: desk.current == phone.current, WITHIN, "it follows now")
    desk.page.screenshot(path="/tmp/voices-elsewhere-desk.png")
    desk.page.click("text=Take it back")
    begins(desk)
    phone.waits_for(lambda: "Playback moved" in words(phone), WITHIN, "it gives way")
    assert_only_one_is_heard(phone, desk)


def test_of_two_tabs_the_one_begun_last_is_heard(stack, open_page):
    one, _ = open_two(stack, open_page)
    two = ReadingPage.open(one.page.context.new_page(), one.page.url.split("/")[-2])
    for sounding, silent in [(one, two), (two, one), (one, two)]:
        sounding.play()
        begins(sounding)
        assert_only_one_is_heard(silent, sounding)
        assert "another tab, paragraph" in words(silent)


def test_where_nobody_plays_the_place_is_the_same(stack, open_page):
    desk, phone = open_two(stack, open_page)
    for _ in range(4):
        desk.page.click("#next")
    assert desk.current == 4
    phone.waits_for(lambda: phone.current == 4, WITHIN, "it follows")
    assert words(phone) == ""
    assert_silent(phone, 1)
    phone.page.reload()
    phone.page.wait_for_selector("#play:enabled")
    assert phone.current == 4
