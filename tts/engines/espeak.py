"""espeak-ng, embedded: the library in the ``espeakng-loader`` wheel, by its C callback API.

It streams samples while it speaks and gives exact word events. The library keeps its state in
globals and is not thread-safe, so a process speaks one utterance at a time.

API: ``speak_lib.h`` of espeak-ng 1.52.
"""

from __future__ import annotations

import ctypes as c
import os
import queue
import re
import tempfile
import threading
from bisect import bisect_left
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import espeakng_loader

from tts.scripts import with_arabic_digits
from tts.speech import (
    PCM_S16LE,
    Endpoint,
    EngineVoice,
    Speech,
    SpeechError,
    Utterance,
    WordEvent,
)

OUTPUT_SYNCHRONOUS = 2
DONT_EXIT = 0x8000
CHARS_UTF8 = 1
EVENT_END, EVENT_WORD = 0, 1
POSITION_CHARACTER = 1
RATE, PITCH, RANGE = 1, 3, 4
# What an utterance may set, with the library's number, default and bounds.
PARAMETERS = {
    "rate": (RATE, 165, 80, 450),
    "pitch": (PITCH, 50, 0, 99),
    "range": (RANGE, 50, 0, 99),
}

PIECE_MS = 60
# So far may the library run ahead of the encoder.
QUEUED_PIECES = 64
# How soon a thread that waits notices that it is not wanted any more.
NOTICE_SECONDS = 0.1

# Voices with a face for the main languages: a timbre of espeak's over the language's own sounds.
PEOPLE = {
    "en-us": (("alicia", "Alicia", "Alicia"), ("michael", "Michael", "Michael")),
    "en-gb": (("belinda", "Belinda", "belinda"), ("edward", "Edward", "edward")),
    "de": (("anna", "Anna", "f5"), ("max", "Max", "RicishayMax")),
    "fr-fr": (("steph", "Steph", "steph"), ("michel", "Michel", "michel")),
    "es": (("andrea", "Andrea", "Andrea"), ("pablo", "Pablo", "pablo")),
    "it": (("linda", "Linda", "linda"), ("marco", "Marco", "Marco")),
    "pt-br": (("annie", "Annie", "Annie"), ("henrique", "Henrique", "Henrique")),
    "nl": (("anika", "Anika", "anika"), ("lee", "Lee", "Lee")),
}
# Which of its kinds a language is spoken in when only the language is told.
DIALECTS = {"en": "en-us", "fr": "fr-fr", "pt": "pt-br", "zh": "cmn", "no": "nb"}
_POWER = re.compile("(?<=\\d)[⁻⁺]?[⁰¹²³⁴-⁹]+")
_ON_LINE = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", "0123456789-+")
# The wheel carries no dictionary for these: they are mute.
MUTE = frozenset({"fo", "kaa", "xex"})


class _Event(c.Structure):
    _fields_ = [
        ("type", c.c_int),
        ("unique_identifier", c.c_uint),
        ("text_position", c.c_int),
        ("length", c.c_int),
        ("audio_position", c.c_int),
        ("sample", c.c_int),
        ("user_data", c.c_void_p),
        ("id", c.c_uint64),
    ]


class _Voice(c.Structure):
    _fields_ = [
        ("name", c.c_char_p),
        ("languages", c.c_void_p),
        ("identifier", c.c_char_p),
        ("gender", c.c_ubyte),
        ("age", c.c_ubyte),
        ("variant", c.c_ubyte),
        ("xx1", c.c_ubyte),
        ("score", c.c_int),
        ("spare", c.c_void_p),
    ]


_Callback = c.CFUNCTYPE(c.c_int, c.POINTER(c.c_short), c.c_int, c.POINTER(_Event))


@lru_cache(maxsize=256)
def voice_for(language: str) -> str | None:
    """Return the name of the plain voice that speaks a language (BCP 47), or None."""
    library = _library()
    with library.lock:
        listed = library.list_voices()
    known = {tag.lower(): identifier for _, tag, identifier in reversed(listed)}
    wanted = language.lower()
    base = wanted.partition("-")[0]
    relatives = [tag for tag in known if tag.partition("-")[0] == base]
    tag = next((tag for tag in (wanted, DIALECTS.get(base, base), *relatives) if tag in known), "")
    return known.get(tag) if tag not in MUTE else None


