"""A text -> sound and word events, part by part: the first is heard while the next is made."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence

import numpy as np

from tts.marks import spans
from tts.speech import SpeechError, Utterance, WordEvent
from tts.utterances import first_clause_end, parts, sentences

from .folder import VoiceFile
from .loaded import Samples, loaded
from .phonemes import phonemes_of, phonemes_of_word
from .timing import SPACE, word_starts

# So many characters are given to the model at once: its memory grows with them.
LONGEST_PART = 240
# Between sentences, beside the silence that the model itself puts there.
PAUSE_SECONDS = 0.15
SILENCE_SECONDS = 0.1
# A word that begins with a silence of up to so long is heard behind it.
FRAME_MS, LONGEST_SILENCE_MS = 5, 120
QUIET = 0.03  # of the loudest


def speak(
    voice: VoiceFile, speaker: int, utterance: Utterance, parameters: Mapping[str, float]
) -> Generator[bytes | WordEvent, None, None]:
    """Yield the words of each part of a text, and then its sound. Raises SpeechError."""
    model = loaded(voice)
    if utterance.voice_version and model.version != utterance.voice_version:
        raise SpeechError("The file of this voice was changed meanwhile.", retryable=True)
    sent = 0  # samples
    pause = bytes(2 * round(PAUSE_SECONDS * voice.sample_rate))
    for start, end, is_end in _parts(utterance.text, voice.language):
        part = utterance.text[start:end]
        phonemes = phonemes_of(voice, part)
        if not phonemes:
            continue
        samples, starts = model.speak(phonemes, speaker, parameters)
        if starts is not None:
            for word, at in _words(voice, part, phonemes):
                begins = int(starts[at])
                if phonemes[at] != SPACE:  # behind a pause
                    begins = _heard_from(samples, begins, voice.sample_rate)
                milliseconds = (sent + begins) * 1000 // voice.sample_rate
                yield WordEvent(start + word[0], word[1] - word[0], milliseconds)
        pcm = (np.clip(samples, -1.0, 1.0) * 32767.0).astype("<i2").tobytes()
        if is_end and end < len(utterance.text):
            pcm += pause
        sent += len(pcm) // 2
        yield pcm
    if not sent:
        if spans(utterance.text):
            raise SpeechError("This voice cannot read this text. Choose another one for it.")
        yield bytes(2 * round(SILENCE_SECONDS * voice.sample_rate))


def _parts(text: str, language: str) -> Iterator[tuple[int, int, bool]]:
    """Yield where each part begins and ends that is spoken at once; whether a sentence ends so."""
    for begin, end in sentences(text, language):
        start = begin
        cut = None if begin else first_clause_end(text, begin, end)
        if cut:
            yield begin, cut, False
            start = cut
        for first, last in parts(text[start:end], language, LONGEST_PART):
            yield start + first, start + last, start + last == end


def _words(
    voice: VoiceFile, part: str, phonemes: Sequence[str]
) -> Iterator[tuple[tuple[int, int], int]]:
    """Yield each word that is found among the phonemes, and where it begins among them."""
    words = spans(part)
    expected = [phonemes_of_word(voice, part[start:end]) for start, end in words]
    for word, at in zip(words, word_starts(expected, phonemes), strict=True):
        if at is not None:
            yield word, at


def _heard_from(samples: Samples, start: int, rate: int) -> int:
    """Return where a word is heard that begins in silence: the model is early behind a pause."""
    frame = rate * FRAME_MS // 1000
    count = LONGEST_SILENCE_MS // FRAME_MS
    window = samples[start : start + count * frame]
    if len(window) < count * frame or not samples.size:
        return start
    loud = np.abs(window.reshape(count, frame)).max(axis=1) > QUIET * np.abs(samples).max()
    return start + int(loud.argmax()) * frame if loud.any() else start
