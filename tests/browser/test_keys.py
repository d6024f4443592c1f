"""The keyboard, headphones and lock screens."""

from __future__ import annotations

import re

TEXT = "\n\n".join(
    f"Paragraph {n} begins here. Then a second sentence follows. A third one ends it."
    for n in range(4)
)
SECOND, THIRD = ["Then", "a", "second", "sentence", "follows"], ["A", "third", "one", "ends", "it"]


def lit(reading) -> str:
    return next(reversed(reading.words_lit()), "")


CURRENT = "Number(document.querySelector('.block--current').dataset.idx)"


def moves_by(page, action: str) -> int:
    """Return by how many blocks a key of the headphones moves; at once, since it plays on."""
    return page.evaluate(f"(() => {{ const at = {CURRENT}; {action}; return {CURRENT} - at; }})()")


def test_every_key_of_the_sheet_does_what_it_says(stack, open_page):
    person, model = stack.person(), stack.tones(ms_per_character=100)
    stack.prefer(person, model, "tone-500")
    reading = open_page(person, stack.document(person, TEXT))
    page = reading.page
    page.keyboard.press("?")
    sheet = page.locator("#keys")
    assert sheet.is_visible()
    keys = re.findall(r"<kbd>(.*?)</kbd>", sheet.inner_html())
    # What B, H, N, R and F do is told in test_annotations, what W does in test_saying.
    marking = ["B", "H", "N", "R", "W", "F"]
    moving = ["Space", "←", "→", "Shift ←", "Shift →", ",", ".", "J", "L", "−", "+"]
    assert keys == [*moving, "M", *marking, "V", "/", "?"]
    page.keyboard.press("Escape")
    assert not sheet.is_visible()

    page.keyboard.press("Space")
    reading.hears(500, 15, since=0)
    reading.waits_for(lambda: lit(reading), 15, "a word is lit")
    page.keyboard.press("Space")
    assert "Paused" in reading.status
    page.keyboard.press("Space")
    page.keyboard.press(".")
    reading.waits_for(lambda: lit(reading) in SECOND, 5, "the second sentence")
    page.keyboard.press(".")
    reading.waits_for(lambda: lit(reading) in THIRD, 5, "the third sentence")
    page.keyboard.press(",")
    reading.waits_for(lambda: lit(reading) in SECOND, 5, "the second one again")
    page.keyboard.press("Space")
    at = reading.current
    page.keyboard.press("l")  # 15 seconds, at seven and a half for a paragraph
    assert reading.current == at + 2
    page.keyboard.press("ArrowRight")
    assert reading.current == at + 3
    page.keyboard.press("ArrowLeft")
    assert reading.current == at + 2
    page.keyboard.press("j")
    assert reading.current == at
    page.keyboard.press("+")
    assert page.inner_text("#speed-shown") == "1.1×"
    page.keyboard.press("-")
    assert page.inner_text("#speed-shown") == "1.0×"
    page.keyboard.press("m")
    assert page.get_attribute("#mute", "aria-pressed") == "true"
    page.keyboard.press("m")
    assert page.get_attribute("#mute", "aria-pressed") == "false"
    page.keyboard.press("v")
    page.wait_for_selector("#voice-dialog", state="visible")
    page.keyboard.press("l")  # typed, not pressed
    assert reading.current == at


SPY = """
  window.handlers = {};
  const { setActionHandler } = MediaSession.prototype;
  MediaSession.prototype.setActionHandler = function (action, handler) {
    handlers[action] = handler;
    return setActionHandler.call(this, action, handler);
  };
  const { setPositionState } = MediaSession.prototype;
  MediaSession.prototype.setPositionState = function (state) {
    window.position = state;
    return setPositionState.call(this, state);
  };
"""


def test_after_a_press_with_the_pointer_the_keys_are_the_players_again(stack, open_page):
    person, model = stack.person(), stack.tones(ms_per_character=100)
    stack.prefer(person, model, "tone-500")
    reading = open_page(person, stack.document(person, TEXT))
    page = reading.page

    def space_toggles() -> None:
        plays = lambda: page.get_attribute("#player", "data-playing")  # noqa: E731
        was = plays()
        page.keyboard.press("Space")
        reading.waits_for(lambda: plays() != was, 5, "the space bar is the player's")

    box = page.locator("#seek").bounding_box()
    page.mouse.click(box["x"] + box["width"] * 0.6, box["y"] + box["height"] / 2)
    reading.waits_for(lambda: lit(reading), 15, "a word is lit")
    page.keyboard.press("m")
    assert page.evaluate("document.activeElement === document.body")
    assert page.get_attribute("#mute", "aria-pressed") == "true"
    page.click("#contents-open")
    page.click("#panel-close")
    space_toggles()
    page.click("#look-open")
    page.click("#panel-look button >> nth=0")
    page.keyboard.press("Escape")
    assert not page.locator("#panel").is_visible()
    page.click("#speed-open")
    page.click("[data-speed='1.2']")
    page.keyboard.press("Escape")
    space_toggles()
    assert not page.locator(".listening").is_visible()
    page.click("#voice")
    page.keyboard.press("Escape")
    space_toggles()
    # Who came by the keyboard stays where they are.
    page.focus("#contents-open")
    page.keyboard.press("Enter")
    page.focus("#panel-close")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "contents-open"
    page.focus("#seek")
    page.keyboard.press("m")
    assert page.get_attribute("#mute", "aria-pressed") == "false"


def test_headphones_and_lock_screens_have_the_player(stack, open_page):
    from .listening import ReadingPage

    person, model = stack.person(), stack.tones(ms_per_character=60)
    stack.prefer(person, model, "tone-500")
    uuid = stack.document(person, TEXT, "A book to hear")
    page = open_page(person, uuid).page
    page.add_init_script(SPY)
    reading = ReadingPage.open(page, uuid)
    reading.play()
    reading.hears(500, 15, since=0)
    assert page.evaluate("navigator.mediaSession.playbackState") == "playing"
    assert page.evaluate("navigator.mediaSession.metadata.title") == "A book to hear"
    assert page.evaluate("navigator.mediaSession.metadata.artwork.length") == 1
    assert page.evaluate("0 < position.duration && position.position < position.duration")
    assert moves_by(page, "handlers.nexttrack({})") == 1
    assert moves_by(page, "handlers.previoustrack({})") == -1
    page.evaluate("handlers.pause({})")
    assert "Paused" in reading.status
    assert page.evaluate("navigator.mediaSession.playbackState") == "paused"
    page.evaluate("handlers.play({})")
    reading.hears_something(5)
    # Only of a block that is whole it is known how long it lasts.
    is_whole = "document.querySelector('.block--current').dataset.state === 'ready'"
    reading.waits_for(lambda: page.evaluate(is_whole), 10, "the block is whole")
    assert moves_by(page, "handlers.seekforward({ seekOffset: 5 })") == 1


def test_the_sleep_timer_is_set_and_taken_back(stack, open_page):
    person, model = stack.person(), stack.tones(ms_per_character=60)
    stack.prefer(person, model, "tone-500")
    reading = open_page(person, stack.document(person, TEXT))
    page = reading.page
    reading.play()
    reading.hears(500, 15, since=0)
    page.click("#speed-open")
    page.click("[data-sleep='15']")
    assert "stops in 15 min" in page.inner_text("#sleep")
    assert page.get_attribute("[data-sleep='15']", "aria-pressed") == "true"
    page.click("[data-sleep='']")
    assert page.inner_text("#sleep") == ""
    assert page.get_attribute("[data-sleep='15']", "aria-pressed") == "false"
    page.keyboard.press("Escape")
    reading.hears_something(5)
