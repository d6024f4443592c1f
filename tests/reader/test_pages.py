"""The pages: what is on them, how they are guarded, and what they cost."""

import json
import re

import pytest
from django.contrib.staticfiles.storage import staticfiles_storage
from django.templatetags.static import static
from django.test import Client

from reader.extraction.sanitise import shown_text
from reader.management.sample import SAMPLE_TEXT
from reader.models import Document, Position
from reader.services.preferences import save_position
from tests.conftest import TEXT, make_document
from tts.models import Voice

from .conftest import INLINE, without_tokens

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("static_files")]


def embedded(page: str, name: str):
    """Return the JSON that the page hands to its scripts under a name."""
    return json.loads(
        re.search(rf'<script id="{name}" type="application/json">(.*?)</script>', page)[1]
    )


def data_of(page: str, idx: int) -> dict[str, str]:
    """Return the data attributes of a block's element."""
    element = re.search(rf'<div class="block [^>]*id="block-{idx}"[^>]*>', page)[0]
    return dict(re.findall(r' data-([a-z]+)(?:="([^"]*)")?', element))


def text_of(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return without_tokens(response.content.decode())


# --- every page ----------------------------------------------------------------------------------


@pytest.fixture
def addresses(document) -> list[str]:
    return [
        "/", "/documents/new/", f"/documents/{document.uuid}/", "/settings/",
        "/accounts/password_change/", "/accounts/password_change/done/", "/nowhere/",
    ]  # fmt: skip


def test_every_page_runs_under_a_strict_policy(as_alice, client, addresses):
    answers = [as_alice.get(address) for address in addresses]
    answers += [client.get(address) for address in ("/accounts/login/", "/accounts/signup/")]
    for response in answers:
        policy = dict(
            directive.strip().split(" ", 1)
            for directive in response.headers["Content-Security-Policy"].split(";")
        )
        assert policy["default-src"] == "'self'"
        assert not {"script-src", "style-src", "connect-src"} & set(policy), "looser than 'self'"
        assert "unsafe" not in str(policy)
        assert "*" not in str(policy)
        assert policy["frame-ancestors"] == policy["base-uri"] == policy["object-src"] == "'none'"
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["X-Frame-Options"] == "DENY"
        assert response.headers["Referrer-Policy"] == "same-origin"
        assert not INLINE.search(response.content.decode()), response.request["PATH_INFO"]


def test_every_page_names_hashed_files_that_are_there(as_alice, addresses):
    for address in addresses:
        page = as_alice.get(address).content.decode()
        for path in re.findall(r'(?:href|src)="(/static/[^"#]+)', page):
            assert re.search(r"\.[0-9a-f]{12}\.\w+$", path), path
            assert staticfiles_storage.exists(path.removeprefix("/static/"))


def test_modules_import_hashed_modules():
    """So that a page never mixes the modules of two releases."""
    for name, hashed in staticfiles_storage.hashed_files.items():
        if name.startswith("js/"):
            source = staticfiles_storage.open(hashed).read().decode()
            for imported in re.findall(r'^import .*?from "([^"]+)";$', source, re.M | re.S):
                assert re.search(r"\.[0-9a-f]{12}\.js$", imported), (name, imported)


def test_a_page_that_is_not_there_says_so(as_alice):
    response = as_alice.get("/nowhere/")
    assert response.status_code == 404
    assert "There is nothing here" in response.content.decode()


def test_an_error_looks_as_the_person_chose(as_alice, alice, client):
    alice.theme = "sepia"
    alice.save()
    assert 'data-theme="sepia"' in as_alice.get("/nowhere/").content.decode()
    assert "data-theme" not in client.get("/nowhere/").content.decode()


# --- the library ---------------------------------------------------------------------------------


def test_a_new_library_invites_to_add_something(as_alice):
    assert "/documents/new/" in text_of(as_alice, "/")


def test_the_library_shows_ones_own_documents_latest_first(as_alice, alice, bobs_document):
    for title in ("First", "Second", "Third"):
        make_document(alice, TEXT, title)
    page = text_of(as_alice, "/")
    assert page.index("Third") < page.index("Second") < page.index("First")
    assert "Bob" not in page


def test_the_library_tells_how_far_one_is(as_alice, alice, document):
    save_position(user=alice, document=document, block_idx=2, offset_ms=0)
    assert "67 %" in text_of(as_alice, "/")


def test_the_library_costs_the_same_for_many_documents(
    as_alice, alice, document, django_assert_num_queries
):
    def queries() -> int:
        with django_assert_num_queries(10, exact=False) as captured:
            text_of(as_alice, "/")
        return len(captured)

    before = queries()
    for _ in range(10):
        make_document(alice, TEXT)
    assert queries() == before


def test_a_large_library_has_pages(as_alice, alice):
    Document.objects.bulk_create(
        Document(
            owner=alice, title=f"Number {n}", source="uploads/no", error="No.", status="failed"
        )
        for n in range(41)
    )
    assert "Number 0<" not in text_of(as_alice, "/")
    assert "Number 0<" in text_of(as_alice, "/?page=2")
    assert "Number 40<" in text_of(as_alice, "/?page=nonsense")


# --- the reading page ----------------------------------------------------------------------------


def test_the_reading_page_hands_its_scripts_all_they_need(as_alice, alice, document, voice):
    save_position(user=alice, document=document, block_idx=1, offset_ms=250)
    page = text_of(as_alice, f"/documents/{document.uuid}/")
    assert embedded(page, "reading-config") == {
        "document_id": str(document.uuid),
        "revision": document.revision,
        "block_count": 4,
        "socket_path": f"/ws/documents/{document.uuid}/",
        "events_url": "/events/",
        "line_url": staticfiles_storage.url("js/shared_line.js"),
        "stage_url": staticfiles_storage.url("js/stage.js"),
        "queue_next_url": f"/queue/{document.uuid}/next/",
        "queue_ready_url": f"/queue/{document.uuid}/ready/",
        "blocks_url": f"/documents/{document.uuid}/blocks/",
        "index_url": f"/documents/{document.uuid}/index/",
        "annotations_url": f"/documents/{document.uuid}/annotations/",
        "lengths": [37, 39, 0, 37],
        "part_unit": "",
        "preview_url": "/voices/MODEL/VOICE/preview/",
        "preferences_url": "/preferences/",
        "favourite_url": "/voices/MODEL/VOICE/favourite/",
        "look_url": "/preferences/look/",
        "user": {
            "id": alice.pk,
            "kept_sounds_mb": 200,
            "speed": 1.0,
            "auto_play": False,
            "pause_ms": 400,
            "own_voices": False,
            "sentence_pause_ms": 0,
            "heading_pause_ms": 800,
            "rewind_ms": 2000,
            "volume": 1.0,
        },
        "sound_types": {"webm": 'audio/webm; codecs="opus"', "mp3": "audio/mpeg"},
        "author": "",
        "artwork": [
            {"src": static("icons/logo.png"), "sizes": "256x256", "type": "image/png"},
        ],
        "look_ahead_seconds": 60,
        "paces": {},
        "prepare_url": f"/documents/{document.uuid}/prepare/",
        "preparation": None,
        "voice": {"model_slug": "tone", "voice_slug": "tone-300"},
        "status": "ready",
        "error": "",
        "position": {"block_idx": 1, "offset_ms": 250},
    }
    voices = embedded(page, "voices")
    assert len(voices) == 5
    assert voices[0].items() >= {
        "model_slug": "tone", "model_name": "Tone", "language": "en", "language_name": "English",
    }.items()  # fmt: skip


def test_the_page_is_never_kept_by_the_browser(as_alice, document):
    """A page out of a cache would have an old token and an old position."""
    response = as_alice.get(f"/documents/{document.uuid}/")
    assert "no-store" in response.headers["Cache-Control"]


def test_a_block_brings_its_text_its_place_and_its_map(as_alice, document):
    page = text_of(as_alice, f"/documents/{document.uuid}/")
    assert data_of(page, 0) == {
        "idx": "0", "kind": "paragraph", "level": "0", "chars": "37", "spans": "[[0, 0, 37]]",
    }  # fmt: skip
    assert "skipped" in data_of(page, 2)
    assert re.findall(r'id="block-(\d+)"', page) == ["0", "1", "2", "3"]


def test_blocks_that_came_later_are_fetched_by_themselves(as_alice, document):
    page = text_of(as_alice, f"/documents/{document.uuid}/blocks/?from=2")
    assert re.findall(r'id="block-(\d+)"', page) == ["2", "3"]
    assert "<html" not in page


@pytest.mark.parametrize("first", ["", "x", "-1", "1.5", "²", "99999999999999999999"])
def test_blocks_from_a_place_that_makes_no_sense_are_all_of_them(as_alice, document, first):
    page = text_of(as_alice, f"/documents/{document.uuid}/blocks/?from={first}")
    assert len(re.findall(r'id="block-\d+"', page)) == 4


def test_blocks_come_in_portions(as_alice, alice, voice):
    document = make_document(alice, "\n\n".join(f"Sentence number {n}." for n in range(600)))
    page = text_of(as_alice, f"/documents/{document.uuid}/blocks/?from=50")
    places = re.findall(r'id="block-(\d+)"', page)
    assert (places[0], places[-1], len(places)) == ("50", "549", 500)


def test_a_long_document_is_drawn_around_where_the_person_is(as_alice, alice, voice):
    document = make_document(alice, "\n\n".join(f"Sentence number {n}." for n in range(600)))
    save_position(user=alice, document=document, block_idx=420, offset_ms=0)
    page = text_of(as_alice, f"/documents/{document.uuid}/")
    assert re.findall(r'class="chunk" data-first="(\d+)"', page) == ["350", "400", "450", "500"]
    places = re.findall(r'id="block-(\d+)"', page)
    assert places == [str(n) for n in range(350, 550)]
    assert embedded(page, "reading-config")["lengths"] == [
        len(f"Sentence number {n}.") for n in range(600)
    ]
    some = text_of(as_alice, f"/documents/{document.uuid}/blocks/?from=50&count=50")
    assert re.findall(r'id="block-(\d+)"', some) == [str(n) for n in range(50, 100)]


def test_a_long_document_is_opened_without_the_texts_that_are_not_drawn(
    as_alice, alice, voice, django_assert_max_num_queries
):
    document = make_document(alice, "\n\n".join(f"Sentence number {n}." for n in range(600)))
    with django_assert_max_num_queries(16) as captured:
        as_alice.get(f"/documents/{document.uuid}/")
    asked = [query["sql"] for query in captured.captured_queries]
    texts = [sql for sql in asked if '"reader_block"."text"' in sql]
    assert all('"idx" >= 0' in sql or "LIMIT 1" in sql for sql in texts), texts
    assert len([sql for sql in asked if "reader_documentpreferences" in sql]) == 1


def test_what_is_not_drawn_is_known_as_text(as_alice, alice, document):
    index = as_alice.get(f"/documents/{document.uuid}/index/?from=1").json()["blocks"]
    shown = [shown_text(block.html) for block in document.blocks.all()]
    assert [text for _, _, _, text, _ in index] == shown[1:]
    assert [length for length, *_ in index] == [39, 0, 37]
    assert {kind for _, kind, *_ in index} == {"paragraph"}
    assert [spans for *_, spans in index] == [block.spans for block in document.blocks.all()][1:]
    assert as_alice.get(f"/documents/{document.uuid}/index/?from=4").json() == {"blocks": []}


def test_the_look_is_kept(as_alice, alice, document):
    def keep(**values: object) -> int:
        return as_alice.post("/preferences/look/", values).status_code

    assert keep(theme="sepia", text_size="125") == 204
    assert keep(text_face="dyslexic") == 204
    page = text_of(as_alice, "/")
    assert 'data-theme="sepia" data-face="dyslexic" data-size="125"' in page
    for bad in ({"theme": "pink"}, {"text_size": "101"}, {"measure": "x"}):
        assert keep(**bad) == 400, bad
    assert keep(something="else", line_height="") == 204
    alice.refresh_from_db()
    assert (alice.theme, alice.text_size, alice.line_height) == ("sepia", 125, 168)


def test_a_document_that_is_being_imported_says_so(as_alice, alice, voice):
    document = Document.objects.create(owner=alice, source="uploads/no")
    page = text_of(as_alice, f"/documents/{document.uuid}/")
    assert embedded(page, "reading-config")["status"] == "importing"


def test_without_any_voice_the_text_can_still_be_read(as_alice, document):
    Voice.objects.update(enabled=False)
    page = text_of(as_alice, f"/documents/{document.uuid}/")
    assert embedded(page, "reading-config")["voice"] is None
    assert "about the sea" in page


def test_the_sample_reads_well(as_alice, alice, voice):
    document = make_document(alice, SAMPLE_TEXT)
    page = text_of(as_alice, f"/documents/{document.uuid}/")
    assert data_of(page, 0)["kind"] == "heading"
    assert re.search(r"<h2>Welcome to Lectern</h2>", page)


def test_the_reading_page_costs_the_same_for_many_blocks(
    as_alice, alice, document, django_assert_num_queries
):
    large = make_document(alice, "\n\n".join(f"Sentence number {n}." for n in range(300)))

    def queries(which: Document) -> int:
        with django_assert_num_queries(18, exact=False) as captured:
            text_of(as_alice, f"/documents/{which.uuid}/")
        return len(captured)

    assert queries(large) == queries(document)


# --- preferences ---------------------------------------------------------------------------------


def test_what_is_chosen_on_the_reading_page_is_kept(as_alice, alice, voice, other_voice):
    def keep(**data: str) -> int:
        return as_alice.post("/preferences/", data).status_code

    assert keep(model_slug="tone", voice_slug="tone-500") == 204
    assert keep(speed="1.4") == 204
    assert keep(auto_play="true") == 204
    assert keep(volume="0") == 204
    alice.refresh_from_db()
    assert (alice.voice, alice.speed, alice.auto_play) == (other_voice, 1.4, True)
    assert alice.volume == 0
    assert keep() == 204
    assert keep(auto_play="false") == 204
    alice.refresh_from_db()
    assert (alice.voice, alice.speed, alice.auto_play) == (other_voice, 1.4, False)


@pytest.mark.parametrize(
    "data",
    [
        {"speed": "0.4"}, {"speed": "3.1"}, {"speed": "nan"}, {"speed": "inf"}, {"speed": "fast"},
        {"volume": "1.1"}, {"volume": "-0.1"}, {"volume": "nan"},
        {"voice_slug": "no-such-voice", "model_slug": "tone"}, {"voice_slug": "tone-300"},
        {"voice_slug": "tone-300", "model_slug": "espeak"},
        {"speed": "1.5", "voice_slug": "no-such-voice"},
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_whole(as_alice, alice, voice, data):
    response = as_alice.post("/preferences/", data)
    assert response.status_code == 400
    assert response.json()["errors"]
    alice.refresh_from_db()
    assert (alice.voice, alice.speed, alice.auto_play) == (None, 1.0, False)


def test_a_voice_that_was_switched_off_cannot_be_chosen(as_alice, voice):
    Voice.objects.filter(pk=voice.pk).update(enabled=False)
    data = {"model_slug": "tone", "voice_slug": "tone-300"}
    assert as_alice.post("/preferences/", data).status_code == 400


def test_preferences_have_a_page(as_alice, alice, voice, other_voice):
    assert "300 Hz" in text_of(as_alice, "/settings/")
    pauses = {"pause_ms": "800", "sentence_pause_ms": "200", "heading_pause_ms": "1500"}
    data = {"voice": other_voice.pk, "speed": "2", "rewind_ms": "5000", "auto_play": "on"} | pauses
    response = as_alice.post("/settings/", data)
    assert (response.status_code, response.headers["Location"]) == (302, "/settings/")
    alice.refresh_from_db()
    assert (alice.voice, alice.speed, alice.auto_play) == (other_voice, 2.0, True)
    assert (alice.pause_ms, alice.sentence_pause_ms) == (800, 200)
    assert (alice.heading_pause_ms, alice.rewind_ms) == (1500, 5000)


def test_the_preferences_page_refuses_a_speed_out_of_bounds_in_words(as_alice, voice):
    page = as_alice.post("/settings/", {"speed": "9"}).content.decode()
    assert "The speed goes from 0.5 to 3.0." in page


def test_the_voice_heard_first_is_ones_own_else_the_usual_one_else_any(
    as_alice, alice, document, voice, other_voice
):
    def heard() -> str:
        page = text_of(as_alice, f"/documents/{document.uuid}/")
        return embedded(page, "reading-config")["voice"]["voice_slug"]

    assert heard() == "tone-300"
    alice.voice = other_voice
    alice.save()
    assert heard() == "tone-500"
    Voice.objects.filter(pk=other_voice.pk).update(enabled=False)
    assert heard() == "tone-300"
    Voice.objects.filter(pk=voice.pk).update(enabled=False)
    assert heard() not in ("tone-300", "tone-500")


def test_one_position_for_each_person_and_document(alice, document):
    save_position(user=alice, document=document, block_idx=1, offset_ms=10)
    save_position(user=alice, document=document, block_idx=3, offset_ms=20)
    position = Position.objects.get()
    assert (position.block_idx, position.offset_ms) == (3, 20)
