"""What a person's programs want to be told: written down with what it is about, sent after that."""

from __future__ import annotations

from celery import current_app
from django.db import transaction

from .models import Delivery, Document, Event, Export, User

DELIVER = "reader.tasks.deliver"


def import_done(document: Document) -> None:
    """Tell that a document was brought in, or could not be. In the transaction that says so.

    Its address is added when it is sent.
    """
    payload = {
        "uuid": str(document.uuid),
        "title": document.title,
        "status": document.status,
        "error": document.error,
        "block_count": document.block_count,
    }
    tell(document.owner, Event.IMPORT_DONE, payload)


def export_done(export: Export) -> None:
    """Tell that an export is there, or could not be made. In the transaction that says so."""
    payload = {
        "id": str(export.uuid),
        "document": str(export.document.uuid),
        "kind": export.kind,
        "status": export.status,
        "error": export.error,
        "bytes": export.bytes,
    }
    tell(export.owner, Event.EXPORT_DONE, payload)


def tell(user: User, event: str, payload: dict[str, object]) -> None:
    """Owe it to a person's addresses, and send it once that is committed."""
    for delivery in Delivery.objects.owe(user, event, payload):
        pk = str(delivery.pk)
        transaction.on_commit(lambda pk=pk: send(pk), robust=True)  # type: ignore[misc]


def send(pk: str) -> None:
    """Have a delivery tried."""
    current_app.send_task(DELIVER, args=[pk])
