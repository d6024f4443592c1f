"""The watched folder: whole files are taken once, half-copied ones are left."""

import os
import time

import pytest

from reader import folder
from reader.models import Document

pytestmark = pytest.mark.django_db


@pytest.fixture
def inbox(tmp_path, settings, alice):
    settings.IMPORT_FOLDER = str(tmp_path / "in")
    own = tmp_path / "in" / "alice"
    own.mkdir(parents=True)
    return own


def quiet(path) -> None:
    """Let a file have been left alone for a while."""
    earlier = time.time() - 60
    os.utime(path, (earlier, earlier))


def names(path) -> list[str]:
    return sorted(each.name for each in path.rglob("*") if each.is_file())


def test_a_file_is_taken_once_it_has_stopped_growing(inbox, alice):
    file = inbox / "letter.txt"
    file.write_text("Half a sen")
    folder.watch_folder()
    folder.watch_folder()
    assert names(inbox) == ["letter.txt"]  # it was written a moment ago
    quiet(file)
    folder.watch_folder()
    file.write_text("Half a sentence, and the rest.")  # it went on
    quiet(file)
    folder.watch_folder()
    assert not Document.objects.exists()
    folder.watch_folder()
    document = Document.objects.get()
    assert (document.owner, document.source_name) == (alice, "letter.txt")
    assert document.source.open().read() == b"Half a sentence, and the rest."
    assert names(inbox / "done") == ["letter.txt"]
    for _ in range(3):
        folder.watch_folder()
    assert Document.objects.count() == 1


def test_a_copy_that_pauses_is_not_taken_for_a_file(inbox):
    file = inbox / "letter.txt"
    with file.open("w") as copying:
        copying.write("Half a sen")
        copying.flush()
        quiet(file)
        for _ in range(3):  # the line is slow: nothing comes for a minute
            folder.watch_folder()
        assert names(inbox) == ["letter.txt"]
        copying.write("tence, and the rest.")
    quiet(file)
    folder.watch_folder()
    folder.watch_folder()
    assert Document.objects.get().source.open().read() == b"Half a sentence, and the rest."
    assert names(inbox) == ["letter.txt"]


def test_what_is_no_whole_file_of_a_person_is_left(inbox, tmp_path):
    outside = tmp_path / "secret.txt"
    outside.write_text("Not to be read.")
    (inbox / "link.txt").symlink_to(outside)
    (inbox.parent / "nobody").mkdir()
    for path in (
        inbox / "book.epub.part", inbox / ".hidden.txt", inbox / "x.crdownload",
        inbox.parent / "nobody" / "a.txt", inbox.parent / "b.txt",
    ):  # fmt: skip
        path.write_text("Some words.")
        quiet(path)
    for _ in range(3):
        folder.watch_folder()
    assert not Document.objects.exists()
    assert (inbox / "link.txt").is_symlink()


def test_what_cannot_be_read_says_why(inbox):
    file = inbox / "broken.pdf"
    file.write_bytes(b"no pdf at all")
    quiet(file)
    folder.watch_folder()
    folder.watch_folder()
    assert names(inbox) == ["broken.pdf", "broken.pdf.why.txt"]
    assert ".pdf" in (inbox / "failed" / "broken.pdf.why.txt").read_text()
    assert not Document.objects.exists()


def test_nothing_is_watched_unless_it_is_set(inbox, settings):
    settings.IMPORT_FOLDER = ""
    folder.watch_folder()
    assert names(inbox) == []
