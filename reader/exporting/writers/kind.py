"""What every kind of file is written by."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from reader.exporting.writers.book import Book
from reader.exporting.writers.timeline import Piece

# The packets of a piece, by its place among the pieces.
Pieces = Callable[[int], Sequence[bytes]]


class Kind(Protocol):
    """One kind of file.

    It may be written in two steps: what takes long is done in ``pieces``, which are kept until all
    of them are there, and ``write`` puts these together. A kind without pieces is only written.
    """

    @property
    def slug(self) -> str:
        """What outsiders call it."""

    @property
    def name(self) -> str:
        """What people call it."""

    @property
    def about(self) -> str:
        """What it is good for, in one sentence."""

    @property
    def extension(self) -> str: ...

    @property
    def content_type(self) -> str: ...

    @property
    def has_voice(self) -> bool:
        """Whether it has to do with a voice at all."""

    @property
    def needs_words(self) -> bool:
        """Whether it needs to know when each word is heard."""

    @property
    def bytes_per_second(self) -> int:
        """About how large a second of its sound is."""

    @property
    def times_real_time(self) -> int:
        """About how many seconds of its sound are written in a second."""

    def pieces(self, book: Book) -> Sequence[Piece]: ...

    def make(self, book: Book, piece: Piece) -> Sequence[bytes]:
        """Return the packets of a piece. Raises av.FFmpegError for a sound that is damaged."""

    def write(
        self, book: Book, pieces: Pieces, target: Path, alive: Callable[[float], None]
    ) -> None:
        """Write the file. ``alive`` is told every now and then what share of it is written."""
