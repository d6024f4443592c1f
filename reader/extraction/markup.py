"""A tree of HTML elements -> block drafts: what HTML, EPUB, Markdown and Word documents share."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Set
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import quote, unquote

from lxml import etree

from reader.extraction.drafts import BlockDraft, ExtractionError, Picture
from reader.extraction.inline import Run, Tag, cut, fold, markup, spaces, text_of
from reader.extraction.pictures import ORNAMENT_BYTES, Pictures
from reader.extraction.sanitise import draft
from reader.extraction.segmentation import LONGEST, unit_ranges

MAX_DEPTH = 200  # elements in elements
MAX_BLOCKS = 200_000
TABLE_CHARACTERS = 600  # of a table that stays one block
LONGEST_CELL = 2_000
MOST_IN_FIGURE = 3  # pictures

INLINE = {
    *("a", "em", "strong", "b", "i", "u", "s", "del", "ins", "mark", "small", "sub", "sup"),
    *("q", "cite", "abbr", "dfn", "kbd", "samp", "var", "code", "span", "bdi", "bdo"),
    *("ruby", "rb", "rt", "rp"),
}
# Inline elements that say nothing themselves: what is in them counts.
TRANSPARENT = {"font", "tt", "big", "strike", "acronym", "time", "data", "label", "nobr", "wbr"}
UNSHOWN = {
    *("script", "style", "template", "noscript", "iframe", "object", "embed", "svg", "canvas"),
    *("head", "title", "meta", "link", "form", "input", "button", "select", "textarea", "option"),
    *("audio", "video", "map", "area", "param", "source", "track", "dialog", "nav", "rp"),
}
# What may be in an inline element without making it a container of blocks.
WITHIN_TEXT = INLINE | TRANSPARENT | UNSHOWN | {"br", "img", ""}
HEADINGS = {f"h{level}": level for level in range(1, 7)}
HIDING = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|opacity\s*:\s*0(?:\.0*)?\s*(?:;|$)"
    r"|font-size\s*:\s*0(?:[a-z%]*)\s*(?:;|$)",
    re.IGNORECASE,
)
CODE_TAGS = {"code", "kbd", "samp", "tt", "var"}
NOTE_REFERENCE = {"noteref", "doc-noteref"}
NOTE = {"footnote", "footnotes", "endnote", "endnotes", "rearnote", "rearnotes", "note",
        "doc-footnote", "doc-endnote", "doc-endnotes"}  # fmt: skip
PAGE_BREAK = {"pagebreak", "doc-pagebreak"}
EPUB_TYPE = "{http://www.idpf.org/2007/ops}type"
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
NO_TYPES: Set[str] = frozenset()
NUMBERINGS = {"1", "a", "A", "i", "I"}


class Place(NamedTuple):
    """Where in the tree a block stands."""

    language: str = ""
    depth: int = 0  # of lists
    quoted: int = 0
    role: str = ""
    marker: tuple[str, int] | None = None  # of a list item: its type ("" for a bullet), its number
    nesting: int = 0


def own_anchor(href: str) -> str:
    """Return the anchor that a link within one page leads to; empty for any other link."""
    return unquote(href[1:]) if href.startswith("#") else ""


def blocks_of(
    body: etree._Element,
    language: str,
    pictures: Pictures | None = None,
    anchor_of: Callable[[str], str] = own_anchor,
) -> Iterator[BlockDraft]:
    """Yield the blocks of an element in reading order. Raises ExtractionError when too deep.

    ``pictures``: where those come from that its images name; without it none is shown.
    ``anchor_of``: the anchor, as the blocks have it, of a link that leads into the document.
    """
    walker = _Walker(language, pictures or Pictures(lambda _: None), anchor_of)
    for count, block in enumerate(walker.walk(body, Place())):
        if count >= MAX_BLOCKS:
            raise ExtractionError("This document has too many parts to be read here.")
        yield block


def name_of(element: etree._Element) -> str:
    """Return an element's name without namespace, in lower case; empty for comments and such."""
    return _name(element.tag)


