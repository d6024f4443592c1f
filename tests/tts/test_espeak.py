"""The embedded engine: every language, hostile texts, threads, forks."""

import re
import subprocess
import sys
import threading
import time
from contextlib import closing
from itertools import combinations, pairwise

import numpy as np
import pytest

from tts.engines.espeak import MUTE, PEOPLE, EspeakEngine
from tts.speech import PCM_S16LE, Endpoint, SpeechError, Utterance, WordEvent

TEXT = "The quick brown fox jumps over the lazy dog, and then it rests a while by the river."
LONG_TEXT = "This is one of very many sentences. " * 140
ENGINE = EspeakEngine()
VOICES = ENGINE.voices(Endpoint())
PEOPLE_VOICES = [voice for voice in VOICES if "+" in voice.engine_name]
# What a language says of itself, where Latin letters would say little.
SAMPLES = {
    "am": "አማርኛ", "ar": "العربية لغة", "bg": "български език", "bn": "বাংলা ভাষা",
    "cmn": "你好，中文", "el": "ελληνική γλώσσα", "fa": "زبان فارسی",
    "he": "עברית שפה", "hi": "हिन्दी भाषा", "hy": "հայերեն լեզու", "ja": "にほんご カタカナ",
    "ka": "ქართული ენა", "ko": "한국어 문장", "my": "မြန်မာ ဘာသာ", "ru": "русский язык",
    "ta": "தமிழ் மொழி", "te": "తెలుగు భాష", "th": "ภาษาไทย", "uk": "українська мова",
    "ur": "اردو زبان", "yue": "粵語 你好",
}  # fmt: skip
WOMEN = {"Alicia", "Belinda", "Anna", "Steph", "Andrea", "Linda", "Annie", "Anika"}
MEN = {"Michael", "Edward", "Max", "Michel", "Pablo", "Marco", "Henrique", "Lee"}


def speak(text: str, voice: str = "en-us", **parameters: object):
    return ENGINE.speak(Utterance(text, "en", voice, parameters=parameters)).pieces


def spoken(text: str, voice: str = "en-us", **parameters: object) -> tuple[bytes, list[WordEvent]]:
    pieces = list(speak(text, voice, **parameters))
    sound = b"".join(piece for piece in pieces if isinstance(piece, bytes))
    return sound, [piece for piece in pieces if isinstance(piece, WordEvent)]


def loudness(sound: bytes) -> float:
    samples = np.frombuffer(sound, "<i2").astype(float)
    return float(np.sqrt(np.mean(samples**2))) if len(samples) else 0.0


def colour(sound: bytes) -> np.ndarray:
    """Return the sound's mean spectrum in dB, in 60 bands up to 10 kHz."""
    samples = np.frombuffer(sound, "<i2").astype(float)
    frames = samples[: len(samples) // 1024 * 1024].reshape(-1, 1024) * np.hanning(1024)
    power = (np.abs(np.fft.rfft(frames)) ** 2).mean(axis=0)[1:481]
    return 10 * np.log10(power.reshape(60, 8).mean(axis=1) + 1)


def unlikeness(one: bytes, other: bytes) -> float:
    """Return how far two sounds of one text differ, in dB.

    The library adds noise of its own, so no two are equal: one voice twice differs by up to 0.9,
    two voices of a language by 1.7 and more (measured).
    """
    return float(np.sqrt(np.mean((colour(one) - colour(other)) ** 2)))


def same(one: bytes, other: bytes) -> bool:
    return abs(len(one) - len(other)) < 1000 and unlikeness(one, other) < 1.3


def pitches_hz(sound: bytes) -> np.ndarray:
    """Return the pitch of each voiced part, by autocorrelation."""
    rate, samples = 22_050, np.frombuffer(sound, "<i2").astype(float)
    least, most, length = rate // 400, rate // 60, 1024
    found = []
    for start in range(0, len(samples) - length - most, length):
        part = samples[start : start + length]
        if part.std() < 1000:
            continue
        later = np.lib.stride_tricks.sliding_window_view(
            samples[start + least : start + most + length - 1], length
        )
        norms = np.linalg.norm(part) * np.linalg.norm(later, axis=1) + 1
        likeness = later @ part / norms
        if likeness.max() > 0.7:
            # The first that is nearly the highest: a multiple of the period is as like.
            found.append(rate / (least + np.argmax(likeness > 0.95 * likeness.max())))
    return np.array(found)


def pitch_hz(sound: bytes) -> float:
    return float(np.median(pitches_hz(sound)))


def espeak_threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "espeak"]


def test_the_default_voice_is_there():
    assert [voice.name for voice in VOICES if voice.slug == "en-us"] == ["English (America)"]


def test_all_languages_are_there_once_by_a_slug_that_a_url_can_carry():
    slugs = [voice.slug for voice in VOICES]
    assert len(slugs) == len(set(slugs))
    assert len({voice.language for voice in VOICES}) > 120
    assert [slug for slug in slugs if not re.fullmatch(r"[a-z0-9-]{1,100}", slug)] == []
    assert [voice.language for voice in VOICES if len(voice.language) > 35] == []


