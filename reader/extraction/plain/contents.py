"""Printed contents: a title, dots that lead from it to the edge, and there the number of a page.

Whoever listens has no pages. Prices in a list look alike, but do not rise from one to the next.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

HEADING = re.compile(
    r"(?:table of |list of |brief )?(?:contents?|figures|tables|listings)|inhalt(?:sverzeichnis)?"
    r"|(?:abbildungs|tabellen)verzeichnis|table des matières|sommaire|(?:liste des |índice de )\w+"
    r"|índice(?: general)?|contenido|indice|sommario|sumário|spis treści|obsah|inhoud(?:sopgave)?"
    r"|содержание|оглавление|目\s*[录次錄]|[차목]\s*[례차]|فهرست(?: مطالب)?"
    r"|المحتويات|תוכן(?: העניינים)?",
    re.IGNORECASE,
)
# The number that the title of a part begins with.
SECTION = re.compile(r"^(?:(?:chapter|appendix|part|section|kapitel|chapitre|capítulo)\s+)?"
                     r"((?:\d{1,3}|[A-Z]|[IVX]{1,5})(?:\.\d{1,3})*)\.?\s+(?=\S)",
                     re.IGNORECASE)  # fmt: skip
_LEADERS = re.compile(
    r"(?<![.…\s])\s*(?:(?:\.\s?){4,300}|(?:…\s?){2,100})\s*(?P<page>\d{1,4}|[ivxlc]{1,6})\s*$"
)
# Entries without a heading: what has no numbers may also be years and what was counted in each.
LEAST, LEAST_UNNUMBERED = 4, 8
NUMBERED_SHARE = 0.6


class Entry(NamedTuple):
    at: int  # of its line among the lines
    end: int  # of its title
    page: int | None  # None: it is in Roman numerals
    is_numbered: bool


def may_lead(text: str) -> bool:
    """Tell soon that a text has no such dots, as hardly any has."""
    return "...." in text or ". . . ." in text or "……" in text


def entry_of(at: int, line: str) -> Entry | None:
    found = _LEADERS.search(line)
    if not found:
        return None
    page = found["page"]
    is_numbered = bool(SECTION.match(line.lstrip()))
    return Entry(at, found.start(), int(page) if page.isdecimal() else None, is_numbered)


def contents(entries: Sequence[Entry], headings: Sequence[int]) -> Iterator[Entry]:
    """Yield those of these lines that are contents; ``headings``: the lines right before contents.

    An entry right behind a heading begins them; without one there have to be a few.
    """
    run: list[Entry] = []
    last = 0
    for entry in entries:
        if run and entry.page is not None and entry.page < last:
            yield from _whole(run, headings)
            run, last = [], 0
        run.append(entry)
        last = max(last, entry.page or 0)
    yield from _whole(run, headings)


def _whole(run: Sequence[Entry], headings: Sequence[int]) -> Sequence[Entry]:
    if run and run[0].at in headings:
        return run
    pages = [entry.page for entry in run if entry.page is not None]
    if not pages or pages[0] == pages[-1]:
        return ()
    numbered = sum(entry.is_numbered for entry in run)
    least = LEAST if numbered >= NUMBERED_SHARE * len(run) else LEAST_UNNUMBERED
    return run if len(run) >= least else ()
