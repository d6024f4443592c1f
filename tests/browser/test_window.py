"""A long document: only a window of it is drawn, and nothing of it is out of reach."""

from __future__ import annotations

import time

import pytest

from .listening import ReadingPage

BLOCKS = 1_500
TEXT = "\n\n".join(
    f"Paragraph {n} of a long book, which goes on and on{' with a needle' * (n % 500 == 499)}."
    for n in range(BLOCKS)
)
DRAWN = "document.querySelectorAll('.block').length"
IN_VIEW = """idx => { const block = document.getElementById(`block-${idx}`);
  if (!block) return false;
  const { top, bottom } = block.getBoundingClientRect();
  return top >= 0 && bottom <= innerHeight; }"""
BESIDE = """idx => { const sign = document.querySelector(`#block-${idx} .block__state`);
  const { left, top, width, height } = sign.getBoundingClientRect();
  return [left + width / 2, top + height / 2]; }"""
PRESS_WHILE_IT_SCROLLS = """entry => {
  for (let times = 0; times < 5; times += 1) document.getElementById("next").click();
  setTimeout(() => entry.querySelector("a").click(), 150); }"""


@pytest.fixture(scope="module")
def book(stack):
    person = stack.person()
    stack.prefer(person, stack.tones(ms_per_character=40), "tone-500")
    return person, stack.document(person, TEXT)


@pytest.fixture
def reading(book, open_page) -> ReadingPage:
    return opened(open_page(*book))


def opened(reading: ReadingPage) -> ReadingPage:
    reading.waits_for(
        lambda: reading.page.evaluate("document.body.textContent.includes('Paragraph 1499 ')"),
        20,
        "the whole text is on the page",
    )
    return reading


def test_a_book_that_begins_with_short_lines_is_guessed_about_as_long_as_it_is(stack, open_page):
    person = stack.person()
    stack.prefer(person, stack.tones(ms_per_character=40), "tone-500")
    long = "It goes on and on, as long paragraphs do, over line after line of the page. " * 4
    text = "\n\n".join(
        [f"Line {n}." for n in range(60)] + [f"Paragraph {n}: {long}" for n in range(540)]
    )
    reading = open_page(person, stack.document(person, text))
    page = reading.page
    all_there = "document.body.textContent.includes('Paragraph 539:')"
    reading.waits_for(lambda: page.evaluate(all_there), 20, "the whole text is on the page")
    guessed = page.evaluate("document.body.scrollHeight")
    page.evaluate("""for (const { style } of document.querySelectorAll(".chunk--plain"))
      style.contentVisibility = "visible";""")
    assert 0.5 < guessed / page.evaluate("document.body.scrollHeight") < 2


def sees(reading: ReadingPage, idx: int) -> None:
    reading.waits_for(lambda: reading.page.evaluate(IN_VIEW, idx), 10, f"block {idx} is in view")
    assert reading.page.evaluate(DRAWN) <= 500


def test_only_what_is_near_is_drawn_wherever_one_goes(reading):
    page = reading.page
    assert page.evaluate(DRAWN) <= 300
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    reading.waits_for(
        lambda: page.evaluate("!!document.getElementById('block-1499')"), 10, "its end is drawn"
    )
    reading.waits_for(lambda: page.evaluate(DRAWN) <= 300, 10, "the rest is text again")
    assert page.evaluate("!!document.getElementById('block-0')") is True, "where it reads is kept"
    page.evaluate("scrollTo(0, 0)")
    sees(reading, 0)
    assert page.inner_text("#block-1 .block__body").startswith("Paragraph 1 ")


def test_links_and_addresses_lead_to_blocks_that_are_not_drawn(reading, book):
    page = reading.page
    page.evaluate("location.hash = '#block-1200'")
    sees(reading, 1200)
    page.goto(f"/documents/{book[1]}/#block-700")
    page.reload()
    sees(reading, 700)


