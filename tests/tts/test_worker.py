"""A real worker process makes what is wanted: once, whatever is delivered twice or killed."""

import json

import pytest
from django.core.files.storage import default_storage

from tests.worker import running_worker, wait_until
from tts import synthesis
from tts.models import AudioVariant, SpeechModel, Status

from .conftest import Listener, turns

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def log(tmp_path):
    """What the engine in the worker began and finished, as (what, text)."""

    def lines() -> list[tuple[str, str]]:
        path = tmp_path / "tone.log"
        text = path.read_text() if path.exists() else ""
        return [(line["what"], line["text"]) for line in map(json.loads, text.splitlines())]

    return lines


@pytest.fixture(params=["prefork", "threads"])
def worker(tmp_path, request):
    # MEDIA_ROOT of these tests is the folder "files" in it, as it is in every DATA_DIR.
    log = tmp_path / "tone.log"
    with running_worker(data_dir=tmp_path, tone_log=log, pool=request.param) as worker:
        yield worker


def configure(model: SpeechModel, **parameters) -> None:
    model.parameters = parameters
    model.save()


def count(status: Status) -> int:
    return AudioVariant.objects.filter(status=status).count()


def test_what_is_wanted_is_made(ann, worker):
    variants = ann.want("One.", "Two.", "Three.")
    wait_until(lambda: count(Status.CACHED) == len(variants))
    for variant in AudioVariant.objects.all():
        assert default_storage.size(variant.file.name) == variant.bytes
        assert variant.attempt == 1


def test_a_task_delivered_twice_makes_it_once(ann, model, worker, log):
    ann.want("A sentence.")
    for _ in range(5):
        synthesis.send_turn(model)
    wait_until(lambda: count(Status.CACHED) == 1)
    wait_until(lambda: turns() == 0)
    ann.want("Another sentence.")  # when this one is made, all turns before it are over
    wait_until(lambda: count(Status.CACHED) == 2)
    assert sorted(log()) == [
        ("begun", "A sentence."),
        ("begun", "Another sentence."),
        ("done", "A sentence."),
        ("done", "Another sentence."),
    ]


@pytest.mark.parametrize("worker", ["prefork"], indirect=True)
def test_a_killed_pool_child_leaves_its_sound_to_the_next_attempt(ann, model, worker, log):
    configure(model, first_ms=1_500)
    (variant,) = ann.want("A sentence.")
    wait_until(lambda: ("begun", "A sentence.") in log())
    worker.kill_pool_children()

    def is_cached() -> bool:
        synthesis.recover()  # as beat does
        ann.want("A sentence.")  # as a session does
        return count(Status.CACHED) == 1

    wait_until(is_cached, 30)
    variant.refresh_from_db()
    assert variant.attempt == 2
    assert AudioVariant.objects.count() == 1
    assert log() == [
        ("begun", "A sentence."),
        ("begun", "A sentence."),
        ("done", "A sentence."),
    ]


def test_after_a_change_of_voice_only_what_was_begun_is_made(ann, model, other_voice, worker, log):
    configure(model, first_ms=300)
    ann.voice.refresh_from_db()
    other_voice.refresh_from_db()
    old = [f"Block number {n}." for n in range(20)]
    ann.want(*old)
    wait_until(lambda: len(log()) >= 1)
    ann.want()
    begun = [text for what, text in log() if what == "begun"]
    Listener(other_voice, "ann").want("In the new voice.")
    wait_until(lambda: ("done", "In the new voice.") in log())
    wait_until(lambda: turns() == 0 and count(Status.PROCESSING) == 0)
    made = [text for what, text in log() if what == "begun" and text in old]
    assert set(begun) <= set(made)
    # Two processes: what they had taken up by then, and none of the others.
    assert len(made) <= 2
    assert set(made) == set(old[: len(made)])
    assert count(Status.QUEUED) == 20 - len(made)
