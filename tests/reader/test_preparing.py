"""A whole document is made ahead, without being in anybody's way."""

from __future__ import annotations

import json
from datetime import timedelta
from unittest.mock import Mock

import pytest
from django.urls import reverse
from django.utils import timezone

from reader import events, preparing, tasks
from reader.listening import ListeningVoice
from reader.models import Preparation
from reader.services import preferences, preparations, wanting
from tests.conftest import make_document
from tests.speech_server import Answer
from tts import synthesis
from tts.connections import redis_client
from tts.demand import limits, wants
from tts.models import AudioVariant, Status

TEXT = "\n\n".join(f"This is paragraph number {n}." for n in range(12))


@pytest.fixture
def long_document(alice, voice):
    return make_document(alice, TEXT)


def start(document, voice) -> Preparation:
    preparations.start_preparation(document=document, user=document.owner, voice=voice, sound="")
    return again(document)


def again(document) -> Preparation:
    return Preparation.objects.select_related("document", "voice").get(document=document)


def run_to_its_end(document, turns: int = 30) -> Preparation:
    for _ in range(turns):
        preparation = again(document)
        if not preparing.prepare(preparation):
            return again(document)
    raise AssertionError("it does not end")


def messages() -> int:
    return redis_client().llen("preparation")


def test_all_of_it_is_made_and_told(long_document, voice, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        start(long_document, voice)
    assert messages() == 1
    preparation = run_to_its_end(long_document)
    assert (preparation.status, preparation.done, preparation.total) == ("done", 12, 12)
    assert (preparation.failed, preparation.error) == (0, "")
    assert AudioVariant.objects.filter(status=Status.CACHED).count() == 12
    listening = ListeningVoice.of(voice)
    assert wanting.cached_ranges(
        user=long_document.owner, document=long_document, voice=listening
    ) == [(0, 11)]


def test_it_begins_where_the_person_is(long_document, voice, monkeypatch):
    preferences.save_position(
        user=long_document.owner, document=long_document, block_idx=7, offset_ms=0
    )
    start(long_document, voice)
    run_to_its_end(long_document)
    made = AudioVariant.objects.order_by("changed_at").values_list("text", flat=True)
    assert [text.split()[-1] for text in made] == [f"{n % 12}." for n in range(7, 19)]


def test_stopped_it_stops_and_what_was_made_stays(long_document, voice, monkeypatch):
    monkeypatch.setattr(preparing, "TURN_SECONDS", 0.0)
    monkeypatch.setattr(preparing, "TELL_SECONDS", 0.0)
    start(long_document, voice)
    monkeypatch.setattr(preparing, "TURN_SECONDS", 30.0)
    made = synthesis.make

    def make_then_stop(variant, **options):
        made(variant, **options)
        if AudioVariant.objects.filter(status=Status.CACHED).count() == 3:
            preparations.stop_preparation(document=long_document)

    monkeypatch.setattr(synthesis, "make", make_then_stop)
    preparation = run_to_its_end(long_document)
    assert preparation.status == "stopped"
    assert AudioVariant.objects.filter(status=Status.CACHED).count() == 3
    assert not AudioVariant.objects.filter(status=Status.PROCESSING).exists()


@pytest.mark.parametrize("moment", ["within a turn", "at its end", "when all is made"])
def test_what_is_told_last_is_that_it_was_stopped(long_document, voice, monkeypatch, moment):
    """A worker that was just noting how far it is tells it after the stop was told."""
    start(long_document, voice)
    if moment == "when all is made":
        run_to_its_end(long_document)
        start(long_document, voice)
    monkeypatch.setattr(preparing, "TURN_SECONDS", 0.0 if moment == "at its end" else 30.0)
    told = []

    def progress(*page, status, **_):
        if status == "running" and not told:
            preparations.stop_preparation(document=long_document)  # which is told first
        told.append(status)

    monkeypatch.setattr(events, "job_progress", progress)
    run_to_its_end(long_document)
    assert "running" in told
    assert told[-1] == "stopped"


def test_a_worker_that_comes_too_late_tells_only_of_an_end(long_document, voice, monkeypatch):
    start(long_document, voice)
    late, told = again(long_document), []
    assert again(long_document).take()
    monkeypatch.setattr(events, "job_progress", lambda *_, status, **__: told.append(status))
    assert not preparing.prepare(late)
    assert told == []


def test_another_voice_takes_its_place(long_document, voice, other_voice):
    start(long_document, voice)
    old = again(long_document)
    assert old.take()
    start(long_document, other_voice)
    assert not old.keep(done=5)
    assert run_to_its_end(long_document).voice == other_voice
    assert set(AudioVariant.objects.values_list("voice", flat=True)) == {other_voice.pk}


def test_stopped_and_begun_anew_one_worker_goes_on(long_document, voice):
    start(long_document, voice)
    old = again(long_document)
    assert old.take()
    preparations.stop_preparation(document=long_document)
    start(long_document, voice)
    assert not old.keep(done=5)
    new = again(long_document)
    assert new.take()
    assert not old.keep(done=5)
    assert new.keep(done=1)


def test_a_renewal_that_comes_after_its_turn_keeps_nobody_waiting(
    long_document, voice, monkeypatch
):
    monkeypatch.setattr(preparing, "TURN_SECONDS", 0.0)
    preparation = start(long_document, voice)
    assert preparing.prepare(preparation)
    assert not preparation.keep()
    assert preparing.prepare(again(long_document))


def test_twice_does_no_harm_and_a_dead_worker_is_followed(long_document, voice):
    preparation = start(long_document, voice)
    assert preparation.take()
    assert not preparing.prepare(again(long_document))  # somebody else has it
    tasks.resume_preparations()
    assert messages() == 0
    late = timezone.now() - timedelta(minutes=5)
    Preparation.objects.update(lease_until=late, changed_at=late)
    tasks.resume_preparations()
    assert messages() == 1
    assert run_to_its_end(long_document).status == "done"


def test_a_message_that_waits_long_does_not_multiply(
    long_document, voice, monkeypatch, django_capture_on_commit_callbacks
):
    monkeypatch.setattr(preparing, "TURN_SECONDS", 0.0)
    with django_capture_on_commit_callbacks(execute=True):
        start(long_document, voice)
    for _ in range(3):
        Preparation.objects.update(changed_at=timezone.now() - timedelta(seconds=31))
        tasks.resume_preparations()
        tasks.resume_preparations()  # ten seconds later
    assert messages() == 4, "one more each time that it was taken for lost"
    waiting = again(long_document).turn
    for _ in range(4):  # as a worker takes them
        redis_client().rpop("preparation")
        tasks.prepare_document(long_document.pk, waiting)
    assert again(long_document).turn == waiting + 1
    assert messages() == 1, "one of them has led on"
    tasks.prepare_document(long_document.pk, waiting + 1)
    assert again(long_document).turn == waiting + 2


def test_who_listens_comes_first_where_the_model_is_limited(long_document, voice, monkeypatch):
    monkeypatch.setattr(preparing, "TURN_SECONDS", 0.2)
    monkeypatch.setattr(preparing, "WAIT_SECONDS", 0.01)
    model = voice.speech_model
    model.concurrency = 1
    model.save()
    preparation = start(long_document, voice)
    wants.replace(model.pk, "somebody", {f"{'0' * 40}-{'1' * 40}": 0})
    assert preparing.prepare(preparation)
    assert not AudioVariant.objects.exists()
    wants.forget(model.pk, "somebody")
    assert limits.acquire(model, "a block of somebody's")
    assert preparing.prepare(again(long_document))
    assert not AudioVariant.objects.filter(status=Status.CACHED).exists()
    limits.release(model, "a block of somebody's")
    assert run_to_its_end(long_document).done == 12


def test_a_block_that_cannot_be_made_is_counted_and_the_rest_made(alice, tone_model, voice):
    tone_model.parameters = {"fail_on": "number 4."}
    tone_model.save()
    document = make_document(alice, TEXT)
    voice.refresh_from_db()
    start(document, voice)
    preparation = run_to_its_end(document)
    assert (preparation.status, preparation.done, preparation.failed) == ("done", 11, 1)
    assert preparation.error == "1 of its blocks could not be made."


def test_a_server_that_refuses_the_key_ends_it_with_its_words(alice, server, server_model):
    server.usual = Answer(401, body=json.dumps({"error": {"message": "No such key."}}))
    document = make_document(alice, TEXT)
    start(document, server_model.voices.get(voice_slug="300"))
    preparation = run_to_its_end(document)
    assert preparation.status == "failed"
    assert "refuses the key" in preparation.error
    assert len(server.spoken) == 1


def test_a_server_that_was_down_for_a_while_is_tried_again(
    alice, server, server_model, monkeypatch
):
    monkeypatch.setattr(preparing, "WAIT_SECONDS", 0.05)
    server.next.extend([Answer(503, body="{}"), Answer(503, body="{}")])
    document = make_document(alice, TEXT)
    start(document, server_model.voices.get(voice_slug="300"))
    preparation = run_to_its_end(document)
    assert (preparation.status, preparation.done, preparation.failed) == ("done", 12, 0)
    assert len(server.spoken) == 14


def test_a_limit_of_use_ends_it_with_its_words(alice, tone_model, voice, settings):
    settings.DAILY_CHARACTERS_PER_PERSON = 100
    tone_model.price_per_million = 10
    tone_model.save()
    document = make_document(alice, TEXT)
    voice.refresh_from_db()
    start(document, voice)
    preparation = run_to_its_end(document)
    assert preparation.status == "failed"
    assert "limit of 100 characters" in preparation.error
    assert preparation.done == 3


def test_a_voice_that_is_gone_ends_it_with_words(long_document, voice):
    start(long_document, voice)
    voice.enabled = False
    voice.save()
    preparation = run_to_its_end(long_document)
    assert (preparation.status, preparation.error) == ("failed", preparing.NO_VOICE)


def test_a_voice_whose_engine_is_gone_ends_it_with_words(long_document, voice, settings):
    start(long_document, voice)
    settings.SPEECH_ENGINES = {"espeak": settings.SPEECH_ENGINES["espeak"]}
    assert voice.speech_model.engine not in settings.SPEECH_ENGINES
    preparation = run_to_its_end(long_document)
    assert (preparation.status, preparation.error) == ("failed", preparing.NO_VOICE)


def test_a_turn_that_broke_is_taken_again_soon(long_document, voice, monkeypatch):
    preparation = start(long_document, voice)
    with monkeypatch.context() as broken:
        broken.setattr(preparing, "make_ahead", Mock(side_effect=ConnectionError))
        with pytest.raises(ConnectionError):
            preparing.prepare(preparation)
    Preparation.objects.update(changed_at=timezone.now() - timedelta(seconds=31))
    tasks.resume_preparations()
    assert messages() == 1
    assert run_to_its_end(long_document).status == "done"


def chosen(voice) -> dict[str, str]:
    return {"model_slug": voice.speech_model.model_slug, "voice_slug": voice.voice_slug}


@pytest.mark.usefixtures("static_files")
def test_it_is_asked_for_and_stopped_by_its_owner_alone(long_document, voice, as_alice, as_bob):
    begin = reverse("preparation_start", args=[long_document.uuid])
    stop = reverse("preparation_stop", args=[long_document.uuid])
    assert as_bob.post(begin, chosen(voice)).status_code == 404
    assert as_alice.get(begin).status_code == 405
    assert as_alice.post(begin, {}).status_code == 400
    assert as_alice.post(begin, {"model_slug": "x", "voice_slug": "y"}).status_code == 400
    assert as_alice.post(begin, {**chosen(voice), "sound": "mp3"}).status_code == 204
    assert again(long_document).sound == "mp3"
    assert as_bob.post(stop).status_code == 404
    assert again(long_document).status == "running"
    assert as_alice.post(stop).status_code == 204
    assert again(long_document).status == "stopped"
    assert as_alice.post(begin, {**chosen(voice), "sound": "exe"}).status_code == 204
    assert again(long_document).sound == "webm"
