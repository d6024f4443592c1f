"""How numbers are said in the languages in which more than their characters is said."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The words of one language; ``{}`` is where a number or a unit goes."""

    power: str
    squared: str
    cubed: str
    minus: str
    plus: str
    over: str
    halves: tuple[str, str]  # a half alone, and behind a whole number
    and_: str  # between a whole number and another fraction
    numerators: tuple[str, ...]  # from one to nine
    denominators: dict[int, tuple[str, str]]  # one of them, several
    units: dict[str, tuple[str, str]]  # lengths: one of them, several
    square: str
    cubic: str
    squares: str  # of several
    cubics: str
    per: str
    seconds_squared: str
    decimal_point: str
    ordinals: frozenset[str]  # raised letters that belong to what they stand behind
    words: frozenset[str]  # of two letters, which a note's mark may follow

    def raised_to(self, exponent: str) -> str:
        """Return what is said behind a base."""
        if exponent == "2":
            return self.squared
        if exponent == "3":
            return self.cubed
        return self.power.format(exponent)

    def unit(self, unit: str, exponent: str, *, one: bool) -> str:
        """Return the name of a square or cubic unit of length."""
        name = self.units[unit][0 if one else 1].lower()
        if exponent == "2":
            return (self.square if one else self.squares).format(name)
        return (self.cubic if one else self.cubics).format(name)

    def fraction(self, above: int, below: int, *, mixed: bool) -> str:
        """Return the words of a fraction; ``mixed``: a whole number stands before it."""
        if (above, below) == (1, 2):
            return self.halves[mixed]
        if below in self.denominators and 0 < above <= len(self.numerators):
            said = f"{self.numerators[above - 1]} {self.denominators[below][above > 1]}"
        else:
            said = f"{above} {self.over} {below}"
        return f"{self.and_} {said}" if mixed and self.and_ else said


_LENGTHS = {"km": "kilo", "m": "", "dm": "deci", "cm": "centi", "mm": "milli", "µm": "micro"}
_LENGTHS |= {"hm": "hecto", "μm": "micro", "nm": "nano"}


