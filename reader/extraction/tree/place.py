"""Where in a tree a block stands, and what that makes of its markup."""

from __future__ import annotations

from typing import NamedTuple

from lxml import etree

from reader.extraction.tree.elements import XML_LANG, name_of, types_of
from reader.extraction.tree.notes import NOTE


class Place(NamedTuple):
    """Where in the tree a block stands."""

    language: str = ""
    depth: int = 0  # of lists
    quoted: int = 0
    role: str = ""
    marker: tuple[str, int] | None = None  # of a list item: its type ("" for a bullet), its number


def within(element: etree._Element, place: Place) -> Place:
    """Return the place of what is in an element."""
    if not element.attrib:
        return place
    language = element.get("lang") or element.get(XML_LANG) or ""
    role = "note" if types_of(element) & NOTE or name_of(element) == "note" else place.role
    return place._replace(language=language.strip() or place.language, role=role)


def dressed(inner: str, place: Place, *, continued: bool) -> tuple[str, str, int]:
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
