"""The encoder's files are decoded again; a click tells whether time is kept."""

import io
import json
import random
import struct
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import av
import numpy as np
import pytest

from tts.audio import FORMATS, Encoder, _Growing, check
from tts.speech import SpeechError

RATES = (8000, 11_025, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000)
CLICK_MS = 700
# LAME delays by 576 samples and its decoder by 529; the Xing header that would say so cannot be
# written in a stream. Decoded without it, everything in an MP3 is heard 1,105/24,000 s late.
LATE_MS = {"webm": 0.0, "mp3": 46.0}


def pcm_with_click(rate: int, length_ms: int = 2345) -> bytes:
    samples = np.zeros(rate * length_ms // 1000, dtype="<i2")
    start, length = rate * CLICK_MS // 1000, rate // 500
    samples[start : start + length] = 25_000 * np.sin(np.arange(length) * 2 * np.pi * 1500 / rate)
    return samples.tobytes()


def noise(rate: int, length_ms: int) -> bytes:
    generator = np.random.default_rng(7)
    return generator.normal(0, 3000, rate * length_ms // 1000).astype("<i2").tobytes()


def encode(name: str, pcm: bytes, rate: int, piece: int = 2646) -> list[bytes]:
    encoder = Encoder(FORMATS[name], rate)
    pieces = [encoder.encode(pcm[at : at + piece]) for at in range(0, len(pcm), piece)]
    return [*pieces, encoder.finish()]


def decode(sound: bytes) -> tuple[np.ndarray, int]:
    with av.open(io.BytesIO(sound)) as container:
        frames = list(container.decode(audio=0))
    samples = np.concatenate([frame.to_ndarray().reshape(-1) for frame in frames])
    return samples.astype(float), frames[0].sample_rate


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("name", FORMATS)
def test_the_pieces_joined_are_a_sound_of_the_same_length(name, rate):
    sound = b"".join(encode(name, pcm_with_click(rate), rate))
    assert abs(check(sound) - 2345) <= {"webm": 1, "mp3": 60}[name]


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("name", FORMATS)
def test_a_click_is_heard_when_it_was_said(name, rate):
    samples, decoded_rate = decode(b"".join(encode(name, pcm_with_click(rate), rate)))
    heard = np.argmax(np.abs(samples) > 0.2 * np.abs(samples).max()) * 1000 / decoded_rate
    assert heard == pytest.approx(CLICK_MS + LATE_MS[name], abs=3)


@pytest.mark.parametrize("length_ms", [20, 21, 53, 1000, 60_001])
def test_webm_keeps_any_length_to_the_millisecond(length_ms):
    sound = b"".join(encode("webm", noise(22_050, length_ms), 22_050))
    assert abs(check(sound) - length_ms) <= 1


def test_the_shortest_webm_lasts_one_opus_frame_less_its_delay():
    assert check(b"".join(encode("webm", noise(22_050, 1), 22_050))) == 14


def test_other_containers_are_refused():
    """Only then does the list of containers hold, and no playlist is followed."""
    sound = io.BytesIO()
    with av.open(sound, "w", format="au") as container:
        stream = container.add_stream("pcm_s16be", rate=24_000, layout="mono")
        frame = av.AudioFrame(format="s16", layout="mono", samples=24_000)
        frame.planes[0].update(noise(24_000, 1000))
        frame.sample_rate = 24_000
        container.mux(stream.encode(frame))
    assert len(decode(sound.getvalue())[0]) == 24_000
    with pytest.raises(SpeechError):
        check(sound.getvalue())


@pytest.mark.parametrize("name", FORMATS)
def test_the_first_sound_comes_early(name):
    """What came after 1 s of speech is a file that can be decoded, of more than 0.4 s."""
    encoder, pcm = Encoder(FORMATS[name], 22_050), noise(22_050, 5000)
    begun = b"".join(encoder.encode(pcm[at : at + 2646]) for at in range(0, 44_100, 2646))
    assert check(begun) > 400
    encoder.finish()


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("piece", [1, 3, 7, 1001, 4095])
def test_pieces_may_end_in_the_middle_of_a_sample(name, piece):
    pcm = noise(22_050, 200)
    whole = decode(b"".join(encode(name, pcm, 22_050, len(pcm))))[0]
    assert np.array_equal(decode(b"".join(encode(name, pcm, 22_050, piece)))[0], whole)


@pytest.mark.parametrize("name", FORMATS)
def test_the_same_samples_are_the_same_sound(name):
    pcm = noise(22_050, 500)
    one, other = (decode(b"".join(encode(name, pcm, 22_050)))[0] for _ in range(2))
    assert np.array_equal(one, other)


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("pcm", [b"", b"\0"], ids=["nothing", "half a sample"])
def test_an_encoder_without_samples_ends_in_no_sound(name, pcm):
    encoder = Encoder(FORMATS[name], 22_050)
    with pytest.raises(SpeechError):
        check(encoder.encode(pcm) + encoder.finish())


def test_the_muxer_writes_forwards_only():
    assert not hasattr(_Growing(), "seek")
    assert not hasattr(_Growing(), "tell")


def test_a_recipe_tells_formats_apart():
    assert len({audio_format.recipe for audio_format in FORMATS.values()}) == len(FORMATS)
    assert all(FORMATS[name].name == name for name in FORMATS)


def a_sound(name: str = "mp3") -> bytes:
    return b"".join(encode(name, noise(22_050, 1000), 22_050))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\0" * 5000,
        b"<!doctype html><html><body>Bad gateway</body></html>" * 50,
        json.dumps({"error": {"message": "no such voice"}}).encode(),
        b"no sound at all " * 999,
        b"RIFF\x24\0\0\0WAVEfmt ",
        b"ID3\x04\0\0\0\0\0\0",
        bytes.fromhex("89504e470d0a1a0a0000000d4948445200000001000000010806000000"),
    ],
    ids=["empty", "zeros", "html", "json", "text", "wav header", "id3", "png"],
)
def test_what_is_no_sound_is_refused(data):
    with pytest.raises(SpeechError) as caught:
        check(data)
    assert caught.value.retryable


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("length", [1, 4, 40, 100])
def test_the_mere_beginning_of_a_file_is_refused(name, length):
    with pytest.raises(SpeechError):
        check(a_sound(name)[:length])


@pytest.mark.parametrize("length", [10, 100, 1000, 10_000, 100_000])
def test_random_bytes_are_refused(length):
    for seed in range(40):
        with pytest.raises(SpeechError):
            check(random.Random(seed).randbytes(length))


def test_sound_of_other_servers_is_measured():
    pcm = noise(24_000, 500)
    header = struct.pack(
        "<4sI4s4sIHHIIHH4sI",
        *(b"RIFF", 36 + len(pcm), b"WAVE", b"fmt ", 16, 1, 1, 24_000, 48_000, 2, 16),
        *(b"data", len(pcm)),
    )
    assert check(header + pcm) == 500


def test_a_playlist_is_refused_and_what_it_names_is_not_fetched():
    fetched = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            fetched.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(a_sound())

        def log_message(self, *_):
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}/sound.ts".encode()
        for playlist in (
            b"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n" + address + b"\n#EXT-X-ENDLIST\n",
            b"ffconcat version 1.0\nfile '" + address + b"'\n",
        ):
            with pytest.raises(SpeechError):
                check(playlist)
        server.shutdown()
    assert fetched == []
