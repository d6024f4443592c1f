"""Finding something in all documents."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router

from ..finding.passages import Query
from ..services import finding
from .access import READS, person, visible
from .shapes import FoundOut

router = Router(tags=["Documents"])
MOST_QUERY = 200
MOST_NAMES = 20


@router.get("/search", auth=READS, response=list[FoundOut], summary="Search all documents")
def search(request: HttpRequest, q: str) -> list[dict[str, Any]]:
    """Without regard to case and accents; the last word may be the beginning of one. Documents of
    that name come first, then notes, then places in the texts.
    """
    query = Query.of(q[:MOST_QUERY].replace("\0", " "))
    if not query:
        return []
    names = finding.named(visible(request), query)[:MOST_NAMES]
    found: list[dict[str, Any]] = [
        {"kind": "document", "document": each.uuid, "title": each.name} for each in names
    ]
    user = person(request)
    for passage in [*finding.notes_of(user, query), *finding.passages_of(user, query)]:
        found.append(
            {
                "kind": "note" if passage.is_note else "text",
                "document": passage.document.uuid,
                "title": passage.document.name,
                "block_idx": passage.block_idx,
                "chapter": passage.chapter,
                "snippet": "".join(text for text, _ in passage.pieces),
            }
        )
    return found
