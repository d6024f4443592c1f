"""TeX's mathematics -> MathML, by a library that is kept from what could hold it up."""

from __future__ import annotations

import re

from latex2mathml.converter import convert

LONGEST = 2_000  # characters
DEEPEST = 25  # groups in groups

_UNSHOWN = re.compile(
    r"\\(?:label|tag|ref|eqref|nonumber|notag)\*?(?:\{[^{}]*\})?|\\displaystyle\b"
)
_NUMBERED = re.compile(r"\\(begin|end)\{(align|gather)\}")
_GROUP = re.compile(r"(?P<open>\{|\\left|\\begin)|\}|\\right|\\end")
_UNKNOWN = re.compile(r"<m[io]>\\")


def mathml_of(tex: str) -> str:
    """Return a formula as MathML; empty where that cannot be done."""
    tex = _NUMBERED.sub(r"\\\1{\2*}", _UNSHOWN.sub("", tex)).strip()
    if not tex or len(tex) > LONGEST or _depth(tex) > DEEPEST:
        return ""
    try:
        markup = convert(tex)
    except Exception:  # it raises what it likes on what is no TeX
        return ""
    return "" if _UNKNOWN.search(markup) else markup  # a command that it does not know


def _depth(tex: str) -> int:
    depth = deepest = 0
    for found in _GROUP.finditer(tex):
        depth += 1 if found["open"] else -1
        deepest = max(deepest, depth)
    return deepest
