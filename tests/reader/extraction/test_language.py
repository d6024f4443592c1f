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
        ("Det er en god dag, og jeg har ikke tid til at gå på arbejde i dag.", "en", "da"),
        ("On je bio u gradu i nije se vratio, ali su ga čekali na stanici za to.", "en", "hr"),
        ("O homem que não se foi para uma casa com os filhos e as filhas do rei.", "es", "pt"),
        ("Il y a des gens qui ne sont pas de la ville et qui se moquent de nous.", "it", "fr"),
        ("Μια φορά κι έναν καιρό", "en", "el"),
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
        "α + β = γ",
        "∑ μ σ",
        "Ω",
        "A B C D E F G H I J K L M N O P Q R S T U V W X Y Z",
        "a b c d e f g h i j k l m n o p q r s t u v w x y z",
        "i = a; do { i += a; } while (i < a); i = i + a; o = a;",
        "La la la la la, la la la la la, la la la.",
        "Der Spiegel, Die Zeit, Das Bild, Die Welt, Der Standard, Die Presse",
        "Les Misérables, Le Monde, La Haine, Les Choristes, Le Fabuleux Destin d'Amélie Poulain",
        "Sig. De Rossi e Di Maria, La Spezia, Del Piero, Della Valle, Da Vinci, Di Caprio",
        "van der Berg, de la Cruz, El Niño, La Paz, Los Angeles, San José, Las Vegas, De Niro",
        "Smith, J., & de la Cruz, M. (2019). El libro de la vida en la ciudad. Madrid: La Torre.",
        "Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod tempor.",
        "Alea iacta est, et tu Brute, in vino veritas, non est ad astra per aspera.",
        "Que sera, sera, whatever will be, will be, the future's not ours to see.",
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
