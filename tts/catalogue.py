"""Which speech models and voices there are: what the engines offer, brought into the database."""

from __future__ import annotations

from django.db import transaction

from .engines import engine_named
from .models import SpeechModel, Voice

EMBEDDED_MODEL = "espeak"


def add_embedded_model() -> SpeechModel:
    """Add the speech model that needs nothing, and its voices."""
    model, _ = SpeechModel.objects.get_or_create(
        model_slug=EMBEDDED_MODEL, defaults={"name": "eSpeak NG", "engine": "espeak"}
    )
    sync_voices(model)
    return model


def sync_voices(model: SpeechModel) -> tuple[int, int]:
    """Add the voices the engine offers and switch off those that vanished: (offered, vanished).

    What a person has edited, the name and the language, stays.
    """
    offered = engine_named(model.engine).voices()
    with transaction.atomic():
        known = {voice.voice_slug: voice for voice in model.voices.all()}
        Voice.objects.bulk_create(
            Voice(
                speech_model=model,
                voice_slug=voice.slug,
                name=voice.name,
                language=voice.language,
                engine_voice=voice.engine_name,
                featured=voice.featured,
            )
            for voice in offered
            if voice.slug not in known
        )
        vanished = set(known) - {voice.slug for voice in offered}
        return len(offered), model.voices.filter(voice_slug__in=vanished).update(enabled=False)
