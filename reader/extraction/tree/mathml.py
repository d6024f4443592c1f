"""MathML -> what of it is shown: its presentation, without notes for programs."""

from __future__ import annotations

import re
from html import escape

from lxml import etree

from reader.extraction.tree.elements import name_of
from reader.tex import mathml_of, may_have_tex, tex_in

NAMESPACE = "http://www.w3.org/1998/Math/MathML"
MOST = 2_000  # elements
DEEPEST = 50

_TOKENS = {"mi", "mn", "mo", "mtext", "ms"}
_LAYOUT = {
    *("mrow", "mfrac", "msqrt", "mroot", "mstyle", "merror", "mpadded", "menclose", "mspace"),
    *("msub", "msup", "msubsup", "munder", "mover", "munderover", "mmultiscripts"),
    *("mprescripts", "none", "mtable", "mtr", "mtd"),
}
ELEMENTS = {"math", *_TOKENS, *_LAYOUT}
ATTRIBUTES = {
    "math": {"display", "xmlns"},
    "mfrac": {"linethickness"},
    "mover": {"accent"},
    "mspace": {"width"},
}
_CHOICES = {"semantics", "maction"}  # of which the first is shown
# What sites call pictures of formulas, and what only a formula's description has
_PICTURED = re.compile(r"(?:^|[\s_-])(?:tex|latex|math|equation|formula)", re.IGNORECASE)
_IN_TEX = re.compile(r"\\[A-Za-z]+|\w[_^][{\w]|^\$.+\$$")
_VERBATIM = {
    *("pre", "code", "kbd", "samp", "tt", "listing", "xmp", "script", "style"),
    *("textarea", "math"),
}
_UNSHOWN = {"annotation", "annotation-xml", "mphantom", "script", "style", "template"}
_WHOLE = etree.XPath("string()", smart_strings=False)
_WHITE = re.compile(r"[ \t\r\n]+")
_TEX = re.compile(r"[\\^_{}]")


def formula(math: etree._Element) -> tuple[str, str]:
    """Return markup and text of what a math element shows; no markup where it is only text."""
    display = "block" if math.get("display") == "block" else "inline"
    if sum(1 for _ in zip(math.iter(), range(MOST + 1), strict=False)) <= MOST:
        markup, text = _inner(math, 0)
        if text.strip():
            return _math(markup, display), text
    tex = _tex(math)
    if tex and _TEX.search(tex) and (made := of_tex(tex, display)):
        return made
    return "", tex or " ".join(_text(math).split())


def of_tex(tex: str, display: str = "inline") -> tuple[str, str] | None:
    """Return markup and text of a formula in TeX; None where that cannot be made."""
    made = mathml_of(tex, display)
    if not made:
        return None
    markup, text = _inner(etree.fromstring(made), 0)
    return (_math(markup, display), text) if text.strip() else None


def set_formulas(body: etree._Element) -> None:
    """Make elements of the formulas in TeX that stand among the words of a tree."""
    for image in list(body.iter("img")):
        _set_picture(image)
    if not may_have_tex(_WHOLE(body)):  # at once: most have none
        return
    elements = list(body.iterdescendants())
    for element in (body, *elements):
        if (text := element.text) and may_have_tex(text):
            _set(element, None, text)
    for element in elements:
        if (text := element.tail) and may_have_tex(text):
            _set(element.getparent(), element, text)


def _set_picture(image: etree._Element) -> None:
    """Put a formula in the place of a picture of it, which is described in TeX."""
    tex, parent = (image.get("alt") or "").strip(), image.getparent()
    if parent is None or not _PICTURED.search(image.get("class") or "") or not _IN_TEX.search(tex):
        return
    if made := mathml_of(tex.strip("$").removeprefix("\\displaystyle")):
        math = etree.fromstring(made)
        math.tail = image.tail
        parent.replace(image, math)


def _set(parent: etree._Element, before: etree._Element | None, text: str) -> None:
    """Set the formulas of a text that stands in an element, at its start or behind another."""
    around = [parent, *parent.iterancestors()]
    if not all(map(name_of, around)) or any(name_of(each) in _VERBATIM for each in around):
        return
    at = 0
    for start, end, tex, is_displayed in tex_in(text):
        made = mathml_of(tex, "block" if is_displayed else "inline")
        if not made:
            continue
        math = etree.fromstring(made)
        _say(parent, before, text[at:start])
        parent.insert(parent.index(before) + 1 if before is not None else 0, math)
        before, at = math, end
    if at:
        _say(parent, before, text[at:])


def _say(parent: etree._Element, before: etree._Element | None, text: str) -> None:
    if before is None:
        parent.text = text
    else:
        before.tail = text


def _math(markup: str, display: str) -> str:
    return f'<math xmlns="{NAMESPACE}" display="{display}">{markup}</math>'


def _tex(math: etree._Element) -> str:
    """Return what is noted beside a formula that shows nothing itself."""
    for inner in math.iter():
        if name_of(inner) == "annotation" and "tex" in (inner.get("encoding") or "").lower():
            return " ".join("".join(inner.itertext()).split())
    return " ".join((math.get("alttext") or "").split())


def _inner(element: etree._Element, depth: int) -> tuple[str, str]:
    """Return markup and text of what is in an element."""
    found = [_one(child, depth) for child in element if name_of(child) not in _UNSHOWN]
    return "".join(markup for markup, _ in found), "".join(text for _, text in found)


def _one(element: etree._Element, depth: int) -> tuple[str, str]:
    name = name_of(element)
    if not name:
        return "", ""
    if name in _TOKENS or depth > DEEPEST:
        return _token(name if name in _TOKENS else "mtext", _text(element))
    if name in _CHOICES:
        first = next((each for each in element if name_of(each) not in _UNSHOWN), None)
        return _one(first, depth + 1) if first is not None else ("", "")
    if name == "mfenced":
        return _fenced(element, depth + 1)
    if not len(element) and (element.text or "").strip():  # text in what should hold elements
        return _token("mtext", element.text or "")
    markup, text = _inner(element, depth + 1)
    name = "mtr" if name == "mlabeledtr" else name if name in _LAYOUT else "mrow"
    kept = "".join(
        f' {key}="{escape(value)}"'
        for key in sorted(ATTRIBUTES.get(name, ()))
        if (value := element.get(key))
    )
    return f"<{name}{kept}>{markup}</{name}>", text


def _text(element: etree._Element) -> str:
    """Return the text in an element, without that of scripts and the like."""
    inner = ((child, child.tail or "") for child in element)
    return (element.text or "") + "".join(
        ("" if not name_of(child) or name_of(child) in _UNSHOWN else _text(child)) + tail
        for child, tail in inner
    )


def _fenced(element: etree._Element, depth: int) -> tuple[str, str]:
    """Return what was written with mfenced, which browsers no longer know, with its fences."""
    separators = element.get("separators", ",").split() or [""]
    pieces = [_token("mo", element.get("open", "("))]
    inner = [child for child in element if name_of(child) not in _UNSHOWN]
    for number, child in enumerate(inner):
        if number:
            pieces.append(_token("mo", separators[min(number, len(separators)) - 1][:5]))
        pieces.append(_one(child, depth))
    pieces.append(_token("mo", element.get("close", ")")))
    markup = "".join(piece for piece, _ in pieces)
    return f"<mrow>{markup}</mrow>", "".join(text for _, text in pieces)


def _token(name: str, text: str) -> tuple[str, str]:
    text = _WHITE.sub(" ", text).strip(" ")
    return f"<{name}>{escape(text, quote=False)}</{name}>", text
