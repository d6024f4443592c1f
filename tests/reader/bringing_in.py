"""Bringing a document in, as the form does it."""

import json

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from reader.ingestion.importing import import_document
from reader.models import Document
from tts.connections import redis_client

from .conftest import stored_files

NEW = "/documents/new/"


def queued_imports() -> list[int]:
    """Return the documents whose import waits in the real queue."""
    messages = [json.loads(message) for message in redis_client().lrange("jobs", 0, -1)]
    return [message["headers"]["argsrepr"] for message in messages]


def upload(content: bytes, name: str = "a.txt") -> dict[str, SimpleUploadedFile]:
    return {"file": SimpleUploadedFile(name, content, content_type="text/plain")}


def bring_in(client: Client, data: dict) -> Document:
    """Send the form and import what came of it, as a worker would."""
    response = client.post(NEW, data)
    assert response.status_code == 302, response.content.decode()
    document = Document.objects.get()
    assert response.headers["Location"] == f"/documents/{document.uuid}/"
    import_document(document)
    document.refresh_from_db()
    return document


def texts(document: Document) -> list[str]:
    return [block.text for block in document.blocks.all()]


def assert_nothing_stays() -> None:
    assert not Document.objects.exists()
    assert stored_files() == []
    assert queued_imports() == []


def assert_refused(response, *words: str) -> None:
    """The form comes back with words, and nothing half-made stays."""
    assert response.status_code == 422
    page = response.content.decode()
    errors = page.partition('class="errorlist')[2]
    assert errors, "The page does not say what is wrong."
    for word in words:
        assert word in errors
    assert_nothing_stays()
