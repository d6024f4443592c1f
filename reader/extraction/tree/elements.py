"""What an element of HTML is, and what it says of itself."""

from __future__ import annotations

import re
from collections.abc import Iterator, Set
from functools import lru_cache

from lxml import etree

INLINE = {
    *("a", "em", "strong", "b", "i", "u", "s", "del", "ins", "mark", "small", "sub", "sup"),
    *("q", "cite", "abbr", "dfn", "kbd", "samp", "tt", "var", "code", "span"),
    *("bdi", "bdo", "ruby", "rb", "rt", "rtc", "rp"),
}
UNSHOWN = {
    *("script", "style", "template", "noscript", "iframe", "object", "embed", "svg", "canvas"),
    *("head", "title", "meta", "link", "form", "input", "button", "select", "textarea", "option"),
    *("audio", "video", "map", "area", "param", "source", "track", "dialog", "nav", "rp"),
    *("noframes", "noembed"),  # markup that the parser leaves as it is
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
_OF_WORD = "mso-list:Ignore"  # the style of a bullet, or of a number, that is typed as text
_BULLET = re.compile(r"\s*[·•▪■□◦●○§oØvqüà*–—-]\s*")
# What is in a container of no size has a size of its own.
SIZELESS = re.compile(r"font-size\s*:\s*0(?:[a-z%]*)\s*(?:;|$)", re.IGNORECASE)
# What a script shows once it has come into view: its places in the page, and its names.
_SHOWN_IN_VIEW = re.compile(
    r"(?:^|\s)(?:wow|animated|aos-(?:init|animate)|(?:fade|slide|zoom)-?in(?:-?(?:up|down|left|right))?"
    r"|scroll-?reveal|animate-on-scroll)(?:$|\s)",
    re.IGNORECASE,
)
_OF_VIEW = ("data-aos", "data-sal", "data-scroll-reveal", "data-wow-delay", "data-wow-duration")
# As the parser of HTML, which knows no namespaces, names them.
EPUB_TYPE = "epub:type"
XML_LANG = "xml:lang"
NO_TYPES: Set[str] = frozenset()
NUMBERINGS = {"1", "a", "A", "i", "I"}
RAISED = "data-raised"  # an attribute: "sup" or "sub", where a style sheet raises or lowers
MOST_ROWS_OF_PAGE = 3  # its head, its columns, its foot
PARAGRAPH = 80  # characters
_EQUATION_NUMBER = re.compile(r"\s*(?:[\[(]\s*[\w.–-]{1,10}\s*[\])])?\s*")
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
    # An element that is no one's but the page's own may be either; a link may hold but a picture.
    is_empty = not len(element)  # as most are
    may_be_block = name in {"img", "picture"} or "-" in name
    if not is_empty and not may_be_block:
        may_be_block = _is_but_a_picture(element, name)
    if may_be_block and not _is_within_text(element):
        return False
    return is_empty or all(name_of(inner) not in BLOCKS for inner in element.iterdescendants())


def _is_but_a_picture(element: etree._Element, name: str) -> bool:
    if name not in {"a", "span"} or len(element) != 1 or (element.text or "").strip():
        return False
    return next(element.iter("img"), None) is not None and not "".join(element.itertext()).strip()


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
    hidden = element.get("hidden")
    if hidden is not None and hidden.lower() != "until-found":
        return True
    hidden = element.get("aria-hidden")
    if hidden and hidden.lower() == "true" and name != "math":
        return True
    if not (style := element.get("style", "")):
        return False
    if _OF_WORD in style and _BULLET.fullmatch("".join(element.itertext())):
        return True  # "o" of a typewriter, "§" of Wingdings
    is_hiding = HIDING.search(style) or (not len(element) and SIZELESS.search(style))
    return bool(is_hiding) and not is_formula(element) and not is_shown_in_view(element)


def is_shown_in_view(element: etree._Element) -> bool:
    """Tell whether an element is hidden until it comes into view, and then shown by a script."""
    if _SHOWN_IN_VIEW.search(element.get("class") or ""):
        return True
    return any(element.get(name) is not None for name in _OF_VIEW)


def is_formula(element: etree._Element) -> bool:
    """Tell whether it is the formula of which a picture stands beside it, as in Wikipedia.

    It is there for screen readers, and for us.
    """
    return next(element.iter("{*}math"), None) is not None and (
        "math" in f"{element.tag} {element.get('class', '')}".lower()
        or "mjx" in f"{element.tag} {element.get('class', '')}".lower()
    )


def types_of(element: etree._Element) -> Set[str]:
    kinds, roles = element.get(EPUB_TYPE), element.get("role")
    return {*(kinds or "").split(), *(roles or "").split()} if kinds or roles else NO_TYPES


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
    if inner & {"table", *HEADINGS, "pre", "ul", "ol"}:
        return True
    return len(rows) <= MOST_ROWS_OF_PAGE and any(map(_holds_paragraphs, cells))


def is_equations(table: etree._Element) -> bool:
    """Tell whether a table only sets formulas and their numbers beside each other."""
    if next(table.iter("{*}math"), None) is None:
        return False
    cells = [cell for row in rows_of(table) for cell in cells_of(row)]
    return all(
        (next(cell.iter("{*}math"), None) is not None and not _words_beside_formula(cell))
        or _EQUATION_NUMBER.fullmatch("".join(cell.itertext()))
        for cell in cells
    )


def _words_beside_formula(cell: etree._Element) -> bool:
    inside = {each for math in cell.iter("{*}math") for each in math.iter()}
    texts = [each.text for each in cell.iter() if each not in inside]
    tails = [each.tail for each in cell.iterdescendants() if each.getparent() not in inside]
    return any(character.isalpha() for text in (*texts, *tails) for character in text or "")


def _holds_paragraphs(cell: etree._Element) -> bool:
    """Tell whether a cell is a column of a page: several paragraphs one below the other."""
    long = [each for each in cell if name_of(each) == "p" and _holds_more_than(each, PARAGRAPH)]
    return len(long) > 1


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
