"""A table as it is read out: row by row, each cell after the head of its column."""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser

from .text import Edit

ENDED = (".", "!", "?", "…", ":", ";", ",")


def rows_said(html: str, shown: str) -> Iterator[Edit]:
    """Yield the edits that put heads before cells, and pauses between them."""
    reader = _Cells()
    reader.feed(html)
    reader.close()
    heads: list[str] = []
    cells = reader.rows
    if len(cells) > 1 and all(is_head for _, _, is_head in cells[0]):
        heads = [" ".join(shown[start:end].split()) for start, end, _ in cells[0]]
    for number, row in enumerate(cells):
        for column, (start, end, _) in enumerate(row):
            text = shown[start:end].rstrip()
            if not text.strip():
                continue
            first = start + len(shown[start:end]) - len(shown[start:end].lstrip())
            if number and column < len(heads) and heads[column] and column:
                yield Edit(first, first, f"{heads[column]}: ", "")
            is_last = not any(shown[a:b].strip() for a, b, _ in row[column + 1 :])
            if not text.endswith(ENDED):
                yield Edit(start + len(text), start + len(text), "." if is_last else ",", "")


class _Cells(HTMLParser):
    """Finds where each cell's text stands: start, end, whether it is a head."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.rows: list[list[tuple[int, int, bool]]] = []
        self._at = 0
        self._cell: tuple[int, bool] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "tr":
            self.rows.append([])
        elif tag in {"td", "th"}:
            self._cell = (self._at, tag == "th")

    def handle_endtag(self, tag: str) -> None:
        if tag in {"td", "th"} and self._cell and self.rows:
            start, is_head = self._cell
            self.rows[-1].append((start, self._at, is_head))
            self._cell = None

    def handle_data(self, data: str) -> None:
        self._at += len(data)
