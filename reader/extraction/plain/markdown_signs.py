"""Whether a plain text is evidently written in Markdown, whose signs are not meant to be heard."""

from __future__ import annotations

import re

LOOKED_AT = 200_000  # characters
ENOUGH_BOLD = 2

# What nobody writes otherwise.
_DECISIVE = re.compile(
    r"(?<![\\\w])!?\[[^\[\]\n]{1,300}\]\((?:https?://|mailto:|\.{0,2}/|#)[^\s()]{0,500}\)"
    r"|^[^\n|]{0,300}\|[^\n]{0,2000}\n {0,3}\|?(?: *:?-{3,}:? *\|)+(?: *:?-{3,}:? *)?$"
    r"|^ {0,6}[-*+] \[[ xX/<>!?*-]\] \S"
    r"|^ {0,3}> ?\[![A-Za-z]{3,20}\]",
    re.MULTILINE,
)
_BOLD = re.compile(r"(?<![*\w\\])\*\*(?=[^\s*])[^*\n]{1,300}(?<=\S)\*\*(?![*\w])")
# Each may be something else alone; headings and fences are known in any text.
_BESIDE = re.compile(r"^ {0,3}(?:#{1,6} [^\s#]|(?:```|~~~)[\w+-]{0,20} *$)", re.MULTILINE)
_SIGNS = (
    re.compile(r"(?<![`\w\\])`[^`\s][^`\n]{0,200}`(?![`\w])"),
    re.compile(r"(?<![=\w])==(?=[^\s=])[^=\n]{1,300}(?<=\S)==(?![=\w])"),
    re.compile(r"(?<![~\w])~~(?=[^\s~])[^~\n]{1,300}(?<=\S)~~(?![~\w])"),
    _BOLD,
)


def is_markdown(text: str) -> bool:
    """Tell whether signs of Markdown are in a text that cannot well be anything else."""
    text = text[:LOOKED_AT]
    if _DECISIVE.search(text):
        return True
    bold = sum(1 for _ in zip(_BOLD.finditer(text), range(ENOUGH_BOLD), strict=False))
    kinds = sum(bool(sign.search(text)) for sign in _SIGNS)
    return bold == ENOUGH_BOLD or kinds > 1 or bool(kinds and _BESIDE.search(text))
