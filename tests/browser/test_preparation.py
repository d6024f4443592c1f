"""A person has a whole document prepared, sees how far it is, and stops it."""

from __future__ import annotations

import os
import signal

from .stack import wait_for


def text_of(count: int) -> str:
    return "\n\n".join(f"This is paragraph number {n}." for n in range(count))


def ready_blocks(reading) -> int:
    return reading.page.locator('.block[data-state="ready"]').count()


def prepare(reading) -> None:
    reading.page.click("#about-open")
    reading.page.click("#prepare")
    reading.page.click("#panel-close")


def test_all_of_it_is_prepared_and_then_plays_without_its_engine(stack, open_page):
    person, model = stack.person(), stack.tones(ms_per_character=30)
    stack.prefer(person, model, "tone-500", pause_ms=0)
    uuid = stack.document(person, text_of(40))
    reading = open_page(person, uuid)
    prepare(reading)
    words = reading.page.locator("#preparation-words")
    reading.waits_for(
        lambda: "All of it is ready in 500 Hz" in words.inner_text(), 60, "it is told"
    )
    reading.waits_for(lambda: ready_blocks(reading) == 40, 10, "every block is shown as ready")
    assert reading.page.get_attribute("#prepare", "hidden") is None
    begun = len(stack.spoken())
    reading.play()
    reading.waits_for(lambda: (reading.current or 0) >= 5, 20, "it reads")
    assert len(stack.spoken()) == begun


def test_it_goes_on_after_its_worker_died_and_can_be_stopped(stack, open_page):
    from reader.models import Preparation

    person, model = stack.person(), stack.tones(first_ms=250)
    stack.prefer(person, model, "tone-500")
    uuid = stack.document(person, text_of(400))
    reading = open_page(person, uuid)
    prepare(reading)
    words = reading.page.locator("#preparation-words")
    reading.waits_for(
        lambda: "of 400 blocks" in words.inner_text(), 20, "it is shown how far it is"
    )
    os.kill(stack.pid("jobs"), signal.SIGKILL)
    done = Preparation.objects.get(document__uuid=uuid).done
    # The lease of the dead one is given up sooner than it would expire by itself.
    Preparation.objects.update(lease_until=None)
    again = reading.page.reload
    again()
    reading.waits_for(
        lambda: Preparation.objects.get(document__uuid=uuid).done > done + 2, 60, "it goes on"
    )
    assert "Preparing in 500 Hz" in words.inner_text()
    reading.page.click("#preparation-stop")
    reading.waits_for(lambda: "Stopped" in words.inner_text(), 10, "it is stopped")
    wait_for(
        lambda: Preparation.objects.get(document__uuid=uuid).status == "stopped", 5, "for good"
    )
    assert reading.page.get_attribute("#prepare", "hidden") is None


def test_who_listens_does_not_wait_for_what_is_prepared(stack, open_page):
    """Blocks that take long are prepared; somebody else's first one begins at once."""
    person, model = stack.person(), stack.tones(first_ms=3_000)
    stack.prefer(person, model, "tone-500")
    reading = open_page(person, stack.document(person, text_of(100)))
    prepare(reading)
    words = reading.page.locator("#preparation-words")
    reading.waits_for(lambda: "of 100 blocks" in words.inner_text(), 20, "it is prepared")
    other, quick = stack.person(), stack.tones()
    stack.prefer(other, quick, "tone-700")
    listening = open_page(other, stack.document(other, text_of(3)))
    listening.play()
    listening.hears(700, 3, since=0)
    reading.page.click("#preparation-stop")
    reading.waits_for(lambda: "Stopped" in words.inner_text(), 10, "it is stopped")
