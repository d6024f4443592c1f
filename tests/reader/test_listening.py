"""Passages in another language are read in a voice of their own, if the listener likes it so."""

from __future__ import annotations

import time

import pytest

from reader import preparing
from reader.listening import ListeningVoice
from reader.models import Block, Preparation
from reader.services import preparations, wanting
from tests.conftest import make_document
from tts import synthesis
from tts.demand import breaker, wants
from tts.models import AudioVariant, SpeechModel, Status, Voice, hash_text
from tts.speech import SpeechError

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
    assert keys == {chosen.for_language(block.language).key(block.text_hash) for block in blocks}
    while synthesis.take_turn(voice.speech_model):
        pass
    spoken = dict(AudioVariant.objects.values_list("text", "voice__voice_slug"))
    assert spoken["Ein deutscher Absatz."] == spoken["Noch einer."] == "tone-700"
    assert spoken["An English paragraph."] == "tone-300"
    assert wanting.cached_ranges(document=mixed, voice=chosen) == [(0, 3)]
    plain = ListeningVoice.of(voice)
    assert wanting.cached_ranges(document=mixed, voice=plain) == [(0, 0), (2, 2)]


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
    assert wanting.cached_ranges(document=mixed, voice=chosen) == [(0, 3)]
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