@lru_cache(1024)
def _name(tag: object) -> str:
    return tag.rpartition("}")[2].lower() if isinstance(tag, str) else ""


class _Walker:
    def __init__(self, language: str, pictures: Pictures, anchor_of: Callable[[str], str]) -> None:
        self._language = language
        self._pictures = pictures
        self._anchor_of = anchor_of
        self._anchors: list[str] = []  # of what was passed since the last block

    def walk(self, element: etree._Element, place: Place) -> Iterator[BlockDraft]:
        """Yield what is in a container: blocks, and the running text between them."""
        if place.nesting > MAX_DEPTH:
            raise ExtractionError("This document is nested too deeply to be read here.")
        self._pass(element)
        place = _within(element, place)._replace(nesting=place.nesting + 1)
        running: list[Run] = []
        if (text := element.text) and not text.isspace():
            running.append(Run(spaces(text)))
        counter = _number(element.get("start"), 1)
        for child in element:
            name = name_of(child)
            if name and not _is_hidden(child, name):
                if name == "br":
                    running.append(Run("\n"))
                elif self._is_inline(child, name):
                    running += self._runs(child, (), place.nesting)
                else:
                    if running:
                        yield from self._paragraph(running, place)
                        running = []
                    if name == "li":
                        number = _number(child.get("value"), counter)
                        inner = place._replace(marker=(_numbering(element), number))
                        counter = number + 1
                        yield from self._block(child, name, inner)
                    else:
                        yield from self._block(child, name, place)
            if (text := child.tail) and (running or not text.isspace()):
                running.append(Run(spaces(text)))
        yield from self._paragraph(running, place)

    def _block(self, element: etree._Element, name: str, place: Place) -> Iterable[BlockDraft]:
        if name in HEADINGS:
            return self._heading(element, HEADINGS[name], _within(element, place))
        if name in {"ul", "ol", "menu", "dir"}:
            return self.walk(element, place._replace(depth=place.depth + 1, marker=None))
        if name == "blockquote":
            return self.walk(element, place._replace(quoted=place.quoted + 1))
        if name in {"pre", "listing", "xmp"}:
            return self._code(element, _within(element, place))
        if name == "table":
            return self._table(element, _within(element, place))
        if name == "figure":
            return self._figure(element, _within(element, place))
        if name == "img":
            return self._image(element, _within(element, place))
        if name == "math":
            self._pass(element)
            return self._paragraph(self._runs(element, (), place.nesting), place)
        if name == "hr":
            self._pass(element)
            return ()
        return self.walk(element, place)

    # --- running text ---

    def _is_inline(self, element: etree._Element, name: str) -> bool:
        """Tell whether an element is part of the running text: inline, with no block in it."""
        if name == "math":
            return bool(element.get("display") != "block")
        if name not in INLINE and name not in TRANSPARENT and name != "img":
            return False
        if name == "img":
            return _is_within_text(element)
        return not any(
            name_of(inner) not in WITHIN_TEXT and not _in_math(inner)
            for inner in element.iterdescendants()
        )

    def _runs(self, element: etree._Element, tags: tuple[Tag, ...], nesting: int) -> list[Run]:
        """Return the running text of an inline element."""
        if nesting > MAX_DEPTH:
            raise ExtractionError("This document is nested too deeply to be read here.")
        self._pass(element)
        name = name_of(element)
        if name == "math":
            return [Run(_said_of_math(element), (*tags, ("span", (("data-role", "math"),))))]
        if name == "img":
            return [Run(spaces(element.get("alt") or ""), tags)]
        if _types(element) & PAGE_BREAK:
            return []
        if name in INLINE:
            attributes = self._attributes(element, name)
            if attributes or name not in {"a", "span"}:
                tags = (*tags, (name, attributes))
        runs = [Run(spaces(text), tags)] if (text := element.text) else []
        for child in element:
            inner = name_of(child)
            if inner == "br":
                runs.append(Run("\n", tags))
            elif inner and not _is_hidden(child, inner):
                runs += self._runs(child, tags, nesting + 1)
            if text := child.tail:
                runs.append(Run(spaces(text), tags))
        return runs

    def _attributes(self, element: etree._Element, name: str) -> tuple[tuple[str, str], ...]:
        attributes = []
        href = (element.get("href") or "").strip()
        if name == "a" and href.lower().startswith(("http://", "https://", "mailto:")):
            attributes.append(("href", href))
        elif name == "a" and href and (anchor := self._anchor_of(href)):
            attributes.append(("href", f"block:{quote(anchor, safe='')}"))
        if language := element.get("lang") or element.get(XML_LANG):
            attributes.append(("lang", language))
        if role := _role(element, name):
            attributes.append(("data-role", role))
        return tuple(attributes)

    def _inner_runs(self, element: etree._Element, place: Place) -> list[Run]:
        """Return all running text in an element, whatever blocks it is in."""
        self._pass(element)
        runs = [Run(spaces(text))] if (text := element.text) else []
        for child in element:
            name = name_of(child)
            if name == "br":
                runs.append(Run("\n"))
            elif name and not _is_hidden(child, name):
                if self._is_inline(child, name):
                    runs += self._runs(child, (), place.nesting)
                else:
                    inner = place._replace(nesting=place.nesting + 1)
                    if inner.nesting > MAX_DEPTH:
                        raise ExtractionError("This document is nested too deeply to be read here.")
                    runs += [Run(" "), *self._inner_runs(child, inner), Run(" ")]
            if text := child.tail:
                runs.append(Run(spaces(text)))
        return runs

    def _paragraph(self, running: list[Run], place: Place) -> list[BlockDraft]:
        if not _says_something(running):
            return []
        runs = fold(running)
        language = place.language or self._language
        return [
            self._draft(*_dressed(markup(piece), place, continued=number > 0), place)
            for number, piece in enumerate(cut(runs, unit_ranges(text_of(runs), language)))
        ]

    def _heading(self, element: etree._Element, level: int, place: Place) -> list[BlockDraft]:
        runs = fold(self._inner_runs(element, place))
        if not _says_something(runs):
            return []
        # The page's own title is the h1.
        tag = f"h{min(level + 1, 6)}"
        html = f"<{tag}>{markup(runs)}</{tag}>"
        return [self._draft("heading", html, level, place)]

    # --- what is no running text ---

    def _code(self, element: etree._Element, place: Place) -> Iterator[BlockDraft]:
        self._pass(element)
        text = "".join(element.itertext()).replace("\r\n", "\n").strip("\n")
        for piece in code_pieces(text):
            html = markup([Run(piece)]).replace("<br>\n", "\n")
            yield self._draft("code", f"<pre><code>{html}</code></pre>", 0, place)

    def _figure(self, element: etree._Element, place: Place) -> Iterator[BlockDraft]:
        if any(name_of(inner) in {"table", "pre", "p", "ul", "ol"} for inner in element.iter()):
            images = [inner for inner in element.iter() if name_of(inner) == "img"]
            if not images:  # a table or a listing with a caption
                yield from self.walk(element, place)
                return
        self._pass(element)
        images = [inner for inner in element.iter() if name_of(inner) == "img"]
        alts = [spaces(inner.get("alt") or "").strip() for inner in images]
        captions = [inner for inner in element.iter() if name_of(inner) == "figcaption"]
        caption = fold([run for each in captions for run in self._inner_runs(each, place)])
        sources = [inner.get("src") or "" for inner in images]
        yield from self._picture(" ".join(filter(None, alts)), caption, sources, place)

    def _image(self, element: etree._Element, place: Place) -> Iterator[BlockDraft]:
        self._pass(element)
        alt = spaces(element.get("alt") or "").strip()
        yield from self._picture(alt, [], [element.get("src") or ""], place)

    def _picture(
        self, alt: str, caption: list[Run], sources: list[str], place: Place
    ) -> Iterator[BlockDraft]:
        if alt == text_of(caption):
            alt = ""
        found = [
            picture
            for source in sources[:MOST_IN_FIGURE]
            if (picture := self._pictures.find(source))
        ]
        if not alt and not caption:
            found = [picture for picture in found if len(picture.data) >= ORNAMENT_BYTES]
        # What a picture shows is said below it: for who listens, and for who does not see it.
        pieces = [f'<img src="picture:{picture.name}" alt="">' for picture in found]
        pieces += [f"<p>{markup([Run(alt)])}</p>"] if alt else []
        if caption:
            space = " " if alt else ""
            pieces.append(f"{space}<figcaption>{markup(caption)}</figcaption>")
        if pieces:
            html = f"<figure>{''.join(pieces)}</figure>"
            yield self._draft("figure", html, 0, place, tuple(found))

    def _table(self, element: etree._Element, place: Place) -> Iterator[BlockDraft]:
        if _is_layout(element):
            yield from self.walk(element, place)
            return
        self._pass(element)
        rows = [inner for inner in element.iter() if name_of(inner) == "tr"]
        rows = [row for row in rows if next(_tables_around(row)) is element]
        captions = [inner for inner in element if name_of(inner) == "caption"]
        yield from self._paragraph(
            [run for each in captions for run in self._inner_runs(each, place)], place
        )
        head = 1 if rows and all(name_of(cell) == "th" for cell in _cells(rows[0])) else 0
        written = [(self._row(row, place)) for row in rows]
        written = [row for row in written if row]
        top = written[:head]
        chunk: list[str] = []
        for row in written[head:] or [""]:
            if chunk and sum(map(len, chunk)) + len(row) > 2 * TABLE_CHARACTERS:
                yield self._written_table(top, chunk, place)
                chunk = []
            chunk.append(row)
        if any(chunk) or top:
            yield self._written_table(top, chunk, place)

    def _row(self, row: etree._Element, place: Place) -> str:
        cells = []
        for cell in _cells(row):
            runs = fold(self._inner_runs(cell, place))
            runs = cut(runs, [(0, LONGEST_CELL)])[0] if runs else []
            name = name_of(cell)
            spans = "".join(
                f' {key}="{value}"'
                for key in ("colspan", "rowspan")
                if (value := cell.get(key, "")).isdecimal() and len(value) < 4
            )
            cells.append(f"<{name}{spans}>{markup(runs)}</{name}>")
        # The spaces keep the words of neighbouring cells apart in the text that is shown.
        return f"<tr>{' '.join(cells)}</tr>" if cells else ""

    def _written_table(self, top: list[str], rows: list[str], place: Place) -> BlockDraft:
        head = f"<thead>{top[0]}</thead> " if top else ""
        html = f"<table>{head}<tbody>{' '.join(filter(None, rows))}</tbody></table>"
        return self._draft("table", html, 0, place)

    # --- drafts ---

    def _draft(
        self, kind: str, html: str, level: int, place: Place, pictures: tuple[Picture, ...] = ()
    ) -> BlockDraft:
        if place.role:
            html = html.replace(">", f' data-role="{place.role}">', 1)
        language = place.language if place.language != self._language else ""
        anchors, self._anchors = tuple(self._anchors), []
        return draft(kind, html, level=level, language=language, anchors=anchors, pictures=pictures)

    def _pass(self, element: etree._Element) -> None:
        if element.attrib:
            for key in ("id", "name"):
                if anchor := element.get(key):
                    self._anchors.append(anchor)


