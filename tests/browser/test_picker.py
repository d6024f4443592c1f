"""The dialog in which a voice is found, tried, liked and chosen; and the settings page."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from .conftest import sign_in
from .stack import Stack

PHONE = {"width": 390, "height": 844}
ENGLISH = "The dog and the cat are not in the house, and that is quite all right, she said to him."
GERMAN = "Der Hund und die Katze sind nicht in dem Haus, und das ist auch gut so, sagte er zu ihr."
SHOWN = ".voices__voice:visible"


@pytest.fixture
def many(stack: Stack) -> Iterator[str]:
    """A speech model with 500 voices of five languages; its slug."""
    from tts.models import SpeechModel, Voice

    slug = stack.tones(ms_per_character=20)
    SpeechModel.objects.filter(model_slug=slug).update(name="Choir")  # no digits to be found by
    model = SpeechModel.objects.get(model_slug=slug)
    languages = ["en-GB", "de", "fr", "es-MX", "sv"]
    Voice.objects.bulk_create(
        Voice(
            speech_model=model,
            voice_slug=f"voice-{n}",
            name=f"Number {n}",
            language=languages[n % 5],
            engine_voice="700",
        )
        for n in range(500)
    )
    yield slug
    SpeechModel.objects.filter(pk=model.pk).update(enabled=False)


@pytest.fixture
def open_reading(stack: Stack, new_context):
    def open_(text: str, person: str | None = None, **options: object) -> Page:
        page = new_context(heard=False, **options).new_page()
        person = person or stack.person()
        sign_in(page, person)
        page.goto(f"/documents/{stack.document(person, text)}/")
        page.wait_for_selector("#play:enabled")
        return page

    return open_


def names(page: Page) -> list[str]:
    return page.locator(f"{SHOWN} .voices__name").all_inner_texts()


def languages_shown(page: Page) -> set[str]:
    tags = page.locator(f"{SHOWN} .voices__slug").all_inner_texts()
    return {tag.split("-")[0] for tag in tags}


def option(page: Page, slug: str, voice: str):
    return page.locator(f"#voice-{slug}-{voice}")


def test_the_documents_language_is_chosen_beforehand_and_any_other_can_be(open_reading, many):
    page = open_reading(GERMAN)
    page.click("#voice")
    assert page.input_value("#voice-filter") == "de"
    assert languages_shown(page) == {"de"}
    assert "Number 1" in names(page)
    page.select_option("#voice-filter", "sv")
    assert languages_shown(page) == {"sv"}
    page.select_option("#voice-filter", "all")
    assert len(names(page)) > 500
    assert page.locator(".voices__group:visible .voices__language").first.inner_text() == (
        "German\n" + page.locator(".voices__group:visible .voices__model").first.inner_text()
    )


def test_what_the_language_has_not_is_found_elsewhere(open_reading, many):
    page = open_reading(ENGLISH)
    page.click("#voice")
    page.fill("#voice-search", "number 14")
    # Of 14 and 140 to 149 two are of English.
    assert names(page) == ["Number 140", "Number 145"]
    page.fill("#voice-search", "swedish number 49")
    assert names(page) == [
        "Number 149",
        "Number 249",
        "Number 349",
        "Number 449",
        "Number 49",
        "Number 494",
        "Number 499",
    ]
    expect(page.locator("#voices-count")).to_have_text("7 voices elsewhere")
    page.fill("#voice-search", "nobody")
    assert names(page) == []
    expect(page.locator("#voices-none")).to_have_text("No voice goes by that name.")


def test_favourites_stand_first_and_are_kept(open_reading, many, stack):
    person = stack.person()
    page = open_reading(ENGLISH, person)
    page.click("#voice")
    page.select_option("#voice-filter", "favourites")
    expect(page.locator("#voices-none")).to_contain_text("No favourites yet.")
    page.select_option("#voice-filter", "en")
    star = option(page, many, "voice-45").locator(".voices__star")
    with page.expect_response(re.compile("/favourite/$")) as answered:
        star.click()
    assert answered.value.status == 204
    expect(star).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#voices-say")).to_have_text("Number 45 is a favourite.")
    assert page.locator("#voice-dialog").is_visible(), "a press on the star chooses nothing"
    page.reload()
    page.wait_for_selector("#play:enabled")
    page.click("#voice")
    assert names(page)[0] == "Number 45"
    assert page.locator(".voices__language:visible").first.inner_text().strip() == "Favourites"
    page.screenshot(path="/tmp/voices-picker-desk.png")
    page.select_option("#voice-filter", "favourites")
    assert names(page) == ["Number 45"]
    with page.expect_response(re.compile("/favourite/$")):
        option(page, many, "voice-45").locator(".voices__star").click()
    page.reload()
    page.wait_for_selector("#play:enabled")
    page.click("#voice")
    page.select_option("#voice-filter", "favourites")
    assert names(page) == []


def test_a_favourite_that_could_not_be_kept_is_none(open_reading, many):
    page = open_reading(ENGLISH)
    page.route(re.compile("/favourite/$"), lambda route: route.abort())
    page.click("#voice")
    star = option(page, many, "voice-45").locator(".voices__star")
    star.click()
    expect(page.locator("#voices-say")).to_contain_text("could not be kept")
    expect(star).to_have_attribute("aria-pressed", "false")


def test_the_keyboard_does_all_of_it(open_reading, many):
    page = open_reading(ENGLISH)
    page.keyboard.press("v")
    expect(page.locator("#voice-search")).to_be_focused()  # it is loaded when it is first used
    page.keyboard.type("number 48")
    assert names(page) == ["Number 480", "Number 485"]
    page.keyboard.press("ArrowDown")
    active = page.get_attribute("#voice-search", "aria-activedescendant")
    assert active == f"voice-{many}-voice-485"
    assert page.get_attribute(f"#{active}", "aria-label") == "Number 485, en-GB"
    focused = "document.activeElement.id"
    for expected in ("voice-filter", "voice-hear", "voice-star"):
        page.keyboard.press("Tab")
        assert page.evaluate(focused) == expected
    assert page.get_attribute("#voice-star", "aria-label") == "Favourite: Number 485"
    with page.expect_response(re.compile("/favourite/$")):
        page.keyboard.press("Space")
    expect(page.locator("#voice-star")).to_have_attribute("aria-pressed", "true")
    assert page.get_attribute(f"#{active}", "aria-label") == "Number 485, en-GB, favourite"
    for _ in range(3):
        page.keyboard.press("Shift+Tab")
    assert page.evaluate(focused) == "voice-search"
    page.keyboard.press("Enter")
    assert page.locator("#voice-dialog").is_hidden()
    assert page.inner_text("#voice-name") == "Number 485"


def test_on_a_phone_all_of_it_is_in_reach(open_reading, many):
    page = open_reading(ENGLISH, viewport=PHONE, has_touch=True)
    page.tap("#voice")
    page.wait_for_timeout(300)
    page.screenshot(path="/tmp/voices-picker-phone.png")
    dialog = page.locator("#voice-dialog")
    box = dialog.bounding_box()
    assert (box["x"], box["width"], box["y"] + box["height"]) == (0, 390, 844)
    assert dialog.evaluate("e => e.scrollWidth <= e.clientWidth")
    row = page.locator(SHOWN).first
    for target in (row, row.locator(".voices__star"), row.locator(".voices__hear")):
        assert target.bounding_box()["height"] >= 44
    for target in ("#voice-search", "#voice-filter", "#voice-hear", "#voice-star"):
        assert page.locator(target).bounding_box()["height"] >= 44
    row.locator(".voices__star").tap()
    expect(row.locator(".voices__star")).to_have_attribute("aria-pressed", "true")
    page.locator(SHOWN, has_text="Number 10").first.tap()
    assert dialog.is_hidden()
    assert page.inner_text("#voice-name") == "Number 10"


def test_each_language_keeps_its_voice_and_the_settings_forget_it(open_reading, many, stack):
    person = stack.person()

    def choose(text: str, voice: str) -> Page:
        page = open_reading(text, person)
        page.click("#voice")
        with page.expect_response(re.compile("/preferences/$")) as answered:
            option(page, many, voice).click()
        assert answered.value.status == 204
        return page

    choose(ENGLISH, "voice-45")
    page = choose(GERMAN, "voice-46")
    for text, name in [("Well. " + ENGLISH, "Number 45"), ("Nun. " + GERMAN, "Number 46")]:
        page.goto(f"/documents/{stack.document(person, text)}/")
        assert page.inner_text("#voice-name") == name
    page.goto("/settings/")
    page.screenshot(path="/tmp/voices-settings-desk.png", full_page=True)
    page.set_viewport_size(PHONE)
    page.screenshot(path="/tmp/voices-settings-phone.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.locator("label[for=id_speed] output").inner_text() == "1.0×"
    page.get_by_role("button", name="Forget the voice for German").click()
    expect(page.locator(".words__word")).to_have_count(1)
    page.goto(f"/documents/{stack.document(person, 'Gut. ' + GERMAN)}/")
    assert page.inner_text("#voice-name") == "Number 45"


def test_the_settings_are_kept(open_reading, stack):
    page = open_reading(ENGLISH)
    page.goto("/settings/")
    page.locator("#id_speed").fill("1.7")
    assert page.locator("label[for=id_speed] output").inner_text() == "1.7×"
    page.get_by_label("After a heading").select_option("Very long")
    page.get_by_label("Go back after a pause").select_option("5 seconds")
    page.keyboard.press("Tab")
    page.click("text=Save")
    expect(page.locator(".message")).to_have_text("Kept.")
    assert page.input_value("#id_speed") == "1.7"
    assert page.input_value("#id_heading_pause_ms") == "1500"
    assert page.input_value("#id_rewind_ms") == "5000"


def test_the_usual_voice_is_chosen_by_the_keyboard_in_the_same_picker(stack, new_context, many):
    from reader.models import User

    person = stack.person()
    page = new_context(heard=False, locale="de-DE").new_page()
    sign_in(page, person)
    page.goto("/settings/")
    page.keyboard.press("Tab")
    button = page.get_by_role("button", name="Usual voice The one of this installation")
    expect(button).to_be_visible()
    expect(page.locator("#id_voice")).to_be_hidden()
    expect(page.locator("#voice-usual")).to_be_hidden()
    button.press("Enter")
    expect(page.locator("#voice-search")).to_be_focused()
    assert languages_shown(page) == {"de"}
    page.keyboard.type("number 146")
    page.keyboard.press("Enter")
    button = page.get_by_role("button", name="Usual voice Number 146")
    expect(button).to_be_focused()
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Kept.", exact=True).wait_for()

    def kept():
        return User.objects.get(username=person).voice

    assert (kept().speech_model.model_slug, kept().voice_slug) == (many, "voice-146")
    page.get_by_role("button", name="Take the one of this installation").click()
    expect(page.locator("#voice")).to_be_focused()
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Kept.", exact=True).wait_for()
    assert kept() is None


def test_without_scripts_the_usual_voice_is_chosen_from_a_list(stack, new_context, many):
    page = new_context(heard=False, java_script_enabled=False).new_page()
    sign_in(page, stack.person())
    page.goto("/settings/")
    page.select_option("#id_voice", label="Number 46")
    page.click("text=Save")
    assert page.locator("#id_voice option:checked").inner_text() == "Number 46"


@pytest.mark.parametrize("width", [390, 320])
def test_a_narrow_page_has_the_voices_name_on_one_line(stack, open_reading, many, width):
    from tts.models import Voice

    Voice.objects.filter(voice_slug="voice-0", speech_model__model_slug=many).update(
        name="English (America)"
    )
    person = stack.person()
    stack.prefer(person, many, "voice-0")
    page = open_reading(ENGLISH, person, viewport={"width": width, "height": 640})
    name = page.locator("#voice-name")
    assert name.inner_text() == "English (America)"
    assert name.bounding_box()["height"] < 26
    # At the narrowest the end of it is cut off, but not of what matters.
    assert name.evaluate("name => name.clientWidth / name.scrollWidth") >= (1, 0.6)[width < 390]
    sizes = page.evaluate(
        "[...document.querySelectorAll('.top button, .top a, .player button')]"
        ".filter((it) => it.checkVisibility()).map((it) => it.getBoundingClientRect().width)"
    )
    assert min(sizes) >= 27
    assert page.evaluate("document.documentElement.scrollWidth") <= width
