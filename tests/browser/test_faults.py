"""Whatever is killed while somebody listens: sound again, by itself, and nothing left half done."""

from __future__ import annotations

import os
import signal
import time

import pytest
from django.db.models import Count

from .stack import wait_for

SOUND_AGAIN_WITHIN_SECONDS = 15
SETTLED_WITHIN_SECONDS = 30


def kill_worker(stack):
    os.kill(stack.pid("worker"), signal.SIGKILL)


def kill_pool_child(stack):
    for pid in stack.pool_children():
        os.kill(pid, signal.SIGKILL)


def kill_web(stack):
    os.kill(stack.pid("web"), signal.SIGKILL)


def kill_redis(stack):
    os.kill(stack.pid("redis"), signal.SIGKILL)


@pytest.mark.alone
@pytest.mark.parametrize("kill", [kill_worker, kill_pool_child, kill_web, kill_redis])
def test_sound_again_after_kill_9(stack, open_page, kill):
    # Blocks that are made hardly faster than they are heard, so that the fault hits the making,
    # and what is ready ahead does not outlast it unnoticed.
    parameters = {"first_ms": 200, "pace": 2, "ms_per_character": 40, "fault": kill.__name__}
    person, model = stack.person(), stack.tones(**parameters)
    stack.prefer(person, model, "tone-500")
    text = "\n\n".join(f"Paragraph {n}, while {kill.__name__}." for n in range(1, 60))
    reading = open_page(person, stack.document(person, text))
    reading.play()
    reading.waits_for(lambda: (reading.current or 0) >= 2, 30, "it reads")
    kill(stack)
    killed, at = reading.current, time.monotonic()
    # Further than what can have been ready: the sound of a block that was made afterwards.
    made_before = {idx for idx, state in block_states(reading) if state == "ready"}
    target = max(made_before | {killed}) + 1
    reading.page.evaluate(
        "idx => document.querySelector(`#block-${idx} .block__body`).click()", target
    )
    since = reading.now()
    reading.hears(500, SOUND_AGAIN_WITHIN_SECONDS, since=since)
    print(f"{kill.__name__}: sound of a new block after {time.monotonic() - at:.1f} s")
    assert time.monotonic() - at <= SOUND_AGAIN_WITHIN_SECONDS
    reading.page.keyboard.press("Space")
    reading.page.close()
    wait_for(lambda: not processing(), SETTLED_WITHIN_SECONDS, "nothing is in processing")
    assert not doubles()


def block_states(reading):
    return reading.page.evaluate(
        "[...document.querySelectorAll('.block')]"
        ".map(block => [Number(block.dataset.idx), block.dataset.state])"
    )


def processing():
    from tts.models import AudioVariant

    return AudioVariant.objects.filter(status="processing").exists()


def doubles():
    from tts.models import AudioVariant

    keys = AudioVariant.objects.values("text_hash", "recipe_hash").annotate(count=Count("pk"))
    return keys.filter(count__gt=1).exists()
