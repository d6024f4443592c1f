"""What fonts and typesetters make of letters, undone: ligatures, accents, raised and lowered signs.

Within a line, control characters that no text has mark what is raised or lowered, and a divided
word; they become markup when the line is written down.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from reader.extraction.tree.inline import Run, Tag

from .ligatures import QU, TH, TT

# What the library puts where a hyphen at a line's end divides a word.
DIVIDED = "\x02"
RAISED, LOWERED, NOTE, END = "\x0e", "\x0f", "\x10", "\x11"
FORMULA, FORMULA_END = "\x12", "\x13"  # around what is raised, too
CODE, CODE_END = "\x15", "\x16"  # around lines of code, with line ends
CAP = "\x14"  # behind a letter of several rows, which may be a word by itself
_MARKED = re.compile(f"[{RAISED}{LOWERED}{NOTE}][^{END}]*{END}")
_MARKS = re.compile(f"[{RAISED}{LOWERED}{NOTE}{END}{FORMULA}{FORMULA_END}{CODE}{CODE_END}{CAP}]")
_DISPLAYED = re.compile(
    f"{FORMULA}([^{FORMULA_END}]*){FORMULA_END}|{CODE}([^{CODE_END}]*){CODE_END}"
)
_TAGS: dict[str, tuple[Tag, ...]] = {
    RAISED: (("sup", ()),),
    LOWERED: (("sub", ()),),
    NOTE: (("sup", (("data-role", "note"),)),),
}

_LIGATURES = str.maketrans(
    {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st",
     TH: "Th", QU: "Qu", TT: "tt", "\ufffe": DIVIDED, "\x00": "", "\u00a0": " "}
)  # fmt: skip
# Bullets in the private places of symbol fonts; the rest there are pictures rather than letters.
_SYMBOLS = str.maketrans(
    {"\uf0b7": "•", "\uf0a7": "▪", "\uf0d8": "▪", "\uf076": "▪", "\uf0fc": "•", "\uf06e": "▪",
     "\uf0a8": "▪", "\uf06c": "•", "\uf071": "▪", "\uf0f0": "•", "\uf0e0": "→", "\uf0de": "→",
     "\uf02d": "–", "\uf0be": "–", "\uf077": "▪", "\uf0ad": "•",
     # Where TeX's fonts of symbols have them
     "\x84": "†", "\x85": "‡", "\x87": "‰", "\x88": "•", "\x89": "℃", "\x97": "™"}
)  # fmt: skip
# Single accents as old fonts of TeX draw them, before their letter.
_ACCENTS = {
    "´": "\u0301", "`": "\u0300", "¨": "\u0308", "ˆ": "\u0302", "˜": "\u0303", "ˇ": "\u030c",
    "˘": "\u0306", "˙": "\u0307", "˚": "\u030a", "¯": "\u0304", "˝": "\u030b", "¸": "\u0327",
    "˛": "\u0328", "\u0300": "\u0300", "\u0301": "\u0301", "\u0308": "\u0308",
}  # fmt: skip
ACCENT = re.compile("[´`¨ˆ˜ˇ˘˙˚¯˝¸˛]")
_DOTLESS = {"ı": "i", "ȷ": "j"}
# TeX's opening quotation mark, drawn with an accent that belongs to no letter.
_LONE_ACCENT = re.compile(r"(?:(?<=\s)|^)[\u0300\u0301]\s?")
# Letters of Arabic and Hebrew as they are drawn within words.
_SHAPES = re.compile("[\ufb1d-\ufdff\ufe70-\ufefc]+")
_SURROGATE = re.compile("[\ud800-\udfff]")
_CONTROLS = re.compile(r"[\x00\x01\x03-\x08\x0e-\x1f]")


def readable(text: str) -> str:
    """Return what a font tells of a line as the letters that are meant."""
    if text.isascii():
        return _CONTROLS.sub("", text)
    if _SURROGATE.search(text):  # the halves of a character, or what a broken file has of one
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    text = text.translate(_LIGATURES).translate(_SYMBOLS)
    text = _SHAPES.sub(lambda found: unicodedata.normalize("NFKC", found[0]), text)
    text = text.replace("✭✭", "«").replace("✮✮", "»")  # drawn by TeX's old fonts
    return _CONTROLS.sub("", _LONE_ACCENT.sub("", text))


def composed(accent: str, letter: str) -> str:
    """Return a letter with an accent as one character; nothing where there is none."""
    made = unicodedata.normalize("NFC", _DOTLESS.get(letter, letter) + _ACCENTS[accent])
    return made if len(made) == 1 else ""


def plain(text: str) -> str:
    """Return a line without the marks of what is raised."""
    is_marked = any(mark in text for mark in (END, FORMULA, CODE, CAP))
    return _MARKS.sub("", text) if is_marked else text


def bare(text: str) -> str:
    """Return a line without what is raised or lowered in it."""
    return _MARKED.sub("", text)


def runs(text: str) -> Iterator[Run]:
    """Yield a line's text as runs with their markup."""
    at = 0
    for displayed in _DISPLAYED.finditer(text):
        yield from _runs(text[at : displayed.start()], ())
        if displayed[1] is not None:
            yield from _runs(displayed[1], (("span", (("data-role", "math"),)),))
        else:
            yield from _lines(displayed[2], (("code", ()),))
        at = displayed.end()
    yield from _runs(text[at:], ())


def _lines(text: str, around: tuple[Tag, ...]) -> Iterator[Run]:
    """Yield runs with a line break after each line, and before the first."""
    for line in text.split("\n"):
        yield Run("\n")
        yield from _runs(line, around)
    yield Run("\n")


def _runs(text: str, around: tuple[Tag, ...]) -> Iterator[Run]:
    at = 0
    for marked in _MARKED.finditer(text):
        if at < marked.start():
            yield Run(plain(text[at : marked.start()]), around)
        if inner := plain(marked[0]):
            # Raised letters are an ordinal's or an abbreviation's, or an index: said as they are.
            is_word = marked[0][0] == RAISED and inner.isalpha()
            yield Run(inner, around if is_word else around + _TAGS[marked[0][0]])
        at = marked.end()
    if at < len(text):
        yield Run(plain(text[at:]), around)
