"""Passages in another language are read in a voice of their own, if the listener likes it so."""

from __future__ import annotations

import time

import pytest
from asgiref.sync import sync_to_async

from reader import preparing
from reader.ingestion.speaking import speak_again
from reader.listening import ListeningVoice
from reader.models import Block, DocumentPreferences, LanguageVoice, Preparation
from reader.services import preparations, wanting
from reader.services.preferences import preferences_of, voice_of
from tests.conftest import make_document
from tests.reader.page import Page, take_turn
from tts import synthesis
from tts.demand import breaker, wants
from tts.models import AudioVariant, SpeechModel, Status, Voice, hash_text
from tts.speech import SpeechError
from tts.voices.catalogue import add_embedded_models

TEXT = "An English paragraph.\n\nEin deutscher Absatz.\n\nAnother English one.\n\nNoch einer."


@pytest.fixture
def mixed(alice, voice):
    document = make_document(alice, TEXT)
    Block.objects.filter(document=document).update(language="en")
    for idx, language in ((1, "de"), (3, "de-AT")):
        block = Block.objects.get(document=document, idx=idx)
        block.language, block.text_hash = language, hash_text(block.text, language)
        block.save()
    for block in Block.objects.filter(document=document, language="en"):
        block.text_hash = hash_text(block.text, "en")
        block.save()
    alice.own_voices = True
    alice.save()
    return document


@pytest.fixture
def german(voice):
    german = Voice.objects.filter(speech_model=voice.speech_model, voice_slug="tone-700").get()
    german.language = "de-DE"
    german.save()
    return german


def listening(document, voice) -> ListeningVoice:
    return ListeningVoice.of(voice, document=document, listener=document.owner)


def want(document, voice, *indices: int):
    hashes = dict(Block.objects.filter(document=document).values_list("idx", "text_hash"))
    return wanting.want_texts(
        document=document,
        listener="1.session",
        voice=voice,
        ranks={hashes[idx]: rank for rank, idx in enumerate(indices)},
    )


def test_each_block_is_made_in_the_voice_of_its_language(mixed, voice, german):
    chosen = listening(mixed, voice)
    assert {tag: other.voice for tag, other in chosen.stand_ins.items()} == {
        "de": german, "de-AT": german,
    }  # fmt: skip
    standing = want(mixed, chosen, 0, 1, 2, 3)
    keys = {state["key"] for state in standing.states}
    blocks = Block.objects.filter(document=mixed)
    assert keys == {
        chosen.for_text(block.text_hash, block.language).key(block.text_hash) for block in blocks
    }
    while synthesis.take_turn(voice.speech_model):
        pass
    spoken = dict(AudioVariant.objects.values_list("text", "voice__voice_slug"))
    assert spoken["Ein deutscher Absatz."] == spoken["Noch einer."] == "tone-700"
    assert spoken["An English paragraph."] == "tone-300"
    assert wanting.cached_ranges(user=mixed.owner, document=mixed, voice=chosen) == [(0, 3)]
    plain = ListeningVoice.of(voice)
    assert wanting.cached_ranges(user=mixed.owner, document=mixed, voice=plain) == [(0, 0), (2, 2)]


def test_most_wanted_comes_first_across_voices(mixed, voice, german):
    want(mixed, listening(mixed, voice), 1, 0, 3)
    order = []
    while made := synthesis.take_turn(voice.speech_model):
        order.append(AudioVariant.objects.get(pk=made.pk).text)
    assert order == ["Ein deutscher Absatz.", "An English paragraph.", "Noch einer."]


def test_what_is_not_wanted_any_more_is_not_made_in_any_voice(mixed, voice, german):
    chosen = listening(mixed, voice)
    want(mixed, chosen, 0, 1, 3)
    want(mixed, chosen, 0)
    assert len(wants.upcoming(voice.speech_model.pk)) == 1
    want(mixed, chosen, 1)
    assert len(wants.upcoming(voice.speech_model.pk)) == 1
    wanting.want_nothing(listener="1.session", voice=chosen)
    assert wants.upcoming(voice.speech_model.pk) == []


def test_who_does_not_like_it_hears_one_voice(mixed, alice, voice, german):
    alice.own_voices = False
    alice.save()
    mixed.refresh_from_db()
    assert listening(mixed, voice).stand_ins == {}


def test_a_language_that_no_voice_speaks_is_read_in_the_chosen_one(mixed, voice):
    assert listening(mixed, voice).stand_ins == {}


def test_a_voice_that_is_switched_off_stands_in_no_more(mixed, voice, german):
    before = listening(mixed, voice).recipes
    german.enabled = False
    german.save()
    assert listening(mixed, voice).recipes != before


def test_a_whole_document_is_prepared_in_all_its_voices(mixed, voice, german):
    preparations.start_preparation(document=mixed, user=mixed.owner, voice=voice, sound="")
    preparation = Preparation.objects.select_related("document", "voice", "user").get()
    assert not preparing.prepare(preparation)
    preparation.refresh_from_db()
    assert (preparation.status, preparation.done, preparation.total) == ("done", 4, 4)
    chosen = listening(mixed, voice)
    assert wanting.cached_ranges(user=mixed.owner, document=mixed, voice=chosen) == [(0, 3)]
    assert AudioVariant.objects.filter(status=Status.CACHED, voice=german).count() == 2


