"""Voices of Piper from files: what they say, when each word is heard, and what harms nothing."""

from __future__ import annotations

import os
import re
import threading
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.known_speech import REPORTED, Known, errors_of, known_from
from tests.tts.piper_voice import JOE, RATE, put, spoken
from tests.tts.test_alignment import MEDIAN_MS, NEARLY_ALL_MS, STEPS_MS
from tts.engines.espeak import EspeakEngine
from tts.engines.piper import PiperEngine, folder
from tts.engines.piper.timing import word_starts
from tts.marks import snap, words
from tts.speech import Endpoint, SpeechError, Utterance, WordEvent


@pytest.fixture(autouse=True)
def voices(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    put(tmp_path / "voices/piper")
    return tmp_path / "voices/piper"


@pytest.fixture
def engine() -> PiperEngine:
    return PiperEngine()


def known(engine: PiperEngine, text: str) -> Known:
    return known_from(*spoken(engine, text), text, RATE)


def test_a_file_is_a_voice_with_its_language(engine, voices):
    (voice,) = engine.voices(Endpoint())
    assert (voice.slug, voice.name, voice.language) == (JOE, "Joe (medium)", "en-US")
    assert engine.has_voice(JOE, voice.version)
    assert not engine.has_voice(JOE, "another version")
    assert not engine.has_voice("de_DE-absent-low", voice.version)


def test_its_words_are_where_alignment_finds_them(engine):
    errors = errors_of(lambda text: known(engine, text), REPORTED)
    assert errors.unsure == 0
    assert errors.median <= MEDIAN_MS
    assert errors.percentile(95) <= NEARLY_ALL_MS + STEPS_MS
    assert errors.median < np.median(errors.spread) / 5


def test_the_first_words_come_with_the_first_sound_of_several(engine):
    text = f"{REPORTED[0]} {REPORTED[1]}"
    pieces = list(engine.speak(Utterance(text=text, language="en", voice=JOE)).pieces)
    kinds = [isinstance(piece, bytes) for piece in pieces]
    first = kinds.index(True)
    assert sum(kinds) >= 4
    assert [text[e.position : e.position + e.length] for e in pieces[:first]] == (
        ["A", "good", "map", "shows", "less", "than", "it", "knows"]
    )


def test_the_same_text_is_the_same_sound_whatever_was_said_before(engine):
    text = "The clock above the door ticked loudly."
    before, _ = spoken(engine, text)
    spoken(engine, "Something else was said in between.")
    assert spoken(engine, text)[0] == before


def test_word_events_are_whole_words_in_order(engine):
    text = "Mr. Smith of the co-op paid $4.50 in 1999, didn't he? He said: 12,000 people came."
    _, events = spoken(engine, text)
    said = [text[event.position : event.position + event.length] for event in events]
    assert said == re.findall(r"\$?[\w][\w.,'-]*[\w]", text)
    assert [event.start_ms for event in events] == sorted(event.start_ms for event in events)


VOCABULARY = [
    "the",
    "of",
    "and",
    "a",
    "to",
    "in",
    "house",
    "reading",
    "naïve",
    "Grüße",
    "1999",
    "$4.50",
    "co-op",
    "didn't",
    "I'll",
    "3rd",
    "50%",
    "e-mail",
    "U.S.",
    "Mr.",
    "über",
    "привет",
    "𝒜lpha",
    "café",
    "[[x]]",
    "<b>",
    "&",
    "—",
    "…",
    "12:30",
    "3/4",
    "WHO",
    "zzz",
]


@given(
    st.lists(st.sampled_from(VOCABULARY), min_size=1, max_size=14),
    st.sampled_from([" ", ", ", ". ", "! ", "\n", "\u00a0"]),
)
@settings(max_examples=12, deadline=None)
def test_every_word_has_one_mark_in_order(chosen, joint):
    text = joint.join(chosen)
    try:
        pcm, events = spoken(PiperEngine(), text)
    except SpeechError:
        raise AssertionError(f"{text!r} was refused") from None
    duration_ms = len(pcm) * 1000 // 2 // RATE
    marks = snap(text, events, duration_ms)
    assert [(mark.start, mark.end) for mark in marks] == words(text)
    times = [time for mark in marks for time in (mark.start_ms, mark.end_ms)]
    assert times == sorted(times)
    assert not times or (times[0] >= 0 and times[-1] <= duration_ms)


@pytest.mark.parametrize("digits", ["١٢٣", "१२३", "１２３"])
def test_digits_of_other_scripts_are_read(engine, digits):
    assert spoken(engine, f"It is {digits} now.")[0] == spoken(engine, "It is 123 now.")[0]


def test_soft_hyphens_change_nothing(engine):
    assert (
        spoken(engine, "Un\u00adbe\u00adliev\u200bable.")[0] == (spoken(engine, "Unbelievable.")[0])
    )


def test_a_full_stop_of_an_abbreviation_makes_no_pause(engine):
    with_stop = len(spoken(engine, "Mr. Smith went home.")[0])
    assert with_stop < 1.15 * len(spoken(engine, "Mister Smith went home.")[0])


def test_parameters_are_checked(engine):
    slow = spoken(engine, "Slowly now.", parameters={"length_scale": 2.0})[0]
    assert len(slow) > 1.5 * len(spoken(engine, "Slowly now.")[0])
    for wrong in ({"length_scale": 0}, {"length_scale": "2"}, {"speed": 1}):
        with pytest.raises(SpeechError):
            engine.speak(Utterance(text="No.", language="en", voice=JOE, parameters=wrong))


# --- beside espeak, in threads and forked children ------------------------------------------------


def test_piper_and_espeak_speak_at_once_in_one_process(engine):
    text = "The two of them carry an espeak each."
    expected = spoken(engine, text)
    robot = spoken(EspeakEngine(), text, voice="gmw/en-US")
    heard: list[bool] = []

    def repeat(speaker, voice, whole):
        for _ in range(3):
            pcm, events = spoken(speaker, text, voice=voice)
            # espeak's own sound differs by some samples from time to time, also alone.
            heard.append(pcm == whole[0] or (voice != JOE and len(events) == len(whole[1])))

    threads = [
        threading.Thread(target=repeat, args=arguments)
        for arguments in [(engine, JOE, expected), (EspeakEngine(), "gmw/en-US", robot)] * 2
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert heard == [True] * 12


def test_a_forked_child_speaks_as_its_parent_did(engine):
    text = "The child says the same."
    expected = spoken(engine, text)[0]
    read, write = os.pipe()
    child = os.fork()
    if child == 0:  # pragma: no cover - another process
        same = b"no"
        try:
            same = b"yes" if spoken(engine, text)[0] == expected else b"no"
        finally:
            os.write(write, same)
            os._exit(0)
    os.close(write)
    assert os.read(read, 10) == b"yes"
    os.waitpid(child, 0)


def test_telemetry_is_off_before_onnxruntime_is_there():
    from tts.engines.piper import loaded

    assert os.environ["ORT_DISABLE_TELEMETRY"] == "1"
    source = Path(loaded.__file__).read_text()
    assert source.index("ORT_DISABLE_TELEMETRY") < source.index("import onnxruntime")


def test_few_voices_are_kept_in_memory(engine, voices):
    from tts.engines.piper import loaded

    for name in ("en_US-a-low", "en_US-b-low", "en_US-c-low"):
        put(voices, name)
        spoken(engine, "Yes.", voice=name)
    assert [name for name, _ in loaded._kept] == ["en_US-b-low", "en_US-c-low"]
    spoken(engine, "Yes.", voice="en_US-b-low")
    assert [name for name, _ in loaded._kept] == ["en_US-c-low", "en_US-b-low"]


# --- words among phonemes -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("spoken", "expected", "starts"),
    [
        ("ðə mˈæn.", ["ðə", "mæn"], [0, 2]),
        ("ʌvðə mˈæn.", ["ʌv", "ðə", "mæn"], [0, 2, 4]),  # run together
        ("nˈaɪntiːn nˈaɪnti nˈaɪn, ðɪ", ["naɪntiːn naɪnti naɪn", "ðə"], [0, 25]),
        ("ðə ðə ðə ðə", ["ðə", "ðə", "ðə", "ðə"], [0, 2, 5, 8]),
        ("ðə", ["ðə", ""], [0, None]),
        ("", ["ðə"], [None]),
    ],
)
def test_words_are_found_among_phonemes(spoken, expected, starts):
    assert word_starts(expected, list(spoken)) == starts


def test_every_word_of_a_long_repetition_is_found():
    found = word_starts(["bˈʌfəloʊ"] * 60, list(" ".join(["bˈʌfəloʊ"] * 60)))
    assert None not in found
    assert all(before < after for before, after in pairwise(found))


# --- files that are none --------------------------------------------------------------------------


def faults() -> dict[str, str]:
    return {fault.file: fault.words for fault in folder.scan()[1]}


def test_speakers_are_voices_of_their_own_and_need_a_model_that_has_them(engine, voices):
    put(voices, num_speakers=2, speaker_id_map={"anna": 0, "ben": 1})
    assert engine.voices(Endpoint()) == []
    assert faults() == {f"{JOE}.onnx": "It is said to have several speakers, but has only one."}


@pytest.mark.parametrize("part", [0, 1, 1_000, 2_000_000, 63_000_000])
def test_a_half_copied_model_is_told_and_whole_it_is_a_voice(engine, voices, part):
    from tests.tts.piper_voice import MODEL

    whole = MODEL.read_bytes()
    put(voices, model=whole[:part])
    assert engine.voices(Endpoint()) == []
    (words,) = faults().values()
    assert "opied" in words or "Copy it again" in words
    put(voices, model=whole)
    assert len(engine.voices(Endpoint())) == 1


def test_a_file_that_is_laid_out_but_not_filled_is_no_voice(engine, voices):
    from tests.tts.piper_voice import MODEL

    whole = MODEL.read_bytes()
    put(voices, model=whole[:30_000_000] + bytes(len(whole) - 30_000_000))
    assert engine.voices(Endpoint()) == []


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ("", "is not JSON"), ("{", "is not JSON"), ("[" * 100_000, "is not JSON"),
        ("[]", "is not a voice's configuration"), ("{}", "'audio' is missing"),
        ("\x00" * 100, "is not JSON"), (" " * 5_000_000, "too large"),
        ('{"audio": {"sample_rate": 1e999}, "espeak": 3}', "is not a voice's configuration"),
    ],
)  # fmt: skip
def test_a_configuration_that_is_none_is_told(engine, voices, config, words):
    (voices / f"{JOE}.onnx.json").write_text(config)
    assert engine.voices(Endpoint()) == []
    (told,) = faults().values()
    assert words in told


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"phoneme_type": "pinyin"}, "needs 'pinyin'"),
        ({"audio": {"sample_rate": 5}}, "what cannot be"),
        ({"phoneme_id_map": {"a": [1]}}, "what cannot be"),
        ({"phoneme_id_map": {"^": [1], "$": [2], "_": ["0"]}}, "what cannot be"),
    ],
)
def test_a_configuration_that_says_what_cannot_be_is_told(voices, changes, words):
    put(voices, **changes)
    (told,) = faults().values()
    assert words in told


