"""Subtitles of the sound that the other kinds have: WebVTT and SRT."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import NamedTuple

from reader.exporting.writers.book import Book
from reader.exporting.writers.kind import Pieces
from reader.exporting.writers.timeline import Cue, Piece

# Two lines of this length are what a person reads at a glance.
LINE, LONGEST = 42, 84
PAUSES = re.compile(r"[.!?…:;。！？；：]['\"’”»)\]]*$")
# What SRT's readers would take for markup, or for the arrow between times.
ARROW = re.compile(r"-->")


class Caption(NamedTuple):
    """Words that are shown at once."""

    start_ms: int
    end_ms: int
    text: str


@dataclass(frozen=True, slots=True)
class Captions:
    """WebVTT, or SRT: the same captions in another spelling."""

    slug: str
    name: str
    about: str
    extension: str
    content_type: str
    spell: Callable[[Sequence[Caption]], Iterator[str]]
    has_voice: bool = True
    needs_words: bool = True
    bytes_per_second: int = 40
    times_real_time: int = 20_000

    def pieces(self, book: Book) -> Sequence[Piece]:
        return ()

    def make(self, book: Book, piece: Piece) -> Sequence[bytes]:
        return ()

    def write(
        self, book: Book, pieces: Pieces, target: Path, alive: Callable[[float], None]
    ) -> None:
        captions = _captions(book)
        with target.open("w", encoding="utf-8", newline="\n") as file:
            file.writelines(self.spell(captions))


def webvtt_of(book: Book) -> str:
    """Return a book's captions as WebVTT."""
    return "".join(_webvtt(_captions(book)))


def _captions(book: Book) -> list[Caption]:
    return [caption for cue in book.cues for caption in captions_of(cue)]


def captions_of(cue: Cue) -> Iterator[Caption]:
    """Cut a passage into captions at its words; without word times it is one."""
    units = cue.passage.text.encode("utf-16-le", "replace")

    def spoken(start: int, end: int) -> str:
        text = units[2 * start : 2 * end].decode("utf-16-le", "replace")
        return " ".join(text.split())

    marks = cue.sound.marks
    if not marks:
        if text := " ".join(cue.passage.text.split()):
            yield Caption(cue.start_ms, cue.end_ms, text)
        return
    whole = len(units) // 2
    # A word has what stands behind it, up to the next one: its punctuation.
    ends = [*(mark[0] for mark in marks[1:]), whole]
    first, begin = 0, 0
    for number in range(len(marks)):
        is_last = number + 1 == len(marks)
        if not is_last:
            text = spoken(begin, ends[number])
            longer = spoken(begin, ends[number + 1])
            is_full = len(longer) > LONGEST
            is_pause = len(text) > LINE and PAUSES.search(text) is not None
            if not is_full and not is_pause:
                continue
        if text := spoken(begin, ends[number]):
            start, end = cue.at(marks[first][2]), cue.at(marks[number][3])
            yield Caption(start, max(end, start + 1), text)
        first, begin = number + 1, ends[number]


def _webvtt(captions: Sequence[Caption]) -> Iterator[str]:
    yield "WEBVTT\n"
    for start, end, text in captions:
        yield f"\n{_time(start, '.')} --> {_time(end, '.')}\n{escape(text, quote=False)}\n"


def _srt(captions: Sequence[Caption]) -> Iterator[str]:
    for number, (start, end, text) in enumerate(captions, 1):
        plain = ARROW.sub("→", text)
        yield f"{number}\n{_time(start, ',')} --> {_time(end, ',')}\n{plain}\n\n"


def _time(ms: int, point: str) -> str:
    seconds, ms = divmod(ms, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{seconds:02}{point}{ms:03}"


WEBVTT = Captions(
    slug="vtt",
    name="Subtitles, WebVTT",
    about="The words with their times, for the sound of this document in a web player.",
    extension="vtt",
    content_type="text/vtt",
    spell=_webvtt,
)
SRT = Captions(
    slug="srt",
    name="Subtitles, SRT",
    about="The same for other players.",
    extension="srt",
    content_type="application/x-subrip",
    spell=_srt,
)
