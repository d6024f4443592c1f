"""What is written of a document: its text, its chapters, and when each passage is heard."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from reader.exporting.writers.timeline import Cue, timeline

# Start and end in the spoken text, in UTF-16 units, and when it is heard, in ms.
Mark = Sequence[int]
MOST_CHAPTERS = 250  # players give up beyond 255


@dataclass(frozen=True, slots=True)
class Sound:
    """A stored sound of a passage; ``name`` is another one for other bytes."""

    name: str
    content_type: str
    duration_ms: int
    lead_ms: int = 0
    trail_ms: int = 0
    marks: Sequence[Mark] = ()

    @property
    def words_from_ms(self) -> int:
        """When the first word is heard in it."""
        return self.marks[0][2] if self.marks else self.lead_ms


@dataclass(frozen=True, slots=True)
class Passage:
    """A block as it is written."""

    idx: int
    kind: str
    level: int
    language: str
    html: str
    text: str  # spoken; empty when nothing of it is
    spans: Sequence[Sequence[int]] = ()
    sound: Sound | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the contents."""

    title: str
    level: int
    idx: int


@dataclass(frozen=True, slots=True)
class Chapter:
    """A part of the book from a line of the contents to the next one of the same depth."""

    title: str
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Picture:
    content_type: str
    data: bytes


@dataclass(frozen=True)
class Book:
    """A document in a voice.

    ``identifier``: a URN. ``pause_ms``, ``heading_pause_ms``: the silence after a passage.
    ``read``: the bytes of a sound; ``picture``: the picture that markup calls by a name;
    ``source``: the file that the document was made of, if it was a book already.
    """

    identifier: str
    title: str
    author: str
    language: str
    passages: Sequence[Passage]
    entries: Sequence[Entry] = ()
    voice: str = ""
    modified: str = "2000-01-01T00:00:00Z"
    pause_ms: int = 400
    heading_pause_ms: int = 800
    cover: Picture | None = None
    anchors: dict[str, int] = field(default_factory=dict)
    read: Callable[[Sound], bytes] = lambda sound: b""
    picture: Callable[[str], Picture | None] = lambda name: None
    source: Callable[[], bytes | None] = lambda: None
    is_whole: bool = True  # not only some chapters

    @cached_property
    def cues(self) -> list[Cue]:
        """When each passage that has a sound is heard."""
        starts = {chapter.first for chapter in (*self.chapters, *self.parts)}
        return timeline(self, starts)

    @cached_property
    def chapters(self) -> list[Chapter]:
        """The parts by the contents: as deep as they go, but not more than players take."""
        return self._chapters(self._fitting_entries())

    @cached_property
    def parts(self) -> list[Chapter]:
        """The parts by the highest lines of the contents of which there are several."""
        levels = sorted({entry.level for entry in self.entries})
        for level in levels:
            top = [entry for entry in self.entries if entry.level <= level]
            if len(top) > 1:
                return self._chapters(top)
        return self._chapters(list(self.entries))

    def _fitting_entries(self) -> list[Entry]:
        entries = list(self.entries)
        while len(entries) > MOST_CHAPTERS:
            deepest = max(entry.level for entry in entries)
            fewer = [entry for entry in entries if entry.level < deepest]
            if not fewer:
                step = -(-len(entries) // MOST_CHAPTERS)
                return entries[::step]
            entries = fewer
        return entries

    def _chapters(self, entries: Sequence[Entry]) -> list[Chapter]:
        """Cut the passages at these lines; what comes before the first has the book's title."""
        if not self.passages:
            return []
        heard = [passage.idx for passage in self.passages if passage.sound or passage.text]
        begin, end = self.passages[0].idx, self.passages[-1].idx + 1
        titles: dict[int, str] = {begin: self.title}
        for entry in sorted(entries, key=lambda entry: entry.idx):
            if begin <= entry.idx < end:
                is_new = entry.idx not in titles or titles[entry.idx] == self.title
                titles[entry.idx] = entry.title if is_new else titles[entry.idx]
        starts = sorted(titles)
        chapters = [
            Chapter(titles[first], first, following - 1)
            for first, following in zip(starts, [*starts[1:], end], strict=True)
        ]
        return [
            chapter
            for chapter in chapters
            if any(chapter.first <= idx <= chapter.last for idx in heard)
        ]
