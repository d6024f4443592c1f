"""How much of the storage is whose: the files that people brought in, exports, and sounds."""

from __future__ import annotations

import time
from dataclasses import dataclass

from django.db import connection
from django.db.models import Count, Sum

from reader.models import Block, Document, Export, User
from tts.models import AudioVariant

# Whose all sounds are takes a while to find out where there are many.
FRESH_SECONDS = 60.0

_known: tuple[float, list[Stored]] | None = None


@dataclass(frozen=True, slots=True)
class Stored:
    """What is a person's, in bytes. A sound that several have the text of counts for each."""

    username: str
    documents: int
    files: int
    exports: int
    sounds: int

    @property
    def total(self) -> int:
        return self.files + self.exports + self.sounds


def by_person() -> list[Stored]:
    """Return what each person has, most first; at most a minute old."""
    global _known
    now = time.monotonic()
    if _known is None or now - _known[0] > FRESH_SECONDS:
        _known = now, _by_person()
    return _known[1]


def forget() -> None:
    global _known
    _known = None


def _by_person() -> list[Stored]:
    documents = {
        owner: (count, stored or 0)
        for owner, count, stored in Document.objects.order_by()
        .values_list("owner")
        .annotate(count=Count("pk"), stored=Sum("source_bytes"))
    }
    exports = dict(Export.objects.order_by().values_list("owner").annotate(stored=Sum("bytes")))
    sounds = _sounds()
    people = User.objects.in_bulk(documents.keys() | exports.keys())
    found = [
        Stored(user.username, *documents.get(pk, (0, 0)), exports.get(pk, 0), sounds.get(pk, 0))
        for pk, user in people.items()
    ]
    return sorted(found, key=lambda each: -each.total)


def _sounds() -> dict[int, int]:
    """Return the bytes of the sounds of each person's texts: each sound once, however often it is
    read in their documents."""
    sound, block, document = (
        connection.ops.quote_name(model._meta.db_table) for model in (AudioVariant, Block, Document)
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT owner_id, SUM(bytes) FROM (SELECT DISTINCT d.owner_id, v.id, v.bytes "
            f"FROM {sound} v JOIN {block} b ON b.text_hash = v.text_hash "
            f"JOIN {document} d ON d.id = b.document_id WHERE v.bytes > 0) AS whose "
            f"GROUP BY owner_id"
        )
        return {owner: int(total) for owner, total in cursor.fetchall()}
