"""Is it alive, can it do its work: told to whoever asks, and nothing besides."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager

import pytest
from django.conf import settings

from config.health import checks, heartbeats, views
from config.health.heartbeats import KEY, Heartbeat
from tests.environment import start_redis
from tests.worker import running_worker, wait_until
from tts.connections import redis_client

pytestmark = pytest.mark.usefixtures("static_files")

TRUTH_WITHIN_SECONDS = 15
EVERY_QUEUE = ["jobs", "alignment", "preparation", "upkeep", "tone", "espeak", "openai"]


@pytest.fixture(autouse=True)
def _look_anew():
    views.forget()
    yield
    views.forget()


@pytest.fixture
def no_redis(settings):
    """The Redis that the settings name is one that is not there."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and does not listen
        settings.REDIS_URL = f"redis://127.0.0.1:{taken.getsockname()[1]}/0"
        redis_client.cache_clear()
        yield
    redis_client.cache_clear()


@pytest.fixture
def workers():
    """Heartbeats of every kind of process, as if all of them had just beaten."""
    for kind, queues in {"beat": [], "speech": ["tone"], "jobs": EVERY_QUEUE}.items():
        heartbeats.beat(Heartbeat(kind=kind, node=f"{kind}@here", queues=queues))


def ready(client):
    views.forget()
    response = client.get("/readyz")
    answer = response.json()
    failing = [name for name, ok in answer.items() if ok is False]
    assert response.status_code == (503 if failing else 200)
    return failing


def words(client, part):
    return client.get("/readyz").json()["details"][part]["words"]


@contextmanager
def running_beat(tmp_path):
    schedule = tmp_path / "schedule"
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "celery", "-A", "config", "--quiet", "beat"),
            *("--schedule", str(schedule), "--pidfile="),
        ],
        # The storage of the workers beside it: whoever has another one is refused.
        env={**os.environ, "DATA_DIR": str(tmp_path), "SECRET_KEY": settings.SECRET_KEY},
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def test_it_is_alive_for_whoever_asks_even_without_database_and_redis(client, no_redis):
    response = client.get("/healthz")
    assert (response.status_code, response.content) == (200, b"ok\n")
    assert "no-store" in response.headers["Cache-Control"]


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
def test_each_process_is_told_to_be_in_order_and_within_seconds_when_it_no_longer_is(
    client, tmp_path
):
    folders = {"data_dir": tmp_path, "tone_log": tmp_path / "log", "concurrency": 1}
    with (
        running_beat(tmp_path) as beat,
        running_worker(**folders, name="speech", queues="tone,espeak") as speech,
        running_worker(**folders, name="waiter", queues="openai", pool="threads") as waiter,
        running_worker(**folders, name="jobs", queues=",".join(EVERY_QUEUE[:4])) as jobs,
    ):
        wait_until(lambda: ready(client) == [])
        assert "no-store" in client.get("/readyz").headers["Cache-Control"]

        for process, kind in (
            (speech, "speech"),
            (waiter, "waiter"),
            (jobs, "jobs"),
            (beat, "beat"),
        ):
            os.kill(process.pid, signal.SIGSTOP)
            wait_until(lambda kind=kind: ready(client) == ["workers", kind], TRUTH_WITHIN_SECONDS)
            assert "None has made progress for" in words(client, kind)
            os.kill(process.pid, signal.SIGCONT)
            wait_until(lambda: ready(client) == [], TRUTH_WITHIN_SECONDS)


@pytest.mark.django_db
def test_it_is_not_ready_without_a_worker(client):
    assert ready(client) == ["workers", "beat"]
    assert words(client, "beat") == "None was ever heard of."


@pytest.mark.django_db
def test_it_is_not_ready_when_nobody_takes_from_a_queue(client, workers, tone_model):
    assert ready(client) == []
    heartbeats.withdraw("jobs@here")
    assert ready(client) == ["workers"]
    assert words(client, "workers") == (
        "No worker takes from the queue alignment, jobs, preparation, upkeep."
    )


