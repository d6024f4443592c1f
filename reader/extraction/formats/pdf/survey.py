"""What holds for a whole PDF, sampled before its first block: type sizes, heads and feet."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median

from .page import Page
from .page.lines import Line
from .page.signs import CAP, DIVIDED, plain

# Pages that are looked at: runs of neighbours, spread over the file.
SAMPLE_PAGES = 48
RUN = 4
# A running head is among the first lines of a page, a foot among the last.
EDGE_LINES = 2
NEAR_POINTS = 4.0
# So many type sizes lie between a running head and the text, at the least.
APART = 1.7
FURTHER = 1.3  # times the usual distance of lines
DIVISIONS = ("-", "\u2010", "\xad", DIVIDED)
HANGUL = re.compile("[\uac00-\ud7af]")
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_CAPPED = re.compile(rf"\w*{CAP}\w*")  # two words, or one: that is what others are asked for
_DIGITS = re.compile(r"\d+|\b[ivxlcdm]+\b", re.IGNORECASE)
_PAGE_NUMBER = re.compile(r"[-–—\s|\[(]*(?:page|seite|p\.)?\s*(\d{1,4}|[ivxlcdm]{1,7})"
                          r"(?:\s*(?:/|of|von)\s*\d{1,4})?[-–—\s|\])]*", re.IGNORECASE)  # fmt: skip
_ROMAN = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100, "d": 500, "m": 1000}
LARGE = 1.08
TEXT_SHARE = 0.15  # of the characters: too many for headings
MARGIN_SHARE = 0.14  # of the page's height
NUMBER_SHARE = 0.2  # of a page number that goes on from page to page
FEW_PAGES = 3  # prove nothing but that their numbers count from one
RUNNING_SHARE = 0.33  # within which a text that returns at one place may stand


@dataclass(frozen=True, slots=True)
class Survey:
    """Sizes and distances in points."""

    body_size: float
    text_size: float = 0.0  # the largest in which much of the text is set
    heading_sizes: tuple[float, ...] = ()  # larger than the text, the largest first
    top_edges: tuple[float, ...] = ()  # distances from the top at which running heads stand
    bottom_edges: tuple[float, ...] = ()
    # Texts that return, digits as #, and where: from the top, or negative from the bottom.
    running: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    offsets: frozenset[int] = field(default_factory=frozenset)  # of page numbers from indices
    number_edges: tuple[float, ...] = ()  # where they stand, as above
    words: frozenset[str] = field(default_factory=frozenset)
    bold_tells: bool = True  # most of the text is not bold
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


def survey(pages: Sequence[Page], numbers: Sequence[int]) -> Survey:
    """Sum up sampled pages; ``numbers`` are their indices in the file."""
    sizes: Counter[float] = Counter()
    words: set[str] = set()
    for page in pages:
        was_divided = False
        for line in page.lines:
            if not line.is_mono:
                sizes[line.size] += len(line.text)
            text = line.text.lower()
            found = _WORD.findall(_CAPPED.sub(" ", text) if CAP in text else text)
            is_divided = line.text.endswith(DIVISIONS)
            # Halves of divided words are no words.
            cut = is_divided or bool(HANGUL.search(line.text))  # which is divided without a sign
            words.update(found[was_divided : -1 if cut else None])
            was_divided = cut
    if not sizes:
        sizes.update(line.size for page in pages for line in page.lines)
    if not sizes:
        return Survey(0.0, has_text=False)
    body = sizes.most_common(1)[0][0]
    larger = sorted((size for size in sizes if size > body * LARGE), reverse=True)
    much = TEXT_SHARE * sum(sizes.values())
    text_size = max([body, *(size for size, count in sizes.items() if count >= much)])
    offsets, number_edges = _page_numbers(pages, numbers)
    return Survey(
        body_size=body,
        text_size=text_size,
        heading_sizes=tuple(_merged(larger)),
        top_edges=tuple(_edges(pages, at_top=True)),
        bottom_edges=tuple(_edges(pages, at_top=False)),
        running=_returning(pages, body),
        offsets=frozenset(offsets),
        number_edges=tuple(number_edges),
        words=frozenset(words),
        bold_tells=_bold_share(pages) < 0.5,
    )


def _bold_share(pages: Sequence[Page]) -> float:
    lengths = [(line.is_bold, len(line.text)) for page in pages for line in page.lines]
    whole = sum(length for _, length in lengths)
    return sum(length for is_bold, length in lengths if is_bold) / max(whole, 1)


def _merged(sizes: Iterable[float]) -> list[float]:
    merged: list[float] = []
    for size in sizes:
        if not merged or merged[-1] - size > 0.6:
            merged.append(size)
    return merged


def folded(text: str) -> str:
    """Return a line as it returns from page to page: its numbers as #."""
    return _DIGITS.sub("#", " ".join(plain(text).split())).strip()


