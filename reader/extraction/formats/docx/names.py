"""Names of WordprocessingML and what goes with it, as lxml has them."""

from __future__ import annotations

from functools import cache
from itertools import islice

from lxml import etree

_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_M = "http://schemas.openxmlformats.org/officeDocument/2006/math"
BOXES = {"☐", "☑", "☒"}
OFF = {"0", "false", "off", "none"}


@cache
def w(name: str) -> str:
    """Return a name of WordprocessingML."""
    return f"{{{_W}}}{name}"


@cache
def r(name: str) -> str:
    """Return a name of relationships."""
    return f"{{{_R}}}{name}"


@cache
def m(name: str) -> str:
    """Return a name of Office's mathematics."""
    return f"{{{_M}}}{name}"


def value(parent: etree._Element | None, name: str) -> str:
    """Return the value of a property, such as a paragraph's ``w:jc``; nothing if it has none."""
    child = parent.find(w(name)) if parent is not None else None
    return (child.get(w("val")) or "") if child is not None else ""


def is_on(parent: etree._Element | None, name: str) -> bool:
    """Tell whether a property that is on or off is there, and on."""
    child = parent.find(w(name)) if parent is not None else None
    return child is not None and child.get(w("val")) not in OFF


def is_unfilled(control: etree._Element) -> bool:
    """Tell whether a content control has no words of the author's.

    It shows what Word asks for ("Click here to enter text."), or it is a box to be ticked.
    """
    if control.tag != w("sdt"):
        return False
    if is_on(control.find(w("sdtPr")), "showingPlcHdr"):
        return True
    texts = [each.text or "" for each in islice(control.iter(w("t")), 2)]
    return "".join(texts).strip() in BOXES
