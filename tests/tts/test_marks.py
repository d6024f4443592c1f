"""One mark for each word, in order, whatever the text and whatever the engine reports."""

import time
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tts.engines.espeak import EspeakEngine
from tts.marks import snap, snap_so_far, words
from tts.speech import Endpoint, Mark, Utterance, WordEvent

SCRIPTS = {
    "Latin": "the café it's naïve e\u0301t\u00e9 a_b $4.50 1999 3/4 e-mail",
    "Cyrillic": "быстрая лиса ёлка",
    "Greek": "γρήγορη αλεπού",
    "Arabic": "العَرَبِيَّة لغة ١٢٣ می\u200cخواهم",
    "Hebrew": "שָׁלוֹם עולם",
    "Devanagari": "हिन्दी में नमस्ते क्\u200dष",
    "Thai": "ภาษาไทยง่าย เก่า น้ำ ๑๒๓ ๆ ฯ",
    "Chinese": "中文你好𠀀人々。，",
    "Japanese": "日本語のテキスト・カー。ﾊﾝｶｸﾞ",
    "Korean": "한국어 문장",
    "Burmese": "မြန်မာစာ။ ၊",
    "Khmer": "ភាសាខ្មែរ។",
    "signs": "😀👩\u200d👩\u200d👧🇩🇪€—…·,.!?\0\n\u202e\ud800\u0301\ufe0f",
}
TEXTS = st.lists(st.sampled_from([*"".join(SCRIPTS.values()), *" \n,."]), max_size=80).map("".join)
ANY_TEXT = TEXTS | st.text(st.characters(), max_size=60)
EVENTS = st.lists(
    st.builds(WordEvent, st.integers(-5, 120), st.integers(-1, 30), st.integers(-100, 20_000)),
    max_size=30,
)


def in_utf16(text: str, start: int, end: int) -> str:
    """Return what JavaScript's ``text.slice(start, end)`` would."""
    units = text.encode("utf-16-le", "surrogatepass")
    return units[2 * start : 2 * end].decode("utf-16-le", "surrogatepass")


def said(text: str) -> list[str]:
    return [in_utf16(text, start, end) for start, end in words(text)]


def utf16_length(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


@settings(max_examples=500)
@given(ANY_TEXT)
def test_words_are_in_order_apart_and_inside_the_text(text):
    found = words(text)
    assert all(0 <= start < end <= utf16_length(text) for start, end in found)
    assert all(one[1] <= other[0] for one, other in pairwise(found))


@settings(max_examples=500)
@given(ANY_TEXT)
def test_no_letter_or_digit_is_left_out(text):
    rest = list(text.encode("utf-16-le", "surrogatepass"))
    for start, end in words(text):
        rest[2 * start : 2 * end] = list(" ".encode("utf-16-le") * (end - start))
    left = bytes(rest).decode("utf-16-le", "surrogatepass")
    assert [character for character in left if character.isalnum()] == []


@settings(max_examples=500)
@given(ANY_TEXT, EVENTS, st.integers(0, 15_000))
def test_each_word_has_one_mark_in_order_within_the_sound(text, events, duration_ms):
    marks = snap(text, events, duration_ms)
    assert [(mark.start, mark.end) for mark in marks] == words(text)
    times = [time_ms for mark in marks for time_ms in (mark.start_ms, mark.end_ms)]
    assert times == sorted(times)
    assert all(0 <= time_ms <= duration_ms for time_ms in times)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$4.50 in 1999, it's", ["$4.50", "in", "1999", "it's"]),
        ("don’t ‘quoted’ l'eau", ["don’t", "quoted", "l'eau"]),
        ("50% of 1,000.5 at 10:30", ["50%", "of", "1,000.5", "at", "10:30"]),
        ("e\u0301cole cafe\u0301", ["e\u0301cole", "cafe\u0301"]),
        ("", []),
        (" \n…—😀!?€", []),
    ],
)
def test_words_of_spaced_scripts(text, expected):
    assert said(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("中文：你好！𠀀", ["中", "文", "你", "好", "𠀀"]),
        ("人々の木", ["人々", "の", "木"]),
        ("日本語のテキスト。", ["日", "本", "語", "の", "テキスト"]),
        ("カー・ラーメン", ["カー", "ラーメン"]),
        ("らーめん か\u3099", ["らーめん", "か\u3099"]),
        ("ภาษาไทยง่าย", ["ภา", "ษา", "ไท", "ย", "ง่า", "ย"]),
        ("เก่า น้ำ", ["เก่า", "น้ำ"]),
        ("มี ๑๒๓ ฿", ["มี", "๑๒๓"]),
        ("မြန်မာ။", ["မြန်", "မာ"]),
        ("ខ្មែរ។", ["ខ្មែ", "រ"]),
        ("ລາວ", ["ລາ", "ວ"]),
        ("한국어 문장", ["한국어", "문장"]),
        ("हिन्दी में", ["हिन्दी", "में"]),
        ("Python入門 3日", ["Python", "入", "門", "3", "日"]),
    ],
)
def test_units_of_scripts_without_spaces(text, expected):
    assert said(text) == expected


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_vowel_sign_never_begins_a_unit(script):
    """Combining signs, and the Thai and Lao vowels that follow their consonant."""
    signs = set("ะาำๅະາຳ") | {
        character
        for character in SCRIPTS[script]
        if not character.isalnum() and ord(character) > 0x2FF
    }
    text = "".join(c for c in SCRIPTS[script] if c not in "ๆฯ")
    assert [word for word in said(text) if word[0] in signs] == []


