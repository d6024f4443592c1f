"""Finding where there is much to find: little is looked at, and what is rare is found anyway."""

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext

from reader import tasks
from reader.finding import passages
from reader.finding.passages import Query
from reader.models import Block, Document
from reader.services.documents import add_document
from reader.services.finding import passages_of
from tests.conftest import make_document
from tts import clock

pytestmark = pytest.mark.django_db
on_postgresql = pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has an order.")

on_sqlite = pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL does it whole.")


@pytest.fixture
def much(alice, bob, voice, monkeypatch):
    """More than is looked at: a few rare words, and after them many that begin like them."""
    monkeypatch.setattr(passages, "CANDIDATES", 3)
    make_document(alice, "Therapy with whales.\n\nA snake_case.\n\nUnthermal, if anything.", "Old")
    make_document(alice, "\n\n".join(f"Then the theme number {n}." for n in range(20)), "New")
    make_document(bob, "\n\n".join(f"Therapy of Bob's, number {n}." for n in range(9)), "Bob's")


def found(user, words: str, limit: int = 300) -> list[str]:
    blocks = passages.find(user.pk, Query.of(words), limit=limit)
    texts = Block.objects.in_bulk(blocks)
    return [texts[pk].text for pk in blocks]


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ("thera", "Therapy with whales."),  # not one of the latest that begin with "the"
        ("therapy", "Therapy with whales."),
        ("whales th", "Therapy with whales."),  # many begin so, few are about whales
        ("th whales", None),  # only the last word may go on
        ("snake_cas", "A snake_case."),
        ("therm", None),  # inside of a word is not its beginning
    ],
)
def test_what_is_rare_is_found_among_much_that_begins_like_it(alice, much, words, text):
    assert found(alice, words) == ([text] if text else [])


@pytest.mark.parametrize("words", ["then", "th", "the", "them", "theme nu"])
def test_of_what_is_in_very_many_the_latest_are_found(alice, much, words):
    texts = found(alice, words, limit=2)
    assert len(texts) == 2
    assert all(text.startswith("Then the theme") for text in texts)


def test_more_hits_take_no_more_statements(alice, much, django_assert_max_num_queries):
    for words in ("whales", "then", "them", "th"):
        with django_assert_max_num_queries(10):
            assert passages_of(alice, Query.of(words))


def sampled(monkeypatch, *, say_whole: int, say_last: int, percent: float = 0.1) -> None:
    """Replace the sample by one with none of what is looked for."""
    columns = f"'{{}}'::bigint[], {say_whole}, {say_last}, {percent}::float"
    monkeypatch.setattr(passages, "SAMPLE", f"SELECT {columns}")


def looked_up(user, words: str) -> tuple[list[str], list[str]]:
    """What is found, and the statements that use the index of words."""
    with CaptureQueriesContext(connection) as queries:
        texts = found(user, words)
    statements = [query["sql"] for query in queries]
    return texts, [sql for sql in statements if sql.startswith("SELECT block_id")]


@on_postgresql
@pytest.mark.parametrize(("say_whole", "say_last"), [(9, 9), (0, 9)])
@pytest.mark.parametrize("words", ["th", "whales th", "therapy", "the then"])
def test_the_index_and_its_rows_one_by_one_find_the_same(
    alice, much, monkeypatch, words, say_whole, say_last
):
    expected = found(alice, words)
    monkeypatch.setattr(passages, "LATEST", "SELECT '{}'::bigint[], 0")
    sampled(monkeypatch, say_whole=say_whole, say_last=say_last)
    texts, statements = looked_up(alice, words)
    assert texts == expected
    assert ["ts_match_vq" in sql for sql in statements] == [say_last > say_whole]


@on_postgresql
@pytest.mark.parametrize(
    ("enough", "percent", "times"),
    [
        (20, 0.1, 0),  # some 9,000 blocks have it
        (21, 0.1, 1),
        (20, 100, 1),  # nine blocks have it: the index has the rest
    ],
)
def test_the_index_is_not_asked_where_enough_of_very_many_is_found(
    alice, much, monkeypatch, enough, percent, times
):
    monkeypatch.setattr(passages, "ENOUGH", enough)
    sampled(monkeypatch, say_whole=9, say_last=9, percent=percent)
    texts, statements = looked_up(alice, "then")
    assert len(texts) == 20
    assert len(statements) == times


def put_into_the_index() -> int:
    """Put what was noted beside the index into it, and return how much there was."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT gin_clean_pending_list('reader_passage_words')")
            return cursor.fetchone()[0]
        before = passages._rows_changed(cursor)
        cursor.execute("INSERT INTO reader_passage (reader_passage, rank) VALUES ('merge', 500)")
        return passages._rows_changed(cursor) - before - 1


def write_often(owner) -> None:
    """Store so many blocks, each for itself, that SQLite's index is in parts."""
    document = Document.objects.create(owner=owner, title="Often", status="ready", block_count=6)
    for idx in range(6):
        text = f"Then the number {idx}."
        block = Block(document=document, idx=idx, html=text, text=text, text_hash=f"often-{idx}")
        Block.objects.bulk_create([block])


@pytest.mark.django_db(transaction=True)
def test_whoever_stores_blocks_does_not_merge_the_index(alice):
    write_often(alice)
    assert put_into_the_index() > 0
    assert put_into_the_index() == 0


@pytest.mark.django_db(transaction=True)
def test_what_an_import_noted_beside_the_index_is_put_into_it(alice, voice):
    write_often(alice)
    document = add_document(owner=alice, text="Therapy with whales.")
    tasks.import_document(document.pk)
    assert put_into_the_index() == 0
    assert found(alice, "therapy") == ["Therapy with whales."]
    assert len(found(alice, "then")) == 6


@pytest.mark.django_db(transaction=True)
def test_what_reading_again_noted_beside_the_index_is_put_into_it(alice, voice):
    make_document(alice, "Therapy with whales.", "Old")
    document = Document.objects.filter(owner=alice, title="Old").get()
    Document.objects.filter(pk=document.pk).update(reread_wanted=clock.now())
    write_often(alice)
    tasks.read_again(document.pk)
    assert put_into_the_index() == 0


@pytest.mark.django_db(transaction=True)
def test_what_nobody_put_into_the_index_is_put_into_it_now_and_then(alice):
    write_often(alice)
    tasks.settle_passages()
    assert put_into_the_index() == 0


@on_sqlite
@pytest.mark.django_db(transaction=True)
def test_much_is_merged_a_little_at_a_time(alice, monkeypatch):
    monkeypatch.setattr(passages, "MOST_MERGES", 0)
    write_often(alice)
    passages.settle()
    assert put_into_the_index() > 0


@on_sqlite
@pytest.mark.django_db(transaction=True)
def test_who_cannot_write_now_leaves_the_index_as_it_is(alice, monkeypatch):
    def locked():
        raise OperationalError("database is locked")

    write_often(alice)
    monkeypatch.setattr(passages, "_merge", locked)
    passages.settle()
    assert len(found(alice, "then")) == 6


@on_postgresql
def test_whoever_does_not_own_the_index_leaves_it_as_it_is(alice, much):
    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE reads_alone; SET ROLE reads_alone")
        passages.settle()
        cursor.execute("RESET ROLE; DROP ROLE reads_alone")
    assert put_into_the_index() > 0
