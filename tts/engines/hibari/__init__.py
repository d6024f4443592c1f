"""hibari, embedded: a natural English voice in a wheel, a hundred times as fast as speech.

Its trap is long text: memory grows with the length of what it is given at once. So it gets one
sentence at a time, in parts if that is long; the first part is short, so that it is heard soon.
"""

from __future__ import annotations

import json
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

import numpy as np
from django.conf import settings

from tts.speech import PCM_S16LE, Endpoint, EngineVoice, Speech, SpeechError, Utterance, WordEvent
from tts.utterances import clause_end, parts, sentences

from .model import RATE, Model, Samples
from .phonemes import ASSETS, phonemes_of, reader
from .rewriting import rewrite

DEFAULT = "heart"
# Of our own processing: raise it when the sound changes.
PROCESSING = 1
# So many characters are given to the model at once. 200 take some 60 MB.
LONGEST_PART = 220
# The first part of a block ends at a clause, if one ends within so many characters.
FIRST_PART = 80
# Silence is cut to what is good between parts: the model puts 0.3 s before and 0.5 s behind each.
LEAD_MS, CLAUSE_MS, SENTENCE_MS = 40, 120, 380
FADE_MS = 8


@dataclass(frozen=True, slots=True)
class Known:
    """A voice as hibari's registry tells it."""

    name: str
    language: str
    file: str
    bundled: bool
    british: bool
    sha256: str
    bytes: int


@cache
def registry() -> dict[str, Known]:
    """Return all voices that there are, by name, whether their files are here or not."""
    listed = json.loads((ASSETS / "voices.json").read_text(encoding="utf-8"))
    return {
        name: Known(
            name,
            voice["language"],
            voice["file"],
            bool(voice.get("bundled")),
            bool(voice["british"]),
            voice["sha256"],
            voice["bytes"],
        )
        for name, voice in listed.items()
    }


def folder() -> Path:
    """Return where the files of further voices are."""
    return Path(settings.DATA_DIR) / "voices" / "hibari"


def path_of(voice: Known) -> Path:
    return (ASSETS if voice.bundled else folder()) / voice.file


class HibariEngine:
    """The engine of a new installation's voice."""

    @property
    def version(self) -> str:
        return f"hibari-tts {version('hibari-tts')}, {PROCESSING}"

    def voices(self, endpoint: Endpoint) -> Sequence[EngineVoice]:
        return [
            EngineVoice(
                name,
                name.capitalize(),
                voice.language,
                name,
                featured=True,
                version=voice.sha256[:16],
            )
            for name, voice in registry().items()
            if path_of(voice).is_file()
        ]

    def has_voice(self, name: str, version: str) -> bool:
        voice = registry().get(name)
        return voice is not None and voice.sha256[:16] == version and path_of(voice).is_file()

    def preload(self) -> None:
        """Load the voice that most people hear."""
        _voice(DEFAULT)[1].load()
        reader(False)

    def speak(self, utterance: Utterance) -> Speech:
        voice, model = _voice(utterance.voice)
        return Speech(PCM_S16LE, RATE, _pieces(voice, model, utterance.text))


@cache
def _voice(name: str) -> tuple[Known, Model]:
    voice = registry().get(name)
    if voice is None or not path_of(voice).is_file():
        raise SpeechError(
            f"The voice {name!r} is not on this machine.",
            scope="voice",
            advice="Get it again with: manage.py add_voice " + name,
        )
    path = path_of(voice)
    if not voice.bundled and sha256(path.read_bytes()).hexdigest() != voice.sha256:
        raise SpeechError(
            f"The file of the voice {name!r} is damaged.",
            scope="voice",
            advice="Delete the voice and get it again.",
        )
    return voice, Model(path)


def _pieces(voice: Known, model: Model, text: str) -> Generator[bytes | WordEvent, None, None]:
    sent = 0  # samples
    pause_ms = 0
    for start, end, after_ms in _parts(text):
        written = rewrite(text[start:end])
        phonemes = phonemes_of(written.text, british=voice.british)
        if phonemes is None:
            continue
        spoken = model.speak(phonemes.ids)
        first, last = phonemes.sounding
        lead = _samples(pause_ms if sent else LEAD_MS)
        begin = max(0, int(spoken.starts[first]) - lead)
        stop = min(int(spoken.starts[-1]), int(spoken.starts[last + 1]) + _samples(after_ms / 2))
        for phoneme, place in phonemes.words:
            at = sent + int(spoken.starts[phoneme]) - begin
            yield WordEvent(start + written.origin[place], 1, max(0, at) * 1000 // RATE)
        for stretch in _between(spoken.stretches, begin, stop):
            sent += len(stretch)
            yield (np.clip(stretch, -1.0, 1.0) * 32767.0).astype("<i2").tobytes()
        pause_ms = after_ms // 2


def _parts(text: str) -> Iterator[tuple[int, int, int]]:
    """Yield where each part begins and ends, and the pause behind it in ms."""
    for begin, end in sentences(text, "en"):
        start = begin
        if not begin and end - start > FIRST_PART:
            cut = clause_end(text, start, start + FIRST_PART)
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


def _samples(milliseconds: float) -> int:
    return int(milliseconds * RATE // 1000)
