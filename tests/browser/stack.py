"""The whole system as `make run` starts it, with a database and files of its own."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from functools import cached_property
from pathlib import Path

from django.conf import settings
from django.contrib.auth.hashers import make_password

from tests import made_once, oidc_provider

ROOT = Path(__file__).parent.parent.parent
READY_WITHIN_SECONDS = 300
PASSWORD = "a-long-password"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(condition: Callable[[], object], seconds: float, what: str) -> object:
    """Return what the condition returns once that is true."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if value := condition():
            return value
        time.sleep(0.05)
    raise AssertionError(f"within {seconds:g} s: {what}")


class Stack:
    """The supervisor and its processes; people, voices and documents for the tests."""

    def __init__(self, data_dir: Path, **variables: str) -> None:
        self.data_dir = data_dir
        self.variables = variables
        self.port = free_port()
        self.mail_port, self.provider_port = free_port(), free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.tone_log = data_dir / "tone.jsonl"
        self.output = data_dir / "output.log"
        self.database = data_dir / "lectern.sqlite3"

    def start(self) -> None:
        self.data_dir.mkdir(parents=True, exist_ok=True)
        self.tone_log.touch()
        if not self.database.exists():
            made_once.static_files(self.data_dir / "static")
            made_once.migrated_database(self.database)
        inherited = {
            name: value
            for name, value in os.environ.items()
            if name not in {"REDIS_URL", "DATABASE_URL"}
        }
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "config.run"],
                cwd=ROOT,
                env={
                    **inherited,
                    "MAKELEVEL": "1",  # so that it ends when this process does, however that ends
                    "DATA_DIR": str(self.data_dir),
                    "PORT": str(self.port),
                    "SPEECH_ENGINES": "tone=tests.tone.ToneEngine",
                    # Keys that the tests seal are read by its workers.
                    "SECRET_KEY": settings.SECRET_KEY,
                    "TONE_LOG": str(self.tone_log),
                    "EMAIL_URL": f"smtp://127.0.0.1:{self.mail_port}",
                    "OIDC_SERVER_URL": f"http://127.0.0.1:{self.provider_port}",
                    "OIDC_CLIENT_ID": oidc_provider.CLIENT_ID,
                    "OIDC_CLIENT_SECRET": oidc_provider.CLIENT_SECRET,
                    "OIDC_NAME": "the works",
                    "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
                    **self.variables,
                },
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        wait_for(self._is_ready, READY_WITHIN_SECONDS, "the system is ready")

    def stop(self) -> None:
        self.process.send_signal(signal.SIGINT)
        self.process.wait(30)

    def _is_ready(self) -> bool:
        assert self.process.poll() is None, self.output.read_text()
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            return opener.open(f"{self.url}/readyz", timeout=5).status == 200
        except OSError:
            return False

    # --- what is in it ----------------------------------------------------------------------

    def person(self) -> str:
        from reader.models import User

        name = f"person-{uuid.uuid4().hex[:8]}"
        User.objects.create(username=name, password=self._password)
        return name

    def hears(self, person: str, model_slug: str, voice_slug: str) -> None:
        """Have a person hear everything in this voice."""
        from reader.models import User
        from tts.models import Voice

        voice = Voice.objects.by_slugs(model_slug, voice_slug).get()
        User.objects.filter(username=person).update(voice=voice)

    @cached_property
    def _password(self) -> str:
        """Hash it once for all: that takes long, as it should."""
        return make_password(PASSWORD)

    def tones(self, **parameters: object) -> str:
        """Add a speech model of the tone engine with its voices; return its slug."""
        from tts.models import SpeechModel
        from tts.voices.catalogue import sync_voices

        slug = f"tone-{uuid.uuid4().hex[:8]}"
        model = SpeechModel.objects.create(
            model_slug=slug, name=slug, engine="tone", parameters=parameters
        )
        sync_voices(model)
        return slug

    def server(self, address: str, **fields: object) -> str:
        """Add a speech model behind a server, with a key and its voices; return its slug."""
        from tests.conftest import KEY
        from tts.models import SpeechModel
        from tts.voices.catalogue import sync_voices

        slug = f"server-{uuid.uuid4().hex[:8]}"
        model = SpeechModel(
            model_slug=slug, name="At home", engine="openai", base_url=address, **fields
        )
        model.api_key = KEY
        model.save()
        sync_voices(model)
        return slug

    def prefer(self, person: str, model_slug: str, voice_slug: str, **preferences: object) -> None:
        from reader.models import User
        from tts.models import Voice

        voice = Voice.objects.by_slugs(model_slug, voice_slug).get()
        User.objects.filter(username=person).update(voice=voice, **preferences)

    def document(
        self, person: str, text: str, title: str = "A document", kind: str = "text"
    ) -> str:
        """Add a document, imported; return its uuid."""
        from django.core.files.base import ContentFile

        from reader.ingestion.importing import import_document
        from reader.models import Document, User

        document = Document(owner=User.objects.get(username=person), title=title, kind=kind)
        document.source.save(f"{document.uuid.hex}.txt", ContentFile(text.encode()), save=True)
        import_document(document)
        return str(document.uuid)

    def spoken(self) -> list[dict[str, object]]:
        """Return what the tone engine was asked for, in order."""
        return [json.loads(line) for line in self.tone_log.read_text().splitlines()]

    # --- its processes ----------------------------------------------------------------------

    def pid(self, name: str) -> int:
        """Return the process that the supervisor started last under this name."""
        patterns = {"web": "daphne", "worker": "speech@", "jobs": "jobs@", "redis": "redis-server"}
        for pid in children(self.process.pid):
            command = command_of(pid)
            if patterns[name] in command:
                return pid
        raise AssertionError(f"{name} does not run")

    def pool_children(self) -> list[int]:
        return list(children(self.pid("worker")))


def children(pid: int) -> Iterator[int]:
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            stat = (entry / "stat").read_text()
        except OSError:
            continue
        if int(re.sub(r".*\) \S ", "", stat, count=1).split()[0]) == pid:
            yield int(entry.name)


def command_of(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    except OSError:
        return ""