def test_a_far_chapter_is_gone_to_and_the_way_back_leads_back(stack, open_page):
    """Nothing plays: no word that is lit puts right what was missed."""
    person = stack.person()
    stack.prefer(person, stack.tones(ms_per_character=40), "tone-500")
    # Chapters of paragraphs of many lengths, so that the height of what is not drawn is guessed.
    long = "It goes on and on, over line after line of the page. "
    paragraphs = [f"Paragraph {n}. {long * (n * 7 % 11)}" for n in range(1_500)]
    text = "\n\n".join(
        f"## Part {n // 60}\n\n{paragraph}" if n % 60 == 0 else paragraph
        for n, paragraph in enumerate(paragraphs)
    )
    reading = open_page(person, stack.document(person, text, kind="markdown"))
    page = reading.page
    page.click("[data-panel=contents]")
    for part in (2, 22, 1, 13):
        line = page.locator(".outline__entry").nth(part)
        line.locator("a").click()
        idx = int(line.get_attribute("data-idx"))
        stays_in_view(reading, idx)
        assert page.inner_text(f"#block-{idx} .block__body") == f"Part {part}"
    page.keyboard.press("Escape")
    page.evaluate("location.hash = '#block-30'")
    stays_in_view(reading, 30)
    page.click("#back-to-place")
    stays_in_view(reading, idx)
    page.click("#contents-open")
    entry = page.locator(".outline__entry").nth(20)
    idx = int(entry.get_attribute("data-idx"))
    page.evaluate(PRESS_WHILE_IT_SCROLLS, entry.element_handle())
    stays_in_view(reading, idx)
    page.keyboard.press("Escape")
    for idx in (100, 1_000, 850):  # at the edge of what is drawn together
        page.evaluate(f"location.hash = '#block-{idx}'")
        stays_in_view(reading, idx)


def stays_in_view(reading: ReadingPage, idx: int) -> None:
    sees(reading, idx)
    reading.page.wait_for_timeout(1_000)  # meanwhile what is around it is drawn
    assert reading.page.evaluate(IN_VIEW, idx)


def test_a_place_is_come_to_however_slow_the_line_is(reading):
    page = reading.page

    def late(route):
        time.sleep(1.5)
        route.continue_()

    page.route("**/blocks/?from=*&count=*", late)
    page.evaluate("location.hash = '#block-1220'")
    reading.waits_for(lambda: page.evaluate(IN_VIEW, 1_220), 20, "it is in view")


def test_a_place_is_come_to_though_the_line_breaks_once(reading):
    page = reading.page
    page.route("**/blocks/?from=1200&count=*", lambda route: route.abort(), times=1)
    page.evaluate("location.hash = '#block-1220'")
    reading.waits_for(lambda: page.evaluate(IN_VIEW, 1_220), 20, "it is in view")


def test_a_silent_page_stays_where_its_reader_is_while_another_plays_on(reading, book):
    page = reading.page
    other = ReadingPage.open(page.context.new_page(), book[1])
    page.evaluate("location.hash = '#block-900'")
    sees(reading, 900)
    other.page.click("#block-47 .block__state")
    reading.waits_for(lambda: reading.current == 47, 10, "it is told where the other one is")
    for _ in range(4):  # over the edge of what is drawn
        other.page.keyboard.press("ArrowRight")
        other.page.wait_for_timeout(700)
    reading.waits_for(lambda: (reading.current or 0) >= 51, 10, "and where it goes")
    page.wait_for_timeout(1_000)
    assert page.evaluate(IN_VIEW, 900)


def test_escape_lets_go_of_a_selection_first_and_of_the_panel_then(reading):
    page = reading.page
    page.click("#look-open")
    page.evaluate("""() => {
      const words = document.querySelector("#block-2 .block__body");
      const text = document.createTreeWalker(words, NodeFilter.SHOW_TEXT).nextNode();
      getSelection().setBaseAndExtent(text, 0, text, 9);
    }""")
    page.wait_for_selector("#selection-bar:visible")
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    page.wait_for_selector("#selection-bar", state="hidden")
    assert page.locator("#panel").is_visible()
    page.keyboard.press("Escape")
    assert not page.locator("#panel").is_visible()


