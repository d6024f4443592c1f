"""Engines: one module each, all of one shape, looked up by name in the setting SPEECH_ENGINES."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from functools import cache
from typing import Protocol, cast, runtime_checkable

from django.conf import settings
from django.utils.module_loading import import_string

from tts.scripts import scripts_of
from tts.speech import Endpoint, EngineVoice, Speech, SpeechError, Utterance


class Engine(Protocol):
    """A program or service that turns text into sound.

    One instance serves a process. What differs between models comes with each utterance.
    """

    @property
    def version(self) -> str:
        """What changes when the engine's sound does; known without starting the engine."""
        ...

    def voices(self, endpoint: Endpoint) -> Sequence[EngineVoice]:
        """Return the voices it offers there. Raises SpeechError."""
        ...

    def speak(self, utterance: Utterance) -> Speech:
        """Begin to speak. Raises SpeechError, here or from the pieces."""
        ...


@runtime_checkable
class KeepsVoices(Protocol):
    """An engine whose voices are files: another machine may lack one, or have another one."""

    def has_voice(self, name: str, version: str) -> bool:
        """Tell whether this machine has this version of a voice, by its name at the engine."""
        ...


@runtime_checkable
class LoadsVoices(Protocol):
    """An engine whose voices take long to load, each process for itself."""

    def load_voice(self, name: str) -> None:
        """Get a voice ready that this machine has. Raises SpeechError."""
        ...


@runtime_checkable
class SpeaksOnly(Protocol):
    """An engine that says itself which languages a voice of its can speak."""

    def can_speak(self, voice_language: str, language: str) -> bool:
        """Tell whether a voice of a language (BCP 47) can speak another one."""
        ...


@runtime_checkable
class Recorded(Protocol):
    """An engine whose voices are recordings: each speaks a few texts, for as long as that took."""

    def sample(self, voice: str) -> Speech:
        """Return a stretch that tells how loud a voice is. Raises SpeechError."""
        ...


def engine_named(name: str) -> Engine:
    """Return this process's engine of that name. Raises LookupError if there is none."""
    try:
        path = settings.SPEECH_ENGINES[name]
    except KeyError:
        raise LookupError(f"SPEECH_ENGINES has no engine {name!r}.") from None
    return _engine_at(path)


@cache
def _engine_at(path: str) -> Engine:
    return cast(Engine, import_string(path)())


def can_speak(engine: str, voice_language: str, language: str) -> bool:
    """Tell whether a voice can be given text in a language (BCP 47).

    An engine that does not say takes whatever is written as its voice's own language is: it may
    have an accent. Raises LookupError if there is no such engine.
    """
    found = engine_named(engine)
    if isinstance(found, SpeaksOnly):
        return found.can_speak(voice_language, language)
    known, asked = scripts_of(voice_language), scripts_of(language)
    return not known or not asked or bool(known & asked)


def is_recorded(engine: str) -> bool:
    """Tell whether the voices of this engine are recordings. False if there is no such engine."""
    return engine in settings.SPEECH_ENGINES and isinstance(engine_named(engine), Recorded)


def speaks_only_its_language(engine: str) -> bool:
    """Tell whether a voice of this engine is never heard in another language than its own."""
    return isinstance(engine_named(engine), SpeaksOnly)


def is_here(engine: str, voice: str, version: str) -> bool:
    """Tell whether this machine can speak in a voice. Raises LookupError if there is no engine."""
    found = engine_named(engine)
    return not isinstance(found, KeepsVoices) or found.has_voice(voice, version)


def get_ready(engine: str, voice: str) -> None:
    """Load a voice, if that takes time, before a text is claimed for it.

    A file may take longer to load than a lease lasts, and holds up all threads of the process, also
    the one that renews the lease. What is wrong with the file is told when it is to speak.
    """
    found = engine_named(engine)
    if isinstance(found, LoadsVoices):
        with suppress(SpeechError):
            found.load_voice(voice)


@runtime_checkable
class Preloads(Protocol):
    """An engine with something large that processes forked from this one can share."""

    def preload(self) -> None:
        """Load it."""
        ...


def load(names: Iterable[str]) -> None:
    """Load these engines, so that processes forked from this one need not each do it."""
    for name in names:
        if name not in settings.SPEECH_ENGINES:
            continue
        engine = engine_named(name)
        if isinstance(engine, Preloads):
            engine.preload()
