"""Numbers in English words, as an American says them: "one thousand two hundred thirty-four"."""

from __future__ import annotations

from hibari.g2p import numbers as words

ROMAN = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}
LONGEST = 33  # digits; beyond the largest number that has a name they are said one by one


def cardinal(number: int) -> str:
    if number >= 10**LONGEST:
        return spelled(str(number))
    said: str = words.cardinal(number)
    return said.replace(" and ", " ").replace(",", "")


def ordinal(number: int) -> str:
    said: str = words.ordinal(number)
    return said.replace(" and ", " ").replace(",", "")


def year(digits: str) -> str:
    said: str = words.year(int(digits))
    return said.replace("-", " ").replace(" and ", " ")


def as_said(number: str) -> str:
    """Say a number as it is written: with commas between thousands, or a decimal point."""
    whole, point, rest = number.replace(",", "").partition(".")
    said = cardinal(int(whole or 0))
    return f"{said} point {spelled(rest)}" if point and rest else said


def spelled(characters: str) -> str:
    """Say digits and letters one by one. Letters with full stops are what hibari spells."""
    if characters.isalpha():
        return "".join(f"{each.upper()}." for each in characters)
    return " ".join(cardinal(int(each)) for each in characters if each.isdecimal())


def roman(numeral: str) -> int:
    """Return the value of a Roman numeral, 0 of none."""
    total, largest = 0, 0
    for letter in reversed(numeral):
        value = ROMAN.get(letter, 0)
        total += value if value >= largest else -value
        largest = max(largest, value)
    return total
