"""Imports that go wrong, are killed, or come twice."""

import re
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from reader import events, tasks
from reader.deleting import delete_document
from reader.extraction import Extracted, LeftOut
from reader.ingestion import making
from reader.ingestion.importing import import_document
from reader.ingestion.making import FIRST_BLOCKS, left_out_of
from reader.models import Block, Document
from reader.services.documents import add_document, stop_import
from reader.tasks import resume_imports
from tests.conftest import TEXT, make_document
from tests.worker import running_worker, wait_until
from tts.connections import redis_client

from .bringing_in import queued_imports
from .conftest import titles
from .extraction.material import file
from .extraction.test_epub import book
from .extraction.test_hostile import many_entries, zip_bomb

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("static_files")]


def test_an_import_that_finds_nothing_says_so_on_the_page(as_alice, alice):
    document = make_document(alice, "...")
    assert (document.status, document.block_count) == ("failed", 0)
    page = as_alice.get(f"/documents/{document.uuid}/").content.decode()
    assert document.error in page


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("Words  that follow.", "Words that follow."),
        ("The sea was calm that day, and nobody on the pier expected the storm to come. It came.",
         "The sea was calm that day, and nobody on the pier expected…"),
        ("...\n\nThe first words are here.", "The first words are here."),
        ("今日は" * 40, "今日は" * 19 + "今日…"),
    ],
)  # fmt: skip
def test_a_text_without_a_heading_is_called_by_its_first_words(as_alice, alice, text, title):
    document = make_document(alice, text, "")
    assert (document.status, document.title) == ("ready", title)
    page = as_alice.get(f"/documents/{document.uuid}/").content.decode()
    assert f'dir="auto">{title}</h1>' in page
    assert "reading--titled" not in page, "A paragraph is no title."


def test_an_address_that_cannot_be_fetched_is_named_and_can_be_tried_again(as_alice, alice):
    address = "http://127.0.0.1:1/a?b=<i>&c=d"
    document = add_document(owner=alice, address=address, kind="html")
    import_document(document)
    assert titles(as_alice) == ["127.0.0.1:1/a?b=<i>&c=d"]
    page = as_alice.get(f"/documents/{document.uuid}/").content.decode()
    assert 'dir="auto">127.0.0.1:1/a?b=&lt;i&gt;&amp;c=d</h1>' in page
    again = re.search(r'href="(/documents/new/\?url=[^"]*)"', page)[1]
    form = as_alice.get(again).content.decode()
    assert 'value="http://127.0.0.1:1/a?b=&lt;i&gt;&amp;c=d"' in form


def test_a_long_address_is_shortened_as_a_name():
    assert Document(address="https://www.example.org/a/").name == "example.org/a"
    name = Document(address=f"https://example.org/{'a' * 900}").name
    assert (len(name), name[:14], name[-1]) == (80, "example.org/aa", "…")


def test_an_import_done_twice_leaves_one_set_of_blocks(alice, document):
    before = list(document.blocks.values_list("pk", flat=True))
    import_document(document)
    document.status = Document.Status.IMPORTING  # as another worker read it before
    import_document(document)
    assert list(document.blocks.values_list("pk", flat=True)) == before


def test_a_lost_import_is_started_again_and_given_up_after_three_times(alice):
    document = add_document(owner=alice, text=TEXT)
    redis_client().delete("jobs")
    resume_imports()
    assert queued_imports() == [], "It has only just begun."
    for _ in range(3):
        Document.objects.update(attempt=3, changed_at="2020-01-01T00:00:00Z")
    resume_imports()
    assert queued_imports() == [f"({document.pk},)"]
    document.refresh_from_db()
    import_document(document)
    document.refresh_from_db()
    assert document.status == "failed"
    assert "three times" in document.error


def test_what_could_not_be_read_of_a_document_is_told_on_its_page(as_alice, alice):
    files = {"a.xhtml": "One.", "b>b.xhtml": b"%PDF-1.7", "c.xhtml": "Three."}
    document = add_document(owner=alice, upload=ContentFile(book(files), "a.epub"), kind="epub")
    import_document(document)
    document.refresh_from_db()
    assert [block.text for block in document.blocks.all()] == ["One.", "Three."]
    assert document.left_out == [
        ["Chapter 2 (b>b.xhtml)", "It is a PDF document, not a page of text."]
    ]
    page = as_alice.get(f"/documents/{document.uuid}/").content.decode()
    assert "and not heard</h3>" in page
    assert "Chapter 2 (b&gt;b.xhtml)</span>: It is a PDF document, not a page of text." in page
    whole = make_document(alice, TEXT)
    assert "and not heard</h3>" not in as_alice.get(f"/documents/{whole.uuid}/").content.decode()


