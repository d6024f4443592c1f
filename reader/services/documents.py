"""Bringing documents in, and taking them away."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from functools import partial
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import structlog
from django.core.files.base import ContentFile, File
from django.db import transaction

from tts import clock, storage

from .. import events, narrating, tasks
from ..extraction import FORMATS
from ..extraction.plain.decoding import clean
from ..ingestion import making
from ..models import Document, DocumentQuerySet, Preparation, User
from ..tasks import import_document
from . import growing, quota

log = structlog.get_logger(__name__)
STOPPED = "You stopped this before anything of it was there."


def add_document(
    *,
    owner: User,
    title: str = "",
    text: str = "",
    upload: File[Any] | None = None,
    kind: str = "text",
    address: str = "",
) -> Document:
    """Keep what a person brought in, and have it imported; a web page is fetched then."""
    document = Document(owner=owner, title=title.strip()[:300], kind=kind, address=address)
    document.changed_at = clock.now()
    document.source_hash = _hash_source(text=text, upload=upload, address=address)
    name = f"{document.uuid.hex}{FORMATS[kind].extensions[0]}"
    if upload is not None:
        document.source_name = (upload.name or "")[-255:]
        document.source_bytes = upload.size or 0
        _keep(document, name, upload)
    elif not address:
        data = text.encode("utf-8", "replace")
        document.source_bytes = len(data)
        _keep(document, name, ContentFile(data))
    try:
        with transaction.atomic():
            document.save()
            if upload is not None:
                narrating.expect_voice(document, upload)
    except BaseException:
        if document.source:
            document.source.delete(save=False)
        raise
    # Robust: with Redis away the document is kept all the same, and resume_imports sends it again.
    transaction.on_commit(lambda: import_document.delay(document.pk), robust=True)
    quota.note_import(owner)
    log.info("document.added", document=str(document.uuid), user=owner.pk)
    return document


def _keep(document: Document, name: str, content: File[Any]) -> None:
    """Store what was brought in. Raises OSError; nothing is left of it then."""
    try:
        document.source.save(name, content, save=False)
    except OSError as error:
        storage.discard(document.source.field.generate_filename(document, name))
        log.warning("document.not_kept", reason=str(error), user=document.owner_id)
        raise


def same_source(
    *, owner: User, text: str = "", upload: File[Any] | None = None, address: str = ""
) -> Document | None:
    """Return the document that the person made of the same text, file or address before."""
    hashed = _hash_source(text=text, upload=upload, address=address)
    known = Document.objects.visible_to(owner).filter(source_hash=hashed)
    return known.exclude(status=Document.Status.FAILED).first()


def _hash_source(*, text: str, upload: File[Any] | None, address: str) -> str:
    """Return what tells a source from any other of its kind."""
    hashed = hashlib.blake2b(digest_size=20)
    if upload is not None:
        upload.seek(0)
        for piece in upload.chunks():
            hashed.update(piece)
        upload.seek(0)
    elif address:
        hashed.update(f"address {_page_at(address)}".encode())
    else:  # line ends and what surrounds a text differ by how it was copied
        hashed.update(f"text {clean(text).strip()}".encode("utf-8", "replace"))
    return hashed.hexdigest()


def _page_at(address: str) -> str:
    """Return an address as it is asked for: without a place in the page, the host in one case."""
    parts = urlsplit(address)
    return urlunsplit((parts.scheme, parts.netloc.lower(), parts.path or "/", parts.query, ""))


def stop_import(*, document: Document) -> None:
    """End an import; what has come stays, and is the document."""
    if document.growing:
        with suppress(growing.CannotGrow):  # it was over before
            growing.finish(document=document)
        return
    importing = Document.objects.importing().filter(pk=document.pk)
    has_words = document.blocks.exclude(text="").exists()
    if has_words:
        stopped = importing.update(status=Document.Status.READY, changed_at=clock.now())
    else:
        stopped = importing.update(
            status=Document.Status.FAILED, error=STOPPED, changed_at=clock.now()
        )
    if stopped:
        log.info("import.cancelled", document=str(document.uuid))
        events.document_changed(document.owner_id, document.uuid)
        making.tell_end(document)


def read_again(*, documents: DocumentQuerySet) -> int:
    """Have documents of an older importer read again; return how many. What is theirs stays."""
    wanted = []
    for pk in documents.outdated().values_list("pk", flat=True):
        asked = Document.objects.outdated().filter(pk=pk)
        if asked.update(reread_wanted=clock.now(), reread_attempt=0, reread_error=""):
            wanted.append(pk)
    for pk in wanted:
        transaction.on_commit(partial(tasks.read_again.delay, pk), robust=True)
    log.info("rereading.wanted", documents=len(wanted))
    return len(wanted)


def rename_document(*, document: Document, title: str, author: str) -> None:
    """Give a document another title and author; an import that goes on respects them."""
    Document.objects.filter(pk=document.pk).update(title=title, author=author)
    log.info("document.renamed", document=str(document.uuid))


@transaction.atomic
def discard_document(*, document: Document) -> None:
    """Take a document away from everyone at once; for good it is deleted some minutes later.

    Its import and its preparation stop, and open pages are closed.
    """
    user_id, uuid = document.owner_id, document.uuid
    present = Document.objects.present().filter(pk=document.pk)
    if present.update(deleted_at=clock.now()):
        transaction.on_commit(lambda: events.document_changed(user_id, uuid), robust=True)
        log.info("document.discarded", document=str(uuid), user=user_id)


@transaction.atomic
def restore_document(*, document: Document) -> bool:
    """Take a deletion back; False when it is too late. What it stopped of work goes on."""
    pk = document.pk
    if not Document.objects.discarded().filter(pk=pk).update(deleted_at=None):
        return Document.objects.present().filter(pk=pk).exists()
    log.info("document.restored", document=str(document.uuid), user=document.owner_id)
    # A worker that has not noticed the deletion goes on, one that has has given the import back.
    if Document.objects.importing().filter(pk=pk).exists():
        transaction.on_commit(lambda: import_document.delay(pk), robust=True)
    running = Preparation.objects.filter(document=document, status=Preparation.Status.RUNNING)
    if running.update(lease_until=None):
        preparation = running.get()
        transaction.on_commit(lambda: tasks.send_for_turn(preparation), robust=True)
    return True
