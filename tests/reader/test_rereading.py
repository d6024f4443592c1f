"""A document of an older importer is read again: what a person made of it stays in its place."""

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone

from reader.extraction import IMPORTER
from reader.ingestion import rereading
from reader.ingestion.importing import import_document
from reader.ingestion.speaking import Speaker
from reader.models import (
    Annotation,
    Block,
    Document,
    DocumentPreferences,
    OutlineEntry,
    Position,
)
from reader.services.documents import add_document
from reader.services.documents import read_again as want_again
from reader.tasks import purge, read_again, resume_rereading
from tests.conftest import TEXT, make_document
from tests.worker import running_worker, wait_until
from tts.connections import redis_client
from tts.models import AudioVariant

from .bringing_in import queued_imports
from .conftest import make_sounds, place
from .extraction.test_epub import book, page

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("static_files")]

# What today's importer makes of the source below, and what an older one had made of it.
BODY = (
    "<h1>One</h1><p>A sentence runs over the page and 😀 on.</p><p>Same as ever.</p>"
    "<h1>Two</h1><p>It was lost before.</p><p>The end is near.</p>"
)
OLD = [
    ("heading", "One"), ("paragraph", "A sentence runs"), ("paragraph", "12"),
    ("paragraph", "over the page and 😀 on."), ("paragraph", "Same as ever."),
    ("heading", "Two"), ("paragraph", "The end is near."),
]  # fmt: skip
NEW = ["One", "A sentence runs over the page and 😀 on.", "Same as ever.", "Two",
       "It was lost before.", "The end is near."]  # fmt: skip


def aged(document: Document, blocks: list[tuple[str, str]]) -> Document:
    """Give a document the blocks that an older importer had made."""
    document.blocks.all().delete()
    document.outline.all().delete()
    speaker = Speaker.of(document)
    for idx, (kind, text) in enumerate(blocks):
        tag = "h2" if kind == "heading" else "p"
        block = Block(document=document, idx=idx, kind=kind, language="en",
                      html=f"<{tag}>{text}</{tag}>")  # fmt: skip
        speaker.speak(block, text)
        block.save()
        if kind == "heading":
            OutlineEntry.objects.create(
                document=document, position=idx, level=1, title=text, block_idx=idx
            )
    document.importer, document.block_count = 0, len(blocks)
    document.save()
    return document


@pytest.fixture
def old(alice) -> Document:
    upload = ContentFile(book({"a.xhtml": page(BODY)}), "a.epub")
    return aged(imported(add_document(owner=alice, upload=upload, kind="epub")), OLD)


def imported(document: Document) -> Document:
    import_document(document)
    document.refresh_from_db()
    assert (document.status, document.importer) == ("ready", IMPORTER)
    return document


def texts(document: Document) -> list[str]:
    return [block.text for block in document.blocks.all()]


def again(document: Document) -> Document:
    assert want_again(documents=Document.objects.filter(pk=document.pk)) == 1
    read_again(document.pk)
    document.refresh_from_db()
    return document


def mark(document: Document, first: tuple[int, int], last: tuple[int, int], quote: str, **more):
    return Annotation.objects.create(
        user=document.owner, document=document, block_idx=first[0], start=first[1],
        end_block_idx=last[0], end=last[1], quote=quote, **more,
    )  # fmt: skip


def test_the_blocks_are_those_of_todays_importer(old):
    before = old.revision
    again(old)
    assert texts(old) == NEW
    assert [block.idx for block in old.blocks.all()] == list(range(6))
    assert (old.block_count, old.importer, old.revision) == (6, IMPORTER, before + 1)
    assert (old.reread_wanted, old.reread_attempt, old.reread_error) == (None, 0, "")
    assert [(entry.title, entry.block_idx) for entry in old.outline.all()] == [
        ("One", 0),
        ("Two", 3),
    ]
    assert old.title == "T"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ((0, 0), (0, 0)),
        ((4, 700), (2, 700)),  # the text stayed, so its sound did
        ((6, 300), (5, 300)),
        ((3, 0), (1, 1142)),  # where the second half began, at 14 characters a second
        ((2, 100), (1, 1142)),
        ((5, 0), (3, 0)),
    ],
)
def test_a_persons_place_stays_at_its_words(old, before, after):
    place(old, *before)
    again(old)
    position = Position.objects.get(document=old)
    assert (position.block_idx, position.offset_ms) == after


