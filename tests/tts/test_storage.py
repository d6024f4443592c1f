"""Storage that fails, files of nobody, sounds that are damaged: told, collected, mended."""

import errno
import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, default_storage
from django.utils import timezone

from tts import storage, synthesis
from tts.models import AudioVariant, Status
from tts.synthesis import checking

from .conftest import TEXT, again, end_pause, files, make_all

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def in_the_way(settings):
    """Where the sounds would be lies a file."""
    audio = settings.MEDIA_ROOT / "audio"
    audio.parent.mkdir(parents=True, exist_ok=True)
    audio.write_text("")
    return audio


def path_of(variant: AudioVariant) -> Path:
    return Path(default_storage.path(str(variant.file.name)))


# --- a storage that fails -------------------------------------------------------------------------


def test_a_storage_that_fails_is_told_as_what_it_is(ann, model, in_the_way):
    (variant,) = ann.want(TEXT)
    synthesis.take_turn(model)
    variant = again(variant)
    assert (variant.status, variant.attempt) == (Status.QUEUED, 1)
    assert variant.error.startswith("The sound cannot be kept: ")
    assert "died" not in variant.error
    assert variant.not_before > timezone.now()


def test_pauses_grow_and_the_engine_is_not_asked_while_nothing_can_be_kept(
    ann, model, in_the_way, begun
):
    (variant,) = ann.want(TEXT)
    pauses = []
    for _ in range(6):
        synthesis.take_turn(model)
        variant = again(variant)
        assert variant.status == Status.QUEUED
        pauses.append((variant.not_before - timezone.now()).total_seconds())
        end_pause(variant)
        ann.want(TEXT)
    assert begun() == [TEXT]
    assert 8 >= pauses[5] > 3 > 1 >= pauses[0]

    in_the_way.unlink()
    [made] = make_all(ann, TEXT)
    assert made.status == Status.CACHED
    assert begun() == [TEXT, TEXT]


def test_a_disk_that_is_full_leaves_nothing_of_a_sound(ann, model, monkeypatch):
    write = FileSystemStorage._save

    def full(self, name, content):
        """Write the first half, as a disk does that becomes full."""
        write(self, name, ContentFile(content.read()[:1000]))
        raise OSError(errno.ENOSPC, "No space left on device")

    (variant,) = ann.want(TEXT)
    monkeypatch.setattr(FileSystemStorage, "_save", full)
    synthesis.take_turn(model)
    monkeypatch.undo()
    assert again(variant).error == (
        "The sound cannot be kept: no space left on device. It is tried again after a while."
    )
    assert files() == []


# --- files of nobody ------------------------------------------------------------------------------


def age(name: str) -> None:
    past = (timezone.now() - timedelta(hours=2)).timestamp()
    os.utime(default_storage.path(name), (past, past))


def test_a_file_of_no_variant_is_collected_once_it_is_old(ann):
    [variant] = make_all(ann, TEXT)
    stray = default_storage.save("audio/ab/stray.webm", ContentFile(b"half"))
    age(str(variant.file))
    assert synthesis.sweep_sounds() == 0
    age(stray)
    assert synthesis.sweep_sounds() == 1
    assert files() == [str(variant.file)]


def test_what_a_worker_left_that_died_between_file_and_row_is_collected(ann, model, monkeypatch):
    def die(*arguments, **options):
        raise SystemExit

    monkeypatch.setattr(synthesis.attempts, "_store", die)
    (variant,) = ann.want(TEXT)
    with pytest.raises(SystemExit):
        synthesis.take_turn(model)
    [left] = files()
    age(left)
    assert synthesis.sweep_sounds() == 1
    assert files() == []
    assert again(variant).status == Status.PROCESSING  # its lease runs out


def test_a_file_that_is_noted_while_it_is_looked_at_stays(ann):
    late = default_storage.save("audio/ab/late.webm", ContentFile(b"whole"))
    age(late)
    asked = []

    def known(names):
        asked.append(names)
        return [late] if len(asked) > 1 else []

    assert synthesis.sweep("audio", known) == 0
    assert default_storage.exists(late)


# --- sounds that are damaged ----------------------------------------------------------------------


def damage(variant: AudioVariant) -> None:
    """Change a byte in the middle: the size stays."""
    path = path_of(variant)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)


@pytest.mark.parametrize("harm", [damage, lambda variant: path_of(variant).unlink()])
def test_a_damaged_sound_is_found_in_a_round_and_made_anew(ann, harm):
    sound, other = make_all(ann, TEXT, "Another sentence.")
    harm(sound)
    AudioVariant.objects.update(checked_at=timezone.now() - timedelta(days=30))
    assert synthesis.check_sounds() == 1
    assert again(sound).status == Status.QUEUED
    assert again(other).status == Status.CACHED
    healed, _ = make_all(ann, TEXT, "Another sentence.")
    assert healed.status == Status.CACHED
    assert not checking.mend(again(healed))


def test_a_round_goes_on_where_the_last_one_ended(ann, monkeypatch):
    monkeypatch.setattr(checking, "CHECKED_AT_ONCE", 1)
    sounds = make_all(ann, "One.", "Two.", "Three.")
    AudioVariant.objects.update(checked_at=timezone.now() - timedelta(days=30))
    for sound in sounds:
        damage(again(sound))
    assert [synthesis.check_sounds() for _ in range(4)] == [1, 1, 1, 0]


def test_whoever_cannot_play_a_sound_has_it_checked(ann):
    [sound] = make_all(ann, TEXT)
    (same,) = ann.want(TEXT, retry=True)
    assert same.status == Status.CACHED
    damage(sound)
    (same,) = ann.want(TEXT)
    assert same.status == Status.CACHED  # it looks right
    (same,) = ann.want(TEXT, retry=True)
    assert same.status == Status.QUEUED
    [healed] = make_all(ann, TEXT)
    assert healed.sound_revision > sound.sound_revision


def test_a_sound_from_before_there_were_hashes_gets_one(ann):
    [sound] = make_all(ann, TEXT)
    AudioVariant.objects.update(sound_hash="", checked_at=None)
    assert synthesis.check_sounds() == 0
    assert again(sound).sound_hash == sound.sound_hash


def test_a_storage_that_does_not_answer_makes_no_sound_anew(ann, monkeypatch):
    [sound] = make_all(ann, TEXT)
    AudioVariant.objects.update(checked_at=None)

    def away(*arguments, **options):
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(checking.default_storage, "open", away)
    assert synthesis.check_sounds() == 0
    assert again(sound).status == Status.CACHED


def test_why_names_no_path():
    assert storage.why(OSError(errno.ENOSPC, "No space left on device", "/a/secret")) == (
        "no space left on device"
    )
