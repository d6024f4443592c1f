"""The folder in which everything is kept: nobody else's; if it cannot be used, words say so."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from config.data_dir import Unusable, secured

ROOT = Path(__file__).parent.parent
NOBODY = 65534


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture(autouse=True)
def _own_umask():
    former = os.umask(0o022)
    yield
    os.umask(former)


def test_a_new_folder_and_all_that_is_written_into_it_is_its_owners_alone(tmp_path):
    folder = secured(tmp_path / "a" / "data")
    (folder / "files").mkdir()
    (folder / "files" / "sound").write_text("")
    assert [mode(path) for path in (folder, folder / "files", folder / "files" / "sound")] == [
        0o700,
        0o700,
        0o600,
    ]


def test_what_lies_open_from_before_is_closed(tmp_path):
    folder = tmp_path / "data"
    (folder / "files").mkdir(parents=True)
    for path, rights in (("files/sound", 0o644), ("lectern.sqlite3", 0o666), ("run.sh", 0o755)):
        (folder / path).write_text("")
        (folder / path).chmod(rights)
    (folder / "elsewhere").symlink_to(tmp_path)
    secured(folder)
    assert mode(folder) == mode(folder / "files") == mode(folder / "run.sh") == 0o700
    assert mode(folder / "files/sound") == mode(folder / "lectern.sqlite3") == 0o600
    assert mode(tmp_path) & 0o077 == stat.S_IMODE(tmp_path.stat().st_mode) & 0o077


def test_a_folder_that_is_a_file_is_refused_in_words(tmp_path):
    (tmp_path / "data").write_text("")
    with pytest.raises(Unusable, match=r"cannot be used: File exists\. Everything is kept there"):
        secured(tmp_path / "data")


@pytest.mark.parametrize("command", ["manage.py check", "-m config.run"])
def test_a_folder_in_which_nothing_can_be_written_stops_the_start_in_words(command):
    # The kernel's own folder: not even root can write to it.
    result = subprocess.run(
        [sys.executable, *command.split()],
        env={"PATH": os.environ["PATH"], "DATA_DIR": "/proc/sys/kernel", "PORT": "1"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    said = result.stdout + result.stderr
    assert result.returncode == 1
    assert "DATA_DIR /proc/sys/kernel cannot be used: " in said
    assert "make run DATA_DIR=/some/folder" in said
    assert command != "-m config.run" or "Traceback" not in said
