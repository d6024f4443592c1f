"""A tree of HTML elements -> block drafts: what HTML, EPUB, Markdown and Word documents share."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Set
from urllib.parse import quote, unquote

from lxml import etree

from reader.extraction.drafts import BlockDraft, ExtractionError, Picture
from reader.extraction.pictures import ORNAMENT_BYTES, Pictures
from reader.extraction.sanitise import draft
from reader.extraction.segmentation import Range, code_pieces, unit_ranges
from reader.extraction.tree.descriptions import description
from reader.extraction.tree.elements import (
    HEADINGS,
    INLINE,
    LONGEST_CELL,
    RAISED,
    UNSHOWN,
    XML_LANG,
    cells_of,
    is_equations,
    is_hidden,
    is_inline,
    is_layout,
    name_of,
    number_in,
    numbering_of,
    rows_of,
    types_of,
)
from reader.extraction.tree.inline import Run, Tag, cut, fold, markup, spaces, text_of, undivided
from reader.extraction.tree.listings import LISTINGS, MAX_DEPTH, TOO_DEEP, listing_in
from reader.extraction.tree.mathml import formula, set_formulas
from reader.extraction.tree.notes import (
    CODE_TAGS,
    is_backlink,
    note_labels,
    role_of,
    set_notes_apart,
)
from reader.extraction.tree.page_numbers import cut_leaders, hide_numbers, is_furniture
from reader.extraction.tree.place import Place, dressed, within
from reader.extraction.tree.stacked import unstack

MAX_BLOCKS = 200_000
TABLE_CHARACTERS = 600  # of a table that stays one block
MOST_IN_FIGURE = 3  # pictures
# What is text of its own in a figure, beside its caption
_TEXTS = {"p", "ul", "ol", "dl", "table", "pre", "blockquote", "math"}
_BLANK_LINE = re.compile(r"\n\s*\n")
LONG_NAME = 20  # characters: a shorter description, such as a smiley's, may well be said again


Undivided = Callable[[str, list[Range]], list[Range]]


def own_anchor(href: str) -> str:
    """Return the anchor that a link within one page leads to; empty for any other link."""
    return unquote(href[1:]) if href.startswith("#") else ""


def blocks_of(
    body: etree._Element,
    language: str,
    pictures: Pictures | None = None,
    anchor_of: Callable[[str], str] = own_anchor,
    undivided_in: Undivided | None = None,
) -> Iterator[BlockDraft]:
    """Yield the blocks of an element in reading order. Raises ExtractionError when too deep.

    ``pictures``: where those come from that its images name; without it none is shown.
    ``anchor_of``: the anchor, as the blocks have it, of a link that leads into the document.
    ``undivided_in``: is given each paragraph and its parts, to put some of them together.
    """
    set_formulas(body)
    unstack(body)
    set_notes_apart(body)
    hide_numbers(body)
    cut_leaders(body)
    pictures = pictures or Pictures(lambda _: None)
    walker = _Walker(body, language, pictures, anchor_of, undivided_in)
    for count, block in enumerate(walker.walk(body, Place())):
        if count >= MAX_BLOCKS:
            raise ExtractionError("This document has too many parts to be read here.")
        yield block


class _Walker:
    def __init__(
        self,
        body: etree._Element,
        language: str,
        pictures: Pictures,
        anchor_of: Callable[[str], str],
        undivided_in: Undivided | None,
    ) -> None:
        self._labels = note_labels(body)
        self._language = language
        self._pictures = pictures
        self._anchor_of = anchor_of
        self._undivided_in = undivided_in
        self._anchors: list[str] = []  # of what was passed since the last block
        self._named: set[str] = set()  # what titles and descriptions have said

    def walk(self, element: etree._Element, place: Place, nesting: int = 0) -> Iterator[BlockDraft]:
        """Yield what is in a container: blocks, and the running text between them.

        ``nesting``: how many containers it is in.
        """
        if nesting > MAX_DEPTH:
            raise ExtractionError(TOO_DEEP)
        self._pass(element)
        place = within(element, place)
        nesting += 1
        running: list[Run] = []
        if (text := element.text) and not text.isspace():
            running.append(Run(spaces(text)))
        counter = number_in(element.get("start"), 1)
        for child in element:
            name = name_of(child)
            if self._is_said(child, name):
                if name == "br":
                    running.append(Run("\n"))
                elif is_inline(child, name):
                    running += self._runs(child, name, (), nesting)
                else:
                    if running:
                        yield from self._paragraph(running, place)
                        running = []
                    if name == "li":
                        number = number_in(child.get("value"), counter)
                        inner = place._replace(marker=(numbering_of(element), number))
                        counter = number + 1
                        yield from self._block(child, name, inner, nesting)
                    else:
                        yield from self._block(child, name, place, nesting)
            if (text := child.tail) and (running or not text.isspace()):
                running.append(Run(spaces(text)))
        if running:
            yield from self._paragraph(running, place)

    def _block(
        self, element: etree._Element, name: str, place: Place, nesting: int
    ) -> Iterable[BlockDraft]:
        if name in HEADINGS:
            return self._heading(element, HEADINGS[name], within(element, place), nesting)
        if name in {"ul", "ol", "menu", "dir"}:
            return self.walk(element, place._replace(depth=place.depth + 1, marker=None), nesting)
        if name == "blockquote":
            return self.walk(element, place._replace(quoted=place.quoted + 1), nesting)
        if name in LISTINGS:
            return self._code(element, within(element, place))
        if name == "table":
            return self._table(element, within(element, place), nesting)
        if name == "figure":
            return self._figure(element, within(element, place), nesting)
        if name == "img":
            return self._image(element, within(element, place))
        if name == "math":
            runs = fold(self._runs(element, name, (), nesting))
            if not _says_something(runs):
                return ()
            return [self._draft(*dressed(markup(runs), place, continued=False), place)]
        if name == "hr":
            self._pass(element)
            return ()
        return self.walk(element, place, nesting)

    def _is_said(self, element: etree._Element, name: str) -> bool:
        if not name or name in UNSHOWN:
            return False
        if not element.attrib:  # most have none, and it is asked of each
            return True
        if is_hidden(element, name):
            return False
        if is_furniture(element, name, types_of(element)) or (name == "a" and is_backlink(element)):
            for each in element.iter():
                self._pass(each)
            return False
        return True

    # --- running text ---

    def _runs(
        self, element: etree._Element, name: str, tags: tuple[Tag, ...], nesting: int
    ) -> list[Run]:
        """Return the running text of an inline element."""
        if nesting > MAX_DEPTH:
            raise ExtractionError(TOO_DEEP)
        self._pass(element)
        if name == "math":
            shows, text = formula(element)
            return [Run(text, (*tags, ("span", (("data-role", "math"),))), shows)]
        if name == "img":
            said = description(element.get("alt"))
            return [Run(self._unsaid(said, "") if len(said) > LONG_NAME else said, tags)]
        if raised := element.get(RAISED):
            tags = (*tags, (raised, ()))
        if name in INLINE:
            attributes = self._attributes(element, name)
            if attributes or name not in {"a", "span"}:
                tags = (*tags, ("code" if name == "tt" else name, attributes))
        runs = [Run(spaces(text), tags)] if (text := element.text) else []
        for child in element:
            inner = name_of(child)
            if inner == "br":
                runs.append(Run("\n", tags))
            elif self._is_said(child, inner):
                runs += self._runs(child, inner, tags, nesting + 1)
            if text := child.tail:
                runs.append(Run(spaces(text), tags))
        return runs

    def _attributes(self, element: etree._Element, name: str) -> tuple[tuple[str, str], ...]:
        if not element.attrib and name != "sup" and name not in CODE_TAGS:  # as most
            return ()
        attributes = []
        href = (element.get("href") or "").strip() if name == "a" else ""
        if name == "a" and href.lower().startswith(("http://", "https://", "mailto:")):
            attributes.append(("href", href))
        elif name == "a" and href and (anchor := self._anchor_of(href)):
            attributes.append(("href", f"block:{quote(anchor, safe='')}"))
        if language := element.get("lang") or element.get(XML_LANG):
            attributes.append(("lang", language))
        role = role_of(element, name)
        if not role and name == "sup" and "".join(element.itertext()).strip() in self._labels:
            role = "noted"
        if role:
            attributes.append(("data-role", role))
        return tuple(attributes)

    def _inner_runs(
        self, element: etree._Element, nesting: int, tags: tuple[Tag, ...] = ()
    ) -> list[Run]:
        """Return all running text in an element, whatever blocks it is in."""
        self._pass(element)
        if name_of(element) in LISTINGS:  # it is code still, for what is said of it
            tags = (*tags, ("code", (("data-role", "code"),)))
        runs = [Run(spaces(text), tags)] if (text := element.text) else []
        for child in element:
            name = name_of(child)
            if name == "br":
                runs.append(Run("\n", tags))
            elif self._is_said(child, name):
                if name in {"math", "img"} or is_inline(child, name):
                    runs += self._runs(child, name, tags, nesting)
                else:
                    if nesting > MAX_DEPTH:
                        raise ExtractionError(TOO_DEEP)
                    runs += [Run(" "), *self._inner_runs(child, nesting + 1, tags), Run(" ")]
            if text := child.tail:
                runs.append(Run(spaces(text), tags))
        return runs

    def _paragraph(self, running: list[Run], place: Place) -> list[BlockDraft]:
        if not _says_something(running):
            return []
        runs = fold(running)
        text = text_of(runs)
        if "\n" in text and (breaks := list(_BLANK_LINE.finditer(text))):
            starts = [0, *(each.end() for each in breaks)]
            ends = [*(each.start() for each in breaks), len(text)]
            parts = cut(runs, zip(starts, ends, strict=True))
            return [draft for part in parts for draft in self._paragraph(part, place)]
        ranges = unit_ranges(text, place.language or self._language)
        if len(ranges) == 1:
            return [self._draft(*dressed(markup(runs), place, continued=False), place)]
        ranges = undivided(runs, ranges)
        if self._undivided_in:
            ranges = self._undivided_in(text, ranges)
        return [
            self._draft(*dressed(markup(piece), place, continued=number > 0), place)
            for number, piece in enumerate(cut(runs, ranges))
        ]

    def _heading(
        self, element: etree._Element, level: int, place: Place, nesting: int
    ) -> list[BlockDraft]:
        runs = fold(self._inner_runs(element, nesting))
        if not _says_something(runs):
            return []
        # The page's own title is the h1.
        tag = f"h{min(level + 1, 6)}"
        html = f"<{tag}>{markup(runs)}</{tag}>"
        self._named.add(text_of(runs).strip())
        return [self._draft("heading", html, level, place)]

    # --- what is no running text ---

    def _code(self, element: etree._Element, place: Place) -> Iterator[BlockDraft]:
        self._pass(element)
        text = listing_in(element)
        for piece in code_pieces(text):
            html = markup([Run(piece)]).replace("<br>\n", "\n")
            yield self._draft("code", f"<pre><code>{html}</code></pre>", 0, place)

    def _figure(self, element: etree._Element, place: Place, nesting: int) -> Iterator[BlockDraft]:
        images = [inner for inner in element.iter() if name_of(inner) == "img"]
        beside = list(_beside_caption(element))
        bare = " ".join(filter(None, (element.text, *(each.tail for each in element)))).strip()
        if not bare:  # A link alone says what a click does.
            beside = [each for each in beside if name_of(each) != "a"]
        # A table, a listing, a remark, with or without a caption
        if (beside or bare) and not images:
            yield from self.walk(element, place, nesting)
            return
        self._pass(element)
        alts = [description(inner.get("alt")) for inner in images]
        captions = [inner for inner in element.iter() if name_of(inner) == "figcaption"]
        texts = [each for each in beside if name_of(each) in _TEXTS]
        if not captions and not texts:
            captions = beside
        caption = fold(self._caption_runs(element, set(captions), nesting))
        sources = [inner.get("src") or "" for inner in images]
        yield from self._picture(" ".join(filter(None, alts)), caption, sources, place)
        for each in texts:
            yield from self._block(each, name_of(each), place, nesting)

    def _caption_runs(
        self, figure: etree._Element, captions: Set[etree._Element], nesting: int
    ) -> list[Run]:
        """Return what stands in captions, and in bare text between them, in order."""
        runs = [Run(spaces(figure.text or ""))]
        for child in figure:
            for each in child.iter():
                if each in captions:
                    runs += self._inner_runs(each, nesting)
                    runs.append(Run("" if each is child and child.tail else " "))
            runs.append(Run(spaces(child.tail or "")))
        return runs

    def _image(self, element: etree._Element, place: Place) -> Iterator[BlockDraft]:
        self._pass(element)
        alt = description(element.get("alt"))
        yield from self._picture(alt, [], [element.get("src") or ""], place)

    def _unsaid(self, alt: str, caption: str) -> str:
        """Return what a description says beside the caption, the title and other pictures."""
        alt = "" if alt in caption else alt.replace(caption, " ") if caption else alt
        alt = " ".join(alt.split())
        if alt in self._named:
            return ""
        self._named.add(alt)
        return alt

    def _picture(
        self, alt: str, caption: list[Run], sources: list[str], place: Place
    ) -> Iterator[BlockDraft]:
        alt = self._unsaid(alt, text_of(caption))
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

    def _table(self, element: etree._Element, place: Place, nesting: int) -> Iterator[BlockDraft]:
        if is_equations(element):
            for row in rows_of(element):
                yield from self._paragraph(self._inner_runs(row, nesting), place)
            return
        if is_layout(element):
            yield from self.walk(element, place, nesting)
            return
        self._pass(element)
        rows = rows_of(element)
        captions = [inner for inner in element if name_of(inner) == "caption"]
        yield from self._paragraph(
            [run for each in captions for run in self._inner_runs(each, nesting)], place
        )
        head = 1 if rows and all(name_of(cell) == "th" for cell in cells_of(rows[0])) else 0
        written = [self._row(row, nesting) for row in rows]
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

    def _row(self, row: etree._Element, nesting: int) -> str:
        cells = []
        for cell in cells_of(row):
            runs = fold(self._inner_runs(cell, nesting))
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


def _beside_caption(figure: etree._Element) -> Iterator[etree._Element]:
    """Yield the outermost elements of a figure that say something and hold no picture or caption.

    A button over a picture says what a click does.
    """
    for child in figure:
        name = name_of(child)
        if not name or name == "figcaption" or is_hidden(child, name):
            continue
        if child.get("role") == "button":
            continue
        if not any(name_of(each) in {"img", "figcaption", "figure"} for each in child.iter()):
            if "".join(child.itertext()).strip():
                yield child
        elif name not in {"table", "ul", "ol", "dl"}:
            yield from _beside_caption(child)


def _says_something(runs: list[Run]) -> bool:
    return any(not run.text.isspace() for run in runs if run.text)