def test_offsets_count_as_javascript_does():
    assert words("😀 hi 😀😀 it's") == [(3, 5), (11, 15)]
    assert words("𠀀a") == [(0, 2), (2, 3)]
    assert words("\ud800 hi") == [(2, 4)]


def test_events_give_the_words_their_times():
    events = [WordEvent(0, 3, 100), WordEvent(4, 3, 400), WordEvent(8, 5, 700)]
    assert snap("One two three", events, 1000) == [
        Mark(0, 3, 100, 400),
        Mark(4, 7, 400, 700),
        Mark(8, 13, 700, 1000),
    ]


def test_event_positions_are_code_points_and_marks_are_not():
    events = [WordEvent(2, 2, 100), WordEvent(5, 3, 300)]
    assert snap("😀 hi you", events, 500) == [Mark(3, 5, 100, 300), Mark(6, 9, 300, 500)]


def starts(text: str, events: list[WordEvent], duration_ms: int = 1000) -> list[int]:
    return [mark.start_ms for mark in snap(text, events, duration_ms)]


def test_a_word_starts_with_the_first_of_its_events():
    events = [WordEvent(0, 1, 0), WordEvent(1, 4, 200), WordEvent(2, 4, 400), WordEvent(6, 2, 600)]
    assert starts("$4.50 in", events) == [0, 600]


@pytest.mark.parametrize("stray", range(20), ids=lambda at: f"stray at {at}")
def test_a_misplaced_event_costs_no_other_word_its_time(stray):
    text = "aa bb cc dd ee ff gg"
    right = [WordEvent(at, 2, 100 * n) for n, at in enumerate(range(0, 20, 3))]
    for n in range(1, 6):
        events = [*right[:n], WordEvent(stray, 2, 100 * n - 50), *right[n:]]
        wrong = [
            at for at, time_ms in enumerate(starts(text, events)) if abs(time_ms - 100 * at) > 50
        ]
        assert len(wrong) <= 1


def test_without_events_the_words_share_the_time_by_their_length():
    assert snap("a bbb", [], 1000) == [Mark(0, 1, 0, 250), Mark(2, 5, 250, 1000)]