def _says_something(runs: list[Run]) -> bool:
    return any(not run.text.isspace() for run in runs if run.text)


def _is_within_text(element: etree._Element) -> bool:
    """Tell whether there is running text right before or after an element."""
    before, parent = element.getprevious(), element.getparent()
    text = before.tail if before is not None else parent.text if parent is not None else ""
    return bool((text or "").strip() or (element.tail or "").strip())


def _in_math(inner: etree._Element) -> bool:
    return (
        any(name_of(each) == "math" for each in inner.iterancestors()) or name_of(inner) == "math"
    )


def _dressed(inner: str, place: Place, *, continued: bool) -> tuple[str, str, int]:
    """Return kind, markup and level of a piece of running text."""
    if place.depth and (place.marker or continued):
        if continued or place.marker is None:
            return "list_item", f"<p>{inner}</p>", place.depth
        numbering, number = place.marker
        item = f"<li>{inner}</li>"
        if numbering:
            return "list_item", f'<ol type="{numbering}" start="{number}">{item}</ol>', place.depth
        return "list_item", f"<ul>{item}</ul>", place.depth
    if place.quoted:
        return "quotation", f"<blockquote><p>{inner}</p></blockquote>", place.quoted
    return "paragraph", f"<p>{inner}</p>", 0


def code_pieces(code: str) -> list[str]:
    """Cut code between lines."""
    pieces: list[str] = []
    for line in code.split("\n"):
        if pieces and len(pieces[-1]) + len(line) < LONGEST:
            pieces[-1] += "\n" + line
        else:
            pieces += (line[at : at + LONGEST] for at in range(0, len(line) or 1, LONGEST))
    return [piece.strip("\n") for piece in pieces if piece.strip()]


