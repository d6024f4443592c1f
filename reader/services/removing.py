"""Have documents deleted for good: gone at once, while their rows go bit by bit."""

from __future__ import annotations

from django.db import transaction

from .. import deleting, tasks
from ..models import DocumentQuerySet


def delete_documents(documents: DocumentQuerySet) -> int:
    """Delete documents, with the sounds of the texts that no others have; return how many."""
    count = deleting.condemn(documents)
    transaction.on_commit(tasks.purge.delay, robust=True)
    return count
