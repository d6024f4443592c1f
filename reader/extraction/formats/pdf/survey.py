"""What holds for a whole PDF, sampled before its first block: type sizes, heads and feet."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from .lines import DIVIDED, Line

# Pages that are looked at: runs of neighbours, spread over the file.
SAMPLE_PAGES = 48
RUN = 4
# A running head is among the first lines of a page, a foot among the last.
EDGE_LINES = 2
NEAR_POINTS = 4.0
# So many type sizes lie between a running head and the text, at the least.
APART = 1.7
DIVISIONS = ("-", "\u2010", "\xad", DIVIDED)
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_DIGITS = re.compile(r"\d+|\b[ivxlcdm]+\b", re.IGNORECASE)
_PAGE_NUMBER = re.compile(r"[-–—\s|]*(?:page|seite|p\.)?\s*(?:\d{1,4}|[ivxlcdm]{1,7})"
                          r"(?:\s*(?:/|of|von)\s*\d{1,4})?[-–—\s|]*", re.IGNORECASE)  # fmt: skip
MARGIN_SHARE = 0.14  # of the page's height


@dataclass(frozen=True, slots=True)
class Survey:
    """Sizes in points; edges as (from the top?, distance of the baseline from there)."""

    body_size: float
    heading_sizes: tuple[float, ...] = ()  # larger than the text, the largest first
    top_edges: tuple[float, ...] = ()  # distances from the top at which running heads stand
    bottom_edges: tuple[float, ...] = ()
    running: frozenset[str] = field(default_factory=frozenset)  # texts that return, digits as #
    words: frozenset[str] = field(default_factory=frozenset)
    has_text: bool = True


def sample(pages: int) -> list[int]:
    """Return the pages to look at."""
    if pages <= SAMPLE_PAGES:
        return list(range(pages))
    runs = SAMPLE_PAGES // RUN
    step = (pages - RUN) / (runs - 1)
    return sorted(
        {round(number * step) + offset for number in range(runs) for offset in range(RUN)}
    )


def survey(pages: Sequence[tuple[float, list[Line]]]) -> Survey:
    """Sum up sampled pages, each its height and its lines."""
    sizes: Counter[float] = Counter()
    words: set[str] = set()
    for _, lines in pages:
        was_divided = False
        for line in lines:
            if not line.is_mono:
                sizes[line.size] += len(line.text)
            found = _WORD.findall(line.text.lower())
            is_divided = line.text.endswith(DIVISIONS)
            # Halves of divided words are no words.
            words.update(found[was_divided : -1 if is_divided else None])
            was_divided = is_divided
    if not sizes:
        sizes.update(line.size for _, lines in pages for line in lines)
    if not sizes:
        return Survey(0.0, has_text=False)
    body = sizes.most_common(1)[0][0]
    larger = sorted((size for size in sizes if size > body * 1.08), reverse=True)
    return Survey(
        body_size=body,
        heading_sizes=tuple(_merged(larger)),
        top_edges=tuple(_edges(pages, at_top=True)),
        bottom_edges=tuple(_edges(pages, at_top=False)),
        running=frozenset(_returning(pages)),
        words=frozenset(words),
    )


def _merged(sizes: Iterable[float]) -> list[float]:
    merged: list[float] = []
    for size in sizes:
        if not merged or merged[-1] - size > 0.6:
            merged.append(size)
    return merged


def folded(text: str) -> str:
    """Return a line as it returns from page to page: its numbers as #."""
    return _DIGITS.sub("#", " ".join(text.split())).strip()


def is_page_number(text: str) -> bool:
    return bool(_PAGE_NUMBER.fullmatch(text.strip()))


def _extremes(height: float, lines: list[Line], *, at_top: bool) -> list[tuple[float, Line]]:
    ordered = sorted(lines, key=lambda line: line.bottom, reverse=at_top)[: EDGE_LINES + 1]
    margin = MARGIN_SHARE * height
    distances = [(height - line.bottom if at_top else line.bottom, line) for line in ordered]
    return [(distance, line) for distance, line in distances if distance <= margin][:EDGE_LINES]


def _returning(pages: Sequence[tuple[float, list[Line]]]) -> list[str]:
    seen: Counter[str] = Counter()
    for height, lines in pages:
        edge = [
            folded(line.text)
            for at_top in (True, False)
            for _, line in _extremes(height, lines, at_top=at_top)
        ]
        seen.update(set(edge))
    least = max(2, len(pages) // 12) if len(pages) > 2 else 2
    return [text for text, count in seen.items() if count >= least and text != "#"]


def _edges(pages: Sequence[tuple[float, list[Line]]], *, at_top: bool) -> list[float]:
    """Return where a lone line stands on most pages, apart from the text: a head or a foot."""
    if len(pages) < 3:
        return []
    at: dict[float, int] = defaultdict(int)
    apart: dict[float, int] = defaultdict(int)
    texts: dict[float, set[str]] = defaultdict(set)
    for height, lines in pages:
        extremes = _extremes(height, lines, at_top=at_top)
        if not extremes:
            continue
        distance, line = extremes[0]
        key = next((known for known in at if abs(known - distance) <= NEAR_POINTS), distance)
        at[key] += 1
        texts[key].add(folded(line.text))
        others = [abs(other.bottom - line.bottom) for other in lines if other is not line]
        nearest = min((gap for gap in others if gap > 0.5 * line.size), default=height)
        apart[key] += nearest > APART * line.size
    # A body that begins at the same height on each page has another text there each time, and its
    # next line right below.
    return [
        key
        for key, count in at.items()
        if count >= 0.3 * len(pages)
        and (len(texts[key]) <= max(3, 0.6 * count) or apart[key] >= 0.8 * count)
    ]