def _within(element: etree._Element, place: Place) -> Place:
    if not element.attrib:
        return place
    language = element.get("lang") or element.get(XML_LANG) or ""
    role = "note" if _types(element) & NOTE else place.role
    return place._replace(language=language.strip() or place.language, role=role)


def _types(element: etree._Element) -> Set[str]:
    kinds, roles = element.get(EPUB_TYPE), element.get("role")
    return {*(kinds or "").split(), *(roles or "").split()} if kinds or roles else NO_TYPES


def _is_hidden(element: etree._Element, name: str) -> bool:
    if name in UNSHOWN:
        return True
    if not element.attrib:
        return False
    if element.get("hidden") is not None:
        return True
    if element.get("aria-hidden", "").lower() == "true" and name != "math":
        return True
    return bool(HIDING.search(element.get("style", "")))


def _role(element: etree._Element, name: str) -> str:
    if _types(element) & NOTE_REFERENCE:
        return "note"
    if name in CODE_TAGS:
        return "code"
    href = element.get("href", "")
    if name == "a" and "#" in href and _is_mark("".join(element.itertext())):
        parent = element.getparent()
        if parent is not None and name_of(parent) == "sup":
            return "note"
        if any(name_of(inner) == "sup" for inner in element):
            return "note"
    if name == "sup" and _is_mark(text := "".join(element.itertext())) and not text.isalpha():
        return "note"
    return ""


