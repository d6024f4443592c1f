"""Bookmarks, highlights and their notes."""

from __future__ import annotations

import uuid
from itertools import groupby

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.utils.http import content_disposition_header
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from ..forms.annotations import AnnotationForm, NoteForm
from ..models import Annotation, Document
from ..services import annotating
from .access import person, visible


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def marked(request: HttpRequest, uuid: uuid.UUID) -> HttpResponse:
    """List what this person marked in a document, or mark a passage."""
    document = get_object_or_404(visible(request), uuid=uuid)
    own = Annotation.objects.filter(document=document, user=person(request))
    if request.method != "POST":
        return JsonResponse({"annotations": [annotating.as_json(found) for found in own]})
    form = AnnotationForm(request.POST, document=document, count=own.count())
    if not form.is_valid():
        return JsonResponse({"errors": form.errors}, status=400)
    one, is_new = annotating.annotate(user=person(request), document=document, **form.cleaned_data)
    return JsonResponse(annotating.as_json(one), status=201 if is_new else 200)


@login_not_required
@require_http_methods(["POST", "DELETE"])
def annotation(request: HttpRequest, uuid: uuid.UUID, pk: int) -> HttpResponse:
    """Change the note, or delete it all."""
    document = get_object_or_404(visible(request), uuid=uuid)
    found = get_object_or_404(Annotation, pk=pk, document=document, user=person(request))
    if request.method == "DELETE":
        found.delete()
        return HttpResponse(status=204)
    form = NoteForm(request.POST, instance=found)
    if not form.is_valid():
        return JsonResponse({"errors": form.errors}, status=400)
    if not annotating.change_note(found, form.cleaned_data["note"]):
        raise Http404
    return JsonResponse(annotating.as_json(found))


@require_safe
@never_cache
def annotations_export(request: HttpRequest, uuid: uuid.UUID) -> HttpResponse:
    """Answer with what was marked in a document, as a Markdown file."""
    document = get_object_or_404(visible(request), uuid=uuid)
    own = Annotation.objects.filter(document=document, user=person(request))
    return _file(annotating.as_markdown(document, own), annotating.file_name(document))


@require_safe
@never_cache
def annotations_export_all(request: HttpRequest) -> HttpResponse:
    """Answer with what was marked in all documents, the latest document first."""
    own = (
        Annotation.objects.filter(user=person(request), document__in=visible(request))
        .select_related("document")
        .prefetch_related("document__outline")
        .order_by("-document__created_at", "-document_id", "block_idx", "start", "pk")
    )
    parts = [annotating.as_markdown(*of) for of in groupby(own, key=_document)]
    return _file("\n".join(parts) or "Nothing is marked yet.\n", "Lectern - notes.md")


def _document(annotation: Annotation) -> Document:
    return annotation.document


def _file(text: str, name: str) -> HttpResponse:
    headers = {"Content-Disposition": content_disposition_header(True, name) or "attachment"}
    return HttpResponse(text, content_type="text/markdown; charset=utf-8", headers=headers)
