"""Small files, and what is heard of each at the usual level: each stands for a kind of fault.

The tables in ``cases/`` name a file and what must be true of it:

- ``says``: phrases that stand, in this order, in what is spoken; `` | `` parts phrases of which one
  does.
- ``never``: phrases that stand nowhere in it.
- ``title``: the document's title; ``kinds``: its blocks' kinds; ``blocks``: what each block says.

What is spoken is the text of all blocks, joined by one space. A file that is not there is made of
what its row tells: its ``source`` (in an ``encoding``), the ``body`` of a Word document, the
``files`` of an EPUB.
"""

import io
import json
import zipfile
from pathlib import Path

import pytest

from reader.extraction import extract, kind_of
from reader.spoken import speak

CASES = Path(__file__).parent / "cases"
EXPECTATIONS = {"says", "never", "title", "kinds", "blocks"}
SOURCES = {"source", "encoding", "body", "files"}
OFFICE = "http://schemas.openxmlformats.org/"
NAMESPACES = {
    "w": f"{OFFICE}wordprocessingml/2006/main",
    "m": f"{OFFICE}officeDocument/2006/math",
    "mc": f"{OFFICE}markup-compatibility/2006",
    "wp": f"{OFFICE}drawingml/2006/wordprocessingDrawing",
    "wps": "http://schemas.microsoft.com/office/word/2010/wordprocessingShape",
    "a": f"{OFFICE}drawingml/2006/main",
    "v": "urn:schemas-microsoft-com:vml",
}
MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
TABLES = {path.name: json.loads(path.read_text()) for path in sorted(CASES.glob("*.json"))}
ROWS = [(name, expected) for table in TABLES.values() for name, expected in table.items()]


@pytest.mark.parametrize(("name", "expected"), ROWS, ids=[name for name, _ in ROWS])
def test_what_is_heard_is_what_was_written(name, expected):
    assert set(expected) & EXPECTATIONS
    assert set(expected) <= EXPECTATIONS | SOURCES
    extracted, kinds, blocks = heard(name, made(name, expected))
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


def made(name, row):
    """Return a file's data."""
    if "source" in row:
        return row["source"].encode(row.get("encoding", "utf-8"))
    if "body" in row:
        return archive(word(row["body"]))
    if "files" in row:
        return archive({"mimetype": "application/epub+zip", **row["files"]})
    return (CASES / name).read_bytes()


def word(body):
    names = " ".join(f"xmlns:{prefix}='{uri}'" for prefix, uri in NAMESPACES.items())
    document = f"{OFFICE}officeDocument/2006/relationships/officeDocument"
    return {
        "[Content_Types].xml": f"<Types xmlns='{OFFICE}package/2006/content-types'>"
        "<Default Extension='xml' ContentType='application/xml'/><Default Extension='rels' "
        "ContentType='application/vnd.openxmlformats-package.relationships+xml'/>"
        f"<Override PartName='/word/document.xml' ContentType='{MAIN}'/></Types>",
        "_rels/.rels": f"<Relationships xmlns='{OFFICE}package/2006/relationships'>"
        f"<Relationship Id='r1' Type='{document}' Target='word/document.xml'/></Relationships>",
        "word/document.xml": f"<w:document {names}><w:body>{body}</w:body></w:document>",
    }


def archive(files):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as made:
        for name, content in files.items():
            made.writestr(name, content)
    return data.getvalue()


def heard(name, data):
    """Return a file's document, its blocks' kinds, and what each of them says."""
    extracted = extract(kind_of(name, data), data)
    blocks = list(extracted.blocks)
    said = [
        speak(
            block.kind, block.html, block.shown, language=block.language or extracted.language
        ).text
        for block in blocks
    ]
    return extracted, [block.kind for block in blocks], said
