"""The voices that a speech server says it has, in the shapes that such servers answer with."""

from __future__ import annotations

import re
import unicodedata
import zlib
from collections.abc import Iterator
from typing import Any, NamedTuple

from tts.speech import EngineVoice

MOST_VOICES = 500
LONGEST_NAME = 100
LONGEST_SLUG = 100
SOUND_FILE = re.compile(r"\.(?:wav|mp3|flac|ogg|opus|m4a|pt|onnx)$", re.IGNORECASE)

# Kokoro: the first letter is the language, the second the sex.
KOKORO = re.compile(r"([abefhijpz])([fm])_(\w+)")
KOKORO_LANGUAGES = {
    "a": "en-US", "b": "en-GB", "e": "es", "f": "fr-FR", "h": "hi", "i": "it", "j": "ja",
    "p": "pt-BR", "z": "zh",
}  # fmt: skip
# Piper: en_US-lessac-medium. Azure and Edge: de-DE-KatjaNeural.
LOCALE = re.compile(r"([a-z]{2,3})[_-]([A-Z]{2})-(.+)")
PIPER_QUALITY = re.compile(r"-(?:x_low|low|medium|high)$")
LANGUAGE_TAG = re.compile(r"[a-z]{2,3}(?:-[a-z0-9]{2,8}){0,3}", re.IGNORECASE)


class _Listed(NamedTuple):
    engine_name: str
    name: str = ""
    language: str = ""


def parse_voices(answer: object, model: str = "") -> list[EngineVoice]:
    """Return the voices named in a server's answer, each once, in its order.

    ``model``: of an answer that lists models with their voices, this one counts if it is there.

    Known shapes: Kokoro-FastAPI ``{"voices": ["af_heart", …]}`` or of objects, Speaches' models
    that have ``voices``, vLLM-Omni ``{"voices": […], "uploaded_voices": […]}``, Chatterbox
    ``[{"display_name", "filename"}, …]``, and a plain list. Raises ValueError when it is none.
    """
    voices: dict[str, EngineVoice] = {}
    slugs: set[str] = set()
    for listed in _listed(answer, model):
        if listed.engine_name in voices:
            continue
        voice = _voice(listed, slugs)
        voices[listed.engine_name] = voice
        slugs.add(voice.slug)
        if len(voices) == MOST_VOICES:
            break
    if not voices:
        raise ValueError("no voices are listed")
    return list(voices.values())


def _listed(answer: object, model: str) -> Iterator[_Listed]:
    if isinstance(answer, list):
        for entry in answer:
            yield from _of_entry(entry)
    elif isinstance(answer, dict):
        models = answer.get("data") or answer.get("models")
        if isinstance(models, list) and "voices" not in answer:
            answers = [each for each in models if isinstance(each, dict) and "voices" in each]
            answers = [each for each in answers if each.get("id") == model] or answers
        else:
            answers = [answer]
        for each in answers:
            for name in ("voices", "uploaded_voices"):
                if isinstance(each.get(name), list | dict):  # a dict is by name
                    yield from _listed(list(each[name]), model)


def _of_entry(entry: object) -> Iterator[_Listed]:
    if isinstance(entry, str):
        entry = {"id": entry}
    if not isinstance(entry, dict):
        return
    # The last one that is there names it to the server: a file's name says more than a label.
    engine_name = _text(entry, "id", "voice_id", "filename", "voice", "name")
    label = _text(entry, "display_name", "name", "title")
    language = _text(entry, "language", "lang", "locale", "language_code").replace("_", "-")
    if engine_name:
        yield _Listed(
            engine_name,
            label if label != engine_name else "",
            language if LANGUAGE_TAG.fullmatch(language) else "",
        )


def _text(entry: dict[str, Any], *names: str) -> str:
    """Return the first of these that is a text that can be stored and sent."""
    for name in names:
        value = entry.get(name)
        if isinstance(value, str):
            value = value.strip()
            if 0 < len(value) <= LONGEST_NAME and value.isprintable():
                return value
    return ""


def _voice(listed: _Listed, taken: set[str]) -> EngineVoice:
    name, language = _guess(listed.engine_name)
    return EngineVoice(
        slug=_slug(listed.engine_name, taken),
        name=listed.name or name,
        language=listed.language or language,
        engine_name=listed.engine_name,
    )


def _guess(engine_name: str) -> tuple[str, str]:
    """Return the name and the language that a voice's name at the server tells.

    English where it tells none: that is what most such voices speak, and it can be edited.
    """
    plain = SOUND_FILE.sub("", engine_name)
    if match := KOKORO.fullmatch(plain):
        return _titled(match[3]), KOKORO_LANGUAGES[match[1]]
    if match := LOCALE.fullmatch(plain):
        name = PIPER_QUALITY.sub("", match[3]).removesuffix("Neural").removesuffix("Multilingual")
        return _titled(name), f"{match[1]}-{match[2]}"
    return _titled(plain), "en"


def _titled(name: str) -> str:
    words = re.sub(r"[\W_]+", " ", name).split()
    return " ".join(word[:1].upper() + word[1:] for word in words) or name


def _slug(engine_name: str, taken: set[str]) -> str:
    """Return what names a voice in addresses."""
    ascii_name = unicodedata.normalize("NFKD", SOUND_FILE.sub("", engine_name)).encode(
        "ascii", "ignore"
    )
    slug = re.sub(r"[^a-z0-9_-]+", "-", ascii_name.decode().lower()).strip("-")[:LONGEST_SLUG]
    if not slug or slug in taken:
        slug = f"{slug[: LONGEST_SLUG - 9] or 'voice'}-{zlib.crc32(engine_name.encode()):08x}"
    return slug
