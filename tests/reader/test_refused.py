"""What is refused, in words."""

import os
import socket
import subprocess
import sys

import pytest
from django.db import IntegrityError
from django.test import Client

from reader.models import Document
from reader.services.documents import add_document
from tests.conftest import TEXT

from .bringing_in import NEW, assert_nothing_stays, assert_refused, upload

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("static_files")]


@pytest.mark.parametrize("text", ["", " ", "\n\t \r\n", "\u200b\ufeff", "\u3000\u2003"])
def test_an_empty_text_is_refused_in_words(as_alice, text):
    assert_refused(as_alice.post(NEW, {"text": text}))


@pytest.mark.parametrize("text", ["...", "* * *", "— — —", "?!", "🎉🎉", "_____"])
def test_a_text_without_words_is_refused_in_words(as_alice, text):
    assert_refused(as_alice.post(NEW, {"text": text}), "no words")


@pytest.mark.parametrize("content", [b"", b"   \n\n  ", b"\xef\xbb\xbf"])
def test_an_empty_file_is_refused_in_words(as_alice, content):
    assert_refused(as_alice.post(NEW, upload(content)), "empty")


@pytest.mark.parametrize("content", [b"...", b"* * *\n\n* * *", b"\xff\xfe", b"\x01\x02"])
def test_a_file_without_words_is_refused_in_words(as_alice, content):
    assert_refused(as_alice.post(NEW, upload(content)))


@pytest.mark.parametrize(
    "content",
    [
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
        b"\x7fELF\x02\x01\x01" + bytes(64),
        bytes(range(256)) * 64,
        os.urandom(20_000),
        bytes(5_000),
    ],
    ids=["png", "elf", "every byte", "random", "zeros"],
)
def test_a_binary_file_called_txt_is_refused_in_words(as_alice, content):
    assert_refused(as_alice.post(NEW, upload(content)), "This ", "text")


def test_a_file_over_the_limit_is_refused_in_words(as_alice, settings):
    settings.MAX_UPLOAD_MB = 1
    assert_refused(as_alice.post(NEW, upload(b"word " * 300_000)), "1.0", "MB", "larger")


def test_a_text_over_the_limit_is_refused_in_words(as_alice, settings):
    settings.MAX_UPLOAD_MB = 1
    assert_refused(as_alice.post(NEW, {"text": "word " * 250_000}), "longer", "1.0", "MB")


def test_a_request_far_over_the_limit_is_refused_unread(as_alice, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    response = as_alice.post(NEW, {"text": "word " * 1000})
    assert response.status_code == 413
    assert "larger than 50 MB, the most that is taken" in response.content.decode()
    assert_nothing_stays()


def test_a_text_and_a_file_at_once_are_refused_in_words(as_alice):
    assert_refused(as_alice.post(NEW, {"text": "A.", **upload(b"B.")}), "one at a time")


def test_a_title_that_is_too_long_is_refused_in_words(as_alice):
    assert_refused(as_alice.post(NEW, {"text": "A.", "title": "x" * 301}), "300")


def test_what_was_refused_is_still_in_the_form(as_alice):
    page = as_alice.post(NEW, {"text": "Keep <me>.", "title": "x" * 301}).content.decode()
    assert "Keep &lt;me&gt;." in page


def test_a_form_of_another_site_is_refused(alice):
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    response = client.post(NEW, {"text": TEXT})
    assert response.status_code == 403
    assert "This page was open too long" in response.content.decode()
    assert_nothing_stays()


def test_the_forms_own_token_is_accepted(alice):
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    token = client.get(NEW).context["csrf_token"]
    assert client.post(NEW, {"text": TEXT, "csrfmiddlewaretoken": token}).status_code == 302
    sent = client.post(NEW, {"text": "Other words."}, headers={"X-CSRFToken": str(token)})
    assert sent.status_code == 302


def test_nothing_stays_when_the_document_cannot_be_kept(alice):
    with pytest.raises(IntegrityError):
        add_document(owner=type(alice)(pk=987654), text=TEXT)
    assert_nothing_stays()


def test_a_document_is_kept_while_the_queue_is_away(alice, tmp_path):
    """Its import is sent later, as one that was lost (below)."""
    source = tmp_path / "a.txt"
    source.write_text(TEXT)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and does not listen
        result = subprocess.run(
            [sys.executable, "manage.py", "import_document", source, "--user", "alice"],
            env={
                **os.environ,
                "DATA_DIR": str(tmp_path),
                "REDIS_URL": f"redis://127.0.0.1:{taken.getsockname()[1]}/0",
            },
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
    assert result.returncode == 0, result.stderr
    document = Document.objects.get()
    assert result.stdout == f"{document.uuid}\n"
    assert (document.owner, document.status) == (alice, "importing")
