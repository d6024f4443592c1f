"""Passwords that are long and yet guessed at once."""

from __future__ import annotations

from itertools import pairwise

from django.core.exceptions import ValidationError

FEWEST_CHARACTERS = 5  # different ones
# So much of it may be the next key or letter each time: abcdef, 987654, qwertz.
MOST_IN_A_ROW = 0.75
ROWS = (
    "abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertyuiop", "qwertzuiop", "asdfghjkl",
    "zxcvbnm", "yxcvbnm", "azertyuiop", "qsdfghjklm", "wxcvbn",
)  # fmt: skip
STEPS = frozenset(pair for row in (*ROWS, *(row[::-1] for row in ROWS)) for pair in pairwise(row))
# Words of this application: what is around them must do without them.
OWN_WORDS = ("lectern", "password", "reader")
TOO_PLAIN = (
    "This password is guessed at once: it says the same again and again, follows the alphabet or "
    "the keys, or is little but a word that stands here. Several words that have nothing to do "
    "with each other are better."
)


class VariedPassword:
    """Refuse what says little: one letter many times, a piece repeated, rows of keys, own words."""

    def validate(self, password: str, user: object = None) -> None:
        """Raise ValidationError for a password that is too plain."""
        text = password.casefold()
        rest = text
        for word in OWN_WORDS:
            rest = rest.replace(word, "")
        if len(set(rest)) < FEWEST_CHARACTERS or _is_repeated(text) or _is_in_a_row(text):
            raise ValidationError(TOO_PLAIN, code="password_too_plain")

    def get_help_text(self) -> str:
        return "Your password must not say the same again and again, or follow the keys."


def _is_repeated(text: str) -> bool:
    """Whether it is a piece several times, the last perhaps in part: abcabcab."""
    return any(
        text == (text[:length] * len(text))[: len(text)] for length in range(1, len(text) // 2 + 1)
    )


def _is_in_a_row(text: str) -> bool:
    pairs = list(pairwise(text))
    steps = sum(pair in STEPS or pair[0] == pair[1] for pair in pairs)
    return bool(pairs) and steps > MOST_IN_A_ROW * len(pairs)
