"""A document is made into a file, a short while at a time."""

from __future__ import annotations

import errno
import io
import os
from datetime import timedelta
from html import unescape
from itertools import pairwise
from zipfile import ZipFile

import av
import numpy as np
import pytest
import webvtt
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, default_storage
from django.core.management import call_command
from django.utils import timezone
from mutagen.id3 import ID3

from reader import events, tasks
from reader.exporting import job
from reader.exporting.gathering import Choice, book_of
from reader.listening import ListeningVoice
from reader.models import DocumentPreferences, Export
from reader.services import documents, exports
from reader.services.exports import ExportRefused, begin_export
from tests.conftest import make_document
from tests.reader.conftest import stored_files
from tts.demand import wants
from tts.models import AudioVariant, Status

TEXT = "\n\n".join(
    f"Chapter {n}\n\nThis is the first paragraph of chapter {n}.\n\nAnd <this> is & the second."
    for n in range(1, 4)
)
MARKDOWN = """# The sea

It is *blue* and **wide**, see [here](https://example.org/a).

* one
* two

| a | b |
|---|---|
| 1 | 2 |

## Its end

    x = `1`

> said
"""


@pytest.fixture
def book(alice, voice):
    document = documents.add_document(owner=alice, title="The sea", text=MARKDOWN, kind="markdown")
    tasks.run_import(document)
    document.refresh_from_db()
    return document


def run_to_its_end(export: Export, turns: int = 60) -> Export:
    for _ in range(turns):
        now = Export.objects.select_related("document", "owner").get(pk=export.pk)
        if not job.run(now):
            return Export.objects.get(pk=export.pk)
    raise AssertionError("it does not end")


def made(document, kind: str, voice=None, **chosen) -> bytes:
    export = begin_export(
        document=document, person=document.owner, kind=kind, voice=voice, **chosen
    )
    export = run_to_its_end(export)
    assert (export.status, export.error) == ("done", "")
    with default_storage.open(export.file.name) as file:
        content = file.read()
    assert len(content) == export.bytes
    return content


def book_in(document, voice):
    listening = ListeningVoice.of(voice, document=document, listener=document.owner)
    return book_of(Choice.of(document, document.owner, None), document.owner, listening)


def test_the_text_is_markdown_again(book):
    assert made(book, "markdown").decode() == (
        "# The sea\n\nIt is *blue* and **wide**, see [here](https://example.org/a).\n\n"
        "- one\n\n- two\n\n| a | b |\n| --- | --- |\n| 1 | 2 |\n\n## Its end\n\n"
        "```\nx = `1`\n```\n\n> said\n"
    )


def test_the_words_of_subtitles_are_those_of_the_sound(alice, voice):
    document = make_document(alice, "One two.\n\nThree <four> & five, " + "six seven " * 30)
    text = made(document, "vtt", voice).decode()
    captions = webvtt.from_string(text)
    spoken = " ".join(document.blocks.values_list("text", flat=True))
    assert unescape(" ".join(each.text for each in captions)).split() == spoken.split()
    _, second = book_in(document, voice).cues[:2]
    assert captions[0].start_in_seconds == 0
    third = second.at(second.sound.marks[0][2]) / 1000
    assert captions[1].start == f"00:00:{third:06.3f}"
    srt = made(document, "srt", voice).decode()
    assert srt.startswith("1\n00:00:00,000 --> ")
    assert srt.count("-->") == len(captions)


def test_pauses_are_those_of_playback(alice, voice):
    alice.pause_ms, alice.heading_pause_ms = 400, 800
    alice.save()
    document = make_document(alice, TEXT)
    made(document, "vtt", voice)
    cues = book_in(document, voice).cues
    for before, after in pairwise(cues):
        ends = before.start_ms + before.sound.duration_ms - before.sound.trail_ms - before.skip_ms
        begins = after.start_ms + after.sound.lead_ms - after.skip_ms
        pause = 800 if before.passage.kind == "heading" else 400
        assert pause <= begins - ends < pause + 40


