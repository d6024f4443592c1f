"""The kinds of files, by the slugs that outsiders know them by."""

from __future__ import annotations

from reader.exporting.writers.captions import SRT, WEBVTT
from reader.exporting.writers.epub import EPUB, EPUB_MP3, EPUB_SENTENCES
from reader.exporting.writers.kind import Kind, Pieces
from reader.exporting.writers.markdown import MARKDOWN
from reader.exporting.writers.sound.kinds import (
    M4B,
    M4B_OPUS,
    MP3_BY_CHAPTER,
    MP3_WHOLE,
    OGG_OPUS,
)

__all__ = ["KINDS", "Kind", "Pieces"]

_ALL: tuple[Kind, ...] = (
    M4B,
    MP3_WHOLE,
    MP3_BY_CHAPTER,
    OGG_OPUS,
    M4B_OPUS,
    EPUB,
    EPUB_SENTENCES,
    EPUB_MP3,
    WEBVTT,
    SRT,
    MARKDOWN,
)
KINDS: dict[str, Kind] = {kind.slug: kind for kind in _ALL}
