"""A block plays while it is being made, and what breaks off on the way heals unheard."""

from __future__ import annotations

import os
import random
import signal
from itertools import pairwise

import pytest

from tests.cutting_proxy import CuttingProxy
from tests.speech_server import NOTE_MS, NOTE_SILENCE_MS, NOTES, Answer, SpeechServer

from .conftest import sign_in
from .listening import ReadingPage

WORDS = ("ada", "bob", "cid", "dan", "eve")
BREAKS = int(os.environ.get("BREAKS", "6"))
# The witness looks at 10 ms at a time; a seam may cost it one look at either side.
NEAR_MS = 45


def a_text(seed: object, count: int = 14) -> str:
    """Return words no two of which that follow each other are alike."""
    chance = random.Random(str(seed))
    words = ["ada"]
    while len(words) < count:
        words.append(chance.choice([word for word in WORDS if word != words[-1]]))
    return " ".join(words)


def notes_of(text: str) -> list[int]:
    return [NOTES[word[0]] for word in text.split()]


def assert_every_word_once(reading: ReadingPage, text: str) -> None:
    """What was heard is the text's tones, each in its place and as long as it is."""
    step = reading.page.evaluate("witness.step")
    heard: list[list[float]] = []
    for _, tone in reading.heard():
        if tone <= 0:  # silence, or a window in which one tone begins and another ends
            continue
        if heard and heard[-1][0] == tone:
            heard[-1][1] += step
        else:
            heard.append([tone, step])
    heard = [note for note in heard if note[1] > 2.5 * step]  # what a seam may sound like
    assert [tone for tone, _ in heard] == notes_of(text)
    for _, ms in heard:
        assert abs(ms - (NOTE_MS - NOTE_SILENCE_MS)) <= NEAR_MS, heard


@pytest.fixture
def server(stack):
    from tts.models import SpeechModel

    with SpeechServer(voices="notes", usual=Answer(first_ms=50, pace=2)) as server:
        yield server
    SpeechModel.objects.filter(base_url=server.address).update(enabled=False)


@pytest.fixture
def open_notes(stack, server, open_page):
    model = stack.server(server.address)

    def open_(text: str, **options: object) -> ReadingPage:
        person = stack.person()
        stack.prefer(person, model, "notes")
        server.requests.clear()
        return open_page(person, stack.document(person, text), **options)

    return open_


def finish(reading: ReadingPage) -> None:
    reading.waits_for(lambda: "inished" in reading.status, 40, "it has finished")


def test_it_sounds_before_it_is_made(stack, open_page):
    person, model = stack.person(), stack.tones(first_ms=50, pace=2, ms_per_character=60)
    stack.prefer(person, model, "tone-500")
    reading = open_page(person, stack.document(person, "This is read while it is being made. " * 4))
    reading.play()
    reading.hears(500, 10, since=0)
    assert reading.page.get_attribute("#block-0", "data-state") == "making"
    assert "Playing" in reading.status
    finish(reading)
    silences = [at for at, what in reading.heard() if what == 0]
    loud = [at for at, what in reading.heard() if what > 0]
    assert not [at for at in silences if loud[0] < at < loud[-1]]


def test_each_word_is_heard_once(open_notes):
    text = a_text("whole")
    reading = open_notes(text)
    reading.play()
    finish(reading)
    assert_every_word_once(reading, text)


@pytest.mark.parametrize("seed", range(BREAKS))
def test_a_server_that_breaks_off_costs_no_word(open_notes, server, seed):
    text = a_text(seed)
    server.next.append(
        Answer(first_ms=50, pace=2, breaks_at=random.Random(seed).uniform(0.02, 0.98))
    )
    reading = open_notes(text)
    reading.play()
    finish(reading)
    assert len(server.spoken) == 2
    assert_every_word_once(reading, text)


@pytest.mark.parametrize("seed", range(BREAKS))
def test_a_line_that_breaks_off_costs_no_word(stack, server, new_context, seed):
    text, person = a_text(f"line {seed}"), stack.person()
    stack.prefer(person, stack.server(server.address), "notes")
    uuid = stack.document(person, text)
    with CuttingProxy(
        stack.port, b"GET /audio/", random.Random(seed).randrange(200, 15_000)
    ) as proxy:
        page = new_context().new_page()
        sign_in(page, person)
        reading = ReadingPage.open(page, uuid, at=proxy.url)
        reading.play()
        finish(reading)
        assert proxy.cuts == 1
        assert len(server.spoken) == 1
        assert_every_word_once(reading, text)


@pytest.mark.parametrize("is_stored", [False, True], ids=["live", "stored"])
def test_a_line_that_dies_unnoticed_costs_no_word(stack, server, new_context, is_stored):
    """As when a laptop slept: nothing comes any more, and nobody closes the connection."""
    text, person = a_text(f"dead line {is_stored}"), stack.person()
    stack.prefer(person, stack.server(server.address), "notes")
    uuid = stack.document(person, text)
    if is_stored:
        page = new_context().new_page()
        sign_in(page, person)
        reading = ReadingPage.open(page, uuid)
        reading.play()
        finish(reading)
        page.close()
    with CuttingProxy(stack.port, b"GET /audio/", 6_000, hang=True) as proxy:
        page = new_context().new_page()
        sign_in(page, person)
        reading = ReadingPage.open(page, uuid, at=proxy.url)
        reading.play()
        finish(reading)
        assert proxy.cuts == 1
        assert len(server.spoken) == 1
        assert_every_word_once(reading, text)


