"""The admin's page "Get voices"."""

from __future__ import annotations

import re
import time

import pytest
from django.urls import reverse

from reader.models import Document, User
from tests.conftest import make_document
from tests.tts.piper_voice import JOE, put
from tests.voice_catalogue import VoiceCatalogue
from tts import tasks
from tts.getting import catalogues, downloads
from tts.getting.catalogues import offer_named
from tts.models import Voice, VoiceDownload

from .staff import staff_with

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("static_files")]
PAGE = "admin:tts_speechmodel_get_voices"


@pytest.fixture
def catalogue(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    catalogues._known.clear()
    with VoiceCatalogue() as catalogue:
        settings.PIPER_VOICES_URL = settings.HIBARI_VOICES_URL = catalogue.address
        yield catalogue


def shown(client, **query) -> str:
    response = client.get(reverse(PAGE), query)
    assert response.status_code == 200
    return re.sub(r"\s+", " ", response.content.decode())


def press(client, what: str, name: str):
    return client.post(reverse(f"admin:tts_speechmodel_{what}"), {"name": name}, follow=True)


def test_voices_are_shown_with_what_the_catalogue_tells(catalogue, staff):
    page = shown(staff)
    row = page.partition(f"<code>{JOE}</code>")[2].partition("</tr>")[0]
    assert [text for text in re.findall(r">([^<>]+)<", row) if text.strip()] == [
        "English (United States)", "medium", "60.3 MB", "CC0 ", "Card", "Get",
    ]  # fmt: skip
    assert reverse("admin:tts_speechmodel_voice_sample", args=[JOE]) in row
    for name in ("emma", "fable", "fenrir", "kore"):
        assert f"<code>{name}</code>" in page
    assert "<code>heart</code>" not in page  # it is built in


def test_one_press_gets_a_voice_and_another_deletes_it(catalogue, staff, monkeypatch):
    asked = []
    monkeypatch.setattr(tasks.get_voice, "delay", asked.append)
    page = press(staff, "get_voice", JOE).content.decode()
    assert "Being downloaded" in page
    assert "js/get_voices" in page
    tasks.get_voice(*asked)
    page = shown(staff)
    assert "Being downloaded" not in page
    assert "js/get_voices" not in page
    assert Voice.objects.usable().filter(voice_slug=JOE).exists()
    page = press(staff, "delete_voice", JOE).content.decode()
    assert f"{JOE} was deleted" in page
    assert not Voice.objects.usable().exists()


def test_a_failure_is_told_and_can_be_tried_again(catalogue, staff):
    download = downloads.ask_for(offer_named(JOE))
    VoiceDownload.objects.filter(pk=download.pk).update(status="failed", error="It did not come.")
    page = shown(staff)
    assert "It did not come." in page
    assert "Try again" in page
    page = press(staff, "delete_voice", JOE).content.decode()
    assert "is not fetched any more" in page


def test_samples_and_cards_come_through_this_server(catalogue, staff):
    sample = staff.get(reverse("admin:tts_speechmodel_voice_sample", args=[JOE]))
    assert (sample.content, sample["Content-Type"]) == (b"ID3 a sample", "audio/mpeg")
    card = staff.get(reverse("admin:tts_speechmodel_voice_card", args=[JOE]))
    assert "License: CC0" in card.content.decode()
    assert card["Content-Type"].startswith("text/plain")
    assert (
        staff.get(reverse("admin:tts_speechmodel_voice_card", args=["nobody"])).status_code == 404
    )


def test_without_a_network_the_page_says_so_at_once(settings, tmp_path, staff):
    settings.DATA_DIR = tmp_path
    settings.PIPER_VOICES_URL = "http://127.0.0.1:1/"
    catalogues._known.clear()
    began = time.monotonic()
    page = shown(staff)
    assert time.monotonic() - began < 5
    assert "There is no connection to 127.0.0.1." in page
    assert str(tmp_path / "voices/piper") in page
    assert "<code>emma</code>" in page  # hibari's are listed in its package


def test_damaged_files_are_told_in_words(catalogue, staff, tmp_path):
    put(tmp_path / "voices/piper", "en_US-half-low", model=b"\x08\x08\x3a\xff\xff\xff\x0f")
    page = shown(staff)
    assert "en_US-half-low.onnx" in page
    assert "It is cut off: a part of the file is missing." in page


def test_only_who_may_add_voices_gets_them(catalogue, staff, as_alice):
    few = staff_with("view_speechmodel", "view_voice")
    for client, status in ((few, 403), (as_alice, 302)):
        assert client.get(reverse(PAGE)).status_code == status
        for what in ("get_voice", "delete_voice"):
            address = reverse(f"admin:tts_speechmodel_{what}")
            assert client.post(address, {"name": JOE}).status_code == status
    assert not VoiceDownload.objects.exists()
    assert staff.get(reverse("admin:tts_speechmodel_get_voice")).status_code == 405


def test_the_lists_lead_to_the_page(staff, db):
    for name in ("speechmodel", "voice"):
        page = staff.get(reverse(f"admin:tts_{name}_changelist")).content.decode()
        assert reverse(PAGE) in page


@pytest.mark.parametrize(
    ("language", "hint"),
    [("de-AT", "only a robotic voice for German"), ("en", ""), ("", "")],
)
def test_staff_are_led_to_voices_where_a_language_has_none(staff, voice, alice, language, hint):
    owner = User.objects.get(username="root")
    document = make_document(owner, "Ein Text.")
    Document.objects.filter(pk=document.pk).update(language=language)
    page = staff.get(reverse("document", args=[document.uuid])).content.decode()
    assert ("voices__get" in page, hint in page) == (bool(hint), True)
    if hint:
        assert f"{reverse(PAGE)}?language=de" in page


def test_others_are_led_nowhere_that_they_may_not_go(as_alice, document):
    Document.objects.filter(pk=document.pk).update(language="de")
    page = as_alice.get(reverse("document", args=[document.uuid])).content.decode()
    assert "voices__get" not in page
