"""What is said of each kind of thing that is written short: times, money, numerals, letters."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from .numbers import as_said, cardinal, ordinal, roman, spelled, year
from .tables import (
    ALSO_BY_ME,
    CLOSING,
    CURRENCIES,
    DECADES,
    DONE_BY_ME,
    FRACTIONS,
    MAGNITUDES,
    MONTHS,
    SHORT_BOOKS,
    UNITS,
)
from .writing import OF_ONE_SIGN

# What a rule gives: what is said, or parts of it with the group of the match that each stands for.
Said = str | Sequence[tuple[str, int]] | None


def time_of_day(found: re.Match[str]) -> Said:
    hours, minutes, seconds = int(found[1]), int(found[2]), found[3]
    if hours > 24 or minutes > 59:
        return None
    if minutes == 0:
        on_the_hour = " hundred" if hours > 12 else " o'clock"
        said = cardinal(hours) + ("" if found[4] or seconds else on_the_hour)
        if hours == 0 and not (found[4] or seconds):
            said = "midnight"
    elif minutes < 10:
        said = f"{cardinal(hours)} oh {cardinal(minutes)}"
    else:
        said = f"{cardinal(hours)} {cardinal(minutes)}"
    if seconds:
        said += f" and {cardinal(int(seconds))} seconds"
    return [(said, 1), (f" {_noon(found[4])}", 4)] if found[4] else said


def hour(found: re.Match[str]) -> Said:
    return [(found[1], 1), (f" {_noon(found[2])}", 2)]


def _noon(half: str) -> str:
    return f"{half[0].upper()}.M."


def _day(month: int, day: int, of_year: str) -> str | None:
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return None
    return f"{list(MONTHS.values())[month - 1]} {ordinal(day)}, {year(of_year)}"


def date_by_slashes(found: re.Match[str]) -> Said:
    first, second, of_year = int(found[1]), int(found[2]), found[3]
    if len(of_year) == 2:
        of_year = ("19" if int(of_year) > 40 else "20") + of_year
    return _day(first, second, of_year) or _day(second, first, of_year)


def date_by_stops(found: re.Match[str]) -> Said:
    """As it is written in most of Europe: the day first."""
    return _day(int(found[2]), int(found[1]), found[3])


def months(found: re.Match[str]) -> Said:
    return [(_month(found[1]), 1), (" to ", 1), (_month(found[2]), 2)]


def date_of_iso(found: re.Match[str]) -> Said:
    return _day(int(found[2]), int(found[3]), found[1])


def moment_of_iso(found: re.Match[str]) -> Said:
    day = date_of_iso(found)
    zone = " U.T.C." if found[5] == "Z" else ""
    return [(f"{day}, ", 1), (found[4], 4), (zone, 4)] if day else None


def duration(found: re.Match[str]) -> Said:
    """Say what a stop watch shows: a time of day has no tenths of a second."""
    parts = [(at, int(found[at])) for at in (1, 2) if found[at]]
    names = {1: ("hour", "hours"), 2: ("minute", "minutes")}
    said = [(f"{number} {names[at][number != 1]}, ", at) for at, number in parts]
    return [*said, (f"{int(found[3])}.{found[4]} seconds", 3)]


def days_and_month(found: re.Match[str]) -> Said:
    first, last = int(found[1]), int(found[2])
    if not 1 <= first < last <= 31:
        return None
    of_year = f" {year(found[4])}" if found[4] else ""
    return [(f"the {ordinal(first)}", 1), (" to ", 1), (f"the {ordinal(last)} of ", 2),
            (_month(found[3]), 3), (of_year, 4)]  # fmt: skip


def month_and_day(found: re.Match[str]) -> Said:
    if not 1 <= int(found[2]) <= 31:
        return None
    of_year = f", {year(found[3])}" if found[3] else ""
    return [(f"{_month(found[1])} ", 1), (ordinal(int(found[2])), 2), (of_year, 3)]


def day_and_month(found: re.Match[str]) -> Said:
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


def money(found: re.Match[str]) -> Said:
    number = found["number"]
    if re.search(r",\d\d$", number):  # as it is written where the euro is
        number = number.replace(",", ".")
    said = _amount(found["sign"], number, found["magnitude"])
    one, many, *_ = CURRENCIES[found["sign"]]
    if said.endswith(many) and _is_of_a_noun(found):
        said = said.removesuffix(many) + one
    return f"minus {said}" if found["minus"] else said


def _is_of_a_noun(found: re.Match[str]) -> bool:
    """Tell whether a measure belongs to the noun behind it: a ten dollar bill."""
    before = found.string[max(0, found.start() - 8) : found.start()]
    behind = found.string[found.end() : found.end() + 3]
    return bool(re.match(r"-[a-z]", behind)) or bool(
        re.search(r"\b(?:[Aa]n?|another|every|each) $", before) and re.match(r" [a-z]", behind)
    )


def thousands(found: re.Match[str]) -> Said:
    return [(as_said(found[1]), 1), (f" {MAGNITUDES[found[2]]}", 2)]


def amounts(found: re.Match[str]) -> Said:
    many = CURRENCIES[found["sign"]][1]
    magnitude = f" {MAGNITUDES[found['magnitude']]}" if found["magnitude"] else ""
    return [(as_said(found["number"]), 2), (" to ", 2),
            (f"{as_said(found['last'])}{magnitude} {many}", 3)]  # fmt: skip


def unit_of(found: re.Match[str]) -> Said:
    one, many = UNITS[found[2]]
    if found[3]:
        many = f"{many} per {UNITS[found[3]][0]}"
        one = f"{one} per {UNITS[found[3]][0]}"
    ends = found[0].endswith(".") and ends_the_text(found)
    said = one if found[1] in ("1", "-1") else many
    return [(found[1], 1), (f" {said}{'.' if ends else ''}", 2)]


def unit_of_a_noun(found: re.Match[str]) -> Said:
    return [(found[1], 1), (f" {UNITS[found[2]][0]}", 2)]


def unit_of_a_fraction(found: re.Match[str]) -> Said:
    one, many = UNITS[found[1]]
    is_mixed = found.string[: found.start() - 1].rstrip()[-1:].isdecimal()
    return f" {many}" if is_mixed else f" of {'an' if one[0] in 'aeio' else 'a'} {one}"


def feet_and_inches(found: re.Match[str]) -> Said:
    """Somebody is six foot two; a board is six feet two inches long."""
    if MEASURED.match(found.string[found.end() :]):
        inches = "inch" if found[2] == "1" else "inches"
        return [(found[1], 1), (" feet ", 1), (f"{found[2]} {inches}", 2)]
    return [(found[1], 1), (" foot ", 1), (found[2], 2)]


MEASURED = re.compile(r" (?:long|wide|deep|high|thick|apart|by|x|×|of)\b")


def degrees(found: re.Match[str]) -> Said:
    scale = {"C": " Celsius", "F": " Fahrenheit", "K": " Kelvin"}.get(found[2] or "", "")
    return [(found[1], 1), (f" {'degree' if found[1] == '1' else 'degrees'}{scale}", 0)]


def place(found: re.Match[str]) -> Said:
    """Say one of the coordinates of a place on earth."""
    parts = [(1, "degree"), (2, "minute"), (3, "second")]
    said = [
        (f"{found[at]} {name}{'' if found[at] == '1' else 's'}, ", at)
        for at, name in parts
        if found[at]
    ]
    return [*said, (POINTS[found[4]], 4)]


POINTS = {"N": "north", "S": "south", "E": "east", "W": "west"}


def fraction(found: re.Match[str]) -> Said:
    over, under = int(found[1]), int(found[2])
    if not 0 < over < under or under not in FRACTIONS:
        return None
    one, many = FRACTIONS[under]
    return f"{cardinal(over)} {one if over == 1 else many}"


def mixed(found: re.Match[str]) -> Said:
    over, under = OF_ONE_SIGN[found[2]]
    one, many = FRACTIONS[under]
    said = f"{cardinal(over)} {one if over == 1 else many}"
    if found[1] is None:
        return f" {said}"
    return [(found[1], 1), (f" and {said.replace('one ', 'a ', 1)}", 2)]


def whole_and_fraction(found: re.Match[str]) -> Said:
    over, under = int(found[2]), int(found[3])
    if not 0 < over < under or under not in FRACTIONS:
        return None
    one, many = FRACTIONS[under]
    said = f"a {one}" if over == 1 else f"{cardinal(over)} {many}"
    return [(found[1], 1), (f" and {said}", 2)]


def range_of(found: re.Match[str]) -> Said:
    around = found.string[max(0, found.start() - 12) : found.end() + 12]
    if " - " in found[0] and re.search(r"[=+×÷]|equals|plus", around):
        return [(found[1], 1), (" minus ", 1), (found[2], 2)]
    to = "and" if re.search(r"\bbetween $", found.string[: found.start()][-9:].lower()) else "to"
    return [(found[1], 1), (f" {to} ", 1), (found[2], 2)]


def years(found: re.Match[str]) -> Said:
    return [(year(found[1]), 1), (" to ", 1), (year(found[2]), 2)]


def decade(found: re.Match[str]) -> Said:
    if found[1] == "20" and found[2] == "00":
        return "two thousands"
    century = f"{cardinal(int(found[1]))} " if found[1] else ""
    return century + DECADES[found[2]]


def version(found: re.Match[str]) -> Said:
    return " point ".join(cardinal(int(part)) for part in found["version"].split("."))


def decimal(found: re.Match[str]) -> Said:
    return as_said(found[0])


def digits(found: re.Match[str]) -> Said:
    groups = ", ".join(spelled(group) for group in re.findall(r"\d+", found[0]))
    return f"plus {groups}" if found[0].startswith("+") else groups


def verse(found: re.Match[str]) -> Said:
    last = f" to {found[4]}" if found[4] else ""
    book = SHORT_BOOKS.get(found[1], found[1])
    return [(f"{book} ", 1), (f"{found[2]}, ", 2), (f"{found[3]}{last}", 3)]


def _is_pronoun(found: re.Match[str], *, after: frozenset[str]) -> bool:
    """Tell whether an I is who speaks: "the book I read", "Mark I know"."""
    behind = re.match(r"\s+([a-z]+)", found.string[found.end() :])
    return found[2] == "I" and behind is not None and behind[1] in after


def king(found: re.Match[str]) -> Said:
    is_initial = len(found[2]) == 1 and re.match(r"\. [A-Z]", found.string[found.end() :])
    if is_initial or found[0] == "Malcolm X" or _is_pronoun(found, after=DONE_BY_ME):
        return None
    return [(found[1], 1), (f" the {ordinal(roman(found[2]))}", 2)]


def numbered(found: re.Match[str]) -> Said:
    after = DONE_BY_ME if found[1][0].isupper() else DONE_BY_ME | ALSO_BY_ME
    if (found[1] == "No." and found[2] == "I") or _is_pronoun(found, after=after):
        return None
    return [(found[1], 1), (f" {cardinal(roman(found[2]))}", 2)]


def lone_roman(found: re.Match[str]) -> Said:
    before, behind = found.string[: found.start()][-4:], found.string[found.end() :][:10]
    if re.match(r" centur(?:y|ies)", behind):
        return ordinal(roman(found[0]))
    if found[0] == "IV" and (
        before.endswith("an ") or re.match(r" (?:drip|line|fluid|bag)", behind)
    ):
        return "I.V."
    return cardinal(roman(found[0]))


def small_roman(found: re.Match[str]) -> Said:
    """As of points and front matter. Some are names, or no numbers: Vi, the letter xi, kisses."""
    before = found.string[: found.start()][-6:]
    if not found[0]:
        return None
    if found[0] in ("vi", "xi", "xx", "xv") and not re.search(r"\(|\bp(?:p?\.|ages?) $", before):
        return None
    return cardinal(roman(found[0].upper()))


def street(found: re.Match[str]) -> Said:
    return [(found[1], 1), (f" {STREETS[found[2]]}.", 2)]


STREETS = {"St": "Street", "Dr": "Drive"}


def drive(found: re.Match[str]) -> Said:
    return [(found[1], 1), (" Drive." if ends_the_text(found) else " Drive", 2)]


def letters(found: re.Match[str]) -> str:
    return "".join(f"{letter.upper()}." for letter in found[0] if letter.isalpha())


def initials(found: re.Match[str]) -> Said:
    """Initials stand apart from the word behind them, but not from its case or its brackets."""
    return letters(found) + (" " if found[0][-1].isspace() or not _is_closed(found) else "")


def _is_closed(found: re.Match[str]) -> bool:
    return not re.match(r"\w", found.string[found.end() : found.end() + 1])


def ends_the_text(found: re.Match[str]) -> bool:
    return not found.string[found.end() :].strip(" \"')")


def house(found: re.Match[str]) -> Said:
    number, letter = found[1], found[2]
    return f"{cardinal(int(number[0]))} {cardinal(int(number[1:]))} {letter}"


def words_of(table: dict[str, str]) -> Callable[[re.Match[str]], Said]:
    def words(found: re.Match[str]) -> Said:
        said = table[found[0]]
        is_last = found[0] in CLOSING and re.match(r" [A-Z]", found.string[found.end() :])
        ends = found[0].endswith(".") and (ends_the_text(found) or is_last)
        return f"{said.rstrip(',')}." if ends else said

    return words


def is_time(found: re.Match[str]) -> bool:
    """Tell a time from a ratio: a half of the day is named, or it is written as clocks do."""
    return bool(found[4] or found[3]) or (len(found[2]) == 2 and int(found[2]) < 60
                                          and not _looks_like_a_ratio(found))  # fmt: skip


def is_behind_a_time(found: re.Match[str]) -> bool:
    before = found.string[max(0, found.start() - 12) : found.start()]
    return bool(re.search(r"\b\d{1,2}(?::\d\d)?(?:\s?[AaPp](?:[Mm]|\.[Mm]\.))?$", before))


def _looks_like_a_ratio(found: re.Match[str]) -> bool:
    before = found.string[max(0, found.start() - 24) : found.start()].lower()
    return bool(re.search(r"\b(?:ratio|odds|score|scale|aspect)\b[\w\s]*$", before))
