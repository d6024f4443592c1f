"""What the symbols of mathematics are called in English."""

from __future__ import annotations

import unicodedata

OPERATORS = {
    "+": "plus", "-": "minus", "±": "plus or minus", "∓": "minus or plus", "×": "times",
    "·": "times", "⋅": "times", "∙": "times", "*": "times", "∗": "times", "÷": "divided by",
    "/": "over", "∕": "over", "⁄": "over", "=": "equals", "≠": "is not equal to",
    "≡": "is equivalent to", "≈": "is approximately equal to", "≃": "is approximately equal to",
    "≅": "is congruent to", "∼": "is similar to", "~": "is similar to", "∝": "is proportional to",
    "<": "is less than", ">": "is greater than", "≤": "is less than or equal to",
    "≥": "is greater than or equal to", "⩽": "is less than or equal to",
    "⩾": "is greater than or equal to", "≪": "is much less than", "≫": "is much greater than",
    ":=": "is defined as", "≔": "is defined as", "≜": "is defined as",
    "∈": "is in", "∉": "is not in", "∋": "contains", "⊂": "is a subset of",
    "⊆": "is a subset of or equal to", "⊃": "is a superset of",
    "⊇": "is a superset of or equal to", "∪": "union", "∩": "intersection", "∖": "minus",
    "∅": "the empty set", "∀": "for all", "∃": "there exists", "∄": "there is no",
    "¬": "not", "∧": "and", "∨": "or", "⇒": "implies", "⟹": "implies", "⇐": "is implied by",
    "⇔": "if and only if", "⟺": "if and only if", "→": "to", "⟶": "to", "←": "from",
    "↦": "maps to", "⟼": "maps to", "↔": "corresponds to", "∴": "therefore", "∵": "because",
    "⊢": "proves", "⊨": "models", "⊥": "is perpendicular to", "∥": "is parallel to",
    "∣": "divides", "∤": "does not divide", "∠": "angle", "△": "triangle", "∘": "composed with",
    "⊕": "direct sum", "⊗": "tensor", "⊙": "dot", "†": "dagger", "∞": "infinity",
    "∂": "partial", "∇": "nabla", "∆": "delta", "√": "the square root of", "%": "percent",
    "‰": "per mille", "°": "degrees", "′": "prime", "'": "prime", "″": "double prime",
    "‴": "triple prime", "!": "factorial", "…": "and so on", "⋯": "and so on", "⋮": "and so on",
    "⋱": "and so on", "ℏ": "h bar", "ℓ": "l", "ℵ": "aleph", "℘": "Weierstrass p",
    "(": "open parenthesis", ")": "close parenthesis", "[": "open bracket", "]": "close bracket",
    "{": "open brace", "}": "close brace", "⟨": "open angle bracket", "⟩": "close angle bracket",
    "⌊": "the floor of", "⌋": "", "⌈": "the ceiling of", "⌉": "", "|": "vertical bar",
    "‖": "double vertical bar", "\u2061": "", "\u2062": "", "\u2063": ",", "\u2064": "and",
    "mod": "mod", "max": "the maximum", "min": "the minimum", "sup": "the supremum",
    "inf": "the infimum", "lim": "the limit", "ln": "natural log", "sin": "sine",
    "cos": "cosine", "tan": "tangent", "cot": "cotangent", "sec": "secant", "csc": "cosecant",
    "sinh": "hyperbolic sine", "cosh": "hyperbolic cosine", "tanh": "hyperbolic tangent",
    "arcsin": "arc sine", "arccos": "arc cosine", "arctan": "arc tangent", "det": "determinant",
    "exp": "exp", "log": "log", "lg": "log", "dim": "dimension", "ker": "kernel", "gcd": "g c d",
    "deg": "degree", "arg": "argument",
}  # fmt: skip
BIG = {
    "∑": "the sum", "Σ": "the sum", "∏": "the product", "Π": "the product", "∐": "the coproduct",
    "∫": "the integral", "∬": "the double integral", "∭": "the triple integral",
    "∮": "the contour integral", "⋃": "the union", "⋂": "the intersection",
    "⋀": "the conjunction", "⋁": "the disjunction", "⨁": "the direct sum",
    "⨂": "the tensor product",
}  # fmt: skip
LIMITS = {"lim", "max", "min", "sup", "inf", "limsup", "liminf", "argmax", "argmin"}
ACCENTS = {
    "¯": "bar", "‾": "bar", "_": "bar", "―": "bar", "^": "hat", "ˆ": "hat", "~": "tilde",
    "˜": "tilde", "∼": "tilde", "→": "vector", "⃗": "vector", "˙": "dot", ".": "dot",
    "¨": "double dot", "..": "double dot", "ˇ": "check", "˘": "breve", "*": "star",
    "\u0302": "hat", "\u0303": "tilde", "\u0304": "bar", "\u0305": "bar", "\u0306": "breve",
    "\u0307": "dot", "\u0308": "double dot", "\u030c": "check",
}  # fmt: skip
ROOTS = {"2": "square", "3": "cube", "4": "fourth", "5": "fifth"}
BINARY = {*"+-±∓=≠≈≤≥<>≡∪∩∧∨→⇒⇔"}
FENCES = {"(": ")", "[": "]", "|": "|", "‖": "‖", "{": "}"}


def letter_name(letter: str) -> str:
    """Return what a letter is called that is not of the Latin alphabet."""
    name = unicodedata.name(letter, "")
    for kind in ("GREEK SMALL LETTER ", "GREEK CAPITAL LETTER "):
        if name.startswith(kind):
            called = name.removeprefix(kind).split()[0].lower().replace("lamda", "lambda")
            return called.capitalize() if "CAPITAL" in kind else called
    return letter
