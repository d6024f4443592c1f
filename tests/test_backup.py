"""A backup that is taken while others write, and what comes back of it elsewhere."""

import os
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest
from django.conf import settings as real
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command

from config.backup import backup
from config.health import heartbeats
from config.health.heartbeats import Heartbeat
from reader.models import Block, Document, User
from tests.conftest import make_document
from tests.postgres import Postgres
from tests.reader.conftest import make_sounds
from tests.tts.conftest import run_together
from tts import belonging
from tts.models import AudioVariant

pytestmark = pytest.mark.django_db(transaction=True)

ROOT = Path(__file__).parent.parent
LOOK = """
import django; django.setup()
from reader.models import *; from tts.models import *; from tts import synthesis
from tts.synthesis import checking
from reader.finding.passages import Query, find
alice = User.objects.get(username="alice")
sounds = AudioVariant.objects.filter(status="cached").select_related("voice__speech_model")
assert not any(checking.mend(sound) for sound in sounds)
print(alice.password, alice.documents.get().title, Block.objects.count(),
      len(find(alice.pk, Query.of("the sea"), limit=9)), len(sounds),
      SpeechModel.objects.get(model_slug="tone").api_key)
"""


@pytest.fixture
def full(alice, document, voice, tone_model) -> Document:
    """An installation with a document, its sounds, and a sealed key."""
    belonging.check()
    make_sounds(document, voice)
    tone_model.api_key = "sk-secret"
    tone_model.save()
    return document


def manage(data_dir: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    data_dir.mkdir(exist_ok=True)
    kept = {"DATABASE_URL", "SECRET_KEY", "DATA_DIR", "REDIS_URL"}
    environment = {name: value for name, value in os.environ.items() if name not in kept}
    return subprocess.run(
        [sys.executable, *arguments],
        env={**environment, "DATA_DIR": str(data_dir), **more},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def assert_all_is_there(full: Document, data_dir: Path, **more: str) -> None:
    """An installation elsewhere has the same account, document, index, sounds and sealed key."""
    looked = manage(data_dir, "-c", LOOK, **more)
    sounds = AudioVariant.objects.filter(status="cached").count()
    assert looked.stdout.split("\n")[-2] == (
        f"{full.owner.password} {full.title} {Block.objects.count()} 1 {sounds} sk-secret"
    ), looked.stderr


def test_all_comes_back_in_an_empty_installation_and_plays(full, tmp_path):
    file = tmp_path / "lectern.tgz"
    rows, files = backup(file)
    assert rows > Block.objects.count()
    assert files == 1 + AudioVariant.objects.filter(status="cached").count()
    assert file.stat().st_mode & 0o077 == 0

    elsewhere = tmp_path / "elsewhere"
    restored = manage(elsewhere, "manage.py", "restore", str(file))
    assert restored.returncode == 0, restored.stderr
    assert f"{rows} rows and {files} files are back" in restored.stdout
    assert (elsewhere / "secret_key").read_text() == real.SECRET_KEY
    assert_all_is_there(full, elsewhere)
    again = manage(elsewhere, "manage.py", "restore", str(file))
    assert again.returncode == 1
    assert "This installation is not empty" in again.stderr


@pytest.mark.skipif(
    "sqlite" in real.DATABASES["default"]["ENGINE"], reason="Run by make test-postgres."
)
def test_it_goes_from_one_kind_of_database_to_the_other_and_back(full, tmp_path):
    there, back = tmp_path / "there.tgz", tmp_path / "back.tgz"
    rows, files = backup(there)
    sqlite, postgres = tmp_path / "sqlite", Postgres()
    try:
        restored = manage(sqlite, "manage.py", "restore", str(there))
        assert f"{rows} rows and {files} files are back" in restored.stdout, restored.stderr
        assert manage(sqlite, "manage.py", "backup", str(back)).returncode == 0
        of_postgres = {"DATABASE_URL": postgres.url}
        elsewhere = tmp_path / "postgres"
        restored = manage(elsewhere, "manage.py", "restore", str(back), **of_postgres)
        assert f"{files} files are back" in restored.stdout, restored.stderr
        assert_all_is_there(full, elsewhere, **of_postgres)
    finally:
        postgres.stop()


def test_what_comes_while_a_backup_is_taken_is_not_half_in_it(full, alice, tmp_path, monkeypatch):
    """Rows of one moment: a document that comes meanwhile is not there, nor are its blocks."""
    from config import backup as module

    add_rows, come = module._add_rows, []

    def another_comes(archive, model):
        if not come:
            run_together([lambda: come.append(make_document(alice, "Another text."))])
            assert come  # it had not to wait
        return add_rows(archive, model)

    monkeypatch.setattr(module, "_add_rows", another_comes)
    backup(tmp_path / "b.tgz")
    with tarfile.open(tmp_path / "b.tgz") as archive:
        for table in ("reader.document", "reader.block"):
            rows = archive.extractfile(f"rows/{table}.jsonl").read().decode()
            assert "Another text" not in rows
            assert rows.count("\n") > 0


def test_a_sound_that_is_deleted_meanwhile_is_left_out(full, tmp_path):
    default_storage.delete(str(AudioVariant.objects.filter(status="cached").first().file))
    _, files = backup(tmp_path / "b.tgz")
    assert files == AudioVariant.objects.filter(status="cached").count()


def test_nothing_is_restored_while_it_runs_or_over_what_is_there(full, tmp_path):
    backup(tmp_path / "b.tgz")
    with pytest.raises(CommandError, match="This installation is not empty"):
        call_command("restore", str(tmp_path / "b.tgz"))
    heartbeats.beat(Heartbeat(kind="web", node="web@here"))
    with pytest.raises(CommandError, match=r"Lectern runs \(web\)"):
        call_command("restore", str(tmp_path / "b.tgz"), "--replace")
    assert User.objects.exists()


@pytest.mark.parametrize("content", [b"", b"no archive", None])
def test_what_is_no_backup_is_told(db, tmp_path, content):
    file = tmp_path / "b.tgz"
    if content is None:
        with tarfile.open(file, "w:gz") as archive:
            archive.add(__file__, "something.py")
    else:
        file.write_bytes(content)
    with pytest.raises(CommandError, match="backup"):
        call_command("restore", str(file))


def test_a_backup_does_not_overwrite_a_file(db, tmp_path):
    (tmp_path / "b.tgz").write_text("precious")
    with pytest.raises(CommandError, match="is there already"):
        call_command("backup", str(tmp_path / "b.tgz"))
    assert (tmp_path / "b.tgz").read_text() == "precious"
