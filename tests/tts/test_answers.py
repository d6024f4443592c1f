"""Stored sounds as others want them: samples, other speeds, the formats of OpenAI's API."""

import io
import math
from array import array
from itertools import pairwise

import av
import pytest

from tts.audio import FORMATS, Encoder
from tts.audio.answers import RATE, TYPES, Answer, Samples

SECONDS = 1.5


def tone(hertz: int) -> bytes:
    count = round(SECONDS * RATE)
    wave = (round(9000 * math.sin(2 * math.pi * hertz * n / RATE)) for n in range(count))
    return array("h", wave).tobytes()


@pytest.fixture(scope="module")
def stored() -> bytes:
    encoder = Encoder(FORMATS["webm"], RATE)
    return encoder.encode(tone(440)) + encoder.finish()


def hertz_of(pcm: bytes) -> float:
    samples = array("h", pcm)
    crossings = sum(before < 0 <= after for before, after in pairwise(samples))
    return crossings / (len(samples) / RATE)


def test_the_samples_are_the_same_however_the_bytes_come(stored):
    whole = Samples().feed(stored)
    assert len(whole) / 2 / RATE == pytest.approx(SECONDS, abs=0.02)
    assert hertz_of(whole) == pytest.approx(440, abs=3)
    for size in (1, 7, 1000):
        samples = Samples()
        pieces = [samples.feed(stored[at : at + size]) for at in range(0, len(stored), size)]
        assert b"".join(pieces) == whole


def test_what_is_no_sound_of_ours_is_refused():
    with pytest.raises(ValueError, match="WebM"):
        Samples().feed(b"\x00" * 64)


@pytest.mark.parametrize("name", TYPES)
@pytest.mark.parametrize("speed", [1.0, 0.25, 4.0])
def test_every_format_at_every_speed_keeps_its_pitch(stored, name, speed):
    answer, pcm = Answer(name, speed), Samples().feed(stored)
    pieces = [answer.feed(pcm[at : at + 4800]) for at in range(0, len(pcm), 4800)]
    sound = b"".join([*pieces, answer.finish()])
    assert answer.milliseconds == pytest.approx(1000 * SECONDS / speed, rel=0.06)
    if name != "pcm":
        with av.open(io.BytesIO(sound)) as container:
            resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
            frames = [
                each for frame in container.decode(audio=0) for each in resampler.resample(frame)
            ]
        sound = b"".join(bytes(frame.planes[0])[: frame.samples * 2] for frame in frames)
    assert len(sound) / 2 / RATE == pytest.approx(SECONDS / speed, rel=0.06, abs=0.13)
    quarter = len(sound) // 8 * 2
    assert hertz_of(sound[quarter : 3 * quarter]) == pytest.approx(440, abs=15)
