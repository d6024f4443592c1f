"""Notes in the elements of a tree: their marks, their texts, and the way back between the two."""

from __future__ import annotations

import re
from collections.abc import Set
from functools import lru_cache

from lxml import etree

from reader.extraction.tree.elements import BLOCKS, INLINE, NO_TYPES, RAISED, name_of, types_of

CODE_TAGS = {"code", "kbd", "samp", "tt", "var"}
NOTE_REFERENCE = {"noteref", "doc-noteref"}
NOTE_CLASS = re.compile(
    r"(?:^|[\s_-])(?:footnote|fn|fnref|fnanchor|noteref|note-ref|reference|endnote|citation|cite)(?:$|[\s_\d-])",
    re.IGNORECASE,
)
NOTE = {"footnote", "footnotes", "endnote", "endnotes", "rearnote", "rearnotes", "note",
        "doc-footnote", "doc-endnote", "doc-endnotes"}  # fmt: skip
# Where the marks of notes lead to, as programs that make them call it.
_NOTE_ANCHOR = re.compile(
    r"#_?(?:foot|end|side|sd)?(?:note|ftn|fn|edn|cite|endnote|footnote)[\w.:-]*\d[\w.:-]*",
    re.IGNORECASE,
)
# What a mark is called to which the number of a note leads back
_MARK_ANCHOR = re.compile(
    r"#_?(?:sd)?(?:footnote|endnote|ftnt?|edn|fn|cmnt)[\w-]{0,12}?(?:ref|anc|anchor|back)[\w-]*",
    re.IGNORECASE,
)
_NAMED_MARK = re.compile(r"(?:^|[\s_-])note-?ref(?:$|[\s_-])", re.IGNORECASE)
# The way back from a note to its mark
BACKLINK = {"backlink", "doc-backlink"}
_BACK_CLASS = re.compile(
    r"(?:^|[\s_-])(?:backref|back-?link|reversefootnote|footnote-back)(?:$|[\s_-])", re.IGNORECASE
)
_ARROW = re.compile("\\s*[\\[(]?[↩↵⤴⤶⏎↑^←▲⬆🔙\ufe0e\ufe0f\\s]+[\\])]?\\s*")
_NUMBERED_PART = re.compile(
    r"(?:\b(?:figs?|figures?|tables?|tabs?|eqs?|eqns?|equations?|secs?|sections?|chaps?|chapters?|ch|refs?"
    r"|steps?|theorems?|lemmas?|props?|pages?|pp?|parts?|box|algorithms?|appendix|app|notes?|nos?|nrs?"
    r"|abb|abbildung|tabelle|gl|kap|kapitel|abschnitt|seite|tableau|chapitre|partie|tabla|figura"
    r"|cap|capítulo|рис|табл|гл)\.?|[§#№図表])$",
    re.IGNORECASE,
)
_NO_WORD = "-\u2010\u2011\u2013/([{+="  # behind what no mark stands
_LAST_WORD = re.compile(r"[^\W\d_]{3,}$")
LONGEST_MARK = 6  # characters
_MAY_BE_MARK = {"a", "span", "small", "sup"}
_MARK = re.compile(r"\s*(?:[\[(]?(?:\d{1,4}|[*†‡§¶]{1,3}|[a-z])[\])]?|\[[A-Z]\])\s*")
_LABEL = re.compile(r"\s*[\[(]?(\d{1,3}|[a-z])[\]).:]?\s")
# Notes that stand within the sentence they belong to: LaTeXML's, Tufte's
_INNER = ("ltx_note_outer", "sidenote", "marginnote")
_CLASSES = etree.XPath("descendant-or-self::*/@class", smart_strings=False)
_ROLES = etree.XPath("descendant-or-self::*/@role", smart_strings=False)
_INNER_NOTES = etree.XPath(
    "//*[contains(@class, 'ltx_note_outer') or contains(@class, 'sidenote')"
    " or contains(@class, 'marginnote') or @role='doc-footnote']"
)


