"""The voice files of this machine: ``DATA_DIR/voices/piper/NAME.onnx`` with ``NAME.onnx.json``.

A file is looked at before it counts as a voice, and told in words if it is none: it may be half
copied, damaged, or something else. What was found is kept for as long as the file stays the same.
"""

from __future__ import annotations

import json
import mmap
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from typing import Any

from django.conf import settings

from .model_file import SPEAKER, NotAModel, outline

MODEL, CONFIG = ".onnx", ".onnx.json"
LONGEST_NAME = 80
LARGEST_CONFIG = 4 * 1024 * 1024
MOST_SPEAKERS = 5_000
SAMPLE_RATES = range(8_000, 48_001)
# What turns text into phonemes: the others need data or programs that are not here.
ESPEAK, TEXT = "espeak", "text"
BEGIN, END, PAD = "^", "$", "_"
QUALITIES = {"x_low", "low", "medium", "high"}


class NotAVoice(ValueError):
    """The file is no voice, or not a whole one; says why in words."""


@dataclass(frozen=True, slots=True)
class VoiceFile:
    """A voice's file, and what its configuration says."""

    name: str
    path: Path
    language: str  # BCP 47
    quality: str
    sample_rate: int
    alphabet: str  # ESPEAK or TEXT
    espeak_voice: str
    speakers: tuple[tuple[int, str], ...]  # number and name; none if there is only one

    @property
    def version(self) -> str:
        """What changes when the voice's sound does. Raises OSError."""
        return _version(self.path, *_states(self.path))


@dataclass(frozen=True, slots=True)
class Fault:
    """A file that is no voice, and why, in words."""

    file: str
    words: str


def folder() -> Path:
    return Path(settings.DATA_DIR) / "voices" / "piper"


def scan() -> tuple[list[VoiceFile], list[Fault]]:
    """Look through the folder: the voices, and what is none."""
    voices, faults = [], []
    for name in sorted(_names()):
        try:
            voices.append(voice_file(name))
        except NotAVoice as error:
            faults.append(Fault(_shown(f"{name}{MODEL}"), str(error)))
    return voices, faults


def voice_file(name: str) -> VoiceFile:
    """Return a voice of the folder by its name. Raises NotAVoice."""
    path = folder() / f"{name}{MODEL}"
    if not name or "/" in name or "\x00" in name:
        raise NotAVoice("There is no such file.")
    try:
        name.encode()
        states = _states(path)
        return _looked_at(path, *states)
    except UnicodeEncodeError:
        raise NotAVoice("Its name cannot be read: rename it.") from None
    except FileNotFoundError:
        raise NotAVoice(_missing(name)) from None
    except OSError as error:
        raise NotAVoice(f"It cannot be read: {error.strerror}.") from None


def contents(voice: VoiceFile) -> tuple[bytes, dict[str, Any], str]:
    """Return the model, the configuration, and the version of just these. Raises OSError."""
    model, config = voice.path.read_bytes(), _config_of(voice.path).read_bytes()
    return model, json.loads(config), _digest([model], config)


def _names() -> Iterator[str]:
    """Yield the names of what may be voices; what begins with a dot is somebody's work."""
    try:
        found = [path.name for path in folder().iterdir() if not path.name.startswith(".")]
    except OSError:
        return
    for name in found:
        if name.endswith(MODEL):
            yield name.removesuffix(MODEL)
        elif name.endswith(CONFIG) and name.removesuffix(".json") not in found:
            yield name.removesuffix(CONFIG)


def _missing(name: str) -> str:
    if (folder() / f"{name}{MODEL}").exists():
        return f"{_shown(name)}{CONFIG} is missing: copy it into the same folder."
    return f"Only {_shown(name)}{CONFIG} is here: copy {_shown(name)}{MODEL} into the same folder."


# Size and time of both files, by which it is told that they are still the same.
State = tuple[int, int, int]


def _states(path: Path) -> tuple[State, State]:
    model, config = path.stat(), _config_of(path).stat()
    return (
        (model.st_ino, model.st_size, model.st_mtime_ns),
        (config.st_ino, config.st_size, config.st_mtime_ns),
    )


def _config_of(path: Path) -> Path:
    return path.with_name(f"{path.name}.json")


@lru_cache(maxsize=1024)
def _version(path: Path, model: State, config: State) -> str:
    with path.open("rb") as file:
        return _digest(iter(lambda: file.read(1 << 20), b""), _config_of(path).read_bytes())


def _digest(model: Any, config: bytes) -> str:
    hashed = blake2b(digest_size=20)
    for piece in model:
        hashed.update(piece)
    hashed.update(b"\x00")
    hashed.update(config)
    return hashed.hexdigest()