def test_a_line_that_is_away_for_seconds_costs_no_word(open_notes):
    """As when a laptop sleeps: nothing comes, and then everything is there."""
    text = a_text("away", 24)
    reading = open_notes(text)
    reading.play()
    reading.waits_for(lambda: reading.tones(), 10, "it sounds")
    reading.page.context.set_offline(True)
    reading.page.wait_for_timeout(6_000)
    reading.page.context.set_offline(False)
    finish(reading)
    assert_every_word_once(reading, text)


def test_a_hidden_tab_plays_on(open_notes):
    text = a_text("hidden", 48)
    words = text.split()
    paragraphs = (" ".join(words[first : first + 12]) for first in range(0, 48, 12))
    reading = open_notes("\n\n".join(paragraphs))
    reading.play()
    reading.waits_for(lambda: reading.tones(), 10, "it sounds")
    reading.page.evaluate(
        """() => {
          Object.defineProperty(document, "visibilityState", { value: "hidden" });
          Object.defineProperty(document, "hidden", { value: true });
          window.requestAnimationFrame = () => 0; // as in a tab that is not drawn
          document.dispatchEvent(new Event("visibilitychange"));
        }"""
    )
    finish(reading)
    assert_every_word_once(reading, text)


def test_a_worker_that_is_killed_costs_no_word(stack, open_notes):
    text = a_text("killed", 20)
    reading = open_notes(text)
    reading.play()
    reading.waits_for(lambda: reading.tones(), 10, "it sounds")
    for pid in stack.pool_children():
        os.kill(pid, signal.SIGKILL)
    finish(reading)
    assert_every_word_once(reading, text)


def test_an_engine_slower_than_speech_makes_few_pauses(stack, open_page):
    person, model = stack.person(), stack.tones(pace=0.7, ms_per_character=60)
    stack.prefer(person, model, "tone-700")
    reading = open_page(person, stack.document(person, "It is slower than it is heard. " * 4))
    reading.play()
    reading.hears(700, 10, since=0)
    reading.waits_for(lambda: "aking" in reading.status, 10, "it says what it waits for")
    finish(reading)
    loud = [at for at, what in reading.heard() if what > 0]
    pauses = [b - a for a, b in pairwise(loud) if b - a > 100]
    assert 1 <= len(pauses) <= 4


def test_more_may_come_just_as_it_runs_dry(stack, open_page):
    """The browser tells that it waits and that it plays again, and only then is either heard."""
    person, model = stack.person(), stack.tones(pace=0.7, ms_per_character=60)
    stack.prefer(person, model, "tone-700")
    reading = open_page(person, stack.document(person, "It came as it was missed. " * 3))
    reading.page.evaluate(
        """() => {
          const Native = window.Audio;
          window.Audio = function () {
            const element = new Native();
            const plays = () => element.dispatchEvent(new Event("playing"));
            element.addEventListener("waiting", () => setTimeout(plays));
            return element;
          };
        }"""
    )
    reading.play()
    reading.hears(700, 10, since=0)
    reading.waits_for(lambda: "aking" in reading.status, 10, "it says what it waits for")
    finish(reading)


def test_a_change_of_voice_in_the_middle_of_a_live_block(stack, open_page):
    person, model = stack.person(), stack.tones(first_ms=50, pace=1.5, ms_per_character=60)
    stack.prefer(person, model, "tone-500")
    reading = open_page(person, stack.document(person, "This is read while it is being made. " * 4))
    reading.play()
    reading.hears(500, 10, since=0)
    changed = reading.choose_voice("tone-1100", model)
    reading.hears(1100, 10, since=changed)
    assert 500 not in reading.tones(changed + NEAR_MS + 15)
    assert reading.page.get_attribute("#block-0", "data-state") == "making"
    finish(reading)
    assert reading.tones(changed + NEAR_MS + 15) == {1100}


def test_speed_steps_and_seeking_in_a_live_block(open_notes, server):
    """Two quick steps forward, one back, another speed, and a jump ahead of what is there."""
    server.usual = Answer(first_ms=50, pace=1.5)
    reading = open_notes("\n\n".join(a_text(n, 20) for n in range(5)))
    reading.play()
    reading.waits_for(lambda: reading.tones(), 10, "it sounds")
    for key in ("ArrowRight", "ArrowRight", "ArrowLeft"):
        reading.page.keyboard.press(key)
    reading.hears_something(10)
    assert reading.current == 1
    reading.page.click("#speed-open")
    reading.page.click("[data-speed='2']")
    reading.page.keyboard.press("Escape")
    reading.hears_something(10)
    reading.waits_for(lambda: (reading.current or 0) >= 3, 40, "it reads on")
    assert reading.page.evaluate("witness.together()") == 1
