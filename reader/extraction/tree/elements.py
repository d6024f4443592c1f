"""What an element of HTML is, and what it says of itself."""

from __future__ import annotations

import re
from collections.abc import Iterator, Set
from functools import lru_cache

from lxml import etree

INLINE = {
    *("a", "em", "strong", "b", "i", "u", "s", "del", "ins", "mark", "small", "sub", "sup"),
    *("q", "cite", "abbr", "dfn", "kbd", "samp", "var", "code", "span", "bdi", "bdo"),
    *("ruby", "rb", "rt", "rtc", "rp"),
}
UNSHOWN = {
    *("script", "style", "template", "noscript", "iframe", "object", "embed", "svg", "canvas"),
    *("head", "title", "meta", "link", "form", "input", "button", "select", "textarea", "option"),
    *("audio", "video", "map", "area", "param", "source", "track", "dialog", "nav", "rp"),
}
# What stands by itself. Every other element, known or not, is part of the running text.
BLOCKS = {
    *("address", "article", "aside", "blockquote", "body", "caption", "center", "col", "colgroup"),
    *("dd", "details", "dialog", "dir", "div", "dl", "dt", "fieldset", "figcaption", "figure"),
    *("footer", "form", "header", "hgroup", "hr", "html", "legend", "li", "listing", "main"),
    *("menu", "ol", "p", "plaintext", "pre", "search", "section", "summary", "table", "tbody"),
    *("td", "tfoot", "th", "thead", "tr", "ul", "xmp", "h1", "h2", "h3", "h4", "h5", "h6"),
}
HEADINGS = {f"h{level}": level for level in range(1, 7)}
# Nothing is hidden by its opacity: a script fades it in.
HIDING = re.compile(r"display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)", re.IGNORECASE)
# What is in a container of no size has a size of its own.
SIZELESS = re.compile(r"font-size\s*:\s*0(?:[a-z%]*)\s*(?:;|$)", re.IGNORECASE)
CODE_TAGS = {"code", "kbd", "samp", "tt", "var"}
NOTE_REFERENCE = {"noteref", "doc-noteref"}
NOTE_CLASS = re.compile(
    r"(?:^|[\s_-])(?:footnote|fn|fnref|noteref|note-ref|reference|endnote|citation|cite)(?:$|[\s_\d-])",
    re.IGNORECASE,
)
NOTE = {"footnote", "footnotes", "endnote", "endnotes", "rearnote", "rearnotes", "note",
        "doc-footnote", "doc-endnote", "doc-endnotes"}  # fmt: skip
# Where the marks of notes lead to, as programs that make them call it.
_NOTE_ANCHOR = re.compile(
    r"#_?(?:foot|end|side|sd)?(?:note|ftn|fn|edn|cite|endnote|footnote)[\w.:-]*\d[\w.:-]*",
    re.IGNORECASE,
)
# The way back from a note to its mark
BACKLINK = {"backlink", "doc-backlink"}
_BACK_CLASS = re.compile(
    r"(?:^|[\s_-])(?:backref|back-?link|reversefootnote|footnote-back)(?:$|[\s_-])", re.IGNORECASE
)
_ARROW = re.compile("\\s*[\\[(]?[↩↵⤴⤶⏎↑^←▲⬆🔙\ufe0e\ufe0f\\s]+[\\])]?\\s*")
_LABEL = re.compile(r"\s*[\[(]?(\d{1,3}|[a-z])[\]).:]?\s")
# As the parser of HTML, which knows no namespaces, names them.
EPUB_TYPE = "epub:type"
XML_LANG = "xml:lang"
NO_TYPES: Set[str] = frozenset()
NUMBERINGS = {"1", "a", "A", "i", "I"}
LONGEST_CELL = 2_000  # characters of a table's cell that is shown as one


def name_of(element: etree._Element) -> str:
    """Return an element's name without namespace, in lower case; empty for comments and such."""
    return _name(element.tag)


@lru_cache(1024)
def _name(tag: object) -> str:
    # The parser of HTML knows no namespaces: m:math is a name to it.
    if not isinstance(tag, str):
        return ""
    return tag.rpartition("}")[2].lower().removeprefix("m:").removeprefix("mml:")


def is_inline(element: etree._Element, name: str) -> bool:
    """Tell whether an element is part of the running text: inline, with no block in it."""
    if name == "math":
        return bool(element.get("display") != "block")
    if name in BLOCKS:
        return False
    # An element that is no one's but the page's own may be either.
    if (name in {"img", "picture"} or "-" in name) and not _is_within_text(element):
        return False
    return not any(name_of(inner) in BLOCKS for inner in element.iterdescendants())


def _is_within_text(element: etree._Element) -> bool:
    """Tell whether there is running text right before or after an element."""
    before, parent = element.getprevious(), element.getparent()
    text = before.tail if before is not None else parent.text if parent is not None else ""
    return bool((text or "").strip() or (element.tail or "").strip())


