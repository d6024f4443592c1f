"""All that is a person's, as a ZIP that is made while it is sent: it fits into little memory."""

from __future__ import annotations

import json
from collections.abc import Generator, Iterator
from datetime import datetime
from pathlib import PurePosixPath
from typing import IO, Any, cast
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

import structlog
from allauth.account.models import EmailAddress
from django.core.files.storage import default_storage
from django.utils import timezone

from ..exporting.writers.book import Passage
from ..exporting.writers.markdown import markdown_of
from ..models import (
    Annotation,
    Document,
    DocumentPreferences,
    LexiconEntry,
    Position,
    QueueItem,
    User,
)
from .annotating import NOT_IN_FILE_NAMES

log = structlog.get_logger(__name__)

PIECE_BYTES = 64 * 1024
BLOCKS_AT_ONCE = 200
LONGEST_NAME = 60
README = """This is all that {name} had in Lectern on {day}.

account.json      you: your settings, words, collections, filters, subscriptions, and what is queued
documents/        a folder for each document, with
  source…         the file, the text or the page as it was brought in
  text.md         what Lectern made of it, as Markdown
  document.json   title, author, where you are in it, what you chose for it, what you corrected
  notes.json      what you marked in it, and your notes
  pictures/       the pictures that came with it

Sounds are not in it: any voice makes them anew from the texts. Files that you had made of documents
are fetched one by one, under "Your files". Keys of programs are stored nowhere.
"""
# Of a person's row: what they chose.
SETTINGS = (
    "speed", "volume", "pause_ms", "sentence_pause_ms", "heading_pause_ms", "rewind_ms",
    "own_voices", "auto_play", "archive_finished", "theme", "text_face", "text_size",
    "line_height", "measure", "letter_spacing", "kept_sounds_mb",
)  # fmt: skip