def test_skipped_chapters_are_left_out_and_chosen_ones_are_all_there_is(alice, voice):
    document = make_document(alice, TEXT)
    firsts = list(document.outline.values_list("block_idx", flat=True))
    DocumentPreferences.objects.create(user=alice, document=document, folded=[firsts[1]])
    text = made(document, "markdown").decode()
    assert ("chapter 1" in text, "chapter 2" in text, "chapter 3" in text) == (True, False, True)
    text = made(document, "markdown", chapters=[firsts[1]]).decode()
    assert ("chapter 1" in text, "chapter 2" in text, "chapter 3" in text) == (False, True, False)
    with pytest.raises(ExportRefused):
        begin_export(document=document, person=alice, kind="markdown", voice=None, chapters=[99])


def test_who_asks_for_what_there_is_not_is_told(document, alice, voice):
    for kind, chosen in (("exe", voice), ("vtt", None)):
        with pytest.raises(ExportRefused):
            begin_export(document=document, person=alice, kind=kind, voice=chosen)
    assert not Export.objects.exists()


def test_it_is_estimated_and_counted(document, alice, voice, settings):
    voice.speech_model.price_per_million = 15
    voice.speech_model.save()
    before = exports.estimate(document=document, person=alice, kind="vtt", voice=voice)
    characters = sum(document.blocks.values_list("characters", flat=True))
    assert before.characters == characters
    assert before.cost == characters * 15 / 1_000_000 or float(before.cost) == pytest.approx(
        characters * 15 / 1_000_000
    )
    made(document, "vtt", voice)
    after = exports.estimate(document=document, person=alice, kind="vtt", voice=voice)
    assert (after.characters, after.cost) == (0, 0)
    settings.MAX_MB_PER_PERSON = 1
    Export.objects.update(bytes=1024 * 1024)
    with pytest.raises(ExportRefused, match="take up 1 MB"):
        begin_export(document=document, person=alice, kind="markdown", voice=None)


def test_it_tells_when_it_is_out_of_date(document, alice, voice):
    made(document, "vtt", voice)
    export = Export.objects.select_related("document", "owner").get()
    assert exports.why_out_of_date(export) == ""
    voice.parameters = {"ms_per_character": 30}
    voice.save()
    assert "voice" in exports.why_out_of_date(export)
    documents.rename_document(document=document, title="Another", author="")
    export.document.refresh_from_db()
    assert "document" in exports.why_out_of_date(export)


def test_after_a_death_it_goes_on_and_makes_nothing_twice(document, alice, voice, monkeypatch):
    export = begin_export(document=document, person=alice, kind="vtt", voice=voice)
    dying = Export.objects.select_related("document", "owner").get()
    with monkeypatch.context() as patch:
        patch.setattr(job, "files", None)  # it dies when all sounds are there
        with pytest.raises(AttributeError):
            run_to_its_end(dying)
    sounds = dict(AudioVariant.objects.values_list("pk", "sound_revision"))
    assert len(sounds) == 3
    late = timezone.now() - timedelta(minutes=5)
    Export.objects.update(lease_until=late, changed_at=late)
    tasks.resume_exports()
    assert run_to_its_end(export).status == "done"
    assert dict(AudioVariant.objects.values_list("pk", "sound_revision")) == sounds
    dying.refresh_from_db()
    assert not job.run(dying)  # whoever was taken for dead does nothing any more


def test_what_fails_unexpectedly_is_tried_again_and_not_for_ever(document, alice, monkeypatch):
    export = begin_export(document=document, person=alice, kind="markdown", voice=None)
    monkeypatch.setattr(job, "book_of", None)
    for _ in range(job.MOST_ATTEMPTS):
        with pytest.raises(TypeError):
            job.run(Export.objects.select_related("document", "owner").get(pk=export.pk))
    export.refresh_from_db()
    assert (export.status, export.error) == ("error", job.UNEXPECTED)


