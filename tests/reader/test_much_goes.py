"""A long book, or a person with one, goes or is read again: nobody waits for it, whatever dies."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection

from reader import deleting, tasks
from reader.extraction import IMPORTER
from reader.ingestion import aside, rereading
from reader.models import Annotation, Block, Document, SpokenText, User
from reader.services import leaving, shelving
from reader.services.documents import discard_document
from reader.services.documents import read_again as want_again
from tests.conftest import make_document
from tts import clock, synthesis
from tts.connections import redis_client
from tts.models import AudioVariant, Status, Voice

from .beside import hardly_waited, writing
from .conftest import stored_files

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("static_files")]

BLOCKS = 10_000
SOME = 250


def book_of(owner: User, voice: Voice, blocks: int) -> Document:
    """A book with a sound for each of its paragraphs."""
    text = "\n\n".join(f"The sea is wide, for the {n}th time of all." for n in range(blocks))
    book = make_document(owner, text, "A long book")
    assert book.block_count == blocks
    recipe = synthesis.recipe_hash(voice)
    rows = [
        AudioVariant(
            voice=voice, text=block.text, text_hash=block.text_hash, recipe_hash=recipe,
            language=block.language, status=Status.CACHED, bytes=3, duration_ms=100, attempt=1,
            file=f"audio/{n % 97}/{n}",
        )
        for n, block in enumerate(book.blocks.all())
    ]  # fmt: skip
    AudioVariant.objects.bulk_create(rows, batch_size=500)
    for row in rows[:: blocks // 50]:
        default_storage.save(row.file.name, ContentFile(b"ogg"))
    return book


@pytest.fixture
def book(alice, voice) -> Document:
    return book_of(alice, voice, BLOCKS)


@pytest.fixture
def small_book(alice, voice) -> Document:
    return book_of(alice, voice, SOME)


def nothing_is_left() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM reader_passage")
        (passages,) = cursor.fetchone()
    rows = [Document, Block, AudioVariant, Annotation]
    return not any(model.objects.exists() for model in rows) and not passages and not stored_files()


# --- nobody waits ---------------------------------------------------------------------------------


@pytest.mark.long
def test_whoever_writes_while_a_long_book_is_deleted_hardly_waits(alice, bob, book):
    discard_document(document=book)
    with writing(bob) as waits:
        assert shelving.empty_trash(documents=shelving.in_trash(alice)) == 1
        tasks.purge()
    assert nothing_is_left()
    assert hardly_waited(waits)


@pytest.mark.long
def test_whoever_writes_while_a_person_is_deleted_hardly_waits(alice, bob, book):
    Annotation.objects.bulk_create(
        Annotation(user=alice, document=book, kind="bookmark", block_idx=n, end_block_idx=n)
        for n in range(2_000)
    )
    with writing(bob) as waits:
        leaving.send_away([alice])
        tasks.delete_person(alice.pk)
    assert not User.objects.filter(username="alice").exists()
    assert nothing_is_left()
    assert hardly_waited(waits)


@pytest.mark.long
def test_whoever_writes_while_the_sounds_of_a_voice_are_deleted_hardly_waits(bob, book, voice):
    with writing(bob) as waits:
        synthesis.delete(AudioVariant.objects.filter(voice=voice).only("pk", "file"))
    assert not AudioVariant.objects.exists()
    assert hardly_waited(waits)
    voice.delete()  # of one without sounds nothing is in the way


@pytest.mark.long
def test_whoever_writes_while_a_long_book_is_read_again_hardly_waits(bob, book):
    change_from_the_first_word_on(book)
    want_again(documents=Document.objects.all())
    with writing(bob) as waits:
        tasks.read_again(book.pk)
        tasks.purge()
    book.refresh_from_db()
    assert book.importer == IMPORTER
    assert set(Block.objects.values_list("document", flat=True)) == {book.pk}
    assert [block.idx for block in book.blocks.only("idx")] == list(range(BLOCKS))
    assert "ocean" in book.blocks.first().text
    assert hardly_waited(waits)


# --- whatever dies --------------------------------------------------------------------------------


def die_after(monkeypatch, module, name: str, calls: int) -> None:
    """Have a worker be killed at the so many-th call of a function."""
    original, made = getattr(module, name), []

    def dies(*arguments):
        made.append(1)
        if len(made) > calls:
            raise SystemExit
        return original(*arguments)

    monkeypatch.setattr(module, name, dies)


def test_what_a_dying_worker_left_of_a_document_goes_later(alice, small_book, monkeypatch):
    discard_document(document=small_book)
    shelving.empty_trash(documents=shelving.in_trash(alice))
    with monkeypatch.context() as killed:
        die_after(killed, deleting, "_delete_blocks", 1)
        with pytest.raises(SystemExit):
            tasks.purge()
    assert 0 < Block.objects.count() < SOME
    assert not shelving.in_trash(alice).exists(), "Nobody takes back what is half gone."
    tasks.delete_discarded()  # beat sends it each minute
    assert nothing_is_left()


def test_what_a_dying_worker_left_of_a_person_goes_later(alice, small_book, monkeypatch):
    leaving.send_away([alice])
    with monkeypatch.context() as killed:
        die_after(killed, deleting, "_delete_what_is_of", 1)  # of the document, not of the person
        with pytest.raises(SystemExit):
            tasks.delete_person(alice.pk)
    alice.refresh_from_db()
    assert not alice.is_active
    User.objects.filter(pk=alice.pk).update(leaving_at=clock.now() - timedelta(minutes=1))
    redis_client().delete("jobs")
    tasks.resume_leaving()
    assert redis_client().llen("jobs") == 1
    tasks.delete_person(alice.pk)
    assert not User.objects.filter(pk=alice.pk).exists()
    assert nothing_is_left()


@pytest.mark.parametrize("calls", [0, 1, 3])
def test_a_worker_that_dies_while_it_reads_again_leaves_the_old_blocks(
    small_book, monkeypatch, calls
):
    change_from_the_first_word_on(small_book)
    want_again(documents=Document.objects.all())
    with monkeypatch.context() as killed:
        die_after(killed, Block.objects, "bulk_create", calls)
        with pytest.raises(SystemExit):
            tasks.read_again(small_book.pk)
    assert "sea" in small_book.blocks.first().text
    assert small_book.blocks.count() == SOME
    Document.objects.filter(pk=small_book.pk).update(reread_lease=None)
    tasks.read_again(small_book.pk)
    assert "ocean" in small_book.blocks.first().text
    Document.objects.exclude(pk=small_book.pk).update(purge_at=clock.now())
    tasks.purge()
    assert list(Document.objects.all()) == [small_book]
    assert Block.objects.count() == SOME


def test_what_lies_aside_is_nobodys_document(alice, as_alice, small_book, monkeypatch):
    seen = []
    store = aside.Aside.store

    def look(place, blocks):
        store(place, blocks)
        seen.extend(
            (
                Document.objects.visible_to(alice).count(),
                shelving.in_trash(alice).count(),
                Document.objects.kept().count(),
                as_alice.get("/", {"q": "ocean"}).content.decode().count("<mark>"),
            )
        )
        tasks.purge()  # another worker's
        assert Block.objects.count() == 2 * SOME

    monkeypatch.setattr(aside.Aside, "store", look)
    change_from_the_first_word_on(small_book)
    want_again(documents=Document.objects.all())
    tasks.read_again(small_book.pk)
    assert seen == [1, 0, 1, 0]
    assert small_book.blocks.count() == SOME


def test_a_program_may_have_the_same_text_said_meanwhile(alice, small_book, voice):
    kept = small_book.blocks.first().text_hash
    later = clock.now() + timedelta(hours=1)
    SpokenText.objects.create(user=alice, text_hash=kept, kept_until=later)
    deleting.delete_document(document=small_book)
    assert AudioVariant.objects.get().text_hash == kept


def change_from_the_first_word_on(book: Document) -> None:
    """Have its source say something else in each paragraph, and an older importer have made it."""
    source = Path(book.source.path)
    source.write_text(source.read_text().replace("sea", "ocean"))
    Document.objects.filter(pk=book.pk).update(importer=rereading.IMPORTER - 1)
