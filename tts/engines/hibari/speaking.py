"""A text in one of hibari's voices: a part at a time, each word with its time.

The trap is long text: memory grows with the length of what the model is given at once. So it gets
one sentence at a time, in parts if that is long; the first is short, so that it is heard soon.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from functools import cache
from hashlib import sha256
from itertools import chain

import numpy as np

from tts.speech import SpeechError, WordEvent
from tts.utterances import first_clause_end, parts, sentences

from .files import Known, path_of, registry
from .model import RATE, Model, Samples
from .phonemes import phonemes_of, reader
from .rewriting import rewrite

# So many characters are given to the model at once. 200 take some 60 MB.
LONGEST_PART = 220
# Silence is cut to what is good between parts: the model puts 0.3 s before and 0.5 s behind each.
CLAUSE_MS, SENTENCE_MS = 120, 380
# Who has pressed play waits for the first of them: it begins so long before it is above -60 dB.
ONSET_MS, SILENT = 12, 0.001
FADE_MS = 8
# So much sooner than its durations tell is a phoneme heard: measured against alignment, and against
# the bursts of stops. Kokoro, its teacher, corrects its own word times alike. A consonant without
# voice is heard sooner still: so tell alignment, and where its hiss begins.
EARLY_MS, VOICELESS_EARLY_MS = 50, 80


def load(name: str) -> None:
    """Load a voice and its reader now, so that processes forked from this one share them."""
    voice, model = _voice(name)
    model.load()
    reader(voice.british)


def speak(name: str, text: str) -> Generator[bytes | WordEvent, None, None]:
    """Yield the samples of a text, and when its words are heard. Raises SpeechError."""
    voice, model = _voice(name)
    sent = 0  # samples
    pause_ms = 0
    for start, end, after_ms in _parts(text):
        written = rewrite(text[start:end])
        phonemes = phonemes_of(written.text, british=voice.british)
        if phonemes is None:
            continue
        spoken = model.speak(phonemes.ids)
        first, last = phonemes.sounding
        heard = spoken.starts - _samples(EARLY_MS)
        heard[phonemes.voiceless] -= _samples(VOICELESS_EARLY_MS - EARLY_MS)
        # Where a part begins can be heard: it is silent before.
        head = next(spoken.stretches)
        heard[first] = _onset(head) or heard[first]
        stretches, lead = chain([head], spoken.stretches), _samples(pause_ms if sent else ONSET_MS)
        begin = max(0, int(heard[first]) - lead)
        stop = min(int(spoken.starts[-1]), int(heard[last + 1]) + _samples(after_ms / 2))
        for phoneme, place, is_fluent in phonemes.words:
            # Half of the space before a word is the word's: the closure of a stop. Of a pause none.
            space = (heard[phoneme] - heard[phoneme - 1]) // 2 if is_fluent else 0
            at = sent + int(heard[phoneme] - space) - begin
            yield WordEvent(start + written.origin[place], 1, max(0, at) * 1000 // RATE)
        for stretch in _between(stretches, begin, stop):
            sent += len(stretch)
            yield (np.clip(stretch, -1.0, 1.0) * 32767.0).astype("<i2").tobytes()
        pause_ms = after_ms // 2


def _parts(text: str) -> Iterator[tuple[int, int, int]]:
    """Yield where each part begins and ends, and the pause behind it in ms."""
    for begin, end in sentences(text, "en"):
        start = begin
        cut = None if begin else first_clause_end(text, start, end)
        if cut:
            yield start, cut, CLAUSE_MS
            start = cut
        cuts = parts(text[start:end], "en", LONGEST_PART)
        for first, last in cuts[:-1]:
            yield start + first, start + last, CLAUSE_MS
        yield start + cuts[-1][0], end, SENTENCE_MS


def _between(stretches: Iterator[Samples], begin: int, stop: int) -> Iterator[Samples]:
    """Cut a sound to its part from sample to sample, fading in and out."""
    fade = _samples(FADE_MS)
    at = 0
    for stretch in stretches:
        places = np.arange(at, at + len(stretch))
        at += len(stretch)
        if at <= begin:
            continue
        if places[0] < begin + fade or at > stop - fade:
            gain = np.minimum(1.0, np.minimum(places - begin, stop - places) / fade)
            stretch = stretch * np.maximum(gain, 0.0).astype(np.float32)
        yield stretch[max(0, begin - (at - len(stretch))) : len(stretch) - max(0, at - stop)]
        if at >= stop:
            return


def _onset(sound: Samples) -> int:
    """Return which sample is the first that is heard, 0 if none is."""
    return int(np.argmax(np.abs(sound) > SILENT))


def _samples(milliseconds: float) -> int:
    return int(milliseconds * RATE // 1000)


@cache
def _voice(name: str) -> tuple[Known, Model]:
    voice = registry()[name]
    path = path_of(voice)
    if not voice.bundled and sha256(path.read_bytes()).hexdigest() != voice.sha256:
        raise SpeechError(
            f"The file of the voice {name!r} is damaged.",
            scope="voice",
            advice="Delete the voice and get it again.",
        )
    return voice, Model(path)
