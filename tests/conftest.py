"""The cast: alice owns a document in a tone, bob must see nothing of it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import setup_databases
from whitenoise.base import WhiteNoise

from reader.ingestion.importing import import_document
from reader.models import Document, User
from reader.services.documents import add_document
from tests import environment, made_once
from tests.speech_server import SpeechServer
from tts.connections import redis_client
from tts.demand import alignments, figures
from tts.models import SpeechModel, Voice
from tts.voices.catalogue import sync_voices

# The key of the speech server: to be seen nowhere but there.
KEY = "sk-lectern-0123456789abcdef"

TEXT = """The first paragraph is about the sea.

The second paragraph is about the land.

* * *

The third paragraph is about the sky.
"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes long, so that processes that share the tests end together."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


@pytest.fixture(scope="session")
def django_db_modify_db_settings() -> None:
    """Have the tests' database be the one that DATABASE_URL names: their real workers use it too.

    No other name for each process of the tests: each has a folder and a server of its own.
    """
    if environment.postgres:
        connection.settings_dict["TEST"]["NAME"] = connection.settings_dict["NAME"]


@pytest.fixture(autouse=True)
def _empty_redis() -> None:
    figures.write()  # what the test before has noted, which would be written a moment later
    alignments.write()
    redis_client().flushall()


@pytest.fixture(autouse=True)
def _own_files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "files"


@pytest.fixture(autouse=True)
def _quick_passwords(settings) -> None:
    """Hash passwords in no time: a slow hash is no concern of any test, and each has its cast."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(scope="session")
def static_files() -> None:
    """Make the hashed static files: a page that names one that is not there fails."""
    made_once.static_files()


@pytest.fixture(scope="session")
def django_db_keepdb() -> bool:
    """Migrate what is there: a database that other tests have migrated. It goes with its folder."""
    return True


@pytest.fixture(scope="session")
def django_db_setup(django_db_modify_db_settings, request) -> None:
    made_once.database(lambda: request.getfixturevalue("_migrated"))


@pytest.fixture(scope="session")
def _migrated(request, django_test_environment, django_db_blocker, django_db_keepdb) -> None:
    with django_db_blocker.unblock():
        setup_databases(verbosity=0, interactive=False, keepdb=django_db_keepdb)


@pytest.fixture(autouse=True, scope="session")
def _static_files_are_listed_once() -> Iterator[None]:
    """Let WhiteNoise list the static files once, not for each client of a test."""
    listed: dict[tuple[str, str, float], dict[str, object]] = {}
    look = WhiteNoise.update_files_dictionary

    def look_once(self: WhiteNoise, root: str, prefix: str) -> None:
        manifest = Path(root) / "staticfiles.json"
        key = (root, prefix, manifest.stat().st_mtime if manifest.exists() else 0)
        if not manifest.exists() or self.files:
            look(self, root, prefix)
        elif key in listed:
            self.files.update(listed[key])
        else:
            look(self, root, prefix)
            listed[key] = dict(self.files)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(WhiteNoise, "update_files_dictionary", look_once)
        yield


@pytest.fixture
def tone_model(db) -> SpeechModel:
    model = SpeechModel.objects.create(model_slug="tone", name="Tone", engine="tone")
    sync_voices(model)
    return model


@pytest.fixture
def empty_pool(transactional_db) -> None:
    """Close what tests before this one have left in this process's pool of PostgreSQL."""
    if connection.vendor == "postgresql":
        connection.close()
        connection.close_pool()


@pytest.fixture
def voice(tone_model, settings) -> Voice:
    settings.DEFAULT_VOICE = "tone/tone-300"
    return Voice.objects.get(voice_slug="tone-300")


@pytest.fixture
def other_voice(tone_model) -> Voice:
    return Voice.objects.get(voice_slug="tone-500")


@pytest.fixture
def server() -> Iterator[SpeechServer]:
    with SpeechServer() as server:
        yield server


@pytest.fixture
def server_model(db, server) -> SpeechModel:
    """The speech model behind the server, with a key and the voices that it lists."""
    model = SpeechModel(
        model_slug="server", name="Server", engine="openai", base_url=server.address,
        engine_model="tones", timeout_seconds=1,
    )  # fmt: skip
    model.api_key = KEY
    model.save()
    sync_voices(model)
    server.requests.clear()
    return model


@pytest.fixture
def alice(db) -> User:
    return User.objects.create_user("alice", password="a-long-password")


@pytest.fixture
def bob(db) -> User:
    return User.objects.create_user("bob", password="b-long-password")


@pytest.fixture
def document(alice, voice) -> Document:
    return make_document(alice, TEXT)


def make_document(owner: User, text: str, title: str = "A document") -> Document:
    """Bring in a document and import it, as a worker would."""
    document = add_document(owner=owner, title=title, text=text)
    import_document(document)
    document.refresh_from_db()
    return document


@pytest.fixture
def as_alice(alice) -> Client:
    client = Client()
    client.force_login(alice)
    return client


@pytest.fixture
def as_bob(bob) -> Client:
    client = Client()
    client.force_login(bob)
    return client
