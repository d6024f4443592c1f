"""Having a whole document made ahead of its time."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST

from ..forms.reading import PreparationForm
from ..models import Document
from ..services import preparations
from .access import person, visible


@require_POST
def start(request: HttpRequest, uuid: uuid.UUID) -> HttpResponse:
    """Have the whole document made in a voice, ahead of its time."""
    document = get_object_or_404(visible(request), uuid=uuid, status=Document.Status.READY)
    form = PreparationForm(request.POST, place=str(document.uuid))
    if not form.is_valid():
        return JsonResponse({"errors": form.errors}, status=400)
    preparations.start_preparation(
        document=document,
        user=person(request),
        voice=form.cleaned_data["voice"],
        sound=form.cleaned_data["sound"],
    )
    return HttpResponse(status=204)


@require_POST
def stop(request: HttpRequest, uuid: uuid.UUID) -> HttpResponse:
    """End a preparation; what was made stays."""
    preparations.stop_preparation(document=get_object_or_404(visible(request), uuid=uuid))
    return HttpResponse(status=204)
