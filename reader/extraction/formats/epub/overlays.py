"""Media overlays: which part of which file of sound a book's narrator reads of each element."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from posixpath import dirname
from urllib.parse import unquote, urldefrag

from lxml import etree

from reader.extraction.archives import Archive
from reader.extraction.drafts import ExtractionError
from reader.extraction.formats.epub.package import Package
from reader.extraction.tree.elements import name_of

MOST_OVERLAYS = 5_000
MOST_CLIPS = 500_000
MOST_SOUNDS = 5_000
LONGEST_MS = 1000 * 3600 * 1000
# SMIL 3.0, section "Clock values"; npt is of SMIL 1.0 and of DAISY books.
CLOCK = re.compile(r"(?:npt=)?(?:(?:(\d{1,4}):)?(\d{1,4}):)?(\d{1,2}(?:\.\d{0,9})?)", re.ASCII)
COUNT = re.compile(r"(?:npt=)?(\d{1,9}(?:\.\d{0,9})?)(h|min|s|ms)?", re.ASCII)
MS_OF = {"h": 3_600_000, "min": 60_000, "s": 1000, "ms": 1, None: 1000}


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of a file of sound; ``end_ms`` None: to its end."""

    sound: int  # its place among the files
    begin_ms: int
    end_ms: int | None


@dataclass(slots=True)
class Overlays:
    """What is read of the elements of each page: by page, then by their ids; "": all of it."""

    pages: dict[str, dict[str, list[Stretch]]] = field(default_factory=dict)
    sounds: list[str] = field(default_factory=list)  # paths in the archive


def overlays_of(archive: Archive, package: Package) -> Overlays:
    """Read all overlays that a book names. One that is broken is as if it were not there."""
    found = Overlays()
    numbers: dict[str, int] = {}
    count = 0
    for path in package.overlays()[:MOST_OVERLAYS]:
        try:
            root = archive.xml(path)
        except ExtractionError:
            continue
        for text, sound, begin, end in _pairs(root):
            count += 1
            if count > MOST_CLIPS:
                return found
            page = package.path_of(dirname(path), text)
            sound_path = package.path_of(dirname(path), sound)
            begin_ms = clock_ms(begin) if begin else 0
            end_ms = clock_ms(end) if end else None
            if begin_ms is None or (end and end_ms is None) or len(numbers) > MOST_SOUNDS:
                continue
            if end_ms is not None and end_ms <= begin_ms:
                continue
            number = numbers.setdefault(sound_path, len(numbers))
            elements = found.pages.setdefault(page, {})
            stretches = elements.setdefault(unquote(urldefrag(text)[1]), [])
            stretches.append(Stretch(number, begin_ms, end_ms))
    found.sounds = list(numbers)
    return found


def clock_ms(value: str) -> int | None:
    """Return a clock value of SMIL in ms: 0:00:12.500, 00:12.5, 12.5s, 13min, npt=12.5; else None.

    Hours may be left out, and minutes; a number alone counts seconds.
    """
    value = value.strip()
    if found := CLOCK.fullmatch(value):
        hours, minutes, seconds = found.groups()
        ms = (int(hours or 0) * 60 + int(minutes or 0)) * 60_000 + float(seconds) * 1000
    elif found := COUNT.fullmatch(value):
        ms = float(found[1]) * MS_OF[found[2]]
    else:
        return None
    return round(ms) if ms <= LONGEST_MS else None


def _pairs(root: etree._Element) -> Iterator[tuple[str, str, str, str]]:
    """Yield the text and the sound of each par, with the sound's beginning and end, in order."""
    for par in root.iter():
        if name_of(par) != "par":
            continue
        text = next((each for each in par if name_of(each) == "text"), None)
        sounds = [each for each in par if name_of(each) == "audio"]
        if text is None:
            continue
        for sound in sounds:
            yield (
                text.get("src", ""),
                sound.get("src", ""),
                sound.get("clipBegin", sound.get("clip-begin", "")).strip(),
                sound.get("clipEnd", sound.get("clip-end", "")).strip(),
            )
