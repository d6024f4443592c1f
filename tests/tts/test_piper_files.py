"""Voice files from the folder to a listener's ear, by real workers, on machines that differ."""

from __future__ import annotations

import base64
import json
import os

import pytest
from django.core.files.storage import default_storage

from tests.tts.conftest import Listener, again, turns
from tests.tts.piper_voice import JOE, MODEL, copy, put
from tests.worker import running_worker, wait_until
from tts import synthesis, tasks
from tts.connections import redis_client
from tts.marks import words
from tts.models import AudioVariant, MarksSource, SpeechModel, Status, Voice
from tts.synthesis import recipe_hash
from tts.synthesis.ahead import Outcome, make_ahead
from tts.synthesis.turns import MOST_PASSES
from tts.voices.catalogue import sync_voice_files

pytestmark = pytest.mark.django_db(transaction=True)
TEXT = "A sentence to be spoken, and nothing else."


@pytest.fixture
def folder(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    return tmp_path / "voices/piper"


@pytest.fixture
def joe(folder) -> Voice:
    put(folder)
    sync_voice_files()
    return Voice.objects.usable().get(voice_slug=JOE)


def lose(folder) -> None:
    """Be a machine that lacks the file."""
    for path in folder.iterdir():
        path.unlink()


def take_one(model: SpeechModel) -> None:
    """Take a message from the real queue and do what it says, as a worker does."""
    message = json.loads(redis_client().rpop("piper"))
    arguments, *_ = json.loads(base64.b64decode(message["body"]))
    assert arguments[0] == model.pk
    tasks.take_turn(*arguments)


def test_without_files_there_is_no_model(folder):
    assert sync_voice_files() is None
    assert not SpeechModel.objects.exists()


def test_a_file_copied_while_all_runs_is_heard(folder, tmp_path):
    with running_worker(
        data_dir=tmp_path, tone_log=tmp_path / "tone.log", queues="piper", concurrency=1
    ):
        tasks.sync_voice_files()  # as beat does, three times a minute
        assert not Voice.objects.exists()
        copy(folder)
        tasks.sync_voice_files()
        voice = Voice.objects.usable().get(speech_model__model_slug="piper", voice_slug=JOE)
        (variant,) = Listener(voice).want(TEXT)
        wait_until(lambda: again(variant).status == Status.CACHED, 40)
    made = again(variant)
    assert default_storage.size(made.file.name) == made.bytes
    assert made.marks_source == MarksSource.ENGINE
    assert [tuple(mark[:2]) for mark in made.marks] == words(TEXT)


def test_another_machine_without_the_file_leaves_its_turns(folder, joe, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    put(elsewhere / "voices/piper", "de_DE-another-low")
    (tmp_path / "files").mkdir(exist_ok=True)
    (elsewhere / "files").symlink_to(tmp_path / "files")  # the storage is one
    log = tmp_path / "tone.log"
    with running_worker(
        data_dir=elsewhere, tone_log=log, queues="piper", name="lacks", concurrency=1
    ):
        (variant,) = Listener(joe).want(TEXT)
        wait_until(lambda: turns("piper") == 0)
        with running_worker(
            data_dir=tmp_path, tone_log=log, queues="piper", name="has", concurrency=1
        ):

            def is_cached() -> bool:
                synthesis.recover()  # as beat does
                Listener(joe).want(TEXT)  # as a session does
                return again(variant).status == Status.CACHED

            wait_until(is_cached, 60)
    assert again(variant).attempt == 1  # nobody else claimed it


def test_a_turn_is_passed_on_a_few_times_and_then_left_for_a_while(folder, joe):
    (variant,) = Listener(joe).want(TEXT)
    lose(folder)
    taken = 0
    while turns("piper") and taken < 20:
        take_one(joe.speech_model)
        taken += 1
    assert taken == 1 + MOST_PASSES
    assert again(variant).status == Status.QUEUED
    assert again(variant).attempt == 0
    synthesis.recover()
    assert turns("piper") == 0  # its turn is still fresh: nobody spins


def test_what_is_here_is_made_though_something_else_is_not(folder, joe):
    put(folder, "en_US-other-low")
    sync_voice_files()
    other = Voice.objects.get(voice_slug="en_US-other-low")
    (absent,) = Listener(other, "bea").want("Only elsewhere.")
    (folder / "en_US-other-low.onnx").unlink()
    (variant,) = Listener(joe).want(TEXT)
    synthesis.take_turn(joe.speech_model)
    assert (again(absent).status, again(variant).status) == (Status.QUEUED, Status.CACHED)


def test_a_preparation_leaves_it_for_another_machine(folder, joe):
    lose(folder)
    outcome = make_ahead(joe, account="ann", sound="", text_hash="0" * 40, text=TEXT, language="en")
    assert outcome is Outcome.LATER
    assert not AudioVariant.objects.exists()


def test_a_file_that_was_taken_out_hides_its_voice_and_fails_what_waits(folder, joe):
    (variant,) = Listener(joe).want(TEXT)
    lose(folder)
    sync_voice_files()
    assert not Voice.objects.usable().exists()
    synthesis.take_turn(joe.speech_model)
    failed = again(variant)
    assert failed.status == Status.ERROR
    assert "not on this machine" in failed.error


def test_another_file_of_the_same_name_is_another_recipe(folder, joe):
    before = recipe_hash(joe)
    (variant,) = Listener(joe).want(TEXT)
    put(folder, inference={"noise_scale": 0.5, "length_scale": 1.5, "noise_w": 0.5})
    sync_voice_files()
    joe.refresh_from_db()
    assert recipe_hash(joe) != before
    synthesis.take_turn(joe.speech_model)
    assert "was changed meanwhile" in again(variant).error
    put(folder)
    sync_voice_files()
    joe.refresh_from_db()
    assert recipe_hash(joe) == before  # and its sounds are found again


def test_looking_again_changes_nothing(folder, joe):
    Voice.objects.update(name="My own name", language="en-GB")
    synced = sync_voice_files()
    assert (synced.offered, synced.added, synced.vanished) == (1, 0, 0)
    voice = Voice.objects.get()
    assert (voice.name, voice.language, voice.pk) == ("My own name", "en-GB", joe.pk)


def test_a_damaged_file_takes_no_other_voice_away(folder, joe):
    put(folder, "en_US-damaged-low", model=MODEL.read_bytes()[:5_000_000])
    os.truncate(folder / "en_US-damaged-low.onnx.json", 3)
    synced = sync_voice_files()
    assert (synced.offered, synced.added, synced.vanished) == (1, 0, 0)
