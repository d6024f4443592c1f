"""What Celery does to the connections to the database between two tasks."""

import pytest
from celery import current_app, signals
from celery.fixups.django import DjangoWorkerFixup
from django.db import connection

from tts.tasks import take_turn


@pytest.fixture
def between_tasks(monkeypatch):
    """What a worker does before and after each task, its own and ours."""
    for signal in (signals.task_prerun, signals.task_postrun):
        monkeypatch.setattr(signal, "receivers", list(signal.receivers))
    fixup = DjangoWorkerFixup(current_app)
    fixup.install()

    def run():
        signals.task_postrun.send(sender=take_turn)
        signals.task_prerun.send(sender=take_turn)

    yield run
    connection.close()


@pytest.mark.django_db(transaction=True)
def test_a_connection_is_kept_from_one_task_to_the_next(between_tasks):
    connection.ensure_connection()
    kept = connection.connection
    between_tasks()
    assert connection.connection is kept


@pytest.mark.django_db(transaction=True)
def test_a_broken_connection_is_closed_between_two_tasks(between_tasks, monkeypatch):
    connection.ensure_connection()
    monkeypatch.setattr(connection, "is_usable", lambda: False)
    connection.errors_occurred = True
    between_tasks()
    assert connection.connection is None
