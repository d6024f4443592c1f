r"""Tell TeX from what only stands between its delimiters.

Between dollars that is money, the variables and commands of shells, makefiles, templates and
programs, the ends of patterns; between brackets a group of a pattern, or brackets that Markdown
would take for its own. In doubt it is none: a formula that is read sign by sign is understood, a
command that is set as one is not. A command of TeX, an index or a power tells most.
"""

from __future__ import annotations

import re

MOST_WORDS, MOST_APART = 2, 5  # in a formula, but for its commands; in one that is delimited apart

_COMMAND = re.compile(r"\\[A-Za-z]{2,}|\\[,;!{}|%]")
_COMMANDS = re.compile(
    r"\\(?:text|mathrm|operatorname|mbox|textrm|begin|end|mathbf|mathcal|mathbb|mathsf)\*?"
    r"\{[^{}]*\}|\\[A-Za-z]+"
)
_BRACE = re.compile(r"\\.|(?P<open>\{)|(?P<close>\})", re.DOTALL)
_RAISED = re.compile(r"([_^])\{[^{}]*\}")
_INDEX = re.compile(
    r"(?:[\w)\]}|'!.]|^)\s?\^\s?[\w\\*+'-]"  # a power
    r"|(?:[A-Za-z0-9)\]}|'^]|^)_[\d\\+*'-](?![A-Za-z0-9]{2})"
    r"|(?<![\w.])[A-Za-z]_\w"
    r"|[A-Za-z)\]}|'](?:\^\w)?_[A-Za-z](?![A-Za-z0-9_])"
    r"|^_\w(?!\w)"
)
# What is found in programs and patterns, and in no formula without a command.
_FOREIGN = re.compile(
    r"[\"`@?]|(?<!\\)#|\\(?![\\\s,;!:>{}|%&_#])|(?:^|[\s=])'"
    r"|\[\^?(?:a-\w|A-\w|\d-[\dF])|\.\*|\$|(?<!\.)\.\.(?!\.)"
    r"|==|&&|[+-]=|::|->|^[^(\[]*\)"
    r"|[A-Za-z]{2,}_[A-Za-z]{2,}|[A-Za-z]{2,}_[A-Za-z]+_"  # a name of two words
    r"|/[\w.-]{2,}/|//|\w\.[a-z]{2,4}$"  # a path
)
# What is in no formula at all: a comparison with a pattern, a pattern that is repeated
_NEVER = re.compile(r"[=!]~\s*(?:[smy]|tr|qr)?[/{|!(]|[\]).*_-]\\\{\d+,?\d*\\\}")
_ALTERNATIVES = re.compile(r"[A-Za-z]{2,}\)*\s?\\\||\\\|\s?[A-Za-z]{2,}")
_INNER = re.compile(r"(?<=\{)\{([^{}]*)\}(?=[_^])")
_GROUP = re.compile(r"\{(?P<inner>[^{}]*)\}(?P<raised>\^|_\{)?")
_OF_A_GROUP = re.compile(r"[A-Za-z0-9\s+\-*/=<>,'^_]*")
_NAME = re.compile(r"\(\w{3,}\)|[A-Za-z]{3,}\w*[/:.]|[A-Za-z_]\w*\[['\"]?[A-Za-z_]{2}")
_REST_OF_PATTERN = re.compile(r"\\[{+?1-9]")
_SIGNS = "0-9\\s+\\-*/=<>().,!|':;\\[\\]~°′″−×·±\u0370-\u03ff\u2100-\u22ff\u27e8\u27e9"
_PLAIN = re.compile(rf"[A-Za-z{_SIGNS}]+")
_OPERATOR = re.compile(r"[+*/=<>|−×·≤≥≠±-]")
_EQUATION = re.compile(r"\s[=≈<>≤≥]\s")
_OPENING = re.compile(r"[^*/,;:.!'\])|]|\|{1,2}[^|]+\|")
# What sets the parts of a display apart, and functions that are written without a backslash
_ROWS = re.compile(r"\\\\(?=\s)|(?<=\s)&(?=\s)|&(?==)|\\[\s:>]")
_FUNCTION = re.compile(
    r"(?<![A-Za-z])(?:sin|cos|tan|log|exp|max|min|lim|det|dim|gcd|mod)(?=\s?\(|\s\w(?![A-Za-z]))"
)
_FOREIGN_WORD = re.compile(r"[^\W\d_A-Za-z\u0370-\u03ff]+")
_MONEY = re.compile(r"[\d.,]+\s?(?:[kKmMbB]|/)")
_NUMBERS = re.compile(r"[\d\s,;.:/–-]+")
_WORDS = re.compile(r"(?<!\\)\b[A-Za-z]{3,}\b")
_WORD = re.compile(r"[A-Za-z]{3}")
_LETTERS = re.compile(r"[A-Za-z]+")


