"""A text file may come in any of the usual encodings; what is no text is told so."""

from __future__ import annotations

import codecs
import io
import random
import zipfile

import pytest

from reader.extraction import ExtractionError, decode, kind_of
from reader.extraction.plain.decoding import clean

WESTERN = "Über den Wolken – “café”, naïve, 5 €.\nZweite Zeile.\n"
TEXTS = [
    WESTERN,
    "Привет, мир! Как дела?\n",
    "日本語の文章です。二つ目。\n",
    "مرحبا بالعالم\n",
    "A 😀 b\n",
]


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_unicode_is_read_by_its_mark(text: str, encoding: str):
    assert decode(text.encode(encoding)) == text


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [(codecs.BOM_UTF16_BE, "utf-16-be"), (codecs.BOM_UTF32_BE, "utf-32-be")],
)
def test_big_endian_is_read_by_its_mark(mark: bytes, encoding: str):
    assert decode(mark + WESTERN.encode(encoding)) == WESTERN


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_is_read_without_a_mark(text: str, encoding: str):
    assert decode((text * 5).encode(encoding)) == text * 5


def test_western_8_bit_text_is_read():
    assert decode("Über den Café\n".encode("latin-1")) == "Über den Café\n"
    assert decode(WESTERN.encode("cp1252")) == WESTERN


def test_a_cut_off_letter_does_not_make_utf_8_another_encoding():
    assert (
        decode(("日本語の文章です。" * 10).encode()[:-1])
        == ("日本語の文章です。" * 10)[:-1] + "\ufffd"
    )


def test_line_ends_are_made_one_and_controls_dropped():
    assert decode(b"one\r\ntwo\rthree\x00\x07\x0cfour") == "one\ntwo\nthree\nfour"
    assert clean("a\u2028b\u2029c\x85d\ufeff") == "a\nb\n\nc\nd\ufeff"


def test_halves_of_surrogate_pairs_are_joined_or_replaced():
    assert clean("\ud83d\ude00 \ud83d x") == "😀 \ufffd x"


def test_an_empty_file_is_empty_text():
    assert decode(b"") == ""


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3", "a PDF document"),
        (b"PK\x03\x04\x14\x00", "a ZIP archive"),
        (b"\x89PNG\r\n\x1a\n\x00", "a picture"),
        (b"\x7fELF\x02\x01\x01\x00", "a program"),
        (bytes(range(256)) * 40, "not text"),
        (random.Random(1).randbytes(20_000), "not text"),
        (b"\x00" * 1_000, "not text"),
        ("Привет, мир! Как дела?".encode("koi8-r"), "encoding"),
        ("日本語の文章です。".encode("shift-jis"), "encoding"),
    ],
)
def test_what_is_not_text_is_told_so(data: bytes, words: str):
    with pytest.raises(ExtractionError, match=words):
        decode(data)


def zipped(*names: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return file.getvalue()


@pytest.mark.parametrize(
    ("name", "data", "kind"),
    [
        ("My Book.TXT", b"Words.", "text"), ("notes", b"Words.", "text"),
        ("page.htm", b"Words.", "html"), ("page.txt", b"<!DOCTYPE html><p>", "html"),
        ("x.md", b"# Words", "markdown"), ("x.txt", b"\n%PDF-1.7", "pdf"),
        ("x.zip", zipped("META-INF/container.xml"), "epub"),
        ("x.bin", zipped("word/document.xml"), "docx"),
        ("x.log", b"Words.", "text"),
    ],
)  # fmt: skip
def test_a_file_is_known_by_what_is_in_it_and_else_by_its_name(name, data, kind):
    assert kind_of(name, data) == kind


@pytest.mark.parametrize(
    ("name", "data", "told"),
    [
        ("book.xyz", b"Words.", r"What can be read: PDF, EPUB, Word"),
        ("book.pdf", b"Words.", r"named \.pdf, and is none"),
        ("book.epub", b"Words.", r"named \.epub, and is none"),
        ("x.zip", zipped("a.txt"), r"neither an EPUB book nor a Word document"),
        ("x.epub", b"PK\x03\x04", r"damaged or cut off"),
        ("x.png", b"\x89PNG\r\n\x1a\n", r"looks like a picture"),
    ],
)  # fmt: skip
def test_what_is_not_read_is_told(name, data, told):
    with pytest.raises(ExtractionError, match=told):
        kind_of(name, data)
