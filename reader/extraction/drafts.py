"""What every format is turned into, and how a format says that it could not.

Tuples, since a book has tens of thousands of them: a frozen dataclass takes three times as long to
make.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

# What a narrator reads: a range of what is shown in UTF-16 units, the file of sound among those of
# the document, and from when to when in it, in ms.
Clip = tuple[int, int, int, int, int]


class Picture(NamedTuple):
    """A picture's bytes; ``name`` is a hash of them, by which ``html`` calls it picture:name."""

    name: str
    content_type: str
    data: bytes


class BlockDraft(NamedTuple):
    """One block before it is stored."""

    kind: str  # heading, paragraph, list_item, quotation, table, code, figure
    html: str  # sanitised
    shown: str  # exactly the textContent of html
    level: int = 0  # of a heading from 1 to 6; depth of a list item or quotation, from 1
    language: str = ""  # BCP 47, only where it differs from the document's
    anchors: tuple[str, ...] = ()  # names by which the source's links find it
    part: int = 0  # how many pages or chapters are done with it
    pictures: tuple[Picture, ...] = ()  # that it shows
    clips: tuple[Clip, ...] = ()  # how it is read in the document's own recording; none: it is not


class Entry(NamedTuple):
    """A line of a document's outline, and the anchor of the block that it leads to."""

    level: int  # from 1
    title: str
    anchor: str


class LeftOut(NamedTuple):
    """A part of a document that could not be read; both in words for a person."""

    where: str  # such as Chapter 3 (c3.xhtml)
    why: str  # one sentence

    @property
    def place(self) -> int:
        """Return the first number in its place, by which several are told in order."""
        found = re.search(r"\d+", self.where)
        return int(found[0]) if found else 0


class Extracted(NamedTuple):
    """A document taken apart; its blocks are made while they are asked for.

    ``title``, ``author``, ``language`` (BCP 47) and ``site`` are empty where it does not tell.
    ``sounds`` names the files of a recording that it brings along, ``narrator`` who reads.
    ``parts`` is how many pages or chapters (``unit``) it has; ``outline`` is the one it brings
    along, if any. ``left_out`` fills while the blocks are made, and is whole when they are.
    """

    title: str
    language: str
    blocks: Iterator[BlockDraft]
    author: str = ""
    site: str = ""
    parts: int = 0
    unit: str = ""
    outline: tuple[Entry, ...] = ()
    cover: Picture | None = None
    left_out: Sequence[LeftOut] = ()
    sounds: tuple[str, ...] = ()
    narrator: str = ""


class ExtractionError(Exception):
    """The document cannot be read; its message is in words for a person."""
