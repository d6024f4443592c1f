"""The library: what a person has brought in, and bringing in more."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import OuterRef, Subquery, Sum
from django.db.models.functions import Length
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from .. import services
from ..extraction import EXTENSIONS
from ..forms import (
    DocumentForm,
)
from ..models import (
    Block,
    Document,
    Position,
)
from .access import person

DOCUMENTS_PER_PAGE = 40
CHARACTERS_PER_MINUTE = 14 * 60


@require_safe
def library(request: HttpRequest) -> HttpResponse:
    user = person(request)
    position = Position.objects.filter(user=user, document=OuterRef("pk")).values("block_idx")
    characters = (
        Block.objects.filter(document=OuterRef("pk"))
        .order_by()
        .values("document")
        .annotate(sum=Sum(Length("text")))
        .values("sum")
    )
    documents = Document.objects.visible_to(user).annotate(
        at_block=Subquery(position), characters=Subquery(characters)
    )
    page = Paginator(documents, DOCUMENTS_PER_PAGE).get_page(request.GET.get("page"))
    for document in page:
        _add_figures(document)
    return render(request, "reader/library.html", {"documents": page, "page_obj": page})


def _add_figures(document: Any) -> None:
    minutes = (document.characters or 0) / CHARACTERS_PER_MINUTE
    document.minutes = max(1, round(minutes))
    last = max(1, document.block_count - 1)
    document.percent = (
        None if document.at_block is None else min(100, round(100 * document.at_block / last))
    )


@require_http_methods(["GET", "HEAD", "POST"])
def document_new(request: HttpRequest) -> HttpResponse:
    form = DocumentForm(request.POST or None, request.FILES or None, owner=person(request))
    if request.method == "POST" and form.is_valid():
        document = services.add_document(
            owner=person(request),
            title=form.cleaned_data["title"],
            text=form.cleaned_data["text"],
            upload=form.cleaned_data["file"],
            kind=form.kind,
            address=form.cleaned_data["url"],
        )
        return redirect(document)
    status = 422 if request.method == "POST" else 200
    context = {"form": form, "extensions": ",".join(EXTENSIONS)}
    return render(request, "reader/document_new.html", context, status=status)


@require_POST
def document_delete(request: HttpRequest, uuid: uuid.UUID) -> HttpResponse:
    document = get_object_or_404(Document.objects.visible_to(person(request)), uuid=uuid)
    services.delete_document(document=document)
    messages.success(request, f"“{document}” was deleted.")
    return redirect("library")


@require_POST
def import_stop(request: HttpRequest, uuid: uuid.UUID) -> HttpResponse:
    """End an import; what has come can be read."""
    document = get_object_or_404(Document.objects.visible_to(person(request)), uuid=uuid)
    services.stop_import(document=document)
    return redirect(document)
