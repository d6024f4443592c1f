"""Hard pages of real PDFs, whose blocks were reviewed line by line beside a picture of the page.

``golden/NAME.txt`` says in its first line where the page comes from: package, path, number of the
page. Then comes a line for each of its blocks, one after the other as they are read: the kind, and
what is shown. ``make bench-pdf`` compares them, and ``python -m tests.bench.golden_pages`` alone.
"""

from __future__ import annotations

import sys
from difflib import unified_diff
from functools import cache
from pathlib import Path
from typing import NamedTuple

from reader.extraction import BlockDraft, extract
from tests.reader.extraction.material import file

FOLDER = Path(__file__).parent / "golden"


class Golden(NamedTuple):
    name: str
    package: str
    path: str
    page: int  # from 1
    reviewed: list[str]


def main() -> int:
    """Print what is read otherwise than reviewed; return how many pages are."""
    pages = [golden(path) for path in sorted(FOLDER.glob("*.txt"))]
    others = 0
    for page in pages:
        now = today(page)
        if now != page.reviewed:
            others += 1
            print(*unified_diff(page.reviewed, now, page.name, "today", "", "", 0, ""), sep="\n")
    print(f"golden pages: {len(pages) - others} of {len(pages)} as reviewed")
    return others


def golden(path: Path) -> Golden:
    source, *reviewed = path.read_text().splitlines()
    package, name, page = source.split(" ")
    return Golden(path.stem, package, name, int(page), reviewed)


def today(page: Golden) -> list[str]:
    """Return what is read of a page today, from where its reviewed blocks begin."""
    # What waits for the end of its sentence comes with the next page.
    near = range(page.page, page.page + 2)
    lines = [line_of(block) for block in blocks_of(page.package, page.path) if block.part in near]
    at = lines.index(page.reviewed[0]) if page.reviewed[0] in lines else 0
    return lines[at : at + len(page.reviewed)]


@cache
def blocks_of(package: str, path: str) -> list[BlockDraft]:
    return list(extract("pdf", file(package, path).read_bytes()).blocks)


def line_of(block: BlockDraft) -> str:
    kind = f"{block.kind}{block.level}" if block.kind == "heading" else block.kind
    return f"{kind}: {' / '.join(block.shown.splitlines())}"


if __name__ == "__main__":
    sys.exit(main())
