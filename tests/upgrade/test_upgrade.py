"""A database that version 0.1 made is migrated, and all that was in it is there.

``0.1.sql`` is what that version wrote for a person who had read a document halfway, marked a
passage, taught it a word, and connected a speech server.
"""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests import environment

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
LOOK = """
import json, django
django.setup()
from django.test import Client
from reader.models import Document, User
from reader.services import finding
from tts.models import AudioVariant, SpeechModel

alice = User.objects.get(username="alice")
document = alice.documents.get()
client = Client(SERVER_NAME="localhost")
page = client.get("/accounts/login/")
signed_in = client.post("/accounts/login/", {"username": "alice", "password": "three quiet rivers"})
library, reading = client.get("/"), client.get(f"/documents/{document.uuid}/")
position = alice.positions.get()
print(json.dumps({
    "signed_in": signed_in.status_code,
    "library": document.title in library.content.decode(),
    "reading": [reading.status_code, "lighthouse stands" in reading.content.decode()],
    "voice": alice.voice.voice_slug,
    "speed": alice.speed,
    "position": [position.block_idx, position.offset_ms],
    "note": list(alice.annotations.values_list("quote", "note")),
    "lexicon": list(alice.lexicon.values_list("word", "say")),
    "sounds": AudioVariant.objects.filter(status="cached", marks_source="engine").count(),
    "key": SpeechModel.objects.get(model_slug="server").api_key,
    "is_staff": User.objects.get(username="bob").is_staff,
    "found": "lighthouse</mark> stands" in client.get("/", {"q": "lighthous"}).content.decode(),
}, default=str))
"""


@pytest.fixture
def old_installation(tmp_path) -> dict[str, str]:
    """The environment of an installation whose database version 0.1 made."""
    database = tmp_path / "db.sqlite3"
    with sqlite3.connect(database) as connection:
        connection.executescript((HERE / "0.1.sql").read_text())
    connection.close()
    return {
        **{name: value for name, value in os.environ.items() if name != "SPEECH_ENGINES"},
        "DATABASE_URL": f"sqlite:///{database}",
        "DATA_DIR": str(tmp_path / "data"),
        "REDIS_URL": f"unix://{environment.SOCKET}",
        "SECRET_KEY": "the key of the installation of version 0.1, which is fifty characters long",
        "LOG_LEVEL": "ERROR",
    }


def run(installation: dict[str, str], *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, *arguments], env=installation, cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_all_that_was_there_is_there_after_an_upgrade(old_installation):
    run(old_installation, "manage.py", "migrate", "--verbosity", "0")
    run(old_installation, "manage.py", "collectstatic", "--noinput", "--verbosity", "0")
    run(old_installation, "manage.py", "prepare")
    assert json.loads(run(old_installation, "-c", LOOK).splitlines()[-1]) == {
        "signed_in": 302,
        "library": True,
        "reading": [200, True],
        "voice": "en-us",
        "speed": 1.25,
        "position": [2, 700],
        "note": [["lighthouse", "It was white."]],
        "lexicon": [["pier", "peer"]],
        "sounds": 5,
        "key": "sk-of-version-0.1",
        "is_staff": True,
        "found": True,
    }


def test_an_upgrade_that_was_done_is_done(old_installation):
    run(old_installation, "manage.py", "migrate", "--verbosity", "0")
    assert "No migrations to apply" in run(old_installation, "manage.py", "migrate")
