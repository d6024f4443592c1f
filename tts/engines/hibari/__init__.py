"""hibari, embedded: a natural English voice in a wheel, a hundred times as fast as speech."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from importlib.metadata import version

from tts.scripts import base_of
from tts.speech import PCM_S16LE, Endpoint, EngineVoice, Speech, SpeechError, Utterance

from .files import DEFAULT, path_of, registry

# Of our own processing: raise it when the sound changes.
PROCESSING = 5
SAMPLE_RATE = 24_000


class HibariEngine:
    """The engine of a new installation's voice."""

    @cached_property
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
                version="" if voice.bundled else voice.sha256[:16],
            )
            for name, voice in registry().items()
            if path_of(voice).is_file()
        ]

    def can_speak(self, voice_language: str, language: str) -> bool:
        return base_of(language) in ("", "en")

    def has_voice(self, name: str, version: str) -> bool:
        voice = registry().get(name)
        if voice is None or voice.bundled:  # what is in the package is wherever the engine is
            return voice is not None
        return voice.sha256[:16] == version and path_of(voice).is_file()

    def preload(self) -> None:
        """Load the voice that most people hear: with its lexicon some fifty megabytes."""
        from .speaking import load

        load(DEFAULT)

    def speak(self, utterance: Utterance) -> Speech:
        voice = registry().get(utterance.voice)
        if voice is None or not path_of(voice).is_file():
            raise SpeechError(
                f"The voice {utterance.voice!r} is not on this machine.",
                scope="voice",
                advice=f"Get it again with: manage.py add_voice {utterance.voice}",
            )
        # Not before someone is to be heard: the libraries are large, and every process has engines.
        from .speaking import speak

        return Speech(PCM_S16LE, SAMPLE_RATE, speak(utterance.voice, utterance.text))