def test_notes_stay_at_their_words(old):
    word = mark(old, (3, 18), (3, 23), "😀 on", kind="highlight", note="A face.")
    over = mark(old, (1, 2), (3, 8), "sentence runs\n\n12\n\nover the", kind="highlight")
    same = mark(old, (4, 0), (4, 4), "Same", kind="highlight")
    end = mark(old, (6, 4), (6, 4), "", kind="bookmark")
    again(old)
    found = {
        each.pk: (each.block_idx, each.start, each.end_block_idx, each.end, each.quote, each.note)
        for each in Annotation.objects.all()
    }
    assert found == {
        word.pk: (1, 34, 1, 39, "😀 on", "A face."),
        over.pk: (1, 2, 1, 24, "sentence runs over the", ""),
        same.pk: (2, 0, 2, 4, "Same", ""),
        end.pk: (5, 4, 5, 4, "", ""),
    }


def test_corrections_stay_with_what_says_the_same_or_nearly(old):
    old.blocks.filter(idx=4).update(correction="The same, as ever.")
    old.blocks.filter(idx=1).update(correction="This was half a sentence.")
    again(old)
    assert dict(old.blocks.exclude(correction="").values_list("idx", "text")) == {
        2: "The same, as ever."
    }
    lost = [
        "Your correction",
        "“This was half a sentence.” is not said any more: the text it stood for, “A sentence "
        "runs”, is now another one.",
    ]
    assert old.left_out == [lost]
    old.importer = 0  # it stays told when the document is read once more
    old.save()
    again(old)
    assert old.left_out == [lost]


def test_a_skipped_chapter_stays_skipped(old):
    DocumentPreferences.objects.create(user=old.owner, document=old, folded=[5])
    again(old)
    assert DocumentPreferences.objects.get(document=old).folded == [3]


def test_sounds_of_what_did_not_change_stay(old, voice):
    sounds = {variant.text_hash: variant.pk for variant in make_sounds(old, voice)}
    again(old)
    purge()
    kept = {"One", "Same as ever.", "Two", "The end is near."}
    hashes = {block.text_hash for block in old.blocks.filter(text__in=kept)}
    left = dict(AudioVariant.objects.filter(status="cached").values_list("text_hash", "pk"))
    assert left == {each: sounds[each] for each in hashes}


def test_what_a_person_named_and_chose_stays(old):
    Document.objects.filter(pk=old.pk).update(
        title="My name for it", speech_level="everything", author="Ann"
    )
    again(old)
    assert (old.title, old.author, old.speech_level) == ("My name for it", "Ann", "everything")


def test_what_cannot_be_read_any_more_stays_as_it_was_and_is_told(old, as_alice):
    with old.source.open("wb") as source:
        source.write(b"PK\x03\x04 broken")
    again(old)
    assert texts(old) == [text for _, text in OLD]
    assert (old.status, old.importer, old.reread_wanted) == ("ready", 0, None)
    shown = as_alice.get(old.get_absolute_url()).content.decode()
    assert "It could not be read again: This file is damaged" in shown


def test_it_is_offered_on_the_page_and_for_all_in_the_settings(old, as_alice, as_bob, document):
    address = f"{old.get_absolute_url()}again/"
    assert f'action="{address}"' in as_alice.get(old.get_absolute_url()).content.decode()
    new = as_alice.get(document.get_absolute_url()).content.decode()
    assert "Read again" not in new, "That of today's importer is as good as it gets."
    settings = as_alice.get("/settings/").content.decode()
    assert "1 of your documents was brought in by an older importer" in settings
    assert "Read it again" in settings
    assert "older importer" not in as_bob.get("/settings/").content.decode()
    assert as_bob.post(address).status_code == 404
    as_bob.post("/documents/again/")
    old.refresh_from_db()
    assert old.reread_wanted is None
    redis_client().delete("jobs")
    assert as_alice.post(address).headers["Location"] == old.get_absolute_url()
    assert queued_imports() == [f"({old.pk},)"]
    assert "is being read again" in as_alice.get(old.get_absolute_url()).content.decode()
    as_alice.post("/documents/again/")
    assert queued_imports() == [f"({old.pk},)"], "It is owed already."


