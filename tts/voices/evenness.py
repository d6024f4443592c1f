"""One gain for each voice, so that all are equally loud: measured once, on a calibration text.

It is never measured on a block: what is heard live and what is stored are the same bytes, and a
whisper stays a whisper beside the same voice's shout.
"""

from __future__ import annotations

import av
import structlog
from django.conf import settings

from tts.audio.loudness import gain_towards, loudness
from tts.audio.track import pcm_of
from tts.engines import Recorded, engine_named
from tts.models import Voice
from tts.speech import Utterance
from tts.voices.sentences import sentence

log = structlog.get_logger(__name__)


def gain_of(voice: Voice, recipe: str) -> float:
    """Return the gain of a voice in dB; measured now if that was not done for this recipe.

    Raises SpeechError when the voice cannot speak now.
    """
    target = settings.LOUDNESS
    if target is None:
        return 0.0
    if voice.gain_recipe != recipe:
        gain = gain_towards(target, _measure(voice))
        # Whoever was first decides: all sounds of a recipe have one gain.
        Voice.objects.filter(pk=voice.pk).exclude(gain_recipe=recipe).update(
            gain_db=gain, gain_recipe=recipe
        )
        voice.refresh_from_db(fields=["gain_db", "gain_recipe"])
        log.info("voice.measured", voice=voice.voice_slug, gain_db=voice.gain_db)
    return voice.gain_db


def _measure(voice: Voice) -> float | None:
    model = voice.speech_model
    engine = engine_named(model.engine)
    if isinstance(engine, Recorded):
        speech = engine.sample(voice.engine_voice)
    else:
        speech = engine.speak(
            Utterance(
                text=sentence(voice.language),
                language=voice.language,
                voice=voice.engine_voice,
                voice_version=voice.engine_version,
                endpoint=model.endpoint,
                parameters={**model.parameters, **voice.parameters},
            )
        )
    try:
        pcm, rate = pcm_of(speech)
        return loudness(pcm, rate) if rate else None
    except av.FFmpegError as error:
        log.warning("voice.not_measured", voice=voice.voice_slug, reason=str(error))
        return None
