"""Who hears a robot is offered the natural voice once."""

from __future__ import annotations

import pytest

from reader.models import Document, DocumentPreferences, User
from reader.services.preferences import preferences_of, voice_of, voice_to_offer
from tests.conftest import make_document
from tts.models import SpeechModel, Voice

from .test_pages import embedded, text_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("static_files")]


@pytest.fixture
def voices(settings) -> dict[str, Voice]:
    settings.SPEECH_ENGINES = dict.fromkeys(("espeak", "hibari", "openai"), "tests.tone.ToneEngine")
    settings.DEFAULT_VOICE = "espeak/en-us"
    named = {}
    for slug, voice, language in [
        ("espeak", "en-us", "en-US"),
        ("espeak", "de", "de"),
        ("openai", "nova", "en"),
        ("hibari", "heart", "en-US"),
    ]:
        model, _ = SpeechModel.objects.get_or_create(
            model_slug=slug, defaults={"engine": slug, "name": slug}
        )
        named[voice] = Voice.objects.create(
            speech_model=model,
            voice_slug=voice,
            name=voice.title(),
            language=language,
            engine_voice="500",
        )
    return named


@pytest.fixture
def english(alice, voices) -> Document:
    document = make_document(alice, "Some text to be read aloud.")
    Document.objects.filter(pk=document.pk).update(language="en-GB")
    document.refresh_from_db()
    return document


def offered(user: User, document: Document) -> Voice | None:
    user.refresh_from_db()
    chosen = preferences_of(user, document)
    return voice_to_offer(chosen, voice_of(chosen))


def test_the_page_offers_it_until_it_is_taken_or_dismissed(as_alice, alice, bob, english, voices):
    address = english.get_absolute_url()
    assert embedded(text_of(as_alice, address), "voice-offer") == {
        "model_slug": "hibari",
        "voice_slug": "heart",
        "name": "Heart",
        "url": "/voices/offered/",
    }
    assert as_alice.get("/voices/offered/").status_code == 405
    assert as_alice.post("/voices/offered/").status_code == 204
    assert "voice-offer" not in text_of(as_alice, address)
    alice.refresh_from_db()
    bob.refresh_from_db()
    assert (alice.natural_voice_offered, bob.natural_voice_offered) == (True, False)


def test_one_press_chooses_it_for_the_documents_language_too(as_alice, alice, english, voices):
    heart = {"model_slug": "hibari", "voice_slug": "heart", "document": english.uuid}
    assert as_alice.post("/preferences/", heart).status_code == 204
    other = make_document(alice, "Another text to be read aloud.")
    Document.objects.filter(pk=other.pk).update(language="en")
    other.refresh_from_db()
    assert voice_of(preferences_of(alice, other)) == voices["heart"]
    assert offered(alice, other) is None


def test_who_chose_a_robotic_voice_themselves_is_offered_it_too(alice, english, voices):
    User.objects.filter(pk=alice.pk).update(voice=voices["en-us"])
    assert offered(alice, english) == voices["heart"]


@pytest.mark.parametrize("heard", ["nova", "heart"])
def test_who_hears_another_voice_is_offered_nothing(alice, english, voices, heard):
    User.objects.filter(pk=alice.pk).update(voice=voices[heard])
    assert offered(alice, english) is None
    User.objects.filter(pk=alice.pk).update(voice=voices["en-us"])
    DocumentPreferences.objects.create(user=alice, document=english, voice=voices[heard])
    assert offered(alice, english) is None


@pytest.mark.parametrize("language", ["de", "", "eng"])
def test_it_is_offered_for_english_alone(alice, english, language):
    english.language = language
    assert offered(alice, english) is None


@pytest.mark.parametrize("without", [{"enabled": False}, {"is_offered": False}])
def test_a_voice_that_cannot_be_used_is_not_offered(alice, english, voices, without):
    Voice.objects.filter(pk=voices["heart"].pk).update(**without)
    assert offered(alice, english) is None