def test_a_paragraph_that_is_pressed_is_followed_from_there(reading):
    page = reading.page
    page.set_viewport_size({"width": 900, "height": 420})
    page.mouse.move(400, 200)
    page.mouse.wheel(0, 1_500)
    page.wait_for_timeout(2_000)  # at rest, away from where it is to begin
    idx = next(idx for idx in range(5, BLOCKS) if page.evaluate(IN_VIEW, idx)) + 1
    left, top = page.evaluate(BESIDE, idx)
    page.mouse.click(left, top)  # and nothing scrolls for it
    reading.waits_for(lambda: (reading.current or 0) >= idx + 6, 60, "it reads on")
    reading.waits_for(lambda: page.evaluate(IN_VIEW, reading.current), 5, "what is read is in view")
    assert not page.locator("#back-to-place").is_visible()


def test_a_key_that_scrolls_is_the_persons_however_soon_it_comes(reading):
    page = reading.page
    page.keyboard.press("End")
    page.click("#back-to-place")  # brings it back, and keeps it in view while more is drawn
    page.keyboard.press("End")
    page.wait_for_timeout(3_000)
    assert page.evaluate("scrollY > 5000")
    assert page.locator("#back-to-place").is_visible()


def test_the_browsers_own_search_finds_all_of_it(stack, open_page):
    person = stack.person()  # who was nowhere in it yet: nothing is scrolled to by the page
    reading = opened(open_page(person, stack.document(person, TEXT)))
    page = reading.page
    assert page.evaluate("window.find('Paragraph 1234 ')") is True
    sees(reading, 1234)


def test_playing_goes_on_over_the_edge_of_what_is_drawn(reading):
    page = reading.page
    page.evaluate("location.hash = '#block-1048'")
    sees(reading, 1048)
    page.click("#block-1048 .block__state")
    reading.waits_for(lambda: (reading.current or 0) >= 1051, 40, "it reads on")
    sees(reading, reading.current)
    assert page.evaluate("document.querySelectorAll('.block--current').length") == 1
    # Elsewhere meanwhile: it reads on there, and one press leads back.
    page.mouse.wheel(0, -1_000)
    page.evaluate("scrollTo(0, 0)")
    at = reading.current
    reading.waits_for(lambda: reading.current > at, 20, "the next block")
    page.click("#back-to-place")
    reading.waits_for(lambda: page.evaluate(IN_VIEW, reading.current), 10, "back where it reads")
    page.keyboard.press("Space")
    page.reload()
    page.wait_for_selector("#play:enabled")
    reading.waits_for(lambda: (reading.current or 0) > 1050, 10, "the place is kept")
    sees(reading, reading.current)


def test_search_lists_lights_and_goes_there(reading):
    page = reading.page
    page.keyboard.press("/")
    page.keyboard.type("Ä NEEDLE".replace("Ä", "a"))
    reading.waits_for(lambda: page.inner_text("#search-count") == "3 found", 10, "three are found")
    assert page.locator(".search__hit mark").all_inner_texts() == ["a needle"] * 3
    page.keyboard.press("Enter")
    sees(reading, 499)
    page.keyboard.press("Enter")
    sees(reading, 999)
    assert page.inner_text("#search-count") == "2 of 3"
    assert page.evaluate("[...CSS.highlights.get('found-now')].map(String)") == ["a needle"]
    page.keyboard.press("Shift+Enter")
    sees(reading, 499)
    page.fill("#search-words", "not in there")
    reading.waits_for(
        lambda: page.inner_text("#search-count") == "Nothing found.", 10, "it says so"
    )
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    assert not page.locator("#panel").is_visible()
    assert page.evaluate("document.activeElement.id") == "search-open"