def test_all_of_a_persons_documents_are_read_again_at_once(old, as_alice, alice):
    other = aged(make_document(alice, TEXT), [("paragraph", "Something else.")])
    as_alice.post("/documents/again/")
    for document in (old, other):
        read_again(document.pk)
        document.refresh_from_db()
    assert (old.importer, other.importer) == (IMPORTER, IMPORTER)
    assert texts(other)[0] == "The first paragraph is about the sea."


def test_a_fault_in_the_middle_leaves_the_old_state(old, monkeypatch):
    mark(old, (4, 0), (4, 4), "Same", kind="highlight")
    place(old, 6)
    everything = [Block, Annotation, Position, OutlineEntry]
    before = [list(model.objects.order_by("pk").values()) for model in everything]

    def fail(*_: object) -> None:
        raise RuntimeError("The power is gone.")

    want_again(documents=Document.objects.all())
    with monkeypatch.context() as broken:
        broken.setattr(rereading, "_move_folded", fail)
        with pytest.raises(RuntimeError):
            read_again(old.pk)
    purge()
    assert [list(model.objects.order_by("pk").values()) for model in everything] == before
    old.refresh_from_db()
    assert old.reread_wanted is not None, "It is still owed."
    Document.objects.update(reread_lease=None)
    read_again(old.pk)
    assert texts(old) == NEW


def test_rules_that_change_meanwhile_are_not_lost(old, monkeypatch):
    """Whoever changed them raised the revision: what was made by the old ones is not stored."""
    original = rereading._replace

    def meanwhile(document, *made):
        Document.objects.filter(pk=document.pk).update(revision=99)
        original(document, *made)

    with monkeypatch.context() as slow:
        slow.setattr(rereading, "_replace", meanwhile)
        again(old)
    assert texts(old) == [text for _, text in OLD]
    assert (old.revision, old.reread_lease) == (99, None)
    read_again(old.pk)
    assert texts(old) == NEW


def test_what_kills_its_workers_is_given_up(old):
    want_again(documents=Document.objects.all())
    Document.objects.update(reread_attempt=3)
    read_again(old.pk)
    old.refresh_from_db()
    assert (old.reread_wanted, old.reread_attempt) == (None, 0)
    assert "three times" in old.reread_error


def test_a_worker_that_is_killed_leaves_the_old_state_and_it_is_done_once_more(
    alice, voice, tmp_path
):
    paragraphs = [f"This is paragraph {at} of a long book, and it goes on." for at in range(4_000)]
    document = make_document(alice, "\n\n".join(paragraphs))
    shortened = [("paragraph", text) for at, text in enumerate(paragraphs[:300]) if at != 7]
    aged(document, shortened)
    place(document, 250, 500)
    before = list(document.blocks.values())
    with running_worker(data_dir=tmp_path, tone_log=tmp_path / "log", queues="jobs") as worker:
        want_again(documents=Document.objects.filter(pk=document.pk))

        def now() -> Document:
            document.refresh_from_db()
            return document

        wait_until(lambda: now().reread_lease is not None, 30)
        worker.kill_pool_children()
        assert now().reread_wanted is not None, "It was too quick to be killed."
        assert list(document.blocks.values()) == before
        past = timezone.now() - rereading.REREADING_LEASE
        Document.objects.update(reread_lease=past, reread_wanted=past)
        resume_rereading()  # as beat does
        wait_until(lambda: now().reread_wanted is None, 60)
    assert (document.importer, document.reread_error) == (IMPORTER, "")
    assert document.block_count == document.blocks.count() == 4_000
    position = Position.objects.get(document=document)
    assert (position.block_idx, position.offset_ms) == (251, 500)
