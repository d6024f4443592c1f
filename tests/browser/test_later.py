"""What the reading page loads after itself: at rest, or at the first press that is meant for it."""

from __future__ import annotations

import re

import pytest

LATER = re.compile(r"/js/page\.later\.[0-9a-f]{12}\.js")
TEXT = "\n\n".join(f"Paragraph {n} begins here. Then it ends." for n in range(6))
FIRST_PRESSES = {
    "the voices": ("v", "#voice-dialog[open]"),
    "the search": ("/", "#panel-search:not([hidden]) #search-words:focus"),
    "a bookmark": ("b", "#toast[data-shown]"),
    "a press on a button": ("#look-open", "#panel-look:not([hidden])"),
}


@pytest.fixture
def open_held(stack, new_context):
    """Open a page whose later parts are held back until they are let through."""
    from .conftest import sign_in

    def open_():
        person, model = stack.person(), stack.tones(ms_per_character=60)
        stack.prefer(person, model, "tone-500")
        page = new_context(heard=False).new_page()
        sign_in(page, person)
        held = []
        page.route(LATER, lambda route: held.append(route))
        page.goto(f"/documents/{stack.document(person, TEXT)}/")
        page.wait_for_selector("#play:enabled")
        return page, held

    return open_


@pytest.mark.parametrize("what", FIRST_PRESSES)
def test_a_press_before_its_part_is_there_is_not_lost(open_held, what):
    page, held = open_held()
    press, shown = FIRST_PRESSES[what]
    page.click(press) if press.startswith("#") else page.keyboard.press(press)
    page.wait_for_timeout(300)
    assert page.locator(shown).count() == 0
    for route in held:
        route.continue_()
    page.wait_for_selector(shown)
    page.keyboard.press("Escape")
    if press.startswith("#"):
        assert page.locator(press).get_attribute("aria-busy") is None


def test_what_is_loaded_at_rest_needs_no_network_any_more(open_held):
    page, held = open_held()
    for _ in range(50):
        if held:
            break
        page.wait_for_timeout(100)
    with page.expect_response(LATER):  # asked for by itself
        held.pop().continue_()
    page.context.set_offline(True)
    page.click("#voice")
    page.wait_for_selector("#voice-dialog[open] [role=option]")
    page.keyboard.press("Escape")
    page.click("#about-open")
    page.wait_for_selector("#report [data-line=connection]:not(:empty)")


def test_what_cannot_be_loaded_is_told_and_can_be_had_later(open_held):
    page, held = open_held()
    page.click("#voice")
    page.wait_for_timeout(300)
    for route in held:
        route.abort()
    page.wait_for_selector("[data-kind=later]")
    assert "Try again when the connection is back" in page.inner_text("[data-kind=later]")
    assert page.locator("#voice-dialog[open]").count() == 0
    page.unroute(LATER)
    page.click("#voice")
    page.wait_for_selector("#voice-dialog[open] [role=option]")
