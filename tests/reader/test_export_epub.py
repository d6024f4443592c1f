"""Read-along books: every word has its time, and a book that was one keeps its pages."""

from __future__ import annotations

import zipfile
from posixpath import dirname, join, normpath

import pytest
from lxml import etree

from reader.exporting.writers import KINDS
from reader.extraction.formats import markdown
from reader.extraction.formats.epub import extract_file

from .extraction.test_epub import XHTML, book, page
from .spoken_books import book_of, write

SMIL = "{http://www.w3.org/ns/SMIL}"
OPF = "{http://www.idpf.org/2007/opf}"
TEXT = """# The sea & the land

It is *blue* and **wi**de: $4.50, a 😀 and $x^2+y$ of [it](https://example.org/a?b=1&c=2).

- one
- two

| a | b |
|---|---|
| 1 | 2 |

## Its end

> said at last
"""
NAV = (
    '<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops"><head>'
    '<title>n</title></head><body><nav epub:type="toc"><ol><li><a href="one.xhtml">One</a></li>'
    '<li><a href="two.xhtml">Two</a></li></ol></nav></body></html>'
)


class Read:
    """A book that was written, by the files in it."""

    def __init__(self, path) -> None:
        self.archive = zipfile.ZipFile(path)
        (package,) = [name for name in self.archive.namelist() if name.endswith(".opf")]
        self.folder = dirname(package)
        self.package = etree.fromstring(self.archive.read(package))
        self.items = {each.get("id"): each for each in self.package.iter(f"{OPF}item")}

    def path(self, item) -> str:
        return normpath(join(self.folder, item.get("href")))

    def clips(self) -> list[tuple[str, str, float, float]]:
        """Return the words of all pages: file of sound, what is lit, from when to when."""
        found = []
        for item in self.items.values():
            if not item.get("media-overlay"):
                continue
            overlay = self.path(self.items[item.get("media-overlay")])
            root = etree.fromstring(self.archive.read(overlay))
            pages: dict[str, dict[str, str]] = {}
            for par in root.iter(f"{SMIL}par"):
                path, name = self._target(overlay, par.find(f"{SMIL}text").get("src"))
                sound = par.find(f"{SMIL}audio")
                file, _ = self._target(overlay, sound.get("src"))
                assert (path, file in self.archive.namelist()) == (self.path(item), True)
                if path not in pages:
                    pages[path] = self._texts(path)
                times = [float(sound.get(key)[:-1]) for key in ("clipBegin", "clipEnd")]
                found.append((file, pages[path][name], *times))
        return found

    def _texts(self, path: str) -> dict[str, str]:
        root = etree.fromstring(self.archive.read(path))
        return {each.get("id"): "".join(each.itertext()) for each in root.iter() if each.get("id")}

    @staticmethod
    def _target(base: str, href: str) -> tuple[str, str]:
        path, _, name = href.partition("#")
        return normpath(join(dirname(base), path)), name


@pytest.mark.parametrize("slug", ["epub", "epub-mp3"])
def test_each_word_is_lit_when_it_is_heard(tmp_path, slug):
    kind = KINDS[slug]
    spoken = book_of(markdown.extract_file(TEXT.encode()))
    write(kind, spoken, tmp_path / "book.epub")
    read = Read(tmp_path / "book.epub")
    clips = read.clips()
    words = "The sea & the land It is blue and wi $4.50, a 😀 and x2+y of it one two a b 1 2"
    lit = [text for _, text, _, _ in clips]
    assert lit == [*words.split(), "Its", "end", "said", "at", "last"]
    begun = {}
    for file, _, begin, end in clips:  # one after the other, without a gap
        assert begin == pytest.approx(begun.get(file, begin), abs=0.001)
        begun[file] = end
    cue = spoken.cues[1]
    second = [begin for _, text, begin, _ in clips if text == "It"]
    assert second == [pytest.approx(cue.at(cue.sound.marks[0][2]) / 1000, abs=0.002)]
    assert read.package.find(f".//{OPF}item[@properties='mathml']") is not None