def is_hidden(element: etree._Element, name: str) -> bool:
    if name in UNSHOWN:
        return True
    if not element.attrib:
        return False
    if element.get("hidden", "until-found").lower() != "until-found":
        return True
    if element.get("aria-hidden", "").lower() == "true" and name != "math":
        return True
    if not (style := element.get("style", "")):
        return False
    hidden = HIDING.search(style) or (not len(element) and SIZELESS.search(style))
    return bool(hidden) and not _is_shown_as_picture(element)


def _is_shown_as_picture(element: etree._Element) -> bool:
    """Tell whether it is the formula of which a picture stands beside it, as in Wikipedia."""
    return "math" in element.get("class", "") and next(element.iter("{*}math"), None) is not None


def types_of(element: etree._Element) -> Set[str]:
    kinds, roles = element.get(EPUB_TYPE), element.get("role")
    return {*(kinds or "").split(), *(roles or "").split()} if kinds or roles else NO_TYPES


def role_of(element: etree._Element, name: str) -> str:
    if types_of(element) & NOTE_REFERENCE:
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
    names = f"{element.get('class', '')} {element.get('id', '')}"
    if name == "sup" and NOTE_CLASS.search(names):
        return "note"
    if name in {"a", "span", "small"} and (NOTE_CLASS.search(names) or _NOTE_ANCHOR.search(href)):
        return "note" if _is_mark(_text(element)) and _follows_a_word(element) else ""
    return ""


def _text(element: etree._Element) -> str:
    return "".join(element.itertext())


def _follows_a_word(element: etree._Element) -> bool:
    """Tell whether an inline element is right behind a word or a stop, with no space between."""
    parent, before = element.getparent(), element.getprevious()
    if parent is None:
        return False
    text = parent.text if before is None else before.tail or _text(before)
    if text:
        return not text[-1].isspace()
    return before is None and name_of(parent) in INLINE and _follows_a_word(parent)


def is_backlink(element: etree._Element) -> bool:
    """Tell whether a link only leads from a note back to its mark."""
    if "#" not in element.get("href", ""):
        return False
    if types_of(element) & BACKLINK or _BACK_CLASS.search(element.get("class", "")):
        return not _text(element).strip().isdecimal()
    return bool(_ARROW.fullmatch(_text(element)))


def note_labels(body: etree._Element) -> Set[str]:
    """Return the numbers and letters that notes begin with, where anything is raised at all."""
    if next(body.iter("{*}sup"), None) is None:
        return NO_TYPES
    labels = set()
    for element in body.iter("{*}p", "{*}li", "{*}div", "{*}dd", "{*}td", "{*}aside"):
        first = next(iter(element), None)
        if first is not None and name_of(first) == "sup" and not (element.text or "").strip():
            labels.add("".join(first.itertext()).strip())
        elif (types_of(element) & NOTE or NOTE_CLASS.search(element.get("class", ""))) and (
            label := _LABEL.match("".join(element.itertext())[:20])
        ):
            labels.add(label[1])
    return labels


def _is_mark(text: str) -> bool:
    return bool(re.fullmatch(r"\s*[\[(]?(?:\d{1,4}|[*†‡§¶]{1,3}|[a-z])[\])]?\s*", text))


def numbering_of(element: etree._Element) -> str:
    if name_of(element) != "ol":
        return ""
    kind = element.get("type", "1")
    return kind if kind in NUMBERINGS else "1"


def number_in(value: str | None, otherwise: int) -> int:
    if value is None:
        return otherwise
    digits = value.strip()
    return int(digits) if digits.isdecimal() and digits.isascii() and len(digits) < 9 else otherwise


def is_layout(table: etree._Element) -> bool:
    """Tell whether a table only arranges other things: that is how old pages are made."""
    if table.get("role") in {"presentation", "none"}:
        return True
    rows = rows_of(table)
    cells = [cell for row in rows for cell in cells_of(row)]
    if all(len(cells_of(row)) <= 1 for row in rows):
        return True
    if any(_holds_more_than(cell, LONGEST_CELL) for cell in cells):
        return True  # no such cell could be shown as one
    if any(name_of(cell) == "th" for cell in cells):
        return False
    inner = {name_of(each) for cell in cells for each in cell.iterdescendants()}
    return bool(inner & {"table", *HEADINGS, "pre", "ul", "ol"})


def _holds_more_than(cell: etree._Element, most: int) -> bool:
    """Tell whether more than so many characters are in a cell, without reading on."""
    for text in cell.itertext():
        most -= len(text)
        if most < 0:
            return True
    return False


def cells_of(row: etree._Element) -> list[etree._Element]:
    return [cell for cell in row if name_of(cell) in {"td", "th"}]


def rows_of(table: etree._Element) -> list[etree._Element]:
    """Return the rows of a table, without those of tables in it."""
    rows = [inner for inner in table.iter() if name_of(inner) == "tr"]
    return [row for row in rows if next(_tables_around(row)) is table]


def _tables_around(row: etree._Element) -> Iterator[etree._Element]:
    return (each for each in row.iterancestors() if name_of(each) == "table")
