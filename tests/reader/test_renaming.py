"""Documents that get another title and author."""

from __future__ import annotations

import pytest
from django.urls import reverse

from reader.ingestion import making
from reader.ingestion.importing import import_document
from reader.models import Document
from reader.services import documents

from .conftest import page_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("static_files")]


def rename(client, document: Document, **fields: str):
    return client.post(reverse("document_rename", args=[document.uuid]), fields)


def test_a_document_is_renamed(as_alice, document):
    response = rename(
        as_alice, document, title="  A better\ttitle ", author="Ann  Author", query="sort=title"
    )
    assert (response.status_code, response["Location"]) == (302, "/?sort=title")
    document.refresh_from_db()
    assert (document.title, document.author) == ("A better title", "Ann Author")
    page = page_of(as_alice)
    assert "A better title" in page
    assert "Ann Author" in page
    assert "A better title" in page_of(as_alice, f"/documents/{document.uuid}/")


@pytest.mark.parametrize(
    ("title", "words"),
    [
        ("", "A document needs a title."),
        ("   ", "A document needs a title."),
        ("\x07", "A document needs a title."),
        ("x" * 301, "at most 300 characters"),
        ("a\0b", "Null characters are not allowed."),
    ],
)
def test_a_title_that_will_not_do_is_refused_in_words(as_alice, document, title, words):
    response = rename(as_alice, document, title=title, author="Ann")
    assert response.status_code == 422
    assert words in response.content.decode()
    document.refresh_from_db()
    assert (document.title, document.author) == ("A document", "")


def test_the_author_can_be_taken_out(as_alice, document):
    Document.objects.update(author="Wrong")
    rename(as_alice, document, title="A document", author="")
    document.refresh_from_db()
    assert document.author == ""


def test_renaming_has_a_page_of_its_own(as_alice, document):
    page = page_of(as_alice, reverse("document_rename", args=[document.uuid]))
    assert 'value="A document"' in page


def test_nobody_renames_what_is_anothers(as_bob, document):
    assert rename(as_bob, document, title="Mine").status_code == 404
    document.refresh_from_db()
    assert document.title == "A document"


def test_a_name_given_during_the_import_stays(alice, monkeypatch):
    document = documents.add_document(owner=alice, text="# A heading\n\nWords.", kind="markdown")
    stored = making.Making.store

    def rename_then_store(making) -> None:
        documents.rename_document(document=document, title="My own title", author="Me")
        stored(making)

    monkeypatch.setattr(making.Making, "store", rename_then_store)
    import_document(Document.objects.get())
    document.refresh_from_db()
    assert (document.status, document.title, document.author) == ("ready", "My own title", "Me")
