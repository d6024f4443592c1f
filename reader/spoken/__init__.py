"""What is shown of a block -> what is spoken of it, by rules, and the map between the two.

Knows no Django. Whether a rule holds is a person's choice for each document; what it leaves out,
a block can tell.
"""

from __future__ import annotations

from collections.abc import Sequence

from .letters import plain_letters
from .mathematics import formulas_said
from .numbers import scripts_said
from .passages import passages
from .pronunciation import Pronunciation, pronounced, stands_alone
from .ruby import readings_said
from .rules import LEVELS, RULES, USUAL, Rule, chosen, left_out
from .tables import rows_said
from .text import NOTHING, Spoken, Unspoken, said

__all__ = [
    "LEVELS",
    "NOTHING",
    "RULES",
    "USUAL",
    "Pronunciation",
    "Rule",
    "Spoken",
    "Unspoken",
    "chosen",
    "speak",
    "stands_alone",
]


def speak(
    kind: str,
    html: str,
    shown: str,
    *,
    silent: frozenset[str] = LEVELS[USUAL],
    words: Sequence[Pronunciation] = (),
    language: str = "",
) -> Spoken:
    """Decide what is spoken of a block of this kind.

    ``silent``: the rules that hold. ``words``: a person's own pronunciations.
    """
    roles = passages(html)
    reason = _whole_block(kind, roles.whole, silent)
    if reason:
        return Spoken("", (), reason, ())
    readings = list(readings_said(shown, roles.rubies, silent))
    formulas = [] if kind == "code" else list(formulas_said(shown, roles, language))
    edits = [*readings, *left_out(shown, roles.ranges, silent, besides=readings), *formulas]
    if kind == "table":
        edits += rows_said(html, shown)
    if kind != "code":
        edits += scripts_said(shown, roles.scripts, roles.ranges, language, silent)
    edits += plain_letters(shown)
    edits += pronounced(shown, words, language)
    return said(shown, edits)


def _whole_block(kind: str, role: str, silent: frozenset[str]) -> str:
    """Return the rule by which nothing of a block is spoken, if there is one."""
    for rule in RULES:
        if rule.name in silent and (kind in rule.kinds or (role and role == rule.role)):
            return rule.name
    return ""