class _Sink:
    """What the archive is written to; nothing of it stays."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def write(self, piece: bytes) -> int:
        self._pieces.append(bytes(piece))
        return len(piece)

    def flush(self) -> None:
        """Nothing waits here."""

    def taken(self) -> bytes:
        taken, self._pieces = b"".join(self._pieces), []
        return taken


def archive_of(person: User) -> Generator[bytes, None, None]:
    """Yield the archive piece by piece."""
    sink = _Sink()
    log.info("takeout.begun", user=person.pk)
    with ZipFile(cast(IO[bytes], sink), "w", ZIP_DEFLATED, compresslevel=3) as archive:
        for _ in _written(archive, person):
            if piece := sink.taken():
                yield piece
    yield sink.taken()
    log.info("takeout.done", user=person.pk)


def _written(archive: ZipFile, person: User) -> Iterator[None]:
    """Write everything, and pause whenever a little of it is."""
    day = timezone.now().date().isoformat()
    archive.writestr("README.txt", README.format(name=person.get_username(), day=day))
    archive.writestr("account.json", _json(_account(person)))
    yield
    found = Document.objects.filter(owner=person).order_by("created_at", "pk")
    for number, pk in enumerate(list(found.values_list("pk", flat=True)), 1):
        if document := found.filter(pk=pk).first():  # not deleted meanwhile
            yield from _document(archive, person, document, number)


def _document(archive: ZipFile, person: User, document: Document, number: int) -> Iterator[None]:
    name = NOT_IN_FILE_NAMES.sub(" ", document.name).strip(" .")[:LONGEST_NAME].strip(" .")
    folder = f"documents/{number:05} {name or 'Document'}"
    archive.writestr(f"{folder}/document.json", _json(_facts(person, document)))
    notes = list(Annotation.objects.filter(user=person, document=document).order_by("block_idx"))
    if notes:
        archive.writestr(f"{folder}/notes.json", _json([_note(each) for each in notes]))
    yield
    if source := str(document.source.name or ""):
        suffix = PurePosixPath(document.source_name or source).suffix[:10]
        yield from _file(archive, f"{folder}/source{suffix}", source)
    with archive.open(f"{folder}/text.md", "w", force_zip64=True) as text:
        for first in range(0, document.block_count, BLOCKS_AT_ONCE):
            blocks = document.blocks.filter(idx__gte=first, idx__lt=first + BLOCKS_AT_ONCE)
            for each in blocks.order_by("idx"):
                passage = Passage(
                    each.idx, each.kind, each.level, each.language, each.html, each.text
                )
                text.write(f"{markdown_of(passage)}\n\n".encode("utf-8", "replace"))
            yield
    for picture in document.pictures.all():
        kind = picture.content_type.rpartition("/")[2].partition("+")[0]
        path = f"{folder}/pictures/{picture.name}.{kind}"
        yield from _file(archive, path, str(picture.file.name))


def _file(archive: ZipFile, path: str, stored: str) -> Iterator[None]:
    """Copy a stored file; one that is gone is left out, and told in the log."""
    try:
        file = default_storage.open(stored)
    except OSError:
        log.warning("takeout.file_gone", file=stored)
        return
    info = ZipInfo(path, timezone.now().timetuple()[:6])
    # What is no text is mostly compressed already.
    info.compress_type = ZIP_DEFLATED if path.endswith((".txt", ".md", ".html")) else ZIP_STORED
    with file, archive.open(info, "w", force_zip64=True) as copy:
        while piece := file.read(PIECE_BYTES):
            copy.write(piece)
            yield


def _account(person: User) -> dict[str, Any]:
    words = LexiconEntry.objects.filter(user=person)
    queue = QueueItem.objects.filter(user=person).select_related("document")
    return {
        "name": person.get_username(),
        "addresses": list(
            EmailAddress.objects.filter(user=person).values("email", "verified", "primary")
        ),
        "since": person.date_joined,
        "settings": {name: getattr(person, name) for name in SETTINGS}
        | {"voice": _voice(person.voice), "favourites": [*map(_voice, person.favourites.all())]},
        "voices_of_languages": {
            each.language: _voice(each.voice)
            for each in person.language_voices.select_related("voice__speech_model")
        },
        "words": list(words.values("word", "say", "language", "match_case", "whole_word")),
        "collections": [
            {
                "name": each.name,
                "kind": each.kind,
                "documents": [str(uuid) for uuid in each.documents.values_list("uuid", flat=True)],
            }
            for each in person.collections.all()
        ],
        "filters": list(person.saved_filters.values("name", "parameters")),
        "queue": [str(each.document.uuid) for each in queue],
        "subscriptions": list(person.subscriptions.values("address", "title")),
        "programs": list(person.tokens.values("name", "scopes", "created_at", "expires_at")),
        "webhooks": list(person.webhooks.values("url", "events")),
    }


def _facts(person: User, document: Document) -> dict[str, Any]:
    place = Position.objects.filter(user=person, document=document).first()
    chosen = DocumentPreferences.objects.filter(user=person, document=document).first()
    corrections = document.blocks.exclude(correction="").values_list("idx", "correction")
    return {
        "uuid": str(document.uuid),
        "title": document.title,
        "author": document.author,
        "language": document.language,
        "address": document.address,
        "file": document.source_name,
        "brought_in": document.created_at,
        "archived": document.archived_at,
        "in_trash_since": document.deleted_at,
        "position": place and {"block": place.block_idx, "ms": place.offset_ms},
        "chosen": chosen
        and {"voice": _voice(chosen.voice), "speed": chosen.speed, "skipped": chosen.folded},
        "read": {"level": document.speech_level, "switches": document.speech_switches},
        "corrections": {str(idx): text for idx, text in corrections},
    }


def _note(each: Annotation) -> dict[str, Any]:
    return {
        "kind": each.kind,
        "block": each.block_idx,
        "quote": each.quote,
        "note": each.note,
        "made": each.created_at,
    }


def _voice(voice: Any) -> str | None:
    return f"{voice.speech_model.model_slug}/{voice.voice_slug}" if voice else None


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2, default=_told)


def _told(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
