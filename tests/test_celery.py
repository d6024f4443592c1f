"""What Celery does to connections to the database between two tasks, and when clocks are set."""

import json
import time
from datetime import timedelta
from functools import partial
from types import SimpleNamespace

import psycopg
import pytest
from billiard.exceptions import SoftTimeLimitExceeded
from celery import current_app, signals
from celery.fixups.django import DjangoWorkerFixup
from django.conf import settings
from django.db import connection

from config.broker import RECONNECT_SECONDS
from config.health.clock import BeatingScheduler
from reader import tasks
from reader.tasks import do_all
from tests.postgres import free_port
from tts import synthesis
from tts.connections import redis_client
from tts.tasks import take_turn

TURNS = 20
# Its first one is waited for, and so it opens another; they are lent in turn.
OF_A_POOL = 3


@pytest.fixture
def between_tasks(monkeypatch):
    """What a worker does before and after each task, its own and ours."""
    for signal in (signals.task_prerun, signals.task_postrun):
        monkeypatch.setattr(signal, "receivers", list(signal.receivers))
    fixup = DjangoWorkerFixup(current_app)
    fixup.worker = SimpleNamespace(pool_cls="prefork")
    fixup.install()

    def run():
        signals.task_postrun.send(sender=take_turn)
        signals.task_prerun.send(sender=take_turn)

    yield run
    connection.close()


@pytest.mark.django_db(transaction=True)
def test_connections_are_kept_from_one_task_to_the_next(empty_pool, between_tasks):
    used = set()
    for _ in range(TURNS):
        used.add(opened())
        between_tasks()
    assert len(used) <= (1 if connection.vendor == "sqlite" else OF_A_POOL)


