"""How raised and lowered characters are said: as powers, indices, ordinals, charges, fractions.

The marks of notes are silent by their rule. In languages without a vocabulary the characters are
spoken as they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ..passages import Range, Script
from ..text import Edit
from .fractions import fraction_of, fraction_said, fractions_said
from .notes import is_mark
from .quantities import FUNCTIONS, OXIDES, UNITS, is_abbreviation, is_compound
from .scripts import SIGNS, Raised, all_scripts, on_line, plain
from .vocabulary import ANY_ORDINALS, Vocabulary, vocabulary

NOTES = "notes"  # the rule by which marks are silent

_CARET = re.compile(
    r"(?<=[0-9A-Za-z)\]])\^(?:\{(?P<braced>[^{}\s]{1,20})\}|\((?P<round>[^()\s]{1,20})\)"
    r"|(?P<closed>[^\W_]{1,6})\^|(?P<bare>[−+-]?(?:\d+(?:\.\d+)?|[A-Za-z](?![A-Za-z]))))(?![\w^])"
)
_TILDES = re.compile(r"(?<=[A-Za-z)])~(\d{1,3}|[a-z])~(?!~)")  # of Markdown: H~2~O
_NUMBER = re.compile(r"[+-]?\d+(?:[.,/]\d+)?")
_CHARGE = re.compile(r"\d?[+-]|[+-]\d?")
_EXPRESSION = re.compile(r"[\w+\-*/=·×().,′'\s∞]+")
_LONG_WORD = re.compile(r"[^\W\d_]{4,}")
_DEGREES = re.compile(r"\s?[CFK]\b")
_OXIDATION = re.compile(r"[IV]{1,3}")
_ROMAN = re.compile(r"(?<!\w)[IVXLCM]+$")
_TRADE = frozenset({"TM", "SM", "MC", "®", "©", "™", "℠", "R"})
_AMOUNT = re.compile(r"(?<![\w.,])(?P<amount>(?:\d[\d.,\s]*)?\d)\s?$|[½¼¾]\s?$")
_NAMED = re.compile(r"(?:\(|\b(?:per|in|pro|je|par|por|en|au|al)\s)$", re.IGNORECASE)
_EACH = re.compile(
    r"\b(?:per|each|an?|pro|je|jeder|ein|par|chaque|un|au|le|por|cada|al|el)\s$", re.I
)
_UNIT_AHEAD = re.compile(
    r"(?:^|[\d\s(])(?:J|W|V|A|N|C|k?g|[mck]?m|s|mol|L|kJ|[mk]W|eV|Pa|rad)[−-]?[\d⁻¹²³]*\s$"
)
_PER = re.compile(r"\s?/\s?$")
_STATES = frozenset(["hi", "lo", "int", "neg", "pos", "dim", "wt", "ko", "fl", "mut", "op", "cit"])
_INSERTED = frozenset({"bis", "ter", "quater", "quinquies", "sexies", "septies", "octies"})
_FORMATS = frozenset({"to", "vo", "mo"})  # of old books: 4to, 8vo, 12mo
_ARTICLE = re.compile(
    r"(?:§|\b(?:art|artt|artikel|articles?|artículo|abs)\b\.?)"
    r"(?:[\s,;.–-]|\d+(?:[a-z]|bis|ter)?\b|\b(?:and|or|und|oder|et|ou|abs)\b){0,20}\d+$",
    re.I,
)
_PRICE = re.compile(r"[$€£]\s?\d{1,6}$")  # whose cents are written small and high
_CURRENCY = re.compile(r"\s?[$€£]")
_PER_SECOND = re.compile(r"(?P<unit>km|cm|mm|m)\s?/\s?s$")


def scripts_said(
    shown: str,
    marked: Sequence[Script],
    roles: Sequence[Range],
    language: str,
    silent: frozenset[str],
) -> Iterator[Edit]:
    """Yield how the raised and lowered characters and the fractions of a text are said.

    ``marked``: what the markup raises or lowers. ``roles``: what its passages are.
    """
    words = vocabulary(language)
    found = all_scripts(shown, marked, roles)
    before: Script | None = None
    for at, script in enumerate(found):
        after = found[at + 1] if at + 1 < len(found) else None
        if not script.raised:
            yield from _lowered(shown, script, before, words)
        elif after and (fraction := fraction_of(shown, script, after)):
            if words:
                yield fraction_said(shown, script.start, after.end, fraction, words)
            elif shown[: script.start][-1:].isdigit():
                yield Edit(script.start, script.start, " ")
        else:
            has_index = before and not before.raised and before.end == script.start
            raised = Raised(script, shown, before.start if before and has_index else script.start)
            yield from _raised(raised, shown, words, silent)
        before = script
    if words:
        yield from fractions_said(shown, found, words)
        yield from _carets(shown, roles, words)


def _raised(
    raised: Raised, shown: str, words: Vocabulary | None, silent: frozenset[str]
) -> Iterator[Edit]:
    if is_mark(raised, words):
        if NOTES in silent:
            yield Edit(raised.start, raised.end, "", NOTES)
    elif words:
        yield from _said(raised, words)
    elif raised.before[-1:].isdigit() and raised.written[:1] in "0123456789":
        # Without a space it would be digits of its base.
        yield Edit(raised.start, raised.start, " ")
        if shown[raised.end : raised.end + 1].isalnum():
            yield Edit(raised.end, raised.end, " ")


def _said(raised: Raised, words: Vocabulary) -> Iterator[Edit]:
    text, before = raised.text, raised.before
    if _is_degree(raised, words):
        yield from _as_characters(raised, "°")
    elif text in _FORMATS and raised.before[-1:].isdigit():
        yield from _as_characters(raised, text)
    elif _is_of_law(raised):
        yield from _as_characters(raised, text, " " if len(text) > 1 else "")
    elif _is_ordinal(raised, words) or is_abbreviation(raised):
        yield from _as_characters(raised, text)
    elif _is_cents(raised):
        yield from _as_characters(raised, text, words.decimal_point)
    elif raised.word in {"M", "O’", "O'"} and raised.after[:1].isupper():  # McDonald
        yield from _as_characters(raised, text)
    elif text in _TRADE and len(raised.word) > 1:
        yield from _as_characters(raised, text, " " if text.isalpha() else "")
    elif not before or (before[-1].isspace() and not before.rstrip().endswith("10")):
        yield from _as_characters(raised, text)  # it belongs to what follows: an isotope
    elif _OXIDATION.fullmatch(text) and is_compound(before) and len(raised.word) > 1:
        yield from _as_characters(raised, text, " ")
    elif _is_charge(raised):
        yield _behind(raised, _exponent(text, words))
    elif raised.word in OXIDES and text.isdecimal() and not raised.in_formula:
        yield from _as_characters(raised, text)
    elif unit := _unit(raised, words):
        yield unit
    elif _may_be_power(raised):
        yield _behind(raised, _power(raised, words))
    else:
        separate = before[-1].isalnum() and text[:1].isalnum()
        yield from _as_characters(raised, text, " " if separate else "")


def _is_charge(raised: Raised) -> bool:
    text = raised.text
    if not _CHARGE.fullmatch(text):
        return False
    # "K" with a minus before its digit, in a product of units, is of kelvins and no potassium.
    if (
        text[0] == "-"
        and raised.word in UNITS
        and (raised.in_formula or _UNIT_AHEAD.search(raised.ahead))
    ):
        return False
    return is_compound(raised.before) or text in {"+", "-"}


def _is_degree(raised: Raised, words: Vocabulary) -> bool:
    if not raised.before.rstrip()[-1:].isdigit():
        return False
    if raised.text in {"o", "O", "0", "°", "∘", "º"} and _DEGREES.match(raised.after):
        return True
    return raised.text in {"o", "°", "∘"} and raised.text not in words.ordinals


def _is_ordinal(raised: Raised, words: Vocabulary) -> bool:
    letters = raised.text.lower().strip(".")
    before = raised.before.rstrip(".")
    # A date in another language: 1er mai
    if len(letters) > 1 and letters in ANY_ORDINALS and before[-1:].isdigit():
        return True
    if letters not in words.ordinals:
        return False
    if before[-1:].isdigit():
        return True
    return bool(_ROMAN.search(before)) or (len(raised.word) == 1 and len(letters) > 1)


def _is_of_law(raised: Raised) -> bool:
    """Tell the articles that a law was given later, between two others: 12bis, § 10a."""
    if _ARTICLE.search(raised.before):
        return raised.text in _INSERTED or bool(re.fullmatch("[a-z]", raised.text))
    # "5ter" is an ordinal as well.
    return raised.text in _INSERTED - {"ter"} and raised.before[-1:].isdigit()


def _is_cents(raised: Raised) -> bool:
    if len(raised.text) != 2 or not raised.text.isdecimal():
        return False
    return bool(
        _PRICE.search(raised.before)
        or (raised.before[-1:].isdigit() and _CURRENCY.match(raised.after))
    )


def _may_be_power(raised: Raised) -> bool:
    text, before = raised.text, raised.before
    if text in _STATES or not _EXPRESSION.fullmatch(text):
        return False
    is_below_one = text[0] == "-" and before[-1].isdigit()
    if _LONG_WORD.search(text) and not is_below_one:
        return False
    if not (text[-1].isalnum() or text[-1] == "∞"):
        return False
    if text.count("(") != text.count(")"):
        return False
    if _NUMBER.fullmatch(text) or before[-1].isdigit() or before[-1] in ")]|}" or raised.has_index:
        return True
    return 0 < len(raised.word) <= 2 or raised.word in FUNCTIONS or raised.in_formula


def _power(raised: Raised, words: Vocabulary) -> str:
    """Return what is said of a power, whose exponent may have powers in it."""
    exponent = raised.text
    pieces = list(raised.parts()) if len(exponent) > 1 else []
    if any(is_above for _, is_above in pieces[1:]):
        exponent = " ".join(
            words.raised_to(_exponent(piece, words)) if is_above and at else piece
            for at, (piece, is_above) in enumerate(pieces)
        )
    return words.raised_to(_exponent(exponent, words))


def _exponent(text: str, words: Vocabulary) -> str:
    said = text.replace("-", f" {words.minus} ").replace("+", f" {words.plus} ")
    return " ".join(said.split())


def _unit(raised: Raised, words: Vocabulary) -> Edit | None:
    """Return how a square or cubic unit of length is said, or an acceleration."""
    if raised.text not in {"2", "3"} or raised.has_index:
        return None
    first = raised.start - len(raised.before)
    rate = _PER_SECOND.search(raised.before) if raised.text == "2" else None
    if rate and _AMOUNT.search(raised.before[: rate.start()]):
        said = words.seconds_squared.format(words.units[rate["unit"]][1])
        return Edit(first + rate.start(), raised.end, said + _gap(raised))
    if raised.word not in words.units:
        return None
    if per := _PER.search(raised.ahead):
        said = f" {words.per} {words.unit(raised.word, raised.text, one=True)}"
        return Edit(first + per.start(), raised.end, said + _gap(raised))
    amount = _AMOUNT.search(raised.ahead)
    named = _NAMED.search(raised.ahead) and not raised.in_formula
    if not (amount or named or (len(raised.word) > 1 and raised.word != "in")):
        return None
    one = (amount["amount"] or "").strip() == "1" if amount else _EACH.search(raised.ahead)
    space = " " if raised.ahead[-1:].isalnum() else ""
    said = space + words.unit(raised.word, raised.text, one=bool(one))
    return Edit(first + len(raised.ahead), raised.end, said + _gap(raised))


def _behind(raised: Raised, said: str) -> Edit:
    return Edit(raised.start, raised.end, f" {said}{_gap(raised)}")


def _gap(raised: Raised) -> str:
    after = raised.after[:1]
    return " " if after.isalnum() or after == "(" else ""


def _as_characters(raised: Raised, text: str, before: str = "") -> Iterator[Edit]:
    """Yield an edit only where the characters are others, so that the map stays close."""
    if before:
        yield Edit(raised.start, raised.start, before)
    if text != raised.written.translate(SIGNS).strip():
        yield Edit(raised.start, raised.end, text)


def _lowered(
    shown: str, script: Script, before: Script | None, words: Vocabulary | None
) -> Iterator[Edit]:
    """Yield how an index is said: by its characters, behind its base."""
    written = shown[script.start : script.end]
    beside = before and before.raised and before.end == script.start
    if beside and written[0].isdigit():
        yield Edit(script.start, script.start, " ")
    if words and written != (text := on_line(written)):
        yield Edit(script.start, script.end, text)


def _carets(shown: str, roles: Sequence[Range], words: Vocabulary) -> Iterator[Edit]:
    """Yield how powers are said that are written as 10^6."""
    code = [(start, end) for start, end, role in roles if role in {"code", "math"}]
    for found in _CARET.finditer(shown):
        if any(first <= found.start() < last for first, last in code):
            continue
        exponent = plain(next(filter(None, found.groups())))
        if not _EXPRESSION.fullmatch(exponent):
            continue
        raised = Raised(Script(*found.span(), raised=True), shown, found.start())
        raised.text = exponent
        if _is_ordinal(raised, words) or is_abbreviation(raised):
            yield Edit(found.start(), found.end(), exponent)
            continue
        yield Edit(found.start(), found.end(), f" {words.raised_to(_exponent(exponent, words))}")
    for found in _TILDES.finditer(shown):
        if not any(first <= found.start() < last for first, last in code):
            yield Edit(found.start(), found.end(), found[1])
