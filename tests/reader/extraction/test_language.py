"""What language a passage is in: by its letters, then by its words."""

import pytest

from reader.extraction.language import language_of
from tts.scripts import is_written_so, script_in, scripts_of
from tts.voices.sentences import SENTENCES

GERMAN = (
    "Das ist ein ganz gewöhnlicher Absatz, der nicht in der Sprache des Buches geschrieben ist und "
    "den man deshalb mit einer anderen Stimme lesen sollte."
)
FRENCH = (
    "Ceci est un paragraphe tout à fait ordinaire qui n'est pas dans la langue du livre, et que "
    "l'on devrait donc lire avec une autre voix."
)


@pytest.mark.parametrize(
    ("passage", "usual", "expected"),
    [
        (GERMAN, "en", "de"),
        (GERMAN, "de-AT", "de-AT"),
        (FRENCH, "en", "fr"),
        (FRENCH, "de", "fr"),
        ("Привет, мир!", "en", "ru"),
        ("У кожній книзі на нас чекає новий світ, і це так.", "en", "uk"),
        ("你好，世界。", "en", "zh"),
        ("どの本の中にも、新しい世界があります。", "en", "ja"),
        ("مرحبا بالعالم", "en", "ar"),
        ("שלום", "en", "he"),
        ("Hello, world.", "ru", "en"),
        ("The door was open, and he went into the house of his father.", "ru", "en"),
    ],
)
def test_letters_and_words_tell(passage, usual, expected):
    assert language_of(passage, usual) == expected


@pytest.mark.parametrize(
    "passage",
    [
        "The Weltanschauung of the Bildungsbürgertum was, in a word, gemütlich.",
        "He said “Das ist nicht die Frage” and went home to his books.",
        "The word мир means both peace and world.",
        "Carpe diem.",
        "Schloss Neuschwanstein",
        "1984",
        "—",
        "",
        "x = a + b",
    ],
)
def test_a_few_foreign_words_change_nothing(passage):
    assert language_of(passage, "en") == "en"


def test_what_the_document_says_counts_against_words_and_not_against_letters():
    assert language_of(GERMAN, "en", is_told=True) == "en"
    assert language_of("Привет, мир!", "en", is_told=True) == "ru"


def test_sentences_are_never_taken_for_another_language_than_their_own():
    for usual, sentence in SENTENCES.items():
        assert language_of(sentence, usual) == usual, sentence


@pytest.mark.parametrize(
    ("language", "scripts"),
    [("en-US", {"Latn"}), ("sr", {"Cyrl", "Latn"}), ("sr-Latn-RS", {"Latn"}), ("", set()),
     ("ja", {"Jpan", "Hans"}), ("zh-Hant", {"Hans"}), ("und", set())],
)  # fmt: skip
def test_scripts_of_languages(language, scripts):
    assert scripts_of(language) == scripts


def test_the_script_of_a_text():
    assert script_in("123 — !") == ""
    assert script_in("漢字とかな") == "Jpan"
    assert script_in("漢字") == "Hans"
    assert is_written_so("漢字", "zh-Hant")
    assert not is_written_so("漢字", "en")
