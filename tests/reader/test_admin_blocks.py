"""The admin's page of a document's blocks, and how each one's sound stands."""

import re

import pytest
from django.urls import reverse

from reader.models import User
from tests.conftest import make_document
from tts.models import AudioVariant, Status, Voice

from .conftest import want
from .staff import fail, staff_sound_url, staff_with, text_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("static_files")]


def table(page: str) -> list[list[str]]:
    """Return the words of each row of the table of blocks."""
    body = re.search(r"<tbody>(.*?)</tbody>", page, re.S)[1]
    rows = re.findall(r"<tr>(.*?)</tr>", body, re.S)
    cells = [re.findall(r"<td[^>]*>(.*?)</td>", row, re.S) for row in rows]
    return [[" ".join(re.sub("<[^>]+>", " ", cell).split()) for cell in row] for row in cells]


def test_each_blocks_sound_is_shown_in_each_voice(staff, document, sounds, other_voice):
    first, second, _ = want(document, other_voice)
    assert first.claim()
    fail(second)
    page = text_of(staff, "admin:reader_document_blocks", document.pk)
    assert table(page) == [
        ["0", "Paragraph", "The first paragraph is about the sea.", "made", "processing"],
        ["1", "Paragraph", "The second paragraph is about the land.", "made",
         "failed It was told to fail."],
        ["2", "Paragraph", "(nothing to say)", "skipped", "skipped"],
        ["3", "Paragraph", "The third paragraph is about the sky.", "made", "queued"],
    ]  # fmt: skip
    assert "3 made" in page
    assert "1 queued, 1 processing, 1 failed" in page
    assert [staff_sound_url(variant) in page for variant in (*sounds, first)] == [True] * 4


def test_a_voice_is_chosen(staff, document, sounds, other_voice):
    page = text_of(staff, "admin:reader_document_blocks", document.pk, voice=other_voice.pk)
    assert [row[3] for row in table(page)] == ["none", "none", "skipped", "none"]
    both = text_of(
        staff,
        "admin:reader_document_blocks",
        document.pk,
        voice=[sounds[0].voice_id, other_voice.pk],
    )
    assert [row[3:] for row in table(both)] == [
        ["made", "none"], ["made", "none"], ["skipped", "skipped"], ["made", "none"],
    ]  # fmt: skip


def test_the_failed_ones_are_found_among_many(staff, document, sounds):
    fail(sounds[1])
    page = text_of(staff, "admin:reader_document_blocks", document.pk, state="error")
    assert [row[0] for row in table(page)] == ["1"]
    page = text_of(staff, "admin:reader_document_blocks", document.pk, state="cached")
    assert [row[0] for row in table(page)] == ["0", "3"]


def test_a_document_that_nobody_has_heard_shows_its_blocks(staff, document):
    page = text_of(staff, "admin:reader_document_blocks", document.pk)
    assert [row[0] for row in table(page)] == ["0", "1", "2", "3"]
    assert "No voice has spoken any of these texts yet" in page
    for query in ({"voice": "x"}, {"voice": 987654}, {"state": "x"}, {"page": "x"}, {"page": 99}):
        assert table(text_of(staff, "admin:reader_document_blocks", document.pk, **query))


def test_sounds_by_an_earlier_recipe_do_not_count(staff, document, sounds):
    Voice.objects.filter(pk=sounds[0].voice_id).update(parameters={"pitch": 5})
    page = text_of(staff, "admin:reader_document_blocks", document.pk)
    assert [row[3] for row in table(page)] == ["none", "none", "skipped", "none"]


def test_twelve_thousand_blocks_are_looked_at_in_pages(
    staff, alice, voice, django_assert_max_num_queries
):
    document = make_document(alice, "\n\n".join(f"Sentence number {n}." for n in range(12_000)))
    variants = want(document, voice)
    AudioVariant.objects.filter(pk__in=[v.pk for v in variants[:7_000]]).update(
        status=Status.CACHED, file="audio/no", bytes=1, duration_ms=1
    )
    with django_assert_max_num_queries(16):
        page = text_of(staff, "admin:reader_document_blocks", document.pk, page=70)
    rows = table(page)
    assert [row[0] for row in (rows[0], rows[-1])] == ["6900", "6999"]
    assert {row[3] for row in rows} == {"made"}
    assert "7000 made, 5000 queued" in page
    assert f"voice={voice.pk}&amp;state=&amp;page=71" in page
    queued = text_of(staff, "admin:reader_document_blocks", document.pk, state="queued")
    assert table(queued)[0][0] == "7000"
    delete = reverse("admin:reader_document_delete", args=[document.pk])
    assert len(staff.get(delete).content) < 20_000


def test_blocks_are_for_those_who_may_view_documents(document, sounds):
    address = reverse("admin:reader_document_blocks", args=[document.pk])
    sam = staff_with("view_voice")
    assert sam.get(address).status_code == 403
    User.objects.all().filter(username="sam").delete()
    page = staff_with("view_document").get(address).content.decode()
    assert [row[3] for row in table(page)] == ["made", "made", "skipped", "made"]
    assert "<audio" not in page, "Listening is a right of its own."
