"""The player lives on while one looks through the library, and from one document to the next."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

import pytest

from .conftest import sign_in
from .listening import SILENCE, ReadingPage
from .stack import wait_for
from .test_library import DESKTOP, PHONE

LONG = "\n\n".join(f"Paragraph {n} of a long story that goes on and on." for n in range(300))
PAUSE_MS = 300
ALIVE = "window.sameWindow === true"


def picture(page, name: str) -> None:
    """Keep a picture where somebody wants to look at it."""
    if folder := os.environ.get("PICTURES"):
        page.screenshot(path=Path(folder) / f"{name}.png")


@pytest.fixture(params=["desktop", "phone"])
def listening(request, stack, new_context):
    """Somebody who came from the library to a document, and listens to it."""
    person, model = stack.person(), stack.tones(ms_per_character=30, of=request.param)
    stack.prefer(person, model, "tone-300", pause_ms=200)
    for n in range(6):  # so many that there is something to look through
        stack.document(person, f"A letter of {n} words.", f"Letter {n}")
    stack.document(person, LONG.replace("long", "other"), "Another story")
    uuid = stack.document(person, LONG, "A long story")
    size = {"desktop": DESKTOP, "phone": PHONE}[request.param]
    page = new_context(**size).new_page()
    sign_in(page, person)
    page.goto("/")
    page.wait_for_selector(".sift--live")
    page.evaluate("window.sameWindow = true")
    page.click("text=A long story")
    page.wait_for_url(f"**/documents/{uuid}/")
    page.wait_for_selector("#play:enabled")
    page.evaluate("witness.started")
    reading = ReadingPage(page)
    reading.play()
    reading.hears(300, 20)
    return reading, uuid, request.param


def sounds_on(reading: ReadingPage) -> None:
    """The same window plays, and has not fallen silent for longer than between two blocks."""
    assert reading.page.evaluate(ALIVE)
    start = reading.now()
    wait_for(lambda: reading.now() > start + 1500, 10, "it plays for a while")
    heard = [what for _, what in reading.heard(start)]
    assert heard.count(300) > len(heard) / 2, heard


def test_it_plays_on_while_one_looks_through_the_library(listening):
    reading, uuid, size = listening
    page = reading.page
    began = reading.now()
    page.click(".brand")
    page.wait_for_url(lambda url: url.endswith("/"))
    page.wait_for_selector("#shelf .card")
    assert page.title() == "Your library · Lectern"
    assert page.evaluate("document.activeElement.localName") == "main"
    assert page.locator("#blocks").count() == 0
    mini = page.locator(".mini")
    assert mini.locator("a").inner_text() == "A long story"
    picture(page, f"mini-{size}")
    sounds_on(reading)
    # The library is as alive as if it had been loaded.
    page.fill("#sift-q", "Another")
    wait_for(lambda: page.locator(".card").count() == 1, 20, "it finds as one types")
    page.fill("#sift-q", "")
    wait_for(lambda: page.locator(".card").count() == 8, 20, "it shows all again")
    page.click("[aria-label='Your account']")
    page.click("#account >> text=Queue")
    page.wait_for_url("**/queue/")
    page.wait_for_selector("h1:text-is('Queue')")
    page.click("text=To the library")
    page.wait_for_selector("#shelf .card")
    page.go_back()
    page.wait_for_url("**/queue/")
    page.wait_for_selector("h1:text-is('Queue')")
    page.go_forward()
    page.wait_for_selector("#shelf .card")
    sounds_on(reading)
    # Paused and played from there.
    mini.get_by_role("button", name="Pause").click()
    wait_for(lambda: mini.locator(".mini__words").inner_text() == "Paused", 5, "it pauses")
    mini.get_by_role("button", name="Play", exact=True).click()
    sounds_on(reading)
    # Back at the text: it was never away, and reads where it plays.
    mini.locator("a").click()
    page.wait_for_url(f"**/documents/{uuid}/")
    assert page.title() == "A long story · Lectern"
    assert page.is_hidden(".mini")
    sounds_on(reading)
    at = reading.current
    wait_for(lambda: reading.current > at, 20, "the block that is read is marked")
    assert page.locator(".block--current").evaluate(
        "(block) => { const { top, bottom } = block.getBoundingClientRect();"
        " return top >= 0 && bottom <= innerHeight; }"
    )
    page.keyboard.press(" ")
    wait_for(
        lambda: page.get_attribute("#player", "data-playing") == "false", 5, "keys are its own"
    )
    page.keyboard.press(" ")
    # It was heard all the time in its own voice alone.
    assert reading.tones(began) == {300}


def test_what_one_went_back_to_is_not_shown_once_one_went_forward_again(listening):
    reading, _, size = listening
    if size == "phone":
        pytest.skip("It is the same there.")
    page = reading.page
    page.click(".brand")
    page.wait_for_selector("#shelf .card")
    page.click("[aria-label='Your account']")
    page.click("#account >> text=Queue")
    page.wait_for_selector("h1:text-is('Queue')")
    page.click("text=To the library")
    page.wait_for_selector("#shelf .card")
    held = []
    page.route("**/queue/", lambda route: held.append(route))
    page.evaluate("history.back()")
    wait_for(lambda: page.evaluate("1") and held, 10, "the queue is asked for")
    page.evaluate("history.forward()")
    is_there = "location.pathname === '/' && document.documentElement.ariaBusy === null"
    wait_for(lambda: page.evaluate(is_there), 10, "it is in the library, and waits for nothing")
    held[0].continue_()
    page.wait_for_timeout(1_000)
    assert page.locator("#shelf .card").count() > 0
    assert page.title() == "Your library · Lectern"


def test_back_and_forward_lead_through_what_was_shown(listening):
    reading, *_ = listening
    page = reading.page
    page.evaluate("scrollTo(0, 0)")
    page.go_back()
    page.wait_for_selector("#shelf .card")
    assert page.locator(".mini a").inner_text() == "A long story"
    sounds_on(reading)
    page.go_forward()
    page.wait_for_selector("#title:text-is('A long story')")
    sounds_on(reading)
    page.go_back()
    page.wait_for_selector("#shelf .card")
    # Another document ends this one.
    page.click("text=Another story")
    page.wait_for_selector("#title:text-is('Another story')")
    assert page.evaluate(ALIVE)
    silent_from = reading.now()
    wait_for(lambda: reading.now() > silent_from + 800, 10, "some time passes")
    assert {what for _, what in reading.heard(silent_from + 100)} == {SILENCE}
    assert page.is_hidden(".mini")
    page.go_back()
    page.wait_for_selector("#shelf .card")
    assert page.is_hidden(".mini")


def test_forms_of_the_library_are_sent_while_it_plays(listening):
    reading, *_ = listening
    page = reading.page
    page.click(".brand")
    page.wait_for_selector("#shelf .card")
    page.locator(".card__select input").nth(2).check()
    page.click("#several [value=last]")
    page.wait_for_selector(".place:text-is('Queue (1)')")
    page.click(".place:text-is('Queue (1)')")
    page.wait_for_selector(".queue__name")
    page.click("[aria-label^='Take']")
    page.wait_for_selector("text=Nothing is queued")
    sounds_on(reading)
    page.locator(".mini").get_by_role("button", name="Stop playing").click()
    assert page.is_hidden(".mini")
    # Nothing plays: the browser loads pages, and what is no page of ours it always does.
    page.click("text=To the library")
    page.wait_for_selector("#shelf .card")
    assert not page.evaluate(ALIVE)


def test_what_has_to_be_loaded_is_loaded(listening):
    reading, *_ = listening
    page = reading.page
    page.click(".brand")
    page.wait_for_selector("#shelf .card")
    page.click("[aria-label='Your account']")
    page.click("#account >> text=Sign out")
    page.wait_for_url("**/accounts/login/**")
    assert not page.evaluate(ALIVE)


@pytest.mark.long
def test_two_hundred_pages_leave_nothing_behind(listening):
    reading, _uuid, size = listening
    if size == "phone":
        pytest.skip("It is the same there.")
    page = reading.page
    client = page.context.new_cdp_session(page)
    client.send("Performance.enable")

    def counts() -> dict[str, int]:
        client.send("HeapProfiler.collectGarbage")
        told = client.send("Performance.getMetrics")["metrics"]
        found = {each["name"]: each["value"] for each in told}
        return {name: int(found[name]) for name in ("JSHeapUsedSize", "JSEventListeners", "Nodes")}

    def round_trip(times: int) -> None:
        for _ in range(times):
            page.click(".brand")
            page.locator("#shelf .card").first.wait_for()  # what is returned would be held
            page.click("[aria-label='Your account']")
            page.click("#account >> text=Queue")
            page.locator("h1:text-is('Queue')").wait_for()
            page.go_back()
            page.locator("#shelf .card").first.wait_for()
            page.locator(".mini a").click()
            page.locator("#title").wait_for()

    round_trip(5)
    before = counts()
    round_trip(50)
    most = {
        "JSEventListeners": before["JSEventListeners"] + 10,
        "Nodes": before["Nodes"] * 1.2 + 500,
        "JSHeapUsedSize": before["JSHeapUsedSize"] + 2_000_000,
    }

    def left() -> dict[str, int]:
        return {name: count for name, count in counts().items() if count > most[name]}

    # What the last page began may not be over yet; what is left behind never goes.
    with suppress(AssertionError):
        wait_for(lambda: not left(), 20, "it is over")
    assert left() == {}, before


# --- one document after the other ---------------------------------------------------------------


@pytest.fixture
def queued(stack, new_context):
    """Somebody with three short documents in the queue, the second in a voice of its own."""
    from reader.models import Document, User
    from reader.services.preferences import choose_voice
    from reader.services.queueing import play_all
    from tts.models import Voice

    person, model = stack.person(), stack.tones(ms_per_character=40, of="queue")
    stack.prefer(person, model, "tone-300", pause_ms=PAUSE_MS, sentence_pause_ms=0)
    texts = [f"Part {n} of it.\n\nIt goes on here.\n\nAnd this is its end." for n in range(3)]
    uuids = [stack.document(person, text, f"Chapter {n}") for n, text in enumerate(texts)]
    user = User.objects.get(username=person)
    documents = list(Document.objects.filter(uuid__in=uuids).order_by("pk"))
    for document, slug in zip(documents, ["tone-300", "tone-500", "tone-300"], strict=True):
        own = Voice.objects.by_slugs(model, slug).get()
        choose_voice(user=user, document=document, voice=own)
    play_all(user=user, documents=documents)
    page = new_context(**DESKTOP).new_page()
    sign_in(page, person)
    page.goto("/queue/")
    page.evaluate("witness.started")
    page.evaluate("window.sameWindow = true")
    return ReadingPage(page), user


def silence_between(reading: ReadingPage, one: int, other: int) -> float:
    """Return how long it was silent between the last of one tone and the first of another."""
    step = reading.page.evaluate("witness.step")
    heard = reading.heard()
    first = next(at for at, what in heard if what == other)
    last = max(at for at, what in heard if what == one and at < first)
    return first - last - step


@pytest.mark.alone
def test_documents_of_the_queue_follow_each_other_as_paragraphs_do(queued):
    from reader.services.queueing import queue_of

    reading, user = queued
    page = reading.page
    page.click("text=Play all")
    page.wait_for_selector("#title:text-is('Chapter 0')")
    assert page.evaluate(ALIVE)
    reading.hears(300, 20, since=0)
    reading.hears(500, 60, since=0)
    page.wait_for_selector("#title:text-is('Chapter 1')")
    assert page.title() == "Chapter 1 · Lectern"
    assert page.evaluate(ALIVE)
    assert abs(silence_between(reading, 300, 500) - PAUSE_MS) <= 60
    second = reading.now()
    # The third one begins while one looks through the library.
    page.click(".brand")
    page.wait_for_selector("#shelf .card")
    reading.hears(300, 60, since=second)
    wait_for(
        lambda: page.locator(".mini a").inner_text() == "Chapter 2", 10, "the small player tells it"
    )
    heard = [(at, what) for at, what in reading.heard(second) if what > 0]
    first = next(at for at, what in heard if what == 300)
    last = max(at for at, what in heard if what == 500)
    assert abs(first - last - page.evaluate("witness.step") - PAUSE_MS) <= 60
    wait_for(lambda: page.locator(".mini__words").inner_text() == "Heard to its end", 60, "the end")
    wait_for(lambda: not queue_of(user).exists(), 10, "all have left the queue")
    page.locator(".mini a").click()
    page.wait_for_selector("#title:text-is('Chapter 2')")
