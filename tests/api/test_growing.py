"""A document that grows: read while it is written, in order, nothing twice, nothing lost."""

import os
import random
import re
import subprocess
import sys
import threading
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from reader.ingestion import growing
from reader.ingestion.importing import import_document
from reader.models import Addition, Document, Growth
from reader.services.growing import append_text
from tests.conftest import make_document

from .conftest import is_problem

pytestmark = pytest.mark.django_db(transaction=True)

STORY = "\n\n".join(
    f"In the year {1800 + n} the keeper, Dr. Brown, counted {n} ships. He wrote: “All is well!” "
    f"Then it rained for 3.5 days, i.e. until the {n}th… and nobody came?\nA last line follows"
    for n in range(1, 13)
)


def begin(program, text="", title="Live"):
    answer = program.post("/documents", {"growing": True, "title": title, "text": text})
    assert answer.status_code == 201, answer.content
    return Document.objects.get(uuid=answer.json()["uuid"])


def append(program, document, text="", **more):
    content = {"text": text, **more}
    answer = program.post(f"/documents/{document.uuid}/append", content)
    assert answer.status_code == 200, answer.content
    return answer.json()


def texts(document):
    return list(document.blocks.values_list("text", flat=True))


def kinds(document):
    return list(document.blocks.values_list("kind", flat=True))


def words(text):
    return re.findall(r"\w+", text)


def pieces_of(text, count, seed):
    """Cut a text anywhere: single letters, words, half sentences, bursts."""
    chosen = random.Random(seed)
    cuts = sorted(chosen.sample(range(1, len(text)), count - 1))
    return [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]


def pause(document, seconds):
    """Let so many seconds pass, and beat look after it."""
    earlier = timezone.now() - timedelta(seconds=seconds)
    Growth.objects.filter(document=document).update(changed_at=earlier)
    growing.look_after()


def test_two_hundred_appends_are_read_in_order_and_nothing_changes(alices, voice):
    document = begin(alices)
    seen: list[tuple[str, str]] = []
    for number, piece in enumerate(pieces_of(STORY, 200, seed=7)):
        append(alices, document, piece)
        if number % 37 == 0:
            pause(document, 1.5)
        now = list(document.blocks.values_list("text_hash", "html"))
        assert now[: len(seen)] == seen  # what was there is as it was
        seen = now
    told = append(alices, document, finished=True)
    assert (told["status"], told["growing"], told["block_count"]) == (
        "ready",
        False,
        len(texts(document)),
    )
    document.refresh_from_db()
    assert list(document.blocks.values_list("idx", flat=True)) == list(range(document.block_count))
    assert words(" ".join(texts(document))) == words(STORY)
    assert document.source.open().read().decode() == STORY
    assert not Growth.objects.exists()
    assert not Addition.objects.exists()


def test_a_sentence_is_spoken_when_it_is_whole_and_not_before(alices, voice):
    document = begin(alices)
    for piece in ("I saw ", "Dr. ", "Smith", " at 3.", "14", " o'clock. "):
        append(alices, document, piece)
        assert texts(document) == []
    append(alices, document, "Then")
    assert texts(document) == ["I saw Dr. Smith at 3.14 o'clock."]
    append(alices, document, " he left.")
    pause(document, 0.5)
    assert len(texts(document)) == 1
    pause(document, 1.5)  # it looks whole
    assert texts(document)[1:] == ["Then he left."]
    append(alices, document, " And now he")
    pause(document, 1.5)
    assert len(texts(document)) == 2
    pause(document, 3.5)  # whatever is there
    assert texts(document)[2:] == ["And now he"]
    append(alices, document, " sleeps.", finished=True)
    assert texts(document)[3:] == ["sleeps."]


def test_headings_lists_and_code_are_known_as_such(alices, voice):
    document = begin(alices)
    written = "# A title\n\nSome words here.\n\n- one thing\n- another\n\n"
    written += "```\na = 1\n\nb = 2\n```\n\nThe end."
    for letter in written:
        append(alices, document, letter)
    append(alices, document, finished=True)
    document.refresh_from_db()
    whole = make_document(document.owner, written)
    assert kinds(document) == kinds(whole)
    assert texts(document) == texts(whole)
    assert [entry.title for entry in document.outline.all()] == ["A title"]


