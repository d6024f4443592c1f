"""Voices, and the sound of blocks: wanted, followed, fetched."""

from __future__ import annotations

import uuid
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from ninja import Router
from ninja.responses import Status as Answer

from tts import synthesis
from tts.delivery.events import VariantChanged
from tts.delivery.responses import SoundGone, sound_response
from tts.models import AudioVariant, Status, Voice
from tts.voices.nature import nature_of

from ..listening import ListeningVoice
from ..models import Block, Document
from ..services import wanting
from ..services.preferences import preferences_of, voice_of
from .access import READS_OR_SPEAKS, SPEAKS, person, token_in, visible
from .problems import Problem
from .shapes import MarksOut, Page, SoundOut, VoiceOut, Wanted, WantedOut

router = Router(tags=["Voices and sounds"])

SOUND = {
    "responses": {
        200: {"content": {"audio/*": {"schema": {"type": "string", "format": "binary"}}}},
        206: {
            "description": "Partial Content",
            "content": {"audio/*": {"schema": {"type": "string", "format": "binary"}}},
        },
        304: {"description": "Not Modified"},
        416: {"description": "Range Not Satisfiable"},
    }
}


@router.get("/voices", auth=READS_OR_SPEAKS, response=Page[VoiceOut], summary="List the voices")
def voices(request: HttpRequest, language: str = "") -> dict[str, Any]:
    """``language``: only voices of this one, such as en or de."""
    wanted = language.lower().partition("-")[0]
    items = [
        voice_out(voice)
        for voice in Voice.objects.usable()
        if not wanted or voice.language.lower().partition("-")[0] == wanted
    ]
    return {"items": items, "count": len(items)}


def voice_out(voice: Voice) -> VoiceOut:
    model = voice.speech_model
    return VoiceOut(
        voice=f"{model.model_slug}/{voice.voice_slug}",
        model_slug=model.model_slug,
        voice_slug=voice.voice_slug,
        name=voice.name,
        language=voice.language,
        model_name=model.name,
        featured=voice.featured,
        nature=nature_of(model.engine).words,
    )


def voice_named(name: str, document: Document) -> Voice:
    """Return the voice that is called model/voice, for a document. Raises Problem."""
    model_slug, _, voice_slug = name.partition("/")
    voice = Voice.objects.by_slugs(model_slug, voice_slug, str(document.uuid)).first()
    if voice is None:
        errors = [{"field": "voice", "message": "No such voice."}]
        raise Problem(404, "There is no such voice here: see /api/v1/voices.", errors=errors)
    return voice


@router.post(
    "/documents/{uuid:uuid}/wanted",
    auth=SPEAKS,
    response=WantedOut,
    summary="Want the sound of blocks",
)
def want(request: HttpRequest, uuid: UUID, wanted: Wanted) -> WantedOut:
    """Say which blocks are to be made, and hear how each stands. A want ends after 30 seconds:
    ask again every few seconds, until all are cached. What is wanted replaces what this token
    wanted of the document before; an empty list ends it."""
    document = get_object_or_404(visible(request), uuid=uuid)
    user = person(request)
    voice = (
        voice_named(wanted.voice, document)
        if wanted.voice
        else voice_of(preferences_of(user, document))
    )
    if voice is None:
        raise Problem(409, "There is no voice here yet.")
    listening = ListeningVoice.of(voice, wanted.sound, document=document, listener=user)
    listener = wanting.listener_of(user, f"token-{token_in(request).pk}-{document.pk}")
    standing = wanting.want_blocks(
        document=document,
        listener=listener,
        voice=listening,
        indices=wanted.blocks,
        retry=wanted.retry,
    )
    if standing is None:
        raise Problem(404, f"The document has {document.block_count} blocks, counted from 0.")
    items = [_sound_out(idx, state, listening) for idx, state in standing.of_blocks]
    name = f"{listening.model_slug}/{listening.voice_slug}"
    return WantedOut(voice=name, items=items, refused=standing.reason)


def _sound_out(idx: int, state: VariantChanged | None, voice: ListeningVoice) -> SoundOut:
    if state is None:
        return SoundOut(
            block_idx=idx, status="skipped", audio_url=None, marks_url=None, duration_ms=None,
            bytes=None, error="", retryable=False, spoken_by=None,
        )  # fmt: skip
    is_cached = state["status"] == Status.CACHED
    speaker = voice.speaker_of(state["key"])
    address = f"/api/v1/audio/{uuid.UUID(state['variant_id'])}/{state['sound_revision']}"
    return SoundOut(
        block_idx=idx,
        status=state["status"],
        audio_url=address if is_cached or state["status"] == Status.PROCESSING else None,
        marks_url=f"{address}/marks" if is_cached and state["has_marks"] else None,
        duration_ms=state["duration_ms"] if is_cached else None,
        bytes=state["bytes"] if is_cached else None,
        error=state["error"],
        retryable=state["retryable"],
        spoken_by=None if speaker is voice else f"{speaker.model_slug}/{speaker.voice_slug}",
    )


@router.get(
    "/audio/{uuid:variant_id}/{int:revision}",
    auth=READS_OR_SPEAKS,
    summary="Fetch a sound",
    openapi_extra=SOUND,
)
def audio(request: HttpRequest, variant_id: UUID, revision: int) -> HttpResponseBase:
    """As ``audio_url`` names it: stored, with Range and ETag; or live, as it grows."""
    variant = _hearable(request, variant_id, revision)
    try:
        return sound_response(request, variant)
    except SoundGone:
        synthesis.sound_is_gone(variant)
        raise Http404 from None


@router.get(
    "/audio/{uuid:variant_id}/{int:revision}/marks",
    auth=READS_OR_SPEAKS,
    response=MarksOut,
    summary="Fetch the times of its words",
)
def marks(request: HttpRequest, variant_id: UUID, revision: int) -> dict[str, Any] | Answer[Any]:
    variant = _hearable(request, variant_id, revision)
    if not variant.marks:
        raise Http404
    return {"marks": variant.marks}


def _hearable(request: HttpRequest, variant_id: UUID, revision: int) -> AudioVariant:
    """Return the variant if this person may see a block of its text, or raise 404."""
    seen = Block.objects.filter(text_hash=OuterRef("text_hash"), document__in=visible(request))
    sounding = AudioVariant.objects.filter(
        Exists(seen), sound_revision=revision, status__in=[Status.PROCESSING, Status.CACHED]
    )
    return get_object_or_404(sounding.defer("text"), pk=variant_id)
