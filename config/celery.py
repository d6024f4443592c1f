"""The Celery application: ``celery -A config worker`` on any machine is a worker."""

import os
import sys

from celery import Celery
from celery.signals import task_postrun, task_prerun, worker_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("lectern")
app.config_from_object("django.conf:settings", namespace="CELERY")
# Celery would close every connection to the database before and after each task, and a pool with
# it: opening one anew costs more than all queries of a turn.
app.conf["CELERY_DB_REUSE_MAX"] = sys.maxsize
app.autodiscover_tasks()


@worker_init.connect
def load_engines(**_: object) -> None:
    """Import the engines before the pool forks: a client library may take seconds to import."""
    from tts import engines  # not before Django is set up

    engines.load()


@task_prerun.connect
@task_postrun.connect
def close_old_connections(**_: object) -> None:
    """Treat connections to the database as requests do: what is broken or too old is closed."""
    from django.db import close_old_connections

    close_old_connections()
