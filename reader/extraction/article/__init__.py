"""The article of a web page, without what surrounds it: two libraries and a choice between them."""

from __future__ import annotations

from lxml import etree
from lxml.html import HtmlElement

from reader.extraction.article.facts import Facts
from reader.extraction.article.hiding import leave_nothing
from reader.extraction.article.passages import Passage, passages_of
from reader.extraction.article.surroundings import ROLES
from reader.extraction.tree.elements import BLOCKS, name_of

# The libraries compare elements with all that are in them: a page made to harm would take hours.
MOST_ELEMENTS = 40_000
DEEPEST = 100
LONGEST = 4_000_000  # characters


def find(page: HtmlElement, facts: Facts) -> None:
    """Take out of a page what does not belong to its article, in place.

    What is hidden is already taken out of it. Elements keep what they have: their order, ids, links
    and the text that follows them.
    """
    body = page.find("body")
    if body is None:
        return
    if not _is_bounded(body):
        _take_out_roles(body)
        return
    # They load much: pages alone need them.
    from reader.extraction.article import libraries
    from reader.extraction.article.choice import Choice

    libraries.mark(body)
    passages = passages_of(body)
    by_readability, marks = libraries.kept_by_readability(page, passages)
    choice = Choice(body, passages, by_readability)
    choice.add_what_the_other_keeps(libraries.kept_by_trafilatura(page, passages))
    found = {each for each in body.iter() if each.get(libraries.MARK) in marks}
    choice.restore_sections(found)
    if choice.is_document(facts.scripts):
        choice.restore_document()
        choice.drop_invitations(by_words=True)
    else:
        choice.drop_ways_out()
        choice.drop_invitations()
    choice.drop_labels()
    choice.drop_empty_sections()
    choice.begin_with_the_heading(facts.title)
    libraries.unmark(body)
    _prune(body, passages, choice.kept, found)


def _is_bounded(body: etree._Element) -> bool:
    characters = 0
    for count, element in enumerate(body.iter()):
        characters += len(element.text or "") + len(element.tail or "")
        if count > MOST_ELEMENTS or characters > LONGEST:
            return False
    return _depth_is_within(body, DEEPEST)


def _depth_is_within(element: etree._Element, most: int) -> bool:
    depth = 0
    for event, _ in etree.iterwalk(element, events=("start", "end")):
        depth += 1 if event == "start" else -1
        if depth > most:
            return False
    return True


def _take_out_roles(body: etree._Element) -> None:
    for element in list(body.iterdescendants()):
        if element.get("role") in ROLES:
            leave_nothing(element)


def _prune(
    body: etree._Element,
    passages: list[Passage],
    kept: list[bool],
    found: set[etree._Element],
) -> None:
    """Drop the passages that are not kept, and the elements that nothing is left in."""
    needed: set[etree._Element] = {body}
    for passage, is_kept in zip(passages, kept, strict=True):
        for element, is_tail in passage.texts:
            if not is_kept:
                _empty(element, is_tail)
                continue
            owner = element.getparent() if is_tail else element
            while owner is not None and owner not in needed:
                needed.add(owner)
                owner = owner.getparent()
    for image in body.iter("img"):
        block = image.getparent()
        if image in found or block in needed:
            owner = image
            while owner is not None and owner not in needed:
                needed.add(owner)
                owner = owner.getparent()
    for element in list(body.iterdescendants()):
        if element not in needed and (_has_content(element) or name_of(element) == "table"):
            leave_nothing(element, inline=name_of(element) not in BLOCKS)


def _empty(element: etree._Element, is_tail: bool) -> None:
    if is_tail:
        element.tail = " "
    else:
        element.text = None


def _has_content(element: etree._Element) -> bool:
    """Tell whether an element has more to it than a line break or an anchor."""
    return any(
        name_of(each) == "img"
        or (each.text or "").strip()
        or (each is not element and (each.tail or "").strip())
        for each in element.iter()
    )
