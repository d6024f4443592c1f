"""A speech server that fails: what a person sees and hears of it, and how it goes on."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.conftest import KEY
from tests.speech_server import Answer, SpeechServer

PARAGRAPHS = ["one", "two", "three", "four", "five", "six"]
TEXT = "\n\n".join(f"Paragraph {n} is spoken by a server." for n in PARAGRAPHS)


@pytest.fixture
def server(stack):
    from tts.models import SpeechModel

    with SpeechServer() as server:
        yield server
    SpeechModel.objects.filter(base_url=server.address).update(enabled=False)


@pytest.fixture
def open_reading(stack, server, open_page):
    def open_(text: str = TEXT, **fields: object):
        person, model = stack.person(), stack.server(server.address, **fields)
        stack.prefer(person, model, "500")
        server.requests.clear()
        return open_page(person, stack.document(person, f"{text}\n\nThis one is for {person}."))

    return open_


def take(reading, name: str) -> None:
    """Keep a picture where one is wanted."""
    if folder := os.environ.get("PICTURES"):
        reading.page.screenshot(path=Path(folder) / f"{name}.png")


def test_it_is_read_by_a_server_as_by_an_engine(open_reading, server):
    reading = open_reading()
    reading.play()
    reading.waits_for(lambda: (reading.current or 0) >= 2, 30, "it reads on")
    assert reading.tones() == {500}
    texts = [request.text for request in server.spoken]
    assert len(texts) == len(set(texts))
    assert {request.key for request in server.spoken} == {KEY}


def test_a_text_that_the_server_refuses_is_told_and_passed_over(open_reading, server):
    server.of_text["two"] = Answer(400, body='{"detail":"I do not say that."}')
    reading = open_reading()
    reading.play()
    notice = reading.page.locator("#notices .notice")
    notice.wait_for(timeout=20_000)
    assert "Paragraph 2 could not be read aloud" in notice.inner_text()
    assert "The speech server refuses this text." in notice.inner_text()
    take(reading, "fault-one-text")
    reading.waits_for(lambda: (reading.current or 0) >= 2, 20, "the next one follows")
    assert len([r for r in server.spoken if "two" in r.text]) == 1
    server.of_text.clear()
    reading.page.get_by_role("button", name="Try again").first.click()
    reading.waits_for(
        lambda: reading.page.get_attribute("#block-1", "data-state") == "ready", 20, "it is made"
    )


def test_a_server_that_is_out_of_order_is_waited_for(open_reading, server):
    server.usual = Answer(503, body='{"detail":"The model is loading."}')
    reading = open_reading()
    reading.play()
    reading.waits_for(lambda: "out of order" in reading.status, 20, "it says why")
    take(reading, "fault-out-of-order")
    server.usual = Answer()
    reading.hears(500, 40)
    reading.waits_for(lambda: "out of order" not in reading.status, 20, "it says so no more")
    assert reading.tones() == {500}
    # While it was out of order, one asked for all.
    assert len([r for r in server.spoken if "one" in r.text]) <= 8


def test_a_key_that_is_refused_is_told_once_and_tried_again_when_asked(open_reading, server):
    server.usual = Answer(401, body=json.dumps({"error": {"message": f"Bad key: {KEY}"}}))
    reading = open_reading()
    reading.play()
    reading.waits_for(
        lambda: "refuses the key" in reading.page.inner_text("body"), 20, "it says why"
    )
    take(reading, "fault-key")
    assert KEY not in reading.page.content()
    texts = [request.text for request in server.spoken]
    assert len(texts) == len(set(texts))  # none was tried again
    server.usual = Answer()
    since = reading.now()
    reading.page.get_by_role("button", name="Try again").first.click()
    reading.hears(500, 20, since=since)


def test_what_is_cached_plays_on_while_the_server_is_down(open_reading, server):
    reading = open_reading()
    reading.play()
    reading.waits_for(
        lambda: reading.page.get_attribute("#block-3", "data-state") == "ready", 20, "it is made"
    )
    server.usual = Answer(502, body="<html>Bad gateway</html>", content_type="text/html")
    reading.page.reload()
    reading.page.wait_for_selector("#play:enabled")
    reading.page.evaluate("witness.started")
    reading.play()
    reading.hears(500, 20, since=0)
    reading.waits_for(lambda: (reading.current or 0) >= 3, 20, "it reads what is there")
    take(reading, "fault-cached-plays-on")


def test_a_voice_is_heard_before_it_is_chosen(open_reading, server):
    reading = open_reading()
    reading.page.click("#voice")
    reading.page.fill("#voice-search", "At home 700")
    reading.page.locator(".voices__voice:visible .voices__hear").click()
    reading.hears(700, 20, since=0)
    take(reading, "voice-sample")
    reading.page.keyboard.press("Escape")
    reading.waits_for(
        lambda: {what for _, what in reading.heard(reading.now() - 100)} <= {0}, 10, "silence"
    )
    assert reading.page.inner_text("#voice-name") == "500"
    server.of_text["every book"] = Answer(400, body='{"detail":"No."}')
    reading.page.click("#voice")
    reading.page.fill("#voice-search", "At home 300")
    reading.page.keyboard.press("Shift+Enter")
    say = reading.page.locator("#voices-say")
    reading.waits_for(lambda: "refuses this text" in say.inner_text(), 20, "it says why not")
    take(reading, "voice-sample-fault")
