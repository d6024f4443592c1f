"""A word that was heard wrong: one press to a rule for it, and it is heard again from there."""

from __future__ import annotations

import pytest

from .stack import wait_for

TEXT = (
    "This page is about a server, as one says. Its name is Nginx and it is quick. That is all.\n\n"
    "Another paragraph has nothing to say of it.\n\nThe last one names Nginx again."
)


@pytest.fixture
def reading(stack, open_page):
    person, model = stack.person(), stack.tones(ms_per_character=150)
    stack.prefer(person, model, "tone-500")
    reading = open_page(person, stack.document(person, TEXT))
    reading.page.evaluate("window.isSamePage = true")
    return reading


def select(page, word: str, idx: int = 0) -> None:
    page.evaluate(
        """([word, idx]) => {
          const text = document.querySelector(`#block-${idx} .block__body`);
          const walker = document.createTreeWalker(text, NodeFilter.SHOW_TEXT);
          while (walker.nextNode()) {
            const at = walker.currentNode.data.indexOf(word);
            if (at < 0) continue;
            getSelection().setBaseAndExtent(
              walker.currentNode, at, walker.currentNode, at + word.length);
          }
        }""",
        [word, idx],
    )


def test_a_word_is_said_otherwise_and_heard_from_there(stack, reading):
    page = reading.page
    select(page, "ginx")  # a part of it is enough
    page.click("[data-act=say]")
    assert page.input_value("#say-word") == "Nginx"
    assert page.evaluate("document.activeElement.id") == "say-as"
    page.keyboard.type("!?")
    page.keyboard.press("Enter")
    page.wait_for_selector("#say-said[data-tone=trouble]:has-text('in letters')")
    # So long that a page which stands still for a second or two lights it nevertheless.
    page.fill("#say-as", "what they call the engine x")
    since = reading.now()
    page.keyboard.press("Enter")
    reading.hears(500, 15, since=since)
    page.wait_for_selector("#say-said:has-text('Saved.')")
    said = [each["text"] for each in stack.spoken()]
    assert any("is what they call the engine x and it is quick." in text for text in said)
    lit = reading.waits_for(reading.words_lit, 10, "a word is lit")
    assert lit[0] == "Nginx"  # what is said otherwise is lit as it is shown
    # Heard again, and tried otherwise.
    page.fill("#say-as", "en jinx")
    page.click("#say-again")
    reading.waits_for(
        lambda: any("is en jinx and" in each["text"] for each in stack.spoken()), 15, "the next try"
    )
    page.keyboard.press("Escape")
    reading.waits_for(
        lambda: any(each["text"].endswith("en jinx again.") for each in stack.spoken()),
        20,
        "the rest of the document follows",
    )
    assert page.evaluate("window.isSamePage")
    assert page.locator("#block-0").inner_text().count("Nginx") == 1


def test_the_word_being_spoken_is_corrected_by_the_keyboard_alone(stack, reading):
    page = reading.page
    page.keyboard.press("w")
    page.wait_for_selector("#toast[data-shown]")
    assert "Select a word" in page.inner_text("#toast")
    reading.play()
    reading.waits_for(lambda: len(reading.words_lit()) > 2, 15, "it reads")
    page.keyboard.press("w")
    page.wait_for_selector("#say-dialog[open]")
    assert page.input_value("#say-word") == reading.words_lit()[-1]
    assert page.get_attribute("#player", "data-playing") == "false"
    page.keyboard.type("sir ver")
    page.keyboard.press("Enter")
    reading.waits_for(lambda: page.get_attribute("#player", "data-playing") == "true", 15, "heard")
    page.keyboard.press("Escape")
    assert page.locator("#say-dialog[open]").count() == 0
    page.keyboard.press("Space")
    assert page.get_attribute("#player", "data-playing") == "false"


def test_an_answer_for_one_word_says_nothing_of_the_next(reading):
    page = reading.page
    select(page, "server")
    page.click("[data-act=say]")
    held = []
    page.route("**/word/", lambda route: held.append(route))
    page.fill("#say-as", "sir ver")
    page.keyboard.press("Enter")
    wait_for(lambda: page.evaluate("1") and held, 10, "it is being saved")
    page.keyboard.press("Escape")
    select(page, "Another", 1)
    page.click("[data-act=say]")
    assert page.input_value("#say-word") == "Another"
    held[0].continue_()
    page.wait_for_timeout(1_500)
    assert page.inner_text("#say-said") == ""
    assert page.get_attribute("#player", "data-playing") == "false"
    # What goes wrong is told beside it.
    page.fill("#say-as", "a nother")
    page.keyboard.press("Enter")
    wait_for(lambda: page.evaluate("1") and len(held) > 1, 10, "that is being saved too")
    page.keyboard.press("Escape")
    select(page, "server")
    page.click("[data-act=say]")
    held[1].abort()
    page.wait_for_selector("#toast[data-shown]:has-text('“Another”: This could not be saved.')")
