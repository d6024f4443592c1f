"""TeX -> MathML, by a library that is kept from what could hold it up."""

from __future__ import annotations

import re

from lxml import etree

LONGEST = 2_000  # characters
DEEPEST = 25  # groups in groups

_UNSHOWN = re.compile(
    r"\\(?:label|tag|ref|eqref|nonumber|notag)\*?(?:\{[^{}]*\})?|\\displaystyle\b"
)
_UPRIGHT = re.compile(r"\\(?:mathrm|mathit|textrm)\{([A-Za-z]{2,})\}")  # a word, as in an index
_CHEMICAL = re.compile(r"\\ce\{([^{}\\]{1,100})\}")
_COUNT = re.compile(r"(?<=[A-Za-z)\]])\d+")
_NUMBERED = re.compile(r"\\(begin|end)\{(align|gather)\}")
# Parts of a display that are aligned as it is, of which the library knows nothing.
_ALIGNED = re.compile(r"\\(begin|end)\{(?:aligned|alignedat|gathered)\}(?:\{\d+\})?(?:\[[tcb]\])?")
_GROUP = re.compile(r"(?P<open>\{|\\left|\\begin)|\}|\\right|\\end")
_UNKNOWN = re.compile(r"<m[io]>\\")


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
