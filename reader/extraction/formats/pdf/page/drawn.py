"""Where a page has pictures: what is drawn on it that is no rule, no frame and no ground."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple

import pypdfium2 as pdfium
from pypdfium2 import raw

from .lines import PROSE, Line

LEAST_SIDE = 36.0  # points: what is thinner is a rule, smaller an ornament
GROUND = 0.7  # of a page's area: what covers more of it is behind its text, or a frame around
FULL = 4  # long lines: more than a caption has, so that the page has text for certain
MOST = 2_000  # things drawn that are looked at
_SHAPES = (
    raw.FPDF_PAGEOBJ_IMAGE, raw.FPDF_PAGEOBJ_PATH, raw.FPDF_PAGEOBJ_FORM, raw.FPDF_PAGEOBJ_SHADING
)  # fmt: skip


class Box(NamedTuple):
    left: float
    bottom: float
    right: float
    top: float

    def holds(self, line: Line) -> bool:
        """Tell whether the middle of a line stands in it."""
        across = self.left <= (line.left + line.right) / 2 <= self.right
        return across and self.bottom <= (line.bottom + line.top) / 2 <= self.top


def pictures_on(page: pdfium.PdfPage, lines: Sequence[Line]) -> tuple[Box, ...]:
    """Return where a page with little text has pictures; of one with much, nobody asks."""
    if sum(len(line.text) >= PROSE for line in lines) >= FULL:
        return ()
    return tuple(_pictures(page))


def _pictures(page: pdfium.PdfPage) -> Iterator[Box]:
    width, height = page.get_size()
    for shape in islice(page.get_objects(filter=_SHAPES, max_depth=1), MOST):
        try:
            box = Box(*shape.get_bounds())
        except pdfium.PdfiumError:
            continue
        across, up = box.right - box.left, box.top - box.bottom
        if min(across, up) >= LEAST_SIDE and across * up < GROUND * width * height:
            yield box
