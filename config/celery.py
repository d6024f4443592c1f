"""The Celery application: ``celery -A config worker`` on any machine is a worker."""

import gc
import os
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

from celery import Celery
from celery.signals import (
    beat_init,
    before_task_publish,
    celeryd_after_setup,
    task_postrun,
    task_prerun,
    worker_init,
    worker_process_init,
    worker_shutdown,
    worker_shutting_down,
)

from tts import heartbeat, memory

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
# Django's checks load every address, and so every view and form, into a process that answers none;
# whoever starts the system has made them.
os.environ.setdefault("CELERY_SKIP_CHECKS", "true")

# Of a database in a file, by each of many threads.
THREAD_CACHE_KB = 500
# So long may what is being made take when a worker ends: less than the supervisor waits.
FINISH_SECONDS = 5.0

app = Celery("lectern", amqp="config.broker:Broker")
app.config_from_object("django.conf:settings", namespace="CELERY")
# Celery would close every connection to the database before and after each task, and a pool with
# it: opening one anew costs more than all queries of a turn.
app.conf["CELERY_DB_REUSE_MAX"] = sys.maxsize
if not (sys.argv[0].endswith("celery") and "beat" in sys.argv):  # it knows tasks by their names
    app.autodiscover_tasks()
    # What brings documents in stands above what the pages ask for.
    app.autodiscover_tasks(["reader"], related_name="folder")
    app.autodiscover_tasks(["reader.subscribing"])


@worker_init.connect
@beat_init.connect
def refuse_to_be_a_stranger(**_: object) -> None:
    """Work on the same database, storage and key as all others, or end with words."""
    from .health import joining  # not before Django is set up

    try:
        joining.join(patience=joining.PATIENCE_SECONDS)
    except joining.CannotJoin as error:
        raise SystemExit(str(error)) from None


@worker_init.connect
def tell_of_progress(**_: object) -> None:
    """Have the worker's own loop beat, and look after the processes of its pool."""
    from .health import pool  # not before Django is set up

    app.steps["consumer"].add(pool.Pulse)
    nice_for_all()


@worker_shutdown.connect
def withdraw(sender: Any, **_: object) -> None:
    """A worker that ends as it was asked to is not missed."""
    from .health import heartbeats

    heartbeats.withdraw(sender.hostname)


@worker_process_init.connect
def take_slot(**_: object) -> None:
    """Give a process of the pool the place where it tells that its work goes on."""
    from billiard import current_process

    process: Any = current_process()
    heartbeat.take_slot(process.index)
    watch_connections()


def watch_connections() -> None:
    """Count queries of this thread as progress: one that only renews a lease is none."""
    from django.db import connections

    for connection in connections.all():
        connection.execute_wrappers.append(query_is_progress)


def query_is_progress(execute: Callable[..., Any], *arguments: Any) -> Any:
    """Count what is asked of the database, and what it answers, as progress of the work."""
    heartbeat.beat_at_least()
    try:
        return execute(*arguments)
    finally:
        heartbeat.beat_at_least()


@task_prerun.connect
def begin(**_: object) -> None:
    if not heartbeat.has_slot() and threading.current_thread() is not threading.main_thread():
        begin_thread()
    heartbeat.beat()


def begin_thread() -> None:
    """Have a thread of a pool of threads tell of its work, and take little memory."""
    from django.db import connection

    heartbeat.take_free_slot()
    watch_connections()
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA cache_size=-{THREAD_CACHE_KB}")


@worker_shutting_down.connect
def hurry(**_: object) -> None:
    """Have turns end with what they are making, and that too if it takes longer."""
    from tts.synthesis import leases, turns

    turns.end()
    last_moment = threading.Timer(FINISH_SECONDS, leases.end_all)
    last_moment.daemon = True
    last_moment.start()


@task_postrun.connect
def end(**_: object) -> None:
    heartbeat.rest()
    if not heartbeat.working():
        memory.give_back()


@before_task_publish.connect
def note_time(headers: dict[str, Any], **_: object) -> None:
    """Write on each message when it was sent: how long does the oldest wait?"""
    headers["sent_at"] = time.time()


def nice_for_all() -> None:
    """Let `nice` count against other processes too.

    The kernel shares the processor between sessions first, and a supervisor gives each process one
    of its own: there the niceness of the session has to be set.
    """
    if os.getsid(0) != os.getpid():
        return  # somebody's terminal, or another's session
    try:
        with open("/proc/self/autogroup", "w") as autogroup:
            autogroup.write(str(os.nice(0)))
    except OSError:
        return  # no such kernel


@celeryd_after_setup.connect
def load_engines(instance: Any, **_: object) -> None:
    """Load the engines of this worker's queues before the pool forks: its processes share them.

    A client library may take seconds to import, a voice takes some fifty megabytes.
    """
    from tts import engines  # not before Django is set up

    engines.load(instance.app.amqp.queues.consume_from)
    # What the collector never looks at is never written to, and so stays shared.
    gc.collect()
    memory.give_back()
    gc.freeze()


@task_prerun.connect
@task_postrun.connect
def close_old_connections(**_: object) -> None:
    """Treat connections to the database as requests do: what is broken or too old is closed."""
    from django.db import close_old_connections

    close_old_connections()
