"""EPUB 3 with media overlays: the words are lit while the book is read aloud.

words.py    a passage as XHTML, each spoken word with a name
parts.py    the files of a book as text
sound.py    its files of sound, and when names in its pages are heard
writing.py  a book written anew
kept.py     a book that was one already: names in its own pages; copying.py: the book with them
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from reader.exporting.writers.book import Book
from reader.exporting.writers.epub.copying import copy
from reader.exporting.writers.epub.kept import NotKept, Source
from reader.exporting.writers.epub.sound import Sounds
from reader.exporting.writers.epub.words import Words, sentences_of, words_of
from reader.exporting.writers.epub.writing import write
from reader.exporting.writers.kind import Pieces
from reader.exporting.writers.sound.encoding import AAC, MP3, Codec, encode
from reader.exporting.writers.timeline import Piece, pieces_of

Alive = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Epub:
    """A read-along book."""

    slug: str
    name: str
    about: str
    codec: Codec
    container: str
    sound_extension: str
    sound_type: str
    by_sentence: bool = False
    extension: str = "epub"
    content_type: str = "application/epub+zip"
    has_voice: bool = True
    needs_words: bool = True
    times_real_time: int = 70

    @property
    def bytes_per_second(self) -> int:
        return self.codec.bit_rate // 8 + 100

    def pieces(self, book: Book) -> Sequence[Piece]:
        return pieces_of(book.cues)

    def make(self, book: Book, piece: Piece) -> Sequence[bytes]:
        return encode(book, piece, self.codec)

    def write(self, book: Book, pieces: Pieces, target: Path, alive: Alive) -> None:
        sounds = Sounds(
            book, pieces, self.codec, self.container, self.sound_extension, self.sound_type,
            target.with_suffix(".part"),
        )  # fmt: skip
        words: Words = words_of
        if self.by_sentence:
            words = partial(sentences_of, language=book.language)
        source = book.source() if book.is_whole else None
        if source:
            try:
                copy(book, sounds, words, Source(source), target, alive)
                return
            except NotKept:
                pass  # an older or a broken one
        write(book, sounds, words, target, alive)


EPUB = Epub(
    slug="epub",
    name="Read-along book, EPUB",
    about="The text with its sound: readers such as Thorium or Apple's Books light each word.",
    codec=AAC,
    container="ipod",
    sound_extension="m4a",
    sound_type="audio/mp4",
)
EPUB_MP3 = Epub(
    slug="epub-mp3",
    name="Read-along book, EPUB with MP3",
    about="The same for readers that know no AAC.",
    codec=MP3,
    container="mp3",
    sound_extension="mp3",
    sound_type="audio/mpeg",
)
EPUB_SENTENCES = replace(
    EPUB,
    slug="epub-sentences",
    name="Read-along book, EPUB by sentences",
    about="The same with a sentence lit at a time: calmer, smaller, and for slow readers.",
    by_sentence=True,
)