def test_what_cannot_sound_is_left_out():
    assert [voice for voice in VOICES if voice.engine_name.startswith(("mb/", "!v"))] == []
    assert [voice for voice in VOICES if voice.language in MUTE] == []


def test_names_are_for_people():
    odd = [v.name for v in VOICES if not re.fullmatch(r"[A-Z][\w'’ (),-]+", v.name)]
    assert odd == []
    assert [v.name for v in VOICES if v.name != v.name.strip() or "_" in v.name] == []


def test_the_featured_voices_are_those_of_the_main_languages():
    featured = {voice.slug for voice in VOICES if voice.featured}
    people = {f"{language}-{slug}" for language, named in PEOPLE.items() for slug, _, _ in named}
    assert featured == set(PEOPLE) | people


@pytest.mark.parametrize("voice", PEOPLE_VOICES, ids=lambda voice: voice.slug)
def test_a_person_sounds_unlike_the_base_voice_and_as_their_name_says(voice):
    sound, _ = spoken(TEXT, voice.engine_name)
    base, _ = spoken(TEXT, voice.engine_name.partition("+")[0])
    assert loudness(sound) > 500
    assert unlikeness(sound, base) > 2.5
    assert voice.name in WOMEN | MEN
    assert (pitch_hz(sound) > 145) == (voice.name in WOMEN), f"{pitch_hz(sound):.0f} Hz"


def test_two_people_of_a_language_sound_unlike_each_other():
    sounds = {voice.slug: spoken(TEXT, voice.engine_name)[0] for voice in PEOPLE_VOICES}
    pairs = combinations(sounds, 2)
    alike = [(a, b) for a, b in pairs if a[:2] == b[:2] and unlikeness(sounds[a], sounds[b]) < 2.5]
    assert alike == []


def test_each_voice_is_the_one_it_is_listed_as():
    """By its language alone, the library takes en-gb as the Caribbean voice, fr-fr as the Swiss."""
    by_slug = {voice.slug: voice.engine_name for voice in VOICES}
    british = [spoken(TEXT, by_slug[slug])[0] for slug in ("en-gb", "en-029")]
    assert unlikeness(*british) > 1.3
    # Quatre-vingts and quatre-vingt-dix; huitante and nonante; quatre-vingts and nonante.
    numbers = {s: len(spoken("80 90", by_slug[s])[0]) for s in ("fr-fr", "fr-ch", "fr-be")}
    assert numbers["fr-fr"] > numbers["fr-be"] + 2000 > numbers["fr-ch"] + 4000


@pytest.mark.parametrize("voice", VOICES, ids=lambda voice: voice.slug)
def test_every_language_says_its_name(voice, capfd):
    language = voice.language.partition("-")[0]
    sound, events = spoken(SAMPLES.get(language, voice.name), voice.engine_name)
    assert loudness(sound) > 200
    assert events
    assert capfd.readouterr().err == ""


def test_the_first_piece_comes_before_the_whole_is_done():
    speech = ENGINE.speak(Utterance(LONG_TEXT, "en", "en-us"))
    assert (speech.encoding, speech.sample_rate) == (PCM_S16LE, 22_050)
    with closing(speech.pieces) as pieces:
        first = next(piece for piece in pieces if isinstance(piece, bytes))
        assert len(first) / 2 / speech.sample_rate < 0.2
        assert [thread.is_alive() for thread in espeak_threads()] == [True]


def test_closing_stops_the_engine_and_the_next_utterance_is_whole():
    whole = spoken(TEXT)[0]
    pieces = speak(LONG_TEXT)
    next(pieces)
    began = time.monotonic()
    pieces.close()
    assert time.monotonic() - began < 1
    assert espeak_threads() == []
    assert same(spoken(TEXT)[0], whole)


def test_what_is_never_begun_costs_nothing():
    pieces = speak(LONG_TEXT)
    assert espeak_threads() == []
    pieces.close()
    assert list(pieces) == []


def test_who_waits_gets_their_turn_when_the_one_before_is_closed():
    heard = []
    with closing(speak(LONG_TEXT)) as first:
        next(first)
        waiting = threading.Thread(target=lambda: heard.append(spoken(TEXT)[0]))
        waiting.start()
        waiting.join(0.3)
        assert heard == []
    waiting.join(10)
    assert same(heard[0], spoken(TEXT)[0])


