"""The rules by which something that is written is not spoken, and three levels of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from .passages import Range
from .ruby import READINGS
from .text import Edit


@dataclass(frozen=True, slots=True)
class Rule:
    """One switch: when it holds, this is left out."""

    name: str
    words: str  # for a person: what is left out
    kinds: frozenset[str] = frozenset()  # of blocks that are silent as a whole
    role: str = ""  # of passages, and of blocks as a whole
    pattern: re.Pattern[str] | None = None


_NAME = r"[A-ZÀ-ÖØ-ÞА-Я][\w’'\-]+"
_YEAR = r"(?:1[5-9]|20)\d\d[a-z]?"
CITATION = re.compile(
    # Not behind a single letter or a sign of mathematics: an element, an interval
    r"(?<!(?<!\w)[A-Za-z])(?<![=∈<>≤≥+×*/^])(?<![=∈<>≤≥+×*/^]\s)"
    r"\[\s*(?!0)\d{1,3}(?:\s*[,;–-]\s*\d{1,3})*\s*\]"
    rf"|\((?:(?:see|e\.g\.|cf\.)\s+)?{_NAME}(?:\s+(?:and|&|et al\.?,?|und|y|et|{_NAME}),?){{0,4}}"
    rf"(?:\s+et al\.?)?,?\s+{_YEAR}(?:,\s*pp?\.\s*[\d–-]+)?"
    rf"(?:\s*;\s*{_NAME}[^();]{{0,60}}{_YEAR})*\)"
)
ADDRESS = re.compile(
    r"(?:https?://|www\.)(?:[^\s<>\"“”\[\]]|\[[^\s<>\"“”\[\]]*\])+(?<![.,;:!?)}’'])"
)
BRACKETS = re.compile(r"\([^()]{1,300}\)|（[^（）]{1,300}）")
# A transcriber's note: of the library Aozora Bunko, of Project Gutenberg
TRANSCRIBER = re.compile(
    r"※?［＃[^［］\n]{1,100}］|※?\[＃[^\[\]\n]{1,100}\]"
    r"|\[(?:Pg|Page|Seite|Página)\.? ?\d{1,4}\]|\[Illustration\]"
)

RULES: tuple[Rule, ...] = (
    Rule("citations", "citations, such as [12] or (Smith et al., 2019)", pattern=CITATION),
    Rule("addresses", "web addresses, but for the name of the site", pattern=ADDRESS),
    Rule("notes", "footnotes and their marks", role="note", pattern=TRANSCRIBER),
    Rule("code", "program code", kinds=frozenset({"code"})),
    Rule("tables", "tables", kinds=frozenset({"table"})),
    Rule("brackets", "text in brackets", pattern=BRACKETS),
    Rule("figures", "pictures and their captions", kinds=frozenset({"figure"})),
    Rule(READINGS, "the readings of words (ruby); where they are read, the words are not"),
    Rule("maths", "mathematics", role="math"),
)
USUAL = "usual"
LEVELS: dict[str, frozenset[str]] = {
    "everything": frozenset({READINGS}),  # nothing is said twice
    USUAL: frozenset({"citations", "addresses", "notes", READINGS}),
    "running": frozenset(rule.name for rule in RULES),
}


def chosen(level: str, switches: Mapping[str, bool]) -> frozenset[str]:
    """Return the rules that hold: those of a level, but for what single switches say."""
    silent = set(LEVELS.get(level, LEVELS[USUAL]))
    for rule in RULES:
        if rule.name in switches:
            (silent.add if switches[rule.name] else silent.discard)(rule.name)
    return frozenset(silent)


def left_out(
    shown: str, roles: Sequence[Range], silent: frozenset[str], *, besides: Sequence[Edit] = ()
) -> Iterator[Edit]:
    """Yield what is not spoken of a text, with the rule's name, but for what is decided already."""
    for rule in RULES:
        if rule.name not in silent:
            continue
        for start, end, role in roles:
            if role == rule.role:
                # The space behind a mark parts two words, in whatever element it stands.
                last = start + len(shown[start:end].rstrip())
                yield Edit(start, max(start, last), "", rule.name)
        if rule.pattern:
            for found in rule.pattern.finditer(shown):
                if any(each.start < found.end() and found.start() < each.end for each in besides):
                    continue
                instead = _site(found[0]) if rule.name == "addresses" else ""
                yield Edit(found.start(), found.end(), instead, rule.name)


def _site(address: str) -> str:
    try:
        host = urlsplit(address if "://" in address else f"https://{address}").hostname or ""
    except ValueError:
        return ""
    return host.removeprefix("www.")
