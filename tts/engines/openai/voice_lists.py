"""The voices that a speech server says it has, in the shapes that such servers answer with."""

from __future__ import annotations

import re
import unicodedata
import zlib
from collections.abc import Iterator
from typing import Any, NamedTuple

from tts.speech import EngineVoice

from .languages import language_of

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
# Names in servers' answers, in small letters and without signs. What voices stand under, what may
# hold anything, what names a voice to the server and to a person, what else is said of one voice.
HOLD_VOICES = frozenset(
    {"voices", "uploadedvoices", "customvoices", "availablevoices", "speakers", "voicelist"}
)
HOLD_ANYTHING = frozenset({"data", "items", "results", "result", "models", "response", "list"})
IDS = ("id", "voiceid", "shortname", "slug", "filename", "value", "voice", "key", "name", "label")
LABELS = ("displayname", "label", "title", "name", "localname")
LANGUAGES = (
    "language", "lang", "locale", "languagecode", "languages", "languagecodes", "locales",
    "supportedlanguages",
)  # fmt: skip
SAID = frozenset({*IDS, *LABELS, *LANGUAGES, "gender", "description", "previewurl", "object"})
SEXES = frozenset({"female", "male", "neutral", "women", "men", "woman", "man", "other", "unknown"})
DEEPEST = 8


class _Listed(NamedTuple):
    engine_name: str
    name: str = ""
    language: str = ""


def parse_voices(
    answer: object, model: str = "", *, lists_models: bool = False
) -> list[EngineVoice]:
    """Return the voices named in a server's answer, each once, in its order.

    ``model``: of an answer that lists models with their voices, this one counts if it is there.
    ``lists_models``: what the answer lists are models, and only what they have are voices.

    Known shapes: names or objects, in a list or under a name such as ``voices`` or ``data``
    (Kokoro-FastAPI, Orpheus, mlx-audio, Azure, Chatterbox ``[{"display_name", "filename"}, …]``);
    Speaches' models that have ``voices``; vLLM-Omni's ``uploaded_voices``; voices by name, each
    with what is said of it; and all of these grouped by language, sex or model, in any order.
    Raises ValueError when it is none.
    """
    voices: dict[str, EngineVoice] = {}
    slugs: set[str] = set()
    for listed in _listed(answer, _Within(model, lists_models)):
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


class _Within(NamedTuple):
    """What is known where a part of the answer stands."""

    model: str
    are_models: bool = False
    language: str = ""
    is_inside: bool = False  # of what is called voices
    depth: int = 0


def _listed(node: object, within: _Within) -> Iterator[_Listed]:
    if within.depth > DEEPEST:
        return
    within = within._replace(depth=within.depth + 1)
    if isinstance(node, list):
        yield from _of_list(node, within)
    elif isinstance(node, dict):
        for names in (HOLD_VOICES, HOLD_ANYTHING):
            if held := [node[key] for key in node if _plain(key) in names and _holds(node[key])]:
                # What has voices is a model, or all that there is of a language.
                language = _language(node) or within.language
                is_inside = names is HOLD_VOICES or within.is_inside
                for each in held:
                    yield from _listed(
                        each, within._replace(language=language, is_inside=is_inside)
                    )
                return
        yield from _of_dict(node, within)


def _of_list(entries: list[object], within: _Within) -> Iterator[_Listed]:
    having = [each for each in entries if isinstance(each, dict) and _has_voices(each)]
    if having:
        for each in [each for each in having if each.get("id") == within.model] or having:
            yield from _listed(each, within)
    elif within.is_inside or not within.are_models:
        for entry in entries:
            yield from _of_entry(entry, within.language)


def _of_dict(node: dict[Any, Any], within: _Within) -> Iterator[_Listed]:
    """Yield what stands under names: of groups, or of the voices themselves."""
    items = {key: node[key] for key in node if isinstance(key, str)}
    if not within.is_inside and not all(_is_plainly(*item, within) for item in items.items()):
        return  # anything, such as an error
    if within.model in items and _is_group(within.model, items[within.model], within):
        items = {within.model: items[within.model]}
    for key, value in items.items():
        if _is_group(key, value, within):
            language = language_of(key) or within.language
            yield from _listed(value, within._replace(language=language, is_inside=True))
            continue
        said = {_plain(name): value[name] for name in value} if isinstance(value, dict) else {}
        if isinstance(value, list):
            said = {"languages": value}
        label = value if isinstance(value, str) else ""
        yield from _of_entry(
            {**said, "id": _first_text(said, *IDS[:2]) or key, "label": label}, within.language
        )


def _is_plainly(key: str, value: object, within: _Within) -> bool:
    """Whether this is about voices though nothing above says so."""
    is_voice = isinstance(value, dict) and bool({_plain(name) for name in value} & {"language"})
    return (_is_group(key, value, within) and _names_group(key, within)) or is_voice


def _is_group(key: str, value: object, within: _Within) -> bool:
    """Whether voices stand under a name, and not what is said of one voice."""
    if isinstance(value, list):  # of one voice: its languages
        return _names_group(key, within) or not all(map(language_of, value))
    if not isinstance(value, dict) or not value or {_plain(name) for name in value} & SAID:
        return False
    return _names_group(key, within) or all(_names_group(name, within) for name in value)


def _names_group(key: object, within: _Within) -> bool:
    return bool(language_of(key)) or _plain(key) in SEXES or (key == within.model != "")


def _has_voices(node: dict[Any, Any]) -> bool:
    return any(_plain(key) in HOLD_VOICES and _holds(node[key]) for key in node)


def _holds(value: object) -> bool:
    return isinstance(value, list | dict)


def _plain(key: object) -> str:
    return re.sub(r"[\W_]+", "", str(key)).lower()


def _of_entry(entry: object, language: str) -> Iterator[_Listed]:
    if isinstance(entry, str):
        entry = {"id": entry}
    if not isinstance(entry, dict) or entry.get("object") == "model":
        return
    said = {_plain(key): entry[key] for key in entry}
    # A file's name says more to the server than a label.
    engine_name = _first_text(said, *IDS)
    label = _first_text(said, *(LABELS[:-2] if "shortname" in said else LABELS))
    if engine_name:
        yield _Listed(
            engine_name, label if label != engine_name else "", _language(entry) or language
        )


def _language(entry: dict[Any, Any]) -> str:
    """Return the first language that is named in an entry."""
    said = {_plain(key): entry[key] for key in entry}
    for name in LANGUAGES:
        value = said.get(name)
        if isinstance(value, dict):
            value = list(value.values())
        for each in value if isinstance(value, list) else [value]:
            if language := language_of(each):
                return language
    return ""


def _first_text(said: dict[str, Any], *names: str) -> str:
    """Return the first of these that is a text that can be stored and sent."""
    for name in names:
        value = said.get(name)
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