def test_a_voice_that_may_not_stand_in_does_not_keep_the_rest_from_being_made(
    mixed, voice, german, monkeypatch
):
    other = SpeechModel.objects.create(
        model_slug="other", name="Other", engine="tone", parameters={"fail_on": "de"}
    )
    german.speech_model = other
    german.save()
    variant = AudioVariant(voice=german, text="x", language="de")
    breaker.trip(variant, SpeechError("The key is refused.", scope="model"), time.time())
    preparations.start_preparation(document=mixed, user=mixed.owner, voice=voice, sound="")
    preparation = Preparation.objects.select_related("document", "voice", "user").get()
    assert not preparing.prepare(preparation)
    preparation.refresh_from_db()
    assert (preparation.status, preparation.done, preparation.total) == ("done", 2, 4)
    assert preparation.error == "2 of its blocks could not be made. The key is refused."


# --- what is heard first, and what is out of order ------------------------------------------------


def test_the_first_block_that_says_something_is_heard_now(mixed, voice):
    Block.objects.filter(document=mixed, idx=0).update(text="", text_hash="")
    standing = wanting.want_blocks(
        document=mixed, listener="1.program", voice=listening(mixed, voice), indices=[0, 1, 2]
    )
    assert [state is not None for _, state in standing.of_blocks] == [False, True, True]
    assert [each.rank for each in wants.upcoming(voice.speech_model_id)] == [0, 1]


def test_an_outage_is_told_though_all_was_in_order_a_moment_before(mixed, voice):
    chosen = listening(mixed, voice)
    assert want(mixed, chosen, 0).states[0]["error"] == ""
    variant = AudioVariant.objects.select_related("voice__speech_model").first()
    outage = SpeechError("The server is away.", scope="model", retryable=True)
    breaker.trip(variant, outage, time.time())  # which this process knows at once
    assert want(mixed, chosen, 0).states[0]["error"] == "The server is away."


# --- languages that a voice cannot speak ---------------------------------------------------------

MANY = {
    "en": "An English paragraph, which is the language of the book.",
    "de": "Ein deutscher Absatz, der mit einer deutschen Stimme gelesen wird und nicht mit der.",
    "ru": "Русский абзац.",
    "zh": "中文段落。",
    "ar": "فقرة عربية.",
}


@pytest.fixture
def heart(db) -> Voice:
    add_embedded_models()
    return Voice.objects.get(speech_model__model_slug="hibari", voice_slug="heart")


@pytest.fixture
def in_many_languages(alice, heart):
    document = make_document(alice, "\n\n".join(MANY.values()))
    assert list(Block.objects.filter(document=document).values_list("language", flat=True)) == [
        *MANY
    ]
    return document


def test_what_a_voice_cannot_speak_is_read_in_a_voice_of_its_language(in_many_languages, heart):
    voice = listening(in_many_languages, heart)
    assert {language: voice.for_text("", language).voice_slug for language in MANY} == {
        "en": "heart", "de": "de", "ru": "ru", "zh": "cmn", "ar": "ar",
    }  # fmt: skip


def test_the_voice_that_a_person_chose_for_a_language_stands_in(in_many_languages, heart, alice):
    max_ = Voice.objects.get(voice_slug="de-max")
    LanguageVoice.objects.create(user=alice, language="de", voice=max_)
    assert listening(in_many_languages, heart).for_text("", "de").voice == max_


def test_voices_are_looked_up_once_for_all_languages(
    in_many_languages, heart, django_assert_max_num_queries
):
    with django_assert_max_num_queries(5):
        assert len(listening(in_many_languages, heart).stand_ins) == len(MANY) - 1


def test_a_natural_voice_stands_in_before_a_robotic_one(in_many_languages, heart, tone_model):
    natural = tone_model.voices.first()
    natural.language = "de-AT"
    natural.save()
    assert listening(in_many_languages, heart).for_text("", "de").voice == natural


def test_a_voice_that_has_only_an_accent_reads_on(in_many_languages, heart):
    robot = Voice.objects.get(voice_slug="en-us")
    assert set(listening(in_many_languages, robot).stand_ins) == {"ru", "zh", "ar"}


def test_who_chose_nothing_hears_a_document_in_a_voice_of_its_language(alice, heart):
    german = make_document(alice, MANY["de"])
    german.language = "de"
    german.save()
    assert voice_of(preferences_of(alice, german)).language == "de"
    alice.voice = heart
    alice.save()
    assert voice_of(preferences_of(alice, german)).language == "de"
    DocumentPreferences.objects.create(user=alice, document=german, voice=heart)
    assert voice_of(preferences_of(alice, german)) == heart


@pytest.mark.django_db(transaction=True)
async def test_the_page_is_told_who_reads(as_alice, in_many_languages, heart):
    page = Page(as_alice, in_many_languages)
    await page.open()
    ready = await page.choose(heart)
    assert (ready["model_slug"], ready["voice_slug"]) == ("hibari", "heart")
    await page.want(1)
    german = await sync_to_async(listening)(in_many_languages, heart)
    made = await take_turn(german.for_text("", "de").voice)
    assert made.status == Status.CACHED
    (*_, status) = await page.until("status", status="cached")
    await page.leave()
    assert (status["model_slug"], status["voice_slug"]) == ("hibari", "heart")
    assert status["spoken_by"] == {
        "model_slug": "espeak", "voice_slug": "de", "name": "German",
    }  # fmt: skip


def test_a_block_in_the_wrong_language_is_mended_when_it_is_spoken_again(alice, heart):
    document = make_document(alice, "\n\n".join(MANY.values()))
    blocks = Block.objects.filter(document=document).order_by("idx")
    blocks.update(language="en")  # as it was before languages were found
    for block in blocks:
        Block.objects.filter(pk=block.pk).update(text_hash=hash_text(block.text, "en"))
    before = dict(blocks.values_list("idx", "text_hash"))
    speak_again(document)
    assert list(blocks.values_list("language", flat=True)) == ["en", "en", "ru", "zh", "ar"]
    after = dict(blocks.values_list("idx", "text_hash"))
    assert [idx for idx in after if after[idx] != before[idx]] == [2, 3, 4]
