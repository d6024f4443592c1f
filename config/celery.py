"""The Celery application: ``celery -A config worker`` on any machine is a worker."""

import os

from celery import Celery
from celery.signals import worker_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("lectern")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_init.connect
def load_engines(**_: object) -> None:
    """Import the engines before the pool forks: a client library may take seconds to import."""
    from tts import engines  # not before Django is set up

    engines.load()
