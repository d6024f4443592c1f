"""Which speech models and voices there are: what the engines offer, brought into the database."""

from __future__ import annotations

from dataclasses import dataclass, replace
from zlib import crc32

import structlog
from django.conf import settings
from django.db import transaction

from tts.demand import breaker
from tts.engines import engine_named
from tts.models import SpeechModel, Voice
from tts.speech import Endpoint, EngineVoice, SpeechError

log = structlog.get_logger(__name__)

# The engines that need nothing, by the slugs of their models: the most natural one first.
EMBEDDED_MODELS = {"hibari": "Hibari", "espeak": "eSpeak NG"}
# What a new person hears, and what was heard before there was a natural voice.
NATURAL_VOICE, ROBOTIC_VOICE = ("hibari", "heart"), ("espeak", "en-us")
# That of the voice files of this machine.
FILES_MODEL = "piper"
SERVER_MODEL = "openai"


@dataclass(frozen=True, slots=True)
class Synced:
    """What asking an engine for its voices changed."""

    offered: int
    added: int
    vanished: int

    def __str__(self) -> str:
        return f"{self.offered} voices, {self.added} of them new, {self.vanished} no longer there"


def add_embedded_models() -> None:
    """Add the speech models that need nothing, and their voices; one of these is the default.

    A new installation begins with the natural one. One that was there before keeps what people
    are used to.
    """
    was_there_before = SpeechModel.objects.exists()
    for slug, name in EMBEDDED_MODELS.items():
        model, _ = SpeechModel.objects.get_or_create(
            model_slug=slug, defaults={"name": name, "engine": slug}
        )
        sync_voices(model)
    if not Voice.objects.filter(is_default=True).exists():
        model_slug, voice_slug = ROBOTIC_VOICE if was_there_before else NATURAL_VOICE
        Voice.objects.filter(speech_model__model_slug=model_slug, voice_slug=voice_slug).update(
            is_default=True
        )


def sync_voice_files() -> Synced | None:
    """Bring in the voice files of this machine; None if there are none, and never were.

    With the first file comes the speech model. Nothing is written where nothing has changed.
    """
    model = SpeechModel.objects.filter(engine="piper").first()
    if model is None:
        if not engine_named("piper").voices(Endpoint()):
            return None
        model, _ = SpeechModel.objects.get_or_create(
            model_slug=FILES_MODEL, defaults={"name": "Piper", "engine": "piper"}
        )
    synced = sync_voices(model)
    if synced.added or synced.vanished:
        log.info("voices.files_synced", added=synced.added, vanished=synced.vanished)
    return synced


def add_server_model() -> SpeechModel | None:
    """Add the speech server that the environment names, or bring it up to date.

    A server that does not answer stops nothing: its voices are those that were named, or those
    that it had before. Raises nothing; what went wrong is logged.
    """
    if not (settings.OPENAI_API_KEY or settings.OPENAI_BASE_URL):
        return None
    model, _ = SpeechModel.objects.get_or_create(
        model_slug=SERVER_MODEL,
        defaults={
            "name": "Speech server" if settings.OPENAI_BASE_URL else "OpenAI",
            "engine": "openai",
            "finishes": not settings.OPENAI_BASE_URL,  # OpenAI is paid for all that it was asked
        },
    )
    before = (model.base_url, model.sealed_key and model.api_key, model.engine_model)
    model.base_url = settings.OPENAI_BASE_URL
    model.engine_model = settings.OPENAI_TTS_MODEL
    model.voice_list = ", ".join(settings.OPENAI_TTS_VOICES)
    model.api_key = settings.OPENAI_API_KEY
    model.save()
    if before != (model.base_url, model.api_key, model.engine_model):
        breaker.reset(model)
    try:
        _sync_where_it_is(model)
    except SpeechError as error:
        log.warning("voices.not_listed", model=SERVER_MODEL, reason=error.message)
        if settings.OPENAI_TTS_VOICES and not model.voices.exists():
            _bring_in(model, _voices(model, replace(model.endpoint, base_url="")))
    return model


def _sync_where_it_is(model: SpeechModel) -> None:
    """Add the voices, from where on the server its API is. Raises SpeechError."""
    try:
        sync_voices(model)
    except SpeechError as error:
        if not error.address:
            raise
        log.warning("address.mended", was=model.base_url, now=error.address, reason=error.message)
        model.base_url = error.address
        model.save()
        sync_voices(model)


def sync_voices(model: SpeechModel) -> Synced:
    """Add the voices that the engine offers and hide those that vanished. Raises SpeechError.

    What a person has edited, the name and the language, stays; so do the sounds.
    """
    return _bring_in(model, _voices(model, model.endpoint))


def _voices(model: SpeechModel, endpoint: Endpoint) -> list[EngineVoice]:
    return list(engine_named(model.engine).voices(endpoint))


@transaction.atomic
def _bring_in(model: SpeechModel, offered: list[EngineVoice]) -> Synced:
    # A voice is the one that the engine calls so: its slug may depend on what else is listed.
    known = dict(model.voices.values_list("engine_voice", "engine_version"))
    slugs = set(model.voices.values_list("voice_slug", flat=True))
    names = {voice.engine_name for voice in offered}
    added = Voice.objects.bulk_create(
        Voice(
            speech_model=model,
            voice_slug=_free(voice, slugs),
            name=voice.name,
            language=voice.language,
            engine_voice=voice.engine_name,
            engine_version=voice.version,
            featured=voice.featured,
        )
        for voice in offered
        if voice.engine_name not in known
    )
    model.voices.filter(engine_voice__in=names, is_offered=False).update(is_offered=True)
    for voice in offered:
        if voice.version != known.get(voice.engine_name, voice.version):
            model.voices.filter(engine_voice=voice.engine_name).update(engine_version=voice.version)
    gone = model.voices.filter(engine_voice__in=known.keys() - names, is_offered=True)
    return Synced(len(offered), len(added), gone.update(is_offered=False))


def _free(voice: EngineVoice, taken: set[str]) -> str:
    slug = voice.slug
    if slug in taken:
        slug = f"{slug[:91]}-{crc32(voice.engine_name.encode()):08x}"
    taken.add(slug)
    return slug
