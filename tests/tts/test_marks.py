"""Every spoken word has one mark, in order."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tts.engines.espeak import EspeakEngine
from tts.marks import snap, words
from tts.speech import Utterance, WordEvent

SCRIPTS = {
    "latin": "abcdefgéüßøž",
    "greek": "αβγδεζάή",
    "cyrillic": "абвгдеёжї",
    "arabic": "ابتثجحخَُِ",
    "hebrew": "אבגדהוזָּׁ",
    "devanagari": "कखगघचािीुू्",
    "thai": "กขคงจะาิี่้",
    "han": "漢字語文日本中國",
    "kana": "あいうえおカキクケコー",
    "hangul": "가나다라마바사",
}
ASTRAL = "😀𝒳🇩🇪👩‍🚀"


@st.composite
def texts(draw):
    letters = SCRIPTS[draw(st.sampled_from(sorted(SCRIPTS)))]
    chunk = st.text(letters + "0123456789'’-.,$%", min_size=1, max_size=8)
    gap = st.sampled_from([" ", ", ", ". ", " — ", "\n", f" {ASTRAL} ", "…", "  "])
    return "".join(draw(st.lists(st.one_of(chunk, gap), max_size=30)))


@st.composite
def spoken(draw):
    text = draw(texts())
    event = st.builds(
        WordEvent,
        st.integers(0, len(text) + 3),
        st.integers(0, 9),
        st.integers(0, 12_000),
    )
    # As they come: mostly in order, some twice, some misplaced.
    events = draw(st.lists(event, max_size=40))
    if draw(st.booleans()):
        events.sort(key=lambda e: e.start_ms)
    return text, events, draw(st.integers(0, 10_000))


def said(text: str) -> list[str]:
    units = text.encode("utf-16-le", "surrogatepass")
    return [units[2 * a : 2 * b].decode("utf-16-le", "surrogatepass") for a, b in words(text)]


@settings(max_examples=500, deadline=None)
@given(spoken())
def test_each_word_has_one_mark_in_order_within_the_sound(case):
    text, events, duration_ms = case
    marks = snap(text, events, duration_ms)
    assert [(mark.start, mark.end) for mark in marks] == words(text)
    times = [time for mark in marks for time in (mark.start_ms, mark.end_ms)]
    assert times == sorted(times)
    assert all(0 <= time <= duration_ms for time in times)


@settings(max_examples=300, deadline=None)
@given(texts())
def test_words_lie_in_the_text_and_hold_every_letter(text):
    ranges = words(text)
    length = len(text.encode("utf-16-le")) // 2
    flat = [offset for pair in ranges for offset in pair]
    assert flat == sorted(flat)
    assert all(0 <= start < end <= length for start, end in ranges)
    letters = [character for character in text if character.isalnum()]
    assert [c for word in said(text) for c in word if c.isalnum()] == letters


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It's 3.14% of $4.50, e.g. well-known.", "It's 3.14% of $4.50 e.g well-known"),
        ("😀 hi 𝒳y", "hi 𝒳y"),
        ("漢字とカナ", "漢 字 と カナ"),
        ("नमस्ते दुनिया", "नमस्ते दुनिया"),
        ("... — !", ""),
    ],
)
def test_words_are_what_a_person_would_point_at(text, expected):
    assert " ".join(said(text)) == expected


def test_numbers_and_money_take_the_first_of_their_events():
    text = "It costs $4.50 in 1999, so."
    pieces = EspeakEngine().speak(Utterance(text, "en", "en-us")).pieces
    events = [piece for piece in pieces if isinstance(piece, WordEvent)]
    assert len(events) > 6  # several for each number
    marks = snap(text, events, 6000)
    starts = {said(text)[n]: mark.start_ms for n, mark in enumerate(marks)}
    first = {word: min(e.start_ms for e in events if e.position >= text.index(word))
             for word in ("costs", "$4.50", "in", "1999", "so")}  # fmt: skip
    assert {word: starts[word] for word in first} == first


def test_without_events_the_time_is_shared():
    marks = snap("one two three", [], 1100)
    assert [mark.start_ms for mark in marks] == [0, 300, 600]
    assert marks[-1].end_ms == 1100


def test_a_long_text_takes_linear_time():
    text = "word " * 20_000 + "a" * 100_000
    events = [WordEvent(5 * n, 4, n) for n in range(20_000)]
    started = time.perf_counter()
    assert len(snap(text, events, 30_000)) == 20_001
    assert time.perf_counter() - started < 5  # 0.15 s when nothing else runs
