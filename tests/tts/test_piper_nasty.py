"""A Piper voice and texts that voices choke on: all of them by ``make nasty``, here a few."""

from __future__ import annotations

import os
from itertools import pairwise

import numpy as np
import pytest

from tests.nasty_texts import NASTY as TEXTS
from tests.tts.peak_memory import peak_memory_mb
from tests.tts.piper_voice import RATE, put, spoken
from tts.engines.piper import PiperEngine
from tts.marks import snap, words

# Every so manieth text is tried: it speaks in a second what takes twelve to be heard.
EVERY = int(os.environ.get("NASTY_EVERY", "12"))
# A voice of this size takes 270 once it has spoken, and more for each phoneme of its longest part:
# 690 were measured over all texts.
MOST_MB = 800


@pytest.fixture(autouse=True)
def voices(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    put(tmp_path / "voices/piper")


@pytest.fixture
def engine() -> PiperEngine:
    return PiperEngine()


NASTY = {
    "nothing to say": ("* * *", 0.0),
    "only blanks": (" \t\n ", 0.0),
    "control characters": ("one\x00two\x07three\x1b[31m four\x7f", 0.8),
    "no punctuation": ("and then there was another one of them " * 20, 30.0),
    "one word for ever": ("buffalo " * 300, 90.0),
    "one long word": ("x" * 1_000, 5.0),
    "digits only": ("31415926535897932384626433832795", 4.0),
    "markup": ("<speak><b>Bold</b> &amp; [link](https://example.org/a?b=c) **word**</speak>", 2.0),
    "phonemes in brackets": ("He said [[h@l'oU]] to them.", 1.0),
    "mixed scripts": ("The word мир is 世界 in another, and שלום in a third.", 2.0),
    "soft hyphens": ("Un\u00adbe\u00adliev\u200bable con\u00adse\u00adquences", 0.8),
    "emoji": ("Good 😀 morning 👩‍👩‍👧 all", 0.8),
}
FAST = 0.25


@pytest.mark.parametrize("case", NASTY)
def test_nasty_texts_are_spoken_and_crash_nothing(engine, case):
    text, seconds = NASTY[case]
    # Spoken as fast as can be: the text is what is tried here, and not the machine.
    pcm, _ = spoken(engine, text, parameters={"length_scale": FAST})
    assert len(pcm) / 2 / RATE >= max(0.05, FAST * seconds)
    if seconds:
        assert np.abs(np.frombuffer(pcm, np.int16)).max() > 2_000


@pytest.mark.parametrize("number", range(0, len(TEXTS), EVERY))
def test_no_text_is_silent_or_breaks_it(engine, number):
    text = TEXTS[number]
    pcm, events = spoken(engine, text, parameters={"length_scale": FAST})
    if words(text):
        assert len(pcm) / 2 / RATE > 0.05
        assert np.abs(np.frombuffer(pcm, np.int16)).max() > 1_000
    duration_ms = len(pcm) * 1000 // 2 // RATE
    marks = snap(text, events, duration_ms)
    assert [(mark.start, mark.end) for mark in marks] == words(text)
    times = [time for mark in marks for time in (mark.start_ms, mark.end_ms)]
    assert all(before <= after for before, after in pairwise([0, *times, duration_ms]))


def test_memory_stays_bounded(tmp_path):
    """One process, as slowly as by itself: each text is all of a block."""
    program = (
        "from tests.nasty_texts import NASTY\n"
        "from tests.tts.piper_voice import spoken\n"
        "from tts.engines.piper import PiperEngine\n"
        "for text in [*NASTY[:: int(sys.argv[1])], 'abandon ' * 125]:\n"
        "    spoken(PiperEngine(), text)\n"
    )
    assert peak_memory_mb(program, tmp_path, str(EVERY)) < MOST_MB