def test_a_second_worker_helps_from_the_end_and_nothing_is_made_twice(alice, voice, monkeypatch):
    document = make_document(alice, TEXT)
    export = begin_export(document=document, person=alice, kind="m4b", voice=voice)
    helping = Export.objects.select_related("document", "owner").get()
    assert not job.assist(helping)  # nobody has begun
    monkeypatch.setattr(job, "TURN_SECONDS", 0.0)
    assert job.run(helping)
    monkeypatch.setattr(job, "TURN_SECONDS", 30.0)
    wants.replace(voice.speech_model_id, "somebody", {f"{'0' * 40}-{'1' * 40}": 0})
    assert job.assist(helping)
    assert not AudioVariant.objects.exists()
    wants.forget(voice.speech_model_id, "somebody")
    assert not job.assist(helping)  # all of it is done but the file
    pieces = [name for name in stored_files() if name.endswith(".piece")]
    assert len(pieces) == 3
    sounds = dict(AudioVariant.objects.values_list("pk", "sound_revision"))
    monkeypatch.setattr(job.files, "store_piece", None)
    assert run_to_its_end(export).status == "done"
    assert dict(AudioVariant.objects.values_list("pk", "sound_revision")) == sounds
    assert not job.assist(helping)
    assert not [name for name in stored_files() if name.endswith(".piece")]


@pytest.mark.parametrize("seconds", [5.0, 0.0], ids=["within a turn", "at its end"])
def test_what_is_told_last_is_that_it_was_stopped(document, alice, voice, monkeypatch, seconds):
    """A worker that was just noting how far it is tells it after the stop was told."""
    monkeypatch.setattr(job, "TURN_SECONDS", seconds)
    export = begin_export(document=document, person=alice, kind="vtt", voice=voice)
    told = []

    def progress(*page, status, **_):
        if status == "running" and not told:
            exports.stop_export(export=export)  # which is told first
        told.append(status)

    monkeypatch.setattr(events, "job_progress", progress)
    for turn in range(3):  # of messages, which lead to each other
        tasks.export_document(export.pk, turn)
    assert "running" in told
    assert told[-1] == "stopped"


@pytest.mark.parametrize("stage", ["sounds", "pieces"])
@pytest.mark.parametrize("what", ["stopped", "voice", "changed", "document", "account", "full"])
def test_what_ends_in_the_middle_says_so_and_leaves_nothing(
    document, alice, voice, monkeypatch, what, stage, django_capture_on_commit_callbacks
):
    kind = "vtt" if stage == "sounds" else "m4b"
    export = begin_export(document=document, person=alice, kind=kind, voice=voice)
    monkeypatch.setattr(job, "TURN_SECONDS", 0.0)
    job.run(Export.objects.select_related("document", "owner").get())
    monkeypatch.setattr(job, "TURN_SECONDS", 5.0)
    if stage == "pieces":
        assert not job.assist(Export.objects.select_related("document", "owner").get())
        assert [name for name in stored_files() if name.endswith(".piece")]
    words = ""
    if what == "stopped":
        exports.stop_export(export=export)
        words = exports.STOPPED
    elif what == "voice":
        voice.enabled = False
        voice.save()
        words = job.NO_VOICE
    elif what == "changed":
        voice.parameters = {"ms_per_character": 30}
        voice.save()
        words = job.OTHER_VOICE
    elif what == "document":
        documents.discard_document(document=document)
    elif what == "account":
        with django_capture_on_commit_callbacks(execute=True):
            alice.delete()
    else:

        def full(*_, **__):
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(default_storage, "save", full)
    now = Export.objects.select_related("document", "owner").filter(pk=export.pk).first()
    if now:
        now = run_to_its_end(now)
        if what == "full":
            assert "no space left" in now.error
        elif words:
            assert now.error == words
        assert now.status != "done"
        assert not now.file
    assert not [name for name in stored_files() if name.startswith("exports")]


