"""Bookmarks, highlights and notes: made, listed, changed, deleted, taken along."""

import uuid
from html import escape
from urllib.parse import unquote

import pytest
from django.test import Client
from django.utils import timezone
from markdown_it import MarkdownIt

from reader.models import Annotation, Block, Document, OutlineEntry
from reader.services import annotating
from tests.conftest import make_document

from .conftest import INLINE

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("static_files")]

# Blocks 0 and 1 of the document of the cast.
FIRST = "The first paragraph is about the sea."
SECOND = "The second paragraph is about the land."
PASSAGE = {"kind": "highlight", "block_idx": 0, "start": 4, "end_block_idx": 0, "end": 19}


def address(document: Document, more: str = "") -> str:
    return f"/documents/{document.uuid}/annotations{more or '/'}"


def mark(client: Client, document: Document, **fields):
    return client.post(address(document), {**PASSAGE, **fields})


def marked(client: Client, document: Document, **fields) -> dict:
    response = mark(client, document, **fields)
    assert response.status_code == 201, response.content
    return response.json()


def refused(client: Client, document: Document, **fields) -> str:
    """Return why a passage is not taken."""
    response = mark(client, document, **fields)
    assert response.status_code == 400
    return " ".join(why for all_ in response.json()["errors"].values() for why in all_)


def listed(client: Client, document: Document) -> list[dict]:
    return client.get(address(document)).json()["annotations"]


