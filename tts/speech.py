"""The values that pass between Lectern and a speech engine. Knows no Django."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

PCM_S16LE = "pcm_s16le"
ENCODED = "encoded"
NO_PARAMETERS: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a speech model is to be found, and how it is spoken to. All empty: in this process."""

    model: str = ""  # the model's name at the engine
    base_url: str = ""
    api_key: str = field(default="", repr=False)
    response_format: str = ""  # the encoding to ask for
    other_format: str = ""  # and which one instead, if that is refused
    tells_words: bool = False  # whether it can be asked when each word is heard
    timeout_seconds: float = 60.0  # so long may it be silent
    voices: Sequence[str] = ()  # those it is known to have, when it does not list them


@dataclass(frozen=True, slots=True)
class Utterance:
    """What an engine is asked to say in one request."""

    text: str
    language: str  # BCP 47
    voice: str  # the voice's name at the engine
    voice_version: str = ""  # what it was when this was asked for, where the engine tells versions
    endpoint: Endpoint = field(default_factory=Endpoint)
    parameters: Mapping[str, Any] = field(default_factory=lambda: NO_PARAMETERS)


@dataclass(frozen=True, slots=True)
class WordEvent:
    """An engine's own word boundary: a position in the utterance's text and the time it is heard.

    ``position`` and ``length`` count code points, from 0. An engine may report several events
    for one word, or place one slightly off; ``tts.marks`` snaps them to words.
    """

    position: int
    length: int
    start_ms: int


@dataclass(frozen=True, slots=True)
class Speech:
    """What an engine makes of an utterance: sound in pieces, as it comes, and word events.

    ``encoding`` is ``pcm_s16le`` (mono, ``sample_rate`` Hz), or ``encoded``: a file whose format
    its first bytes tell. An encoded one whose first bytes tell nothing is ``pcm_s16le`` if
    ``sample_rate`` is not 0. ``pieces`` may raise ``SpeechError`` at any point; closing it stops
    the engine.
    """

    encoding: str
    sample_rate: int
    pieces: Generator[bytes | WordEvent, None, None]


@dataclass(frozen=True, slots=True)
class Mark:
    """When one spoken word is heard: its range in UTF-16 units of the text, and its time."""

    start: int
    end: int
    start_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True)
class EngineVoice:
    """A voice that an engine offers."""

    slug: str
    name: str
    language: str  # BCP 47
    engine_name: str  # what the engine itself calls it
    featured: bool = False  # one of the few to show first
    version: str = ""  # what changes when this voice's sound does, and not the engine's version


# What a failure is about: the one text, the voice, or the model as a whole.
Scope = Literal["text", "voice", "model"]


class SpeechError(Exception):
    """Synthesis failed, in words for a person.

    ``retryable``: the same request may pass later. ``retry_after``: seconds the engine asked for.
    ``scope``: what else would fail alike. ``advice``: what whoever runs the engine can do.
    ``status``: of the HTTP answer, if there was one. ``address``: where the engine is, if it was
    found at another address.
    """

    status: int | None = None
    address: str = ""

    def __init__(
        self,
        message: str,
        *,
        retryable: bool = False,
        retry_after: float | None = None,
        scope: Scope = "text",
        advice: str = "",
    ) -> None:
        super().__init__(message)
        self.message = message
        self.retryable = retryable
        self.retry_after = retry_after
        self.scope = scope
        self.advice = advice
