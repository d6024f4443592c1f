"""Where formulas in TeX stand in a text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from .mathml import LONGEST

_SAYABLE = re.compile(r"[^\W_]")
# Beside a dollar within a word none opens or closes; Chinese and Japanese have no spaces.
_OF_A_WORD = r"[^\W\u3040-\u30ff\u3400-\u9fff]"
_ENVIRONMENTS = "equation|align|gather|multline|eqnarray|displaymath|math"
_DELIMITED = re.compile(
    rf"\$\$(?P<displayed>[^$]{{1,{LONGEST}}})\$\$"
    rf"|\\\[(?P<bracketed>(?:(?!\\\[).){{1,{LONGEST}}}?)\\\]"
    rf"|\\\((?P<round>(?:(?!\\\().){{1,{LONGEST}}}?)\\\)"
    rf"|\\begin\{{(?P<name>{_ENVIRONMENTS})\*?\}}(?P<within>(?:(?!\\begin\{{(?P=name)).)"
    rf"{{1,{LONGEST}}}?)\\end\{{(?P=name)\*?\}}"
    rf"|(?<!{_OF_A_WORD})(?<![$\\])\$(?=[^\s$])(?P<inline>[^$\n]{{1,400}}?)(?<=[^\s\\$])\$"
    rf"(?!\$|{_OF_A_WORD})",
    re.DOTALL,
)
# Signs of what _DELIMITED finds, in a text of which it may be but a part.
_SIGNS = re.compile(r"\\[(\[]|\\begin\{|\$\$|\$[^\s$](?:[^$\n]{0,398}[^\s\\$])?\$")
_ALIGNED = {"align", "gather", "eqnarray", "multline"}


class TeX(NamedTuple):
    """Where a formula stands, delimiters and all, and its TeX."""

    start: int
    end: int
    tex: str
    is_displayed: bool = False


def may_have_tex(text: str) -> bool:
    """Tell whether there may be a formula in a text, or in a part of it; most have none."""
    return ("$" in text or "\\" in text) and bool(_SIGNS.search(text))


def tex_in(text: str) -> Iterator[TeX]:
    """Yield the formulas in a text; an amount of money is none, nor a variable of a shell."""
    if "$" not in text and "\\" not in text:
        return
    at = 0
    while found := _DELIMITED.search(text, at):
        formula = _formula(text, found)
        if formula:
            yield formula
        # What is none may end where one begins.
        at = formula.end if formula else found.start() + 1


def _formula(text: str, found: re.Match[str]) -> TeX | None:
    """Return the formula between two delimiters, if it is one."""
    from .telling import is_formula, is_formula_apart  # seldom needed, and patterns take time

    start, end = found.span()
    before, behind = text[max(start - 1, 0) : start], text[end : end + 2]
    inline = found["inline"]
    if inline is not None:
        if inline[0] == inline[-1] == "`" and len(inline) > 2:
            inline = inline[1:-1]  # as GitLab has it
        is_one = _SAYABLE.search(inline) and is_formula(inline, behind)
        return TeX(start, end, inline) if is_one else None
    if within := found["within"]:
        name = found["name"]
        tex = rf"\begin{{align*}}{within}\end{{align*}}" if name in _ALIGNED else within
    else:
        tex = found["displayed"] or found["bracketed"] or found["round"]
    if (
        not _SAYABLE.search(tex)
        or "$" in tex
        or not is_formula_apart(found[0], tex, before, behind)
    ):
        return None
    if found["round"]:
        return TeX(start, end, tex)
    if behind[:1] in {*".,;:"}:  # what ends its sentence
        tex, end = tex + behind[:1], end + 1
    return TeX(start, end, tex, is_displayed=True)
