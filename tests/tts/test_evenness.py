"""All voices are equally loud, by one gain each, and nothing is louder than it can be."""

from __future__ import annotations

import io
import json
from array import array

import numpy as np
import pytest
from django.core.files.storage import default_storage
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.speech_server import Answer, espeak_wav, tone
from tests.tts.conftest import make_all
from tts import synthesis
from tts.aligning import decode
from tts.audio import FORMATS, Track
from tts.audio.loudness import CEILING, Leveller, gain_towards, loudness
from tts.audio.silence import Edges, samples_of
from tts.models import Status
from tts.speech import PCM_S16LE, Speech
from tts.voices import evenness

RATE = 24_000
TARGET = -19.0
TEXT = "A text of the listener's, which is spoken in a voice that is louder or softer than others."


@pytest.fixture
def even(settings):
    settings.LOUDNESS = TARGET


def scaled(wav: bytes, factor: float) -> bytes:
    samples = np.frombuffer(wav[44:], "<i2").astype(float) * factor
    return samples.clip(-32768, 32767).astype("<i2").tobytes()


def stored_loudness(variant) -> float:
    samples = decode(io.BytesIO(default_storage.open(variant.file.name).read()))
    return loudness((samples * 32767).astype("<i2").tobytes(), 16_000)


def test_a_sine_is_as_loud_as_the_standard_says():
    # EBU Tech 3341: 1 kHz in one channel at -20 dB of full scale has -23 LUFS.
    at = np.arange(RATE * 5) / RATE
    sine = (32767 * 0.1 * np.sin(2 * np.pi * 1000 * at)).astype("<i2").tobytes()
    assert loudness(sine, RATE) == pytest.approx(-23, abs=0.3)
    assert loudness(bytes(2 * RATE), RATE) is None
    assert loudness(b"", RATE) is None


@pytest.mark.parametrize(
    ("measured", "gain"), [(-25.0, 6.0), (-14.2, -4.8), (-19.3, 0), (-60.0, 12.0), (None, 0)]
)
def test_the_gain_is_what_is_missing_within_bounds(measured, gain):
    assert gain_towards(TARGET, measured) == gain


@given(st.lists(st.integers(0, 3_001), max_size=12), st.floats(-12, 12))
@settings(max_examples=50, deadline=None)
def test_levelling_neither_adds_nor_loses_a_sample_however_it_comes(sizes, gain_db):
    pcm = tone(500, 400, RATE)
    leveller, out, at = Leveller(gain_db, RATE), b"", 0
    for size in sizes:
        out += leveller.level(pcm[at : at + size])
        at += size
    out += leveller.level(pcm[at:]) + leveller.finish()
    assert len(out) == len(pcm)
    peak = max(map(abs, array("h", out))) / 32768
    assert peak <= CEILING + 0.01
    assert peak == pytest.approx(min(CEILING, 12_000 / 32768 * 10 ** (gain_db / 20)), rel=0.06)


def test_a_voice_is_measured_once_and_then_as_loud_as_all(even, server, cat):
    server.usual = Answer(speaks="gmw/en-US+f4")
    first, second = make_all(cat, TEXT, "And another text, which is not measured any more.")
    assert len(server.spoken) == 3
    assert stored_loudness(first) == pytest.approx(TARGET, abs=2)
    cat.voice.refresh_from_db()
    assert cat.voice.gain_recipe == synthesis.recipe_hash(cat.voice)
    assert second.status == Status.CACHED


def test_two_voices_of_different_loudness_come_out_alike(even):
    tracks = {}
    for name, factor in (("soft", 0.35), ("loud", 1.0)):
        wav, _ = espeak_wav(TEXT, "gmw/en-US")
        pcm = scaled(wav, factor)
        gain = gain_towards(TARGET, loudness(pcm, 22_050))
        track = Track(FORMATS["webm"], longest_ms=1e9, gain_db=gain)
        speech = Speech(PCM_S16LE, 22_050, (piece for piece in [pcm]))
        sound = b"".join(track.add(speech, is_only=True)) + track.finish()
        samples = decode(io.BytesIO(sound))
        tracks[name] = loudness((samples * 32767).astype("<i2").tobytes(), 16_000)
        assert track.milliseconds == pytest.approx(len(pcm) / 2 / 22.05, abs=0.1)
    assert tracks["soft"] == pytest.approx(tracks["loud"], abs=0.7)


def test_another_recipe_is_measured_anew_and_off_is_off(even, server, cat, settings):
    server.usual = Answer(speaks="gmw/en-US+f4")
    voice = cat.voice
    recipe = synthesis.recipe_hash(voice)
    gain = evenness.gain_of(voice, recipe)
    assert evenness.gain_of(voice, recipe) == gain
    assert len(server.spoken) == 1
    evenness.gain_of(voice, "0" * 40)
    assert len(server.spoken) == 2
    settings.LOUDNESS = None
    assert evenness.gain_of(voice, recipe) == 0
    assert synthesis.recipe_hash(voice) != recipe


def test_whoever_measured_first_decides(even, server, cat):
    server.usual = Answer(speaks="gmw/en-US+f4")
    type(cat.voice).objects.filter(pk=cat.voice.pk).update(gain_db=3.5, gain_recipe="0" * 40)
    assert cat.voice.gain_recipe == ""
    assert evenness.gain_of(cat.voice, "0" * 40) == 3.5


def test_a_server_that_fails_while_it_is_measured_fails_as_it_would_have(even, server, cat):
    server.usual = Answer(401, body=json.dumps({"error": {"message": "No such key."}}))
    (variant,) = make_all(cat, TEXT)
    assert variant.status == Status.ERROR
    assert "refuses the key" in variant.error


@pytest.mark.parametrize("encoding", ["wav", "opus", "mp3", "flac", "aac"])
def test_it_is_measured_in_whatever_the_server_sends(even, server, cat, encoding):
    server.usual = Answer(encoding=encoding)
    (variant,) = make_all(cat, TEXT)
    assert variant.status == Status.CACHED
    cat.voice.refresh_from_db()
    assert -12 <= cat.voice.gain_db < 0  # a tone at -8.7 dB


# --- silence at the ends --------------------------------------------------------------------------


@given(
    st.integers(0, 400), st.integers(20, 300), st.integers(0, 400), st.lists(st.integers(1, 4_000))
)
@settings(max_examples=60, deadline=None)
def test_the_silence_at_both_ends_is_known_however_the_sound_comes(lead, loud, trail, sizes):
    pcm = bytes(2 * 24 * lead) + tone(500, loud, RATE) + bytes(2 * 24 * trail)
    edges, at = Edges(), 0
    for size in sizes:
        edges.feed(samples_of(pcm[at : at + 2 * size]), RATE)
        at += 2 * size
    edges.feed(samples_of(pcm[at:]), RATE)
    assert abs(edges.lead_ms - lead) <= 6
    assert abs(edges.trail_ms - trail) <= 6


def test_what_is_silent_throughout_has_no_other_end():
    edges = Edges()
    edges.feed(samples_of(bytes(2 * RATE)), RATE)
    assert (edges.lead_ms, edges.trail_ms) == (1000, 0)


def test_a_stored_sound_tells_its_silences(server, cat):
    (variant,) = make_all(cat, TEXT)
    assert (variant.lead_ms, variant.trail_ms) == (0, 0)
    server.usual = Answer(speaks="gmw/en-US+f4")
    (variant,) = make_all(cat, "Another text.")
    assert variant.trail_ms > 50
    assert variant.lead_ms + variant.trail_ms < variant.duration_ms
