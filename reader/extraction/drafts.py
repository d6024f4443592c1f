"""What every format is turned into, and how a format says that it could not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BlockDraft:
    """One block before it is stored."""

    kind: str  # heading, paragraph, list_item, quotation, table, code, figure
    html: str  # sanitised
    shown: str  # exactly the textContent of html
    level: int = 0  # of a heading from 1 to 6; depth of a list item or quotation, from 1
    language: str = ""  # BCP 47, only where it differs from the document's


@dataclass(frozen=True, slots=True)
class Extracted:
    """A document taken apart; its blocks are made while they are asked for.

    ``title`` and ``language`` (BCP 47) are empty where the document does not tell.
    """

    title: str
    language: str
    blocks: Iterator[BlockDraft]


class ExtractionError(Exception):
    """The document cannot be read; its message is in words for a person."""