def test_words_without_an_event_share_the_time_between_those_that_have_one():
    assert starts("aa bb cc dd", [WordEvent(0, 2, 100), WordEvent(9, 2, 700)]) == [
        100, 300, 500, 700,
    ]  # fmt: skip


def test_no_words_have_no_marks():
    assert snap("… 😀", [WordEvent(0, 1, 0)], 900) == []


ESPOKEN = [
    ("en-us", "It's $4.50 in 1999, and 12345678901234567890 nuts cost more than 24/12 at 10:30."),
    ("en-us", "Dr. Smith's e-mail is a.b@c.org, isn't it? 😀 Call +49 30 123456 — today!"),
    ("de", "Am 3. Oktober 1990 kostete es 1.234,50 € pro Stück, nicht wahr?"),
    ("fr-fr", "L'été, c'est l'idéal : 80 % des gens sont d'accord."),
    ("ru", "Быстрая лиса прыгает через 12 ленивых собак."),
    ("ar", "اللغة العربية جميلة جدا"),
    ("hi", "यह हिन्दी का एक वाक्य है"),
    ("ko", "안녕하세요 저는 한국어를 공부하는 학생입니다"),
    ("ja", "にほんご の テキスト"),
]
# Of some words before a full stop or a comma espeak tells nothing.
HALF_TOLD = [
    ("ko", "이것은 한국어 문장입니다.", ["문장입니다"]),
    ("cmn", "你好，我是学生。中文很难", ["好", "生"]),
]


def espoken(language: str, text: str) -> tuple[list[WordEvent], int]:
    """Return espeak's own events and the sound's duration in ms."""
    engine = EspeakEngine()
    voice = next(voice.engine_name for voice in engine.voices(Endpoint()) if voice.slug == language)
    speech = engine.speak(Utterance(text, language, voice))
    pieces = list(speech.pieces)
    samples = sum(len(piece) for piece in pieces if isinstance(piece, bytes)) // 2
    events = [piece for piece in pieces if isinstance(piece, WordEvent)]
    return events, round(samples * 1000 / speech.sample_rate)


@pytest.mark.parametrize(
    ("language", "text", "untold"), [*((*spoken, []) for spoken in ESPOKEN), *HALF_TOLD]
)
def test_espeaks_words_start_within_the_event_that_it_gave(language, text, untold):
    events, duration_ms = espoken(language, text)
    ends = [*(event.start_ms for event in events[1:]), duration_ms]
    told_nothing = []
    for mark in snap(text, events, duration_ms):
        word = in_utf16(text, mark.start, mark.end)
        at = len(in_utf16(text, 0, mark.start))
        own = [n for n, event in enumerate(events) if at <= event.position < at + len(word)]
        if not own:  # then it starts within the sound of the event before it
            told_nothing.append(word)
            own = [max(n for n, event in enumerate(events) if event.position < at)]
        assert events[own[0]].start_ms <= mark.start_ms <= ends[own[0]], word
    assert told_nothing == untold


@pytest.mark.parametrize(
    "unit",
    ["word ", "a", "a.", "1,", "$", "'", "中", "の", "เ", "ก่", "\u0301", "a\u0301", "😀", "က္", "ะ"],
)
def test_time_is_linear_in_the_text(unit):
    text = (unit * 100_000)[:100_000]
    events = [WordEvent(at, 1, at) for at in range(0, 100_000, 5)]
    began = time.process_time()
    snap(text, events, 100_000)
    assert time.process_time() - began < 2


def test_while_a_sound_grows_its_words_so_far_have_the_marks_that_they_keep():
    text = "One two three four five"
    events = [WordEvent(at, 3, 100 * at) for at in (0, 4, 8)]
    so_far = snap_so_far(text, events)
    assert so_far[:-1] == snap(text, events, 5000)[: len(so_far) - 1]
    assert [(mark.start, mark.end) for mark in so_far] == words(text)[:3]
    assert snap_so_far(text, []) == snap_so_far("…", [WordEvent(0, 1, 0)]) == []
