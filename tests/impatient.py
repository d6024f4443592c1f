"""Lectern's Celery application, which loses its patience with what hangs within seconds."""

from config.celery import app as app
from config.health import pool
from tts import heartbeat

heartbeat.SILENCE_SECONDS = 2.0
pool.DEAF_SECONDS = 2.0
