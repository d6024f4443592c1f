"""Encode in a stream, check what came."""

import io
import math
import struct
from itertools import pairwise

import av
import pytest

from tests.tone import tone
from tts.audio import FORMATS, Encoder, check
from tts.speech import SpeechError

RATE = 22_050
# Measured: WebM tells its priming, so its time line is exact; a bare MP3 stream does not.
LATE_MS = {"webm": (-3, 3), "mp3": (20, 60)}


def encode(name: str, pcm: bytes, rate: int = RATE, piece: int = 3001) -> list[bytes]:
    encoder = Encoder(FORMATS[name], rate)
    pieces = [encoder.encode(pcm[at : at + piece]) for at in range(0, len(pcm), piece)]
    return [*pieces, encoder.finish()]


def samples(sound: bytes) -> tuple[list[float], int]:
    out: list[float] = []
    resampler = av.AudioResampler(format="flt", layout="mono", rate=48_000)
    with av.open(io.BytesIO(sound)) as container:
        for frame in container.decode(audio=0):
            for plain in resampler.resample(frame):
                data = bytes(plain.planes[0])[: plain.samples * 4]
                out += struct.unpack(f"<{plain.samples}f", data)
    return out, 48_000


def sine(seconds: float, rate: int = RATE) -> bytes:
    count = int(seconds * rate)
    return struct.pack(
        f"<{count}h",
        *(round(9000 * math.sin(2 * math.pi * 440 * n / rate)) for n in range(count)),
    )


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("rate", [8_000, 16_000, 22_050, 24_000, 48_000])
def test_the_pieces_joined_are_the_file(name, rate):
    # An odd length of pieces: samples are cut in two.
    sound = b"".join(encode(name, sine(2.0, rate), rate))
    assert check(sound) == pytest.approx(2000, abs=1 if name == "webm" else 80)


@pytest.mark.parametrize("name", FORMATS)
def test_the_first_bytes_come_early(name):
    pieces = encode(name, sine(10.0))
    first = next(at for at, piece in enumerate(pieces) if piece)
    assert first < len(pieces) / 10
    # And they come all along, not in one heap at the end.
    assert len(pieces[-1]) < sum(map(len, pieces)) / 4


@pytest.mark.parametrize("name", FORMATS)
def test_sound_is_where_it_was(name):
    quiet, loud = bytes(2 * RATE), sine(0.5)
    heard, rate = samples(b"".join(encode(name, quiet + loud + quiet)))
    start = next(at for at, sample in enumerate(heard) if abs(sample) > 0.05)
    early, late = LATE_MS[name]
    assert early <= start / rate * 1000 - 1000 <= late


def test_a_tone_is_still_that_tone():
    heard, rate = samples(b"".join(encode("webm", tone(700, 0, 1000), 24_000)))
    middle = heard[rate // 4 : rate // 4 * 3]
    crossings = sum(1 for a, b in pairwise(middle) if a < 0 <= b)
    assert crossings * 2 == pytest.approx(700, abs=5)


def test_every_setting_is_in_the_recipe():
    recipes = {audio_format.recipe for audio_format in FORMATS.values()}
    assert len(recipes) == len(FORMATS)
    assert "48000" in FORMATS["webm"].recipe


@pytest.mark.parametrize(
    "sound",
    [b"", b"<html><body>Not found</body></html>", b'{"error": "no"}', b"\0" * 5000, b"OggS" * 99],
    ids=["nothing", "html", "json", "zeros", "mislabelled"],
)
def test_what_is_not_sound_is_refused(sound):
    with pytest.raises(SpeechError):
        check(sound)
