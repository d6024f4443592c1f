"""The queue: what a person listens to, one document after the other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import QuerySet

from ..listening import ListeningVoice
from ..models import Collection, Document, Position, QueueItem, User
from . import wanting
from .preferences import preferences_of, voice_of
from .shelf import with_figures
from .shelving import archive

log = structlog.get_logger(__name__)

MOST_QUEUED = 500
# So many blocks of the next document are made before this one ends.
FIRST_BLOCKS = 4


def queue_of(user: User) -> QuerySet[QueueItem]:
    """Return what is in a person's queue, and not deleted."""
    own = QueueItem.objects.filter(user=user, document__in=Document.objects.visible_to(user))
    return own.select_related("document")


@transaction.atomic
def play_last(*, user: User, documents: Iterable[Document]) -> None:
    """Put documents at the end of the queue, those that are in it too."""
    new = [document.pk for document in documents]
    _set(user, [*(pk for pk in _queued(user) if pk not in new), *new])


@transaction.atomic
def play_next(*, user: User, documents: Iterable[Document]) -> None:
    """Put documents at the beginning of the queue, those that are in it too."""
    new = [document.pk for document in documents]
    _set(user, [*new, *(pk for pk in _queued(user) if pk not in new)])


@transaction.atomic
def play_all(*, user: User, documents: Iterable[Document]) -> None:
    """Have these documents be the queue."""
    _set(user, [document.pk for document in documents])


@transaction.atomic
def set_order(*, user: User, uuids: Sequence[UUID]) -> None:
    """Put the queue into this order. What is not named, as it came meanwhile, stays at the end."""
    at = {uuid: n for n, uuid in enumerate(uuids)}
    items = sorted(queue_of(user), key=lambda item: at.get(item.document.uuid, len(at)))
    for n, item in enumerate(items):
        item.position = n
    QueueItem.objects.bulk_update(items, ["position"], batch_size=200)


def remove(*, user: User, documents: Iterable[Document]) -> None:
    QueueItem.objects.filter(user=user, document__in=list(documents)).delete()


def documents_of(collection: Collection) -> list[Document]:
    """Return the documents of a collection in its order."""
    items = collection.items.filter(document__deleted_at=None).select_related("document")
    return [item.document for item in items]


def next_of(user: User, document: Document | None) -> Document | None:
    """Return what comes after a document: the one behind it, or the first if it is not queued."""
    order = [item.document for item in queue_of(user)]
    if document in order:
        behind = order[order.index(document) + 1 :]
        return behind[0] if behind else None
    return order[0] if order else None


def go_on(*, user: User, document: Document) -> Document | None:
    """Take a document that was heard to its end out of the queue; return what is next."""
    following = next_of(user, document)
    remove(user=user, documents=[document])
    if user.archive_finished:
        archive(user=user, documents=Document.objects.filter(pk=document.pk))
    log.info("queue.went_on", document=str(document.uuid), user=user.pk)
    return following


def address_of(user: User, document: Document) -> str:
    """Return where a document is played from: where the person is, or anew if that is its end."""
    found = with_figures(Document.objects.filter(pk=document.pk), user)
    is_heard = bool(found) and found[0].percent == 100
    return f"{document.get_absolute_url()}?play=1{'#block-0' if is_heard else ''}"


def make_ready(*, user: User, document: Document, sound: str) -> None:
    """Have the first blocks of a document made that is next, in its own voice."""
    voice = voice_of(preferences_of(user, document))
    if voice is None or document.block_count == 0:
        return
    place = Position.objects.filter(user=user, document=document).first()
    first = place.block_idx if place else 0
    wanting.want_blocks(
        document=document,
        listener=wanting.listener_of(user, "queue"),
        voice=ListeningVoice.of(voice, sound, document=document, listener=user),
        indices=range(first, min(first + FIRST_BLOCKS, document.block_count)),
    )


def _queued(user: User) -> list[int]:
    return list(QueueItem.objects.filter(user=user).values_list("document_id", flat=True))


def _set(user: User, order: Sequence[int]) -> None:
    QueueItem.objects.filter(user=user).delete()
    QueueItem.objects.bulk_create(
        QueueItem(user=user, document_id=pk, position=n) for n, pk in enumerate(order[:MOST_QUEUED])
    )
