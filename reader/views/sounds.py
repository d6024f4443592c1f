"""The sound: may this person hear it?"""

from __future__ import annotations

import uuid
from typing import cast

from asgiref.sync import sync_to_async
from django.contrib.auth.decorators import login_not_required
from django.db.models import Exists, OuterRef
from django.http import Http404, HttpRequest, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from tts import synthesis
from tts.delivery.responses import SoundGone, sound_response
from tts.models import AudioVariant, Status, Voice
from tts.voices import previews

from .. import narrating
from ..models import Block, User
from ..services import wanting
from .access import visible
from .voices import place_of


@require_safe
async def voice_preview(request: HttpRequest, model_slug: str, voice_slug: str) -> HttpResponseBase:
    """Answer with a sentence in a voice; with words where there is none."""
    user = cast(User, await request.auser())
    listener = wanting.listener_of(user, "preview")
    place = await sync_to_async(place_of)(user, voice_slug)
    voice = await Voice.objects.by_slugs(model_slug, voice_slug, place).afirst()
    if voice is None:
        return JsonResponse({"message": "There is no such voice any more."}, status=404)
    try:
        variant = await previews.preview(
            voice,
            listener=listener,
            sound=request.GET.get("sound", ""),
            said=await sync_to_async(narrating.sample_said)(place) if place else None,
        )
        response = await sync_to_async(sound_response)(request, variant)
    except previews.NoPreview as none:
        return JsonResponse({"message": none.message}, status=none.status)
    except SoundGone:
        await sync_to_async(synthesis.sound_is_gone)(variant)
        return JsonResponse({"message": "Its sound is gone. Try again."}, status=502)
    # The address names a voice, not one attempt's sound: the voice may be another one tomorrow.
    response.headers["Cache-Control"] = "private, no-cache"
    return response


@login_not_required
@require_safe
def audio(request: HttpRequest, variant_id: uuid.UUID, revision: int) -> HttpResponseBase:
    """Answer with one attempt's sound, live or stored."""
    variant = _hearable(request, variant_id, revision)
    try:
        return sound_response(request, variant)
    except SoundGone:
        synthesis.sound_is_gone(variant)
        raise Http404 from None


@login_not_required
@require_safe
def marks(request: HttpRequest, variant_id: uuid.UUID, revision: int) -> HttpResponseBase:
    """Answer with the word times of a stored sound."""
    variant = _hearable(request, variant_id, revision)
    if not variant.marks:
        raise Http404
    response = JsonResponse({"marks": variant.marks})
    response.headers["Cache-Control"] = "private, max-age=31536000, immutable"
    return response


def _hearable(request: HttpRequest, variant_id: uuid.UUID, revision: int) -> AudioVariant:
    """Return the variant if this person may see a block of its text, or raise 404.

    A narrator's is heard in its document alone.
    """
    seen = Block.objects.filter(text_hash=OuterRef("text_hash"), document__in=visible(request))
    sounding = AudioVariant.objects.filter(
        Exists(seen), sound_revision=revision, status__in=[Status.PROCESSING, Status.CACHED]
    )
    variant = get_object_or_404(sounding.select_related("voice").defer("text"), pk=variant_id)
    place = variant.voice.reserved_for  # of a narrator, who is heard nowhere else
    if place and not visible(request).filter(uuid=place).exists():
        raise Http404
    return variant
