"""From a wish to a stored sound.

``asking`` for variants leads to ``turns``; who takes one makes an attempt (``attempts``), in which
the sound grows (``making``) while its lease holds (``leases``). ``recovery`` mends what was lost on
the way, ``stored`` has what becomes of sounds afterwards, ``checking`` finds damaged ones,
``sweeping`` files of none and ``budget`` what is too much, ``recipes`` has what they are known by.
"""

from .asking import ERROR_IS_FRESH, Wanted, create, find, is_forgotten, want
from .attempts import is_due, make
from .budget import keep_to_budget
from .checking import check_sounds, sound_is_gone
from .recipes import audio_format, recipe_hash
from .recovery import recover, recover_alignments
from .stored import delete, delete_now, make_again
from .sweeping import sweep, sweep_sounds
from .turns import pass_over, send_turn, take_turn, take_turns

__all__ = [
    "ERROR_IS_FRESH",
    "Wanted",
    "audio_format",
    "check_sounds",
    "create",
    "delete",
    "delete_now",
    "find",
    "is_due",
    "is_forgotten",
    "keep_to_budget",
    "make",
    "make_again",
    "pass_over",
    "recipe_hash",
    "recover",
    "recover_alignments",
    "send_turn",
    "sound_is_gone",
    "sweep",
    "sweep_sounds",
    "take_turn",
    "take_turns",
    "want",
]
