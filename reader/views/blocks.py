"""The blocks of a document, as the reading page fetches them, and their pictures."""

from __future__ import annotations

import uuid
from urllib.parse import quote

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from ..extraction.sanitise import shown_text
from .access import visible

BLOCKS_AT_ONCE = 500
FACTS_AT_ONCE = 1_000


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


def _number(request: HttpRequest, name: str, usual: int) -> int:
    value = request.GET.get(name, "")
    return int(value) if value.isascii() and value.isdigit() and len(value) < 10 else usual
