"""Deleting for good: documents and people, with all that was theirs.

A book has tens of thousands of rows. They go a few at a time, so that whoever else writes comes in
between. That they are to go stands in the database from the first moment (``purge_at``): what is
left when this ends early is done once more.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
from typing import Any

import structlog
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.core.files.storage import default_storage
from django.db import models, transaction
from django.db.models import Exists, OuterRef
from django.db.models.fields.reverse_related import ForeignObjectRel
from django.db.models.functions import Coalesce, Now

from tts import clock, synthesis
from tts.models import AudioVariant
from tts.voices import previews

from . import events, narrating
from .models import Block, Document, DocumentQuerySet, Picture, SpokenText, User

log = structlog.get_logger(__name__)

BATCH = 100  # rows in a transaction: a few hundredths of a second


def delete_discarded() -> None:
    """Delete for good what has been in the trash for so long that nobody takes it back any more."""
    past = clock.now() - timedelta(days=settings.TRASH_DAYS)
    condemn(Document.objects.discarded().filter(deleted_at__lt=past))
    purge()


def delete_document(*, document: Document) -> None:
    """Delete a document, and the sounds of the texts that no other document has."""
    condemn(Document.objects.filter(pk=document.pk))
    _purge_document(document)


def condemn(documents: DocumentQuerySet) -> int:
    """Have documents be gone for everyone, to be deleted for good soon; return how many.

    Whoever takes one back at this moment is sooner, or too late.
    """
    going = list(documents.filter(purge_at=None).values_list("pk", "owner", "uuid"))
    count = 0
    for pk, owner, uuid in going:
        with transaction.atomic():
            count += documents.filter(pk=pk, purge_at=None).update(
                deleted_at=Coalesce("deleted_at", Now()), purge_at=clock.now()
            )
            transaction.on_commit(partial(events.document_changed, owner, uuid), robust=True)
    return count


def delete_person(user: User) -> None:
    """Delete a person with their documents, so that neither files nor sounds stay behind.

    With those, too, that they have deleted and might still take back. Whoever follows a worker that
    died goes on with what is left.
    """
    condemn(Document.objects.filter(owner=user))
    for document in user.documents.all():
        _purge_document(document)
    for session in UserSession.objects.filter(user=user):
        session.end()
    spoken = set(SpokenText.objects.filter(user=user).values_list("text_hash", flat=True))
    _delete_what_is_of(user)
    unheard = AudioVariant.objects.filter(text_hash__in=spoken)
    for others in (Block.objects.all(), SpokenText.objects.kept()):
        unheard = unheard.exclude(Exists(others.filter(text_hash=OuterRef("text_hash"))))
    synthesis.delete(unheard.exclude(text_hash__in=previews.text_hashes()).only("pk", "file"))
    name = user.pk
    user.delete()
    log.info("person.deleted", user=name)


def purge() -> None:
    """Delete for good what is to be deleted, a little at a time. Twice does no harm."""
    for document in Document.objects.filter(purge_at__lte=clock.now()).order_by("purge_at"):
        _purge_document(document)


def _purge_document(document: Document) -> None:
    _in_batches(document.blocks.order_by("idx"), partial(_delete_blocks, document))
    _in_batches(document.pictures.all(), _delete_pictures)
    _in_batches(AudioVariant.objects.filter(voice__reserved_for=str(document.uuid)), _delete_sounds)
    _delete_what_is_of(document)
    source = document.source.name
    with transaction.atomic():
        Document.objects.filter(pk=document.pk).delete()
        narrating.forget_voice(str(document.uuid))
        if source:
            transaction.on_commit(partial(default_storage.delete, source), robust=True)
    log.info("document.deleted", document=str(document.uuid), user=document.owner_id)


def _delete_blocks(document: Document, pks: Sequence[int]) -> None:
    """Delete blocks, and the sounds of those texts that nobody else has."""
    blocks = Block.objects.filter(pk__in=pks)
    elsewhere = Block.objects.exclude(document=document).filter(text_hash=OuterRef("text_hash"))
    kept = SpokenText.objects.kept().filter(text_hash=OuterRef("text_hash"))
    synthesis.delete_now(
        AudioVariant.objects.filter(text_hash__in=set(blocks.values_list("text_hash", flat=True)))
        .exclude(Exists(elsewhere))
        .exclude(Exists(kept))
        .only("pk", "file")
    )
    blocks.delete()


def _delete_pictures(pks: Sequence[int]) -> None:
    pictures = Picture.objects.filter(pk__in=pks)
    for path in pictures.values_list("file", flat=True):
        transaction.on_commit(partial(default_storage.delete, path), robust=True)
    pictures.delete()


def _delete_sounds(pks: Sequence[Any]) -> None:
    synthesis.delete_now(AudioVariant.objects.filter(pk__in=pks).only("pk", "file"))


def _delete_what_is_of(owner: Document | User) -> None:
    """Delete the rows that would go with this one, whatever they are, before it does."""
    for relation in owner._meta.get_fields(include_hidden=True):
        if isinstance(relation, ForeignObjectRel) and relation.on_delete is models.CASCADE:
            model: Any = relation.related_model
            rows = model._base_manager.filter(**{relation.field.name: owner.pk})
            _in_batches(rows, partial(_delete_rows, model))


def _delete_rows(model: Any, pks: Sequence[Any]) -> None:
    model._base_manager.filter(pk__in=pks).delete()


def _in_batches(rows: models.QuerySet[Any], delete: Callable[[Sequence[Any]], object]) -> None:
    while pks := list(rows.values_list("pk", flat=True)[:BATCH]):
        began = time.monotonic()
        with transaction.atomic():
            delete(pks)
        # Whoever else wants to write comes in between.
        time.sleep(time.monotonic() - began)