@pytest.mark.parametrize("part", [".piece", ".m4b", ".words.vtt"])
def test_a_disk_that_is_full_in_the_middle_of_a_file_leaves_nothing_of_it(
    document, alice, voice, monkeypatch, part
):
    export = begin_export(document=document, person=alice, kind="m4b", voice=voice)
    write = FileSystemStorage._save

    def fail(self, name, content):
        if not name.endswith(part):
            return write(self, name, content)
        write(self, name, ContentFile(content.read()[:100]))
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(FileSystemStorage, "_save", fail)
    export = run_to_its_end(export)
    assert (export.status, "no space left" in export.error) == ("error", True)
    assert not [name for name in stored_files() if name.startswith("exports")]
    monkeypatch.setattr(FileSystemStorage, "_save", write)
    made(document, "m4b", voice)  # begun again, when there is room


@pytest.mark.parametrize(("kind", "container"), [("m4b", "mov"), ("mp3", "mp3"), ("opus", "ogg")])
def test_chapters_begin_with_their_words_in_every_audiobook(
    alice, voice, kind, container, tmp_path
):
    document = make_document(alice, TEXT, "The sea")
    file = tmp_path / "book"
    file.write_bytes(made(document, kind, voice))
    book = book_in(document, voice)
    firsts = {chapter.first: chapter.title for chapter in book.chapters}
    words = [(each.word_ms, firsts[each.passage.idx]) for each in book.cues
             if each.passage.idx in firsts]  # fmt: skip
    with av.open(str(file)) as opened:
        assert container in opened.format.name
        chapters = [
            (float(each["start"] * each["time_base"]) * 1000, each["metadata"]["title"])
            for each in opened.chapters()
        ]
        samples = decoded(opened)
    assert [title for _, title in chapters] == ["Chapter 1", "Chapter 2", "Chapter 3"]
    for (start, title), (word, named) in zip(chapters, words, strict=True):
        assert (title, abs(start - word) < 50) == (named, True)
    assert abs(len(samples) / 24 - book.cues[-1].end_ms) < 100
    for cue in book.cues:  # each is heard where it is said to be, and it is silent before
        at = cue.start_ms * 24
        assert np.abs(samples[at + 360 : at + 1200]).max() > 5000
        if cue.start_ms:
            assert np.abs(samples[at - 1200 : at - 360]).max() < 500


def test_a_zip_has_a_file_for_each_chapter(alice, voice):
    document = make_document(alice, TEXT, "The sea")
    with ZipFile(io.BytesIO(made(document, "mp3-chapters", voice))) as archive:
        names = archive.namelist()
        first = archive.read(names[0])
    assert names == ["1 Chapter 1.mp3", "2 Chapter 2.mp3", "3 Chapter 3.mp3"]
    tags = ID3(io.BytesIO(first))
    assert (str(tags["TIT2"]), str(tags["TALB"]), str(tags["TRCK"])) == (
        "Chapter 1", "The sea", "1/3",
    )  # fmt: skip


def decoded(opened) -> np.ndarray:
    resampler = av.AudioResampler(format="s16", layout="mono", rate=24_000)
    return np.concatenate(
        [
            np.frombuffer(bytes(each.planes[0])[: 2 * each.samples], "<i2").astype(int)
            for frame in opened.decode(audio=0)
            for each in resampler.resample(frame)
        ]
    )


def test_deleted_and_expired_exports_take_their_files_along(
    document, alice, voice, django_capture_on_commit_callbacks
):
    made(document, "vtt", voice)
    made(document, "markdown")
    assert sum(name.startswith("exports") for name in stored_files()) == 2
    with django_capture_on_commit_callbacks(execute=True):
        Export.objects.filter(kind="vtt").update(expires_at=timezone.now())
        tasks.delete_expired_exports()
    assert sum(name.startswith("exports") for name in stored_files()) == 1
    with django_capture_on_commit_callbacks(execute=True):
        alice.delete()
    assert not [name for name in stored_files() if name.startswith("exports")]


def test_the_command_makes_it_without_any_worker(document, voice, tmp_path, capsys):
    target = tmp_path / "book.vtt"
    call_command(
        "export_document", str(document.uuid), kind="vtt", voice="tone/tone-300", output=target
    )
    assert len(webvtt.read(str(target))) == 3
    assert not Export.objects.exists()
    assert AudioVariant.objects.filter(status=Status.CACHED).count() == 3
