"""Deleting documents and people for good, with all that was theirs."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import structlog
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Exists, OuterRef

from tts import clock, synthesis
from tts.models import AudioVariant
from tts.voices import previews

from . import events
from .models import Block, Document, SpokenText, User

log = structlog.get_logger(__name__)


def delete_discarded() -> None:
    """Delete for good what has been in the trash for so long that nobody takes it back any more."""
    past = clock.now() - timedelta(days=settings.TRASH_DAYS)
    late = Document.objects.filter(deleted_at__lt=past).order_by("deleted_at")
    for pk in list(late.values_list("pk", flat=True)):
        with transaction.atomic():  # whoever takes it back at this moment is sooner, or too late
            if document := late.select_for_update().filter(pk=pk).first():
                delete_document(document=document)


@transaction.atomic
def delete_document(*, document: Document) -> None:
    """Delete a document, and the sounds of the texts that no other document has."""
    user_id, uuid, source = document.owner_id, document.uuid, document.source.name or ""
    elsewhere = Block.objects.exclude(document=document).filter(text_hash=OuterRef("text_hash"))
    orphans = list(
        AudioVariant.objects.filter(text_hash__in=document.blocks.values("text_hash"))
        .exclude(Exists(elsewhere))
        .exclude(Exists(SpokenText.objects.kept().filter(text_hash=OuterRef("text_hash"))))
        .only("pk", "file")
    )
    pictures = list(document.pictures.values_list("file", flat=True))
    document.delete()
    synthesis.delete(orphans)
    for path in [source, *pictures]:
        if path:
            transaction.on_commit(partial(default_storage.delete, path), robust=True)
    transaction.on_commit(lambda: events.document_changed(user_id, uuid), robust=True)
    log.info("document.deleted", document=str(uuid), user=user_id)


def delete_person(user: User) -> None:
    """Delete a person with their documents, so that neither files nor sounds stay behind.

    With those, too, that they have deleted and might still take back. Each document goes by itself:
    whoever follows a worker that died goes on with what is left.
    """
    for document in user.documents.all():
        delete_document(document=document)
    spoken = set(SpokenText.objects.filter(user=user).values_list("text_hash", flat=True))
    with transaction.atomic():
        name = user.pk
        for session in UserSession.objects.filter(user=user):
            session.end()
        user.delete()
        unheard = AudioVariant.objects.filter(text_hash__in=spoken)
        for others in (Block.objects.all(), SpokenText.objects.kept()):
            unheard = unheard.exclude(Exists(others.filter(text_hash=OuterRef("text_hash"))))
        synthesis.delete(unheard.exclude(text_hash__in=previews.text_hashes()).only("pk", "file"))
    log.info("person.deleted", user=name)
