"""When each passage of a book is heard, as the reading page would play it at its usual speed.

Between two passages it is silent for as long as the person chose. What the sounds have of silence
at their ends counts in, and is cut short where it is too much (``static/js/player/turns.js`` does
the same). Everything stands on a grid, so that sounds can be joined in whole packets.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reader.exporting.writers.book import Book, Passage, Sound

STEP_MS = 20  # a packet of Opus
# Between pieces that are encoded each by itself: longer than what an encoder has of delay.
LEAST_BETWEEN_PIECES_MS = 120
PIECE_MS = 5 * 60 * 1000


@dataclass(frozen=True, slots=True)
class Cue:
    """A passage's place in time: its sound from ``skip_ms`` on, for ``length_ms``."""

    passage: Passage
    sound: Sound
    start_ms: int
    skip_ms: int
    length_ms: int
    begins_piece: bool

    @property
    def end_ms(self) -> int:
        return self.start_ms + self.length_ms

    @property
    def word_ms(self) -> int:
        """When its first word is heard."""
        return self.at(self.sound.words_from_ms)

    def at(self, ms: int) -> int:
        """Return when something is heard that is at this time in the passage's own sound."""
        return self.start_ms + min(max(0, ms - self.skip_ms), self.length_ms)


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of the book that is made in one go: its cues, and when the next one begins."""

    number: int
    cues: Sequence[Cue]
    end_ms: int
    is_last: bool

    @property
    def start_ms(self) -> int:
        return self.cues[0].start_ms if self.number else 0


def timeline(book: Book, starts: Collection[int]) -> list[Cue]:
    """Place the passages; at ``starts`` chapters begin, and so do pieces."""
    sounding = [passage for passage in book.passages if passage.sound]
    ordered = sorted(starts)
    cues: list[Cue] = []
    silent_from = begun = chapter = 0  # ms, ms, how many chapters have begun
    before: Passage | None = None
    for passage in sounding:
        sound = passage.sound
        assert sound is not None
        reached = chapter
        while reached < len(ordered) and ordered[reached] <= passage.idx:
            reached += 1
        pause = 0
        if before:
            pause = book.heading_pause_ms if before.kind == "heading" else book.pause_ms
        is_new = before is None or reached != chapter or silent_from - begun > PIECE_MS
        if before and is_new:
            pause = max(pause, LEAST_BETWEEN_PIECES_MS)
        chapter = reached
        lead = min(sound.lead_ms, sound.words_from_ms)
        skip = _floor(max(0, lead - pause))
        start = _ceil(silent_from + max(0, pause - lead))
        if is_new:
            begun = start
        if cues and cues[-1].end_ms > start:
            last = cues[-1]
            cues[-1] = Cue(
                last.passage, last.sound, last.start_ms, last.skip_ms, start - last.start_ms,
                last.begins_piece,
            )  # fmt: skip
        cues.append(Cue(passage, sound, start, skip, _ceil(sound.duration_ms - skip), bool(is_new)))
        silent_from = start + max(0, sound.duration_ms - skip - sound.trail_ms)
        before = passage
    return cues


def pieces_of(cues: Sequence[Cue]) -> list[Piece]:
    """Cut the cues where pieces begin."""
    groups: list[list[Cue]] = []
    for cue in cues:
        if cue.begins_piece or not groups:
            groups.append([])
        groups[-1].append(cue)
    ends = [group[0].start_ms for group in groups[1:]]
    return [
        Piece(number, group, end, number == len(groups) - 1)
        for number, (group, end) in enumerate(
            zip(groups, [*ends, *(group[-1].end_ms for group in groups[-1:])], strict=True)
        )
    ]


def _floor(ms: int) -> int:
    return ms - ms % STEP_MS


def _ceil(ms: int) -> int:
    return -(-ms // STEP_MS) * STEP_MS