def _lengths(metre: str, metres: str, prefixes: str = "") -> dict[str, tuple[str, str]]:
    given = dict(pair.split("=") for pair in prefixes.split())
    named = {unit: given.get(prefix, prefix) for unit, prefix in _LENGTHS.items()}
    return {unit: (prefix + metre, prefix + metres) for unit, prefix in named.items()}


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_ENGLISH_FEET = {
    "ft": ("foot", "feet"),
    "in": ("inch", "inches"),
    "yd": ("yard", "yards"),
    "mi": ("mile", "miles"),
}
_ENGLISH = Vocabulary(
    power="to the power of {}",
    squared="squared",
    cubed="cubed",
    minus="minus",
    plus="plus",
    over="over",
    halves=("one half", "and a half"),
    and_="and",
    numerators=("one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
    denominators={
        2: ("half", "halves"),
        3: ("third", "thirds"),
        4: ("quarter", "quarters"),
        5: ("fifth", "fifths"),
        6: ("sixth", "sixths"),
        7: ("seventh", "sevenths"),
        8: ("eighth", "eighths"),
        9: ("ninth", "ninths"),
        10: ("tenth", "tenths"),
        16: ("sixteenth", "sixteenths"),
    },
    units=_lengths("metre", "metres") | _ENGLISH_FEET,
    square="square {}",
    cubic="cubic {}",
    squares="square {}",
    cubics="cubic {}",
    per="per",
    seconds_squared="{} per second squared",
    decimal_point=".",
    ordinals=_set("st nd rd th"),
    words=_set("am an as at be by do go he hi if in is it me my no of oh on or ox so to up us we"),
)
_AMERICAN = replace(_ENGLISH, units=_lengths("meter", "meters") | _ENGLISH_FEET)
_GERMAN = Vocabulary(
    power="hoch {}",
    squared="hoch 2",
    cubed="hoch 3",
    minus="minus",
    plus="plus",
    over="durch",
    halves=("ein halb", "ein halb"),
    and_="",
    numerators=("ein", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun"),
    denominators={
        2: ("Halb", "Halbe"),
        3: ("Drittel", "Drittel"),
        4: ("Viertel", "Viertel"),
        5: ("Fünftel", "Fünftel"),
        6: ("Sechstel", "Sechstel"),
        7: ("Siebtel", "Siebtel"),
        8: ("Achtel", "Achtel"),
        9: ("Neuntel", "Neuntel"),
        10: ("Zehntel", "Zehntel"),
        16: ("Sechzehntel", "Sechzehntel"),
    },
    units={
        unit: (one.capitalize(), several.capitalize())
        for unit, (one, several) in _lengths(
            "meter", "meter", "hecto=hekto deci=dezi centi=zenti micro=mikro"
        ).items()
    },
    square="Quadrat{}",
    cubic="Kubik{}",
    squares="Quadrat{}",
    cubics="Kubik{}",
    per="pro",
    seconds_squared="{} pro Quadratsekunde",
    decimal_point=",",
    ordinals=_set("te ter ten tes er"),
    words=_set("ab da du er es im in ja ob so um wo zu an am"),
)
_FRENCH = Vocabulary(
    power="puissance {}",
    squared="au carré",
    cubed="au cube",
    minus="moins",
    plus="plus",
    over="sur",
    halves=("un demi", "et demi"),
    and_="et",
    numerators=("un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf"),
    denominators={
        2: ("demi", "demis"),
        3: ("tiers", "tiers"),
        4: ("quart", "quarts"),
        5: ("cinquième", "cinquièmes"),
        6: ("sixième", "sixièmes"),
        7: ("septième", "septièmes"),
        8: ("huitième", "huitièmes"),
        9: ("neuvième", "neuvièmes"),
        10: ("dixième", "dixièmes"),
        16: ("seizième", "seizièmes"),
    },
    units=_lengths("mètre", "mètres", "deci=déci"),
    square="{} carré",
    cubic="{} cube",
    squares="{} carrés",
    cubics="{} cubes",
    per="par",
    seconds_squared="{} par seconde au carré",
    decimal_point=",",
    ordinals=_set("er ers re res ère ères e es ème eme èmes ième nd nde nds ndes d de"),
    words=_set(
        "au ce de du en et eu il je la le ma me ne ni nu on ou où sa se si su ta te tu un va vu"
    ),
)
_SPANISH = Vocabulary(
    power="elevado a {}",
    squared="al cuadrado",
    cubed="al cubo",
    minus="menos",
    plus="más",
    over="sobre",
    halves=("un medio", "y medio"),
    and_="y",
    numerators=("un", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve"),
    denominators={
        2: ("medio", "medios"),
        3: ("tercio", "tercios"),
        4: ("cuarto", "cuartos"),
        5: ("quinto", "quintos"),
        6: ("sexto", "sextos"),
        7: ("séptimo", "séptimos"),
        8: ("octavo", "octavos"),
        9: ("noveno", "novenos"),
        10: ("décimo", "décimos"),
        16: ("dieciseisavo", "dieciseisavos"),
    },
    units=_lengths(
        "metro",
        "metros",
        "kilo=kiló hecto=hectó deci=decí centi=centí milli=milí micro=micró nano=nanó",
    ),
    square="{} cuadrado",
    cubic="{} cúbico",
    squares="{} cuadrados",
    cubics="{} cúbicos",
    per="por",
    seconds_squared="{} por segundo al cuadrado",
    decimal_point=",",
    ordinals=_set("o a os as er ero era"),
    words=_set(
        "al da de el en es fe ha he la le lo me mi ni no os se si sí su te ti tu tú un va ve vi ya"
        " yo"
    ),
)
# Where the words are not known, a mark is one behind any of these.
ANY_WORDS = _ENGLISH.words | _GERMAN.words | _FRENCH.words | _SPANISH.words
ANY_ORDINALS = _ENGLISH.ordinals | _GERMAN.ordinals | _FRENCH.ordinals | _SPANISH.ordinals

_VOCABULARIES = {"en": _ENGLISH, "de": _GERMAN, "fr": _FRENCH, "es": _SPANISH}


def vocabulary(language: str) -> Vocabulary | None:
    """Return the words of a language (BCP 47), if there are some."""
    tag = language.lower().replace("_", "-")
    if tag == "en-us":
        return _AMERICAN
    return _VOCABULARIES.get(tag.partition("-")[0])