def test_threads_speak_one_after_the_other():
    expected = {text: spoken(text)[0] for text in (TEXT, "Something else altogether.", "1999")}
    heard, texts = [], list(expected) * 8
    threads = [
        threading.Thread(target=lambda text=text: heard.append((text, spoken(text)[0])))
        for text in texts
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(text for text, _ in heard) == sorted(texts)
    assert [text for text, sound in heard if not same(sound, expected[text])] == []


FORK = """
import multiprocessing
from tts.engines.espeak import EspeakEngine
from tts.speech import Utterance

def speak():
    pieces = EspeakEngine().speak(Utterance("One two three.", "en", "en-us")).pieces
    return sum(len(piece) for piece in pieces if isinstance(piece, bytes))

whole = speak()
with multiprocessing.get_context("fork").Pool(2) as pool:
    children = pool.starmap(speak, [()] * 4)
assert all(abs(size - whole) < whole / 10 for size in (*children, speak())), (whole, children)
"""


def test_a_forked_child_speaks_as_its_parent():
    """In an interpreter of its own, as a pool's parent is: this one has threads of other tests."""
    subprocess.run([sys.executable, "-c", FORK], check=True, timeout=60)


@pytest.mark.parametrize(
    "voice",
    ["", "nonsense", "en-us+nobody", "en-us+", "en-us\0", "\ud800", "../../etc/passwd", "x" * 5000],
)
def test_a_bad_voice_is_refused_in_words(voice):
    with pytest.raises(SpeechError) as caught:
        spoken(TEXT, voice)
    assert not caught.value.retryable
    assert spoken(TEXT)[0]


@pytest.mark.parametrize(
    "parameters",
    [
        {"rate": 79}, {"rate": 451}, {"rate": "200"}, {"rate": True}, {"rate": 200.0},
        {"pitch": -1}, {"pitch": 100}, {"range": None}, {"speed": 200},
    ],
    ids=str,
)  # fmt: skip
def test_a_bad_parameter_is_refused(parameters):
    with pytest.raises(SpeechError):
        spoken(TEXT, **parameters)


def test_parameters_are_heard_and_do_not_stay():
    plain = spoken(TEXT)[0]
    assert len(spoken(TEXT, rate=330)[0]) < 0.7 * len(plain)
    assert pitch_hz(spoken(TEXT, pitch=90)[0]) > 1.2 * pitch_hz(plain)
    assert pitches_hz(spoken(TEXT, range=0)[0]).std() < 0.3 * pitches_hz(plain).std()
    assert same(spoken(TEXT)[0], plain)


@pytest.mark.parametrize(
    "text",
    [
        "[[h@l'oU]] there", "<b>bold</b>", "<audio src='/etc/passwd'/> x", "a\0b",
        "\x01\x1b[31m hi",
        "\x80\x9f hi", "\ud800 hi \udfff", "\ufffe\uffff hi", "\u202e abc \u2066", "&amp; &#x41;",
        "𝕳𝖊𝖑𝖑𝖔 😀", "a" * 5000, "1" * 5000, "a.b" * 1500, ("word " * 1000).strip(),
        "e\u0301" * 2000,
    ],
    ids=lambda text: ascii(text[:12]),
)  # fmt: skip
def test_odd_text_is_spoken(text):
    sound, events = spoken(text)
    assert loudness(sound) > 200
    assert events
    # A sign's name comes after it, so that its last words may lie just beyond the text.
    assert [event for event in events if not 0 <= event.position <= len(text)] == []
    times = [event.start_ms for event in events]
    assert times == sorted(times)
    assert times[-1] <= len(sound) / 2 / 22.05


@pytest.mark.parametrize("digits", ["١٢٣", "१२३", "１２３"])
def test_digits_of_other_scripts_are_read(digits):
    assert same(spoken(f"It is {digits} now.")[0], spoken("It is 123 now.")[0])


def test_markup_and_phonemes_are_read_as_text():
    assert spoken("<b>")[1], "The tag itself is said."
    assert not same(spoken("[[h@l'oU]]")[0], spoken("hello")[0])
    assert len(spoken('<break time="90s"/> x')[0]) / 2 / 22_050 < 20


@pytest.mark.parametrize("text", ["", " \n", "...", "\0", "\u200b"], ids=ascii)
def test_nothing_to_say_is_next_to_no_sound(text):
    sound, events = spoken(text)
    assert len(sound) / 2 / 22_050 < 0.05
    assert events == []


def test_events_count_code_points_through_control_characters_and_emoji():
    text = "One\0two 😀 three café four."
    said = [text[e.position : e.position + e.length] for e in spoken(text)[1]]
    assert [word for word in said if word.isalpha()] == ["One", "two", "three", "café", "four"]


def test_text_comes_to_the_library_in_order():
    times = [event.start_ms for event in spoken(TEXT)[1]]
    assert all(first < second for first, second in pairwise(times))


@pytest.mark.parametrize("voice", ["it", "nl", "ru", "en-us"])
def test_a_raised_number_behind_another_is_heard(voice):
    plain, _ = spoken("10 23 kg", voice)
    raised, events = spoken("10²³ kg", voice)
    assert abs(len(raised) - len(plain)) < 0.1 * len(plain)
    assert [event.position for event in events if event.position >= 5] == [5]
