"""The library: which documents, and in which order."""

from __future__ import annotations

import pytest
from django.db import connection
from django.db.models import F

from reader.models import Block, Document
from reader.services import preferences

from .conftest import page_of, place, titles

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("static_files")]


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
            text_hash=f"{document.pk}-{idx}" if text else "", characters=len(text),
        )
        for idx, text in enumerate(texts)
    )  # fmt: skip
    return document


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
    preferences.save_position(user=bob, document=library["Cherry cake"], block_idx=1, offset_ms=0)
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
        ("e", ["Apple pie"]),  # how a word begins: its site is cooking.example
        ("100%", []),
        ("_", ["Cherry cake", "Über das Kochen", "Apple pie", "banana bread"]),  # no word
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


def test_the_library_costs_the_same_however_it_is_sorted_and_sifted(
    as_alice, alice, library, django_assert_max_num_queries
):
    for n in range(10):
        shelve(alice, f"Cherry {n}")
    Document.objects.filter(title="Cherry 3").update(deleted_at=F("created_at"))
    sifted = {"sort": "longest", "q": "cherry", "state": "new", "kind": "text"}
    # Beside the documents: collections, filters, archive, queue; notes and texts that are found.
    # PostgreSQL is told how to look for words.
    of_words = 18 if connection.vendor == "postgresql" else 17
    for chosen, most in (({}, 10), (sifted, of_words)):
        with django_assert_max_num_queries(most):
            as_alice.get("/", chosen)
