"""The library: sorted, sifted, renamed, deleted and taken back, and several files at once."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from reader import ingestion, preparing, services, tasks
from reader.deleting import UNDO_MINUTES
from reader.ingestion import import_document
from reader.models import Block, Document, Position, Preparation
from tests.conftest import TEXT, make_document
from tests.worker import running_worker, wait_until
from tts.connections import redis_client
from tts.models import AudioVariant

from .conftest import marks_url, sound_url, stored_files
from .page import Closed, Page, in_database

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("static_files")]

NEW = "/documents/new/"
JSON = {"headers": {"accept": "application/json"}}


def titles(client, **chosen: str) -> list[str]:
    page = client.get("/", chosen).content.decode()
    return [unescape(title) for title in re.findall(r'dir="auto">([^<]*)</a></h2>', page)]


def page_of(client, path: str = "/", **chosen: str) -> str:
    return unescape(client.get(path, chosen).content.decode())


def shelve(owner, title: str, **fields) -> Document:
    """Put a document of so many blocks into the library, without an import."""
    texts = fields.pop("texts", ["Some words.", "Some more."])
    document = Document.objects.create(
        owner=owner, title=title, block_count=len(texts), source="uploads/no",
        **{"status": "ready", **fields},
    )  # fmt: skip
    Block.objects.bulk_create(
        Block(
            document=document, idx=idx, kind="paragraph", html=text, text=text,
            text_hash=f"{document.pk}-{idx}" if text else "",
        )
        for idx, text in enumerate(texts)
    )  # fmt: skip
    return document


def place(document: Document, block_idx: int, offset_ms: int = 0) -> None:
    services.save_position(
        user=document.owner, document=document, block_idx=block_idx, offset_ms=offset_ms
    )


@pytest.fixture
def library(alice):
    """Four documents, of which the first was added first."""
    long = ["A sentence that goes on for a while." * 20] * 4
    return {
        document.title: document
        for document in (
            shelve(alice, "banana bread", author="Zoë Baker", kind="epub", texts=long),
            shelve(alice, "Apple pie", site="cooking.example", kind="html"),
            shelve(alice, "Über das Kochen", author="Anna Koch", kind="pdf", texts=["Kurz."]),
            shelve(alice, "Cherry cake", kind="pdf", texts=["One.", "Two.", ""]),
        )
    }


# --- sorted ---------------------------------------------------------------------------------------

ADDED = ["Cherry cake", "Über das Kochen", "Apple pie", "banana bread"]


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("", ADDED),
        ("added", ADDED),
        ("nonsense", ADDED),
        ("title", ["Apple pie", "banana bread", "Cherry cake", "Über das Kochen"]),
        ("author", ["Über das Kochen", "Apple pie", "banana bread", "Cherry cake"]),
        ("shortest", ["Über das Kochen", "Cherry cake", "Apple pie", "banana bread"]),
        ("longest", ["banana bread", "Apple pie", "Cherry cake", "Über das Kochen"]),
    ],
)
def test_the_library_is_sorted_as_one_likes(as_alice, library, sort, order):
    assert titles(as_alice, sort=sort) == order


def test_what_was_heard_last_comes_first(as_alice, library, bob):
    place(library["Apple pie"], 1)
    place(library["banana bread"], 1)
    services.save_position(user=bob, document=library["Cherry cake"], block_idx=1, offset_ms=0)
    order = ["banana bread", "Apple pie", "Cherry cake", "Über das Kochen"]
    assert titles(as_alice, sort="heard") == order


def test_what_has_no_title_yet_comes_after_what_has_one(as_alice, library, alice):
    Document.objects.create(owner=alice, source="uploads/no")
    assert titles(as_alice, sort="title")[-1] == "A new document"


# --- sifted ---------------------------------------------------------------------------------------


def test_a_handful_of_documents_is_shown_without_ways_to_find_them(as_alice, alice):
    def can_be_sifted(**chosen: str) -> bool:
        return 'aria-label="Your library" hidden>' not in page_of(as_alice, **chosen)

    for n in range(5):
        shelve(alice, f"Document {n}")
    assert not can_be_sifted()
    # A choice that was made can be taken back.
    assert can_be_sifted(q="zebra")
    assert can_be_sifted(sort="title")
    shelve(alice, "One more")
    assert can_be_sifted()


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("cherry", ["Cherry cake"]),
        ("CAKE cherry", ["Cherry cake"]),
        ("über", ["Über das Kochen"]),
        ("ÜBER", ["Über das Kochen"]),
        ("koch", ["Über das Kochen"]),
        ("baker bread", ["banana bread"]),
        ("cooking.example", ["Apple pie"]),
        ("e", ["Cherry cake", "Über das Kochen", "Apple pie", "banana bread"]),
        ("100%", []),
        ("_", []),
        ("nothing like it", []),
        ("\0", ["Cherry cake", "Über das Kochen", "Apple pie", "banana bread"]),
        ("  ", ["Cherry cake", "Über das Kochen", "Apple pie", "banana bread"]),
    ],
)
def test_words_are_looked_for_in_title_author_and_site(as_alice, library, query, found):
    assert titles(as_alice, q=query) == found


def test_the_library_is_sifted_by_how_far_one_is(as_alice, library, alice):
    place(library["Apple pie"], 0, 0)  # opened, no more
    place(library["banana bread"], 0, 900)
    place(library["Cherry cake"], 1)  # the last block that is spoken: after it comes a picture
    place(library["Über das Kochen"], 0, 300)  # it has but one
    shelve(alice, "Broken", status="failed", error="No.", texts=[])
    assert titles(as_alice, state="new") == ["Apple pie"]
    assert titles(as_alice, state="begun") == ["banana bread"]
    assert titles(as_alice, state="finished") == ["Cherry cake", "Über das Kochen"]
    assert titles(as_alice, state="nonsense") == ["Broken", *ADDED]


def test_the_state_and_what_the_card_says_agree(as_alice, library):
    place(library["banana bread"], 2)
    place(library["Cherry cake"], 1)
    begun, finished = page_of(as_alice, state="begun"), page_of(as_alice, state="finished")
    assert "67 % heard" in begun
    assert ("finished</p>" in finished, "heard</p>" in finished) == (True, False)
    assert "heard</p>" not in page_of(as_alice, state="new")


def test_an_import_that_goes_on_is_never_finished(as_alice, alice):
    document = shelve(alice, "Coming in", status="importing")
    place(document, 1)
    assert titles(as_alice, state="finished") == []
    assert titles(as_alice, state="begun") == ["Coming in"]


def test_the_library_is_sifted_by_kind_and_all_at_once(as_alice, library):
    assert titles(as_alice, kind="pdf") == ["Cherry cake", "Über das Kochen"]
    assert titles(as_alice, kind="pdf", q="koch", state="new") == ["Über das Kochen"]
    assert titles(as_alice, kind="docx") == []


def test_nothing_found_says_so_and_leads_back(as_alice, library):
    page = page_of(as_alice, q="zebra", state="begun", kind="epub", sort="title")
    assert "Nothing here matches “zebra”, under way, EPUB." in page
    assert 'href="/?sort=title">Show all</a>' in page
    assert "Nothing on the lectern yet" not in page


def test_what_was_asked_for_is_shown_safely(as_alice, library):
    page = as_alice.get("/", {"q": '"><script>alert(1)</script>'}).content.decode()
    assert "<script>alert" not in page


def test_the_choice_stays_on_the_next_page_and_in_the_fields(as_alice, alice):
    for n in range(41):
        shelve(alice, f"Number {n:02}", kind="pdf", texts=["One."])
    page = page_of(as_alice, q="number", kind="pdf", sort="title")
    assert 'rel="next" href="?q=number&sort=title&kind=pdf&page=2"' in page
    assert '<option value="title" selected>' in page
    assert '<option value="pdf" selected>' in page
    assert 'value="number"' in page
    assert "41 found" in page
    chosen = {"q": "number", "kind": "pdf", "sort": "title", "page": "2"}
    assert titles(as_alice, **chosen) == ["Number 40"]


def test_nobody_finds_what_is_anothers(as_bob, library, bobs_document):
    assert titles(as_bob, q="cherry") == []
    for sort in ("added", "heard", "title", "author", "shortest", "longest"):
        assert titles(as_bob, sort=sort) == ["Bob's own"]


# --- several files at once ------------------------------------------------------------------------


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
        response = as_alice.post(NEW, {"text": "Some words."}, headers=headers)
        assert response.status_code == 302
        response = as_alice.post(NEW, {"text": ""}, headers=headers)
        assert (response.status_code, response["Content-Type"]) == (
            422, "text/html; charset=utf-8",
        )  # fmt: skip


def test_a_script_of_nobody_brings_nothing_in(client):
    assert client.post(NEW, {"text": "Some words."}, **JSON).status_code == 302
    assert not Document.objects.exists()


# --- renamed --------------------------------------------------------------------------------------


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
    document = services.add_document(owner=alice, text="# A heading\n\nWords.", kind="markdown")
    stored = ingestion._Making.store

    def rename_then_store(making) -> None:
        services.rename_document(document=document, title="My own title", author="Me")
        stored(making)

    monkeypatch.setattr(ingestion._Making, "store", rename_then_store)
    import_document(Document.objects.get())
    document.refresh_from_db()
    assert (document.status, document.title, document.author) == ("ready", "My own title", "Me")


# --- deleted, and taken back ----------------------------------------------------------------------


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
    assert UNDO_MINUTES >= 10
    delete(as_alice, document)
    let_pass(UNDO_MINUTES - 1)
    tasks.delete_discarded()
    assert "can be taken back for 1 min" in page_of(as_alice)
    undo(as_alice, document)
    assert titles(as_alice) == ["A document"]


def test_too_late_is_told_in_words_and_all_is_gone(as_alice, document, sounds):
    delete(as_alice, document)
    let_pass(UNDO_MINUTES + 1)
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
    let_pass(UNDO_MINUTES + 1)
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
    document = services.add_document(owner=alice, text=text)
    stored = ingestion._Making.store
    stores = []
    monkeypatch.setattr(ingestion, "BATCH_SECONDS", 60.0)

    def delete_then_store(making) -> None:
        stores.append(making.count)
        if len(stores) == 2:
            delete(as_alice, document)
        stored(making)

    monkeypatch.setattr(ingestion._Making, "store", delete_then_store)
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
    document = services.add_document(owner=alice, address="https://example.org/", kind="html")

    def fetch(*_, **__):
        delete(as_alice, document)
        return ingestion.fetching.Fetched("https://example.org/", b"<p>Hi</p>", "text/html", "")

    monkeypatch.setattr(ingestion.fetching, "fetch", fetch)
    import_document(Document.objects.get())
    document.refresh_from_db()
    assert (document.status, document.source.name) == ("importing", "")
    assert stored_files() == []


def test_a_preparation_stops_and_goes_on_when_it_is_taken_back(as_alice, alice, voice, monkeypatch):
    document = make_document(alice, "\n\n".join(f"Paragraph number {n}." for n in range(12)))
    services.start_preparation(document=document, user=alice, voice=voice, sound="")

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
    tasks.prepare_document(document.pk)
    assert preparing.prepare(standing()) is False
    assert (redis_client().llen("preparation"), count) == (0, [0, 1, 2])

    undo(as_alice, document)
    assert redis_client().llen("preparation") == 1
    while preparing.prepare(standing()):
        pass
    assert (standing().status, standing().done) == ("done", 12)


def test_rules_hold_for_what_is_taken_back_too(as_alice, alice, document):
    delete(as_alice, document)
    alice.lexicon.create(word="sea", say="ocean")
    services.speak_again(list(Document.objects.all()))
    tasks.speak_again([document.pk])
    undo(as_alice, document)
    assert document.blocks.get(idx=0).text == "The first paragraph is about the ocean."


def test_a_worker_deletes_for_good_what_beat_asks_for(as_alice, document, tmp_path, settings):
    assert settings.CELERY_BEAT_SCHEDULE["delete-discarded"]["task"] == (
        tasks.delete_discarded.name
    )
    delete(as_alice, document)
    let_pass(UNDO_MINUTES + 1)
    with running_worker(data_dir=tmp_path, tone_log=tmp_path / "log", queues="upkeep"):
        tasks.delete_discarded.apply_async(queue="upkeep")
        wait_until(lambda: not Document.objects.exists(), 30)


def test_each_is_deleted_for_good_in_its_own_time(as_alice, alice):
    early, late, kept = (make_document(alice, TEXT, title) for title in ("a", "b", "c"))
    delete(as_alice, early)
    let_pass(UNDO_MINUTES + 1)
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
    assert not Document.objects.exists()
    assert not AudioVariant.objects.exists()
    assert stored_files() == []


def test_the_library_costs_the_same_however_it_is_sorted_and_sifted(
    as_alice, alice, library, django_assert_max_num_queries
):
    for n in range(10):
        shelve(alice, f"Cherry {n}")
    Document.objects.filter(title="Cherry 3").update(deleted_at=F("created_at"))
    for chosen in ({}, {"sort": "longest", "q": "cherry", "state": "new", "kind": "text"}):
        with django_assert_max_num_queries(6):
            as_alice.get("/", chosen)
