"""Finding something in all documents: in names, notes and texts, as it is typed."""

import pytest
from django.core.management import call_command
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from reader.deleting import delete_document
from reader.extraction.sanitise import shown_text
from reader.finding import passages
from reader.finding.folding import LONGEST_TOKEN, TOKEN, tokens
from reader.finding.passages import Query
from reader.models import Annotation, Block
from reader.services.documents import discard_document, restore_document
from reader.services.finding import notes_of, passages_of, snippet
from tests.conftest import make_document

from .conftest import page_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("static_files")]

TEXT = """# Die Überfahrt

Der Kapitän blickte über die Straße von Gibraltar.

Ὀδυσσεύς went on to İstanbul, and had a crème brûlée for 3,50 €.

東京タワーは高いです。

นักเรียนอ่านหนังสือ

हिन्दी में लिखा हुआ

C++ and snake_case are two words of programmers.
"""


def found(user, words: str) -> list[int]:
    return [passage.block_idx for passage in passages_of(user, Query.of(words))]


@pytest.fixture
def voyage(alice, voice):
    return make_document(alice, TEXT, "A voyage")


@pytest.mark.parametrize(
    ("words", "blocks"),
    [
        ("kapitän", [1]),
        ("KAPITAN", [1]),
        ("kap", [1]),  # as it is typed
        ("k", []),  # from the second letter on
        ("o", []),
        ("ow", []),
        ("kap gibraltar", []),  # only the last word may go on
        ("kapitän gib", [1]),
        ("strasse", [1]),
        ("οδυσσευς", [2]),
        ("istanbul", [2]),
        ("creme brulee", [2]),
        ("3,50", [2]),
        ("東京", [3]),
        ("京タ", [3]),
        ("東タ", []),  # they do not stand together
        ("เรียน", [4]),
        ("हिन्दी", [5]),
        ("लिखा", [5]),
        ("snake_case", [6]),
        ("überfahrt", [0]),
        ("nothing", []),
        ("", []),
        ('"', []),
        ("kapitän AND", []),
        ("owner", []),
        ("u1", []),
        ("NEAR(kapitän)", []),
        ("'; --", []),
        ("\\' :* &", []),
    ],
)
def test_words_are_found_in_any_script_without_case_and_accents(alice, voyage, words, blocks):
    assert found(alice, words) == blocks


def test_only_what_one_may_see_is_found(alice, bob, voyage):
    make_document(bob, "A Kapitän of Bob's.")
    assert found(bob, "kapitän") == [0]
    assert found(alice, "kapitän") == [1]


def test_a_deleted_document_is_found_no_more_and_its_words_leave_the_index(alice, voyage):
    discard_document(document=voyage)
    assert found(alice, "kapitän") == []
    restore_document(document=voyage)
    assert found(alice, "kapitän") == [1]
    delete_document(document=voyage)
    assert indexed() == 0


@pytest.mark.django_db(transaction=True)
def test_the_index_is_emptied_with_the_database(voyage):
    """As before a backup is restored: PostgreSQL deletes no single row then."""
    assert indexed() > 0
    call_command("flush", interactive=False, verbosity=0)
    assert indexed() == 0


def indexed() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM reader_passage")
        return cursor.fetchone()[0]


def test_blocks_are_found_once_however_often_they_are_stored(alice, voyage):
    blocks = list(voyage.blocks.all())
    for block in blocks:
        block.pk = None
    Block.objects.bulk_create(blocks, ignore_conflicts=True)
    assert found(alice, "kapitän") == [1]


def test_few_of_each_document_are_told_and_the_latest_first(alice, voice):
    for title in ("One", "Two"):
        make_document(alice, "\n\n".join(f"Whale number {n}." for n in range(9)), title)
    passages = passages_of(alice, Query.of("whale"))
    assert [(p.document.title, p.block_idx) for p in passages] == [
        *(("Two", n) for n in range(3)),
        *(("One", n) for n in range(3)),
    ]


def test_notes_and_what_is_marked_are_found(alice, bob, voyage):
    about = {"document": voyage, "kind": "highlight", "block_idx": 1, "end_block_idx": 1}
    Annotation.objects.create(user=alice, quote="Der Kapitän", note="A naïve remark", **about)
    Annotation.objects.create(user=bob, quote="x", note="A naive remark", **about)
    (note,) = notes_of(alice, Query.of("NAIVE"))
    assert (note.block_idx, note.chapter) == (1, "Die Überfahrt")
    assert ("naïve", True) in note.pieces


def test_a_snippet_marks_the_words_in_their_own_spelling():
    long = "word " * 60
    pieces = snippet(f"{long}Der KAPITÄN blickt{long}", Query.of("kapitan bli"))
    assert [text for text, is_hit in pieces if is_hit] == ["KAPITÄN", "blicktword"]
    assert pieces[0] == ("…", False)
    assert 100 < len("".join(text for text, _ in pieces)) < 400
    assert snippet("東京タワー", Query.of("京タ")) == [
        ("東", False),
        ("京タ", True),
        ("ワー", False),
    ]
    assert snippet("<b>", Query.of("x")) == [("<b>", False)]


def test_the_library_shows_where_the_words_stand(as_alice, voyage):
    page = page_of(as_alice, "/", q="KAPITAN gib")
    assert "<mark>Kapitän</mark>" in page
    assert f'href="/documents/{voyage.uuid}/?play=1#block-1"' in page
    assert "A voyage · Die Überfahrt" in page
    assert "1 found" in page


def test_a_name_is_found_without_its_accents(as_alice, alice, voice):
    make_document(alice, "Text.", "Œuvres complètes")
    assert "Œuvres complètes" in page_of(as_alice, "/", q="oeuvres COMPLETES")


def test_hostile_words_are_shown_as_text(as_alice, alice, voice):
    make_document(alice, "Some <script>alert(1)</script> whales.")
    assert "<script>alert" not in as_alice.get("/", {"q": "whales"}).content.decode()


def test_of_a_block_with_more_words_than_an_index_bears_the_first_are_found(alice, voyage):
    # Of three bytes each letter, 3 MB: all words of a block may have one in PostgreSQL's index.
    words = [f"{n}{'क' * 55}" for n in range(10_000, 26_000)]
    passages.put([(voyage.blocks.get(idx=1).pk, alice.pk, " ".join(words))])
    assert found(alice, words[0]) == found(alice, words[1_000]) == [1]


@given(st.text(st.characters(max_codepoint=127)))
def test_words_of_plain_letters_are_found_as_those_of_all_scripts(text):
    assert tokens(text) == [token[:LONGEST_TOKEN] for token in TOKEN.findall(text.lower())]


def test_of_a_word_that_is_very_long_its_beginning_is_found():
    assert tokens(f"is {'a' * 100} Ö{'o' * 100}.") == [
        "is",
        "a" * LONGEST_TOKEN,
        "o" * LONGEST_TOKEN,
    ]


def test_tokens_are_the_same_however_a_text_is_cut(alice, voyage):
    for block in voyage.blocks.all():
        text = shown_text(block.html)
        assert tokens(text) == [token for word in text.split() for token in tokens(word)]
