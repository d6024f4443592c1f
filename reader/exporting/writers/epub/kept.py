"""A book that was an EPUB 3 already, with its own structure, pictures and styles.

Its pages stay as they are; the words that are spoken get names in them, where they stand. They are
found by their letters: those of the blocks, one after the other, are those of the pages, but for
what is not read of them.
"""

from __future__ import annotations

import io
import zipfile
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from posixpath import dirname, join, normpath
from urllib.parse import unquote

from lxml import etree

from reader.exporting.writers.book import Book, Passage
from reader.exporting.writers.epub.words import MATHML, XHTML, Word, Words
from reader.extraction.sanitise import shown_text

OPF = "http://www.idpf.org/2007/opf"
CONTAINER = "urn:oasis:names:tc:opendocument:xmlns:container"
PAGE_TYPE, SMIL_TYPE = "application/xhtml+xml", "application/smil+xml"
# No words of theirs are read, or none can be named.
UNNAMED = {f"{{{XHTML}}}{name}" for name in ("head", "script", "style", "textarea", "select", "rt")}
# So far is a short passage looked for: a single digit stands everywhere.
SHORT, NEAR = 40, 4_000
PREFIX = "lectern-"


class NotKept(Exception):
    """It cannot be kept as it is; it is written anew."""


@dataclass(slots=True)
class SourcePage:
    """A page of the source, and the times that are named in it."""

    path: str
    item: etree._Element
    tree: etree._ElementTree
    times: list[tuple[str, Passage, int]] = field(default_factory=list)


@dataclass(slots=True)
class _Text:
    """A stretch of text in a page: that of an element, or what follows it."""

    page: SourcePage
    element: etree._Element
    is_tail: bool
    letters: list[int]  # where in the stretch its letters stand
    words: list[tuple[int, int, str]] = field(default_factory=list)


class Source:
    """The book as it was brought in. Raises NotKept."""

    def __init__(self, data: bytes) -> None:
        try:
            self.archive = zipfile.ZipFile(io.BytesIO(data))
            container = self._xml("META-INF/container.xml").getroot()
            rootfile = container.find(f".//{{{CONTAINER}}}rootfile")
            self.path = rootfile.get("full-path", "") if rootfile is not None else ""
            self.package = self._xml(self.path)
        except (KeyError, zipfile.BadZipFile, etree.XMLSyntaxError, ValueError) as error:
            raise NotKept from error
        root = self.package.getroot()
        names = self.archive.namelist()
        items = list(root.iter(f"{{{OPF}}}item"))
        has_contents = any("nav" in item.get("properties", "").split() for item in items)
        if not root.get("version", "").startswith("3") or not has_contents:
            raise NotKept
        if "META-INF/encryption.xml" in names or len(names) != len(set(names)):
            raise NotKept
        self.folder = dirname(self.path)
        self._by_id = {item.get("id", ""): item for item in items}
        self.pages = [page for page in map(self._page, self._spine(root)) if page]
        self._texts = [text for page in self.pages for text in _texts(page)]
        self._starts: list[int] = []
        pieces: list[str] = []
        count = 0
        for text in self._texts:
            self._starts.append(count)
            pieces.append(_letters(_string(text)))
            count += len(text.letters)
        self._letters = "".join(pieces)

    def name_words(self, book: Book, words: Words) -> None:
        """Name the words of all passages where they stand. Raises NotKept if most are not found."""
        at = found = sought = 0
        for passage in book.passages:
            shown = shown_text(passage.html)
            letters = _letters(shown)
            if not letters:
                continue
            sought += len(letters)
            end = at + NEAR + len(letters) if len(letters) < SHORT else len(self._letters)
            begin = self._letters.find(letters, at, end)
            if begin < 0:
                continue
            at = begin + len(letters)
            found += len(letters)
            if passage.sound:
                self._name(passage, words(passage), shown, begin)
        if 10 * found < 9 * sought:
            raise NotKept
        for text in self._texts:
            _wrap(text)

    def _name(self, passage: Passage, words: Sequence[Word], shown: str, begin: int) -> None:
        assert passage.sound is not None
        units = shown.encode("utf-16-le", "replace")
        for number, word in enumerate(words):
            before = units[: 2 * word.start].decode("utf-16-le", "replace")
            inner = units[2 * word.start : 2 * word.end].decode("utf-16-le", "replace")
            first = begin + len(_letters(before))
            length = len(_letters(inner))
            if length:
                name = f"{PREFIX}b{passage.idx}w{number}"
                goes_on = number > 0 and word.goes_with(words[number - 1])
                self._mark(first, length, name, passage, word.start_ms, goes_on=goes_on)
        if not words and (length := len(_letters(shown))):
            name = f"{PREFIX}b{passage.idx}"
            self._mark(begin, length, name, passage, passage.sound.words_from_ms)

    def _mark(
        self,
        first: int,
        length: int,
        name: str,
        passage: Passage,
        ms: int,
        *,
        goes_on: bool = False,
    ) -> None:
        """Note that these letters have a name: as many of them as are in one stretch of text.

        ``goes_on``: they have that of the letters before, if these are in the same stretch.
        """
        number = bisect_right(self._starts, first) - 1
        while not self._texts[number].letters:
            number -= 1
        text = self._texts[number]
        place = first - self._starts[number]
        last = min(place + length, len(text.letters)) - 1
        holder = text.element.getparent() if text.is_tail else text.element
        formula = _formula(holder)
        if formula is not None:
            if formula.get("id") and any(formula.get("id") == each[0] for each in text.page.times):
                return
            if not formula.get("id"):
                formula.set("id", name)
            name = formula.get("id", name)
        elif not str(holder.tag).startswith(f"{{{XHTML}}}"):
            return  # a drawing
        else:
            start, end = text.letters[place], text.letters[last] + 1
            if text.words and text.words[-1][1] > start:
                return
            if goes_on and text.words and text.page.times[-1][0] == text.words[-1][2]:
                text.words[-1] = (text.words[-1][0], end, text.words[-1][2])
                return
            text.words.append((start, end, name))
        text.page.times.append((name, passage, ms))

    def _spine(self, root: etree._Element) -> Iterator[etree._Element]:
        for reference in root.iter(f"{{{OPF}}}itemref"):
            item = self._by_id.get(reference.get("idref", ""))
            if item is not None and item.get("media-type") == PAGE_TYPE:
                yield item

    def _page(self, item: etree._Element) -> SourcePage | None:
        path = self.path_of(item)
        try:
            return SourcePage(path, item, self._xml(path))
        except (KeyError, etree.XMLSyntaxError, ValueError) as error:
            raise NotKept from error

    def path_of(self, item: etree._Element) -> str:
        """Return where in the archive an item of the manifest is."""
        return normpath(join(self.folder, unquote(item.get("href", ""))))

    def sounds_of(self, overlay: str) -> set[str]:
        """Return the paths of the files of sound that an overlay names."""
        try:
            found = self._xml(overlay).getroot().iter("{*}audio")
        except (KeyError, etree.XMLSyntaxError, ValueError):
            return set()
        named = (unquote(each.get("src", "").partition("#")[0]) for each in found)
        return {normpath(join(dirname(overlay), name)) for name in named}

    def _xml(self, path: str) -> etree._ElementTree:
        parser = etree.XMLParser(
            resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False
        )
        return etree.parse(io.BytesIO(self.archive.read(path)), parser)