@lru_cache(maxsize=1024)
def _looked_at(path: Path, model: State, config: State) -> VoiceFile:
    """Look at a file once, for as long as it stays the same. Raises NotAVoice."""
    name = path.name.removesuffix(MODEL)
    if len(name) > LONGEST_NAME:
        raise NotAVoice(f"Its name is longer than {LONGEST_NAME} characters: shorten it.")
    return _described(name, path, _config(_config_of(path)), _inputs(path))


def _inputs(path: Path) -> frozenset[str]:
    try:
        with (
            path.open("rb") as file,
            mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped,
            memoryview(mapped) as data,
        ):
            return outline(data).inputs
    except NotAModel as error:
        raise NotAVoice(
            f"{error} If it is still being copied, it is looked at again soon; else copy it again."
        ) from error
    except ValueError as error:  # nothing can be mapped of an empty file
        raise NotAVoice("It is empty. Copy it again.") from error


def _config(path: Path) -> dict[str, Any]:
    try:
        if path.stat().st_size > LARGEST_CONFIG:
            raise NotAVoice(f"{_shown(path.name)} is too large to be a voice's configuration.")
        config = json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        if isinstance(error, NotAVoice):
            raise
        raise NotAVoice(
            f"{_shown(path.name)} is damaged: it is not JSON. Copy it again."
        ) from error
    if not isinstance(config, dict):
        raise NotAVoice(f"{_shown(path.name)} is not a voice's configuration.")
    return config


def _described(name: str, path: Path, config: dict[str, Any], inputs: frozenset[str]) -> VoiceFile:
    try:
        alphabet = str(config.get("phoneme_type") or ESPEAK)
        voice = VoiceFile(
            name=name,
            path=path,
            language=_language(config, name),
            quality=_quality(config, name),
            sample_rate=int(config["audio"]["sample_rate"]),
            alphabet=alphabet,
            espeak_voice=str(config["espeak"]["voice"]) if alphabet == ESPEAK else "",
            speakers=_speakers(config),
        )
        symbols = config["phoneme_id_map"]
        known = {*map(str, symbols)}
        whole = all(isinstance(number, int) for ids in symbols.values() for number in ids)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise NotAVoice(
            f"{_shown(name)}{CONFIG} is not a voice's configuration: {_reason(error)}."
        ) from error
    if voice.alphabet not in (ESPEAK, TEXT):
        raise NotAVoice(
            f"It needs {voice.alphabet!r} to read its language, which is not here. Choose another "
            "voice of this language."
        )
    if voice.sample_rate not in SAMPLE_RATES or not known >= {BEGIN, END, PAD} or not whole:
        raise NotAVoice(f"{_shown(name)}{CONFIG} says what cannot be.")
    if not voice.language:
        raise NotAVoice(f"{_shown(name)}{CONFIG} does not say in which language it speaks.")
    if voice.speakers and SPEAKER not in inputs:
        raise NotAVoice("It is said to have several speakers, but has only one.")
    return voice


def _reason(error: Exception) -> str:
    return f"{error} is missing" if isinstance(error, KeyError) else "a value is of another kind"


def _speakers(config: dict[str, Any]) -> tuple[tuple[int, str], ...]:
    count = int(config.get("num_speakers") or 1)
    if not 1 < count <= MOST_SPEAKERS:
        return ()
    names = {int(number): str(name) for name, number in config.get("speaker_id_map", {}).items()}
    return tuple((number, names.get(number, str(number))) for number in range(count))


def _quality(config: dict[str, Any], name: str) -> str:
    told = name.rpartition("-")[2]
    quality = told if told in QUALITIES else str(config["audio"].get("quality") or "")
    return quality.replace("_", " ") if quality in QUALITIES else ""


def _language(config: dict[str, Any], name: str) -> str:
    """Return the language as BCP 47: a configuration writes "en_US", espeak "en-us"."""
    language = config.get("language")
    told = [
        language.get("code") if isinstance(language, dict) else language,
        name.partition("-")[0] if re.match(r"[a-z]{2,3}_[A-Z0-9]{2,3}-", name) else None,
        config.get("espeak", {}).get("voice"),
    ]
    return next(filter(None, (bcp47(str(code)) for code in told if code)), "")


def bcp47(code: str) -> str:
    """Return a language's code as BCP 47 writes it, "" if it is none."""
    found = re.match(
        r"([a-z]{2,3})(?:[-_]([A-Z][a-z]{3}))?(?:[-_]([A-Z]{2}|\d{3}))?(?![^-_])",
        code.strip(),
        re.IGNORECASE,
    )
    if not found:
        return ""
    language, script, region = found.groups()
    return "-".join(
        filter(None, (language.lower(), (script or "").title(), (region or "").upper()))
    )


def _shown(name: str) -> str:
    return name.encode("utf-8", "replace").decode()
