"""A text that is rewritten step by step, each character knowing where it stood."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence

from anyascii import anyascii

from .tables import SYMBOLS

# Latin letters that hibari's lexicon has accents of; all else is told in ASCII.
LATIN = re.compile(r"[a-zA-Z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u00ff]")
KEPT = frozenset(" .,;:!?\"'()%&+=/$£€¥₹₩¢°#@<>~*_^|\\[]{}-–—…½⅓⅔¼¾⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞²³×÷±−§¶№→`©≈≠≤≥·µ")
# What is written as one character.
OF_ONE_SIGN = {
    "½": (1, 2), "⅓": (1, 3), "⅔": (2, 3), "¼": (1, 4), "¾": (3, 4), "⅕": (1, 5), "⅖": (2, 5),
    "⅗": (3, 5), "⅘": (4, 5), "⅙": (1, 6), "⅚": (5, 6), "⅛": (1, 8), "⅜": (3, 8), "⅝": (5, 8),
    "⅞": (7, 8),
}  # fmt: skip
QUOTES = str.maketrans("’‘ʼ′“”„«»‹›″", "''''" + '"' * 8)
GREEK = {"α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "epsilon", "ζ": "zeta",
         "η": "eta", "θ": "theta", "ι": "iota", "κ": "kappa", "λ": "lambda", "μ": "mu", "ν": "nu",
         "ξ": "xi", "ο": "omicron", "π": "pi", "ρ": "rho", "σ": "sigma", "ς": "sigma", "τ": "tau",
         "υ": "upsilon", "φ": "phi", "χ": "chi", "ψ": "psi", "ω": "omega"}  # fmt: skip
# The micro sign and the letter mu look alike; before a unit either is meant as the sign.
MICRO = re.compile(r"(?<![^\W\d_])[µμ](?=(?:m|g|l|L|s|A|V|F|W|M|T|mol|Sv)\b)")
OHM = re.compile(r"(?<![^\W\d_])([kM]?)[Ω\u2126](?!\w)")
# Raised figures that are a power, no note's mark: of a number, a letter, a bracket; or with a sign.
POWER = re.compile(
    r"(?:(?<=\d)|(?<=\))|(?<=\b[A-Za-z]))(?:[⁰¹⁴-⁹]|[⁰¹²³⁴-⁹]{2,3})(?![\w⁰¹²³⁴-⁹])"
    r"|(?<=[\w)])[⁺⁻][⁰¹²³⁴-⁹]{1,3}(?!\w)"
)
# A Greek letter in a formula is a word of its own.
BESIDE_GREEK = re.compile(r"(?<=[A-Za-z])(?=[Α-Ωα-ω])|(?<=[Α-Ωα-ω])(?=[A-Za-zΑ-Ωα-ω])")
GREEK_WORD = re.compile(r"(?<![^\W\d_])[\u0370-\u03ff\u1f00-\u1fff]{3,}(?![^\W\d_])")
LINK = re.compile(r"!?\[([^\]\[]*)\]\((?:[^()\s]|\([^()\s]*\))*(?:\s\"[^\"]*\")?\)")
# Signs of Markdown around words: nobody says them.
SIGN = r"(?:\*{1,3}|_{1,3}|~~|`{1,3}|==)"
AROUND = re.compile(rf"(?<![\w*_~`=]){SIGN}(?=\S)|(?<=\S){SIGN}(?![\w*_~`=])")


class Written:
    """A text, and for each of its characters the place that it has in the text it came from."""

    def __init__(self, text: str, origin: Sequence[int]) -> None:
        self.text = text
        self.origin = list(origin)

    def sub(
        self,
        pattern: re.Pattern[str],
        said: Callable[[re.Match[str]], str | Sequence[tuple[str, int]] | None],
    ) -> None:
        """Say each match otherwise: all of it, or parts that stand for groups; None leaves it."""
        pieces: list[str] = []
        origin: list[int] = []
        at = 0
        for found in pattern.finditer(self.text):
            instead = said(found)
            if instead is None:
                continue
            pieces.append(self.text[at : found.start()])
            origin += self.origin[at : found.start()]
            for words, group in [(instead, 0)] if isinstance(instead, str) else instead:
                start = found.start(group) if found.start(group) >= 0 else found.start()
                pieces.append(words)
                origin += [self._place(start)] * len(words)
            at = found.end()
        if pieces:
            self.text = "".join([*pieces, self.text[at:]])
            self.origin = origin + self.origin[at:]

    def _place(self, at: int) -> int:
        return self.origin[at] if at < len(self.origin) else (self.origin[-1] if at else 0)


def plain(text: str) -> Written:
    """Return a text in the characters that hibari knows, without what is not seen or not said."""
    written = Written(text, range(len(text)))
    written.sub(MICRO, lambda found: "µ")
    written.sub(OHM, lambda found: f"{found[1]}ohm")
    written.sub(POWER, _power)
    written.sub(GREEK_WORD, lambda found: str(anyascii(found[0])))
    written.sub(BESIDE_GREEK, lambda found: " ")
    written.sub(LINK, lambda found: [(found[1], 1)] if found[1] else "")
    written.sub(AROUND, lambda found: "")
    pieces: list[str] = []
    origin: list[int] = []
    for place, character in zip(written.origin, written.text, strict=True):
        instead = _in_ascii(character)
        if pieces and instead and _is_apart(character, pieces[-1][-1:]):
            instead = f" {instead}"
        pieces.append(instead)
        if not instead:
            pieces.pop()
        origin += [place] * len(instead)
    return Written("".join(pieces), origin)


def _power(found: re.Match[str]) -> str:
    return f"^{unicodedata.normalize('NFKD', found[0]).replace('−', '-')}"


def _in_ascii(character: str) -> str:
    if character.isascii():
        if character.isprintable():
            return character
        return " " if character.isspace() else ""
    if character in OF_ONE_SIGN:
        return character
    if character in SYMBOLS:
        return f" {SYMBOLS[character]} "
    character = character.translate(QUOTES)
    if character in KEPT or character.isascii() or LATIN.match(character):
        return character
    if character in "†‡":  # a note's, and no plus
        return ""
    category = unicodedata.category(character)
    if category == "Sc":
        return character
    if category in ("Cf", "Cc", "Mn", "Me", "Co", "Cs", "Cn", "So", "Sk"):
        return " " if category == "So" else ""  # invisible, or a picture
    if character.isspace():
        return " "
    if category == "Pd":
        return "—"
    lower = character.lower()
    if lower in GREEK:
        return GREEK[lower]
    simple = unicodedata.normalize("NFKD", character)
    base = "".join(each for each in simple if not unicodedata.combining(each))
    if base.isascii():
        return base
    if category == "Sm":
        return " "
    return str(anyascii(character))


def _is_apart(character: str, before: str) -> bool:
    """Tell whether a character is a word or syllable of its own: of Han, and of Hangul."""
    if not before.isalnum():
        return False
    return "\u3400" <= character <= "\u9fff" or "\uac00" <= character <= "\ud7af"
