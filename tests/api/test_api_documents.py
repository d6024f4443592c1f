"""Documents over the API: brought in, found, read, named, deleted."""

import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from reader.ingestion.importing import import_document
from reader.models import Document
from tests.conftest import make_document

from .conftest import Program, is_problem

pytestmark = pytest.mark.django_db


def imported(answer) -> Document:
    assert answer.status_code == 201, answer.content
    document = Document.objects.get(uuid=answer.json()["uuid"])
    import_document(document)
    document.refresh_from_db()
    return document


def test_a_text_becomes_a_document(alices, alice, django_capture_on_commit_callbacks):
    answer = alices.post("/documents", {"text": "One sentence.\n\nAnd another.", "title": "Two"})
    told = answer.json()
    assert (told["title"], told["status"], told["block_count"]) == ("Two", "importing", 0)
    document = imported(answer)
    assert document.owner == alice
    told = alices.get(f"/documents/{document.uuid}").json()
    assert (told["status"], told["block_count"], told["kind"]) == ("ready", 2, "text")
    blocks = alices.get(f"/documents/{document.uuid}/blocks").json()
    assert blocks["count"] == 2
    assert [(each["idx"], each["kind"], each["text"]) for each in blocks["items"]] == [
        (0, "paragraph", "One sentence."),
        (1, "paragraph", "And another."),
    ]
    assert blocks["items"][0]["html"] == "<p>One sentence.</p>"
    second = alices.get(f"/documents/{document.uuid}/blocks", {"offset": 1, "limit": 1}).json()
    assert [each["idx"] for each in second["items"]] == [1]


def test_a_file_and_its_outline(alices):
    page = b"<!doctype html><title>Book</title><h1>First</h1><p>Some words.</p><h2>Second</h2><p>x"
    upload = SimpleUploadedFile("book.html", page, content_type="text/html")
    document = imported(alices.form("/documents", {"file": upload, "title": "A book"}))
    assert (document.kind, document.title, document.source_name) == ("html", "A book", "book.html")
    outline = alices.get(f"/documents/{document.uuid}/outline").json()
    assert [(each["title"], each["block_idx"]) for each in outline["items"]] == [
        ("First", 0),
        ("Second", 2),
    ]


def test_an_address_is_fetched_later(alices):
    answer = alices.post("/documents", {"url": "https://example.org/a"})
    assert answer.status_code == 201
    assert answer.json()["address"] == "https://example.org/a"


@pytest.mark.parametrize(
    ("content", "status"),
    [
        ({}, 422),
        ({"text": "x", "url": "https://example.org/"}, 422),
        ({"text": 7}, 422),
        ({"text": "…"}, 422),
        ({"text": "x", "titel": "x"}, 422),
        ({"url": "ftp://example.org/"}, 422),
        ([], 422),
        ('"text"', 422),
    ],
)
def test_what_is_no_document_is_refused_in_words(alices, content, status):
    is_problem(alices.post("/documents", content), status)
    assert not Document.objects.exists()


def test_what_is_no_json_and_no_file_is_refused(alices):
    is_problem(alices.form("/documents", {"title": "no file"}), 422, "field file")
    broken = alices._client.post("/api/v1/documents", "{", content_type="application/json")
    is_problem(broken, 400)
    other = alices._client.post("/api/v1/documents", "x", content_type="text/plain")
    is_problem(other, 415)
    pdf = SimpleUploadedFile("a.pdf", b"no pdf at all")
    is_problem(alices.form("/documents", {"file": pdf}), 422, ".pdf")


def test_a_limit_of_documents_holds_for_programs_too(alices, document, settings):
    settings.MAX_DOCUMENTS_PER_PERSON = 1
    is_problem(alices.post("/documents", {"text": "More."}), 422, "1 documents")


def test_documents_are_listed_latest_first_in_parts_and_found_by_title(alices, alice, bob, voice):
    for title in ("The sea", "The land", "the Sea again"):
        make_document(alice, f"About {title}.", title)
    make_document(bob, "Not yours.", "Sea of bob")
    page = alices.get("/documents", {"limit": 2}).json()
    assert page["count"] == 3
    assert [each["title"] for each in page["items"]] == ["the Sea again", "The land"]
    rest = alices.get("/documents", {"limit": 2, "offset": 2}).json()
    assert [each["title"] for each in rest["items"]] == ["The sea"]
    found = alices.get("/documents", {"title": "sea"}).json()
    assert [each["title"] for each in found["items"]] == ["the Sea again", "The sea"]
    is_problem(alices.get("/documents", {"limit": 0}), 422)


def test_a_document_is_renamed_and_deleted(alices, document):
    answer = alices.patch(f"/documents/{document.uuid}", {"title": "Other"})
    assert answer.json()["title"] == "Other"
    is_problem(alices.patch(f"/documents/{document.uuid}", {"title": " "}), 422)
    assert alices.delete(f"/documents/{document.uuid}").status_code == 204
    is_problem(alices.get(f"/documents/{document.uuid}"), 404)
    is_problem(alices.delete(f"/documents/{document.uuid}"), 404)
    assert Document.objects.discarded().count() == 1


