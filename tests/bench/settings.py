"""Lectern's settings, with a database that counts what it is asked."""

from config.settings import *  # noqa: F403
from config.settings import DATABASES

assert DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3"
DATABASES["default"]["ENGINE"] = "tests.bench.counted"
