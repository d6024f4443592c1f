"""Never a stale voice: what comes out of the page is the witness."""

from __future__ import annotations

import random
import time
from itertools import pairwise

from .listening import ReadingPage
from .stack import wait_for

TEXT = "\n\n".join(f"Paragraph {n} goes on for a while." for n in range(1, 41))
# What is left of an old sound in the output's own buffers, in ms.
IN_THE_PIPE = 60
SLOW = {"first_ms": 300, "pace": 4, "ms_per_character": 60}
VOICES = ("tone-300", "tone-500", "tone-700")
# Each test has a length of its own, and so a recipe, and sounds, of its own.
ROUNDS = 12


def frequency(voice_slug: str) -> int:
    return int(voice_slug.removeprefix("tone-"))


def assert_only(reading: ReadingPage, voice_slug: str, since: float, until: float) -> None:
    """After a change nothing but silence and the voice chosen last came out.

    A window of 10 ms in which a tone begins or ends has no clear tone. Two in a row that are not
    even mostly the voice's (a busy machine chops its sound) would be a sound that is nobody's.
    """
    heard = [sample for sample in reading.heard(since + IN_THE_PIPE) if sample[0] < until]
    wrong = [at for at in heard if at[1] > 0 and at[1] != frequency(voice_slug)]
    assert wrong == [], (voice_slug, since, until)
    foreign = [what < 0 and what != -frequency(voice_slug) for _, what in heard]
    nobodys = [at for at, pair in zip(heard, pairwise(foreign), strict=False) if all(pair)]
    assert nobodys == [], (voice_slug, since, until)


def test_after_a_change_only_the_new_voice_is_heard(stack, open_page):
    person, model = stack.person(), stack.tones(**SLOW)
    stack.prefer(person, model, "tone-300")
    reading = open_page(person, stack.document(person, TEXT))
    reading.play()
    reading.hears(300, 15)
    # In the middle of queued and half-made blocks.
    changed = reading.choose_voice("tone-500", model)
    reading.hears(500, 20, since=changed)
    assert reading.tones(changed + IN_THE_PIPE) == {500}
    before = reading.current
    reading.waits_for(lambda: reading.current >= before + 3, 30, "it reads on in the new voice")
    assert_only(reading, "tone-500", changed, reading.now())


def test_back_and_forth_at_any_moment(stack, open_page):
    """Random changes, some too quick for anything to sound in between, with a fixed seed."""
    chance = random.Random(20)
    person, model = stack.person(), stack.tones(**{**SLOW, "ms_per_character": 61})
    stack.prefer(person, model, "tone-300")
    reading = open_page(person, stack.document(person, TEXT))
    reading.play()
    reading.hears(300, 15)
    changes = [(0.0, "tone-300")]
    for _ in range(ROUNDS):
        voice = chance.choice([v for v in VOICES if v != changes[-1][1]])
        changes.append((reading.choose_voice(voice, model), voice))
        time.sleep(chance.choice([0, 0, 0.1, 0.4, 1.5]))
    last = changes[-1]
    reading.hears(frequency(last[1]), 25, since=last[0])
    moments = [at for at, _ in changes[1:]] + [reading.now()]
    for (since, voice), until in zip(changes, moments, strict=True):
        assert_only(reading, voice, since if since else -IN_THE_PIPE, until)


def test_late_doubled_and_dropped_messages_and_a_reconnect(stack, new_context):
    """Between the page and the real server stands a line that is as bad as lines can be."""
    from .conftest import sign_in

    chance = random.Random(7)
    person, model = stack.person(), stack.tones(**{**SLOW, "ms_per_character": 62})
    stack.prefer(person, model, "tone-300")
    page = new_context().new_page()
    sign_in(page, person)
    lines = []

    def bad_line(page_side):
        server_side = page_side.connect_to_server()
        late: list[str] = []

        def from_server(message: str) -> None:
            fate = chance.random()
            if '"status"' in message and fate < 0.15:
                return  # dropped
            if '"status"' in message and fate < 0.45:
                late.append(message)
                return
            page_side.send(message)
            if fate > 0.85:
                page_side.send(message)  # doubled
            if late and fate > 0.6:
                page_side.send(late.pop(0))

        server_side.on_message(from_server)
        lines.append(page_side)

    page.route_web_socket("**/ws/documents/**", bad_line)
    reading = ReadingPage.open(page, stack.document(person, TEXT))
    reading.play()
    reading.hears(300, 30)
    changes = [(0.0, "tone-300")]
    for round_ in range(8):
        voice = chance.choice([v for v in VOICES if v != changes[-1][1]])
        changes.append((reading.choose_voice(voice, model), voice))
        if round_ % 3 == 1:
            lines[-1].close(code=1012)
        page.wait_for_timeout(chance.choice([50, 300, 1200]))
    last = changes[-1]
    # Playwright's own loop carries the line: waiting must let it run.
    deadline = time.monotonic() + 40
    while frequency(last[1]) not in reading.tones(last[0]) and time.monotonic() < deadline:
        page.wait_for_timeout(100)
    assert frequency(last[1]) in reading.tones(last[0]), reading.status
    assert len(lines) >= 3
    moments = [at for at, _ in changes[1:]] + [reading.now()]
    for (since, voice), until in zip(changes, moments, strict=True):
        assert_only(reading, voice, since if since else -IN_THE_PIPE, until)


def test_returning_from_the_browsers_history_keeps_the_voice(stack, open_page):
    person, model = stack.person(), stack.tones(**{**SLOW, "ms_per_character": 63})
    stack.prefer(person, model, "tone-300")
    reading = open_page(person, stack.document(person, TEXT))
    reading.play()
    reading.hears(300, 15)
    changed = reading.choose_voice("tone-700", model)
    reading.hears(700, 20, since=changed)
    reading.page.goto("/settings/")
    reading.page.go_back()
    reading.page.wait_for_selector("#play:enabled")
    reading.page.evaluate("witness.started")
    since = reading.now()
    reading.play()
    reading.hears(700, 20, since=since + IN_THE_PIPE)
    assert reading.tones(since + IN_THE_PIPE) == {700}


def test_what_was_queued_in_the_old_voice_is_not_made(stack, open_page):
    person = stack.person()
    model = stack.tones(first_ms=700, ms_per_character=64)
    stack.prefer(person, model, "tone-300")
    text = TEXT.replace("Paragraph", "Chapter")
    reading = open_page(person, stack.document(person, text))

    def begun(voice: str) -> list[str]:
        return [
            str(line["text"])
            for line in stack.spoken()
            if line["voice"] == voice and line["what"] == "begun" and "Chapter" in str(line["text"])
        ]

    reading.play()
    wait_for(lambda: begun("300"), 15, "the old voice is being made")
    reading.choose_voice("tone-500", model)
    already = len(begun("300"))
    wait_for(lambda: len(begun("500")) >= 4, 20, "the new voice is being made")
    time.sleep(2)
    # Two pool processes: at most those that they had begun, or began while the message was sent.
    assert len(begun("300")) <= already + 2
    assert len(begun("300")) <= 4