def number_of(text: str) -> int | None:
    """Return the number of a line that may be a page number, and nothing else."""
    found = _PAGE_NUMBER.fullmatch(plain(text).strip())
    if not found:
        return None
    return int(found[1]) if found[1].isdecimal() else _roman(found[1].lower())


def offset_of(text: str, index: int) -> int | None:
    """Return by how much a page number is larger than the page's index in the file."""
    number = number_of(text)
    return None if number is None else number - index


def _roman(text: str) -> int:
    values = [_ROMAN[letter] for letter in text]
    return sum(
        -value if any(value < later for later in values[at + 1 :][:1]) else value
        for at, value in enumerate(values)
    )


def _extremes(page: Page, share: float, *, at_top: bool) -> list[tuple[float, Line]]:
    """Return the outermost lines with their distance from the edge."""
    ordered = sorted(page.lines, key=lambda line: line.bottom, reverse=at_top)[: EDGE_LINES + 1]
    distances = [(page.height - line.bottom if at_top else line.bottom, line) for line in ordered]
    return [each for each in distances if each[0] <= share * page.height][:EDGE_LINES]


def _returning(pages: Sequence[Page], body_size: float) -> dict[str, tuple[float, ...]]:
    """Return the texts that stand at the same place at the edge of several pages."""
    seen: Counter[tuple[str, int]] = Counter()
    large: set[str] = set()
    for page in pages:
        large.update(folded(line.text) for line in page.lines if line.size > LARGE * body_size)
        edge = {
            (folded(line.text), round((distance if at_top else -distance) / NEAR_POINTS))
            for at_top in (True, False)
            for distance, line in _extremes(page, RUNNING_SHARE, at_top=at_top)
        }
        seen.update(edge)
    least = max(2, len(pages) // 12)
    found: dict[str, tuple[float, ...]] = {}
    for (text, place), count in seen.items():
        beside = seen[text, place - 1] + seen[text, place + 1]
        # Sections may well have like names, which stand at the top of two pages.
        wanted = max(4, len(pages) // 5) if text in large else least
        wanted = min(wanted, max(2, len(pages) - 1))  # on all of a few pages but the first
        if text.strip("#-–—| ") and count + beside >= wanted:
            found[text] = (*found.get(text, ()), place * NEAR_POINTS)
    return found


def _page_numbers(pages: Sequence[Page], indices: Sequence[int]) -> tuple[list[int], list[float]]:
    """Return by how much page numbers differ from indices, and where they stand."""
    offsets: Counter[int] = Counter()
    places: Counter[int] = Counter()
    for page, index in zip(pages, indices, strict=True):
        for at_top in (True, False):
            for distance, line in _extremes(page, NUMBER_SHARE, at_top=at_top):
                offset = offset_of(line.text, index)
                if offset is not None:
                    offsets[offset] += 1
                    places[round((distance if at_top else -distance) / NEAR_POINTS)] += 1
    known = [offset for offset, count in offsets.items() if count >= 2]
    if len(pages) <= FEW_PAGES and offsets[1]:  # a letter, whose first page bears no number
        known.append(1)
    edges = [at * NEAR_POINTS for at, count in places.items() if count >= max(3, len(pages) // 8)]
    return known, edges


def _pitch(page: Page) -> float:
    """Return the usual distance of a page's rows."""
    rows = sorted({round(line.bottom) for line in page.lines})
    return median([other - one for one, other in pairwise(rows)] or [0.0])


def _edges(pages: Sequence[Page], *, at_top: bool) -> list[float]:
    """Return where a lone line stands on most pages, apart from the text: a head or a foot."""
    if len(pages) < 3:
        return []
    at: dict[float, int] = defaultdict(int)
    apart: dict[float, int] = defaultdict(int)
    texts: dict[float, set[str]] = defaultdict(set)
    for page in pages:
        extremes = _extremes(page, MARGIN_SHARE, at_top=at_top)
        if not extremes:
            continue
        distance, line = extremes[0]
        key = next((known for known in at if abs(known - distance) <= NEAR_POINTS), distance)
        at[key] += 1
        texts[key].add(folded(line.text))
        others = [abs(other.bottom - line.bottom) for other in page.lines if other is not line]
        nearest = min((gap for gap in others if gap > 0.5 * line.size), default=page.height)
        # In a manuscript all lines stand far apart.
        apart[key] += nearest > max(APART * line.size, FURTHER * _pitch(page))
    # A body that begins at the same height on each page has another text there each time, and its
    # next line right below.
    return [
        key
        for key, count in at.items()
        if count >= max(2, 0.3 * len(pages))
        and (len(texts[key]) <= 0.67 * count or apart[key] >= 0.8 * count)
    ]