def exported(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "text/markdown; charset=utf-8"
    assert response.headers["Content-Disposition"].startswith("attachment")
    return response.content.decode()


# --- marking -------------------------------------------------------------------------------------


def test_a_highlight_keeps_the_text_that_the_document_shows_there(as_alice, document):
    made = marked(as_alice, document, note=" Why? ", quote="something else")
    assert made == {**PASSAGE, "id": made["id"], "quote": "first paragraph", "note": "Why?"}
    assert listed(as_alice, document) == [made]


def test_a_highlight_goes_over_blocks(as_alice, document):
    made = marked(as_alice, document, start=33, end_block_idx=1, end=10)
    assert made["quote"] == "sea.\n\nThe second"


def test_offsets_count_as_the_page_counts(as_alice, alice, voice):
    document = make_document(alice, "A 😀 face & a <tag>.")
    assert marked(as_alice, document, start=2, end=9)["quote"] == "😀 face"
    assert marked(as_alice, document, start=10, end=19)["quote"] == "& a <tag>"
    assert "within a character" in refused(as_alice, document, start=3, end=9)


def test_what_is_marked_is_listed_in_reading_order(as_alice, document):
    later = marked(as_alice, document, block_idx=1, end_block_idx=1)
    first = marked(as_alice, document, start=0)
    second = marked(as_alice, document)
    assert listed(as_alice, document) == [first, second, later]


def test_a_bookmark_may_be_of_a_place_without_text(as_alice, document):
    made = marked(as_alice, document, kind="bookmark", start=0, end=0)
    assert (made["kind"], made["quote"]) == ("bookmark", "")


def test_the_same_passage_is_marked_once_and_keeps_its_note(as_alice, document):
    made = marked(as_alice, document, note="Mine")
    again = mark(as_alice, document, note="Another")
    assert (again.status_code, again.json()) == (200, made)
    assert marked(as_alice, document, kind="bookmark")["id"] != made["id"]


def test_a_note_that_comes_late_brings_nothing_back(as_alice, document, monkeypatch):
    made = marked(as_alice, document)
    change = annotating.change_note

    def deleted_meanwhile(annotation: Annotation, note: str) -> bool:
        Annotation.objects.all().delete()
        return change(annotation, note)

    monkeypatch.setattr(annotating, "change_note", deleted_meanwhile)
    response = as_alice.post(address(document, f"/{made['id']}/"), {"note": "Late"})
    assert response.status_code == 404
    assert not Annotation.objects.exists()


@pytest.mark.parametrize(
    "fields",
    [
        {"end": 3},
        {"end": len(FIRST) + 1},
        {"start": len(FIRST) + 1, "end": len(FIRST) + 1},
        {"block_idx": 1},
        {"block_idx": 9, "end_block_idx": 9},
        {"end_block_idx": 9},
        {"block_idx": -1},
        {"end": 10**12},
        {"start": "x"},
        {"start": 3, "end": 4},
        {"kind": "scribble"},
        {"note": "x" * (annotating.MAX_NOTE + 1)},
        {"end_block_idx": annotating.MAX_BLOCKS},
    ],
)
def test_what_is_no_passage_is_refused(as_alice, document, fields):
    assert refused(as_alice, document, **fields)
    assert listed(as_alice, document) == []


def test_too_long_a_passage_is_refused(as_alice, alice, voice, monkeypatch):
    monkeypatch.setattr(annotating, "MAX_QUOTE", 10)
    document = make_document(alice, FIRST)
    assert "too much" in refused(as_alice, document)


def test_a_document_takes_only_so_many(as_alice, document, monkeypatch):
    monkeypatch.setattr("reader.forms.annotations.MAX_PER_DOCUMENT", 1)
    marked(as_alice, document)
    assert "delete one" in refused(as_alice, document, start=0)


# --- changing ------------------------------------------------------------------------------------


def test_a_note_is_changed_and_nothing_else(as_alice, document):
    made = marked(as_alice, document)
    path = address(document, f"/{made['id']}/")
    changed = as_alice.post(path, {"note": "A second\nthought ", "quote": "x", "start": 0})
    assert changed.json() == {**made, "note": "A second\nthought"}
    assert as_alice.post(path, {"note": "x" * 10_001}).status_code == 400
    assert as_alice.post(path, {"note": ""}).json() == made


def test_it_is_deleted_once(as_alice, document):
    path = address(document, f"/{marked(as_alice, document)['id']}/")
    assert as_alice.delete(path).status_code == 204
    assert listed(as_alice, document) == []
    assert as_alice.delete(path).status_code == 404


# --- whose ---------------------------------------------------------------------------------------


def test_nobody_else_sees_or_changes_it(as_alice, as_bob, client, document, bobs_document):
    made = marked(as_alice, document)
    path = address(document, f"/{made['id']}/")
    for other in (as_bob, client):
        assert other.get(address(document)).status_code == 404
        assert mark(other, document).status_code == 404
        assert other.post(path, {"note": "mine"}).status_code == 404
        assert other.delete(path).status_code == 404
    assert as_bob.get(address(document, ".md")).status_code == 404
    assert client.get(address(document, ".md")).status_code == 302
    assert client.get("/annotations.md").status_code == 302
    assert as_bob.delete(address(bobs_document, f"/{made['id']}/")).status_code == 404
    assert listed(as_alice, document) == [made]
    assert "first paragraph" not in exported(as_bob, "/annotations.md")


def test_a_document_that_is_not_there_has_none(as_alice, document):
    nothing = Document(uuid=uuid.uuid4())
    for more in ("", "/1/", ".md"):
        assert as_alice.post(address(nothing, more)).status_code in (404, 405)
    marked(as_alice, document)
    Document.objects.filter(pk=document.pk).update(deleted_at=timezone.now())
    assert as_alice.get(address(document)).status_code == 404
    assert exported(as_alice, "/annotations.md") == "Nothing is marked yet.\n"


def test_what_another_person_marked_in_the_same_document_is_theirs(as_alice, bob, document):
    Annotation.objects.create(user=bob, document=document, quote="x", **PASSAGE)
    assert listed(as_alice, document) == []
    assert "Nothing is marked" in exported(as_alice, address(document, ".md"))


# --- taking it along -----------------------------------------------------------------------------


def test_the_export_tells_all_in_reading_order(as_alice, document):
    Document.objects.filter(pk=document.pk).update(
        title="On *Weather*", author="A. Author", address="https://example.org/a_b"
    )
    for position, (title, idx) in enumerate([("The sea", 0), ("The land", 1)]):
        OutlineEntry.objects.create(
            document=document, position=position, level=1, title=title, block_idx=idx
        )
    marked(as_alice, document, block_idx=1, end_block_idx=2, start=0, end=5)
    marked(as_alice, document, note="1. Why?\n\n- [ ] look it up")
    marked(as_alice, document, kind="bookmark", start=0, end=len(FIRST))
    assert exported(as_alice, address(document, ".md")) == (
        "# On \\*Weather\\*\n\nA. Author\n\n<https://example.org/a_b>\n\n"
        "## The sea\n\n"
        f"**Bookmark**\n\n> {FIRST}\n\n"
        "> first paragraph\n\n**Note:** 1\\. Why?\n\n\\- \\[ \\] look it up\n\n"
        f"## The land\n\n> {SECOND}\n>\n> \\* \\* \\*\n"
    )


def test_what_is_marked_shows_as_it_is_whatever_it_says(as_alice, alice, voice):
    hostile = (
        "It says # no heading *no stars* _no_ `no code` [no](link) ![no](picture) <b>no</b> &amp; "
        "~~no~~ | no | \\ $no$ and so on."
    )
    document = make_document(alice, "What follows is set by hand.")
    # As a web page may show it; of a pasted text the signs of Markdown are taken for what they are.
    Block.objects.filter(document=document).update(html=f"<p>{escape(hostile)}</p>")
    end = len(hostile.encode("utf-16-le")) // 2
    notes = "1. no list\n2) no list\n- no list\n+ no list\n> no quote\n===\n---\n    no code\n# no"
    marked(as_alice, document, start=0, end=end, note=notes)
    html = (
        MarkdownIt("commonmark")
        .enable(["table", "strikethrough"])
        .render(exported(as_alice, address(document, ".md")))
    )
    assert html.count("<blockquote>") == 1
    for tag in ("<em", "<code", "<pre", "<a ", "<img", "<b>", "<s>", "<li", "<h2", "<hr", "<table"):
        assert tag not in html, tag
    assert html.count("<strong>") == 1  # the word "Note"
    assert "no heading *no stars* _no_" in html


def test_a_quote_of_lines_keeps_its_lines():
    quote = "if a:\n    b()\n\nThe end."
    assert annotating._text(quote) == "if a:\\\n\u00a0\u00a0\u00a0\u00a0b()\n\nThe end."


def test_the_file_has_a_name_that_every_system_takes(as_alice, document):
    def name_for(title: str) -> str:
        Document.objects.filter(pk=document.pk).update(title=title)
        header = as_alice.get(address(document, ".md")).headers["Content-Disposition"]
        return unquote(header.partition("filename")[2].lstrip("*=").removeprefix("utf-8''"))

    assert name_for("A document") == '"A document - notes.md"'
    assert name_for('../a\\b:c"d\r\nSet-Cookie: x') == '"a b c d Set-Cookie x - notes.md"'
    assert name_for("Überall 😀") == "Überall 😀 - notes.md"
    assert name_for("...") == '"document - notes.md"'
    assert len(name_for("x" * 300)) < 100


def test_one_file_tells_of_all_documents(as_alice, alice, document):
    other = make_document(alice, "Another text.", "Another document")
    make_document(alice, "Unmarked.", "Unmarked")
    marked(as_alice, document)
    marked(as_alice, document, start=0)
    marked(as_alice, other, start=0, end=7)
    assert exported(as_alice, "/annotations.md") == (
        "# Another document\n\n> Another\n\n"
        "# A document\n\n> The first paragraph\n\n> first paragraph\n"
    )
    assert 'href="/annotations.md"' in as_alice.get("/settings/").content.decode()


def test_the_page_has_what_marks_and_no_inline_code(as_alice, document):
    page = as_alice.get(f"/documents/{document.uuid}/").content.decode()
    assert f'href="{address(document, ".md")}"' in page
    assert 'id="selection-bar"' in page
    assert not INLINE.search(page)
