"""Several files at once, brought in by a script."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from reader.models import Document

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("static_files")]

NEW = "/documents/new/"
JSON = {"headers": {"accept": "application/json"}}


def test_a_script_is_answered_with_the_new_documents_address(as_alice):
    file = SimpleUploadedFile("notes.txt", b"Some words to read.")
    response = as_alice.post(NEW, {"file": file}, **JSON)
    document = Document.objects.get()
    assert response.status_code == 201
    assert response.json() == {"url": f"/documents/{document.uuid}/", "title": "notes.txt"}


def test_a_script_is_told_what_is_wrong(as_alice):
    response = as_alice.post(NEW, {"file": SimpleUploadedFile("a.txt", b"")}, **JSON)
    words = "This file is empty: there is nothing in it to read."
    assert (response.status_code, response.json()) == (
        422, {"errors": {"file": [words]}, "known": None},
    )  # fmt: skip
    assert not Document.objects.exists()


def test_a_script_is_told_of_a_file_that_is_known_and_may_insist(as_alice):
    def send(**more: str):
        file = SimpleUploadedFile("notes.txt", b"Some words to read.")
        return as_alice.post(NEW, {"file": file, **more}, **JSON)

    first = send().json()
    second = send()
    assert second.status_code == 422
    assert second.json()["known"] == first
    assert send(again="on").status_code == 201
    assert Document.objects.count() == 2


def test_a_file_is_not_known_once_its_document_is_deleted(as_alice):
    file = SimpleUploadedFile("notes.txt", b"Some words to read.")
    as_alice.post(NEW, {"file": file}, **JSON)
    as_alice.post(reverse("document_delete", args=[Document.objects.get().uuid]))
    file.seek(0)
    assert as_alice.post(NEW, {"file": file}, **JSON).status_code == 201


def test_a_form_is_answered_with_pages_as_ever(as_alice):
    for headers in ({}, {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}):
        response = as_alice.post(NEW, {"text": "Words.", "again": "on"}, headers=headers)
        assert response.status_code == 302
        response = as_alice.post(NEW, {"text": ""}, headers=headers)
        assert (response.status_code, response["Content-Type"]) == (
            422, "text/html; charset=utf-8",
        )  # fmt: skip


def test_a_script_of_nobody_brings_nothing_in(client):
    assert client.post(NEW, {"text": "Some words."}, **JSON).status_code == 302
    assert not Document.objects.exists()
