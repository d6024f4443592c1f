"""A rule or a word applied to a long book: nobody waits for it, and nothing of it is lost."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from reader import tasks
from reader.ingestion import speaking
from reader.models import Block, Document, User
from reader.services import speech
from tests.conftest import make_document
from tts.connections import redis_client
from tts.models import hash_text

from .beside import hardly_waited, writing

pytestmark = pytest.mark.django_db(transaction=True)

BLOCKS = 400


@pytest.fixture
def book(alice, voice) -> Document:
    """A long book: the sea is in each of its paragraphs."""
    book = make_document(alice, "The sea.")
    Block.objects.bulk_create(
        Block(
            document=book,
            idx=idx,
            kind="paragraph",
            html=f"<p>The sea, for the {idx}th time.</p>",
            text=(text := f"The sea, for the {idx}th time."),
            text_hash=hash_text(text, ""),
            spans=[[0, 0, len(text)]],
            characters=len(text),
        )
        for idx in range(1, BLOCKS)
    )
    return book


def add(user: User, word: str, say: str) -> None:
    speech.change_lexicon(user, lambda: user.lexicon.create(word=word, say=say))


def spoken_with(word: str) -> int:
    return Block.objects.filter(text__contains=word).count()


def do_what_is_owed() -> None:
    while Document.objects.speech_owed().exists():
        tasks.speak_again()


def test_whoever_writes_meanwhile_hardly_waits(alice, bob, book):
    add(alice, "sea", "ocean")
    with writing(bob) as waits:
        do_what_is_owed()
    assert spoken_with("ocean") == BLOCKS
    assert hardly_waited(waits)


def test_no_transaction_holds_more_than_a_few_blocks(alice, book, monkeypatch):
    written = []
    monkeypatch.setattr(
        speaking,
        "_write",
        lambda speaker, blocks, lease: written.append(len(blocks)) or 0,
    )
    add(alice, "sea", "ocean")
    tasks.speak_again()
    assert (sum(written), max(written)) == (BLOCKS, speaking.BATCH)


def test_what_a_dying_worker_left_is_done_once_more(alice, book, monkeypatch):
    write = speaking._write
    monkeypatch.setattr(speaking, "BATCH", 100)

    def die_in_the_middle(*arguments):
        if spoken_with("ocean"):
            raise SystemExit
        return write(*arguments)

    monkeypatch.setattr(speaking, "_write", die_in_the_middle)
    add(alice, "sea", "ocean")
    with pytest.raises(SystemExit):
        tasks.speak_again()
    assert 0 < spoken_with("ocean") < BLOCKS
    assert not Document.objects.speech_owed().exists()  # it may be at work still

    monkeypatch.setattr(speaking, "_write", write)
    Document.objects.update(speech_lease_until=timezone.now() - timedelta(seconds=1))
    redis_client().delete("jobs")
    tasks.resume_speaking()
    assert redis_client().llen("jobs") == 1
    do_what_is_owed()
    assert spoken_with("ocean") == BLOCKS
    tasks.resume_speaking()
    assert not Document.objects.speech_owed().exists()


def test_of_two_at_once_neither_is_lost(alice, book, monkeypatch):
    """The second word comes while the first is being applied."""
    write = speaking._write

    def another_word_comes(*arguments):
        if not alice.lexicon.filter(word="time").exists():
            add(alice, "time", "hour")
            tasks.speak_again()  # another worker finds that somebody is at it
        return write(*arguments)

    monkeypatch.setattr(speaking, "_write", another_word_comes)
    add(alice, "sea", "ocean")
    do_what_is_owed()
    assert (spoken_with("ocean"), spoken_with("hour")) == (BLOCKS, BLOCKS - 1)


def test_a_worker_that_was_taken_for_dead_writes_nothing_more(alice, book, monkeypatch):
    write, stolen = speaking._write, []

    def lose_the_lease(*arguments):
        if not stolen:
            stolen.append(True)
            Document.objects.update(speech_lease_until=timezone.now() + timedelta(hours=1))
        return write(*arguments)

    monkeypatch.setattr(speaking, "_write", lose_the_lease)
    add(alice, "sea", "ocean")
    tasks.speak_again()
    assert spoken_with("ocean") == 0


def test_a_correction_that_comes_meanwhile_counts(alice, book, as_alice, monkeypatch):
    write, corrected = speaking._write, []

    def correct(*arguments):
        if not corrected:
            corrected.append(True)
            as_alice.post(
                reverse("block_speech", args=[book.uuid, 5]), {"correction": "By my own words."}
            )
        return write(*arguments)

    monkeypatch.setattr(speaking, "_write", correct)
    add(alice, "sea", "ocean")
    do_what_is_owed()
    assert book.blocks.get(idx=5).text == "By my own words."
    assert spoken_with("ocean") == BLOCKS - 1


def test_without_redis_what_is_asked_for_is_kept(alice, book, as_alice, monkeypatch):
    def away(*arguments, **options):
        raise ConnectionError

    monkeypatch.setattr(tasks.speak_again, "delay", away)
    answer = as_alice.post(reverse("lexicon"), {"word": "sea", "say": "ocean", "language": ""})
    assert answer.status_code == 302
    assert Document.objects.speech_owed().get() == book


def test_a_document_that_is_being_imported_follows_when_it_is_there(alice, book):
    Document.objects.update(status=Document.Status.IMPORTING)
    add(alice, "sea", "ocean")
    assert not Document.objects.speech_owed().exists()
    Document.objects.update(status=Document.Status.READY)
    do_what_is_owed()
    assert spoken_with("ocean") == BLOCKS
