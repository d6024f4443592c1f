"""The chapters of a document that a person skips."""

import json
import re

import pytest

from reader.models import DocumentPreferences, OutlineEntry
from tests.conftest import make_document

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("static_files")]


@pytest.fixture
def book(alice):
    book = make_document(alice, "\n\n".join(f"This is paragraph {n}." for n in range(9)))
    OutlineEntry.objects.bulk_create(
        OutlineEntry(document=book, position=at, level=1, title=f"Part {at}", block_idx=3 * at)
        for at in range(3)
    )
    return book


def fold(client, document, *folded: object) -> int:
    return client.post(
        f"/documents/{document.uuid}/fold/", {"folded": ",".join(map(str, folded))}
    ).status_code


def folded_on_page(client, document) -> list[int]:
    page = client.get(f"/documents/{document.uuid}/").content.decode()
    return json.loads(re.search(r'data-folded="([^"]*)"', page)[1])


def test_chapters_are_skipped_and_read_again(as_alice, book):
    assert folded_on_page(as_alice, book) == []
    assert fold(as_alice, book, 6, 0) == 204
    assert folded_on_page(as_alice, book) == [0, 6]
    assert fold(as_alice, book, 3) == 204
    assert folded_on_page(as_alice, book) == [3]
    assert fold(as_alice, book) == 204
    assert folded_on_page(as_alice, book) == []


def test_what_else_is_chosen_for_the_document_stays(as_alice, alice, book):
    chosen = DocumentPreferences.objects.create(user=alice, document=book, speed=1.5)
    assert fold(as_alice, book, 3) == 204
    chosen.refresh_from_db()
    assert (chosen.speed, chosen.folded) == (1.5, [3])


@pytest.mark.parametrize("folded", [[1], [0, 99], [-3], ["x"], ["3.0"], ["3,"]])
def test_what_is_no_chapter_is_refused_whole(as_alice, book, folded):
    assert fold(as_alice, book, 3) == 204
    assert fold(as_alice, book, *folded) == 400
    assert folded_on_page(as_alice, book) == [3]


def test_a_stranger_folds_nothing(as_bob, bob, book):
    assert fold(as_bob, book, 3) == 404
    assert not DocumentPreferences.objects.exists()


def test_only_a_post_folds(as_alice, book):
    assert as_alice.get(f"/documents/{book.uuid}/fold/").status_code == 405
