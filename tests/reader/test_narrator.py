"""The narrator of a book is a voice of this book alone, and others read what they did not."""

from __future__ import annotations

import io
import zipfile

import pytest
from django.core.files.storage import default_storage

from reader import narrating, preparing
from reader.deleting import delete_document
from reader.ingestion.importing import import_document
from reader.models import Export, LanguageVoice, Preparation
from reader.services import preparations
from reader.services.exports import begin_export, why_out_of_date
from reader.services.preferences import choose_voice, preferences_of, voice_of
from tests.conftest import make_document
from tts import synthesis
from tts.models import AudioVariant, SpeechModel, Status, Voice
from tts.synthesis.ahead import Outcome, make_ahead
from tts.voices.catalogue import sync_voices

from . import narrated_books
from .conftest import marks_url, sound_url
from .page import Page, in_database, take_turn
from .test_exports import run_to_its_end
from .test_narration import bring_in, kept, listening, make, narrator_of, seconds_heard

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("static_files")]

# What a session tells of the passage that nobody reads.
STAND_IN = {"model_slug": "tone", "voice_slug": "tone-300", "name": "300 Hz"}


@pytest.fixture
def book(alice, voice):
    document = bring_in(alice, narrated_books.by_sentences())
    choose_voice(user=alice, document=make_document(alice, "Words of mine."), voice=voice)
    return document


@pytest.fixture
def narrator(book) -> Voice:
    found = narrator_of(book)
    assert found is not None
    return found


def test_it_is_offered_on_the_book_s_own_page_and_nowhere_else(
    book, narrator, document, as_alice, as_bob
):
    assert voice_of(preferences_of(book.owner, book)) == narrator
    own = as_alice.get(f"/documents/{book.uuid}/").content.decode()
    assert narrator.voice_slug in own
    for path in (f"/documents/{document.uuid}/", "/settings/", "/"):
        assert narrator.voice_slug not in as_alice.get(path).content.decode()
    chosen = {"model_slug": "narrator", "voice_slug": narrator.voice_slug}
    for client in (as_alice, as_bob):
        asked = client.post("/preferences/", {**chosen, "document": document.uuid})
        assert asked.status_code in (400, 404)
    assert not Voice.objects.by_slugs("narrator", narrator.voice_slug)


def test_who_chooses_it_chooses_it_for_this_book_alone(book, narrator, alice):
    choose_voice(user=alice, document=book, voice=narrator)
    alice.refresh_from_db()
    assert not LanguageVoice.objects.filter(voice=narrator)
    assert alice.voice != narrator
    other = Voice.objects.get(voice_slug="tone-500")
    choose_voice(user=alice, document=book, voice=other)
    assert voice_of(preferences_of(alice, book)) == other


async def test_a_session_tells_who_reads_and_never_another_voice_s_sound(
    as_alice, book, narrator, other_voice
):
    page = Page(as_alice, book)
    ready = await page.open()
    assert (ready["model_slug"], ready["voice_slug"]) == ("narrator", narrator.voice_slug)
    await page.send("synthesize", block_indices=[1, 2])
    await page.answers()
    assert await take_turn(narrator)
    [cached] = [each for each in await page.answers() if each.get("status") == "cached"]
    assert (cached["block_idx"], cached["spoken_by"]) == (1, None)
    assert cached["duration_ms"] == 2500
    assert await take_turn(await in_database(Voice.objects.get)(voice_slug="tone-300"))
    [other] = [each for each in await page.answers() if each.get("status") == "cached"]
    assert (other["block_idx"], other["spoken_by"]) == (2, STAND_IN)
    assert other["voice_slug"] == narrator.voice_slug
    # In the middle to another voice, and back: what was made is there at once.
    ready = await page.choose(other_voice)
    assert ready["cached"] == []
    await page.send("synthesize", block_indices=[1])
    late = await page.answers()
    assert {each["voice_slug"] for each in late if each["type"] == "status"} <= {"tone-500"}
    ready = await page.choose(narrator)
    assert ready["cached"] == [[1, 2]]
    await page.leave()


async def test_while_the_book_comes_its_page_is_told_by_whom_each_passage_is_read(
    as_alice, alice, voice
):
    book = narrated_books.by_sentences()
    book.sounds = dict.fromkeys(book.sounds, b"no sound")
    document = await in_database(kept)(alice, book)
    page = Page(as_alice, document)
    ready = await page.open()
    assert (ready["model_slug"], ready["block_count"]) == ("narrator", 0)
    await in_database(import_document)(document)
    await page.until("ready", block_count=5)
    await page.send("synthesize", block_indices=[0])
    await page.answers()
    assert await take_turn(voice)
    [cached] = [each for each in await page.answers() if each.get("status") == "cached"]
    assert (cached["model_slug"], cached["spoken_by"]) == ("narrator", STAND_IN)
    await page.leave()


def test_its_sound_is_heard_by_who_may_see_the_book_and_by_nobody_else(book, bob, as_alice, as_bob):
    variant = make(book, book.blocks.get(idx=1))
    theirs = make_document(bob, book.blocks.get(idx=1).text)  # the same words
    theirs.blocks.update(text_hash=variant.text_hash)
    AudioVariant.objects.filter(pk=variant.pk).update(marks=[[0, 3, 0, 100]])
    for address in (sound_url(variant), marks_url(variant)):
        assert (as_alice.get(address).status_code, as_bob.get(address).status_code) == (200, 404)


