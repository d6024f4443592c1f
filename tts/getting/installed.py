"""The voices that were got, on this machine: where their files are, and how they go again."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from django.conf import settings

from tts.engines.hibari import files as hibari
from tts.engines.piper import folder as piper_folder
from tts.engines.piper.folder import NotAVoice, voice_file

CARD = ".MODEL_CARD"


def folder_of(engine: str) -> Path:
    return hibari.folder() if engine == "hibari" else piper_folder.folder()


def workshop(name: str) -> Path:
    """Return where a voice's files are until they are whole: on the same disk as their place."""
    return Path(settings.DATA_DIR) / "voices" / ".getting" / name


def names() -> set[str]:
    """Return the names of the voices that are here, beside those that are in a package."""
    here = {voice.name for voice in piper_folder.scan()[0]}
    return here | {
        voice.name
        for voice in hibari.registry().values()
        if not voice.bundled and hibari.path_of(voice).is_file()
    }


def what_is_wrong(engine: str, name: str) -> str:
    """Return why a voice that was put in its place is none, "" if it is one."""
    if engine != "piper":
        return ""
    try:
        voice_file(name)
    except NotAVoice as error:
        return str(error)
    return ""


def files_of(engine: str, name: str) -> list[Path]:
    """Return the files of a voice, that which makes it one first."""
    folder = folder_of(engine)
    if engine == "hibari":
        voice = hibari.registry().get(name)
        return [folder / voice.file] if voice and not voice.bundled else []
    if "/" in name or name.startswith("."):
        return []
    return [folder / f"{name}{ending}" for ending in (".onnx", ".onnx.json", CARD)]


def remove(paths: Iterable[Path]) -> bool:
    """Remove files; tell whether there were any. Raises OSError."""
    found = False
    for path in paths:
        try:
            path.unlink()
            found = True
        except FileNotFoundError:
            continue
    return found


def card_of(name: str) -> str:
    """Return what is told of a voice that is here, "" if nothing."""
    try:
        return (piper_folder.folder() / f"{name}{CARD}").read_text("utf-8", "replace")
    except OSError:
        return ""
