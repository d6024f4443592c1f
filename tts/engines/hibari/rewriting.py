"""English text as it is written -> as it is said, where hibari would misread it, with a map back.

Each rule changes as little as it can, so that a word that is said still knows which written word
it stands for. What hibari reads well by itself (words, plain numbers, years, ordinals) is left.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from . import addresses, formulas
from . import readings as say
from .numbers import cardinal, roman, spelled, year
from .readings import Said
from .tables import (
    ABBREVIATIONS,
    ALONE,
    BEFORE_NUMBERS,
    BEGINNINGS,
    BOOKS,
    COMPARED,
    COUNTED,
    CURRENCIES,
    DAYS,
    FILES,
    MAGNITUDES,
    MONTHS,
    NAMES_OF_KINGS,
    NUMBERED,
    PHRASES,
    SAID_AS_WORDS,
    SIGNS,
    SMALL_WORDS,
    SPELLED,
    TITLES,
    UNITS,
    WITHOUT_STOP,
)
from .writing import OF_ONE_SIGN, Written, plain

NUMBER = r"\d+(?:,\d{3})*(?:\.\d+)?"
MONTH = "|".join(sorted({*MONTHS, *MONTHS.values()}, key=len, reverse=True))
UNIT = "|".join(re.escape(unit) for unit in sorted(UNITS, key=len, reverse=True))
MONEY = "|".join(re.escape(sign) for sign in sorted(CURRENCIES, key=len, reverse=True))
DAY = "|".join(DAYS)
MAGNITUDE = "|".join(sorted(MAGNITUDES, key=len, reverse=True))
YEAR = r"1[1-9]\d\d|20\d\d"
# One letter may be anything: C and D are grades, sizes, ports.
ROMAN = r"(?=[IVXLCDM]*[IVX])M{0,3}(?:CM|CD|D?C{0,3})(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})"
OF_A_KING = r"(?=[IVX])X{0,3}(?:IX|IV|V?I{0,3})"

Rule = tuple[re.Pattern[str], Callable[[re.Match[str]], Said]]


def rewrite(text: str) -> Written:
    """Return what is to be said of a text, each character with its place in the text."""
    written = plain(text)
    if _is_shouted(written.text):
        written.sub(re.compile(r"[^\W\d_]{2,}(?:'[^\W\d_]+)*"), _not_shouted)
    for pattern, said in RULES:
        written.sub(pattern, said)
    return written


def _is_shouted(text: str) -> bool:
    """Tell whether the sentence is in capitals: then they are no sign of an abbreviation."""
    words = re.findall(r"[^\W\d_]{2,}", text)
    capitals = [word for word in words if word.isupper()]
    short = SAID_AS_WORDS | set(SPELLED)
    return (
        len(words) > 2
        and len(capitals) > 0.85 * len(words)
        # A list of abbreviations is no sentence.
        and any(word in SMALL_WORDS or (len(word) > 4 and word not in short) for word in capitals)
    )


def _not_shouted(found: re.Match[str]) -> Said:
    word = found[0]
    if word in TITLES:
        return TITLES[word]
    is_short = word in SAID_AS_WORDS or (word in SPELLED and word != "UPS")
    is_short = is_short or re.fullmatch("[XVI]+|[^AEIOUY']{3,5}", word) is not None
    return None if is_short or not word.isupper() else word.lower()


def _alternatives(words: Sequence[str] | dict[str, str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


RULES: tuple[Rule, ...] = (
    (re.compile(r"\b[A-Z]+'(?:T|RE|LL|VE|M)\b"), lambda found: found[0].capitalize()),
    (re.compile(r"(?<!\S)(?:[:;]-?[)(DPp/|]|<3)(?!\S)"), lambda found: ""),
    (re.compile(r"(?<!\w)'[Tt]is\b(?!')"), lambda found: "tizz"),
    # Addresses first: nothing in them is what it looks like.
    (re.compile(r"(?:https?|ftp)://[^\s<>()\[\]\"]*[\w/]", re.IGNORECASE), addresses.address),
    (re.compile(r"(?<![\w.+-])(?:mailto:)?[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)+", re.IGNORECASE),
     addresses.address),
    (re.compile(r"\bwww\.[\w.-]+(?:/[^\s<>()\[\]\"]*[\w/])?", re.IGNORECASE), addresses.address),
    (re.compile(r"(?<![\w-])(?<!\w\.)(?:[\w-]{1,63}\.){1,8}(?:com|org|net|edu|gov|int|mil|io|info"
                r"|dev|app|ai|uk|de|eu|fr|ch|nl|ca|jp|se|pl)\b"
                r"(?:/[^\s<>()\[\]\"]*[\w/])?", re.IGNORECASE), addresses.address),
    (re.compile(rf"(?<![\w./\\-])([\w-]+(?:\.[\w-]+)*?)((?:\.(?:{'|'.join(FILES)}))+)(?![\w-]|\.\w)",
                re.IGNORECASE), addresses.name_of_a_file),
    # Formulas, before their numbers are read.
    (formulas.FUNCTION, formulas.function),
    (formulas.FACTORIAL, lambda found: " factorial"),
    (formulas.COMPOUND, formulas.compound),
    (formulas.MINUS, lambda found: " − "),
    # Times and dates.
    (re.compile(r"\b(\d{4})-(\d\d)-(\d\d)T(\d\d:\d\d)(?::\d\d(?:\.\d+)?)?"
                r"(Z|[+-]\d\d:?\d\d)?(?!\w)"), say.moment_of_iso),
    (re.compile(r"(?<![\w:.])(?:(\d{1,2}):)?([0-5]?\d):([0-5]\d)\.(\d{1,3})(?![\w:]|\.\d)"),
     say.duration),
    (re.compile(r"(?:(?<=\dh)|(?<=\d h))\s?\d{1,2}\s?m\b"
                r"|(?<!\w)\d{1,3}\s?m(?=\s?\d{1,2}\s?s\b)"),
     lambda found: f" {found[0]}in"),
    (re.compile(rf"(?<!\w)({BOOKS})\.? (\d{{1,3}}):(\d{{1,3}})(?:\s?[-–]\s?(\d{{1,3}}))?(?![\w:])"),
     say.verse),
    (re.compile(r"(?<=[\dmM.])\s?[-–—]\s?(?=\d{1,2}(?::\d\d\b|\s?[AaPp]\.?[Mm]\b))"),
     lambda found: " to " if say.is_behind_a_time(found) else None),
    (re.compile(rf"\b({DAY})\b\.?"
                rf"(?=,? (?:\d{{1,2}}(?:st|nd|rd|th)? (?:{MONTH})\b|(?:{MONTH})\.? \d))"),
     lambda found: DAYS[found[1]]),
    (re.compile(rf"\b({DAY})\.?\s?[-–]\s?({DAY})\b(?:\.(?=[,;:)]|\s+[a-z\d]))?"),
     lambda found: [(DAYS[found[1]], 1), (" to ", 1), (DAYS[found[2]], 2)]),
    (re.compile(r"\b(\d{1,2})\.([0-5]\d)()\s?([AaPp]\.[Mm]\.|[AaPp][Mm]\b)"), say.time_of_day),
    (re.compile(r"(?<![\d:])(\d{1,2}):(\d{2})(?::(\d{2}))?"
                r"(?:\s?([AaPp]\.[Mm]\.|[AaPp][Mm]\b))?(?:\s?(?:h|hrs?)\b)?(?![\d:])"),
     lambda found: say.time_of_day(found) if say.is_time(found) else None),
    (re.compile(r"\b(\d{1,2})\s?([AaPp]\.[Mm]\.|[AaPp][Mm]\b)"), say.hour),
    (re.compile(r"\b(\d{4})-(\d{2})-(\d{2})\b"), say.date_of_iso),
    (re.compile(r"\b(\d{1,2})/(\d{1,2})/(\d{4}|\d{2})\b"), say.date_by_slashes),
    (re.compile(r"(?<![\w.])(\d{1,2})\.(\d{1,2})\.((?:19|20)\d\d)(?![\w]|\.\w)"),
     say.date_by_stops),
    (re.compile(rf"\b({MONTH})\.?\s?[-–—]\s?({MONTH})\b(?:\.(?!\s*$))?"
                r"(?!\.? \d{1,2}\b)"),
     say.months),
    (re.compile(rf"\b({MONTH})\b\.? (\d{{1,2}})(?:st|nd|rd|th)?\b(?![:%.]\d|[–-]\d)"
                r"(?:(?:,\s?| )(\d{4})\b)?"), say.month_and_day),
    (re.compile(rf"\b(\d{{1,2}})\s?[-–]\s?(\d{{1,2}}) ({MONTH})\b"
                r"(?:\.(?!\s*$))?(?:,? (\d{4})\b)?"), say.days_and_month),
    (re.compile(rf"\b(the )?(\d{{1,2}})(?:st|nd|rd|th)? (?:of )?({MONTH})\b"
                r"(?:\.(?!\s*$))?(?:,? (\d{4})\b)?"), say.day_and_month),
    (re.compile(r"(?<!\w)(?:(1[1-9]|20)|['’])([2-9]0|00|10)['’]?s\b"), say.decade),
    (re.compile(r"(?:(?<=\bthe )|(?<=\bhis )|(?<=\bher )|(?<=\btheir )|(?<=\bmy )|(?<=\bour )"
                r"|(?<=\bearly )|(?<=\blate )|(?<=\bmid )|(?<=\bmid-)|(?<=ies and )|(?<=ies or ))"
                r"()([2-9]0)['’]?s\b"), say.decade),
    # Money, then what is measured. A comma stands before parts in most of Europe.
    (re.compile(rf"(?<![\w.,])(\d{{1,3}}(?:\.\d{{3}})+)(,\d\d)?(?=\s?(?:{MONEY})(?!\w))"
                r"|(?<=€)(\d{1,3}(?:\.\d{3})+)(,\d\d)(?!\d)"),
     lambda found: found[0].replace(".", "").replace(",", ".")),
    (re.compile(rf"(?<![\w.,])(\d{{1,3}}),(\d{{1,2}})(?=\s?(?:[%°]|(?:{UNIT}|{MONEY})(?![\w.])))"),
     lambda found: f"{found[1]}.{found[2]}"),
    (re.compile(rf"(?P<sign>{MONEY})\s?(?P<number>{NUMBER})\s?[-–—]\s?"
                rf"(?:(?P=sign)\s?(?={NUMBER}\s?(?:{MAGNITUDE})\b))?(?P<last>{NUMBER})"
                rf"(?:\s?(?P<magnitude>{MAGNITUDE})\b)?(?![\w-])"), say.amounts),
    (re.compile(rf"(?:(?<=\d)|(?<=\d[kKmMbB])|(?<=bn|mn|tn)|(?<=illion))"
                rf"\s?[-–—]\s?(?=(?:{MONEY})\s?\d)"), lambda found: " to "),
    (re.compile(rf"(?P<minus>(?<!\w)[-−])?(?P<sign>{MONEY})\s?"
                rf"(?P<number>\d+,\d\d(?!\d)|{NUMBER})"
                rf"(?:[\s-]?(?P<magnitude>{MAGNITUDE})\b"
                r"(?:\s(?:dollars?|euros?|pounds)\b)?)?"), say.money),
    (re.compile(rf"(?P<minus>(?<!\w)[-−])?\b(?P<number>{NUMBER})\s?"
                rf"(?:(?P<magnitude>{MAGNITUDE})\s?)?(?P<sign>{MONEY})(?!\w)"), say.money),
    (re.compile(rf"(?<![\w.,/-])({NUMBER})\s?([kKmMbB])(?= (?:{_alternatives(COUNTED)})\b)"),
     say.thousands),
    (re.compile(rf"(?<![\w.,/-])({NUMBER})\s?(bn|mn|tn)\b(?![/-])"), say.thousands),
    (re.compile(r"(?<![\w.,/-])(\d+)(k)\b(?![\w/-])"), say.thousands),
    (re.compile(r"(?<![\w.,/-])(\d+\.\d+)([MB])\b(?![\w/-])"), say.thousands),
    (re.compile(r"(?<=%)\s?[-–—]\s?(?=\d+(?:\.\d+)?\s?%)"), lambda found: " to "),
    (re.compile(r"(?<=\d),(?=\d{1,2}(?![\d,]))"), lambda found: ", "),
    (re.compile(r"(?<=\d)\s?%"), lambda found: " percent"),
    (re.compile(r"(?<![\w.])(\d{1,3}(?:\.\d+)?)\s?°\s?(?:(\d{1,2}(?:\.\d+)?)'\s?)?"
                r"(?:(\d{1,2}(?:\.\d+)?)(?:\"|'')\s?)?([NSEW])\b"), say.place),
    (re.compile(rf"(?<![\w.])(-?{NUMBER})\s?°(?:\s?([CFK]\b))?"), say.degrees),
    (re.compile(r"(?<![\w.])(\d{3})([A-F])\b"), say.house),
    (re.compile(rf"(?<![\w.])(-?{NUMBER})\s?({UNIT})(?:/({UNIT}))?(?![\w/²³]|\.\w)"
                r"(?:\.(?=[,;:)]| [a-z\d]))?"), say.unit_of),
    (re.compile(rf"(?<=[{''.join(OF_ONE_SIGN)}])\s?({UNIT})(?![\w/²³.])"),
     say.unit_of_a_fraction),
    (re.compile(rf"(?<![\w.])({NUMBER})-({UNIT})(?![\w/²³.]|['’])(?= [a-z])"), say.unit_of_a_noun),
    (re.compile(r"(?<![\w.])(\d)['’′]\s?(\d{1,2})(?:[\"”″]|'')"), say.feet_and_inches),
    (re.compile(r"(?<![\w.])(\d\d)'\s?([0-5]?\d)(?:\"|'')"),
     lambda found: [(f"{found[1]} minutes ", 1), (f"{found[2]} seconds", 2)]),
    (re.compile(r"(?<![\w.])(\d{1,2})\s?h\s?([0-5]\d)(?!\w)"),
     lambda found: [(f"{found[1]} hour{'' if found[1] == '1' else 's'} ", 1), (found[2], 2)]),
    (re.compile(r"(?<![\w])(µ[a-zA-Z]{1,3})\b"),
     lambda found: UNITS[found[1]][1] if found[1] in UNITS else None),
    (re.compile(rf"(?<!\w)(?:{_alternatives(BEFORE_NUMBERS)})(?=\s?[(\[]?\d)"),
     lambda found: f"{BEFORE_NUMBERS[found[0]]} "),
    (re.compile(r"\b([bd])\. (?=1\d{3}\b|20\d\d\b)"),
     lambda found: "born " if found[1] == "b" else "died "),
    # Numbers with a form of their own.
    (re.compile(r"(?<=\d)\s?ff\.?(?!\w)"), lambda found: " and following"
     + ("." if say.ends_the_text(found) else "")),
    (re.compile(r"(?:(?<=ial )|(?<=all )|(?<=ing ))(?:911|999|112|988|311|411)\b(?![-.,]?\d)"),
     lambda found: spelled(found[0])),
    (re.compile(r"\b0x([0-9A-Fa-f]+)\b"),
     lambda found: f"zero x {' '.join(found[1].upper())}"),
    (re.compile(rf"(?<!\d)(\d+)?\s?([{''.join(OF_ONE_SIGN)}])"), say.mixed),
    (re.compile(r"(?<![\w.])\+\d{1,3}(?:[ .-]\(?\d{1,4}\)?){2,5}(?![\w/-])"), say.digits),
    (re.compile(r"(?<![\w./-])(?:1[ .-])?(?:\(\d{3}\) ?|\d{3}[.-])?\d{3}[.-]\d{4}(?![\w/-]|\.\d)"),
     say.digits),
    (re.compile(r"(?<![\w./-])(?:97[89]-(?:\d{1,7}-){3}\d|\d{4}(?:[ -]\d{4}){3}|\d{3}-\d\d-\d{4})"
                r"(?![\w/-])"), say.digits),
    (re.compile(r"(?<![\w./-])(\d{1,3}) (\d{1,2})/(\d{1,2})(?![\w./])"), say.whole_and_fraction),
    (re.compile(rf"(?<![\w./-])({YEAR})/(\d\d)(?![\w/-])"),
     lambda found: [(f"{year(found[1])} ", 1), (cardinal(int(found[2])), 2)]),
    (re.compile(rf"(?<![\w./-])({YEAR})\s?[-–—]\s?({YEAR})(?![\w/-])"), say.years),
    (re.compile(r"(?<![\w.,/–—-])(\d{1,4})\s?[-–:]\s?(\d{1,4})(?![\w/–:-]|\.\d|,\d{3})"),
     say.range_of),
    (re.compile(r"(?<![\w.,/–—-])(\d{1,3}(?:,\d{3})+)\s?[-–]\s?(\d{1,3}(?:,\d{3})+)(?![\w/–-])"),
     say.range_of),
    (re.compile(r"(?<![\w./])(\d{1,2})/(\d{1,2})(?![\w/]|\.\d)"), say.fraction),
    (re.compile(r"\b[vV](?=\d+\.\d)"), lambda found: "version "),
    (re.compile(r"(?<![\w.])(?P<version>\d{1,3}(?:\.\d{1,3}){2,})(?!\w)"), say.version),
    (re.compile(r"(?:(?<=ersion\s)|(?<=elease\s)|(?<=Python\s)|(?<=Ubuntu\s)|(?<=Django\s))"
                r"(?P<version>\d{1,3}\.\d{1,3})(?!\w)"), say.version),
    (re.compile(r"(?<![\w.)])[-−](?=\d)"), lambda found: "minus "),
    (re.compile(r"(?<!\w)\+(?=\d)"), lambda found: "plus "),
    (formulas.AFTER_A_NUMBER, formulas.after_a_number),
    (re.compile(r"(?<![\w.,])(?:\d{1,3}(?:,\d{3})+|\d+)\.\d+(?!\w|\.\d)"), say.decimal),
    (re.compile(r"(?<![\w.])\.(?=\d)"), lambda found: "point "),
    # Roman numerals: behind a name or a kind of part, or large ones by themselves.
    (re.compile(rf"\b({_alternatives(NAMES_OF_KINGS)}) ({OF_A_KING})\b(?!['’][a-rt-z])"
                r"(?:\.(?= [a-z]))?"),
     lambda found: say.king(found) if roman(found[2]) else None),
    (re.compile(rf"\b({_alternatives(NUMBERED)}) ({ROMAN})\b(?!['’]\w)"),
     lambda found: say.numbered(found) if roman(found[2]) else None),
    (re.compile(r"\b(?=[XVI]{2,})(?:X{0,3})(?:IX|IV|V?I{0,3})\b"),
     lambda found: say.lone_roman(found) if roman(found[0]) > 1 else None),
    (re.compile(r"\b(?=[xvi]{2,}\b)x{0,2}(?:ix|iv|v?i{0,3})\b"), say.small_roman),
    # Abbreviations.
    (re.compile(r"(?<=\d(?:st|nd|rd|th) )(?:ed|c)\."),
     lambda found: ("edition" if found[0] == "ed." else "century")
     + ("." if say.ends_the_text(found) else "")),
    (re.compile(r"\b(?<!^)([A-Z][a-z]+) (Dr\.)(?! [A-Z])"),
     say.drive),
    (re.compile(rf"\b([A-Z][a-z]+|\d+(?:st|nd|rd|th)) (St|Dr)\.(?= (?:{'|'.join(BEGINNINGS)})\b)"),
     say.street),
    (re.compile(rf"(?<![\w.])(?:{_alternatives(PHRASES)})(?!\w)"), say.words_of(PHRASES)),
    (re.compile(r"(?<=\w )v\.(?= [A-Z])"), lambda found: "versus"),
    (re.compile(rf"\b({_alternatives(TITLES)})\b\.?(?= [A-Z])"),
     lambda found: TITLES[found[1]] if found[0] != found[1] or found[1] in WITHOUT_STOP else None),
    (re.compile(rf"(?<![\w.])(?:{_alternatives(ABBREVIATIONS)})(?!\w)"),
     say.words_of(ABBREVIATIONS)),
    (re.compile(r"\b(?:[A-Za-z]\.\s?){2,}"), say.initials),
    (re.compile(rf"\b(?:[B-DF-HJ-NP-TV-XZ]{{2,5}}|{_alternatives(SPELLED)})\b(?!\.\w)"),
     lambda found: None if found[0] in SAID_AS_WORDS else say.letters(found)),
    (re.compile(r"(?<=[A-Z]\.)\.(?!\.)"), lambda found: ""),
    # Signs between words and numbers.
    (re.compile(r"\bCtrl\s?\+\s?"), lambda found: "control "),
    (re.compile(r"\by/n\b", re.IGNORECASE), lambda found: "yes or no"),
    (formulas.BETWEEN_NUMBERS, formulas.between_numbers),
    (re.compile(r"(?<=[\w)])\^([23])(?!\w)"),
     lambda found: " squared" if found[1] == "2" else " cubed"),
    (re.compile(r"(?<=[\w)])\^[({]?(?=-?\w)"), lambda found: " to the power of "),
    # Names of programs and files: their parts are words.
    (re.compile(r"(?<=[^\W\d_])_(?=[^\W\d_])"), lambda found: " "),
    (re.compile(r"(?<=[a-z]{2})(?=[A-Z][a-z])"), lambda found: " "),
    (re.compile(r"(?<=[\w:])\\(?=\w)"), lambda found: " backslash "),
    (re.compile(r"#(?=[^\W\d_]{2})"), lambda found: "hashtag "),
    (re.compile(r"(?<!\w)@(?=[^\W\d_])"), lambda found: "at "),
    (re.compile(r"©"), lambda found: "copyright "),
    (re.compile(r"(?<!\w)(?:(?<!\w\s)([<>≤≥≈])\s?|([~±])\s?|([<>≤≥≈]))(?=[$€£]?\d)"),
     lambda found: f"{ALONE[found[0].strip()]} "),
    (re.compile(r"(?<=[\w)])\s?([!=<>]=|->|=>)\s?(?=[\w(\"'-])"),
     lambda found: f" {COMPARED[found[1]]} "),
    (re.compile(rf"(?<=[\w)\"'.])\s?(?:{_alternatives(SIGNS)})\s?(?=[\w(\"'])"),
     lambda found: f" {SIGNS[found[0].strip()]} "),
    (re.compile(r"#(?=\d)"), lambda found: "number "),
    (re.compile(r"\s&\s"), lambda found: " and "),
    (re.compile(r"(?<=[\w)])[²³]"),
     lambda found: " squared" if found[0] == "²" else " cubed"),
    (re.compile(r"\b(?:CO|NO|SO|PO)(?=[2-7]\b)"),
     lambda found: f"{say.letters(found)} "),
    (re.compile(r"(?<=\d)[A-Z]{2,4}(?=\d|\b)"), lambda found: f" {say.letters(found)} "),
    (re.compile(r"(?<=[^\W\d_])(?=\d)|(?<=\d)(?=(?!st\b|nd\b|rd\b|th\b|s\b)[^\W\d_])"),
     lambda found: " "),
    (re.compile(r"\d{10,}"), lambda found: spelled(found[0])),
    (re.compile(r"\s+(?=[,.;:!?](?!\w))|(?<=\s)\s+"), lambda found: ""),
)  # fmt: skip