@pytest.mark.django_db
def test_one_of_two_processes_of_a_kind_is_enough(client, workers):
    heartbeats.beat(Heartbeat(kind="speech", node="speech@there", queues=["tone"]))
    age("speech@here", 60)
    assert ready(client) == []
    age("speech@there", 60)
    assert ready(client) == ["workers", "speech"]


@pytest.mark.django_db
def test_what_has_not_been_heard_of_for_an_hour_is_forgotten(client, workers):
    heartbeats.beat(Heartbeat(kind="former", node="former@here"))
    age("former@here", 3000)
    assert ready(client) == ["workers", "former"]
    age("former@here", 1000)
    assert ready(client) == []


@pytest.mark.django_db
def test_the_queues_are_told_with_what_has_waited_longest(client, workers):
    from celery import current_app

    current_app.send_task("tts.tasks.take_turn", args=[0], queue="tone")
    time.sleep(0.3)
    current_app.send_task("tts.tasks.take_turn", args=[0], queue="tone")
    views.forget()
    waiting = client.get("/readyz").json()["details"]["queues"]["tone"]
    assert waiting["length"] == 2
    assert 0.3 <= waiting["oldest_seconds"] < 5


@pytest.mark.django_db
def test_it_is_not_ready_without_its_redis(client, no_redis):
    assert ready(client) == ["redis", "workers"]
    assert words(client, "workers") == "Their heartbeats are in Redis, which does not answer."


@pytest.mark.django_db
def test_it_is_ready_again_after_redis_was_restarted(client, settings, tmp_path):
    socket_path = tmp_path / "r.sock"
    settings.REDIS_URL = f"unix://{socket_path}"
    redis_client.cache_clear()
    redis = start_redis(socket_path)
    try:
        beat_all()
        assert ready(client) == []
        redis.kill()
        redis.wait()
        assert ready(client) == ["redis", "workers"]
        redis = start_redis(socket_path)
        beat_all()
        assert ready(client) == []
    finally:
        redis.kill()
        redis.wait()
        redis_client.cache_clear()


def beat_all():
    for kind in ("beat", "all"):
        heartbeats.beat(Heartbeat(kind=kind, node=f"{kind}@here", queues=EVERY_QUEUE))


@pytest.mark.django_db
@pytest.mark.parametrize("folder", ["audio", "uploads", "pictures"])
def test_it_is_not_ready_when_something_cannot_be_kept(client, settings, workers, folder):
    assert ready(client) == []
    shutil.rmtree(settings.MEDIA_ROOT / folder)
    (settings.MEDIA_ROOT / folder).write_text("in the way")
    assert ready(client) == ["storage"]
    assert words(client, "storage").startswith(f"Nothing can be kept in {folder}: ")


@pytest.mark.django_db
def test_looking_leaves_no_file_behind(client, settings, workers):
    ready(client)
    assert [path for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()] == []


@pytest.mark.django_db
def test_what_the_supervisor_holds_back_is_told(client, workers, monkeypatch):
    held = checks.Told("worker", False, "ended with exit code 3; it is held back.", 6)
    monkeypatch.setattr(checks, "told", lambda: [held])
    assert ready(client) == ["processes"]
    assert words(client, "processes") == "worker ended with exit code 3; it is held back."


def test_it_is_not_ready_without_its_database(client):
    # This test may not use the database: pytest-django raises in the place of a broken one.
    assert "database" in ready(client)


def test_nothing_can_be_posted_to_it(client):
    assert client.post("/healthz").status_code == 405
    assert client.post("/readyz").status_code == 405


def age(node, seconds):
    """Make a heartbeat so much older."""
    import json

    told = json.loads(redis_client().hget(KEY, node))
    told["at"] -= seconds
    redis_client().hset(KEY, node, json.dumps(told))
