"""Raised and lowered characters: where they are, and what they stand between."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence

from ..letters import in_plain_letters
from ..passages import Range, Script

NOTE = "note"  # a role: the mark of a note
NOTED = "noted"  # a role: there is a note of that number in the document

_SUPERSCRIPT = "⁰¹²³⁴-⁹⁺⁻⁼⁽⁾ⁿⁱ"
_LETTERS_ABOVE = "ᵃ-ᵛᶜᶠᶻʰʲʳʷʸˡˢˣᴬᴮᴰ-ᵂ"
_SUBSCRIPT = "₀-₉₊₋₌₍₎ₐ-ₜ"
_IN_UNICODE = re.compile(
    rf"(?P<above>(?:[{_SUPERSCRIPT}]|(?<=[\dA-Za-z])[{_LETTERS_ABOVE}])"
    rf"[{_SUPERSCRIPT}{_LETTERS_ABOVE}]*(?:[,–-][⁰¹²³⁴-⁹]+)*)"
    rf"|(?P<below>[{_SUBSCRIPT}]+)"
)
_RAISED_AGAIN = re.compile(rf"(?<=[A-Za-z0-9)])[{_SUPERSCRIPT}]+")
_SCRIPT = re.compile(f"[{_SUPERSCRIPT}{_LETTERS_ABOVE}{_SUBSCRIPT}]")
SIGNS = str.maketrans(
    {"−": "-", "–": "-", "‐": "-", "‑": "-", "\xa0": " ", "\u200b": "", "\u2060": "", "\ufeff": ""}
)
# A word; of scripts that put no spaces between words, a character.
_UNSPACED = "\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\u0e00-\u0eff"
_LETTER = rf"[^\W\d_{_UNSPACED}]"
_WORD = re.compile(rf"{_LETTER}+(?:[’'-]{_LETTER}+)*$|[{_UNSPACED}]$")
_OPERATOR_BEFORE = re.compile(r"[=<>≤≥≈≠±+×·∙*/√∝∼−-]\s?$")
_OPERATOR_AFTER = re.compile(r"\s?[=<>≤≥≈≠±+×·∙*√∝∼−]|/\w")
REACH = 60  # characters looked at before


class Raised:
    """Something raised, with what it stands between."""

    def __init__(self, script: Script, shown: str, base_end: int) -> None:
        self.start, self.end, _, self.role, self._inner = script
        self.written = shown[script.start : script.end]
        self.text = plain(self.written).strip()
        # An index between a base and its power belongs to the base.
        self.before = shown[max(0, base_end - REACH) : base_end]
        self.has_index = base_end < script.start
        self.after = shown[script.end : script.end + 12]
        word = _WORD.search(self.before)
        self.word = word[0] if word else ""
        self.ahead = self.before[: word.start()] if word else self.before

    def parts(self) -> Iterator[tuple[str, bool]]:
        """Yield what is raised, in pieces, and whether each is raised above the others."""
        at = self.start
        inner = self._inner or tuple(
            (self.start + found.start(), self.start + found.end())
            for found in _RAISED_AGAIN.finditer(self.written)
        )
        for start, end in (*inner, (self.end, self.end)):
            for first, last, is_above in ((at, start, False), (start, end, True)):
                if piece := plain(self.written[first - self.start : last - self.start]).strip():
                    yield piece, is_above
            at = end

    @property
    def is_behind_symbol(self) -> bool:
        """Tell whether it stands behind a single letter, as in mathematics."""
        return len(self.word) == 1 and not re.match(f"[{_UNSPACED}]", self.word)

    @property
    def follows_operator(self) -> bool:
        return bool(_OPERATOR_BEFORE.search(self.before))

    @property
    def in_formula(self) -> bool:
        return bool(_OPERATOR_BEFORE.search(self.ahead) or _OPERATOR_AFTER.match(self.after))


def all_scripts(shown: str, marked: Sequence[Script], roles: Sequence[Range]) -> list[Script]:
    """Return the scripts of the markup and those among the characters, in order."""
    notes = [(start, end) for start, end, role in roles if role == NOTE]
    found = [
        each._replace(role=NOTE) if _within(each.start, each.end, notes) else each
        for each in (_without_space(each, shown) for each in marked)
        if each.start < each.end
    ]
    code = [(start, end) for start, end, role in roles if role in {"code", "math"}]
    taken = [*code, *((each.start, each.end) for each in marked)]
    for match in _IN_UNICODE.finditer(shown):
        start, end = match.span()
        if not _within(start, end, taken):
            role = NOTE if _within(start, end, notes) else ""
            found.append(Script(start, end, match["above"] is not None, role))
    return sorted(found)


def _without_space(script: Script, shown: str) -> Script:
    text = shown[script.start : script.end]
    start = script.start + len(text) - len(text.lstrip())
    return script._replace(start=start, end=max(start, script.start + len(text.rstrip())))


def _within(start: int, end: int, ranges: Sequence[tuple[int, int]]) -> bool:
    return any(first < end and start < last for first, last in ranges)


def on_line(text: str) -> str:
    """Return raised or lowered characters of Unicode as those on the line."""
    return _SCRIPT.sub(lambda found: unicodedata.normalize("NFKC", found[0]), text)


def plain(text: str) -> str:
    """Return what is raised or lowered as characters on the line, its signs as in ASCII."""
    return in_plain_letters(on_line(text)).translate(SIGNS)
