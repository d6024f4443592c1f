"""English text as it is written -> as it is said, where hibari would misread it, with a map back.

Each rule changes as little as it can, so that a word that is said still knows which written word
it stands for. What hibari reads well by itself (words, plain numbers, years, ordinals) is left.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from .numbers import as_said, cardinal, ordinal, roman, spelled, year
from .tables import (
    ABBREVIATIONS,
    BEFORE_NUMBERS,
    CURRENCIES,
    DECADES,
    FRACTIONS,
    MAGNITUDES,
    MONTHS,
    NAMES_OF_KINGS,
    NUMBERED,
    PHRASES,
    SAID_AS_WORDS,
    SIGNS,
    SPELLED,
    TITLES,
    UNITS,
)
from .writing import OF_ONE_SIGN, Written, plain

NUMBER = r"\d+(?:,\d{3})*(?:\.\d+)?"
MONTH = "|".join(sorted({*MONTHS, *MONTHS.values()}, key=len, reverse=True))
UNIT = "|".join(re.escape(unit) for unit in sorted(UNITS, key=len, reverse=True))
MONEY = "|".join(re.escape(sign) for sign in sorted(CURRENCIES, key=len, reverse=True))
MAGNITUDE = "|".join(sorted(MAGNITUDES, key=len, reverse=True))
YEAR = r"1[1-9]\d\d|20\d\d"
ROMAN = r"(?=[IVXLCDM])M{0,3}(?:CM|CD|D?C{0,3})(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})"

# What a rule gives: what is said, or parts of it with the group of the match that each stands for.
Said = str | Sequence[tuple[str, int]] | None
Rule = tuple[re.Pattern[str], Callable[[re.Match[str]], Said]]


def rewrite(text: str) -> Written:
    """Return what is to be said of a text, each character with its place in the text."""
    written = plain(text)
    if _is_shouted(written.text):
        written.sub(re.compile(r"[^\W\d_]{2,}"), _not_shouted)
    for pattern, said in RULES:
        written.sub(pattern, said)
    return written


def _is_shouted(text: str) -> bool:
    """Tell whether the sentence is in capitals: then they are no sign of an abbreviation."""
    words = re.findall(r"[^\W\d_]{2,}", text)
    capitals = [word for word in words if word.isupper()]
    return len(words) > 2 and len(capitals) > 0.7 * len(words)


def _not_shouted(found: re.Match[str]) -> Said:
    word = found[0]
    return None if word in SAID_AS_WORDS or not word.isupper() else word.lower()


def _address(found: re.Match[str]) -> Said:
    address = re.sub(r"^(?:https?|ftp)://", "", found[0], flags=re.IGNORECASE).rstrip("/")
    address = re.sub(r"^mailto:", "", address, flags=re.IGNORECASE)
    words = []
    for part in re.findall(r"[^\W\d_]+|\d+|[^\w\s]|_", address):
        if part.lower() == "www":
            words.append(spelled("www"))
        elif part.isdigit():
            words.append(part if len(part) < 5 else spelled(part))
        else:
            words.append(IN_ADDRESSES.get(part, part))
    return f" {' '.join(words)} "


IN_ADDRESSES = {
    ".": "dot", "@": "at", "/": "slash", "-": "dash", "_": "underscore", ":": "colon", "~": "tilde",
    "?": "question mark", "&": "and", "=": "equals", "#": "hash", "%": "percent", "+": "plus",
}  # fmt: skip


def _time(found: re.Match[str]) -> Said:
    hours, minutes, seconds = int(found[1]), int(found[2]), found[3]
    if hours > 24 or minutes > 59:
        return None
    if minutes == 0:
        said = cardinal(hours) + ("" if found[4] or seconds else " o'clock")
    elif minutes < 10:
        said = f"{cardinal(hours)} oh {cardinal(minutes)}"
    else:
        said = f"{cardinal(hours)} {cardinal(minutes)}"
    if seconds:
        said += f" and {cardinal(int(seconds))} seconds"
    return [(said, 1), (f" {_noon(found[4])}", 4)] if found[4] else said


def _hour(found: re.Match[str]) -> Said:
    return [(found[1], 1), (f" {_noon(found[2])}", 2)]


def _noon(half: str) -> str:
    return f"{half[0].upper()}.M."


def _day(month: int, day: int, of_year: str) -> str | None:
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return None
    return f"{list(MONTHS.values())[month - 1]} {ordinal(day)}, {year(of_year)}"


def _date_by_slashes(found: re.Match[str]) -> Said:
    first, second, of_year = int(found[1]), int(found[2]), found[3]
    if len(of_year) == 2:
        of_year = ("19" if int(of_year) > 40 else "20") + of_year
    return _day(first, second, of_year) or _day(second, first, of_year)


def _date_of_iso(found: re.Match[str]) -> Said:
    return _day(int(found[2]), int(found[3]), found[1])


def _month_and_day(found: re.Match[str]) -> Said:
    if not 1 <= int(found[2]) <= 31:
        return None
    of_year = f", {year(found[3])}" if found[3] else ""
    return [(f"{_month(found[1])} ", 1), (ordinal(int(found[2])), 2), (of_year, 3)]


def _day_and_month(found: re.Match[str]) -> Said:
    if not 1 <= int(found[2]) <= 31:
        return None
    of_year = f" {year(found[4])}" if found[4] else ""
    return [(f"the {ordinal(int(found[2]))} of ", 2), (_month(found[3]), 3), (of_year, 4)]


def _month(name: str) -> str:
    return MONTHS.get(name.rstrip("."), name)


def _amount(sign: str, number: str, magnitude: str | None) -> str:
    one, many, cent, cents = CURRENCIES[sign]
    if magnitude:
        return f"{as_said(number)} {MAGNITUDES[magnitude]} {many}"
    whole, _, rest = number.replace(",", "").partition(".")
    said = f"{as_said(whole)} {one if int(whole) == 1 else many}"
    if not rest or not cent or len(rest) > 2:
        return said if not rest else f"{as_said(number)} {many}"
    parts = int(rest.ljust(2, "0"))
    small = f"{cardinal(parts)} {cent if parts == 1 else cents}"
    if not parts:
        return said
    return f"{said} and {small}" if int(whole) else small


def _money(found: re.Match[str]) -> Said:
    said = _amount(found["sign"], found["number"], found["magnitude"])
    return f"minus {said}" if found["minus"] else said


def _unit(found: re.Match[str]) -> Said:
    one, many = UNITS[found[2]]
    return [(found[1], 1), (f" {one if found[1] in ('1', '-1') else many}", 2)]


def _degrees(found: re.Match[str]) -> Said:
    scale = {"C": " Celsius", "F": " Fahrenheit", "K": " Kelvin"}.get(found[2] or "", "")
    return [(found[1], 1), (f" {'degree' if found[1] == '1' else 'degrees'}{scale}", 0)]


def _fraction(found: re.Match[str]) -> Said:
    over, under = int(found[1]), int(found[2])
    if not 0 < over < under or under not in FRACTIONS:
        return None
    one, many = FRACTIONS[under]
    return f"{cardinal(over)} {one if over == 1 else many}"


def _mixed(found: re.Match[str]) -> Said:
    over, under = OF_ONE_SIGN[found[2]]
    one, many = FRACTIONS[under]
    said = f"{cardinal(over)} {one if over == 1 else many}"
    if not found[1]:
        return f" {said}"
    return [(found[1], 1), (f" and {said.replace('one ', 'a ', 1)}", 2)]


def _range(found: re.Match[str]) -> Said:
    return [(found[1], 1), (" to ", 1), (found[2], 2)]


def _years(found: re.Match[str]) -> Said:
    return [(year(found[1]), 1), (" to ", 1), (year(found[2]), 2)]


def _decade(found: re.Match[str]) -> Said:
    century = f"{cardinal(int(found[1]))} " if found[1] else ""
    return century + DECADES[found[2]]


def _version(found: re.Match[str]) -> Said:
    return " point ".join(cardinal(int(part)) for part in found["version"].split("."))


def _decimal(found: re.Match[str]) -> Said:
    return as_said(found[0])


def _digits(found: re.Match[str]) -> Said:
    return ", ".join(spelled(group) for group in found[0].split("-"))


def _king(found: re.Match[str]) -> Said:
    return [(found[1], 1), (f" the {ordinal(roman(found[2]))}", 2)]


def _numbered(found: re.Match[str]) -> Said:
    return [(found[1], 1), (f" {cardinal(roman(found[2]))}", 2)]


def _lone_roman(found: re.Match[str]) -> Said:
    return cardinal(roman(found[0]))


def _letters(found: re.Match[str]) -> Said:
    return "".join(f"{letter.upper()}." for letter in found[0] if letter.isalpha())


def _house(found: re.Match[str]) -> Said:
    number, letter = found[1], found[2]
    return f"{cardinal(int(number[0]))} {cardinal(int(number[1:]))} {letter}"


def _words_of(table: dict[str, str]) -> Callable[[re.Match[str]], Said]:
    def words(found: re.Match[str]) -> Said:
        said = table[found[0]]
        ends = found[0].endswith(".") and not found.string[found.end() :].strip(" \"')")
        return f"{said.rstrip(',')}." if ends else said

    return words


def _alternatives(words: Sequence[str] | dict[str, str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


RULES: tuple[Rule, ...] = (
    # Addresses first: nothing in them is what it looks like.
    (re.compile(r"(?:https?|ftp)://[^\s<>()\[\]\"]*[\w/]", re.IGNORECASE), _address),
    (re.compile(r"(?:mailto:)?\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+", re.IGNORECASE), _address),
    (re.compile(r"\bwww\.[\w.-]+(?:/[^\s<>()\[\]\"]*[\w/])?", re.IGNORECASE), _address),
    (re.compile(r"\b(?:[\w-]+\.)+(?:com|org|net|edu|gov|io|info|dev|app)\b"
                r"(?:/[^\s<>()\[\]\"]*[\w/])?", re.IGNORECASE), _address),
    # Times and dates.
    (re.compile(r"(?<![\d:])(\d{1,2}):(\d{2})(?::(\d{2}))?"
                r"(?:\s?([AaPp]\.[Mm]\.|[AaPp][Mm]\b))?(?![\d:])"),
     lambda found: _time(found) if _is_time(found) else None),
    (re.compile(r"\b(\d{1,2})\s?([AaPp]\.[Mm]\.|[AaPp][Mm]\b)"), _hour),
    (re.compile(r"\b(\d{4})-(\d{2})-(\d{2})\b"), _date_of_iso),
    (re.compile(r"\b(\d{1,2})/(\d{1,2})/(\d{4}|\d{2})\b"), _date_by_slashes),
    (re.compile(rf"\b({MONTH})\b\.? (\d{{1,2}})(?:st|nd|rd|th)?\b(?![:%.]\d|[–-]\d)"
                r"(?:,? (\d{4})\b)?"), _month_and_day),
    (re.compile(rf"\b(the )?(\d{{1,2}})(?:st|nd|rd|th)? (?:of )?({MONTH})\b\.?(?:,? (\d{{4}})\b)?"),
     _day_and_month),
    (re.compile(r"(?<!\w)(?:(1[1-9]|20)|['’])([2-9]0|00|10)['’]?s\b"), _decade),
    # Money, then what is measured.
    (re.compile(rf"(?P<minus>[-−])?(?P<sign>{MONEY})\s?(?P<number>{NUMBER})"
                rf"(?:\s?(?P<magnitude>{MAGNITUDE})\b)?"), _money),
    (re.compile(rf"(?P<minus>(?<!\w)[-−])?\b(?P<number>{NUMBER})\s?"
                rf"(?:(?P<magnitude>{MAGNITUDE})\s?)?(?P<sign>{MONEY})(?!\w)"), _money),
    (re.compile(r"(?<=\d)\s?%"), lambda found: " percent"),
    (re.compile(rf"(?<![\w.])(-?{NUMBER})\s?°\s?([CFK]\b)?"), _degrees),
    (re.compile(r"(?<![\w.])(\d{3})([A-F])\b"), _house),
    (re.compile(rf"(?<![\w.])(-?{NUMBER})\s?({UNIT})(?![\w/²³]|\.\w)"), _unit),
    # Numbers with a form of their own.
    (re.compile(rf"(\d+)?\s?([{''.join(OF_ONE_SIGN)}])"), _mixed),
    (re.compile(r"(?<![\w./-])(?:\d{3}-)?\d{3}-\d{4}(?![\w/-])"), _digits),
    (re.compile(rf"(?<![\w./-])({YEAR})\s?[-–—]\s?({YEAR})(?![\w/-])"), _years),
    (re.compile(r"(?<![\w.,/–—-])(\d{1,4})\s?[-–:]\s?(\d{1,4})(?![\w/–:-]|\.\d)"), _range),
    (re.compile(r"(?<![\w./])(\d{1,2})/(\d{1,2})(?![\w./])"), _fraction),
    (re.compile(r"(?<![\w.])(?P<version>\d{1,3}(?:\.\d{1,3}){2,})(?!\w)"), _version),
    (re.compile(r"(?:(?<=ersion\s)|(?<=elease\s)|(?<=Python\s)|(?<=Ubuntu\s)|(?<=Django\s))"
                r"(?P<version>\d{1,3}\.\d{1,3})(?!\w)"), _version),
    (re.compile(r"(?<![\w.])\d+\.\d+(?!\w|\.\d)"), _decimal),
    # Roman numerals: behind a name or a kind of part, or large ones by themselves.
    (re.compile(rf"\b({_alternatives(NAMES_OF_KINGS)}) ({ROMAN})\b(?!['’]\w)\.?(?=\W|$)"),
     lambda found: _king(found) if roman(found[2]) else None),
    (re.compile(rf"\b({_alternatives(NUMBERED)}) ({ROMAN})\b(?!['’]\w)"),
     lambda found: _numbered(found) if roman(found[2]) else None),
    (re.compile(r"\b(?=[XVI]{2,})(?:X{0,3})(?:IX|IV|V?I{0,3})\b"),
     lambda found: _lone_roman(found) if roman(found[0]) > 1 else None),
    # Abbreviations.
    (re.compile(rf"(?<!\w)(?:{_alternatives(BEFORE_NUMBERS)})(?=\s?\d)"),
     lambda found: f"{BEFORE_NUMBERS[found[0]]} "),
    (re.compile(rf"(?<![\w.])(?:{_alternatives(PHRASES)})(?!\w)"), _words_of(PHRASES)),
    (re.compile(r"(?<=\w )v\.(?= [A-Z])"), lambda found: "versus"),
    (re.compile(rf"\b({_alternatives(TITLES)})\b\.?(?= [A-Z])"), lambda found: TITLES[found[1]]),
    (re.compile(rf"(?<![\w.])(?:{_alternatives(ABBREVIATIONS)})(?!\w)"), _words_of(ABBREVIATIONS)),
    (re.compile(r"\b(?:[A-Za-z]\.\s?){2,}"), lambda found: f"{_letters(found)} "),
    (re.compile(rf"\b(?:[B-DF-HJ-NP-TV-XZ]{{2,5}}|{_alternatives(SPELLED)})\b(?!\.\w)"),
     lambda found: None if found[0] in SAID_AS_WORDS else _letters(found)),
    # Signs between words and numbers.
    (re.compile(r"\bCtrl\s?\+\s?"), lambda found: "control "),
    (re.compile(r"\by/n\b", re.IGNORECASE), lambda found: "yes or no"),
    (re.compile(r"(?<=\d)\s?[xX×]\s?(?=\d)"), lambda found: " by "),
    (re.compile(r"(?<!\w)[-−](?=\d)"), lambda found: "minus "),
    (re.compile(r"(?<!\w)\+(?=\d)"), lambda found: "plus "),
    (re.compile(rf"(?<=[\w)\"'.])\s?(?:{_alternatives(SIGNS)})\s?(?=[\w(\"'])"),
     lambda found: f" {SIGNS[found[0].strip()]} "),
    (re.compile(r"#(?=\d)"), lambda found: "number "),
    (re.compile(r"\s&\s"), lambda found: " and "),
    (re.compile(r"(?<=[^\W\d_])(?=\d)|(?<=\d)(?=(?!st\b|nd\b|rd\b|th\b|s\b)[^\W\d_])"),
     lambda found: " "),
    (re.compile(r"\d{10,}"), lambda found: spelled(found[0])),
    (re.compile(r"\s+(?=[,.;:!?])|(?<=\s)\s+"), lambda found: ""),
)  # fmt: skip


def _is_time(found: re.Match[str]) -> bool:
    """Tell a time from a ratio: a half of the day is named, or it is written as clocks do."""
    return bool(found[4] or found[3]) or (len(found[2]) == 2 and int(found[2]) < 60
                                          and not _looks_like_a_ratio(found))  # fmt: skip


def _looks_like_a_ratio(found: re.Match[str]) -> bool:
    before = found.string[max(0, found.start() - 24) : found.start()].lower()
    return bool(re.search(r"\b(?:ratio|odds|score|scale|aspect)\b[\w\s]*$", before))
