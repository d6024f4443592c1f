"""The narration of a page, brought to its blocks.

An overlay tells of elements of the page, and a block is what was read of some of them. Both have
the same letters in the same order, but for what is not read: by these they find each other.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate

from lxml import etree

from reader.extraction.archives import Archive
from reader.extraction.drafts import Clip
from reader.extraction.formats.epub.overlays import Stretch, overlays_of
from reader.extraction.formats.epub.package import Package
from reader.extraction.recordings import Recordings
from reader.extraction.segmentation import Range
from reader.extraction.tree.elements import is_hidden, name_of, types_of
from reader.extraction.tree.notes import is_backlink, set_notes_apart
from reader.extraction.tree.page_numbers import is_furniture

# So many letters on is a passage looked for, and a short one: a single digit stands everywhere.
FAR, SHORT, NEAR = 100_000, 40, 300
# No narrator says so many letters in a second: it is another text, or a stretch that is cut off.
MOST_LETTERS_A_SECOND = 40
SLACK_SECONDS = 0.25


class Narration:
    """What the narrator of a book reads of its pages."""

    def __init__(self, archive: Archive, package: Package) -> None:
        overlays = overlays_of(archive, package)
        self.sounds = tuple(overlays.sounds)
        self._pages = overlays.pages
        self._recordings = Recordings(overlays.sounds, archive.read)

    def of_page(self, path: str, body: etree._Element) -> PageNarration | None:
        """Return what is read of a page; None if nothing is."""
        elements = self._pages.get(path)
        return PageNarration(body, elements, self._recordings) if elements else None


class PageNarration:
    """What the narrator reads of a page, for blocks that are asked for in their order."""

    def __init__(
        self,
        body: etree._Element,
        elements: Mapping[str, Sequence[Stretch]],
        recordings: Recordings,
    ) -> None:
        self._elements = elements
        self._recordings = recordings
        self._starts = [0]  # the letter that each run of letters begins with
        self._names: list[str | None] = [None]  # and the element that is read there
        set_notes_apart(body)  # as it is when its blocks are made
        pieces: list[str] = []
        self._count = 0
        self._walk(body, "" if "" in elements else None, pieces)
        self._letters = "".join(pieces)
        self._undivided_at = self._clips_at = 0

    def undivided(self, text: str, ranges: Iterable[Range]) -> list[Range]:
        """Return the ranges of a text, put together where one ends within what is one clip."""
        ranges = list(ranges)
        letters = _letters(text)
        begin = self._find(letters, self._undivided_at)
        if begin < 0:
            return ranges
        self._undivided_at = begin + len(letters)
        before = list(accumulate(map(str.isalnum, text), initial=begin))
        whole: list[Range] = []
        for start, end in ranges:
            # Between two ranges there is no letter, but white space.
            if whole and self._is_within_clip(before[start]):
                whole[-1] = (whole[-1][0], end)
            else:
                whole.append((start, end))
        return whole

    def clips(self, shown: str) -> tuple[Clip, ...]:
        """Return the clips of a block; none if it is not read whole, or not as it can be read."""
        letters = _letters(shown)
        begin = self._find(letters, self._clips_at)
        if not letters or begin < 0:
            return ()
        end = begin + len(letters)
        self._clips_at = end
        if self._is_within_clip(begin) or self._is_within_clip(end):
            return ()  # it is read together with a neighbour
        first, last = self._run(begin), self._run(end - 1)
        places, units = _places(shown)
        clips: list[Clip] = []
        used: set[str] = set()
        covered = bytearray(len(letters))
        for number in range(first, last + 1):
            name = self._names[number]
            low = max(self._starts[number], begin) - begin
            high = min(self._end(number), end) - begin
            if name is None or low >= high:
                continue
            covered[low:high] = b"\1" * (high - low)
            if name in used:
                continue  # it goes on behind an element in it: it is read where it begins
            used.add(name)
            start, stop = places[low], places[high - 1] + units[high - 1]
            for stretch in self._elements[name]:
                heard = self._recordings.within(stretch)
                if heard is None:
                    return ()
                clips.append((start, stop, *heard))
        seconds = sum(until - since for *_, since, until in clips) / 1000
        least = sum(map(str.isalpha, letters)) / MOST_LETTERS_A_SECOND - SLACK_SECONDS
        is_read = bool(clips) and seconds >= least and _is_read(places, letters, covered)
        return tuple(clips) if is_read else ()

    def _walk(self, element: etree._Element, name: str | None, pieces: list[str]) -> None:
        """Note whose the letters are, the innermost element counting."""
        own = element.get("id") or element.get("xml:id")
        name = own if own in self._elements and own else name
        self._add(element.text, name, pieces)
        for child in element:
            if _is_said(child):
                self._walk(child, name, pieces)
            self._add(child.tail, name, pieces)

    def _add(self, text: str | None, name: str | None, pieces: list[str]) -> None:
        letters = _letters(text or "")
        if not letters:
            return
        if name != self._names[-1]:
            self._starts.append(self._count)
            self._names.append(name)
        pieces.append(letters)
        self._count += len(letters)

    def _find(self, letters: str, at: int) -> int:
        """Return where these letters begin, from a place on; -1 if they are not near."""
        if not letters:
            return -1
        far = NEAR if len(letters) < SHORT else FAR
        return self._letters.find(letters, at, at + far + len(letters))

    def _run(self, letter: int) -> int:
        return bisect_right(self._starts, letter) - 1

    def _end(self, number: int) -> int:
        following = number + 1
        return self._starts[following] if following < len(self._starts) else self._count

    def _is_within_clip(self, letter: int) -> bool:
        """Tell whether the letter before this one and this one are read in one clip."""
        number = self._run(letter)
        inside = self._starts[number] < letter < self._end(number)
        return inside and self._names[number] is not None


def _is_said(element: etree._Element) -> bool:
    """Tell whether there is anything of an element in the blocks of its page."""
    name = name_of(element)
    if not name or is_hidden(element, name):
        return False
    return not is_furniture(element, name, types_of(element)) and not (
        name == "a" and is_backlink(element)
    )


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text))


def _places(shown: str) -> tuple[list[int], list[int]]:
    """Return where the letters of a text stand, and how long each is, in UTF-16 units."""
    places, units, at = [], [], 0
    for character in shown:
        length = 2 if ord(character) > 0xFFFF else 1
        if character.isalnum():
            places.append(at)
            units.append(length)
        at += length
    return places, units


def _is_read(places: Sequence[int], letters: str, covered: Sequence[int]) -> bool:
    """Tell whether something of each word is in a clip; a number by itself may be the mark of a
    note, which nobody reads."""
    has_letter = is_read = False
    ends = [*places[1:], -1]
    for at, following, character, is_covered in zip(places, ends, letters, covered, strict=True):
        has_letter = has_letter or character.isalpha()
        is_read = is_read or bool(is_covered)
        if following != at + (2 if ord(character) > 0xFFFF else 1):  # the word ends
            if has_letter and not is_read:
                return False
            has_letter = is_read = False
    return True
