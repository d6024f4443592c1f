"""Real books: where one comes in several formats, they are each other's oracle."""

import re
import subprocess
import tempfile
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from reader.extraction import BlockDraft, Extracted, extract, kind_of

from .material import file

REFERENCE = "usr/share/developers-reference/developers-reference"
HISTORY = "usr/share/doc/debian-history/docs/project-history"
OCTAVE = "usr/share/doc/octave/octave.pdf"


@cache
def book(package: str, path: str) -> tuple[Extracted, list[BlockDraft]]:
    found = file(package, path)
    data = found.read_bytes()
    extracted = extract(kind_of(found.name, data), data)
    return extracted, list(extracted.blocks)


def words(blocks: list[BlockDraft]) -> list[str]:
    """Return the running words: notes stand elsewhere in each format, addresses only in some."""
    text = "\n".join(
        block.shown for block in blocks if 'data-role="note"' not in block.html.partition(">")[0]
    )
    return re.findall(r"\w+", re.sub(r"https?://\S+", " ", text.lower().replace("’", "'")))


def f1(one: list[str], other: list[str]) -> float:
    """Return how well two sequences of words agree, in order."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / name for name in ("one", "other")]
        for path, sequence in zip(paths, (one, other), strict=True):
            path.write_text("".join(f"{word}\n" for word in sequence))
        told = subprocess.run(["diff", "-d", *paths], capture_output=True, text=True).stdout
    missing = len(re.findall(r"^<", told, re.MULTILINE))
    return 2 * (len(one) - missing) / (len(one) + len(other))


def headings(blocks: list[BlockDraft], offset: int = 0) -> Counter:
    return Counter(
        (
            re.sub(r"[\W_]+", "", re.sub(r"^(?:\d+\.)*\d*\.?\s*", "", block.shown)).lower(),
            block.level + offset,
        )
        for block in blocks
        if block.kind == "heading"
    )


def test_a_pdf_has_the_words_and_headings_of_the_same_book_as_epub():
    _, pdf = book("developers-reference", f"{REFERENCE}.pdf")
    _, epub = book("developers-reference", f"{REFERENCE}.epub")
    assert f1(words(pdf), words(epub)) >= 0.98
    known = headings(epub)
    assert sum((headings(pdf) & known).values()) >= 0.95 * sum(known.values())


@pytest.mark.parametrize(
    ("language", "least"),
    [("en", 0.98), ("de", 0.98), ("fr", 0.98), ("ru", 0.98), ("ja", 0.98), ("es", 0.98)],
)
def test_five_languages_and_three_scripts(language, least):
    extracted, pdf = book("debian-history", f"{HISTORY}.{language}.pdf")
    _, epub = book("debian-history", f"{HISTORY}.{language}.epub")
    assert extracted.language == language
    assert f1(words(pdf), words(epub)) >= least
    # The EPUB counts the book's own title as the first level, the PDF does not.
    known = headings([block for block in epub if block.part > 1], -1)
    assert sum((headings(pdf) & known).values()) >= 0.8 * sum(known.values())


@pytest.mark.parametrize(
    ("package", "path", "running"),
    [
        ("developers-reference", f"{REFERENCE}.pdf", r"Debian Developer.s Reference, Release|"
         r"^Chapter \d+\. .* \d+$|^\d+ Chapter \d+\."),
        ("debian-history", f"{HISTORY}.de.pdf", r"Kurze Geschichte von Debian \d+ / \d+"),
        ("octave-doc", OCTAVE, r"^\d+ GNU Octave|^Chapter \d+: .* \d+$"),
    ],
)  # fmt: skip
def test_no_running_head_or_page_number_is_among_the_blocks(package, path, running):
    _, blocks = book(package, path)
    assert not [block.shown for block in blocks if re.search(running, block.shown)][:5]
    # Some numbers do stand alone, in matrices and on axes.
    alone = [block.shown for block in blocks if re.fullmatch(r"\s*\d{1,4}\s*", block.shown)]
    assert len(alone) <= 0.01 * len(blocks)


def test_a_book_of_over_a_thousand_pages_comes_in_whole():
    extracted, blocks = book("octave-doc", OCTAVE)
    assert extracted.parts == 1158
    assert blocks[-1].part == 1158
    assert [block.part for block in blocks] == sorted(block.part for block in blocks)
    assert len(extracted.outline) > 500
    anchors = {anchor for block in blocks for anchor in block.anchors}
    found = sum(entry.anchor in anchors for entry in extracted.outline)
    assert found >= 0.95 * len(extracted.outline)


def test_a_book_says_its_title_author_language_and_outline():
    extracted, blocks = book("developers-reference", f"{REFERENCE}.epub")
    assert extracted.title == "developers-reference"
    assert extracted.author == "Developer's Reference Team"
    assert (extracted.language, extracted.unit, extracted.parts) == ("en", "chapters", 11)
    anchors = {anchor for block in blocks for anchor in block.anchors}
    named = [entry for entry in extracted.outline if entry.anchor in anchors]
    assert len(named) >= 0.95 * len(extracted.outline) - 2
    assert not any("<a>" in block.html for block in blocks)


@pytest.mark.parametrize("language", ["ja", "pl", "fr", "es", "ca", "ro"])
def test_an_epub_in_another_language_is_read_in_its_order(language):
    path = f"usr/share/doc/live-manual/epub/live-manual.{language}.epub"
    extracted, blocks = book("live-manual-epub", path)
    assert extracted.language.startswith(language)
    assert len(blocks) > 500
    assert len([block for block in blocks if block.kind == "heading"]) > 40
    assert [block.part for block in blocks] == sorted(block.part for block in blocks)


def test_pages_of_the_web_are_read_without_what_surrounds_them():
    folder = file("developers-reference", "usr/share/developers-reference")
    page = (folder / "pkgs.html").read_bytes()
    extracted = extract("html", page)
    shown = "\n".join(block.shown for block in extracted.blocks)
    assert "Managing Packages" in extracted.title
    for surrounding in ("Quick search", "Previous", "Show Source", "Created using", "Navigation"):
        assert surrounding not in shown
    _, epub = book("developers-reference", f"{REFERENCE}.epub")
    chapter = [block for block in epub if any(a.startswith("pkgs") for a in block.anchors)]
    assert len(words(list(extract("html", page).blocks))) > 5_000
    assert chapter


def test_the_notes_of_a_pdf_stand_after_the_sentence_that_they_belong_to():
    _, blocks = book("maint-guide", "usr/share/doc/maint-guide/maint-guide.en.pdf")
    notes = [block for block in blocks if block.html.startswith('<p data-role="note">')]
    assert len(notes) > 30
    # What is raised is set small in some of its fonts, and a sign of its own in others.
    marked = [block for block in blocks
              if re.search(r'<sup data-role="note">\d|\w[.,)]?[⁴-⁹]', block.html)]  # fmt: skip
    assert len(marked) > 20


def test_divided_words_are_put_together():
    _, blocks = book("debian-history", f"{HISTORY}.de.pdf")
    _, epub = book("debian-history", f"{HISTORY}.de.epub")
    known = {word for word in words(epub) if "-" not in word} - {"multiarch"}
    text = " ".join(block.shown for block in blocks)
    apart = [word for word in re.findall(r"[a-zäöü]{3,}-[a-zäöü]{3,}", text)
             if word.replace("-", "") in known]  # fmt: skip
    assert apart == []


def test_a_page_in_columns_is_read_column_by_column():
    _, blocks = book("octave-doc", "usr/share/doc/octave/refcard-a4.pdf")
    titles = [block.shown for block in blocks if block.kind == "heading"]
    order = [
        "Starting Octave", "Getting Help", "Motion in Info", "Killing and Yanking",
        "Shell Commands", "Matrices", "Multi-dimensional Arrays", "Sparse Matrices",
    ]  # fmt: skip
    found = [titles.index(title) for title in order]
    assert found == sorted(found)