def test_another_account_s_sample_of_it_is_not_to_be_had(book, narrator, as_alice, as_bob):
    address = f"/voices/narrator/{narrator.voice_slug}/preview/"
    assert as_bob.get(address).status_code == 404
    assert narrating.sample_said(str(book.uuid))[0] == book.blocks.get(idx=4).text


def test_it_goes_with_its_book_with_all_its_sounds(
    book, bob, narrator, django_capture_on_commit_callbacks
):
    variant = make(book, book.blocks.get(idx=1))
    theirs = make_document(bob, book.blocks.get(idx=1).text)
    theirs.blocks.update(text_hash=variant.text_hash)
    name = variant.file.name
    with django_capture_on_commit_callbacks(execute=True):
        delete_document(document=book)
    assert not Voice.objects.filter(pk=narrator.pk).exists()
    assert not AudioVariant.objects.filter(pk=variant.pk).exists()
    assert not default_storage.exists(name)


def test_a_sound_of_it_that_is_lost_is_cut_out_once_more(book):
    variant = make(book, book.blocks.get(idx=1))
    default_storage.delete(variant.file.name)
    synthesis.sound_is_gone(variant)
    assert seconds_heard(make(book, book.blocks.get(idx=1))) == [1, 2, 3]


def test_a_book_whose_file_is_gone_says_so(book):
    default_storage.delete(book.source.name)
    narrating._sound.cache_clear()
    block = book.blocks.get(idx=1)
    heard = listening(book)
    outcome = make_ahead(
        heard.voice, account="1", sound="", text_hash=block.text_hash, text=block.text,
        language=block.language,
    )  # fmt: skip
    variant = AudioVariant.objects.get(text_hash=block.text_hash)
    assert outcome in (Outcome.FAILED, Outcome.BUSY)
    assert variant.error == narrating.GONE


def test_all_of_it_is_made_ahead_each_passage_in_its_voice(book, narrator, voice):
    preparations.start_preparation(document=book, user=book.owner, voice=narrator, sound="")
    preparation = Preparation.objects.select_related("document", "voice").get(document=book)
    while preparing.prepare(preparation):
        preparation = Preparation.objects.select_related("document", "voice").get(document=book)
    preparation.refresh_from_db()
    assert (preparation.status, preparation.done, preparation.total) == ("done", 5, 5)
    by_voice = AudioVariant.objects.values_list("voice__voice_slug", flat=True)
    assert sorted(by_voice) == sorted([narrator.voice_slug] * 4 + [voice.voice_slug])


def test_it_is_exported_and_tells_when_it_is_out_of_date(book, narrator):
    export = begin_export(document=book, person=book.owner, kind="opus", voice=narrator)
    export = run_to_its_end(export)
    assert (export.status, export.error) == ("done", "")
    assert export.voice_name == narrator.name
    assert export.duration_ms > 7500
    export = Export.objects.select_related("document", "owner").get()
    assert why_out_of_date(export) == ""
    Voice.objects.filter(pk=narrator.pk).update(is_offered=False)
    assert "not offered" in why_out_of_date(export)


def test_our_own_export_of_a_book_is_narrated_when_it_is_brought_in(alice, voice):
    document = make_document(alice, "The first words.\n\nThen some others follow them.", "Mine")
    export = begin_export(document=document, person=alice, kind="epub", voice=voice)
    export = run_to_its_end(export)
    assert (export.status, export.error) == ("done", "")
    with default_storage.open(export.file.name) as file:
        data = file.read()
    again = bring_in(alice, data)
    narrator = narrator_of(again)
    assert narrator is not None
    assert narrator.name == f"{narrating.NAME}, {voice.name}"
    blocks = list(again.blocks.narrated())
    assert [block.text for block in blocks] == list(document.blocks.values_list("text", flat=True))
    heard = [make(again, block) for block in blocks]
    known = {
        each.text: each for each in AudioVariant.objects.filter(voice=voice, status=Status.CACHED)
    }
    for variant in heard:
        assert variant.marks_source == "engine"
        before = known[variant.text]
        # A clip begins where the word's mark was; the sound begins with its first word.
        own = [start - variant.marks[0][2] for _, _, start, _ in variant.marks]
        theirs = [start - before.marks[0][2] for _, _, start, _ in before.marks]
        assert all(abs(one - other) <= 25 for one, other in zip(own, theirs, strict=True))


def test_a_narrated_book_that_is_exported_has_one_narration(book, voice):
    export = begin_export(document=book, person=book.owner, kind="epub", voice=voice)
    export = run_to_its_end(export)
    with default_storage.open(export.file.name) as file:
        names = zipfile.ZipFile(io.BytesIO(file.read())).namelist()
    assert "OPS/text/one.xhtml" in names  # it kept its pages
    assert not [name for name in names if name.endswith(("one.mp3", "one.smil"))]


def test_it_is_made_as_loud_as_other_voices(book, narrator, settings):
    settings.LOUDNESS = -19.0
    make(book, book.blocks.get(idx=1))
    narrator.refresh_from_db()
    assert narrator.gain_recipe
    assert -20 < narrator.gain_db < 0  # the tones are loud


def test_engines_that_are_asked_what_they_offer_keep_it(book, narrator):
    sync_voices(SpeechModel.objects.get(model_slug="narrator"))
    narrator.refresh_from_db()
    assert (narrator.is_offered, narrator.reserved_for) == (True, str(book.uuid))