def test_sentences_are_lit_as_far_as_they_stand_in_one_piece(tmp_path):
    spoken = book_of(markdown.extract_file((TEXT + "\nOne is here. Two is *not* there.").encode()))
    write(KINDS["epub-sentences"], spoken, tmp_path / "book.epub")
    clips = Read(tmp_path / "book.epub").clips()
    assert [text for _, text, _, _ in clips] == [
        "The sea & the land", "It is", "blue", "and", "wi", "$4.50, a 😀 and", "x2+y", "of", "it",
        "one", "two", "a", "b", "1", "2", "Its end", "said at last", "One is here.", "Two is",
        "not", "there.",
    ]  # fmt: skip
    begun = {}
    for file, _, begin, end in clips:  # one after the other, without a gap
        assert begin == pytest.approx(begun.get(file, begin), abs=0.001)
        begun[file] = end


def test_in_a_book_s_own_pages_sentences_are_lit_too(tmp_path):
    data = as_version_3(source_book(), tmp_path)
    write(KINDS["epub-sentences"], book_of(extract_file(data), data), tmp_path / "book.epub")
    lit = [text for _, text, _, _ in Read(tmp_path / "book.epub").clips()]
    assert lit == [
        "One", "The", "first", "pa", "and H", "It is", "short", "Two", "The second page is",
        "longer",
    ]  # fmt: skip


def source_book() -> bytes:
    one = page(
        "<section><h1 class='x'>One</h1><p>The <em>first</em> pa<b>ge</b>, and H<sub>2</sub>O.</p>"
        "<p>It is <span id='kept'>short</span>.</p></section>",
        '<link rel="stylesheet" href="own.css"/>',
    )
    two = page("<h1>Two</h1><p>The second page is <a href='one.xhtml#kept'>longer</a>.</p>")
    items = (
        "".join(
            f'<item id="i{at}" href="{name}" media-type="{XHTML}"/>'
            for at, name in enumerate(("one.xhtml", "two.xhtml"))
        )
        + f'<item id="nav" href="nav.xhtml" media-type="{XHTML}" properties="nav"/>'
    )
    return book(
        {"one.xhtml": one, "two.xhtml": two},
        manifest=f'{items}<item id="css" href="own.css" media-type="text/css"/>',
        more={"nav.xhtml": NAV.encode(), "own.css": b".x { color: red }"},
    )


def as_version_3(data: bytes, tmp_path) -> bytes:
    target = tmp_path / "source.epub"
    (tmp_path / "old.epub").write_bytes(data)
    with zipfile.ZipFile(tmp_path / "old.epub") as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "book.opf":
                content = content.replace(b"<package ", b'<package version="3.0" ', 1)
            new.writestr(name, content)
    return target.read_bytes()


def test_a_book_keeps_its_pages_styles_and_contents(tmp_path):
    data = as_version_3(source_book(), tmp_path)
    spoken = book_of(extract_file(data), data)
    write(KINDS["epub"], spoken, tmp_path / "book.epub")
    read = Read(tmp_path / "book.epub")
    with zipfile.ZipFile(tmp_path / "source.epub") as source:
        for name in ("nav.xhtml", "own.css", "META-INF/container.xml"):
            assert read.archive.read(name) == source.read(name)
        for name in ("one.xhtml", "two.xhtml"):
            before, after = (
                etree.fromstring(each.read(name)).find("{*}body") for each in (source, read.archive)
            )
            assert "".join(before.itertext()) == "".join(after.itertext())
            kept = [each.tag for each in before.iter()]
            assert [
                each.tag for each in after.iter() if "lectern-" not in each.get("id", "")
            ] == kept
    lit = [text for _, text, _, _ in read.clips()]
    assert lit == [
        "One", "The", "first", "pa", "and", "H", "It", "is", "short", "Two", "The", "second",
        "page", "is", "longer",
    ]  # fmt: skip


def test_an_older_book_is_written_anew(tmp_path):
    data = source_book()
    write(KINDS["epub"], book_of(extract_file(data), data), tmp_path / "book.epub")
    assert "EPUB/text/0001.xhtml" in Read(tmp_path / "book.epub").archive.namelist()
