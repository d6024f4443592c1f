"""Piper: every voice file in ``DATA_DIR/voices/piper/`` is a voice, each speaker one of its own.

It speaks sentence by sentence, so that the first is heard while the next is made, and tells when
each word is heard from how long the model makes each phoneme.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from importlib.metadata import version
from typing import Any

from tts.scripts import base_of
from tts.speech import PCM_S16LE, Endpoint, EngineVoice, Speech, SpeechError, Utterance

from .folder import NotAVoice, VoiceFile, scan, voice_file

# Of our own processing: raise it when the sound changes.
PROCESSING = 3
# What an utterance may set, and within which bounds.
PARAMETERS = {
    "length_scale": (0.25, 4.0),
    "noise_scale": (0.0, 2.0),
    "noise_w": (0.0, 2.0),
}
# Of a file with many speakers so many are shown first.
FEATURED_SPEAKERS = 3


class PiperEngine:
    """The engine of the voices that people bring."""

    @cached_property
    def version(self) -> str:
        return f"piper-tts {version('piper-tts')}, {PROCESSING}"

    def voices(self, endpoint: Endpoint) -> Sequence[EngineVoice]:
        return list(_voices())

    def can_speak(self, voice_language: str, language: str) -> bool:
        """A voice's phonemes are those of its language."""
        return base_of(language) in ("", base_of(voice_language))

    def has_voice(self, name: str, version: str) -> bool:
        try:
            voice, _ = _speaker(name)
            return voice.version == version
        except (SpeechError, OSError):
            return False

    def preload(self) -> None:
        """Import what speaks, where there is something to speak with; each process loads its own.

        It is a second of imports and 50 MB, and so for those who speak only.
        """
        if scan()[0]:
            from . import speaking  # noqa: F401

    def load_voice(self, name: str) -> None:
        from .loaded import loaded

        loaded(_speaker(name)[0])

    def speak(self, utterance: Utterance) -> Speech:
        voice, speaker = _speaker(utterance.voice)
        chosen = _parameters(utterance.parameters)
        from .speaking import speak

        return Speech(PCM_S16LE, voice.sample_rate, speak(voice, speaker, utterance, chosen))


def _voices() -> Iterator[EngineVoice]:
    for voice in scan()[0]:
        try:
            of_file = voice.version
        except OSError:  # gone in between
            continue
        shown = _shown(voice)
        slug = _slug(voice.name)
        if not voice.speakers:
            yield EngineVoice(
                slug, shown, voice.language, voice.name, featured=True, version=of_file
            )
        for number, speaker in voice.speakers:
            yield EngineVoice(
                slug=f"{slug[:70]}-{_slug(speaker)[:25]}",
                name=f"{shown}, {speaker}"[:100],
                language=voice.language,
                engine_name=f"{voice.name}#{number}",
                featured=number < FEATURED_SPEAKERS,
                version=of_file,
            )


def _shown(voice: VoiceFile) -> str:
    """Return a voice's name for people: "Thorsten (medium)" of ``de_DE-thorsten-medium``."""
    found = re.fullmatch(
        r"[a-z]{2,3}_[A-Z0-9]{2,3}-(.+?)(?:-(?:x_low|low|medium|high))?", voice.name
    )
    name = (found[1] if found else voice.name).replace("_", " ")
    name = name if any(map(str.isupper, name)) else name.title()
    return f"{name} ({voice.quality})" if voice.quality else name


def _slug(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9_-]+", "-", name).strip("-") or "voice"


def _speaker(name: str) -> tuple[VoiceFile, int]:
    """Return the file and the speaker's number of a voice. Raises SpeechError."""
    of_file, _, number = name.rpartition("#")
    for file, speaker in ((name, 0), (of_file, int(number) if number.isdecimal() else -1)):
        try:
            voice = voice_file(file)
        except NotAVoice as error:
            reason = str(error)
            continue
        if speaker == 0 or any(speaker == known for known, _ in voice.speakers):
            return voice, speaker
    raise SpeechError(
        f"The file of this voice is not on this machine, or is no voice. {reason}",
        scope="voice",
        advice="Choose another voice, or get this one again.",
    )


def _parameters(parameters: Mapping[str, Any]) -> dict[str, float]:
    if unknown := sorted(set(parameters) - set(PARAMETERS)):
        raise SpeechError(f"Piper has no parameter {unknown[0]!r}.")
    for name, value in parameters.items():
        least, most = PARAMETERS[name]
        if not isinstance(value, int | float) or not least <= value <= most:
            raise SpeechError(f"{name} must be a number from {least} to {most}.")
    return dict(parameters)
