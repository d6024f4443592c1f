r"""Mathematics in TeX: where it stands among the words of a text, and as MathML.

It stands between $…$, $$…$$, \(…\), \[…\] or in an environment. The library that makes MathML of it
is kept from what could hold it up.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from lxml import etree

LONGEST = 2_000  # characters
MOST_WORDS = 5  # in a formula, but for its commands
DEEPEST = 25  # groups in groups

_UNSHOWN = re.compile(
    r"\\(?:label|tag|ref|eqref|nonumber|notag)\*?(?:\{[^{}]*\})?|\\displaystyle\b"
)
_UPRIGHT = re.compile(r"\\(?:mathrm|mathit|textrm)\{([A-Za-z]{2,})\}")  # a word, as in an index
_CHEMICAL = re.compile(r"\\ce\{([^{}\\]{1,100})\}")
_COUNT = re.compile(r"(?<=[A-Za-z)\]])\d+")
_SAYABLE = re.compile(r"[^\W_]")
_NUMBERED = re.compile(r"\\(begin|end)\{(align|gather)\}")
# Parts of a display that are aligned as it is, of which the library knows nothing.
_ALIGNED = re.compile(r"\\(begin|end)\{(?:aligned|alignedat|gathered)\}(?:\{\d+\})?(?:\[[tcb]\])?")
_GROUP = re.compile(r"(?P<open>\{|\\left|\\begin)|\}|\\right|\\end")
_UNKNOWN = re.compile(r"<m[io]>\\")
_ENVIRONMENTS = "equation|align|gather|multline|eqnarray|displaymath|math"
_DELIMITED = re.compile(
    rf"\$\$(?P<displayed>[^$]{{1,{LONGEST}}})\$\$"
    rf"|\\\[(?P<bracketed>(?:(?!\\\[).){{1,{LONGEST}}}?)\\\]"
    rf"|\\\((?P<round>(?:(?!\\\().){{1,{LONGEST}}}?)\\\)"
    rf"|\\begin\{{(?P<name>{_ENVIRONMENTS})\*?\}}(?P<within>(?:(?!\\begin\{{(?P=name)).)"
    rf"{{1,{LONGEST}}}?)\\end\{{(?P=name)\*?\}}"
    r"|(?<![\w$\\])\$(?=[^\s$])(?P<inline>[^$\n]{1,400}?)(?<=[^\s\\$])\$(?![\w$])",
    re.DOTALL,
)
# Signs of what _DELIMITED finds, in a text of which it may be but a part.
_SIGNS = re.compile(r"\\[(\[]|\\begin\{|\$\$|\$[^\s$](?:[^$\n]{0,398}[^\s\\$])?\$")
_COMMAND = re.compile(r"\\[A-Za-z]{2,}|\\[,;!{}|%]|[\^_]\S|[{}]")
_PLAIN = re.compile(r"[A-Za-z0-9\s+\-*/=<>().,!|':;\[\]−×·≤≥≠]+")
_OPERATOR = re.compile(r"[+*/=<>|−×·≤≥≠-]")
_WORDS = re.compile(r"(?<!\\)\b[A-Za-z]{3,}\b")
_LETTERS = re.compile(r"[A-Za-z]+")
_COMMANDS = re.compile(
    r"\\(?:text|mathrm|operatorname|mbox|textrm|begin|end|mathbf|mathcal|mathbb|mathsf)\*?"
    r"\{[^{}]*\}|\\[A-Za-z]+"
)


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
    """Yield the formulas in a text; an amount of money is none."""
    if "$" not in text and "\\" not in text:
        return
    for found in _DELIMITED.finditer(text):
        inline = found["inline"]
        if inline is not None and inline[0] == inline[-1] == "`" and len(inline) > 2:
            inline = inline[1:-1]  # as GitLab has it
        if inline is not None and not is_formula(inline):
            continue
        tex = inline or found["displayed"] or found["bracketed"] or found["round"]
        if found["within"]:
            name = found["name"]
            aligned = name in {"align", "gather", "eqnarray", "multline"}
            within = found["within"]
            tex = rf"\begin{{align*}}{within}\end{{align*}}" if aligned else within
        if (
            _SAYABLE.search(tex)
            and "$" not in tex
            and len(_WORDS.findall(_bare(tex))) <= MOST_WORDS
        ):
            is_displayed = inline is None and not found["round"]
            end = found.end()
            if is_displayed and text[end : end + 1] in {*".,;:"}:  # what ends its sentence
                tex, end = tex + text[end], end + 1
            yield TeX(found.start(), end, tex, is_displayed)


def is_formula(tex: str) -> bool:
    """Tell a formula between dollars from what stands between two amounts of money."""
    bare = _bare(tex)
    if _COMMAND.search(tex):
        return len(_WORDS.findall(bare)) <= 2
    runs = _LETTERS.findall(bare)
    if not runs or not _PLAIN.fullmatch(tex) or max(map(len, runs)) > 2:
        return False
    if tex[0].isdigit():
        return max(map(len, runs)) == 1 and not re.match(r"[\d.,]+\s?(?:[kKmMbB]|/)", tex)
    return len(tex) <= 3 or bool(_OPERATOR.search(tex)) or max(map(len, runs)) == 1


def _bare(tex: str) -> str:
    """Return TeX without its commands, and what is text to them."""
    return _COMMANDS.sub(" ", tex)


def mathml_of(tex: str, display: str = "inline") -> str:
    """Return a formula as MathML; empty where that cannot be done."""
    tex = _UPRIGHT.sub(r"\\text{\1}", _CHEMICAL.sub(_compound, tex))
    tex = _NUMBERED.sub(r"\\\1{\2*}", _ALIGNED.sub(r"\\\1{align*}", _UNSHOWN.sub("", tex))).strip()
    if not tex or len(tex) > LONGEST or _depth(tex) > DEEPEST:
        return ""
    from latex2mathml.converter import convert  # slow to load, and seldom needed

    try:
        markup = convert(tex, display=display)
    except Exception:  # it raises what it likes on what is no TeX
        return ""
    if _UNKNOWN.search(markup):  # a command that it does not know
        return ""
    try:
        etree.fromstring(markup)
    except etree.XMLSyntaxError:  # it writes some signs of a formula as they are
        return ""
    return markup


def _compound(found: re.Match[str]) -> str:
    """Return a compound without the package that sets it: its counts are indices."""
    return _COUNT.sub(r"_{\g<0>}", found[1]).replace("->", r"\to ")


def _depth(tex: str) -> int:
    depth = deepest = 0
    for found in _GROUP.finditer(tex):
        depth += 1 if found["open"] else -1
        deepest = max(deepest, depth)
    return deepest