def test_what_belongs_together_is_missed(voices):
    (voices / f"{JOE}.onnx.json").rename(voices / "de_DE-anna-low.onnx.json")
    assert faults() == {
        f"{JOE}.onnx": f"{JOE}.onnx.json is missing: copy it into the same folder.",
        "de_DE-anna-low.onnx": "Only de_DE-anna-low.onnx.json is here: copy de_DE-anna-low.onnx "
        "into the same folder.",
    }


@pytest.mark.parametrize(
    "make",
    [
        lambda folder: (folder / b"\xff\xfe.onnx".decode(errors="surrogateescape")).touch(),
        lambda folder: (folder / f"{'long' * 40}.onnx").touch(),
        lambda folder: (folder / "folder.onnx").mkdir(),
        lambda folder: (folder / "broken.onnx").symlink_to("nowhere"),
    ],
)
def test_odd_names_and_kinds_of_files_are_told_and_harm_nothing(engine, voices, make):
    make(voices)
    assert [voice.slug for voice in engine.voices(Endpoint())] == [JOE]
    (words,) = faults().values()
    assert words


def test_hidden_files_are_somebodys_work_in_progress(engine, voices):
    (voices / f".{JOE}.onnx.Xa81").touch()
    (voices / ".other.onnx").touch()
    assert len(engine.voices(Endpoint())) == 1
    assert faults() == {}


