"""What a browser does not show of a page is taken out of it, unless that is nearly all there is."""

from __future__ import annotations

import re
from collections.abc import Iterable

from lxml import etree

from reader.extraction.article.passages import SENTENCE, squeeze
from reader.extraction.tree.cascade import WIDTH
from reader.extraction.tree.elements import (
    BLOCKS,
    HEADINGS,
    UNSHOWN,
    is_formula,
    is_hidden,
    name_of,
)
from reader.extraction.tree.stylesheet import Stylesheets

# A page is shown by a script if so little of it is shown without.
ALMOST_NOTHING = 0.1
# A form around a page, as some servers make, has text in it; any other has words for its fields.
LEAST_OF_PAGE = 250  # letters
_EDIT = re.compile(r"(?:^|\s)(?:mw-)?editsection(?:$|\s)")
_PERMALINK = re.compile(r"(?:^|[\s-])(?:headerlink|anchor(?:js)?|permalink|hash-link)(?:$|[\s-])")
LONGEST_TOOL = 24  # letters
# What a page whose style sheet is elsewhere calls text that only screen readers are given.
_UNSEEN = re.compile(
    r"(?:^|[\s_-])(?:sr-?only|screen-?reader(?:-?(?:text|only))?|(?:visually|element)-?(?:hidden|invisible)"
    r"|off-?screen|hidden-?visually|a11y-?hidden)(?:$|\s)",
    re.IGNORECASE,
)
# Pictures that a font makes of their names: "chevron_right"
_ICON = re.compile(
    r"(?:^|\s)material-(?:icons|symbols)(?:-(?:outlined|round(?:ed)?|sharp|filled|two-tone))?(?:$|\s)"
)
# What a screen reader is told beside other signs, arrows and dots, is what a click does.
_SHOWN_LETTERS = re.compile(r"[^\W_]|[★☆⭐✩-✰]")
# Fields of forms that are none of an office's: to sign up, to search, to log in, to comment
_FIELDS_OF_SITES = {"email", "password", "search"}
_MATHJAX = re.compile(r"math/tex\b(?P<displayed>.*mode\s*=\s*display)?", re.IGNORECASE)
_RENDERED = re.compile(r"(?:^|\s)(?:MathJax|MJX|mjx)")
_PAGE_PARTS = {"h1", "article", "main"}
_CONTROLS = {"a", "button", "label", "legend", "option", "select", "textarea"}


def take_out_hidden(page: etree._Element) -> None:
    """Leave of a page what is shown of it, in place."""
    Stylesheets(lambda _: "").apply(page, lambda href: href)
    body = page.find("body")
    if body is None:
        return
    _show_without_scripts(body)
    _write_out_formulas(body)
    _open_panels(body)
    of_site = {form for form in body.iter("form") if _is_of_site(form)}
    _take_out([each for each in body.iterdescendants() if _is_no_text(each)])
    for form in list(body.iter("form")):
        if _is_page(form) or (form not in of_site and _has_guidance(form)):
            form.tag = "div"
    _take_out([each for each in body.iter("a", "span") if _is_tool(each)])
    hidden = _outermost(body)
    whole = _letters(body)
    if whole - sum(map(_letters, hidden)) >= ALMOST_NOTHING * whole:
        _take_out(hidden)
        return
    for element in body.iter():
        if element.tag == "form":
            element.tag = "div"
        for key in ("hidden", "style", "aria-hidden"):
            element.attrib.pop(key, None)


def _show_without_scripts(body: etree._Element) -> None:
    """Take the text that is there for browsers without scripts, where that is the whole page."""
    inner = [each for each in body.iter("noscript") if each.getparent() is not None]
    letters = sum(map(_letters, inner))
    if letters < LEAST_OF_PAGE:
        return
    unshown = {each for each in body.iterdescendants() if _is_no_text(each)}
    outer = [each for each in unshown if each.getparent() not in unshown]
    if _letters(body) - sum(map(_letters, outer)) < ALMOST_NOTHING * letters:
        for each in inner:
            each.tag = "div"


def _open_panels(body: etree._Element) -> None:
    """Show what a click shows: all panels of tabs, and what the headings of an accordion open."""
    opened = set()
    for button in body.iter("button", "a"):
        above = button.getparent()
        if button.get("aria-expanded") and above is not None and name_of(above) in HEADINGS:
            opened.add(button.get("aria-controls"))
            button.tag = "span"  # what it says is the heading
    for element in body.iter():
        if element.get("role") == "tabpanel" or ((own := element.get("id")) and own in opened):
            for key in ("hidden", "aria-hidden", "style"):
                element.attrib.pop(key, None)


