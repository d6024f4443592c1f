"""The reading page."""

from __future__ import annotations

import uuid
from dataclasses import asdict
from typing import Any
from urllib.parse import quote

import redis
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db.models.functions import Length
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.templatetags.static import static
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import (
    require_POST,
    require_safe,
)

from tts import pace, synthesis
from tts.audio import FORMATS
from tts.models import SpeechModel, Voice

from .. import services
from ..extraction.sanitise import shown_text
from ..forms import (
    PreparationForm,
)
from ..languages import language_name
from ..models import (
    LETTER_SPACINGS,
    LINE_HEIGHTS,
    MEASURES,
    TEXT_SIZES,
    Block,
    Document,
    OutlineEntry,
    Position,
    Preparation,
    TextFace,
    Theme,
    User,
)
from .access import person, visible

# What the page draws at once, and what it asks for: static/js/text/drawing.js has the same bounds.
CHUNK = 50
CHUNKS_AROUND = (1, 3)  # before where the person is, and after
BLOCKS_AT_ONCE = 500
FACTS_AT_ONCE = 1_000
LEAST_OUTLINE = 3
LOOK = [
    {"name": "text_size", "attribute": "size", "label": "Size", "steps": TEXT_SIZES},
    {"name": "line_height", "attribute": "line", "label": "Lines apart", "steps": LINE_HEIGHTS},
    {"name": "measure", "attribute": "measure", "label": "Length of lines", "steps": MEASURES},
    {
        "name": "letter_spacing",
        "attribute": "spacing",
        "label": "Letters apart",
        "steps": LETTER_SPACINGS,
    },
]


@require_safe
@never_cache
def document(request: HttpRequest, uuid: uuid.UUID) -> HttpResponse:
    user = person(request)
    document = get_object_or_404(Document.objects.visible_to(user), uuid=uuid)
    page = _page_settings(user, document)
    begin = document.blocks.first()
    context = {
        "document": document,
        "chunks": _chunks_around(document, page["position"]["block_idx"]),
        "begins_with_title": bool(begin and _is_title(begin)),
        "outline": _outline(document),
        "folded": services.folded_chapters(user=user, document=document),
        "page": page,
        "voices": _voices(user),
        "tools": "reader/_tools.html",
        "themes": Theme.choices,
        "faces": TextFace.choices,
        "steps": LOOK,
    }
    return render(request, "reader/document.html", context)


def _chunks_around(document: Document, idx: int) -> list[tuple[int, list[Block]]]:
    """Return what is drawn of a document at first: each chunk's first index and its blocks."""
    before, after = CHUNKS_AROUND
    first = max(0, idx // CHUNK - before) * CHUNK
    end = (idx // CHUNK + after) * CHUNK
    blocks = list(document.blocks.filter(idx__gte=first, idx__lt=end))
    for block in blocks:
        block.document = document  # its addresses are the document's
    return [(block.idx, blocks[n : n + CHUNK]) for n, block in enumerate(blocks) if n % CHUNK == 0]


def _is_title(block: Block) -> bool:
    """Whether a document begins with its title, so that it need not be shown once more."""
    is_heading = block.kind == Block.Kind.HEADING
    return is_heading and shown_text(block.html) == block.document.title


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
    voice = services.voice_of(user, document)
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
        "index_url": reverse("block_index", args=[document.uuid]),
        "lengths": list(document.blocks.values_list(Length("text"), flat=True)),
        "annotations_url": reverse("annotations", args=[document.uuid]),
        "preferences_url": reverse("preferences"),
        "look_url": reverse("look"),
        "favourite_url": reverse("voice_favourite", args=["MODEL", "VOICE"]),
        "sound_types": _sound_types(),
        "preview_url": reverse("voice_preview", args=["MODEL", "VOICE"]),
        "author": document.author or document.site,
        "artwork": _artwork(document),
        "look_ahead_seconds": settings.LOOK_AHEAD_SECONDS,
        "paces": _paces(),
        "prepare_url": reverse("preparation_start", args=[document.uuid]),
        "preparation": _preparation(document),
        "user": {
            "id": user.pk,
            "kept_sounds_mb": user.kept_sounds_mb,
            "speed": services.speed_of(user, document),
            "auto_play": user.auto_play,
            "pause_ms": user.pause_ms,
            "sentence_pause_ms": user.sentence_pause_ms,
            "heading_pause_ms": user.heading_pause_ms,
            "rewind_ms": user.rewind_ms,
            "volume": user.volume,
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


def _voices(user: User) -> list[dict[str, Any]]:
    favourites = set(user.favourites.values_list("pk", flat=True))
    return [
        {
            "model_slug": voice.speech_model.model_slug,
            "model_name": voice.speech_model.name,
            "voice_slug": voice.voice_slug,
            "name": voice.name,
            "language": voice.language,
            "language_name": language_name(voice.language),
            "featured": voice.featured,
            "favourite": voice.pk in favourites,
        }
        for voice in Voice.objects.usable()
    ]


@login_not_required
@require_safe
@never_cache
def blocks(request: HttpRequest, uuid: uuid.UUID) -> HttpResponse:
    """Answer with the markup of some blocks, those from an index on."""
    document = get_object_or_404(visible(request), uuid=uuid)
    start = _number(request, "from", 0)
    count = min(_number(request, "count", BLOCKS_AT_ONCE), BLOCKS_AT_ONCE)
    found = list(document.blocks.filter(idx__gte=start)[:count])
    for block in found:
        block.document = document
    response = render(request, "reader/_blocks.html", {"document": document, "blocks": found})
    response.headers["Document-Status"] = document.status
    response.headers["Document-Title"] = quote(document.title)
    response.headers["Document-Language"] = quote(document.language)
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


@login_not_required
@require_safe
@never_cache
@gzip_page
def block_index(request: HttpRequest, uuid: uuid.UUID) -> HttpResponse:
    """Answer with what the page knows of blocks that it does not draw, from an index on.

    Each is [length of what is spoken, kind, language, text shown, map from spoken to shown].
    """
    document = get_object_or_404(visible(request), uuid=uuid)
    found = document.blocks.filter(idx__gte=_number(request, "from", 0))[:FACTS_AT_ONCE]
    return JsonResponse(
        {
            "blocks": [
                [
                    block.characters,
                    block.kind,
                    block.language,
                    shown_text(block.html),
                    block.spans,
                ]
                for block in found
            ]
        }
    )


def _number(request: HttpRequest, name: str, usual: int) -> int:
    value = request.GET.get(name, "")
    return int(value) if value.isascii() and value.isdigit() and len(value) < 10 else usual
