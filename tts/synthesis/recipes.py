"""What a sound is made by, and so what it is known by."""

from __future__ import annotations

from django.conf import settings

from tts.audio import FORMATS, AudioFormat
from tts.engines import engine_named
from tts.models import Voice, digest


def audio_format(name: str = "") -> AudioFormat:
    """Return a format by its name; the installation's own for an empty one or one unknown."""
    return FORMATS.get(name) or FORMATS[settings.AUDIO_FORMAT]


def recipe_hash(voice: Voice, sound: str = "") -> str:
    """Hash everything besides the text that makes this voice's sound what it is.

    ``sound``: the name of the format that it is stored in.
    """
    model = voice.speech_model
    return digest(
        model.engine,
        f"{engine_named(model.engine).version} {voice.engine_version}".rstrip(),
        model.base_url,
        model.engine_model,
        "pcm with words" if model.tells_words else model.asked_format,
        voice.engine_voice,
        voice.language,
        repr(sorted({**model.parameters, **voice.parameters}.items())),
        audio_format(sound).recipe,
        f"{settings.LOUDNESS} LUFS",
    )
