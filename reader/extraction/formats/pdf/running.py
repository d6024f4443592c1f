"""Tell a page with running text from one of what is displayed: pictures, tables, listings."""

from __future__ import annotations

from collections.abc import Sequence

from .kinds import PROSE, RUNNING, Kind
from .page.drawn import Box
from .page.lines import Line


def has_running_text(lines: Sequence[Line], kinds: Sequence[Kind], pictures: Sequence[Box]) -> bool:
    """Tell whether there is more on a page than pictures, tables and listings.

    Short lines are text as well, as those of verse and of slides, unless they stand in a picture
    or go on in a caption.
    """
    amount, caption = 0, None
    for line, (kind, _, _) in zip(lines, kinds, strict=True):
        if kind == "caption" or (kind == "paragraph" and caption and _goes_on_below(caption, line)):
            caption = line
            continue
        caption = None
        if kind == "paragraph" and len(line.text) >= PROSE:
            return True
        is_running = kind in RUNNING or kind == "heading"
        if is_running and not any(picture.holds(line) for picture in pictures):
            amount += len(line.text)
    return amount >= PROSE


def _goes_on_below(one: Line, other: Line) -> bool:
    """Tell whether a line stands right below another one, in type of its size."""
    drop = (one.bottom - other.bottom) / one.size
    return abs(one.size - other.size) < 0.1 * one.size and 0.8 < drop < 1.5