class EspeakEngine:
    """The engine that needs nothing."""

    @cached_property  # every recipe names it, and to find it reads a file
    def version(self) -> str:
        return f"espeakng-loader {version('espeakng-loader')}"

    def voices(self, endpoint: Endpoint) -> Sequence[EngineVoice]:
        library = _library()
        with library.lock:
            listed = library.list_voices()
        voices = {}
        for name, language, identifier in listed:
            slug = language.lower()
            if slug in voices or slug in MUTE:
                continue
            voices[slug] = EngineVoice(slug, name, language, identifier, featured=slug in PEOPLE)
            for person, shown, variant in PEOPLE.get(slug, ()):
                person_slug = f"{slug}-{person}"
                voices[person_slug] = EngineVoice(
                    person_slug, shown, language, f"{identifier}+{variant}", featured=True
                )
        return list(voices.values())

    def speak(self, utterance: Utterance) -> Speech:
        library = _library()
        return Speech(PCM_S16LE, library.sample_rate, _pieces(library, utterance))


def render(utterance: Utterance) -> tuple[bytes, int, list[WordEvent]]:
    """Return all of an utterance at once, and its sample rate and words: for who waits for all.

    Without a thread and a queue that costs a quarter less. Raises SpeechError.
    """
    library, pcm, words = _library(), bytearray(), []

    def put(piece: bytes | WordEvent) -> bool:
        if isinstance(piece, WordEvent):
            words.append(piece)
        else:
            pcm.extend(piece)
        return True

    settings = _settings(utterance.parameters)
    with library.lock:
        library.speak(utterance, settings, put)
    return bytes(pcm), library.sample_rate, words


def _pieces(library: _Library, utterance: Utterance) -> Generator[bytes | WordEvent, None, None]:
    """Speak in a thread, so that pieces come out while the library is inside its one call."""
    settings = _settings(utterance.parameters)
    pieces: queue.Queue[bytes | WordEvent | Exception | None] = queue.Queue(QUEUED_PIECES)
    stop = threading.Event()

    def put(piece: bytes | WordEvent | Exception | None) -> bool:
        while not stop.is_set():
            try:
                pieces.put(piece, timeout=NOTICE_SECONDS)
                return True
            except queue.Full:
                continue
        return False

    def run() -> None:
        while not library.lock.acquire(timeout=NOTICE_SECONDS):
            if stop.is_set():
                return
        try:
            if not stop.is_set():
                library.speak(utterance, settings, put)
        except Exception as error:  # whoever takes the pieces is to hear of it
            put(error)
        finally:
            library.lock.release()
        put(None)

    thread = threading.Thread(target=run, name="espeak", daemon=True)
    thread.start()
    samples, is_first = bytearray(), True
    try:
        while (piece := pieces.get()) is not None:
            if isinstance(piece, Exception):
                raise piece
            if isinstance(piece, WordEvent):
                yield piece
                continue
            # The first goes out at once. What has come meanwhile goes along with a later one: few
            # large pieces cost an encoder less than many.
            samples += piece
            if is_first or pieces.empty():
                yield bytes(samples)
                samples.clear()
                is_first = False
        if samples:
            yield bytes(samples)
    finally:
        stop.set()
        thread.join()


def _settings(parameters: Mapping[str, Any]) -> dict[int, int]:
    if unknown := sorted(set(parameters) - set(PARAMETERS)):
        raise SpeechError(f"espeak-ng has no parameter {unknown[0]!r}.")
    chosen = {}
    for name, (number, default, least, most) in PARAMETERS.items():
        value = parameters.get(name, default)
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise SpeechError(f"{name} must be a whole number from {least} to {most}.")
        chosen[number] = value
    return chosen


def with_powers(text: str) -> tuple[str, Sequence[int]]:
    """Return a text with raised numbers behind others as words of their own, else they are silent.

    Besides it: where a space was put in, in the text that is returned.
    """
    moved: list[int] = []

    def apart(found: re.Match[str]) -> str:
        moved.append(found.start() + len(moved))
        return f" {found[0].translate(_ON_LINE)}"

    return _POWER.sub(apart, text), moved


def _plain(text: str) -> bytes:
    """Return the text with each control character as a space: positions stay as they are."""
    spaced = "".join(" " if ord(ch) < 0x20 or 0x7F <= ord(ch) < 0xA0 else ch for ch in text)
    return spaced.encode("utf-8", "replace")


