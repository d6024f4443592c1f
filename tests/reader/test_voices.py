"""Which voice and speed a document is heard in, and the voices that a person likes."""

from __future__ import annotations

import re
import uuid

import pytest

from reader.consumers.devices import device_name
from reader.models import Document, DocumentPreferences, LanguageVoice, User
from reader.services import preferences
from reader.services.preferences import choose_voice, preferences_of, speed_of
from reader.views.voices import voices_of
from tests.conftest import make_document
from tts.models import SpeechModel, Voice

from .page import Page, in_database

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("static_files")]


@pytest.fixture
def voices(tone_model, voice) -> dict[str, Voice]:
    """Two voices of English, two of German, and one of no language in particular."""
    languages = {
        "tone-300": "en-GB",
        "tone-500": "en-US",
        "tone-700": "de",
        "tone-1100": "de-AT",
        "tone-1300": "",
    }
    for slug, language in languages.items():
        Voice.objects.filter(voice_slug=slug).update(language=language)
    names = ("british", "american", "german", "austrian", "any")
    return {
        name: Voice.objects.get(voice_slug=slug)
        for name, slug in zip(names, languages, strict=True)
    }


def document_in(owner: User, language: str) -> Document:
    document = make_document(owner, f"A text of a document in {language or 'no language'}.")
    document.language = language
    document.save()
    return document


@pytest.fixture
def english(alice, voices) -> Document:
    return document_in(alice, "en")


@pytest.fixture
def german(alice, voices) -> Document:
    return document_in(alice, "de-CH")


def choose(user: User, document: Document, voice: Voice) -> None:
    user.refresh_from_db()
    choose_voice(user=user, document=document, voice=voice)
    user.refresh_from_db()


def of_languages(user: User) -> dict[str, str]:
    chosen = LanguageVoice.objects.filter(user=user)
    return {each.language: each.voice.voice_slug for each in chosen}


def voice_of(user: User, document: Document) -> Voice | None:
    return preferences.voice_of(preferences_of(user, document))


# --- which voice ---------------------------------------------------------------------------------


def test_the_documents_voice_comes_first_then_its_languages_then_the_usual(alice, german, voices):
    assert voice_of(alice, german) == voices["british"], "the installation's"
    alice.voice = voices["american"]
    alice.save()
    assert voice_of(alice, german) == voices["american"]
    LanguageVoice.objects.create(user=alice, language="de", voice=voices["german"])
    assert voice_of(alice, german) == voices["german"]
    own = DocumentPreferences.objects.create(user=alice, document=german, voice=voices["any"])
    assert voice_of(alice, german) == voices["any"]
    own.voice = None
    own.save()
    assert voice_of(alice, german) == voices["german"]


def test_a_voice_that_cannot_be_used_any_more_counts_as_not_chosen(alice, german, voices):
    alice.voice = voices["american"]
    alice.save()
    LanguageVoice.objects.create(user=alice, language="de", voice=voices["german"])
    DocumentPreferences.objects.create(user=alice, document=german, voice=voices["austrian"])
    heard = []
    for name in ("austrian", "german", "american", "british"):
        heard.append(voice_of(alice, german))
        Voice.objects.filter(pk=voices[name].pk).update(enabled=False)
    assert heard == [voices[name] for name in ("austrian", "german", "american", "british")]
    assert voice_of(alice, german) == voices["any"]
    Voice.objects.update(is_offered=False)
    assert voice_of(alice, german) is None


def test_what_another_person_chose_is_not_heard(alice, bob, german, voices):
    theirs = document_in(bob, "de")
    choose(bob, theirs, voices["german"])
    assert voice_of(alice, german) == voices["british"]


# --- what a choice is for ------------------------------------------------------------------------


def test_who_reads_in_two_languages_by_turns_chooses_each_voice_once(
    alice, english, german, voices
):
    choose(alice, english, voices["american"])
    choose(alice, german, voices["german"])
    assert alice.voice == voices["american"]
    assert of_languages(alice) == {"en": "tone-500", "de": "tone-700"}
    for language, expected in [("en-GB", "american"), ("de", "german"), ("en", "american")]:
        assert voice_of(alice, document_in(alice, language)) == voices[expected]
    assert voice_of(alice, document_in(alice, "")) == voices["american"]


def test_the_first_voice_that_is_chosen_is_the_usual_one(alice, german, voices):
    choose(alice, german, voices["german"])
    assert alice.voice == voices["german"]


def test_another_voice_of_the_usual_ones_language_becomes_the_usual_one(alice, english, voices):
    choose(alice, english, voices["american"])
    choose(alice, english, voices["british"])
    assert alice.voice == voices["british"]
    assert of_languages(alice) == {"en": "tone-300"}


