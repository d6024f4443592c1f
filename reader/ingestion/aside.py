"""Blocks that are stored aside, a few at a time, and change places with a document's own at once.

What lies aside belongs to a document that nobody sees and that is to be deleted: the new blocks
until they have changed places, and the old ones after that. So whatever dies on the way, it goes.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta

from django.db import transaction

from tts import clock

from ..models import Block, Document

BATCH = 50  # blocks in a transaction: a few hundredths of a second
# Longer than it takes to store a very long book.
KEPT = timedelta(hours=1)


class Aside:
    """What takes the place of a document's blocks from one on, and what it took the place of."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._new, self._old = _unseen(document), _unseen(document)

    def store(self, blocks: Sequence[Block]) -> None:
        """Keep these until they are to be seen."""
        for first in range(0, len(blocks), BATCH):
            began = time.monotonic()
            batch = blocks[first : first + BATCH]
            for block in batch:
                block.document = self._new
            Block.objects.bulk_create(batch)
            # Whoever else wants to write comes in between.
            time.sleep(time.monotonic() - began)

    def take_place(self, first: int) -> None:
        """Have the document's blocks from one on be those that were stored."""
        self._document.blocks.filter(idx__gte=first).update(document=self._old)
        self._new.blocks.update(document=self._document)

    def go(self) -> None:
        Document.objects.filter(pk__in=[self._new.pk, self._old.pk]).update(purge_at=clock.now())


@contextmanager
def aside(document: Document) -> Iterator[Aside]:
    """Keep blocks aside for as long as the block of code lasts."""
    with transaction.atomic():
        place = Aside(document)
    try:
        yield place
    finally:
        place.go()


def _unseen(document: Document) -> Document:
    now = clock.now()
    return Document.objects.create(owner=document.owner, deleted_at=now, purge_at=now + KEPT)