def opened() -> object:
    """Return what tells the open connection from others: of a pool's, who serves it."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            return connection.connection
        cursor.execute("SELECT pg_backend_pid()")
        return cursor.fetchone()


@pytest.mark.django_db(transaction=True)
def test_a_broken_connection_is_closed_between_two_tasks(between_tasks, monkeypatch):
    connection.ensure_connection()
    monkeypatch.setattr(connection, "is_usable", lambda: False)
    connection.errors_occurred = True
    between_tasks()
    assert connection.connection is None


@pytest.mark.skipif(
    "sqlite" in settings.DATABASES["default"]["ENGINE"], reason="Run by make test-postgres."
)
@pytest.mark.django_db(transaction=True)
def test_a_connection_that_the_server_ended_is_not_lent_again(between_tasks):
    ended = opened()
    with psycopg.connect(settings.DATABASE_URL) as other:
        other.execute("SELECT pg_terminate_backend(%s)", ended)
    for _ in range(2 * OF_A_POOL):
        between_tasks()
        assert opened() != ended


@pytest.mark.parametrize("ahead", [3600, 0])
def test_beat_goes_on_when_its_clock_is_put_right(tmp_path, ahead):
    """What is due is due, though it last ran in what is the future now."""
    scheduler = BeatingScheduler(
        app=current_app._get_current_object(), schedule_filename=str(tmp_path / "schedule")
    )
    for entry in scheduler.schedule.values():
        entry.last_run_at = entry.default_now() + timedelta(seconds=ahead)
    deadline = time.monotonic() + 20
    while not redis_client().llen("upkeep"):
        assert time.monotonic() < deadline
        time.sleep(max(0.0, min(scheduler.tick(), 0.2)))
    scheduler.close()


def test_beat_goes_on_when_its_clock_is_set_back_while_it_runs(tmp_path, monkeypatch):
    scheduler = BeatingScheduler(
        app=current_app._get_current_object(), schedule_filename=str(tmp_path / "schedule")
    )
    scheduler.tick()
    for entry in scheduler.schedule.values():
        entry.last_run_at = entry.default_now() + timedelta(hours=1)
    scheduler._heap = [event._replace(time=event.time + 3600) for event in scheduler._heap]
    epoch = scheduler._epoch
    scheduler._epoch = epoch + 3600
    deadline = time.monotonic() + 20
    while not redis_client().llen("upkeep"):
        assert time.monotonic() < deadline
        time.sleep(max(0.0, min(scheduler.tick(), 0.2)))
    scheduler.close()


def test_beat_rests_until_something_is_due(tmp_path):
    """It looked without a pause for the last hundredth of a second before, and told each time."""
    scheduler = BeatingScheduler(
        app=current_app._get_current_object(), schedule_filename=str(tmp_path / "schedule")
    )
    looks, over = 0, time.monotonic() + 3
    redis_client().config_resetstat()
    while time.monotonic() < over:
        rest = scheduler.tick()
        assert rest == 0 or rest >= 0.01
        looks += 1
        time.sleep(min(rest, 0.2))
    told = redis_client().info("commandstats")["cmdstat_hset"]["calls"]
    scheduler.close()
    assert 1 <= told <= 4
    assert looks < 150


def test_what_still_waits_for_a_worker_is_not_sent_again_and_never_expires(tmp_path):
    """However long the workers are away, and whatever their clocks say when they are back."""
    scheduler = BeatingScheduler(
        app=current_app._get_current_object(), schedule_filename=str(tmp_path / "schedule")
    )
    for _ in range(3):
        for entry in scheduler.schedule.values():
            entry.last_run_at = entry.default_now() - timedelta(days=1)
        scheduler._heap = None
        for _ in scheduler.schedule:
            scheduler.tick()
    scheduler.close()
    messages = [json.loads(message) for message in redis_client().lrange("upkeep", 0, -1)]
    sent = [message["headers"]["task"] for message in messages]
    assert sorted(sent) == sorted(
        {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    )
    assert {message["headers"]["expires"] for message in messages} == {None}


def test_all_that_is_to_be_looked_after_is_a_task():
    assert set(settings.UPKEEP_SECONDS) <= set(current_app.tasks)


def test_one_message_looks_after_all_that_may_be_lost(monkeypatch):
    looked = []
    for owner, name in (
        (synthesis, "recover"),
        (tasks.growing, "look_after"),
        (tasks.tts_tasks, "resume_downloads"),
        (tasks, "resume_imports"),
        (tasks, "resume_rereading"),
        (tasks, "resume_preparations"),
        (tasks, "resume_exports"),
        (tasks, "resume_speaking"),
    ):
        monkeypatch.setattr(owner, name, partial(looked.append, name))
    tasks.look_after()
    assert looked == ["recover", "look_after"]
    tasks.resume()
    assert sorted(looked[2:]) == [
        "resume_downloads", "resume_exports", "resume_imports", "resume_preparations",
        "resume_rereading", "resume_speaking",
    ]  # fmt: skip


def test_who_has_no_time_left_looks_after_nothing_else():
    def take_too_long():
        raise SoftTimeLimitExceeded

    done = []
    with pytest.raises(SoftTimeLimitExceeded):
        do_all(take_too_long, lambda: done.append("second"))
    assert not done


def test_what_fails_keeps_nothing_else_from_being_looked_after():
    done = []

    def fail():
        raise OSError("the first")

    with pytest.raises(ExceptionGroup) as failed:
        do_all(fail, lambda: done.append("second"), fail, lambda: done.append("fourth"))
    assert done == ["second", "fourth"]
    assert [str(failure) for failure in failed.value.exceptions] == ["the first"] * 2


class Enough(Exception):
    """What ends an attempt that would go on for ever."""


def test_a_lost_line_is_tried_again_after_pauses_that_do_not_grow():
    pauses = []

    def note(error, pause):
        pauses.append(pause)
        if len(pauses) == 3:
            raise Enough

    line = current_app.connection_for_write(url=f"redis://127.0.0.1:{free_port()}/0")
    with pytest.raises(Enough):
        line.ensure_connection(note, None, callback=lambda: None)
    assert pauses == [RECONNECT_SECONDS] * 3
