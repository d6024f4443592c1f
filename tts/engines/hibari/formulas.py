"""What is said of the signs of mathematics and chemistry."""

from __future__ import annotations

import re

from .numbers import spelled
from .readings import Said

# Elements that stand in formulas; beside others in capitals and small letters they are no word.
ELEMENTS = "H|C|N|O|F|S|P|K|I|Li|Na|Mg|Al|Si|Cl|Ca|Ti|Cr|Mn|Fe|Co|Ni|Cu|Zn|As|Br|Ag|Ba|Au|Hg|Pb"
COMPOUND = re.compile(rf"(?<![\w.])(?:(?:{ELEMENTS})\d*|\((?:(?:{ELEMENTS})\d*)+\)\d*){{2,}}(?!\w)")
WORDS = frozenset({"NaN", "CoOp", "HeLa", "NiCad"})
FUNCTION = re.compile(r"(?<![\w.])([fghFGH])\(([a-z]|\d{1,3})\)")
FACTORIAL = re.compile(r"(?<=\d)!(?=\s?[=+×*/÷),;−-]|\s+(?:is|equals|ways)\b)|(?<=\bn)!(?!\w)")
BETWEEN_NUMBERS = re.compile(r"(?<=\d)\s?[xX×]\s?(?=\d)")
MINUS = re.compile(r"(?<=\d[a-z])\s-\s(?=\d)")
AFTER_A_NUMBER = re.compile(r"(?<=\d)x\b(?!\s?\d)")
# What stands behind a factor of a sum, but not behind "ten times".
GOES_ON = re.compile(r"\s[-−+=<>≤≥]\s|[-+²³^)=]")
EQUALS = (re.compile(r"[\d.,\s×x*+÷/−-]*="), re.compile(r"=[\d.,\s×x*+÷/−-]*$"))


def compound(found: re.Match[str]) -> Said:
    """Spell a formula that has small letters or numbers; capitals alone are abbreviations."""
    formula = found[0]
    if formula in WORDS or not re.search(r"[a-z]\d*[A-Z(]|[A-Z]\d*[A-Z][a-z]", formula):
        return None
    parts = re.findall(r"[A-Za-z]+|\d+", formula)
    return " ".join(spelled(part) if part.isalpha() else part for part in parts)


def function(found: re.Match[str]) -> Said:
    what = found[2] if found[2].isdigit() else spelled(found[2])
    return [(spelled(found[1]), 1), (f" of {what}", 2)]


def between_numbers(found: re.Match[str]) -> Said:
    """A room is four by five; four times five is twenty."""
    if re.match(r"10\^", found.string[found.end() :]):
        return " times "
    is_sum = EQUALS[0].match(found.string[found.end() :]) or EQUALS[1].search(
        found.string[: found.start()]
    )
    return " times " if is_sum else " by "


def after_a_number(found: re.Match[str]) -> Said:
    return " x" if GOES_ON.match(found.string[found.end() :]) else " times"
