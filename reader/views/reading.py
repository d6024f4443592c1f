"""The reading page."""

from __future__ import annotations

import uuid
from dataclasses import asdict
from typing import Any

import redis
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.templatetags.static import static
from django.urls import get_script_prefix, reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from tts.demand import pace
from tts.models import SpeechModel, Voice

from ..extraction.sanitise import shown_text
from ..models import (
    LETTER_SPACINGS,
    LINE_HEIGHTS,
    MEASURES,
    TEXT_SIZES,
    Block,
    Document,
    DocumentPreferences,
    OutlineEntry,
    Position,
    Preparation,
    TextFace,
    Theme,
)
from ..services.preferences import preferences_of, speed_of, voice_of, voice_to_offer
from .access import person
from .voices import sound_types, voices_of, voices_to_get

# What the page draws at once; static/js/text/drawing.js keeps to the same bounds.
CHUNK = 50
CHUNKS_AROUND = (1, 3)  # before where the person is, and after
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
    chosen = preferences_of(user, document)
    voice = voice_of(chosen)
    page = _page_settings(chosen, voice)
    begin = document.blocks.first()
    voices = voices_of(user, document.language, place=str(document.uuid))
    context = {
        "document": document,
        "chunks": _chunks_around(document, page["position"]["block_idx"]),
        "begins_with_title": bool(begin and _is_title(begin)),
        "outline": _outline(document),
        "folded": chosen.folded,
        "page": page,
        "voices": voices,
        "voices_to_get": voices_to_get(user, document.language, voices),
        "offer": _offer(chosen, voice),
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


def _page_settings(chosen: DocumentPreferences, voice: Voice | None) -> dict[str, Any]:
    user, document = chosen.user, chosen.document
    position = Position.objects.filter(user=user, document=document).first()
    return {
        "document_id": str(document.uuid),
        "revision": document.revision,
        "block_count": document.block_count,
        "status": document.status,
        "error": document.error,
        "part_unit": document.part_unit,
        "socket_path": f"{get_script_prefix()}ws/documents/{document.uuid}/",
        "queue_ready_url": reverse("queue_ready", args=[document.uuid]),
        "queue_next_url": reverse("queue_next", args=[document.uuid]),
        "events_url": reverse("event_stream"),
        "line_url": static("js/shared_line.js"),
        "stage_url": static("js/stage.js"),
        "blocks_url": reverse("blocks", args=[document.uuid]),
        "index_url": reverse("block_index", args=[document.uuid]),
        "lengths": list(document.blocks.values_list("characters", flat=True)),
        "annotations_url": reverse("annotations", args=[document.uuid]),
        "preferences_url": reverse("preferences"),
        "look_url": reverse("look"),
        "favourite_url": reverse("voice_favourite", args=["MODEL", "VOICE"]),
        "sound_types": sound_types(),
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
            "speed": speed_of(chosen),
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


def _offer(chosen: DocumentPreferences, heard: Voice | None) -> dict[str, str] | None:
    voice = voice_to_offer(chosen, heard)
    if voice is None:
        return None
    return {
        "model_slug": voice.speech_model.model_slug,
        "voice_slug": voice.voice_slug,
        "name": voice.name,
        "url": reverse("voice_offered"),
    }


def _artwork(document: Document) -> list[dict[str, str]]:
    """Return what lock screens show: the cover if there is one, else our own mark."""
    if document.cover:
        return [{"src": reverse("picture", args=[document.uuid, document.cover])}]
    # Not the SVG: few systems show one here, and browsers draw it anew at each block's beginning.
    return [{"src": static("icons/logo.png"), "sizes": "256x256", "type": "image/png"}]


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