def test_a_stranger_cannot_tell_a_document_from_none(bobs: Program, document):
    for path in ("", "/blocks", "/outline", "/position", "/annotations"):
        foreign = bobs.get(f"/documents/{document.uuid}{path}")
        nothing = bobs.get(f"/documents/{uuid.uuid4()}{path}")
        is_problem(foreign, 404)
        assert foreign.content == nothing.content
    for answer in (
        bobs.patch(f"/documents/{document.uuid}", {"title": "Mine"}),
        bobs.delete(f"/documents/{document.uuid}"),
        bobs.put(f"/documents/{document.uuid}/position", {"block_idx": 1}),
        bobs.post(f"/documents/{document.uuid}/wanted", {"blocks": [0]}),
    ):
        is_problem(answer, 404)
    document.refresh_from_db()
    assert (document.title, document.deleted_at) == ("A document", None)


def test_an_unchanged_document_is_not_sent_again(alices, document):
    path = f"/documents/{document.uuid}"
    etag = alices.get(path).headers["ETag"]
    again = alices.get(path, **{"If-None-Match": etag})
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", etag)
    alices.patch(path, {"title": "Other"})
    changed = alices.get(path, **{"If-None-Match": etag})
    assert (changed.status_code, changed.json()["title"]) == (200, "Other")


def test_a_request_that_is_sent_again_makes_one_document(alices, bobs):
    key = {"Idempotency-Key": "a-key"}
    first = alices.post("/documents", {"text": "Only once."}, **key)
    again = alices.post("/documents", {"text": "Only once."}, **key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert again.headers["Idempotency-Replayed"] == "true"
    is_problem(alices.post("/documents", {"text": "Another."}, **key), 422, "another request")
    assert bobs.post("/documents", {"text": "Only once."}, **key).json() != first.json()
    assert Document.objects.count() == 2


def test_a_request_that_was_refused_may_be_mended_under_its_key(alices):
    key = {"Idempotency-Key": "a-key"}
    is_problem(alices.post("/documents", {"text": "…"}, **key), 422)
    assert alices.post("/documents", {"text": "Words."}, **key).status_code == 201


def test_a_file_that_is_sent_again_makes_one_document(alices):
    def send():
        upload = SimpleUploadedFile("a.txt", b"Only once.")
        return alices.form("/documents", {"file": upload}, **{"Idempotency-Key": "k"})

    assert send().json() == send().json()
    assert Document.objects.count() == 1


def test_an_address_that_there_is_not_is_a_problem(alices):
    is_problem(alices.get("/nothing"), 404)
    is_problem(alices.get("/documents/no-uuid"), 404)
    is_problem(alices.get("/documents/with%0Aa line break/append"), 404)
    is_problem(alices.delete("/documents"), 405)
    assert alices.delete("/documents").headers["Allow"]


def test_a_file_tells_where_it_is_from(alices):
    page = SimpleUploadedFile("page.html", b"<!doctype html><title>T</title><p>Some words here.")
    sent = {"file": page, "url": "https://example.org/a"}
    document = imported(alices.form("/documents", sent))
    assert (document.address, document.kind) == ("https://example.org/a", "html")
    page.seek(0)
    is_problem(alices.form("/documents", {"file": page, "url": "ftp://x"}), 422)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("title", ["one", "two"]),
        ("title", ["same", "same"]),
        ("title", [SimpleUploadedFile("t.txt", b"a file")]),
        ("url", ["https://example.org/a", "https://example.org/b"]),
        ("url", [SimpleUploadedFile("u.txt", b"https://example.org/a")]),
        ("file", [SimpleUploadedFile("second.txt", b"More words.")]),
    ],
)
def test_a_field_of_a_form_is_sent_once_and_as_what_it_is(alices, name, values):
    files = [SimpleUploadedFile("a.txt", b"Some words here.")]
    sent = {"file": files} if name != "file" else {}
    sent[name] = files + values if name == "file" else values
    is_problem(alices.form("/documents", sent), 422, "once" if name != "file" else "one file")
    assert not Document.objects.exists()


def test_a_page_of_another_site_may_ask_with_a_token_of_its_own(alices, client):
    asks = {"Origin": "https://example.org", "Access-Control-Request-Method": "POST"}
    answer = client.options("/api/v1/documents", headers=asks)
    assert answer.status_code == 204
    assert "Authorization" in answer.headers["Access-Control-Allow-Headers"]
    for told in (answer, alices.get("/documents"), client.get("/api/v1/documents")):
        assert told.headers["Access-Control-Allow-Origin"] == "*"
        assert "Access-Control-Allow-Credentials" not in told.headers
