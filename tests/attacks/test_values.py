"""Values that no database keeps: they are refused in words, whichever database it is."""

from __future__ import annotations

import json

import pytest
from django.db import DataError
from django.test import Client, RequestFactory

from config.errors import refused_values
from reader.services import tokens

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("static_files")]

NUL, HUGE = "a\0b", 10**30
ADDRESSES = [
    f"/?q={NUL}".replace("\0", "%00"),
    f"/?collection={NUL}".replace("\0", "%00"),
    f"/?page={HUGE}",
    "/documents/new/?title=a%00b",
    f"/audio/0f8fad5b-d9cb-469f-a165-70867728950e/{HUGE}/",
    f"/admin/reader/document/{HUGE}/change/",
    "/admin/reader/document/?q=a%00b",
    "/admin/tts/audiovariant/?q=a%00b&p=0",
]


@pytest.fixture
def as_staff(alice) -> Client:
    alice.is_staff = alice.is_superuser = True
    alice.save()
    client = Client(raise_request_exception=False)
    client.force_login(alice)
    return client


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_address_with_one_is_no_error_of_ours(as_staff, document, address):
    assert as_staff.get(address).status_code < 500


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("rename/", {"title": NUL, "author": NUL}),
        ("speech/0/", {"correction": NUL}),
        ("speech/0/word/", {"word": NUL, "say": NUL, "language": NUL}),
        ("speech/", {"level": NUL}),
        ("annotations/", {"kind": NUL, "quote": NUL, "note": NUL, "block_idx": HUGE}),
        ("exports/begin/", {"kind": NUL, "voice": NUL}),
        (f"speech/{HUGE}/", {"correction": "x"}),
    ],
)
def test_a_form_with_one_is_refused(as_staff, document, path, fields):
    answer = as_staff.post(f"/documents/{document.uuid}/{path}", fields)
    assert answer.status_code < 500


@pytest.mark.parametrize("name", ["title", "text", "url"])
@pytest.mark.parametrize("value", [NUL, HUGE, "\ud800"])
def test_a_program_that_sends_one_is_told(as_staff, alice, name, value):
    _, key = tokens.make_token(user=alice, name="a test", scopes=["read", "write"])
    answer = as_staff.post(
        "/api/v1/documents",
        json.dumps({"title": "A title", "text": "Some words.", name: value}),
        content_type="application/json",
        headers={"Authorization": f"Bearer {key}"},
    )
    assert answer.status_code < 500


@pytest.mark.parametrize(("accept", "told"), [("text/html", "<h1>"), ("application/json", "kept")])
def test_what_only_the_database_notices_is_told_in_words(accept, told):
    middleware = refused_values(lambda request: None)
    request = RequestFactory().get("/", headers={"Accept": accept})
    answer = middleware.process_exception(request, DataError("NUL"))
    assert answer.status_code == 400
    assert told in answer.content.decode()
    assert middleware.process_exception(request, ValueError()) is None
