"""What goes with a document that is deleted for good, and what stays."""

import pytest

from reader.deleting import delete_document
from reader.models import Block, Document
from reader.tasks import clear_orphans, delete_discarded
from tests.conftest import TEXT, make_document
from tts import synthesis
from tts.models import AudioVariant, Status

from .conftest import make_sounds, sound_url, stored_files, want

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("static_files")]


def after_the_time_to_take_it_back() -> None:
    Document.objects.discarded().update(deleted_at="2020-01-01T00:00:00Z")
    delete_discarded()


def test_the_last_document_with_a_text_takes_its_sounds_along(as_alice, document, sounds):
    assert len(stored_files()) == 4
    response = as_alice.post(f"/documents/{document.uuid}/delete/")
    assert (response.status_code, response.headers["Location"]) == (302, "/")
    assert len(stored_files()) == 4, "It may be taken back."
    after_the_time_to_take_it_back()
    assert not Document.objects.exists()
    assert not AudioVariant.objects.exists()
    assert stored_files() == []
    assert "A document” was deleted" in as_alice.get("/").content.decode()


def test_sounds_in_every_voice_and_state_go(as_alice, document, voice, other_voice):
    make_sounds(document, voice)
    first, second, _ = want(document, other_voice)
    assert first.claim()
    assert second.move(Status.ERROR, error="No.")
    assert AudioVariant.objects.count() == 6
    as_alice.post(f"/documents/{document.uuid}/delete/")
    after_the_time_to_take_it_back()
    assert not AudioVariant.objects.exists()
    assert stored_files() == []


def test_a_sound_stays_while_another_document_has_its_text(as_alice, bob, document, sounds):
    other = make_document(bob, "The first paragraph is about the sea.")
    as_alice.post(f"/documents/{document.uuid}/delete/")
    after_the_time_to_take_it_back()
    assert list(AudioVariant.objects.all()) == [sounds[0]]
    assert stored_files() == sorted([sounds[0].file.name, other.source.name])
    delete_document(document=other)
    assert_nothing_stays_but_queues()


def test_a_sound_stays_while_the_same_person_has_another_copy(as_alice, alice, document, sounds):
    copy = make_document(alice, TEXT)
    as_alice.post(f"/documents/{document.uuid}/delete/")
    after_the_time_to_take_it_back()
    assert AudioVariant.objects.count() == 3
    assert as_alice.get(sound_url(sounds[0])).status_code == 200
    delete_document(document=copy)
    assert_nothing_stays_but_queues()


def assert_nothing_stays_but_queues() -> None:
    assert not AudioVariant.objects.exists()
    assert stored_files() == []


def test_a_sound_that_is_being_made_when_its_document_goes_is_not_kept(document, voice):
    variant = AudioVariant.objects.select_related("voice__speech_model").get(
        pk=want(document, voice)[0].pk
    )
    assert variant.claim()
    delete_document(document=document)
    synthesis.make(variant)
    assert_nothing_stays_but_queues()


def test_a_large_document_is_deleted_with_all_its_sounds(alice, voice):
    """More rows than a database takes variables in one statement."""
    document = make_document(alice, "\n\n".join(f"Sentence number {n}." for n in range(1_500)))
    want(document, voice)
    AudioVariant.objects.update(status=Status.CACHED, file="audio/no", bytes=1, duration_ms=1)
    assert AudioVariant.objects.count() == 1_500
    delete_document(document=document)
    assert_nothing_stays_but_queues()


def test_sounds_that_no_document_has_are_cleared(document, sounds):
    """Such as those that an open page wanted while its document was being deleted."""
    Block.objects.filter(idx=0).delete()
    clear_orphans()
    assert AudioVariant.objects.count() == 3, "A moment may lie between a block and its sound."
    AudioVariant.objects.update(created_at="2020-01-01T00:00:00Z")
    clear_orphans()
    assert set(AudioVariant.objects.all()) == set(sounds[1:])
    assert sounds[0].file.name not in stored_files()


def test_a_document_is_not_deleted_by_looking_at_the_address(as_alice, document):
    assert as_alice.get(f"/documents/{document.uuid}/delete/").status_code == 405
    assert Document.objects.present().filter(pk=document.pk).exists()
