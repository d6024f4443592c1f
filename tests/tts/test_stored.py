"""The files of sounds: gone, made again, deleted."""

import pytest
from django.core.files.storage import default_storage

from tts import synthesis
from tts.models import AudioVariant, SpeechModel, Status

from .conftest import TEXT, Listener, again, configure, files

pytestmark = pytest.mark.django_db(transaction=True)


def cached(ann: Listener, model: SpeechModel, text: str = TEXT) -> AudioVariant:
    (variant,) = ann.want(text)
    synthesis.take_turn(model)
    return again(variant)


def test_a_sound_whose_file_is_gone_is_made_again_under_another_revision(ann, model):
    variant = cached(ann, model)
    default_storage.delete(variant.file.name)
    synthesis.sound_is_gone(variant)
    assert (variant.status, variant.attempt) == (Status.QUEUED, 0)
    made = cached(ann, model)
    assert made.status == Status.CACHED
    assert made.sound_revision > 2
    assert files() == [made.file.name]


def test_a_sound_that_is_gone_is_put_back_once(ann, model):
    variant = cached(ann, model)
    copies = [again(variant), again(variant)]
    for copy in copies:
        synthesis.sound_is_gone(copy)
    assert again(variant).revision == variant.revision + 1


def test_make_again_forgets_sounds_and_failures(ann, model):
    sound = cached(ann, model)
    configure(model, fail_on="Another")
    ann.voice.refresh_from_db()
    failure = cached(ann, model, "Another.")
    assert failure.status == Status.ERROR
    assert synthesis.make_again([sound, failure]) == 2
    assert files() == []
    assert {v.status for v in AudioVariant.objects.all()} == {Status.QUEUED}


def test_make_again_leaves_what_is_being_made(ann, model):
    (variant,) = ann.want(TEXT)
    variant = again(variant)
    assert variant.claim()
    assert synthesis.make_again([variant]) == 0
    assert again(variant).status == Status.PROCESSING


def test_deleted_variants_take_their_files_along(ann, model):
    first, second = cached(ann, model, "One."), cached(ann, model, "Two.")
    assert synthesis.delete([first]) == 1
    assert files() == [second.file.name]
    assert list(AudioVariant.objects.values_list("pk", flat=True)) == [second.pk]
