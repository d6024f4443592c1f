"""A text that is still being written -> what of it is whole, as block drafts, and the rest.

A paragraph is whole with the blank line behind it, a sentence when the next one has begun. Of a
paragraph that is still open, sentences are taken as they are whole; headings, lists and code wait
for its end. What was taken never changes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

from reader.extraction.drafts import BlockDraft, ExtractionError
from reader.extraction.formats import markdown
from reader.extraction.formats.text import extract
from reader.extraction.plain.decoding import clean
from reader.extraction.sanitise import draft, markup_of
from reader.extraction.segmentation import LONGEST, sentence_ranges, unit_ranges

BREAK = re.compile(r"\n[ \t]*\n\s*")
FENCE = re.compile(r"^ {0,3}(?:```|~~~)", re.MULTILINE)
# What begins like this may become a heading, a list, a quotation, a table, code.
SPECIAL = re.compile(r"\s*(?:[#>*+|•–—-]|\d{1,9}[.)]\s|```|~~~)| {4}|\t")
SENTENCE_END = re.compile("[.!?…。！？؟।][\"'”’»›」』）)\\]]*\\s*$")


class Pause(IntEnum):
    """For how long nothing more has come."""

    NONE = 0
    SHORT = 1  # a sentence that looks whole is one
    LONG = 2  # whatever is there is spoken
    END = 3  # nothing more comes


@dataclass(frozen=True, slots=True)
class Cut:
    """Drafts of what is whole, what is left, and whether that goes on with their paragraph."""

    drafts: list[BlockDraft]
    rest: str
    is_mid_paragraph: bool


def cut(text: str, language: str, *, is_mid_paragraph: bool, pause: Pause) -> Cut:
    """Take what is whole of what was written."""
    text, held = _line_ends(text, is_end=pause == Pause.END)
    closed, opened, is_code = _closed(text, pause)
    drafts = list(_drafts(closed, language, is_mid_paragraph=is_mid_paragraph))
    is_mid_paragraph = is_mid_paragraph and not BREAK.search(closed)
    if not is_code and (is_mid_paragraph or not SPECIAL.match(opened)):
        end = _sentences_end(opened, language, pause)
        more = list(_paragraph(opened[:end], language))
        if more:
            drafts += more
            opened, is_mid_paragraph = opened[end:], True
    return Cut(drafts, opened + held, is_mid_paragraph)


def _line_ends(text: str, *, is_end: bool) -> tuple[str, str]:
    """Return a text with one kind of line ends; half of one at its end is held back."""
    held = "\r" if text.endswith("\r") and not is_end else ""
    whole = text[: len(text) - len(held)]
    return whole.replace("\r\n", "\n").replace("\r", "\n"), held


def _closed(text: str, pause: Pause) -> tuple[str, str, bool]:
    """Return the paragraphs that are whole, what is behind them, and whether that is code."""
    if pause == Pause.END:
        return text, "", False
    if len(fences := list(FENCE.finditer(text))) % 2:
        begin = fences[-1].start()
        return text[:begin], text[begin:], True
    code = [
        (first.start(), last.end()) for first, last in zip(fences[::2], fences[1::2], strict=True)
    ]
    breaks = [
        found.end()
        for found in BREAK.finditer(text)
        if not any(begin < found.start() < end for begin, end in code)
    ]
    end = breaks[-1] if breaks else 0
    closed, opened = text[:end], text[end:]
    if pause == Pause.LONG and SPECIAL.match(opened):
        return text, "", False
    return closed, opened, False


def _drafts(closed: str, language: str, *, is_mid_paragraph: bool) -> Iterator[BlockDraft]:
    if is_mid_paragraph:
        first, found, rest = _parted(closed)
        yield from _paragraph(first, language)
        closed = rest if found else ""
    if closed.strip():
        try:
            # So few signs of Markdown would not tell it, and a fence is none of plain text.
            is_code = FENCE.search(closed)
            whole = markdown.extract(clean(closed), is_pasted=True) if is_code else extract(closed)
            yield from whole.blocks
        except ExtractionError:  # signs alone
            return


def _parted(text: str) -> tuple[str, bool, str]:
    found = BREAK.search(text)
    return (text[: found.start()], True, text[found.end() :]) if found else (text, False, "")


def _paragraph(text: str, language: str) -> Iterator[BlockDraft]:
    """Yield running text as blocks of a comfortable length."""
    cleaned = clean(text)
    for start, end in unit_ranges(cleaned, language):
        yield draft("paragraph", f"<p>{markup_of(' '.join(cleaned[start:end].split()))}</p>")


def _sentences_end(text: str, language: str, pause: Pause) -> int:
    """Return where the last whole sentence of an open paragraph ends."""
    if pause == Pause.LONG or (pause == Pause.SHORT and SENTENCE_END.search(text)):
        return len(text)
    sentences = sentence_ranges(text, language)
    if len(sentences) > 1:
        return sentences[-2][1]
    # A sentence without end is cut as any other that is too long.
    units = unit_ranges(text, language) if len(text) > 2 * LONGEST else []
    return units[-2][1] if len(units) > 1 else 0