def role_of(element: etree._Element, name: str) -> str:
    if types_of(element) & NOTE_REFERENCE:
        return "note"
    if name in CODE_TAGS:
        return "code"
    if name not in _MAY_BE_MARK:
        return ""
    href = element.get("href", "")
    if name == "a" and "#" in href and _is_mark("".join(element.itertext())):
        parent = element.getparent()
        if _is_raised(element) or (parent is not None and _is_raised(parent)):
            return "note"
        if any(map(_is_raised, element)) or _MARK_ANCHOR.fullmatch(href):
            return "note"
        if _is_beside_word(element):
            return "note"
    names, own = element.get("class"), element.get("id")
    is_called_so = (names and _is_called_note(names)) or (own and _is_called_note(own))
    if name == "sup":
        return "note" if is_called_so else ""
    if is_called_so or (href and _NOTE_ANCHOR.search(href)):
        text = _text(element)
        is_apart = "[" in text and bool(_NOTE_ANCHOR.search(href))
        is_apart = is_apart or bool(names and _NAMED_MARK.search(names))
        return "note" if _is_mark(text) and (is_apart or _follows_a_word(element)) else ""
    return ""


@lru_cache(1024)
def _is_called_note(names: str) -> bool:
    return bool(NOTE_CLASS.search(names))


def _is_raised(element: etree._Element) -> bool:
    return name_of(element) == "sup" or element.get(RAISED) == "sup"


def _text(element: etree._Element) -> str:
    return "".join(element.itertext())


def _is_beside_word(link: etree._Element) -> bool:
    """Tell whether a link of a number or a sign touches the word before it, and no word after."""
    if (link.tail or "")[:1].isalnum() or not _follows_a_word(link):
        return False
    parent, before = link.getparent(), link.getprevious()
    text = (parent.text if parent is not None else "") if before is None else before.tail
    if _NUMBERED_PART.search(text or "") or (text or " ")[-1] in _NO_WORD:  # "Fig.1", "14–15"
        return False
    word = _LAST_WORD.search(text or "")
    # "chapter<a href='#chapter2'>2</a>" names what it leads to.
    return not (word and word[0].lower() in link.get("href", "").lower())


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
    return bool(_MARK.fullmatch(text))


def set_notes_apart(body: etree._Element) -> None:
    """Put notes that stand within a sentence behind the paragraph it is in."""
    for mark in body.iter("noteref"):  # of DAISY's books
        mark.tag = "a"
        mark.set("role", "doc-noteref")
    for note in _INNER_NOTES(body) if _may_have_inner(body) else ():
        block = note.getparent()
        if name_of(note) in BLOCKS or block is None or len(_text(note)) <= LONGEST_MARK:
            continue
        while block is not None and block is not body and name_of(block) not in BLOCKS:
            block = block.getparent()
        if block is None or block is body or block.getparent() is None:
            continue
        if "ltx_note_outer" in note.get("class", ""):
            for mark in [each for each in note.iter() if "ltx_tag_note" in each.get("class", "")]:
                mark.clear(keep_tail=True)
        _move_behind(note, block)


def _may_have_inner(body: etree._Element) -> bool:
    """Tell it by what elements are called at all: most pages have no such notes."""
    names = set(_CLASSES(body))
    return any(each in name for name in names for each in _INNER) or "doc-footnote" in _ROLES(body)


def _move_behind(note: etree._Element, block: etree._Element) -> None:
    parent, before = note.getparent(), note.getprevious()
    tail, note.tail = note.tail or "", None
    if before is not None:
        before.tail = (before.tail or "") + tail
    else:
        parent.text = (parent.text or "") + tail
    parent.remove(note)
    note.tag = "aside"
    note.set("role", "doc-footnote")
    note.tail, block.tail = block.tail, None
    block.addnext(note)