def is_formula(tex: str, behind: str = "") -> bool:
    """Tell whether what stands between two dollars is a formula. ``behind``: what follows them."""
    if not _may_be_formula(tex, behind):
        return False
    if _COMMAND.search(tex):
        return _words_in(tex) <= MOST_WORDS
    if _is_cut_off(tex):
        return False
    plain = _without_indices(tex)
    if _INDEX.search(plain):
        return _words_in(tex) <= MOST_WORDS
    plain = _ungrouped(plain)
    if not _is_plain(plain):
        return False
    longest = max(map(len, _LETTERS.findall(plain)), default=0)
    if not 0 < longest <= 2:
        return not longest and not plain.isascii()  # Greek letters, say
    if tex[0].isdigit():
        return longest == 1 and not _MONEY.match(tex)
    return len(plain) <= 3 or bool(_OPERATOR.search(plain)) or longest == 1


def is_formula_apart(whole: str, tex: str, before: str, behind: str) -> bool:
    r"""Tell whether what stands between $$…$$, \[…\], or \(…\) is a formula.

    ``whole``: with its delimiters. ``before``, ``behind``: the characters around it.
    """
    if _words_in(tex) > MOST_APART or not _may_be_formula(tex.strip(), behind):
        return False
    if _COMMAND.search(tex):
        return not _ALTERNATIVES.search(tex)
    if whole.startswith("$$"):
        # The number of a process, or a variable that a makefile leaves to the shell
        if re.match(r"[A-Za-z0-9./=-]", before) or re.match(r"\w", behind, re.ASCII):
            return False
    elif _REST_OF_PATTERN.match(behind):
        return False
    tex = _ROWS.sub(" ", tex).strip()
    if not tex or _is_cut_off(tex):
        return False
    plain = _without_indices(tex)
    if _INDEX.search(plain):
        return True
    plain = _FUNCTION.sub("f", _ungrouped(plain))
    if _EQUATION.search(plain):
        plain = _FOREIGN_WORD.sub("x", plain)  # of Chinese, say
    if not _is_plain(plain) or (whole.startswith(r"\[") and _NUMBERS.fullmatch(plain)):
        return False
    longest = max(map(len, _LETTERS.findall(plain)), default=0)
    if longest == 2 and whole.startswith("$$"):
        return bool(_OPERATOR.search(plain))
    return longest <= 2 or (bool(_EQUATION.search(plain)) and not plain.endswith(";"))


def _may_be_formula(tex: str, behind: str) -> bool:
    """Tell whether nothing speaks against a formula, whatever commands are in it."""
    if tex.startswith("{"):
        flat = _INNER.sub(r"\1", _without_indices(tex))  # as in {x_{max}}, {{x}_{i}}
        group = _GROUP.match(tex) or _GROUP.match(flat)
        if _is_variable(group) if group else "\\" not in tex:
            return False
    if behind[:1] == "{" or (behind[:1] == "(" and tex[:1] in {"(", "{"}):
        return False
    return _is_balanced(tex) and not _NEVER.search(tex)


def _is_variable(group: re.Match[str]) -> bool:
    """Tell whether what stands in braces behind a dollar is a variable, or what is done with it."""
    inner = group["inner"]
    if "\\" in inner or group["raised"]:
        return False
    return not _OF_A_GROUP.fullmatch(inner) or bool(_WORD.search(inner)) or inner[:1] == "_"


def _is_balanced(tex: str) -> bool:
    depth = 0
    for found in _BRACE.finditer(tex):
        depth += bool(found["open"]) - bool(found["close"])
        if depth < 0:
            return False
    return not depth


def _is_cut_off(tex: str) -> bool:
    """Tell what is no formula by how it begins or ends, or by what is never in one."""
    if not _OPENING.match(tex) or (tex[-1] in "/:&-^_" and tex[-2:-1] not in {"^", "_"}):
        return True
    if sum(map(tex.count, "([")) != sum(map(tex.count, ")]")):  # an interval may be half open
        return True
    return bool(_NAME.match(tex) or _FOREIGN.search(_without_indices(tex)))


def _without_indices(tex: str) -> str:
    """Return TeX with a digit in place of each group that is raised or lowered."""
    shorter = _RAISED.sub(r"\g<1>0", tex)
    while shorter != tex:
        shorter, tex = _RAISED.sub(r"\g<1>0", shorter), shorter
    return tex


def _ungrouped(tex: str) -> str:
    return tex.replace("{", "").replace("}", "")


def _is_plain(tex: str) -> bool:
    return bool(_PLAIN.fullmatch(tex))


def _words_in(tex: str) -> int:
    return len(_WORDS.findall(_COMMANDS.sub(" ", tex)))
