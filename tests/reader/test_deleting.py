"""Documents that are deleted, and taken back."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from reader import preparing, tasks
from reader.ingestion import importing, making
from reader.ingestion.importing import import_document
from reader.models import Document, Position, Preparation
from reader.services import documents, preparations, speech
from tests.conftest import TEXT, make_document
from tests.worker import running_worker, wait_until
from tts.connections import redis_client
from tts.models import AudioVariant

from .conftest import marks_url, page_of, place, sound_url, stored_files, titles
from .page import Closed, Page, in_database

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("static_files")]


TRASH_MINUTES = 30 * 24 * 60


def delete(client, document: Document, **fields: str):
    return client.post(reverse("document_delete", args=[document.uuid]), fields)


def undo(client, document: Document, **fields: str):
    return client.post(reverse("document_restore", args=[document.uuid]), fields)


def let_pass(minutes: float) -> None:
    ago = timezone.now() - timedelta(minutes=minutes)
    Document.objects.discarded().update(deleted_at=ago)


def parts_of(document: Document, sounds: list[AudioVariant]) -> list[str]:
    return [
        f"/documents/{document.uuid}/",
        f"/documents/{document.uuid}/blocks/",
        f"/documents/{document.uuid}/speech/",
        f"/documents/{document.uuid}/speech/0/",
        f"/documents/{document.uuid}/rename/",
        sound_url(sounds[0]),
        marks_url(sounds[0]),
    ]


def test_a_deleted_document_is_gone_at_once_and_comes_back_whole(as_alice, document, sounds):
    place(document, 1, 250)
    files = stored_files()
    assert delete(as_alice, document, query="sort=title&page=2")["Location"] == (
        "/?sort=title&page=2"
    )
    for path in parts_of(document, sounds):
        assert as_alice.get(path).status_code == 404, path
    for name in ("import_stop", "preparation_start", "preparation_stop"):
        assert as_alice.post(reverse(name, args=[document.uuid])).status_code == 404, name
    page = page_of(as_alice)
    assert "“A document” was deleted." in page
    assert "Nothing on the lectern yet" in page
    assert page.count(f'action="/documents/{document.uuid}/restore/"') == 2  # message and list
    assert undo(as_alice, document)["Location"] == "/"
    assert "“A document” is back." in page_of(as_alice)
    for path in parts_of(document, sounds):
        assert as_alice.get(path).status_code == 200, path
    assert stored_files() == files
    assert Position.objects.get(document=document).offset_ms == 250


def test_a_deletion_can_be_taken_back_for_long_enough(as_alice, document):
    delete(as_alice, document)
    let_pass(TRASH_MINUTES - 1)
    tasks.delete_discarded()
    assert "Just deleted" not in page_of(as_alice)
    assert "A document" in page_of(as_alice, "/trash/")
    undo(as_alice, document)
    assert titles(as_alice) == ["A document"]


def test_too_late_is_told_in_words_and_all_is_gone(as_alice, document, sounds):
    delete(as_alice, document)
    let_pass(TRASH_MINUTES + 1)
    tasks.delete_discarded()
    assert not Document.objects.exists()
    assert not AudioVariant.objects.exists()
    assert stored_files() == []
    response = undo(as_alice, document)
    assert response.status_code == 404
    assert "It is too late to take this back" in response.content.decode()
    assert "Just deleted" not in page_of(as_alice)


def test_deleted_twice_is_deleted_once(as_alice, document):
    delete(as_alice, document)
    let_pass(10)
    before = Document.objects.get().deleted_at
    assert delete(as_alice, document).status_code == 302
    assert Document.objects.get().deleted_at == before, "The time runs from the first."


def test_undone_twice_is_undone_once(as_alice, document):
    delete(as_alice, document)
    assert [undo(as_alice, document).status_code for _ in range(2)] == [302, 302]
    assert titles(as_alice) == ["A document"]


def test_nobody_takes_back_or_deletes_what_is_anothers(as_bob, as_alice, document):
    assert undo(as_bob, document).status_code == 404
    delete(as_alice, document)
    theirs = undo(as_bob, document)
    assert theirs.status_code == 404
    assert delete(as_bob, document).status_code == 404
    assert "Just deleted" not in page_of(as_bob)
    tasks.delete_discarded()
    assert Document.objects.get().deleted_at is not None
    Document.objects.all().delete()
    nobodys = undo(as_bob, document)
    assert re.sub(r'value="\w{64}"', "", nobodys.content.decode()) == (
        re.sub(r'value="\w{64}"', "", theirs.content.decode())
    )


def test_a_deletion_is_not_taken_back_by_looking_at_the_address(as_alice, document):
    delete(as_alice, document)
    assert as_alice.get(reverse("document_restore", args=[document.uuid])).status_code == 405
    assert titles(as_alice) == []


def test_going_back_leads_to_the_library_and_nowhere_else(as_alice, document):
    for query in ("https://evil.example/", "//evil.example", "\r\nLocation: x", "&" * 3000):
        location = undo(as_alice, document, query=query)["Location"]
        assert location == "/" or location.startswith("/?")
        assert "\n" not in location


def test_a_sound_stays_for_who_else_has_its_text(as_alice, as_bob, bob, document, sounds):
    make_document(bob, "The first paragraph is about the sea.")
    delete(as_alice, document)
    assert as_alice.get(sound_url(sounds[0])).status_code == 404
    assert as_bob.get(sound_url(sounds[0])).status_code == 200
    let_pass(TRASH_MINUTES + 1)
    tasks.delete_discarded()
    assert as_bob.get(sound_url(sounds[0])).status_code == 200
    assert list(AudioVariant.objects.all()) == [sounds[0]]


def test_sounds_of_what_may_come_back_are_no_orphans(as_alice, document, sounds):
    AudioVariant.objects.update(created_at="2020-01-01T00:00:00Z")
    delete(as_alice, document)
    tasks.clear_orphans()
    assert AudioVariant.objects.count() == len(sounds)


async def test_an_open_page_is_closed_at_once(as_alice, document):
    page = Page(as_alice, document)
    await page.open()
    await page.want(0)
    await in_database(delete)(as_alice, document)
    assert await page.close_code() == 4404
    await page.leave()
    again = Page(as_alice, document)
    assert await again.open_code() == 4404
    await again.leave()
    await in_database(undo)(as_alice, document)
    back = Page(as_alice, document)
    try:
        assert (await back.open())["block_count"] == document.block_count
    except Closed as closed:
        raise AssertionError("It is closed still.") from closed
    await back.leave()


# --- what goes on with it -------------------------------------------------------------------------


def test_an_import_stops_and_goes_on_when_it_is_taken_back(alice, as_alice, monkeypatch):
    text = "\n\n".join(f"This is paragraph number {n}." for n in range(30))
    document = documents.add_document(owner=alice, text=text)
    stored = making.Making.store
    stores = []
    monkeypatch.setattr(making, "BATCH_SECONDS", 60.0)

    def delete_then_store(making) -> None:
        stores.append(making.count)
        if len(stores) == 2:
            delete(as_alice, document)
        stored(making)

    monkeypatch.setattr(making.Making, "store", delete_then_store)
    import_document(Document.objects.get())
    document.refresh_from_db()
    assert (stores, document.status, document.blocks.count()) == ([12, 30], "importing", 12)

    Document.objects.update(changed_at="2020-01-01T00:00:00Z")
    redis_client().delete("jobs")
    tasks.resume_imports()
    tasks.import_document(document.pk)
    assert redis_client().llen("jobs") == 0
    assert document.blocks.count() == 12, "Nobody goes on with what is deleted."

    undo(as_alice, document)
    assert redis_client().llen("jobs") == 1
    tasks.import_document(document.pk)
    document.refresh_from_db()
    assert (document.status, document.blocks.count()) == ("ready", 30)


def test_a_page_that_is_fetched_for_a_deleted_document_is_not_kept(alice, as_alice, monkeypatch):
    document = documents.add_document(owner=alice, address="https://example.org/", kind="html")

    def fetch(*_, **__):
        delete(as_alice, document)
        return importing.fetching.Fetched("https://example.org/", b"<p>Hi</p>", "text/html", "")

    monkeypatch.setattr(importing.fetching, "fetch", fetch)
    import_document(Document.objects.get())
    document.refresh_from_db()
    assert (document.status, document.source.name) == ("importing", "")
    assert stored_files() == []


def test_a_page_is_fetched_once_when_the_deletion_is_taken_back_meanwhile(
    alice, as_alice, monkeypatch
):
    document = documents.add_document(owner=alice, address="https://example.org/", kind="html")
    page = importing.fetching.Fetched("https://example.org/", b"<p>Hi</p>", "text/html", "")
    fetched = []

    def fetch(*_, **__):
        fetched.append(1)
        delete(as_alice, document)
        undo(as_alice, document)
        tasks.import_document(document.pk)  # what taking it back has sent
        return page

    monkeypatch.setattr(importing.fetching, "fetch", fetch)
    tasks.import_document(document.pk)
    document.refresh_from_db()
    assert (len(fetched), document.status, document.attempt) == (1, "ready", 1)
    assert stored_files() == [document.source.name]


@pytest.mark.parametrize("end", ["page", "error"])
def test_a_fetch_that_another_attempt_has_overtaken_changes_nothing(alice, monkeypatch, end):
    document = documents.add_document(owner=alice, address="https://example.org/", kind="html")

    def fetch(*_, **__):
        Document.objects.update(attempt=2)  # its lease has expired, and a second one fetches
        if end == "error":
            raise importing.ExtractionError("There is no page there.")
        return importing.fetching.Fetched("https://example.org/", b"<p>A</p>", "text/html", "")

    monkeypatch.setattr(importing.fetching, "fetch", fetch)
    tasks.import_document(document.pk)
    document.refresh_from_db()
    assert (document.status, document.attempt, document.source.name) == ("importing", 2, "")
    assert stored_files() == []


def test_a_deletion_may_be_taken_back_as_often_as_one_likes(alice, as_alice, monkeypatch):
    document = documents.add_document(owner=alice, address="https://example.org/", kind="html")
    page = importing.fetching.Fetched("https://example.org/", b"<p>Hi</p>", "text/html", "")
    monkeypatch.setattr(importing.fetching, "fetch", lambda *_, **__: page)
    for _ in range(4):
        with monkeypatch.context() as patched:
            patched.setattr(
                importing.fetching, "fetch", lambda *_, **__: delete(as_alice, document) and page
            )
            tasks.import_document(document.pk)
        undo(as_alice, document)
    tasks.import_document(document.pk)
    document.refresh_from_db()
    assert (document.status, document.error) == ("ready", "")


def test_a_preparation_stops_and_goes_on_when_it_is_taken_back(as_alice, alice, voice, monkeypatch):
    document = make_document(alice, "\n\n".join(f"Paragraph number {n}." for n in range(12)))
    preparations.start_preparation(document=document, user=alice, voice=voice, sound="")

    def standing() -> Preparation:
        return Preparation.objects.select_related("document", "voice", "user").get()

    made = preparing._Turn._make_one
    count = []

    def make_then_delete(turn, block):
        count.append(block.idx)
        if len(count) == 3:
            delete(as_alice, document)
        return made(turn, block)

    monkeypatch.setattr(preparing, "TELL_SECONDS", 0.0)
    monkeypatch.setattr(preparing, "TURN_SECONDS", 60.0)
    monkeypatch.setattr(preparing._Turn, "_make_one", make_then_delete)
    assert preparing.prepare(standing()) is False
    assert count == [0, 1, 2]
    redis_client().delete("preparation")
    Preparation.objects.update(lease_until="2020-01-01T00:00:00Z")
    tasks.resume_preparations()
    tasks.prepare_document(document.pk, standing().turn)
    assert preparing.prepare(standing()) is False
    assert (redis_client().llen("preparation"), count) == (0, [0, 1, 2])

    undo(as_alice, document)
    assert redis_client().llen("preparation") == 1
    while preparing.prepare(standing()):
        pass
    assert (standing().status, standing().done) == ("done", 12)


def test_rules_hold_for_what_is_taken_back_too(as_alice, alice, document):
    delete(as_alice, document)
    speech.change_lexicon(alice, lambda: alice.lexicon.create(word="sea", say="ocean"))
    tasks.speak_again()
    undo(as_alice, document)
    assert document.blocks.get(idx=0).text == "The first paragraph is about the ocean."


def test_a_worker_deletes_for_good_what_beat_asks_for(as_alice, document, tmp_path, settings):
    assert tasks.delete_discarded.name in settings.UPKEEP_SECONDS
    delete(as_alice, document)
    let_pass(TRASH_MINUTES + 1)
    with running_worker(data_dir=tmp_path, tone_log=tmp_path / "log", queues="upkeep"):
        tasks.delete_discarded.apply_async(queue="upkeep")
        wait_until(lambda: not Document.objects.exists(), 30)


def test_each_is_deleted_for_good_in_its_own_time(as_alice, alice):
    early, late, kept = (make_document(alice, TEXT, title) for title in ("a", "b", "c"))
    delete(as_alice, early)
    let_pass(TRASH_MINUTES + 1)
    delete(as_alice, late)
    tasks.delete_discarded()
    assert set(Document.objects.values_list("title", flat=True)) == {"b", "c"}
    assert titles(as_alice) == ["c"]
    assert kept.blocks.exists()


# --- staff ----------------------------------------------------------------------------------------


def test_staff_do_not_see_what_is_deleted(staff, as_alice, document):
    delete(as_alice, document)
    changelist = reverse("admin:reader_document_changelist")
    assert document.title not in staff.get(changelist).content.decode()
    assert staff.get(reverse("admin:reader_document_blocks", args=[document.pk])).status_code == 404
    change = reverse("admin:reader_document_change", args=[document.pk])
    assert staff.get(change).status_code == 302


def test_a_person_who_is_deleted_takes_along_what_they_deleted(
    staff, as_alice, alice, document, sounds
):
    delete(as_alice, document)
    address = reverse("admin:reader_user_delete", args=[alice.pk])
    assert staff.post(address, {"post": "yes"}).status_code == 302
    tasks.delete_person(alice.pk)
    assert not Document.objects.exists()
    assert not AudioVariant.objects.exists()
    assert stored_files() == []
