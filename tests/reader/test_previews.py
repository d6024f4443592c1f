"""A voice is heard before it is chosen."""

import threading
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from reader.tasks import clear_orphans
from tests.speech_server import Answer
from tests.worker import running_worker
from tts.demand.usage import today
from tts.models import AudioVariant, Status, Usage, Voice
from tts.voices import previews, sentences

pytestmark = pytest.mark.django_db(transaction=True)


def address(voice: Voice) -> str:
    return reverse("voice_preview", args=[voice.speech_model.model_slug, voice.voice_slug])


@pytest.fixture
def worker(tmp_path):
    with running_worker(data_dir=tmp_path, tone_log=tmp_path / "tone.log") as worker:
        yield worker


def test_a_sentence_is_made_once_and_kept(worker, as_alice, as_bob, voice, tmp_path):
    for client in (as_alice, as_bob, as_alice):
        answer = client.get(address(voice))
        assert answer.status_code == 200
        assert answer["Content-Type"].startswith("audio/webm")
        assert answer["Cache-Control"] == "private, no-cache"
        assert len(answer.content) == int(answer["Content-Length"]) > 1000
    variant = AudioVariant.objects.get()
    assert variant.text == sentences.SENTENCES["en"]
    assert (tmp_path / "tone.log").read_text().count("begun") == 1
    AudioVariant.objects.update(created_at=timezone.now() - timedelta(days=9))
    clear_orphans()
    assert AudioVariant.objects.exists()


def test_who_is_not_signed_in_hears_none(client, voice):
    assert client.get(address(voice)).status_code == 302
    assert not AudioVariant.objects.exists()


def test_there_is_none_of_a_voice_that_is_not_there(as_alice, voice):
    Voice.objects.filter(pk=voice.pk).update(enabled=False)
    answer = as_alice.get(address(voice))
    assert (answer.status_code, answer.json()["message"]) == (
        404, "There is no such voice any more.",
    )  # fmt: skip


def test_why_there_is_none_is_told_and_it_may_be_tried_again(
    worker, server, server_model, as_alice
):
    voice = server_model.voices.get(voice_slug="300")
    server.usual = Answer(400, body='{"detail":"Not this text."}')
    answer = as_alice.get(address(voice))
    assert (answer.status_code, answer.json()) == (
        502, {"message": "The speech server refuses this text."},
    )  # fmt: skip
    server.usual = Answer()
    assert as_alice.get(address(voice)).status_code == 200


def test_a_limit_of_use_holds_for_it_too(server_model, as_alice, alice, settings):
    settings.DAILY_CHARACTERS_PER_PERSON = 10
    server_model.price_per_million = 15
    server_model.save()
    Usage.objects.create(
        day=today(), account=str(alice.pk), speech_model=server_model, sounds=1, characters=10,
        milliseconds=1, cost=0,
    )  # fmt: skip
    answer = as_alice.get(address(server_model.voices.first()))
    assert answer.status_code == 429
    assert "10 characters a day is reached" in answer.json()["message"]


def test_every_language_of_the_embedded_voices_has_words(db):
    from tts.voices.catalogue import add_embedded_models

    add_embedded_models()
    voices = Voice.objects.all()
    assert all(sentences.sentence(voice.language).strip() for voice in voices)
    spoken = {sentences.sentence(voice.language) for voice in voices}
    assert len(spoken) > 50
    assert sentences.sentence("xx") == sentences.DIGITS
    assert sentences.sentence("pt-BR") == sentences.SENTENCES["pt"]


def test_one_that_takes_too_long_is_given_up(as_alice, voice, monkeypatch):
    monkeypatch.setattr(previews, "PATIENCE_SECONDS", 0.3)
    answer = as_alice.get(address(voice))  # no worker
    assert answer.status_code == 504
    assert "takes very long" in answer.json()["message"]
    assert AudioVariant.objects.get().status == Status.QUEUED
    assert threading.active_count() < 50
