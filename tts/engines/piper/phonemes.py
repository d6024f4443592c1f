"""Text -> phonemes, by the espeak-ng that piper-tts brings along.

It is another copy of the library than ours, with globals of its own, and like ours no more than
one thread at a time may be in it. It is never interrupted by a fork: it holds Python's own lock.
"""

from __future__ import annotations

import os
import re
import threading
import unicodedata
from collections.abc import Sequence
from functools import cache, lru_cache

# Before the import, which brings onnxruntime along.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

from piper.phonemize_espeak import EspeakPhonemizer
from piper.tashkeel import TashkeelDiacritizer

from tts.scripts import with_arabic_digits
from tts.speech import SpeechError

from .folder import TEXT, VoiceFile

ARABIC = "ar"
# How sure the diacritics of an Arabic word have to be, as Piper itself has it.
SURE = 0.8
# Seen, not said: they would divide a word or be spelt.
UNSEEN = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
FULL_STOP = "."


def phonemes_of(voice: VoiceFile, text: str, *, is_sentence: bool = True) -> list[str]:
    """Return the phonemes of a text. ``is_sentence``: it is one, whatever espeak takes it for."""
    plain = _plain(text)
    if not plain.strip():
        return []
    if voice.alphabet == TEXT:
        return list(unicodedata.normalize("NFD", plain))
    found = _by_espeak(voice.espeak_voice, plain)
    joined: list[str] = []
    for number, phonemes in enumerate(found):
        # A full stop within a sentence is an abbreviation's.
        is_abbreviation = is_sentence and number < len(found) - 1 and phonemes[-1:] == [FULL_STOP]
        joined += [*phonemes[:-1], " "] if is_abbreviation else [*phonemes, " "]
    return joined[:-1]


@lru_cache(maxsize=8192)
def phonemes_of_word(voice: VoiceFile, word: str) -> Sequence[str]:
    """Return the phonemes of a word by itself."""
    return tuple(phonemes_of(voice, word))


def _by_espeak(espeak_voice: str, text: str) -> list[list[str]]:
    with _lock:
        if espeak_voice == ARABIC:
            text = _diacritizer()(text, taskeen_threshold=SURE)
        try:
            found: list[list[str]] = _phonemizer().phonemize(espeak_voice, text)
        except RuntimeError as error:
            raise SpeechError(
                f"This voice reads by espeak-ng's voice {espeak_voice!r}, which is not here.",
                scope="voice",
            ) from error
    return [phonemes for phonemes in found if phonemes]


def _plain(text: str) -> str:
    """Return the text with spaces for control characters, without what is only seen."""
    spaced = "".join(" " if unicodedata.category(ch) in ("Cc", "Cs") else ch for ch in text)
    return UNSEEN.sub("", with_arabic_digits(spaced))


@cache
def _phonemizer() -> EspeakPhonemizer:
    return EspeakPhonemizer()


@cache
def _diacritizer() -> TashkeelDiacritizer:
    return TashkeelDiacritizer()


def _start_anew() -> None:
    """Give a forked child a lock that nobody holds."""
    global _lock
    _lock = threading.Lock()


_lock = threading.Lock()
os.register_at_fork(after_in_child=_start_anew)