def test_a_voice_of_a_foreign_language_is_for_the_one_document(alice, english, voices):
    choose(alice, english, voices["american"])
    choose(alice, english, voices["german"])
    assert alice.voice == voices["american"]
    assert of_languages(alice) == {"en": "tone-500"}
    assert voice_of(alice, english) == voices["german"]
    assert voice_of(alice, document_in(alice, "en")) == voices["american"]


def test_a_voice_of_no_language_in_particular_speaks_them_all(alice, english, german, voices):
    choose(alice, english, voices["american"])
    choose(alice, german, voices["any"])
    assert alice.voice == voices["american"]
    assert of_languages(alice) == {"en": "tone-500", "de": "tone-1300"}


def test_in_a_document_of_no_language_the_usual_voice_is_chosen(alice, voices):
    choose(alice, document_in(alice, ""), voices["german"])
    choose(alice, document_in(alice, ""), voices["british"])
    assert alice.voice == voices["british"]
    assert of_languages(alice) == {}


def test_the_usual_voice_of_the_settings_holds_for_its_language(
    as_alice, alice, english, german, voices
):
    choose(alice, english, voices["american"])
    choose(alice, german, voices["german"])
    data = {
        "voice": voices["british"].pk, "speed": "1", "sentence_pause_ms": "200",
        "pause_ms": "400", "heading_pause_ms": "1500", "rewind_ms": "5000",
    }  # fmt: skip
    assert as_alice.post("/settings/", data).status_code == 302
    alice.refresh_from_db()
    assert of_languages(alice) == {"de": "tone-700"}
    assert voice_of(alice, document_in(alice, "en")) == voices["british"]
    assert (alice.sentence_pause_ms, alice.heading_pause_ms) == (200, 1500)
    assert alice.rewind_ms == 5000


# --- on the page ---------------------------------------------------------------------------------


def test_the_page_keeps_voice_and_speed_for_its_document(as_alice, alice, english, voices):
    data = {"model_slug": "tone", "voice_slug": "tone-500", "speed": "1.7"}
    answer = as_alice.post("/preferences/", {**data, "document": str(english.uuid)})
    assert answer.status_code == 204
    alice.refresh_from_db()
    assert (alice.voice, alice.speed) == (voices["american"], 1.7)
    User.objects.filter(pk=alice.pk).update(speed=1)
    alice.refresh_from_db()
    assert speed_of(preferences_of(alice, english)) == 1.7
    assert speed_of(preferences_of(alice, document_in(alice, "en"))) == 1
    kept = DocumentPreferences.objects.get()
    assert (kept.user, kept.document, kept.voice) == (alice, english, voices["american"])


@pytest.mark.parametrize("whose", ["another's", "nobody's"])
def test_nothing_is_kept_for_a_document_that_is_not_ones_own(as_alice, alice, bob, voices, whose):
    theirs = document_in(bob, "en")
    document = theirs.uuid if whose == "another's" else uuid.uuid4()
    data = {"model_slug": "tone", "voice_slug": "tone-500", "speed": "2", "document": document}
    assert as_alice.post("/preferences/", data).status_code == 404
    alice.refresh_from_db()
    assert (alice.voice, alice.speed) == (None, 1)
    assert not DocumentPreferences.objects.exists()


def test_what_is_no_documents_id_is_refused(as_alice, voices):
    assert as_alice.post("/preferences/", {"speed": "2", "document": "x"}).status_code == 400


async def test_the_sockets_first_voice_is_the_documents(as_alice, alice, german, voices):
    await in_database(choose_voice)(user=alice, document=german, voice=voices["austrian"])
    page = Page(as_alice, german)
    ready = await page.open()
    await page.leave()
    assert (ready["model_slug"], ready["voice_slug"]) == ("tone", "tone-1100")


# --- favourites ----------------------------------------------------------------------------------


def favourites(user: User) -> list[str]:
    return sorted(user.favourites.values_list("voice_slug", flat=True))


def test_favourites_are_kept_and_given_up_and_twice_does_no_harm(as_alice, alice, bob, voices):
    url = "/voices/tone/tone-500/favourite/"
    for data, expected in [
        ({}, ["tone-500"]),
        ({"favourite": "true"}, ["tone-500"]),
        ({"favourite": "false"}, []),
        ({"favourite": "false"}, []),
    ]:
        assert as_alice.post(url, data).status_code == 204
        assert favourites(alice) == expected
    assert favourites(bob) == []


