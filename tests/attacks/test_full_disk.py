"""A document is brought in where nothing can be kept: told as what it is, nothing left behind."""

from __future__ import annotations

import errno
import os

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage
from django.core.files.uploadedfile import SimpleUploadedFile

from reader.models import Document
from tests.api.conftest import is_problem, program_of
from tests.reader.conftest import stored_files

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("static_files")]

NEW = "/documents/new/"
TEXT = {"text": "A text that finds no room. " * 100}
each_failure = pytest.mark.parametrize(
    ("number", "status", "words"),
    [
        (errno.ENOSPC, 507, "There is no room left"),
        (errno.EDQUOT, 507, "There is no room left"),
        (errno.EROFS, 503, "Lectern cannot write to where it keeps documents"),
        (errno.EACCES, 503, "Lectern cannot write to where it keeps documents"),
        (errno.EIO, 503, "Lectern cannot write to where it keeps documents"),
    ],
)


@pytest.fixture
def break_disk(monkeypatch):
    """Have the disk write the first half of each file, and fail."""
    write = FileSystemStorage._save

    def start(number: int) -> None:
        def fail(self, name, content):
            write(self, name, ContentFile(content.read()[:1000]))
            raise OSError(number, os.strerror(number))

        monkeypatch.setattr(FileSystemStorage, "_save", fail)

    yield start
    assert stored_files() == []
    assert not Document.objects.exists()


@each_failure
def test_a_form_is_told(as_alice, break_disk, number, status, words):
    break_disk(number)
    for data in (TEXT, {"file": SimpleUploadedFile("a.txt", b"Some words. " * 500)}):
        response = as_alice.post(NEW, data)
        assert response.status_code == status
        assert words in response.content.decode()


@each_failure
def test_a_page_is_told(as_alice, break_disk, number, status, words):
    break_disk(number)
    response = as_alice.post(NEW, TEXT, headers={"Accept": "application/json"})
    assert response.status_code == status
    assert response.json()["errors"]["__all__"][0].startswith(words)


@each_failure
def test_a_program_is_told(alice, break_disk, number, status, words):
    program = program_of(alice)
    break_disk(number)
    is_problem(program.post("/documents", TEXT), status, words)


def test_other_failures_are_not_taken_for_it(as_alice, monkeypatch):
    def fail(self, name, content):
        raise ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused")

    monkeypatch.setattr(FileSystemStorage, "_save", fail)
    with pytest.raises(ConnectionRefusedError):
        as_alice.post(NEW, TEXT)