def _write_out_formulas(body: etree._Element) -> None:
    """Put what scripts hold in TeX in the place of what MathJax has made of it."""
    for script in list(body.iter("script")):
        found = _MATHJAX.match(script.get("type") or "")
        if not found or not (script.text or "").strip():
            continue
        before = script.getprevious()
        while (
            before is not None
            and not (before.tail or "").strip()
            and (_RENDERED.search(before.get("class") or ""))
        ):
            leave_nothing(before, inline=True)
            before = before.getprevious()
        script.tag = "span"
        script.text = rf"\[{script.text}\]" if found["displayed"] else rf"\({script.text}\)"


def leave_nothing(element: etree._Element, *, inline: bool = False) -> None:
    """Empty an element of all but the text that follows it.

    It is not removed: that text would be put behind the text before it, each time anew.
    """
    element.clear(keep_tail=True)
    element.tag = "span" if inline else "div"


def _is_no_text(element: etree._Element) -> bool:
    name = name_of(element)
    return name != "form" and (name in UNSHOWN or not name)


def _is_tool(element: etree._Element) -> bool:
    """Tell whether an element is a heading's link to itself, or to edit what follows."""
    names = element.get("class") or ""
    if _EDIT.search(names):
        return _letters(element) <= LONGEST_TOOL
    return bool(_PERMALINK.search(names)) and not _letters(element)


def _is_page(form: etree._Element) -> bool:
    letters, skipped = 0, set()
    for element in form.iter():
        name = name_of(element)
        if name in _PAGE_PARTS:
            return True
        if name in _CONTROLS or element.getparent() in skipped:
            skipped.add(element)
        else:
            letters += len(squeeze(element.text or ""))
        if element.getparent() not in skipped:
            letters += len(squeeze(element.tail or ""))
        if letters >= LEAST_OF_PAGE:
            return True
    return False


def _is_of_site(form: etree._Element) -> bool:
    """Tell whether a form is there to sign up, to search, to log in or to comment."""
    return any((each.get("type") or "").lower() in _FIELDS_OF_SITES for each in form.iter("input"))


def _has_guidance(form: etree._Element) -> bool:
    """Tell whether a form says more than the names of its fields, to those who fill it in."""
    return any(
        (text := " ".join("".join(each.itertext()).split())).endswith((".", "。", ":"))
        and len(text) >= SENTENCE
        for each in form.iter("p", "li")
    )


def _letters(element: etree._Element) -> int:
    return sum(len(squeeze(text)) for text in element.itertext())


def _outermost(body: etree._Element) -> list[etree._Element]:
    """Return the elements that are hidden, without those in them."""
    found, inner = [], set()
    for element in body.iterdescendants():
        if element.getparent() in inner:
            inner.add(element)
        elif _stands_in(element):
            for key in ("hidden", "style"):
                element.attrib.pop(key, None)
        elif is_hidden(element, name_of(element)) or _is_unseen(element):
            found.append(element)
            inner.add(element)
    return found


def _stands_in(element: etree._Element) -> bool:
    """Tell whether it says to screen readers what the letters beside it show: a drop cap, stars."""
    names = element.get("class")
    if not names or not _UNSEEN.search(names):
        return False
    beside = (element.getprevious(), element.getnext())
    return any(
        each is not None
        and each.get("aria-hidden") == "true"
        and any(map(_SHOWN_LETTERS.search, each.itertext()))
        for each in beside
    ) and not any(_ICON.search(each.get("class") or "") for each in beside if each is not None)


def _is_unseen(element: etree._Element) -> bool:
    names, widest = element.get("class"), element.get("data-max-width") or ""
    if widest.isdecimal() and len(widest) < 6 and int(widest) < WIDTH:
        return True  # a chart of ai2html, which is there once more for wide screens
    return bool(names and (_UNSEEN.search(names) or _ICON.search(names))) and not is_formula(
        element
    )


def _take_out(elements: Iterable[etree._Element]) -> None:
    for element in elements:
        leave_nothing(element, inline=name_of(element) not in BLOCKS)
