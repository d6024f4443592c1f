"""Formulas in words: MathML, and TeX among the words of a text.

English has words for all of it; other languages read the characters, with what words for numbers
they have. What cannot be said is left as it stands: there is a rule by which it is silent.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from reader.tex import mathml_of, tex_in

from ..passages import Passages
from ..text import Edit
from .formula import formula_said

__all__ = ["formula_said", "formulas_said", "tex_said"]


def formulas_said(shown: str, found: Passages, language: str) -> Iterator[Edit]:
    """Yield the words of a text's formulas, and note where those in TeX are."""
    for start, end, markup in found.formulas:
        if said := formula_said(markup, language):
            yield _apart(shown, start, end, said)
    code = [(start, end) for start, end, role in found.ranges if role == "code"]
    for start, end, tex, _ in tex_in(shown):
        if any(first < end and start < last for first, last in code):
            continue
        found.ranges.append((start, end, "math"))
        if said := tex_said(tex, language):
            yield _apart(shown, start, end, said)


@lru_cache(maxsize=500)
def tex_said(tex: str, language: str) -> str:
    """Return the words of a formula in TeX; empty where it cannot be said."""
    markup = mathml_of(tex)
    return formula_said(markup, language) if markup else ""


def _apart(shown: str, start: int, end: int, said: str) -> Edit:
    """Keep the words apart from those that touch the formula."""
    before = " " if shown[start - 1 : start].isalnum() and start else ""
    after = " " if shown[end : end + 1].isalnum() else ""
    return Edit(start, end, f"{before}{said}{after}")
