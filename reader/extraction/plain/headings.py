"""Headings in plain text: told by their words, their letters, or the space around them."""

from __future__ import annotations

import re

LONGEST_HEADING = 100  # characters
SHORT_HEADING = 70  # when little but its shortness shows it
CENTRED = 8  # columns that a centred line is set in at least

_CHAPTER = re.compile(
    r"(?:(?P<upper>part|book|volume|teil|buch|band|partie|livre|tome|parte|libro|часть|книга)"
    r"|chapter|act|scene|section|appendix|letter|canto|kapitel|abschnitt|anhang|chapitre"
    r"|cap[ií]tulo|capitolo|hoofdstuk|глава)"
    r"\s+(?:the\s+)?(?:\d+|[ivxlc]+|[a-h]|one|two|three|four|five|six|seven|eight|nine|ten"
    r"|eleven|twelve|first|second|third|fourth|fifth|last)\b"
    r"|(?:prologue|epilogue|preface|foreword|introduction|contents|prolog|epilog|vorwort"
    r"|einleitung|inhalt|préface|avant-propos|пролог|эпилог)\W*$"
    r"|第[\d一二三四五六七八九十百千零〇]{1,6}[章回節节部卷]",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"(?:\d{1,3}|[IVXL]{1,6})(?:\.\d{1,3})*[.)]? +\S")
_SENTENCE_END = re.compile("[.,;:!?…؟،؛。，、；：！？-]['\"’”»)\\]]*$")
_INNER_END = re.compile(r"[.!?؟…] |[。！？]")
_NOT_A_START = re.compile("[\"'“‘«„—–(*_|-]|[Bb]y |Copyright|©")  # speech, notes, whose it is


def chapter_level(lines: list[str]) -> int:
    """Return the level of a heading that names itself, such as "Chapter 1", else 0.

    Its own title may stand in the lines below; a table of contents is none.
    """
    found = _CHAPTER.match(lines[0])
    if not found or any(_CHAPTER.match(line) for line in lines[1:]):
        return 0
    words = [word for line in lines for word in line.split()]
    if _SENTENCE_END.search(lines[-1]) and len(words) > 4:
        return 0
    return 1 if found["upper"] else 2


def is_capitals(text: str) -> bool:
    """Tell whether a text is in capital letters throughout."""
    return text.isupper() and len(text) > 3 and text[0].isalnum() and text[-1] not in ",;"


def is_centred(lines: list[str], width: int) -> bool:
    """Tell whether lines stand in the middle of the page."""
    return bool(width) and all(
        indent >= CENTRED and abs(width - len(line.rstrip()) - indent) <= width / 4
        for line in lines
        for indent in [len(line) - len(line.lstrip())]
    )


def may_be_title(text: str) -> bool:
    """Tell whether the first line of a document may be its title."""
    question = text.rstrip("!?؟？！")
    if question != text and _INNER_END.search(question):
        return False
    return _begins_well(text) and not _SENTENCE_END.search(question)


def may_be_heading(text: str) -> bool:
    """Tell whether a line that stands alone before some text may be its heading."""
    if len(text) > SHORT_HEADING or not _begins_well(text):
        return False
    return not _SENTENCE_END.search(text.rstrip(".") if _NUMBERED.match(text) else text)


def _begins_well(text: str) -> bool:
    wanted = any(character.isalpha() for character in text) and not text[0].islower()
    return wanted and not _NOT_A_START.match(text)
