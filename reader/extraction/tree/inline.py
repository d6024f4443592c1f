"""Running text with its inline markup, as runs that can be cut anywhere."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from html import escape
from typing import NamedTuple

Tag = tuple[str, tuple[tuple[str, str], ...]]  # name and attributes


class Run(NamedTuple):
    """Text under the same inline elements, the outermost first. A line end is a line break.

    A tuple, since a book makes tens of thousands of them.
    """

    text: str
    tags: tuple[Tag, ...] = ()
    markup: str = ""  # of a formula: what shows the text, which is not divided


def text_of(runs: Iterable[Run]) -> str:
    return "".join(run.text for run in runs)


def fold(runs: Iterable[Run]) -> list[Run]:
    """Fold white space as HTML does, over the borders of runs; line breaks stay.

    Each run is a line break (\\n), or source text whose white space ``spaces`` has folded.
    """
    folded: list[Run] = []
    at_space = True
    for run in runs:
        if at_space and run.text.startswith(" "):
            run = Run(run.text[1:], run.tags)
        if run.text:
            at_space = run.text.endswith((" ", "\n"))
            folded.append(run)
    return _trimmed(folded)


def spaces(text: str) -> str:
    """Return source text with its white space, line ends among it, as spaces."""
    # An expression takes several times as long, and all text comes by here.
    text = text.replace("\n", " ").replace("\t", " ").replace("\r", " ").replace("\f", " ")
    while "  " in text:
        text = text.replace("  ", " ")
    return text


def _trimmed(runs: list[Run]) -> list[Run]:
    while runs and not runs[0].text.strip("\n "):
        runs = runs[1:]
    while runs and not runs[-1].text.strip("\n "):
        runs = runs[:-1]
    if runs:
        if runs[0].text[0] in "\n ":
            runs[0] = runs[0]._replace(text=runs[0].text.lstrip("\n "))
        if runs[-1].text[-1] in "\n ":
            runs[-1] = runs[-1]._replace(text=runs[-1].text.rstrip("\n "))
    return runs


def cut(runs: Sequence[Run], ranges: Iterable[tuple[int, int]]) -> list[list[Run]]:
    """Return the runs of each of these ranges of the text, which rise."""
    pieces: list[list[Run]] = []
    number = at = 0  # of the first run that is not done with, and where it begins
    for start, end in ranges:
        piece: list[Run] = []
        while number < len(runs) and at < end:
            run = runs[number]
            behind = at + len(run.text)
            if start <= at and behind <= end:
                piece.append(run)
            elif behind > start:
                piece.append(Run(run.text[max(start - at, 0) : end - at], run.tags))
            if behind > end:  # the rest of it is of the next range
                break
            number, at = number + 1, behind
        pieces.append(piece)
    return pieces


def undivided(runs: Sequence[Run], ranges: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the ranges of a text, put together where one ends within a formula."""
    formulas, at = [], 0
    for run in runs:
        if run.markup:
            formulas.append((at, at + len(run.text)))
        at += len(run.text)
    whole: list[tuple[int, int]] = []
    for start, end in ranges:
        if whole and any(first < start < last for first, last in formulas):
            whole[-1] = (whole[-1][0], end)
        else:
            whole.append((start, end))
    return whole


def markup(runs: Iterable[Run]) -> str:
    """Return runs as HTML, each element opened once over neighbours that share it."""
    pieces: list[str] = []
    opened: tuple[Tag, ...] = ()
    for text, tags, formula in runs:
        if tags != opened:
            _change(pieces, opened, tags)
            opened = tags
        pieces.append(formula or _escaped(text))
    if opened:
        _change(pieces, opened, ())
    return "".join(pieces)


def _change(pieces: list[str], opened: tuple[Tag, ...], wanted: tuple[Tag, ...]) -> None:
    """Close the elements that are not wanted, and open those that are."""
    shared = 0
    for one, other in zip(opened, wanted, strict=False) if opened and wanted else ():
        if one != other:
            break
        shared += 1
    for name, _ in reversed(opened[shared:]):
        pieces.append(f"</{name}>")
    for name, attributes in wanted[shared:]:
        pieces.append(_opening(name, attributes))


def _escaped(text: str) -> str:
    if "&" in text or "<" in text or ">" in text:
        text = escape(text, quote=False)
    return text.replace("\n", "<br>\n") if "\n" in text else text


@lru_cache(1024)
def _opening(name: str, attributes: tuple[tuple[str, str], ...]) -> str:
    written = "".join([f' {key}="{escape(value)}"' for key, value in attributes])
    return f"<{name}{written}>"
