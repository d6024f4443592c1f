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

from tts.audio import FORMATS, Encoder, Track
from tts.audio.encoder import Growing
from tts.audio.loudness import CEILING
from tts.speech import ENCODED, PCM_S16LE, Speech, SpeechError

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


def take_in(
    *sounds: bytes, name: str = "webm", encoding: str = ENCODED, rate: int = 0, piece: int = 1000
) -> tuple[bytes, float]:
    """Take in sounds as an engine's answers in pieces; return the stored sound and its length."""
    track, stored = Track(FORMATS[name], longest_ms=1e9), b""
    for sound in sounds:
        pieces = iter([sound[at : at + piece] for at in range(0, len(sound), piece)])
        speech = Speech(encoding, rate, pieces)
        stored += b"".join(track.add(speech, is_only=len(sounds) == 1))
    return stored + track.finish(), track.milliseconds


def check(sound: bytes) -> int:
    """Return how long a sound lasts, in ms. Raises SpeechError if it is none."""
    return round(take_in(sound)[1])


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
    assert not hasattr(Growing(), "seek")
    assert not hasattr(Growing(), "tell")


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


# --- what servers send ----------------------------------------------------------------------------


def a_tone(seconds: float, rate: int = 24_000, channels: int = 1) -> np.ndarray:
    samples = 12_000 * np.sin(np.arange(int(seconds * rate)) * 2 * np.pi * 440 / rate)
    return np.repeat(samples.astype("<i2"), channels)