def _texts(page: SourcePage) -> Iterator[_Text]:
    body = page.tree.getroot().find(f"{{{XHTML}}}body")
    if body is None:
        return

    def walk(element: etree._Element) -> Iterator[_Text]:
        if isinstance(element.tag, str) and element.tag not in UNNAMED:
            yield _text(page, element, is_tail=False)
            for child in element:
                yield from walk(child)
                yield _text(page, child, is_tail=True)
        elif not isinstance(element.tag, str) and element.tag is etree.Entity:
            raise NotKept

    yield from walk(body)


def _text(page: SourcePage, element: etree._Element, *, is_tail: bool) -> _Text:
    string = (element.tail if is_tail else element.text) or ""
    letters = [at for at, letter in enumerate(string) if _counts(letter)]
    return _Text(page, element, is_tail, letters)


def _string(text: _Text) -> str:
    return (text.element.tail if text.is_tail else text.element.text) or ""


def _counts(letter: str) -> bool:
    return not letter.isspace() and letter not in "\u00ad\u200b\ufeff\u2060"


def _letters(text: str) -> str:
    return "".join(letter for letter in text if _counts(letter))


def _formula(element: etree._Element | None) -> etree._Element | None:
    """Return the formula that an element is in, or the outermost of what is no HTML."""
    found = None
    while element is not None and not str(element.tag).startswith(f"{{{XHTML}}}"):
        found = element if element.tag == f"{{{MATHML}}}math" else found
        element = element.getparent()
    return found


def _wrap(text: _Text) -> None:
    """Put elements around the words of a stretch of text."""
    if not text.words:
        return
    string = _string(text)
    holder = text.element.getparent() if text.is_tail else text.element
    assert holder is not None
    place = holder.index(text.element) + 1 if text.is_tail else 0
    first = string[: text.words[0][0]]
    if text.is_tail:
        text.element.tail = first
    else:
        text.element.text = first
    ends: Sequence[int] = [*(start for start, _, _ in text.words[1:]), len(string)]
    for (start, end, name), following in zip(text.words, ends, strict=True):
        span = etree.Element(f"{{{XHTML}}}span")
        span.set("id", name)
        span.text, span.tail = string[start:end], string[end:following]
        holder.insert(place, span)
        place += 1