def _is_mark(text: str) -> bool:
    return bool(re.fullmatch(r"\s*[\[(]?(?:\d{1,4}|[*†‡§¶]{1,3}|[a-z])[\])]?\s*", text))


def _said_of_math(element: etree._Element) -> str:
    said = element.get("alttext") or ""
    if not said:
        for inner in element.iter():
            if name_of(inner) == "annotation" and "tex" in (inner.get("encoding") or "").lower():
                return spaces(inner.text or "").strip()
    if not said:
        inner = (each for each in element.iter() if name_of(each) not in UNSHOWN)
        said = " ".join(each.text or "" for each in inner if name_of(each) != "annotation")
    return " ".join(said.split())


def _numbering(element: etree._Element) -> str:
    if name_of(element) != "ol":
        return ""
    kind = element.get("type", "1")
    return kind if kind in NUMBERINGS else "1"


def _number(value: str | None, otherwise: int) -> int:
    if value is None:
        return otherwise
    digits = value.strip()
    return int(digits) if digits.isdecimal() and digits.isascii() and len(digits) < 9 else otherwise


def _cells(row: etree._Element) -> list[etree._Element]:
    return [cell for cell in row if name_of(cell) in {"td", "th"}]


def _tables_around(row: etree._Element) -> Iterator[etree._Element]:
    return (each for each in row.iterancestors() if name_of(each) == "table")


def _is_layout(table: etree._Element) -> bool:
    """Tell whether a table only arranges other things: that is how old pages are made."""
    if table.get("role") in {"presentation", "none"}:
        return True
    inner: Iterable[str] = {name_of(each) for each in table.iterdescendants()}
    if {"table", *HEADINGS, "pre", "ul", "ol"} & set(inner) and "th" not in inner:
        return True
    rows = [each for each in table.iter() if name_of(each) == "tr"]
    return all(len(_cells(row)) <= 1 for row in rows)