def test_what_was_left_out_is_told_in_the_order_of_the_document():
    parts = [("Page 12", "x"), ("Chapter 2 (a3.xhtml)", "y"), ("The footnotes", "z")]
    extracted = Extracted("", "", iter(()), left_out=[LeftOut(*part) for part in parts])
    assert left_out_of(extracted) == [list(parts[2]), list(parts[1]), list(parts[0])]


def test_a_document_deleted_during_its_import_leaves_nothing(alice):
    document = add_document(owner=alice, text=TEXT)
    running = Document.objects.get(pk=document.pk)
    path = default_storage.path(document.source.name)
    content = Path(path).read_bytes()
    delete_document(document=document)
    Path(path).write_bytes(content)  # the worker had it open
    import_document(running)
    assert not Block.objects.exists()
    assert not Document.objects.exists()


def test_a_hostile_file_leaves_the_worker_the_process_that_it_was(alice, voice, tmp_path):
    with running_worker(data_dir=tmp_path, tone_log=tmp_path / "log", queues="jobs") as worker:
        before = sorted(worker.pool_children)
        documents = [
            add_document(owner=alice, upload=ContentFile(make(), name), kind="epub")
            for name, make in (("bomb.epub", zip_bomb), ("many.epub", many_entries))
        ]
        documents.append(add_document(owner=alice, text="Words that follow."))

        def all_done() -> bool:
            return not Document.objects.filter(status="importing").exists()

        wait_until(all_done, 60)
        assert sorted(worker.pool_children) == before
    for document in documents:
        document.refresh_from_db()
    assert [document.status for document in documents] == ["failed", "failed", "ready"]
    assert "far larger" in documents[0].error
    assert "far too many" in documents[1].error
    assert not Block.objects.filter(document__in=documents[:2]).exists()


def test_an_import_delivered_twice_and_killed_ends_in_one_document(alice, voice, tmp_path):
    book = file("octave-doc", "usr/share/doc/octave/octave.pdf").read_bytes()
    with running_worker(data_dir=tmp_path, tone_log=tmp_path / "log", queues="jobs") as worker:
        document = add_document(owner=alice, upload=ContentFile(book, "octave.pdf"), kind="pdf")
        for _ in range(3):
            tasks.import_document.delay(document.pk)

        def now() -> Document:
            document.refresh_from_db()
            return document

        wait_until(lambda: now().block_count > 1_000, 60)
        assert now().attempt == 1
        worker.kill_pool_children()
        assert now().status == "importing"
        before = list(document.blocks.values_list("pk", "idx", "text_hash")[:1_000])
        Document.objects.update(changed_at="2020-01-01T00:00:00Z")
        resume_imports()  # as beat does
        wait_until(lambda: now().status == "ready", 90)
    assert document.attempt == 2
    assert list(document.blocks.values_list("pk", "idx", "text_hash")[:1_000]) == before
    assert document.blocks.count() == document.block_count > 10_000
    assert document.blocks.last().idx == document.block_count - 1
    assert (document.parts_done, document.part_count) == (1158, 1158)


@pytest.mark.parametrize("store", [1, 2], ids=["on the way", "at its end"])
def test_what_is_told_last_is_that_it_was_stopped(alice, monkeypatch, store):
    """A worker that was just noting how far it is tells it after the stop was told."""
    document = add_document(
        owner=alice, text="\n\n".join(f"Paragraph {n}." for n in range(FIRST_BLOCKS + 5))
    )
    monkeypatch.setattr(making, "BATCH_SECONDS", 60.0)
    told = []

    def progress(*page, status, **_):
        if status == "running" and told.count("running") == store - 1:
            stop_import(document=Document.objects.get())  # which is told first
        told.append(status)

    monkeypatch.setattr(events, "job_progress", progress)
    import_document(document)
    assert told.count("running") == store
    assert told[-1] == "done"


def test_what_is_told_last_of_a_stopped_import_is_no_progress_though_it_fails(alice, monkeypatch):
    document, told = add_document(owner=alice, text="..."), []

    def progress(*page, status, **_):
        if status == "running":
            stop_import(document=Document.objects.get())  # which is told first
        told.append(status)

    monkeypatch.setattr(events, "job_progress", progress)
    import_document(document)
    assert told == ["error", "running", "error"]
