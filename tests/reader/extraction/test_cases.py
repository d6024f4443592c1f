"""Small files, and what is heard of each at the usual level: each stands for a kind of fault.

The tables in ``cases/`` name a file and what must be true of it:

- ``says``: phrases that stand, in this order, in what is spoken; `` | `` parts phrases of which one
  does.
- ``never``: phrases that stand nowhere in it.
- ``title``: the document's title; ``kinds``: its blocks' kinds; ``blocks``: what each block says.

What is spoken is the text of all blocks, joined by one space.
"""

import json
from pathlib import Path

import pytest

from reader.extraction import extract, kind_of
from reader.spoken import speak

CASES = Path(__file__).parent / "cases"
EXPECTATIONS = {"says", "never", "title", "kinds", "blocks"}
TABLES = {path.name: json.loads(path.read_text()) for path in sorted(CASES.glob("*.json"))}
ROWS = [(name, expected) for table in TABLES.values() for name, expected in table.items()]


@pytest.mark.parametrize(("name", "expected"), ROWS, ids=[name for name, _ in ROWS])
def test_what_is_heard_is_what_was_written(name, expected):
    assert expected
    assert set(expected) <= EXPECTATIONS
    extracted, kinds, blocks = heard(CASES / name)
    spoken = " ".join(filter(None, blocks))
    at = 0
    for phrases in expected.get("says", ()):
        found = [(spoken.find(phrase, at), phrase) for phrase in phrases.split(" | ")]
        found = [(place, phrase) for place, phrase in found if place >= 0]
        assert found, f"{phrases!r} is not said, or not there: {spoken[at:]!r}"
        place, phrase = min(found)
        at = place + len(phrase)
    assert [phrase for phrase in expected.get("never", ()) if phrase in spoken] == []
    if "title" in expected:
        assert extracted.title == expected["title"]
    if "kinds" in expected:
        assert kinds == expected["kinds"]
    if "blocks" in expected:
        assert blocks == expected["blocks"]


def test_no_case_stands_in_two_tables():
    names = [name for name, _ in ROWS]
    assert sorted(names) == sorted(set(names))


def heard(path):
    """Return a file's document, its blocks' kinds, and what each of them says."""
    data = path.read_bytes()
    extracted = extract(kind_of(path.name, data), data)
    blocks = list(extracted.blocks)
    said = [
        speak(
            block.kind, block.html, block.shown, language=block.language or extracted.language
        ).text
        for block in blocks
    ]
    return extracted, [block.kind for block in blocks], said
