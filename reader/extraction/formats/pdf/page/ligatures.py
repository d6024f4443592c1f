"""Ligatures that a font gives no letters for: the library then tells their numbers in the font.

Most fonts of TeX keep to one of two orders. Some have an order of their own, so the words around
are asked first: "e?ect" wants "ff", whatever the number is.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict

# Each stands for its letters as one character, so that indices stay; signs.py writes them out.
FF, FI, FL, FFI, FFL = "ﬀﬁﬂﬃﬄ"
TH, QU, TT = "\uf8f0", "\uf8f1", "\uf8f2"
# The orders of T1 and of OT1, the line ends among them left out.
_ORDER = {
    "\x1b": FF, "\x1c": FI, "\x1d": FL, "\x1e": FFI, "\x1f": FFL,
    "\x0b": FF, "\x0c": FI, "\x0e": FFI, "\x0f": FFL,
}  # fmt: skip
_CODES = "".join(_ORDER)
_CODE = re.compile(f"[{_CODES}]")
_LETTERS = r"[^\W\d_]{0,30}"
_WORD = re.compile(
    rf"{_LETTERS}[{_CODES}](?=[a-zà-ÿ]){_LETTERS}|{_LETTERS}[a-zà-ÿ][{_CODES}](?!\w)"
)
# What stands around them in English, and in German, French, Spanish and Italian words.
_AROUND = {
    FF: r"(?:[deo]i|o|su|e|a|sta|stu|coe|bu|cuto|ho|scha|schi|sto|trau|pu|sni|chi)0(?:er|ec|or"
        r"|en|ent|set|el|et|ici|ig|n|iz)|\bo0\b|\bsta0\b|\bcuto0\b",
    FI: r"\b(?:un|de|con|re|pro|pre)?0(?:rst|nd|ve|gur|le|eld|nal|x|lter|lm|ll|ne|n|re|sh|t|ft|xed"
        r"|g|ci|c|rm|rms|ed|es|ance|t|le|ng)|(?:eci|igni|enti|odi|ati|assi|lari|peci|justi|uni"
        r"|veri|quali|simpli|noti|scienti|rati)0(?:c|e|ed|es|er|cat|ca)|bene0t|arti0c|in0n"
        r"|\b0(?:nal|gure|n)",
    FL: r"\b(?:in|re|con|over|out)?0(?:ow|avo|ag|at|oat|oor|y|ui|ex|our|esh|ew|ies|ood|uc|ect|ict"
        r"|uss|uen|ight)|con0ict|re0ect|in0u",
    FFI: r"(?:o|e|su|coe|ine|insu|tra|pro|a|gra|di|sta)0(?:c|x|e|cu|ci|d|n|t|ng|ce|cult|l)",
    FFL: r"(?:wa|ba|shu|ra|mu|sni|o|hei|eu)0(?:e|ed|es|ing|ine)",
    TH: r"\b0(?:e|is|at|ey|ere|en|us|ese|ose|rough|an|ough|eory|ing|ree|ird|eir|em)\b",
    QU: r"\b0(?:ick|estion|ery|ote|ite|ality|antum|antity|arter|een|iet|al|and|e)",
    TT: r"(?:le|be|ma|wri|a|ba|ke|li|spli|bo|ge|pa|fla)0(?:er|le|en|ern|ing|om|ribut|emp|ach|ack"
        r"|end)",
}  # fmt: skip
_FITS = {made: re.compile(around) for made, around in _AROUND.items()}


def with_ligatures(text: str) -> str:
    """Return a page's text with its ligatures, each as one character."""
    if not _CODE.search(text):
        return text
    votes: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for word in _WORD.findall(text):
        for code in set(word) & _ORDER.keys():
            votes[code].update(_fitting(word, code))
    chosen = {code: _chosen(code, votes[code]) for code in votes}

    def mended(found: re.Match[str]) -> str:
        word = found[0]
        for code in sorted(set(word) & _ORDER.keys()):
            fitting = _fitting(word, code)
            # The page's choice, unless this word wants another one.
            made = chosen[code] if chosen[code] in fitting or len(fitting) != 1 else fitting[0]
            word = word.replace(code, made)
        return word

    return _WORD.sub(mended, text)


def _fitting(word: str, code: str) -> list[str]:
    folded = word.replace(code, "0").lower()
    return [made for made, around in _FITS.items() if around.search(folded)]


def _chosen(code: str, votes: Counter[str]) -> str:
    best, count = next(iter(votes.most_common(1)), (_ORDER[code], 0))
    return best if count > votes[_ORDER[code]] else _ORDER[code]
