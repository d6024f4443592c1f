"""Hard pages that no one here set, read as they were reviewed line by line.

``pages/NAME.pdf`` has three pages of a free document (``pages/README.md`` says of which), and
``pages/NAME.txt`` the blocks of the middle one, a line each: the kind, and what is shown.
"""

from pathlib import Path

import pytest

from reader.extraction import extract

PAGES = Path(__file__).parent / "pages"
# Running heads, feet and numbers of these files.
FURNITURE = ("Full Paper", "gnuplot 5.4", "4 / 2", "راهنمای استفاده از کلاس ٢")


@pytest.mark.parametrize("name", sorted(path.stem for path in PAGES.glob("*.pdf")))
def test_a_page_is_read_as_it_was_reviewed(name):
    found = [
        line_of(block) for block in extract("pdf", (PAGES / f"{name}.pdf").read_bytes()).blocks
    ]
    reviewed = (PAGES / f"{name}.txt").read_text().splitlines()
    assert reviewed[0] in found
    at = found.index(reviewed[0])
    assert found[at : at + len(reviewed)] == reviewed
    assert [line for line in found if any(head in line for head in FURNITURE)] == []


def line_of(block):
    kind = f"{block.kind}{block.level}" if block.kind == "heading" else block.kind
    return f"{kind}: {' / '.join(block.shown.splitlines())}"


def test_there_are_twelve_of_them():
    assert len(list(PAGES.glob("*.pdf"))) == len(list(PAGES.glob("*.txt"))) == 12
