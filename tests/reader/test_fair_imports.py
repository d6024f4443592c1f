"""Imports: one deadline for a fetch, fair turns by account, limits that are told beforehand."""

import socket
import threading
import time

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from reader import tasks
from reader.extraction import ExtractionError
from reader.ingestion import fetching, turns
from reader.ingestion.fetching import fetch
from reader.models import Document
from reader.services.documents import add_document
from tts.connections import redis_client

pytestmark = pytest.mark.usefixtures("static_files")

DRIP_SECONDS = 0.1


class DrippingSite:
    """Sends what it is told to, a byte now and then, and never comes to an end."""

    def __init__(self, begins_with: bytes, drips: bytes) -> None:
        self._begins_with, self._drips = begins_with, drips
        self._server = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._server.getsockname()[1]}/"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._server.accept()
            except OSError:
                return
            threading.Thread(target=self._drip, args=(connection,), daemon=True).start()

    def _drip(self, connection: socket.socket) -> None:
        with connection:
            try:
                connection.sendall(self._begins_with)
                while True:
                    time.sleep(DRIP_SECONDS)
                    connection.sendall(self._drips)
            except OSError:
                return

    def close(self) -> None:
        self._server.close()


@pytest.mark.parametrize(
    ("begins_with", "drips", "scheme"),
    [
        (b"", b"H", "http"),
        (b"HTTP/1.1 200 OK\r\n", b"X: y\r\n", "http"),
        (b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n", b"a", "http"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n", b"a", "http"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\na\r\n", "http"),
        (b"HTTP/1.1 302 Found\r\nLocation: /", b"a", "http"),
        (b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 100 Continue\r\n\r\n", "http"),
        (b"\x16\x03\x03\x40\x00", b"\x02", "https"),
    ],
)
def test_a_site_that_drips_is_given_up_at_one_deadline(monkeypatch, begins_with, drips, scheme):
    monkeypatch.setattr(fetching, "TOTAL_SECONDS", 1.0)
    site = DrippingSite(begins_with, drips)
    began = time.monotonic()
    with pytest.raises(ExtractionError, match=fetching.TOO_SLOW):
        fetch(site.address.replace("http:", f"{scheme}:"), most_bytes=10_000, may_be_private=True)
    site.close()
    assert time.monotonic() - began < 2.5


def test_redirects_share_the_deadline(monkeypatch):
    monkeypatch.setattr(fetching, "TOTAL_SECONDS", 1.0)
    monkeypatch.setattr(fetching, "MAX_REDIRECTS", 1000)
    site = DrippingSite(b"", b"HTTP/1.1 302 Found\r\nLocation: /next\r\nContent-Length: 0\r\n\r\n")
    with pytest.raises(ExtractionError, match=fetching.TOO_SLOW):
        fetch(site.address, most_bytes=10_000, may_be_private=True)
    site.close()


def test_a_name_that_is_looked_up_for_ever_is_given_up(monkeypatch):
    monkeypatch.setattr(fetching, "TOTAL_SECONDS", 0.5)
    over = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: over.wait(20) and [])
    began = time.monotonic()
    with pytest.raises(ExtractionError, match=fetching.TOO_SLOW):
        fetch("http://slow.example/", most_bytes=10_000)
    over.set()
    assert time.monotonic() - began < 2


# --- fair turns -----------------------------------------------------------------------------------


def order_of_imports() -> list[str]:
    """Take turns as workers do, and return whose documents they imported."""
    owners = []
    while waiting := list(turns.waiting()):
        tasks.import_document(waiting[-1].pk)
        ready = Document.objects.filter(status=Document.Status.READY)
        [new] = ready.exclude(pk__in=[pk for pk, _ in owners])
        owners.append((new.pk, new.owner.username))
    return [name for _, name in owners]


@pytest.mark.django_db(transaction=True)
def test_accounts_take_turns(alice, bob):
    for number in range(4):
        add_document(owner=alice, text=f"Alice has many texts: {number}.")
    for number in range(2):
        add_document(owner=bob, text=f"Bob has few: {number}.")
    assert order_of_imports() == ["alice", "bob", "alice", "bob", "alice", "alice"]


@pytest.mark.django_db(transaction=True)
def test_slow_pages_leave_a_process_for_everything_else(alice, bob, settings):
    settings.FETCHES_AT_ONCE = 1
    page = add_document(owner=alice, address="http://example.org/")
    text = add_document(owner=bob, text="A text.")
    turns.note(text)  # the page's turn comes first
    redis_client().delete("jobs")
    with turns.fetch_slot():
        tasks.import_document(page.pk)
        assert Document.objects.get(pk=text.pk).status == "ready"
        assert Document.objects.get(pk=page.pk).attempt == 0
        tasks.import_document(page.pk)  # nothing else is there: the turn comes again
        assert redis_client().llen("jobs") == 1
        with pytest.raises(turns.NoSlot), turns.fetch_slot():
            pass
    assert turns.may_fetch()


@pytest.mark.django_db(transaction=True)
def test_a_slot_of_a_fetch_whose_process_died_is_free_again(settings):
    redis_client().zadd(turns.FETCHING, {"dead": time.time() - turns.SLOT_SECONDS - 1})
    assert turns.may_fetch()
    with turns.fetch_slot():
        assert not turns.may_fetch()


# --- limits ---------------------------------------------------------------------------------------


def bring(client, text):
    return client.post(reverse("document_new"), {"text": text})


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("limits", "words"),
    [
        ({"MAX_DOCUMENTS_PER_PERSON": 1}, "You have 1 documents"),
        ({"MAX_DOCUMENTS": 1}, "Here there are 1 documents"),
        ({"MAX_IMPORTS_PER_DAY_PER_PERSON": 1}, "You may bring in 1 documents in a day"),
        ({"MAX_IMPORTS_PER_DAY": 1}, "People here may bring in 1 documents in a day"),
    ],
)
def test_a_limit_is_told_before_the_upload_and_holds(as_alice, settings, limits, words):
    assert bring(as_alice, "The first text.").status_code == 302
    assert words not in as_alice.get(reverse("document_new")).content.decode()
    for name, value in limits.items():
        setattr(settings, name, value)
    assert words in as_alice.get(reverse("document_new")).content.decode()
    refused = bring(as_alice, "The second text.")
    assert (refused.status_code, words in refused.content.decode()) == (422, True)
    assert Document.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_what_others_bring_in_counts_for_all_and_not_for_oneself(as_alice, as_bob, settings):
    settings.MAX_DOCUMENTS_PER_PERSON, settings.MAX_DOCUMENTS = 1, 2
    assert bring(as_alice, "A text.").status_code == 302
    assert bring(as_bob, "A text.").status_code == 302
    settings.MAX_DOCUMENTS_PER_PERSON = 9
    assert bring(as_bob, "Another text.").status_code == 422


