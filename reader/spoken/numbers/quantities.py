"""Units, elements and abbreviations, as far as what is raised or lowered behind them needs it."""

from __future__ import annotations

import re
from typing import Final

from .scripts import Raised

FUNCTIONS: Final = frozenset(
    [
        "sin",
        "cos",
        "tan",
        "cot",
        "sec",
        "csc",
        "sinh",
        "cosh",
        "tanh",
        "log",
        "ln",
        "lg",
        "exp",
        "det",
        "dim",
        "ker",
        "max",
        "min",
        "arg",
    ]
)
LENGTHS: Final = frozenset(
    ["km", "hm", "m", "dm", "cm", "mm", "µm", "μm", "nm", "pm", "ft", "in", "yd", "mi"]
)
# In scripts of languages that have no words here: what is raised behind them is kept.
OTHER_LENGTHS: Final = frozenset(
    {
        *("км", "м", "дм", "см", "мм", "χλμ", "μ", "كم", "كلم", "م", "سم", "متر", "किमी", "मी"),
        *("กม", "ม", "ซม", "კმ", "կմ"),
    }
)
UNITS: Final = LENGTHS | frozenset(
    [
        "s",
        "ms",
        "h",
        "min",
        "g",
        "kg",
        "mg",
        "A",
        "V",
        "K",
        "W",
        "J",
        "N",
        "Pa",
        "Hz",
        "mol",
        "cd",
        "L",
        "l",
        "rad",
        "sr",
        "C",
        "F",
        "T",
        "lm",
        "bar",
        "eV",
        "cal",
    ]
)
# Compounds whose index is often set as if it were a power.
OXIDES: Final = frozenset({"CO", "NO", "SO", "SiO", "TiO", "ClO", "PO", "NH", "CH"})
_ELEMENT = (
    "H|He|Li|Be|B|C|N|O|F|Ne|Na|Mg|Al|Si|P|S|Cl|Ar|K|Ca|Sc|Ti|V|Cr|Mn|Fe|Co|Ni|Cu|Zn|Ga|Ge|As|Se"
    "|Br|Kr|Rb|Sr|Y|Zr|Nb|Mo|Tc|Ru|Rh|Pd|Ag|Cd|In|Sn|Sb|Te|I|Xe|Cs|Ba|La|Ce|Nd|Eu|Gd|W|Re|Os|Ir"
    "|Pt|Au|Hg|Tl|Pb|Bi|Po|At|Rn|Fr|Ra|Th|Pa|U|Np|Pu|Am|Cm"
)
_ELEMENT_NEXT = re.compile(rf"(?:{_ELEMENT})(?![a-z’'])")
_COMPOUND = re.compile(rf"(?<![a-zA-Z])(?:(?:{_ELEMENT})[\d₀-₉]*|[()\[\]])+$")
# Letters that are written small and high at the end of an abbreviation, with what stands before.
_ABBREVIATIONS = frozenset(
    [
        "no",
        "nos",
        "mme",
        "mmes",
        "mlle",
        "mlles",
        "nlle",
        "nlles",
        "mr",
        "dr",
        "drs",
        "st",
        "ste",
        "cie",
        "me",
        "mgr",
        "co",
        "ld",
        "sr",
        "sra",
        "srta",
        "ma",
        "fco",
        "nro",
        "wm",
        "jr",
        "vve",
        "prof",
        "hnos",
        "da",
    ]
)


def is_element(text: str) -> bool:
    """Tell whether a text begins with the symbol of a chemical element."""
    return bool(_ELEMENT_NEXT.match(text)) and text[:2] != "I "


def is_compound(before: str) -> bool:
    """Tell whether a text ends in a chemical formula."""
    return bool(_COMPOUND.search(before))


def is_abbreviation(raised: Raised) -> bool:
    """Tell whether what is raised ends an abbreviation, as in Mme or Nº."""
    stem = re.search(r"[^\W\d_]*$", raised.before.rstrip("."))
    joined = (stem[0] if stem else "") + raised.text
    return joined.lower().strip(".") in _ABBREVIATIONS
