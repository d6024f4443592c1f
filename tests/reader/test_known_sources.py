"""What was brought in before is noticed, and offered to be opened."""

import pytest
from django.utils import timezone
from django.utils.formats import date_format

from reader.models import Document

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("static_files")]

NEW = "/documents/new/"
PLACE = "https://example.org/a?b=c"


@pytest.mark.parametrize(
    ("first", "second", "words", "choice"),
    [
        ({"text": "Some words.\nMore."}, {"text": " Some words.\r\nMore.\n"},
         "You have brought in this text before, on ", "Bring it in once more all the same"),
        ({"url": PLACE}, {"url": PLACE}, "You have brought in this page before, on ",
         "Fetch the page anew all the same"),
        ({"url": PLACE}, {"url": "HTTPS://Example.ORG/a?b=c#there"},
         "You have brought in this page before, on ", "Fetch the page anew all the same"),
    ],
)  # fmt: skip
def test_the_same_text_or_address_is_offered_to_be_opened(as_alice, first, second, words, choice):
    as_alice.post(NEW, first)
    known = Document.objects.get()
    response = as_alice.post(NEW, second)
    page = response.content.decode()
    day = date_format(timezone.localtime(known.created_at), "j F Y")
    assert response.status_code == 422
    assert f"{words}{day}." in page
    assert f'href="/documents/{known.uuid}/"' in page
    assert choice in page
    assert as_alice.post(NEW, {**second, "again": "on"}).status_code == 302
    assert Document.objects.count() == 2


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"text": "Some words."}, {"text": "Some other words."}),
        ({"url": PLACE}, {"url": "https://example.org/a?b=d"}),
        ({"url": PLACE}, {"url": "https://example.org/A?b=c"}),
        ({"url": PLACE}, {"text": PLACE}),
    ],
)
def test_another_text_or_address_is_not_taken_for_a_known_one(as_alice, first, second):
    for sent in (first, second):
        assert as_alice.post(NEW, sent).status_code == 302


def test_what_others_brought_in_or_what_failed_is_not_known(as_alice, as_bob):
    for client in (as_bob, as_alice):
        assert client.post(NEW, {"url": PLACE}).status_code == 302
    Document.objects.update(status=Document.Status.FAILED, error="There is no page there.")
    assert as_alice.post(NEW, {"url": PLACE}).status_code == 302
