"""The chapters of a document that a person skips."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST

from ..forms.reading import FoldForm
from ..services import preferences
from .access import person, visible


@require_POST
def fold(request: HttpRequest, uuid: uuid.UUID) -> HttpResponse:
    """Keep which chapters are skipped: those that are named, and no others."""
    document = get_object_or_404(visible(request), uuid=uuid)
    form = FoldForm(request.POST, document=document)
    if not form.is_valid():
        return JsonResponse({"errors": form.errors}, status=400)
    preferences.fold_chapters(
        user=person(request), document=document, folded=form.cleaned_data["folded"]
    )
    return HttpResponse(status=204)
