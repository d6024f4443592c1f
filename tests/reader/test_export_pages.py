"""Files to take along on the pages, and the private podcast."""

from __future__ import annotations

import io
import json
from urllib.parse import urlsplit

import av
import feedparser
import pytest
import webvtt
from django.test import Client
from django.urls import reverse

from reader.models import Collection, Export, Feed
from reader.services.exports import begin_export
from reader.services.feeds import add_to_feed, open_feed, secret_of
from reader.services.shelving import put_into, take_out
from tests.conftest import make_document
from tests.reader.test_exports import run_to_its_end

from .conftest import page_of

pytestmark = pytest.mark.usefixtures("static_files")


@pytest.fixture
def export(document, alice, voice) -> Export:
    return run_to_its_end(
        begin_export(document=document, person=alice, kind="mp3", voice=voice, in_feed=True)
    )


def body(response) -> bytes:
    return b"".join(response) if response.streaming else response.content


def pages(document, export) -> list[tuple[str, str]]:
    one = [
        (method, reverse(name, args=[export.uuid]))
        for name, method in [
            ("export_file", "get"), ("export_stop", "post"), ("export_leave_feed", "post"),
            ("export_delete", "post"),
        ]
    ]  # fmt: skip
    of = [
        ("get", reverse("exports_of_document", args=[document.uuid])),
        ("get", reverse("export_estimate", args=[document.uuid]) + "?kind=mp3"),
        ("post", reverse("export_begin", args=[document.uuid])),
    ]
    return of + one


def test_it_answers_its_owner_alone(as_alice, as_bob, document, export):
    for method, address in pages(document, export):
        assert getattr(as_bob, method)(address).status_code == 404
        assert getattr(Client(), method)(address).status_code in (302, 404)
        assert getattr(as_alice, method)(address).status_code in (200, 302)
    assert export.document.name not in as_bob.get("/exports/").content.decode()


def test_a_file_is_made_and_fetched_from_the_page(as_alice, document, voice):
    address = reverse("export_begin", args=[document.uuid])
    chosen = {"kind": "m4b", "voice": "tone/tone-300"}
    page = as_alice.post(f"{address}?part", chosen)
    assert 'data-status="queued"' in page.content.decode()
    export = run_to_its_end(Export.objects.get())
    shown = as_alice.get(reverse("exports_of_document", args=[document.uuid])).content.decode()
    assert (f"/exports/{export.uuid}/file/" in shown, "Out of date" in shown) == (True, False)
    file = as_alice.get(f"/exports/{export.uuid}/file/")
    assert file["Content-Disposition"] == 'attachment; filename="A document.m4b"'
    assert int(file["Content-Length"]) == export.bytes
    whole = body(file)
    with av.open(io.BytesIO(whole)) as opened:
        assert opened.streams.audio[0].codec_context.name == "aac"
    part = as_alice.get(f"/exports/{export.uuid}/file/", headers={"Range": "bytes=10-19"})
    assert (part.status_code, body(part)) == (206, whole[10:20])
    again = as_alice.get(f"/exports/{export.uuid}/file/", headers={"If-None-Match": file["ETag"]})
    assert again.status_code == 304


def test_what_cannot_be_made_is_told(as_alice, document):
    address = reverse("export_begin", args=[document.uuid])
    page = as_alice.post(f"{address}?part", {"kind": "m4b", "voice": "no/such"})
    assert "no such voice" in page.content.decode()
    assert not Export.objects.exists()


def test_the_estimate_is_in_words(as_alice, document, voice):
    address = reverse("export_estimate", args=[document.uuid])
    words = as_alice.get(address, {"kind": "m4b", "voice": "tone/tone-300"}).content.decode()
    assert words.startswith("About ")
    assert "characters are to be spoken yet" in words
    assert "less than a minute of sound" in words


# --- the podcast ---------------------------------------------------------------------------------