def packed(
    container: str,
    codec: str,
    seconds: float = 2.0,
    rate: int = 24_000,
    layout: str = "mono",
    silence: tuple[float, float] = (0.0, 0.0),
) -> bytes:
    """Return a tone as a server would send it, with so many seconds of silence around it."""
    output = io.BytesIO()
    with av.open(output, "w", format=container) as written:
        stream = written.add_stream(codec, rate=rate, layout=layout)
        resampler = av.AudioResampler(stream.codec_context.format.name, layout, rate)
        channels = 2 if layout == "stereo" else 1
        quiet = [np.zeros(int(each * rate) * channels, "<i2") for each in silence]
        data = np.concatenate([quiet[0], a_tone(seconds, rate, channels), quiet[1]])
        frame = av.AudioFrame(format="s16", layout=layout, samples=len(data) // channels)
        frame.planes[0].update(data.tobytes())
        frame.sample_rate = rate
        for resampled in [*resampler.resample(frame), *resampler.resample(None)]:
            written.mux(stream.encode(resampled))
        written.mux(stream.encode(None))
    return output.getvalue()


SENT = {
    "opus": ("ogg", "libopus"),
    "mp3": ("mp3", "libmp3lame"),
    "aac": ("adts", "aac"),
    "flac": ("flac", "flac"),
    "wav": ("wav", "pcm_s16le"),
}


def frequency(samples: np.ndarray, rate: int) -> float:
    spectrum = np.abs(np.fft.rfft(samples[: rate // 1]))
    return float(np.argmax(spectrum) * rate / len(samples[: rate // 1]))


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("sent", SENT)
@pytest.mark.parametrize("piece", [1, 700, 1 << 20])
def test_whatever_a_server_sends_is_stored_as_what_we_store(sent, name, piece):
    stored, length_ms = take_in(packed(*SENT[sent]), name=name, piece=piece)
    samples, rate = decode(stored)
    assert length_ms == pytest.approx(2000, abs=70)
    assert len(samples) * 1000 / rate == pytest.approx(length_ms, abs=70)
    assert frequency(samples, rate) == pytest.approx(440, abs=2)
    with av.open(io.BytesIO(stored)) as container:
        assert container.streams.audio[0].codec_context.codec.canonical_name == (
            FORMATS[name].codec_name
        )


@pytest.mark.parametrize(("sent", "name"), [("opus", "webm"), ("mp3", "mp3")])
def test_what_is_encoded_as_we_store_it_is_repacked_packet_by_packet(sent, name):
    sound = packed(*SENT[sent])
    assert packets(take_in(sound, name=name)[0]) == packets(sound)


def packets(sound: bytes) -> list[bytes]:
    with av.open(io.BytesIO(sound)) as container:
        return [bytes(packet) for packet in container.demux(audio=0) if packet.size]


def test_opus_is_made_softer_by_its_header_alone():
    sound = packed(*SENT["opus"], silence=(0.4, 0.8))
    once, twice = with_gain(sound, -6.0), with_gain(with_gain(sound, -6.0), -3.5)
    for stored, gain_db in ((once, -6.0), (twice, -9.5)):
        assert packets(stored) == packets(sound)
        loud, soft = (np.abs(decode(each)[0]).max() for each in (sound, stored))
        assert soft / loud == pytest.approx(10 ** (gain_db / 20), rel=0.001)


@pytest.mark.parametrize("gain_db", [0.0, -6.0])
def test_opus_of_several_pieces_of_ogg_is_one_sound(gain_db):
    sound = packed(*SENT["opus"], seconds=1.0) + packed(*SENT["opus"], seconds=2.0)
    samples, rate = decode(with_gain(sound, gain_db))
    assert len(samples) / rate == pytest.approx(3.0, abs=0.03)
    assert frequency(samples, rate) == pytest.approx(440, abs=2)


def test_opus_whose_header_makes_it_louder_is_limited():
    sound = bytearray(packed("webm", "libopus"))
    gain = sound.index(b"OpusHead") + 16
    sound[gain : gain + 2] = (20 * 256).to_bytes(2, "little")
    assert np.abs(decode(with_gain(bytes(sound), -6.0))[0]).max() <= 1.02


def test_opus_is_encoded_again_where_it_is_made_louder_so_that_it_is_limited():
    sound = packed(*SENT["opus"])
    stored = with_gain(sound, 12.0)
    assert packets(stored) != packets(sound)
    assert np.abs(decode(stored)[0]).max() == pytest.approx(CEILING, rel=0.06)


def with_gain(sound: bytes, gain_db: float) -> bytes:
    track = Track(FORMATS["webm"], longest_ms=60_000, gain_db=gain_db)
    stored = b"".join(track.add(Speech(ENCODED, 0, iter([sound])), is_only=True)) + track.finish()
    with av.open(io.BytesIO(sound)) as container:
        seconds = sum(frame.samples / frame.sample_rate for frame in container.decode(audio=0))
    assert track.milliseconds == pytest.approx(seconds * 1000, abs=1)
    return stored


@pytest.mark.parametrize("layout", ["mono", "stereo"])
@pytest.mark.parametrize(("sent", "name"), [("opus", "webm"), ("mp3", "mp3")])
def test_the_silences_of_what_is_only_repacked_are_known(sent, name, layout):
    sound = packed(*SENT[sent], seconds=1.7, layout=layout, silence=(0.4, 2.3))
    track = Track(FORMATS[name], longest_ms=60_000)
    assert b"".join(track.add(Speech(ENCODED, 0, iter([sound])), is_only=True)) + track.finish()
    assert track.edges.lead_ms == pytest.approx(400, abs=60)
    assert track.edges.trail_ms == pytest.approx(2300, abs=80)


def test_repacked_opus_keeps_time():
    sent = packed("ogg", "libopus", seconds=3.21)
    stored, length_ms = take_in(sent)
    assert length_ms == pytest.approx(3210, abs=1)
    assert np.allclose(decode(stored)[0], decode(sent)[0])


@pytest.mark.parametrize("rate", [8_000, 44_100, 48_000])
@pytest.mark.parametrize("layout", ["mono", "stereo"])
def test_another_rate_or_stereo_sounds_the_same(rate, layout):
    sound = packed("wav", "pcm_s16le", rate=rate, layout=layout)
    samples, stored_rate = decode(take_in(sound)[0])
    assert frequency(samples, stored_rate) == pytest.approx(440, abs=2)


def test_samples_without_a_header_are_taken_for_sound_only_if_they_were_asked_for():
    pcm = a_tone(1.0).tobytes()
    assert take_in(pcm, rate=24_000)[1] == pytest.approx(1000)
    with pytest.raises(SpeechError):
        take_in(pcm, rate=0)


def test_a_file_is_known_for_one_though_samples_were_asked_for():
    assert take_in(packed("wav", "pcm_s16le"), rate=24_000)[1] == pytest.approx(2000, abs=1)


def test_answers_to_the_parts_of_a_text_are_one_sound():
    stored, length_ms = take_in(packed("ogg", "libopus", 1.0), packed("mp3", "libmp3lame", 2.0))
    samples, rate = decode(stored)
    assert length_ms == pytest.approx(3000, abs=70)
    assert len(samples) * 1000 / rate == pytest.approx(length_ms, abs=2)


PLACEHOLDERS = [0, 1, 20_000, 2_000_000_000, 2_000_000_036, 0x7FFFFFFF, 0x7FFFFF00, 0xFFFFFFFF]


@pytest.mark.parametrize("announced", PLACEHOLDERS)
@pytest.mark.parametrize("piece", [37, 5000])
@pytest.mark.parametrize("codec", ["pcm_s16le", "pcm_f32le"])
def test_the_sizes_that_a_wav_announces_prove_nothing(announced, codec, piece):
    sound = bytearray(packed("wav", codec))
    size = sound.index(b"data") + 4
    sound[4:8] = sound[size : size + 4] = announced.to_bytes(4, "little")
    assert take_in(bytes(sound), piece=piece)[1] == pytest.approx(2000, abs=2)


def flac_of(samples: int) -> bytes:
    """Return a FLAC of two seconds that announces so many samples (36 bits of STREAMINFO)."""
    sound = bytearray(packed("flac", "flac"))
    sound[21] = sound[21] & 0xF0 | samples >> 32
    sound[22:26] = (samples & 0xFFFFFFFF).to_bytes(4, "big")
    return bytes(sound)


def mp3_of(frames: int) -> bytes:
    """Return an MP3 of two seconds whose Xing header announces so many frames and bytes."""
    sound = bytearray(packed("mp3", "libmp3lame"))
    at = max(sound.find(b"Xing"), sound.find(b"Info"))
    assert at > 0
    sound[at + 8 : at + 16] = frames.to_bytes(4, "big") * 2
    return bytes(sound)


def webm_of(size: int) -> bytes:
    """Return a WebM of two seconds whose segment announces so many bytes."""
    sound = bytearray(packed("webm", "libopus"))
    at = sound.index(b"\x18\x53\x80\x67") + 4
    assert sound[at] == 1  # eight bytes of size
    sound[at : at + 8] = (size | 1 << 56).to_bytes(8, "big")
    return bytes(sound)


@pytest.mark.parametrize(
    "sound",
    [
        flac_of(0), flac_of(1000), flac_of(2**36 - 1), mp3_of(0), mp3_of(10), mp3_of(10**9),
        webm_of(10**9), webm_of(2**56 - 1),
    ],
    ids=["FLAC 0", "FLAC few", "FLAC many", "MP3 0", "MP3 few", "MP3 many", "WebM", "WebM live"],
)  # fmt: skip
@pytest.mark.parametrize("name", ["webm", "mp3"])
def test_the_lengths_that_other_files_announce_prove_nothing(sound, name):
    assert take_in(sound, name=name)[1] == pytest.approx(2000, abs=75)


def test_several_wavs_one_after_the_other_are_one_sound_without_their_headers():
    """Some servers send each piece of a text as a file of its own."""
    samples = a_tone(1.0)
    whole = take_in(samples.tobytes(), rate=24_000)[0]
    wav = packed("wav", "pcm_s16le", 1.0)
    second = take_in(wav + wav + wav)[0]
    one, many = decode(whole)[0], decode(second)[0]
    assert len(many) == pytest.approx(3 * len(one), rel=0.01)
    assert np.abs(many).max() <= np.abs(one).max() * 1.05


def test_a_chunk_of_notes_behind_the_samples_of_a_wav_is_not_heard():
    wav = packed("wav", "pcm_s16le", 1.0)
    notes = b"LIST" + (4000).to_bytes(4, "little") + b"INFO" + b"\x7f\x55" * 1998
    assert take_in(wav + notes)[1] == pytest.approx(1000, abs=1)


def test_a_sound_that_does_not_end_is_left():
    def endless():
        while True:
            yield a_tone(1.0).tobytes()

    track = Track(FORMATS["webm"], longest_ms=5_000)
    with pytest.raises(SpeechError, match="far too long"):
        for _ in track.add(Speech(PCM_S16LE, 24_000, endless()), is_only=True):
            pass
    assert track.milliseconds < 10_000
