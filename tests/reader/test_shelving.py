"""Collections, tags, the archive, saved filters, many at once, the trash."""

import pytest

from reader.models import Collection, Document, SavedFilter
from reader.services import shelving
from reader.tasks import purge
from tests.conftest import make_document

from .conftest import page_of, titles

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("static_files")]


@pytest.fixture
def three(alice, voice) -> list[Document]:
    return [make_document(alice, f"Text number {n}.", f"Document {n}") for n in range(3)]


def act(client, documents, act: str, **fields: str):
    return client.post(
        "/documents/several/", {"uuid": [each.uuid for each in documents], "act": act, **fields}
    )


def test_documents_are_put_into_a_collection_and_taken_out(as_alice, three):
    act(as_alice, three[:2], "put", name="To read")
    page = page_of(as_alice)
    assert "2 documents put into “To read”." in page
    collection = Collection.objects.get()
    within = {"in": str(collection.uuid)}
    assert titles(as_alice, **within) == ["Document 1", "Document 0"]
    act(as_alice, three, "put", name="To read")
    assert collection.documents.count() == 3
    act(as_alice, three[:1], "take", collection=str(collection.uuid))
    assert titles(as_alice, **within) == ["Document 2", "Document 1"]
    assert len(titles(as_alice)) == 3


def test_a_document_may_be_in_several_and_a_tag_is_one_with_a_sign(as_alice, three):
    act(as_alice, three[:1], "put", name="One")
    act(as_alice, three[:1], "put", name="#sea")
    assert [str(each) for each in Collection.objects.all()] == ["One", "#sea"]


def test_a_collection_is_renamed_and_deleted_without_its_documents(as_alice, three):
    act(as_alice, three, "put", name="One")
    uuid = Collection.objects.get().uuid
    as_alice.post(f"/collections/{uuid}/rename/", {"name": "Two"})
    assert str(Collection.objects.get()) == "Two"
    act(as_alice, three, "put", name="Three")
    as_alice.post(f"/collections/{uuid}/rename/", {"name": "Three"})
    assert "none of your others" in page_of(as_alice)
    as_alice.post(f"/collections/{uuid}/delete/")
    assert [str(each) for each in Collection.objects.all()] == ["Three"]
    assert len(titles(as_alice)) == 3


def test_the_archive_is_out_of_sight_and_found_all_the_same(as_alice, three):
    act(as_alice, three[:1], "archive")
    assert titles(as_alice) == ["Document 2", "Document 1"]
    assert titles(as_alice, state="archived") == ["Document 0"]
    assert titles(as_alice, q="document 0") == ["Document 0"]
    act(as_alice, three[:1], "unarchive")
    assert len(titles(as_alice)) == 3


def test_many_are_marked_as_finished_and_as_not_begun(as_alice, three):
    act(as_alice, three, "finish")
    assert len(titles(as_alice, state="finished")) == 3
    act(as_alice, three[:2], "anew")
    assert titles(as_alice, state="finished") == ["Document 2"]
    assert titles(as_alice, state="new") == ["Document 1", "Document 0"]


def test_a_choice_is_saved_under_a_name(as_alice, three):
    as_alice.post("/filters/", {"name": "New PDFs", "query": "state=new&kind=pdf&evil=1"})
    assert list(SavedFilter.objects.values_list("name", "parameters")) == [
        ("New PDFs", "state=new&kind=pdf")
    ]
    assert 'href="/?state=new&kind=pdf"' in page_of(as_alice)
    as_alice.post(f"/filters/{SavedFilter.objects.get().pk}/delete/")
    assert not SavedFilter.objects.exists()


def test_a_stranger_changes_nothing_of_it(as_alice, as_bob, three):
    act(as_alice, three, "put", name="One")
    as_alice.post("/filters/", {"name": "F", "query": "state=new"})
    uuid = Collection.objects.get().uuid
    for name in shelving.ACTIONS:
        act(as_bob, three, name)
    act(as_bob, three, "put", name="Bob's")
    assert act(as_bob, three, "take", collection=str(uuid)).status_code == 404
    for address in (
        f"/collections/{uuid}/rename/",
        f"/collections/{uuid}/delete/",
        f"/filters/{SavedFilter.objects.get().pk}/delete/",
    ):
        assert as_bob.post(address, {"name": "x"}).status_code == 404
    assert titles(as_bob, **{"in": str(uuid)}) == []
    assert len(titles(as_alice)) == 3
    assert Collection.objects.get(name="Bob's").documents.count() == 0


@pytest.mark.parametrize(
    "fields", [{}, {"uuid": "x", "act": "archive"}, {"act": "archive"}, {"act": "drop"}]
)
def test_nonsense_is_told(as_alice, three, fields):
    assert as_alice.post("/documents/several/", fields).status_code == 302
    assert "message--error" in page_of(as_alice)


def test_the_trash_gives_back_and_is_emptied(as_alice, as_bob, three):
    act(as_alice, three, "delete")
    assert titles(as_alice) == []
    page = page_of(as_alice, "/trash/")
    assert "3 documents, each for 30 days" in page
    as_alice.post(f"/documents/{three[0].uuid}/restore/")
    assert titles(as_alice) == ["Document 0"]
    as_bob.post("/trash/empty/", {"uuid": str(three[1].uuid)})
    as_bob.post("/trash/empty/")
    purge()
    assert Document.objects.count() == 3
    as_alice.post("/trash/empty/", {"uuid": str(three[1].uuid)})
    assert "1 document, each for 30 days" in page_of(as_alice, "/trash/")
    assert as_alice.post(f"/documents/{three[1].uuid}/restore/").status_code == 404, "Too late."
    purge()
    assert Document.objects.count() == 2
    as_alice.post("/trash/empty/")
    assert "The trash is empty" in page_of(as_alice, "/trash/")
    purge()
    assert list(Document.objects.all()) == [three[0]]