@dataclass(slots=True)
class _Library:
    """The loaded library. Whoever calls its methods holds the lock."""

    handle: c.CDLL
    sample_rate: int
    lock: threading.Lock

    def list_voices(self) -> list[tuple[str, str, str]]:
        """Return (name, BCP 47 language, identifier) of each language's own voice.

        Only the identifier says exactly which: to the language "en-gb" the library answers with
        the Caribbean voice, to "fr-fr" with the Swiss one.
        """
        listed = self.handle.espeak_ListVoices(None)
        found = []
        for pointer in listed:
            if not pointer:
                break
            voice = pointer.contents
            identifier = voice.identifier.decode("utf-8", "replace")
            if identifier.startswith(("mb/", "!v")):  # sounds that are not in the wheel; timbres
                continue
            # Each language is a priority byte and a string.
            language = c.string_at(voice.languages + 1).decode("ascii", "replace")
            name = voice.name.decode("utf-8", "replace").replace("_", " ").strip()
            found.append((name, language, identifier))
        return found

    def speak(self, utterance: Utterance, settings: Mapping[int, int], put: Any) -> None:
        """Speak, giving each piece and word event to ``put`` until that returns False."""
        spaced, moved = with_powers(with_arabic_digits(utterance.text))
        text, voice = _plain(spaced), utterance.voice
        if self.handle.espeak_SetVoiceByName(_plain(voice)) != 0 or not self._has_timbre(voice):
            raise SpeechError(f"espeak-ng has no voice {voice!r}.")
        for number, value in settings.items():
            self.handle.espeak_SetParameter(number, value, 0)

        def heard(samples: Any, count: int, events: Any) -> int:
            at = 0
            while events[at].type != EVENT_END:
                event = events[at]
                if event.type == EVENT_WORD:
                    position = max(0, event.text_position - 1)
                    position -= bisect_left(moved, position)
                    if not put(WordEvent(position, event.length, event.audio_position)):
                        return 1
                at += 1
            if samples and count > 0 and not put(c.string_at(samples, 2 * count)):
                return 1
            return 0

        callback = _Callback(heard)
        self.handle.espeak_SetSynthCallback(callback)
        failed = self.handle.espeak_Synth(
            text, c.c_size_t(len(text) + 1), 0, POSITION_CHARACTER, 0, CHARS_UTF8, None, None
        )
        if failed:
            raise SpeechError("espeak-ng could not speak this text.", retryable=True)

    def _has_timbre(self, voice: str) -> bool:
        """Tell whether the voice is set with its timbre: an unknown one is left out in silence."""
        current: bytes = self.handle.espeak_GetCurrentVoice().contents.identifier
        return current.partition(b"+")[1:] == _plain(voice).partition(b"+")[1:]


def _library() -> _Library:
    with _loading:  # two threads at once would start it twice
        return _load()


@cache
def _load() -> _Library:
    handle = _private_copy() if _inherited else c.CDLL(espeakng_loader.get_library_path())
    data = espeakng_loader.get_data_path().encode()
    sample_rate = handle.espeak_Initialize(OUTPUT_SYNCHRONOUS, PIECE_MS, data, DONT_EXIT)
    if sample_rate <= 0:
        raise SpeechError("espeak-ng did not start: its data could not be read.")
    handle.espeak_ListVoices.restype = c.POINTER(c.POINTER(_Voice))
    handle.espeak_GetCurrentVoice.restype = c.POINTER(_Voice)
    return _Library(handle, sample_rate, threading.Lock())


def _private_copy() -> c.CDLL:
    """Load the library from a file of its own: the loader takes it for another one."""
    with tempfile.NamedTemporaryFile(suffix=".so") as copy:
        copy.write(Path(espeakng_loader.get_library_path()).read_bytes())
        copy.flush()
        return c.CDLL(copy.name)


def _start_anew() -> None:
    """Give a forked child locks that nobody holds, and a library that nobody has used.

    Globals inherited in mid-speech say the parent's rest in the child, or crash it (both seen).
    """
    global _loading, _inherited
    _loading = threading.Lock()
    _inherited = _inherited or _load.cache_info().currsize > 0
    _load.cache_clear()


_loading = threading.Lock()
_inherited = False
os.register_at_fork(after_in_child=_start_anew)