def test_a_model_that_does_not_load_is_told_in_words(engine, voices):
    from tests.tts.piper_voice import MODEL

    whole = MODEL.read_bytes()
    put(voices, model=whole.replace(b"ConvTranspose", b"ConvTransp0se"))
    with pytest.raises(SpeechError, match="damaged: it does not load") as caught:
        spoken(engine, "Hello.")
    assert (caught.value.scope, caught.value.retryable) == ("voice", False)


def test_another_file_than_was_asked_for_does_not_speak(engine, voices):
    with pytest.raises(SpeechError, match="changed meanwhile") as caught:
        spoken(engine, "Hello.", voice_version="of another file")
    assert caught.value.retryable


@pytest.mark.parametrize("name", [JOE + "#3", "en_US-joe", "../secret", "", "a\x00b", "x" * 300])
def test_a_voice_that_is_not_there_is_told(engine, name):
    with pytest.raises(SpeechError, match="not on this machine"):
        engine.speak(Utterance(text="Hello.", language="en", voice=name))


@pytest.mark.parametrize(
    ("code", "language"),
    [
        ("en_US", "en-US"), ("de_DE", "de-DE"), ("es_419", "es-419"), ("en-gb-x-rp", "en-GB"),
        ("zh_Hant_TW", "zh-Hant-TW"), ("fa", "fa"), ("", ""), ("english", ""), ("../x", ""),
    ],
)  # fmt: skip
def test_languages_are_written_as_bcp_47(code, language):
    assert folder.bcp47(code) == language


def test_word_events_are_events(engine):
    assert all(isinstance(event, WordEvent) for event in spoken(engine, "One two.")[1])
