"""Waiting for a server holds no process: a waiter makes many sounds at once, in threads."""

import os
import signal
from contextlib import contextmanager

import pytest

from tests.speech_server import Answer
from tests.worker import running_worker, wait_until
from tts import synthesis
from tts.models import Status

from .conftest import TEXT, Listener, again, configure

pytestmark = pytest.mark.django_db(transaction=True)

LONG = "A sentence that takes this server all of nine seconds to speak, and " * 2


@contextmanager
def running_waiter(tmp_path, name="waiter", **options):
    with running_worker(
        data_dir=tmp_path,
        tone_log=tmp_path / "tone.log",
        **{"queues": "openai", "concurrency": 16} | options,
        name=name,
        pool="threads",
    ) as waiter:
        yield waiter


@pytest.fixture
def server_model(server_model):
    server_model.timeout_seconds = 20  # however busy the machine is
    server_model.save()
    return server_model


@pytest.fixture
def dog(server_model) -> Listener:
    """Listens to the same server in another voice than the cat."""
    return Listener(server_model.voices.get(voice_slug="500"), "dog")


def made(listener: Listener, *texts: str) -> bool:
    synthesis.recover()  # as beat does
    return {each.status for each in listener.want(*texts)} == {Status.CACHED}


@pytest.mark.parametrize(("most", "at_once"), [("48", range(8, 13)), ("3", [3])])
def test_a_server_without_a_limit_is_asked_for_many_at_once(
    server, server_model, cat, tmp_path, monkeypatch, most, at_once
):
    monkeypatch.setenv("SPEECH_REQUESTS_AT_ONCE", most)
    server.usual = Answer(first_ms=3000)
    texts = [f"Sentence number {n} of twelve." for n in range(12)]
    with running_waiter(tmp_path):
        wait_until(lambda: made(cat, *texts), 60)
    assert server.most_at_once in at_once
    assert len(server.spoken) == 12


@pytest.mark.parametrize("finishes", [False, True])
def test_what_nobody_wants_any_more_makes_room(server, server_model, cat, dog, tmp_path, finishes):
    server_model.concurrency, server_model.finishes = 1, finishes
    server_model.save()
    server.of_text["nine seconds"] = Answer(pace=2)
    with running_waiter(tmp_path):
        (old,) = cat.want(LONG)
        wait_until(lambda: again(old).status == Status.PROCESSING)
        cat.want()
        (new,) = dog.want(TEXT)
        wait_until(lambda: made(dog, TEXT), 30)
    old = again(old)
    if finishes:
        assert (old.status, old.attempt) == (Status.CACHED, 1)
        assert old.changed_at < again(new).changed_at
    else:
        assert (old.status, old.attempt, old.error) == (Status.QUEUED, 0, "")


def test_what_one_of_two_listeners_still_wants_is_made(server, server_model, cat, tmp_path):
    server.usual = Answer(pace=4)
    other = Listener(cat.voice, "other")
    with running_waiter(tmp_path):
        (variant,) = cat.want(LONG)
        other.want(LONG)
        wait_until(lambda: again(variant).status == Status.PROCESSING)
        cat.want()
        wait_until(lambda: again(variant).status == Status.CACHED, 30)
    assert again(variant).attempt == 1


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_what_a_waiter_made_that_ends_is_made_by_another(
    server, server_model, cat, tmp_path, number
):
    server.of_text["nine seconds"] = Answer(pace=1)
    with running_waiter(tmp_path, "one") as one:
        (variant,) = cat.want(LONG)
        wait_until(lambda: again(variant).status == Status.PROCESSING)
        os.kill(one.pid, number)
        wait_until(lambda: one.returncode is not None, 30)
        if number == signal.SIGTERM:
            assert (again(variant).status, again(variant).attempt) == (Status.QUEUED, 0)
    server.of_text.clear()
    with running_waiter(tmp_path, "two"):
        wait_until(lambda: made(cat, LONG), 40)
    assert again(variant).attempt == (1 if number == signal.SIGTERM else 2)


def test_a_thread_that_hangs_ends_its_waiter(ann, model, tmp_path):
    configure(model, first_ms=600_000)
    with running_waiter(tmp_path, app_path="tests.impatient", queues="tone") as waiter:
        (variant,) = ann.want(TEXT)
        wait_until(lambda: waiter.returncode is not None, 30)
        assert waiter.returncode == 70
    configure(model)
    with running_waiter(tmp_path, queues="tone"):
        wait_until(lambda: made(ann, TEXT), 40)  # otherwise configured it is another sound
    assert again(variant).status != Status.CACHED