@pytest.mark.django_db(transaction=True)
def test_bytes_are_counted_with_what_is_brought_in(as_alice, alice, settings):
    settings.MAX_MB_PER_PERSON = 1
    file = SimpleUploadedFile("a.txt", b"words " * 100_000)
    assert as_alice.post(reverse("document_new"), {"file": file}).status_code == 302
    assert Document.objects.get().source_bytes == 600_000
    file = SimpleUploadedFile("b.txt", b"more words " * 60_000)
    refused = as_alice.post(reverse("document_new"), {"file": file})
    assert "Your documents may take up 1 MB, and 1 MB of these are left" in refused.content.decode()


@pytest.mark.django_db(transaction=True)
def test_the_admin_gives_a_person_limits_of_their_own(as_alice, alice, settings):
    settings.MAX_DOCUMENTS_PER_PERSON = 1
    alice.max_documents = 2
    alice.save()
    assert bring(as_alice, "The first text.").status_code == 302
    assert bring(as_alice, "The second text.").status_code == 302
    assert bring(as_alice, "The third text.").status_code == 422


@pytest.mark.django_db(transaction=True)
def test_deleting_does_not_give_imports_of_the_day_back(as_alice, settings):
    settings.MAX_IMPORTS_PER_DAY_PER_PERSON = 1
    assert bring(as_alice, "The first text.").status_code == 302
    Document.objects.all().delete()
    assert bring(as_alice, "The second text.").status_code == 422


@pytest.mark.django_db(transaction=True)
def test_a_turn_that_another_worker_forestalls_takes_what_waits_behind(alice, monkeypatch):
    """Two workers find the same document at once: the turn of the slower one is for the next."""
    first, second = (
        add_document(owner=alice, text=f"The words of text number {n} are read.") for n in (1, 2)
    )
    found = turns.waiting

    def forestalled():
        for document in found():
            Document.objects.filter(pk=first.pk).update(attempt=1, changed_at=timezone.now())
            yield document

    monkeypatch.setattr(turns, "waiting", forestalled)
    tasks.import_document(first.pk)
    second.refresh_from_db()
    assert second.status == Document.Status.READY
