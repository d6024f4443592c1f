"""Running text with its inline markup, as runs that can be cut anywhere."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

Tag = tuple[str, tuple[tuple[str, str], ...]]  # name and attributes

_WHITE = re.compile(r"[ \t\n\r\f]+")


@dataclass(frozen=True, slots=True)
class Run:
    """Text under the same inline elements, the outermost first. A line end is a line break."""

    text: str
    tags: tuple[Tag, ...] = ()


def text_of(runs: Iterable[Run]) -> str:
    return "".join(run.text for run in runs)


def fold(runs: Iterable[Run]) -> list[Run]:
    """Fold white space as HTML does, over the borders of runs; line breaks (\\n) stay.

    What was white space in the source must have been made spaces before.
    """
    folded: list[Run] = []
    at_space = True
    for run in runs:
        pieces: list[str] = []
        for number, line in enumerate(run.text.split("\n")):
            if number:
                if pieces:
                    pieces[-1] = pieces[-1].rstrip(" ")
                pieces.append("\n")
                at_space = True
            line = _WHITE.sub(" ", line)
            if at_space:
                line = line.removeprefix(" ")
            if line:
                at_space = line.endswith(" ")
                pieces.append(line)
        if text := "".join(pieces):
            folded.append(Run(text, run.tags))
    return _trimmed(folded)


def spaces(text: str) -> str:
    """Return source text with its white space, line ends among it, as spaces."""
    return _WHITE.sub(" ", text)


def _trimmed(runs: list[Run]) -> list[Run]:
    while runs and not runs[0].text.strip("\n "):
        runs = runs[1:]
    while runs and not runs[-1].text.strip("\n "):
        runs = runs[:-1]
    if runs:
        runs[0] = Run(runs[0].text.lstrip("\n "), runs[0].tags)
        runs[-1] = Run(runs[-1].text.rstrip("\n "), runs[-1].tags)
    return runs


def cut(runs: Sequence[Run], ranges: Iterable[tuple[int, int]]) -> list[list[Run]]:
    """Return the runs of each of these ranges of the text, which rise."""
    return [_between(runs, start, end) for start, end in ranges]


def _between(runs: Sequence[Run], start: int, end: int) -> list[Run]:
    found, at = [], 0
    for run in runs:
        first, last = max(start - at, 0), min(end - at, len(run.text))
        if first < last:
            found.append(Run(run.text[first:last], run.tags))
        at += len(run.text)
        if at >= end:
            break
    return found


def markup(runs: Iterable[Run]) -> str:
    """Return runs as HTML, each element opened once over neighbours that share it."""
    pieces: list[str] = []
    opened: tuple[Tag, ...] = ()
    for run in runs:
        shared = 0
        for one, other in zip(opened, run.tags, strict=False):
            if one != other:
                break
            shared += 1
        pieces += (f"</{name}>" for name, _ in reversed(opened[shared:]))
        pieces += (_opening(tag) for tag in run.tags[shared:])
        pieces.append(escape(run.text, quote=False).replace("\n", "<br>\n"))
        opened = run.tags
    pieces += (f"</{name}>" for name, _ in reversed(opened))
    return "".join(pieces)


def _opening(tag: Tag) -> str:
    name, attributes = tag
    return "".join((f"<{name}", *(f' {key}="{escape(value)}"' for key, value in attributes), ">"))