def test_a_voice_that_is_not_there_is_no_favourite(as_alice, client, alice, voices):
    Voice.objects.filter(voice_slug="tone-500").update(enabled=False)
    assert as_alice.post("/voices/tone/tone-500/favourite/").status_code == 404
    assert as_alice.post("/voices/tone/nobody/favourite/").status_code == 404
    assert as_alice.get("/voices/tone/tone-300/favourite/").status_code == 405
    assert client.post("/voices/tone/tone-300/favourite/").status_code == 302
    assert favourites(alice) == []


# --- languages -----------------------------------------------------------------------------------


def test_the_settings_list_voices_of_languages_and_forget_them(
    as_alice, alice, bob, german, voices
):
    choose(alice, german, voices["german"])
    choose(bob, document_in(bob, "de"), voices["german"])
    page = as_alice.get("/settings/").content.decode()
    assert "the voice for German" in page
    answer = as_alice.post("/settings/voices/de/forget/")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/settings/")
    assert of_languages(alice) == {}
    assert of_languages(bob) == {"de": "tone-700"}
    assert "Voices of languages" not in as_alice.get("/settings/").content.decode()


def test_the_settings_group_voices_by_language_and_model(as_alice, voices):
    page = as_alice.get("/settings/").content.decode()
    for group in ("English · Tone", "German · Tone", "Any language · Tone"):
        assert f'<optgroup label="{group}">' in page


def test_voices_say_what_they_are_like_and_natural_ones_come_first(
    as_alice, alice, voices, settings
):
    natures = {
        "espeak": "robotic, every language",
        "hibari": "natural, on this machine",
        "openai": "natural, from a server",
        "piper": "natural, on this machine",
        "tone": "",
    }
    settings.SPEECH_ENGINES = dict.fromkeys(natures, "tests.tone.ToneEngine")
    for engine in natures:
        model, _ = SpeechModel.objects.get_or_create(
            engine=engine, defaults={"model_slug": engine, "name": engine.title()}
        )
        about = {"name": engine, "language": "en", "engine_voice": "500"}
        Voice.objects.create(speech_model=model, voice_slug=f"{engine}-en", **about)
    told = {
        (each["model_slug"], each["nature"]): each["rank"]
        for each in voices_of(alice)
        if each["language"] == "en"
    }
    assert set(told) == set(natures.items())
    assert [slug for slug, _ in sorted(told, key=lambda each: (told[each], each))] == [
        *("hibari", "piper", "openai", "tone", "espeak")
    ]
    page = as_alice.get("/settings/").content.decode()
    english = [
        f"English · {engine.title()}" + (f" ({natures[engine]})" if natures[engine] else "")
        for engine in ("hibari", "piper", "openai", "tone", "espeak")
    ]
    assert [each for each in re.findall('<optgroup label="(.*?)">', page) if "Engl" in each] == (
        english
    )


def test_a_voice_tells_whether_it_speaks_the_documents_language(alice, voices, settings):
    settings.SPEECH_ENGINES |= {"hibari": "tts.engines.hibari.HibariEngine"}
    model = SpeechModel.objects.create(engine="hibari", model_slug="hibari", name="Hibari")
    about = {"name": "Heart", "language": "en-US", "engine_voice": "heart"}
    Voice.objects.create(speech_model=model, voice_slug="heart", **about)

    def speaks(language: str) -> bool:
        (heart,) = (each for each in voices_of(alice, language) if each["name"] == "Heart")
        return heart["speaks"]

    assert (speaks("en-GB"), speaks("de"), speaks("")) == (True, False, False)


# --- devices -------------------------------------------------------------------------------------

WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15"


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (f"{WINDOWS} Chrome/130.0.0.0 Safari/537.36 Edg/130.0.0.0", "Edge on Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64) HeadlessChrome/130.0 Safari/537.36", "Chrome on Linux"),
        ("Mozilla/5.0 (Android 14; Mobile; rv:132.0) Firefox/132.0", "Firefox on Android"),
        (f"{IPHONE} Version/18.0 Mobile/15E148 Safari/604.1", "Safari on iPhone"),
        (f"{IPHONE} CriOS/130.0 Mobile/15E148 Safari/604.1", "Chrome on iPhone"),
        ("<script>alert(1)</script>", ""),
        ("", ""),
    ],
)
def test_a_device_has_a_name_of_ours(agent, name):
    assert device_name([(b"host", b"x"), (b"user-agent", agent.encode())]) == name


def test_a_device_that_says_nothing_of_itself_has_no_name():
    assert device_name([]) == ""


@pytest.mark.parametrize("language", ["English (US)", "en, de", "<b>", "e", "x" * 20])
def test_what_is_no_language_is_none(as_alice, alice, voices, language):
    choose(alice, document_in(alice, language), voices["any"])
    assert not LanguageVoice.objects.exists()
    assert as_alice.get("/settings/").status_code == 200
