"""The reading page."""

from __future__ import annotations

import uuid
from dataclasses import asdict
from typing import Any
from urllib.parse import quote

import redis
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.templatetags.static import static
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import (
    require_POST,
    require_safe,
)

from tts import pace, synthesis
from tts.audio import FORMATS
from tts.models import SpeechModel, Voice

from .. import services
from ..forms import (
    PreparationForm,
)
from ..languages import language_name
from ..models import (
    Document,
    OutlineEntry,
    Position,
    Preparation,
    User,
)
from .access import person, visible

BLOCKS_PER_PAGE = 500
LEAST_OUTLINE = 3


@require_safe
@never_cache
def document(request: HttpRequest, uuid: uuid.UUID) -> HttpResponse:
    user = person(request)
    document = get_object_or_404(Document.objects.visible_to(user), uuid=uuid)
    page = _page_settings(user, document)
    # A long book is drawn as far as its reader is; the page fetches the rest by itself.
    last = page["position"]["block_idx"] + BLOCKS_PER_PAGE
    context = {
        "document": document,
        "blocks": document.blocks.filter(idx__lt=last),
        "outline": _outline(document),
        "page": page,
        "voices": _voices(),
        "tools": "reader/_tools.html",
    }
    return render(request, "reader/document.html", context)


def _outline(document: Document) -> list[OutlineEntry]:
    """Return the contents to show, each line with its depth below the first; none for one line."""
    entries = list(document.outline.all())
    if len(entries) < LEAST_OUTLINE:
        return []
    least = min(entry.level for entry in entries)
    for entry in entries:
        entry.depth = min(entry.level - least, 5)  # type: ignore[attr-defined]  # for the page
    return entries


def _page_settings(user: User, document: Document) -> dict[str, Any]:
    voice = services.voice_of(user)
    position = Position.objects.filter(user=user, document=document).first()
    return {
        "document_id": str(document.uuid),
        "revision": document.revision,
        "block_count": document.block_count,
        "status": document.status,
        "error": document.error,
        "part_unit": document.part_unit,
        "socket_path": f"/ws/documents/{document.uuid}/",
        "blocks_url": reverse("blocks", args=[document.uuid]),
        "annotations_url": reverse("annotations", args=[document.uuid]),
        "preferences_url": reverse("preferences"),
        "sound_types": _sound_types(),
        "preview_url": reverse("voice_preview", args=["MODEL", "VOICE"]),
        "author": document.author or document.site,
        "artwork": _artwork(document),
        "look_ahead_seconds": settings.LOOK_AHEAD_SECONDS,
        "paces": _paces(),
        "prepare_url": reverse("preparation_start", args=[document.uuid]),
        "preparation": _preparation(document),
        "user": {
            "speed": user.speed,
            "auto_play": user.auto_play,
            "pause_ms": user.pause_ms,
            "own_voices": user.own_voices,
        },
        "voice": voice
        and {"model_slug": voice.speech_model.model_slug, "voice_slug": voice.voice_slug},
        "position": {
            "block_idx": position.block_idx if position else 0,
            "offset_ms": position.offset_ms if position else 0,
        },
    }


def _artwork(document: Document) -> list[dict[str, str]]:
    """Return what lock screens show: the cover if there is one, else our own mark."""
    if document.cover:
        return [{"src": reverse("picture", args=[document.uuid, document.cover])}]
    return [{"src": static("icons/logo.svg"), "sizes": "any", "type": "image/svg+xml"}]


def _paces() -> dict[str, dict[str, float]]:
    """Return how fast each speech model has been lately; nothing while Redis is away."""
    try:
        recent = pace.recent()
    except (redis.RedisError, OSError):
        return {}
    slugs = dict(SpeechModel.objects.filter(pk__in=recent).values_list("pk", "model_slug"))
    return {slugs[pk]: asdict(recent[pk]) for pk in slugs}


def _preparation(document: Document) -> dict[str, Any] | None:
    """Return how a preparation stands that runs, or of which the person may not have heard."""
    preparation = Preparation.objects.filter(document=document).select_related("voice").first()
    if preparation is None:
        return None
    return {
        "status": preparation.status,
        "done": preparation.done,
        "total": preparation.total,
        "error": preparation.error,
        "voice": preparation.voice.name,
    }


def _sound_types() -> dict[str, str]:
    """Return what sounds can be had in, by name; the installation's own format first."""
    own = synthesis.audio_format()
    return {sound.name: sound.mime_type for sound in (own, *FORMATS.values())}


def _voices() -> list[dict[str, Any]]:
    return [
        {
            "model_slug": voice.speech_model.model_slug,
            "model_name": voice.speech_model.name,
            "voice_slug": voice.voice_slug,
            "name": voice.name,
            "language": voice.language,
            "language_name": language_name(voice.language),
            "featured": voice.featured,
        }
        for voice in Voice.objects.usable()
    ]


@login_not_required
@require_safe
@never_cache
def blocks(request: HttpRequest, uuid: uuid.UUID) -> HttpResponse:
    """Answer with the markup of the blocks from an index on: they came after the page did."""
    document = get_object_or_404(visible(request), uuid=uuid)
    first = request.GET.get("from", "0")
    start = int(first) if first.isascii() and first.isdigit() and len(first) < 10 else 0
    found = document.blocks.filter(idx__gte=start)[:BLOCKS_PER_PAGE]
    response = render(request, "reader/_blocks.html", {"document": document, "blocks": found})
    response.headers["Document-Status"] = document.status
    response.headers["Document-Title"] = quote(document.title)
    return response


@login_not_required
@require_safe
def picture(request: HttpRequest, uuid: uuid.UUID, name: str) -> HttpResponse:
    """Answer with a picture of a document."""
    document = get_object_or_404(visible(request), uuid=uuid)
    found = get_object_or_404(document.pictures, name=name)
    try:
        with found.file.open("rb") as file:
            data = file.read()
    except OSError:
        raise Http404 from None
    headers = {
        "Cache-Control": "private, max-age=31536000, immutable",
        "Content-Security-Policy": "default-src 'none'",
    }
    return HttpResponse(data, content_type=found.content_type, headers=headers)


@require_POST
def preparation_start(request: HttpRequest, uuid: uuid.UUID) -> HttpResponse:
    """Have the whole document made in a voice, ahead of its time."""
    document = get_object_or_404(visible(request), uuid=uuid, status=Document.Status.READY)
    form = PreparationForm(request.POST)
    if not form.is_valid():
        return JsonResponse({"errors": form.errors}, status=400)
    services.start_preparation(
        document=document,
        user=person(request),
        voice=form.cleaned_data["voice"],
        sound=form.cleaned_data["sound"],
    )
    return HttpResponse(status=204)


@require_POST
def preparation_stop(request: HttpRequest, uuid: uuid.UUID) -> HttpResponse:
    """End a preparation; what was made stays."""
    services.stop_preparation(document=get_object_or_404(visible(request), uuid=uuid))
    return HttpResponse(status=204)
