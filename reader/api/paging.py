"""Lists in parts."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from ninja import Schema
from pydantic import Field

from .shapes import MOST

MOST_ITEMS = 200


class Part(Schema):
    """Which part of a list is wanted."""

    limit: int = Field(50, ge=1, le=MOST_ITEMS)
    offset: int = Field(0, ge=0, le=MOST)


class PartOfBlocks(Schema):
    """Which blocks are wanted."""

    limit: int = Field(500, ge=1, le=1000)
    offset: int = Field(0, ge=0, le=MOST, description="The index of the first one.")


def part_of(found: QuerySet[Any], part: Part) -> dict[str, Any]:
    """Return a part of what was found, and how much there is."""
    count = found.count()
    return {"items": list(found[part.offset : part.offset + part.limit]), "count": count}