def test_a_podcast_app_finds_all_it_wants(alice, document, voice, settings):
    export = run_to_its_end(add_to_feed(document=document, person=alice, voice=voice))
    address = reverse("feed", args=[secret_of(alice.feeds.get())])
    app = Client()
    answer = app.get(address)
    assert answer["Content-Type"] == "application/rss+xml; charset=utf-8"
    read = feedparser.parse(answer.content)
    assert (read.bozo, read.feed.title) == (False, "Lectern: alice")
    assert read.feed.image.href.endswith(".png")
    assert read.feed.itunes_block
    (entry,) = read.entries
    assert (entry.title, entry.id, entry.guidislink) == ("A document", str(export.uuid), False)
    assert entry.itunes_duration == f"0:00:{export.duration_ms // 1000:02}"
    (sound,) = entry.enclosures
    assert (sound.type, int(sound.length)) == ("audio/mpeg", export.bytes)
    path = urlsplit(sound.href).path
    whole = body(app.get(path))
    assert len(whole) == export.bytes
    assert app.head(path)["Content-Length"] == str(export.bytes)
    part = app.get(path, headers={"Range": f"bytes=-{100}"})
    assert (part.status_code, body(part)) == (206, whole[-100:])
    chapters = json.loads(app.get(urlsplit(entry.podcast_chapters["url"]).path).content)
    assert chapters["chapters"] == [{"startTime": 0, "title": "A document"}]
    words = body(app.get(urlsplit(entry.podcast_transcript["url"]).path)).decode()
    assert len(webvtt.from_string(words)) == 3
    for condition in (
        {"If-None-Match": answer["ETag"]},
        {"If-Modified-Since": answer["Last-Modified"]},
    ):
        assert app.get(address, headers=condition).status_code == 304


def test_what_is_there_is_added_and_not_made_again(alice, document, voice, export):
    assert add_to_feed(document=document, person=alice, voice=voice) == export
    assert Export.objects.count() == 1


@pytest.mark.parametrize("how", ["withdrawn", "renewed", "deleted", "inactive", "taken out"])
def test_a_secret_address_that_has_ended_is_404_at_once(
    as_alice, alice, document, voice, export, how
):
    feed = open_feed(person=alice)
    old = reverse("feed", args=[secret_of(feed)])
    sound = reverse("feed_episode", args=[secret_of(feed), export.uuid, "mp3"])
    assert [Client().get(each).status_code for each in (old, sound)] == [200, 200]
    if how == "withdrawn":
        as_alice.post("/exports/feed/", {"withdraw": "1"})
        assert not Feed.objects.exists()
    elif how == "renewed":
        as_alice.post("/exports/feed/")
        assert (
            Client().get(reverse("feed", args=[secret_of(Feed.objects.get())])).status_code == 200
        )
    elif how == "deleted":
        as_alice.post(f"/documents/{document.uuid}/delete/")
    elif how == "inactive":
        alice.is_active = False
        alice.save()
    else:
        as_alice.post(f"/exports/{export.uuid}/leave-feed/")
    expected = 200 if how in ("deleted", "taken out") else 404
    assert [Client().get(each).status_code for each in (old, sound)] == [expected, 404]


def test_a_collection_has_a_podcast_of_its_own(as_alice, as_bob, alice, document, voice, export):
    letters = Collection.objects.create(owner=alice, name="Letters")
    lacking = make_document(alice, "Another text.", "Another")
    put_into(collection=letters, documents=[document, lacking])
    make_document(alice, "Not in it.", "Elsewhere")
    address = reverse("collection_feed", args=[letters.uuid])
    library = f"{reverse('library')}?in={letters.uuid}"
    assert as_bob.post(address).status_code == 404
    assert "Make it a podcast" in page_of(as_alice, library)
    assert as_alice.post(address).url == library
    # What is there is played, what is not is made: for the one that lacks it alone.
    made = Export.objects.exclude(pk=export.pk).get()
    assert (made.document, made.kind, made.in_feed) == (lacking, "mp3", False)
    feed = alice.feeds.get()
    app = Client()
    path = reverse("feed", args=[secret_of(feed)])
    assert path in page_of(as_alice, library)
    assert played(app, path) == ("Lectern: Letters", ["A document"])
    run_to_its_end(made)
    assert played(app, path) == ("Lectern: Letters", ["Another", "A document"])
    # A later file of a document takes the place of the one before.
    later = run_to_its_end(begin_export(document=lacking, person=alice, kind="mp3", voice=voice))
    entry = feedparser.parse(app.get(path).content).entries[0]
    assert entry.id == str(later.uuid)
    assert app.get(urlsplit(entry.enclosures[0].href).path).status_code == 200
    # The person's own podcast is another one; what leaves the collection leaves its podcast.
    open_feed(person=alice)
    assert played(app, reverse("feed", args=[secret_of(feed)]))[1] == ["Another", "A document"]
    take_out(collection=letters, documents=[lacking])
    assert played(app, path)[1] == ["A document"]
    as_alice.post(address, {"withdraw": "1"})
    assert app.get(path).status_code == 404
    assert alice.feeds.get().collection is None


def played(app: Client, path: str) -> tuple[str, list[str]]:
    read = feedparser.parse(app.get(path).content)
    return read.feed.title, [entry.title for entry in read.entries]
