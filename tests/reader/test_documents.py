"""Bringing documents in, whatever they are, and deleting them with all that was theirs."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError
from django.test import Client

from reader import tasks
from reader.ingestion import import_document
from reader.models import Block, Document
from reader.services import add_document, delete_document
from reader.tasks import clear_orphans, delete_discarded, resume_imports
from tests.conftest import TEXT, make_document
from tests.worker import running_worker, wait_until
from tts import synthesis
from tts.connections import redis_client
from tts.models import AudioVariant, Status

from .conftest import make_sounds, sound_url, stored_files, want
from .extraction.material import file
from .extraction.test_hostile import many_entries, zip_bomb

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("static_files")]

NEW = "/documents/new/"


def queued_imports() -> list[int]:
    """Return the documents whose import waits in the real queue."""
    messages = [json.loads(message) for message in redis_client().lrange("jobs", 0, -1)]
    return [message["headers"]["argsrepr"] for message in messages]


def upload(content: bytes, name: str = "a.txt") -> dict[str, SimpleUploadedFile]:
    return {"file": SimpleUploadedFile(name, content, content_type="text/plain")}


def bring_in(client: Client, data: dict) -> Document:
    """Send the form and import what came of it, as a worker would."""
    response = client.post(NEW, data)
    assert response.status_code == 302, response.content.decode()
    document = Document.objects.get()
    assert response.headers["Location"] == f"/documents/{document.uuid}/"
    import_document(document)
    document.refresh_from_db()
    return document


def texts(document: Document) -> list[str]:
    return [block.text for block in document.blocks.all()]


def assert_refused(response, *words: str) -> None:
    """The form comes back with words, and nothing half-made stays."""
    assert response.status_code == 422
    page = response.content.decode()
    errors = page.partition('class="errorlist')[2]
    assert errors, "The page does not say what is wrong."
    for word in words:
        assert word in errors
    assert_nothing_stays()


def assert_nothing_stays() -> None:
    assert not Document.objects.exists()
    assert stored_files() == []
    assert queued_imports() == []


# --- what is taken -------------------------------------------------------------------------------


def test_a_pasted_text_becomes_blocks(as_alice, alice):
    document = bring_in(as_alice, {"text": TEXT, "title": "  Sea, land, sky  "})
    assert (document.owner, document.title, document.source_name) == (alice, "Sea, land, sky", "")
    assert (document.status, document.block_count, document.revision) == ("ready", 4, 1)
    assert texts(document) == [
        "The first paragraph is about the sea.",
        "The second paragraph is about the land.",
        "",
        "The third paragraph is about the sky.",
    ]


def test_a_document_is_imported_by_a_worker(as_alice):
    as_alice.post(NEW, {"text": TEXT})
    document = Document.objects.get()
    assert document.status == "importing"
    assert queued_imports() == [f"({document.pk},)"]


def test_a_text_file_becomes_blocks(as_alice):
    document = bring_in(as_alice, upload(TEXT.encode(), "Sea & land.txt"))
    assert document.source_name == "Sea & land.txt"
    assert len(texts(document)) == 4


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "latin-1", "cp1252"]
)
def test_a_text_file_in_any_usual_encoding(as_alice, encoding):
    text = "Der Käfer läuft über die große Wiese.\r\n\r\nÀ côté, une vache mange l'herbe."
    document = bring_in(as_alice, upload(text.encode(encoding)))
    assert texts(document) == text.split("\r\n\r\n")


@pytest.mark.parametrize(
    "name",
    ["../../../etc/passwd.txt", "/etc/passwd.txt", "a\\b.txt", "ü" * 300 + ".txt", ".txt", "..txt"],
)
def test_a_files_name_is_never_a_path(as_alice, name):
    document = bring_in(as_alice, upload(b"A sentence.", name))
    assert len(document.source_name) <= 255
    assert document.source.name == f"uploads/{document.uuid.hex}.txt"
    assert stored_files() == [document.source.name]


def test_one_word_is_a_document(as_alice):
    assert texts(bring_in(as_alice, {"text": "Hello"})) == ["Hello"]


def test_a_hundred_thousand_characters_without_a_full_stop(as_alice):
    text = "word " * 20_000
    document = bring_in(as_alice, {"text": text})
    lengths = [len(block) for block in texts(document)]
    assert " ".join(texts(document)) == text.strip()
    assert max(lengths) <= 400
    assert min(lengths) >= 40


def test_a_hundred_thousand_letters_without_a_space(as_alice):
    document = bring_in(as_alice, {"text": "x" * 100_000})
    assert "".join(texts(document)) == "x" * 100_000
    assert max(len(block) for block in texts(document)) <= 400


def test_control_characters_are_left_out(as_alice):
    document = bring_in(as_alice, {"text": "One\x01 two\x1b three\x7f.\n\n\x02\x03\x04\n\nFour."})
    assert [text for text in texts(document) if text] == ["One two three.", "Four."]


def test_a_null_in_a_pasted_text_is_refused_in_words(as_alice):
    assert_refused(as_alice.post(NEW, {"text": "One\x00 two."}), "Null characters")


def test_a_null_in_a_file_is_left_out(as_alice):
    document = bring_in(as_alice, upload(b"One\x00 two three four five six seven. Eight."))
    assert " ".join(texts(document)) == "One two three four five six seven. Eight."


def test_right_to_left_text(as_alice):
    text = "هذه فقرة قصيرة عن البحر."
    document = bring_in(as_alice, {"text": text})
    assert texts(document) == [text]
    page = as_alice.get(f"/documents/{document.uuid}/").content.decode()
    assert 'dir="auto"' in page
    assert text in page


def test_emoji(as_alice):
    document = bring_in(as_alice, {"text": "A family 👨‍👩‍👧‍👦 went home. 🎉🎉🎉\n\n🎉🎉🎉"})
    first, second = document.blocks.all()
    assert "👨‍👩‍👧‍👦" in first.text
    assert first.characters == len(first.text.encode("utf-16-le")) // 2
    assert second.is_skipped


@pytest.mark.parametrize(
    "text",
    [
        "%PDF-1.7 is how such a file begins.",
        "{\\rtf1 begins another.",
        "ID3 tags are in music files.",
        "RIFF is a format of Microsoft's.",
        "GIF89a was the last of them.",
        "PK\x03\x04 are the initials of Phil Katz.",
    ],
)
def test_a_pasted_text_may_begin_like_a_file_of_another_kind(as_alice, text):
    document = bring_in(as_alice, {"text": text})
    assert document.status == "ready"
    assert texts(document)[0].split()[-1] == text.split()[-1]


def test_markup_is_shown_and_not_obeyed(as_alice):
    text = "<script>alert(1)</script> <img src=x onerror=alert(2)> [x](javascript:alert(3))"
    document = bring_in(as_alice, {"text": text, "title": "<script>alert(4)</script>"})
    for address in ("/", f"/documents/{document.uuid}/", f"/documents/{document.uuid}/blocks/"):
        page = as_alice.get(address).content.decode()
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert "javascript:alert" not in page.replace("(javascript:alert(3))", "")


# --- what is refused -----------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["", " ", "\n\t \r\n", "\u200b\ufeff", "\u3000\u2003"])
def test_an_empty_text_is_refused_in_words(as_alice, text):
    assert_refused(as_alice.post(NEW, {"text": text}))


@pytest.mark.parametrize("text", ["...", "* * *", "— — —", "?!", "🎉🎉", "_____"])
def test_a_text_without_words_is_refused_in_words(as_alice, text):
    assert_refused(as_alice.post(NEW, {"text": text}), "no words")


@pytest.mark.parametrize("content", [b"", b"   \n\n  ", b"\xef\xbb\xbf"])
def test_an_empty_file_is_refused_in_words(as_alice, content):
    assert_refused(as_alice.post(NEW, upload(content)), "empty")


@pytest.mark.parametrize("content", [b"...", b"* * *\n\n* * *", b"\xff\xfe", b"\x01\x02"])
def test_a_file_without_words_is_refused_in_words(as_alice, content):
    assert_refused(as_alice.post(NEW, upload(content)))


@pytest.mark.parametrize(
    "content",
    [
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
        b"\x7fELF\x02\x01\x01" + bytes(64),
        bytes(range(256)) * 64,
        os.urandom(20_000),
        bytes(5_000),
    ],
    ids=["png", "elf", "every byte", "random", "zeros"],
)
def test_a_binary_file_called_txt_is_refused_in_words(as_alice, content):
    assert_refused(as_alice.post(NEW, upload(content)), "not text")


def test_a_file_over_the_limit_is_refused_in_words(as_alice, settings):
    settings.MAX_UPLOAD_MB = 1
    assert_refused(as_alice.post(NEW, upload(b"word " * 300_000)), "1.0", "MB", "larger")


def test_a_text_over_the_limit_is_refused_in_words(as_alice, settings):
    settings.MAX_UPLOAD_MB = 1
    assert_refused(as_alice.post(NEW, {"text": "word " * 250_000}), "longer", "1.0", "MB")


def test_a_request_far_over_the_limit_is_refused_unread(as_alice, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    response = as_alice.post(NEW, {"text": "word " * 1000})
    assert response.status_code == 400
    assert_nothing_stays()


def test_a_text_and_a_file_at_once_are_refused_in_words(as_alice):
    assert_refused(as_alice.post(NEW, {"text": "A.", **upload(b"B.")}), "one at a time")


def test_a_title_that_is_too_long_is_refused_in_words(as_alice):
    assert_refused(as_alice.post(NEW, {"text": "A.", "title": "x" * 301}), "300")


def test_what_was_refused_is_still_in_the_form(as_alice):
    page = as_alice.post(NEW, {"text": "Keep <me>.", "title": "x" * 301}).content.decode()
    assert "Keep &lt;me&gt;." in page


def test_a_form_of_another_site_is_refused(alice):
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    response = client.post(NEW, {"text": TEXT})
    assert response.status_code == 403
    assert "This page was open too long" in response.content.decode()
    assert_nothing_stays()


def test_the_forms_own_token_is_accepted(alice):
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    token = client.get(NEW).context["csrf_token"]
    assert client.post(NEW, {"text": TEXT, "csrfmiddlewaretoken": token}).status_code == 302
    sent = client.post(NEW, {"text": "Other words."}, headers={"X-CSRFToken": str(token)})
    assert sent.status_code == 302


def test_nothing_stays_when_the_document_cannot_be_kept(alice):
    with pytest.raises(IntegrityError):
        add_document(owner=type(alice)(pk=987654), text=TEXT)
    assert_nothing_stays()


def test_a_document_is_kept_while_the_queue_is_away(alice, tmp_path):
    """Its import is sent later, as one that was lost (below)."""
    source = tmp_path / "a.txt"
    source.write_text(TEXT)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and does not listen
        result = subprocess.run(
            [sys.executable, "manage.py", "import_document", source, "--user", "alice"],
            env={
                **os.environ,
                "DATA_DIR": str(tmp_path),
                "REDIS_URL": f"redis://127.0.0.1:{taken.getsockname()[1]}/0",
            },
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
    assert result.returncode == 0, result.stderr
    document = Document.objects.get()
    assert result.stdout == f"{document.uuid}\n"
    assert (document.owner, document.status) == (alice, "importing")


# --- imports that go wrong -----------------------------------------------------------------------


def test_an_import_that_finds_nothing_says_so_on_the_page(as_alice, alice):
    document = make_document(alice, "...")
    assert (document.status, document.block_count) == ("failed", 0)
    page = as_alice.get(f"/documents/{document.uuid}/").content.decode()
    assert document.error in page


def test_an_import_done_twice_leaves_one_set_of_blocks(alice, document):
    before = list(document.blocks.values_list("pk", flat=True))
    import_document(document)
    document.status = Document.Status.IMPORTING  # as another worker read it before
    import_document(document)
    assert list(document.blocks.values_list("pk", flat=True)) == before


def test_a_lost_import_is_started_again_and_given_up_after_three_times(alice):
    document = add_document(owner=alice, text=TEXT)
    redis_client().delete("jobs")
    resume_imports()
    assert queued_imports() == [], "It has only just begun."
    for _ in range(3):
        Document.objects.update(attempt=3, changed_at="2020-01-01T00:00:00Z")
    resume_imports()
    assert queued_imports() == [f"({document.pk},)"]
    document.refresh_from_db()
    import_document(document)
    document.refresh_from_db()
    assert document.status == "failed"
    assert "three times" in document.error


def test_a_document_deleted_during_its_import_leaves_nothing(alice):
    document = add_document(owner=alice, text=TEXT)
    running = Document.objects.get(pk=document.pk)
    path = default_storage.path(document.source.name)
    content = Path(path).read_bytes()
    delete_document(document=document)
    Path(path).write_bytes(content)  # the worker had it open
    import_document(running)
    assert not Block.objects.exists()
    assert not Document.objects.exists()


# --- deleting ------------------------------------------------------------------------------------


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


def test_a_hostile_file_leaves_the_worker_the_process_that_it_was(alice, voice, tmp_path):
    with running_worker(data_dir=tmp_path, tone_log=tmp_path / "log", queues="jobs") as worker:
        before = sorted(worker.pool_children)
        documents = [
            add_document(owner=alice, upload=ContentFile(make(), name), kind="epub")
            for name, make in (("bomb.epub", zip_bomb), ("many.epub", many_entries))
        ]
        documents.append(add_document(owner=alice, text="Words that follow."))

        def all_done() -> bool:
            return not Document.objects.filter(status="importing").exists()

        wait_until(all_done, 60)
        assert sorted(worker.pool_children) == before
    for document in documents:
        document.refresh_from_db()
    assert [document.status for document in documents] == ["failed", "failed", "ready"]
    assert "far larger" in documents[0].error
    assert "far too many" in documents[1].error
    assert not Block.objects.filter(document__in=documents[:2]).exists()


def test_an_import_delivered_twice_and_killed_ends_in_one_document(alice, voice, tmp_path):
    book = file("octave-doc", "usr/share/doc/octave/octave.pdf").read_bytes()
    with running_worker(data_dir=tmp_path, tone_log=tmp_path / "log", queues="jobs") as worker:
        document = add_document(owner=alice, upload=ContentFile(book, "octave.pdf"), kind="pdf")
        for _ in range(3):
            tasks.import_document.delay(document.pk)

        def now() -> Document:
            document.refresh_from_db()
            return document

        wait_until(lambda: now().block_count > 1_000, 60)
        assert now().attempt == 1
        worker.kill_pool_children()
        assert now().status == "importing"
        before = list(document.blocks.values_list("pk", "idx", "text_hash")[:1_000])
        Document.objects.update(changed_at="2020-01-01T00:00:00Z")
        resume_imports()  # as beat does
        wait_until(lambda: now().status == "ready", 90)
    assert document.attempt == 2
    assert list(document.blocks.values_list("pk", "idx", "text_hash")[:1_000]) == before
    assert document.blocks.count() == document.block_count > 10_000
    assert document.blocks.last().idx == document.block_count - 1
    assert (document.parts_done, document.part_count) == (1158, 1158)
