"""Database, storage, Redis and key belong together: who has another one of them is refused."""

import os
import subprocess
import sys

import pytest
from django.conf import settings as real

from tts import belonging
from tts.connections import redis_client
from tts.models import Installation

pytestmark = pytest.mark.django_db(transaction=True)


def test_all_that_share_everything_are_let_in():
    first = belonging.check()
    assert belonging.check() == first
    assert Installation.objects.count() == 1


@pytest.mark.parametrize("other", ["empty", "of another installation"])
def test_another_storage_is_refused(settings, tmp_path, other, monkeypatch):
    monkeypatch.setattr(belonging, "MARKED_SECONDS", 0.1)
    belonging.check()
    settings.MEDIA_ROOT = tmp_path / "other"
    if other != "empty":
        settings.MEDIA_ROOT.mkdir()
        (settings.MEDIA_ROOT / belonging.MARKER).write_text("another\n")
    with pytest.raises(belonging.Stranger, match=r"The storage in .*/other is not the one"):
        belonging.check()
    belonging.claim()
    belonging.check()


def test_another_database_on_the_same_redis_is_refused(settings, tmp_path):
    belonging.check()
    Installation.objects.all().delete()  # as another database has none of its name
    settings.MEDIA_ROOT = tmp_path / "other"
    with pytest.raises(belonging.Stranger, match="This Redis is used by another installation"):
        belonging.check()
    belonging.claim()
    belonging.check()


def test_a_redis_that_forgot_everything_is_no_strangers():
    belonging.check()
    redis_client().flushall()
    belonging.check()


def test_another_key_is_refused_unless_the_former_one_is_named(settings):
    former = settings.SECRET_KEY
    belonging.check()
    settings.SECRET_KEY = "another"
    with pytest.raises(belonging.Stranger, match="SECRET_KEY is not the one"):
        belonging.check()
    settings.SECRET_KEY_FALLBACKS = [former]
    belonging.check()
    settings.SECRET_KEY_FALLBACKS = []  # it was noted that this is the key now
    belonging.check()


@pytest.mark.parametrize(
    "command",
    [
        "-m celery -A config worker -Q tone --concurrency 1",
        "-m celery -A config beat --pidfile= --schedule {folder}/schedule",
        "-m daphne -p 0 config.asgi:application",
    ],
)
def test_a_process_with_another_folder_ends_in_words(tmp_path, command):
    belonging.check()
    result = subprocess.run(
        [sys.executable, *command.format(folder=tmp_path).split()],
        env={**os.environ, "DATA_DIR": str(tmp_path / "b"), "SECRET_KEY": real.SECRET_KEY},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert result.returncode == 1
    assert f"The storage in {tmp_path}/b/files is not the one" in result.stderr
