"""Putting documents in order: collections, tags, the archive, many at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import Max, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from ..models import (
    Block,
    Collection,
    CollectionItem,
    Document,
    DocumentQuerySet,
    Position,
    SavedFilter,
    User,
)
from .documents import discard_document
from .removing import delete_documents

log = structlog.get_logger(__name__)

MOST_AT_ONCE = 500
MOST_COLLECTIONS = 500
MOST_FILTERS = 50


class TooMany(Exception):
    """A person has as many as one can have; the message is for them."""


def collection_named(*, owner: User, name: str) -> Collection:
    """Return a person's collection, made if there is none; "#name" is a tag. Raises TooMany."""
    name = " ".join(name.split())
    kind = Collection.Kind.TAG if name.startswith("#") else Collection.Kind.COLLECTION
    name = name.removeprefix("#").strip()[:100]
    own = Collection.objects.filter(owner=owner)
    if known := own.filter(kind=kind, name=name).first():
        return known
    if own.count() >= MOST_COLLECTIONS:
        raise TooMany(f"You have {MOST_COLLECTIONS} collections and tags. Delete one first.")
    return Collection.objects.get_or_create(owner=owner, kind=kind, name=name)[0]


@transaction.atomic
def put_into(*, collection: Collection, documents: Iterable[Document]) -> None:
    """Put documents at the end of a collection; those that are in it stay where they are."""
    last = collection.items.aggregate(last=Max("position"))["last"] or 0
    CollectionItem.objects.bulk_create(
        [
            CollectionItem(collection=collection, document=document, position=last + n)
            for n, document in enumerate(documents, 1)
        ],
        ignore_conflicts=True,
    )


def take_out(*, collection: Collection, documents: Iterable[Document]) -> None:
    collection.items.filter(document__in=list(documents)).delete()


def rename_collection(*, collection: Collection, name: str) -> bool:
    """Give a collection another name; False if another one of the person's has it."""
    name = " ".join(name.split()).removeprefix("#").strip()[:100]
    others = Collection.objects.filter(owner=collection.owner, kind=collection.kind, name=name)
    if not name or others.exclude(pk=collection.pk).exists():
        return False
    Collection.objects.filter(pk=collection.pk).update(name=name)
    return True


def save_filter(*, owner: User, name: str, parameters: str) -> None:
    """Keep a choice under a name; one of that name is replaced. Raises TooMany."""
    own = SavedFilter.objects.filter(owner=owner)
    if own.count() >= MOST_FILTERS and not own.filter(name=name).exists():
        raise TooMany(f"You have {MOST_FILTERS} saved filters. Delete one first.")
    SavedFilter.objects.update_or_create(
        owner=owner, name=name, defaults={"parameters": parameters}
    )


# --- many at once --------------------------------------------------------------------------------


def archive(*, user: User, documents: DocumentQuerySet) -> None:
    documents.filter(archived_at=None).update(archived_at=timezone.now())


def unarchive(*, user: User, documents: DocumentQuerySet) -> None:
    documents.update(archived_at=None)


def finish(*, user: User, documents: DocumentQuerySet) -> None:
    """Put a person's place at the end of what is spoken."""
    spoken = Block.objects.filter(document=OuterRef("pk")).exclude(text_hash="")
    last = Coalesce(Subquery(spoken.order_by("-idx").values("idx")[:1]), 0)
    places = [
        Position(user=user, document_id=pk, block_idx=idx, offset_ms=1, changed_at=timezone.now())
        for pk, idx in documents.annotate(last=last).values_list("pk", "last")
    ]
    Position.objects.bulk_create(
        places,
        update_conflicts=True,
        unique_fields=["user", "document"],
        update_fields=["block_idx", "offset_ms", "changed_at"],
    )


def begin_anew(*, user: User, documents: DocumentQuerySet) -> None:
    """Forget a person's place."""
    Position.objects.filter(user=user, document__in=documents).delete()


def discard(*, user: User, documents: DocumentQuerySet) -> None:
    for document in documents:
        discard_document(document=document)


ACTIONS: dict[str, tuple[Callable[..., None], str]] = {
    "archive": (archive, "archived"),
    "unarchive": (unarchive, "taken out of the archive"),
    "finish": (finish, "marked as finished"),
    "anew": (begin_anew, "marked as not begun"),
    "delete": (discard, "deleted"),
}


def chosen(user: User, uuids: Iterable[UUID]) -> DocumentQuerySet:
    """Return those of these documents that are the person's."""
    return Document.objects.visible_to(user).filter(uuid__in=list(uuids)[:MOST_AT_ONCE])


# --- the trash -----------------------------------------------------------------------------------


def in_trash(user: User) -> DocumentQuerySet:
    return Document.objects.discarded().filter(owner=user).order_by("-deleted_at", "-pk")


def empty_trash(*, documents: DocumentQuerySet) -> int:
    """Have documents that are in the trash deleted for good; return how many."""
    count = delete_documents(documents.discarded())
    log.info("trash.emptied", documents=count)
    return count