def test_what_was_brought_in_goes_on(alices, document):
    count = document.block_count
    told = append(alices, document, "More words. And")
    assert (told["status"], told["growing"], told["block_count"]) == ("importing", True, count + 1)
    told = append(alices, document, " the end.", finished=True)
    assert (told["status"], told["block_count"]) == ("ready", count + 2)
    assert texts(document)[count:] == ["More words.", "And the end."]
    told = append(alices, document, "Once more.", finished=True)
    assert told["block_count"] == count + 3


def test_what_is_added_during_the_import_follows_it(alices, voice):
    answer = alices.post("/documents", {"text": "First of all.\n\nAnd second."})
    document = Document.objects.get(uuid=answer.json()["uuid"])
    append(alices, document, "Third at last.", finished=True)
    assert texts(document) == []
    import_document(Document.objects.get(pk=document.pk))
    document.refresh_from_db()
    assert (document.status, document.growing) == ("ready", False)
    assert texts(document) == ["First of all.", "And second.", "Third at last."]


def test_a_writer_that_died_is_given_up_and_may_come_back(alices, voice):
    document = begin(alices, "One sentence. Another")
    pause(document, 4)
    assert texts(document) == ["One sentence.", "Another"]
    pause(document, 31 * 60)
    document.refresh_from_db()
    assert (document.status, document.growing) == ("ready", False)
    append(alices, document, "Back again.", finished=True)
    assert texts(document) == ["One sentence.", "Another", "Back again."]


def test_a_process_that_died_before_the_end_was_written_is_made_good(alices, voice, monkeypatch):
    document = begin(alices, "One sentence.")
    monkeypatch.setattr(growing, "complete", lambda document: None)
    append(alices, document, finished=True)
    document.refresh_from_db()
    assert document.status == "importing"
    monkeypatch.undo()
    growing.look_after()
    document.refresh_from_db()
    assert (document.status, texts(document)) == ("ready", ["One sentence."])


def test_many_who_write_at_once_lose_nothing(alices, voice):
    document = begin(alices)
    append(alices, document, "")

    def write(name: int) -> None:
        try:
            own = Document.objects.get(pk=document.pk)
            for number in range(8):
                append_text(document=own, text=f"Writer {name} wrote {number}.\n\n")
        finally:
            connection.close()

    threads = [threading.Thread(target=write, args=(name,)) for name in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    append(alices, document, finished=True)
    expected = {f"Writer {name} wrote {number}." for name in range(3) for number in range(8)}
    assert sorted(texts(document)) == sorted(expected)
    for name in range(3):
        own = [text for text in texts(document) if text.startswith(f"Writer {name}")]
        assert own == [f"Writer {name} wrote {number}." for number in range(8)]


def test_nothing_twice_under_one_key_and_nothing_of_others(alices, bobs, voice):
    document = begin(alices)
    path, content = f"/documents/{document.uuid}/append", {"text": "Only once. ", "finished": True}
    first = alices.post(path, content, **{"Idempotency-Key": "k"})
    again = alices.post(path, content, **{"Idempotency-Key": "k"})
    assert first.json() == again.json()
    assert texts(document) == ["Only once."]
    is_problem(bobs.post(path, {"text": "Not mine."}), 404)
    assert texts(document) == ["Only once."]


def test_what_cannot_grow_is_told(alices, document, voice):
    Document.objects.filter(pk=document.pk).update(kind="pdf")
    is_problem(alices.post(f"/documents/{document.uuid}/append", {"text": "x"}), 409, "texts grow")
    empty = begin(alices)
    told = append(alices, empty, finished=True)
    assert told["status"] == "failed"
    assert "no words" in told["error"]
    is_problem(alices.post(f"/documents/{empty.uuid}/append", {"text": "x"}), 409)
    is_problem(alices.post(f"/documents/{document.uuid}/append", {"text": 1}), 422)


def test_the_command_follows_what_comes_in(alice, voice):
    process = subprocess.Popen(
        [sys.executable, "manage.py", "import_document", "-", "--follow", "--user", "alice"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "LOG_LEVEL": "ERROR"},
    )
    uuid = process.stdout.readline().decode().strip()
    document = Document.objects.get(uuid=uuid)
    assert document.growing
    for piece in ("Grüße an alle. ".encode()[:3], "Grüße an alle. ".encode()[3:], b"Und Schluss"):
        process.stdin.write(piece)
        process.stdin.flush()
    process.stdin.close()
    assert process.wait(60) == 0
    document.refresh_from_db()
    assert (document.status, texts(document)) == ("ready", ["Grüße an alle.", "Und Schluss"])
    with pytest.raises(CommandError, match="give - as the path"):
        call_command("import_document", "a.txt", "--follow", "--user", "alice", stdout=StringIO())
