"""The natural voice: what it says, when each word is heard, and what it is given."""

from __future__ import annotations

import numpy as np
import pytest
from hibari import dsp
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.known_speech import REFERENCE, REPORTED, errors_of, espeak, known_from
from tests.nasty_texts import NASTY
from tests.tts.peak_memory import peak_memory_mb
from tests.tts.test_alignment import MEDIAN_MS, NEARLY_ALL_MS, STEPS_MS
from tts.engines.hibari import HibariEngine
from tts.engines.hibari import model as models
from tts.engines.hibari.files import assets
from tts.engines.hibari.phonemes import phonemes_of
from tts.engines.hibari.rewriting import rewrite
from tts.engines.hibari.speaking import LONGEST_PART
from tts.engines.hibari.speaking import _parts as parts_of
from tts.marks import alignment, snap, words
from tts.speech import SpeechError, Utterance, WordEvent

# The closure of a stop lasts so long, and no pause between words is as short.
SHORT_SILENCE_MS = 100


@pytest.fixture(scope="module")
def engine() -> HibariEngine:
    return HibariEngine()


def say(engine: HibariEngine, text: str) -> tuple[bytes, list[WordEvent]]:
    pieces = list(engine.speak(Utterance(text, "en", "heart")).pieces)
    events = [piece for piece in pieces if isinstance(piece, WordEvent)]
    return b"".join(piece for piece in pieces if isinstance(piece, bytes)), events


def seconds(pcm: bytes) -> float:
    return len(pcm) / 2 / models.RATE


def test_the_same_text_gives_the_same_bytes(engine):
    text = "A sentence, with a clause. And another one."
    assert say(engine, text)[0] == say(engine, text)[0]


def test_stretches_give_the_library_s_own_sound():
    """But for the noise, which is drawn in another order: here there is none."""
    phonemes = phonemes_of("The library makes all of it at once.", british=False)
    model = models.Model(assets() / "hibari.onnx")
    *spectra, f0, _ = model._session.run(
        None, {"ids": np.array([phonemes.ids], np.int64), "speed": np.ones(1, np.float32)}
    )
    parts = [part[0] for part in spectra]
    parts[2] = np.full_like(parts[2], -30.0)  # how loud the noise is, as a logarithm
    whole = dsp.synth(*(part.copy() for part in parts), f0[0], np.random.default_rng(0))
    stretches = np.concatenate(list(models._stretches(parts, dsp.pulses(f0[0]))))
    assert stretches.shape == whole.shape
    assert np.abs(stretches - whole).max() < 1e-4


def test_every_word_is_told_once_it_is_heard_in_order(engine):
    text = "It cost $4.50 on July 4, 1976: see Fig. 3, e.g. at www.example.com, or ask Dr. Brown."
    pcm, events = say(engine, text)
    marks = snap(text, events, round(seconds(pcm) * 1000))
    assert [(mark.start, mark.end) for mark in marks] == words(text)
    begins = [mark.start_ms for mark in marks]
    assert begins == sorted(begins)
    told = {event.position for event in events}
    starts = [start for start, _ in words(text)]
    assert len({max(start for start in starts if start <= at) for at in told}) >= len(starts) - 2


def test_its_words_are_where_alignment_finds_them(engine):
    def heart(text):
        return known_from(*say(engine, text), text, models.RATE)

    errors = errors_of(heart, REPORTED, times=3)
    assert errors.unsure == 0
    assert errors.median <= MEDIAN_MS
    assert errors.percentile(95) <= NEARLY_ALL_MS + STEPS_MS
    assert errors.median < np.median(errors.spread) / 5


@pytest.mark.parametrize("text", [REPORTED[1], REPORTED[6]])
def test_no_word_begins_in_a_pause(engine, text):
    """Neither by its own marks nor by alignment: what both are judged by is where sound is."""
    pcm, events = say(engine, text)
    reference, spoken = espeak(REFERENCE)(text), known_from(pcm, events, text, models.RATE)
    times = [round(reference.starts[n]) for n in range(len(words(text)))]
    found = alignment.align(reference.samples, spoken.samples, times)
    level = np.abs(np.frombuffer(pcm, "<i2").astype(float))
    frame = models.RATE * 5 // 1000
    frames = level[: len(level) // frame * frame].reshape(-1, frame).max(axis=1)
    loud = np.flatnonzero(frames > 0.03 * level.max())
    for starts in (spoken.starts.values(), found):
        silent_ms = [(loud[loud >= at // 5][0] - at // 5) * 5 for at in starts]
        assert max(silent_ms) < SHORT_SILENCE_MS


@pytest.mark.parametrize(
    "text", ["Hello there.", "She had not expected it.", "Whatever for?", "In 1984 he left."]
)
def test_silence_at_the_ends_is_short(engine, text):
    pcm, events = say(engine, text)
    level = np.abs(np.frombuffer(pcm, "<i2").astype(float))
    assert level[: models.RATE // 1000].max() < 30  # nothing of its first sound is cut off
    loud = np.flatnonzero(level > 300)
    assert loud[0] / models.RATE < 0.04
    assert (len(level) - loud[-1]) / models.RATE < 0.6
    assert events[0].start_ms < 40


def test_a_long_sentence_begins_with_a_short_part():
    text = (
        "When the old lighthouse keeper finally climbed down the stairs, he found that the sea had "
        "taken the boat and the pier and everything that had ever been tied to either of them."
    )
    first, *rest = parts_of(text)
    assert text[first[0] : first[1]].rstrip().endswith("stairs,")
    assert "".join(text[start:end] for start, end, _ in (first, *rest)) == text


@pytest.mark.parametrize("text", ["word " * 1000, "a" * 5000, "1 2 3 4 " * 500, "Wait, " * 900])
def test_no_part_is_longer_than_the_model_bears(text):
    parts = list(parts_of(text))
    assert max(end - start for start, end, _ in parts) <= LONGEST_PART
    assert "".join(text[start:end] for start, end, _ in parts) == text


@pytest.mark.parametrize("text", NASTY, ids=range(len(NASTY)))
def test_no_nasty_text_is_silent_or_breaks_it(engine, text):
    pcm, events = say(engine, text[:1500])
    if words(text):
        assert seconds(pcm) > 0.1
        level = np.abs(np.frombuffer(pcm, "<i2").astype(float))
        assert level.max() > 1000
    marks = snap(text[:1500], events, round(seconds(pcm) * 1000))
    assert [(mark.start, mark.end) for mark in marks] == words(text[:1500])


@settings(max_examples=60, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=120))
def test_what_is_rewritten_keeps_its_places(text):
    written = rewrite(text)
    assert len(written.text) == len(written.origin)
    assert written.origin == sorted(written.origin)
    assert all(0 <= place < len(text) for place in written.origin)


def test_memory_stays_bounded(tmp_path):
    """One process, 5,000 characters without a stop: as much as a sentence takes."""
    program = (
        "from tts.engines.hibari import HibariEngine\n"
        "from tts.speech import Utterance\n"
        "for _ in HibariEngine().speak(Utterance('abandon ' * 625, 'en', 'heart')).pieces: pass\n"
    )
    assert peak_memory_mb(program, tmp_path) < 400


def test_a_voice_that_is_not_here_says_how_to_get_it(engine):
    with pytest.raises(SpeechError, match="not on this machine"):
        engine.speak(Utterance("Hello.", "en", "fenrir"))
