"""The library: what a person has brought in, and bringing in more."""

from __future__ import annotations

import uuid
from datetime import timedelta
from urllib.parse import parse_qsl

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from tts import clock

from ..extraction import EXTENSIONS
from ..finding.passages import Query
from ..forms.documents import DocumentForm, RenameForm
from ..models import Collection, Document, SavedFilter, User
from ..services import documents, finding, queueing
from ..services.feeds import feed_of
from ..services.finding import Passage
from ..services.shelf import Shelf, with_figures
from ..services.shelving import in_trash
from .access import person, takes_uploads
from .exports import feed_address_of

DOCUMENTS_PER_PAGE = 40
# So many are seen at a glance: to search and to sort them helps nobody.
FEW_DOCUMENTS = 5
MOST_DISCARDED = 20
JUST_NOW_MINUTES = 15


@require_safe
def library(request: HttpRequest) -> HttpResponse:
    user = person(request)
    shelf = Shelf.of(request.GET.dict(), user)
    page = Paginator(shelf.documents_of(user), DOCUMENTS_PER_PAGE).get_page(request.GET.get("page"))
    passages = _passages(user, shelf, page.number)
    trash = list(in_trash(user)[:MOST_DISCARDED])
    feed = feed_of(user, shelf.collection) if shelf.collection else None
    context = {
        "feed": feed,
        "feed_address": feed_address_of(request, feed),
        "documents": with_figures(page.object_list, user),  # type: ignore[arg-type]  # a QuerySet
        "page_obj": page,
        "shelf": shelf,
        "is_blank": not page.paginator.count and not shelf.is_filtered,
        "is_siftable": page.paginator.count > FEW_DOCUMENTS or bool(shelf.parameters),
        "discarded": _just_deleted(trash),
        "collections": Collection.objects.filter(owner=user),
        "filters": SavedFilter.objects.filter(owner=user),
        "has_archive": Document.objects.visible_to(user).exclude(archived_at=None).exists(),
        "queued": queueing.queue_of(user).count(),
        "has_trash": bool(trash),
        "found_count": page.paginator.count + sum(map(len, passages.values())),
        **passages,
    }
    return render(request, "reader/library.html", context)


def _passages(user: User, shelf: Shelf, page_number: int) -> dict[str, list[Passage]]:
    """Return where the words that are looked for stand, in texts and notes."""
    query = Query.of(shelf.query)
    if not query or page_number > 1:
        return {}
    return {"passages": finding.passages_of(user, query), "notes": finding.notes_of(user, query)}


def _just_deleted(trash: list[Document]) -> list[Document]:
    """Return what of the trash was deleted just now: it is offered where it was."""
    just_now = clock.now() - timedelta(minutes=JUST_NOW_MINUTES)
    return [each for each in trash if each.deleted_at and each.deleted_at > just_now]


@takes_uploads
@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("Accept")
def document_new(request: HttpRequest) -> HttpResponse:
    form = DocumentForm(
        request.POST or None,
        request.FILES or None,
        owner=person(request),
        initial={name: request.GET.get(name, "") for name in ("url", "text", "title")},
    )
    is_script = request.get_preferred_type(["text/html", "application/json"]) == "application/json"
    if request.method == "POST" and form.is_valid():
        document = documents.add_document(
            owner=person(request),
            title=form.cleaned_data["title"],
            text=form.cleaned_data["text"],
            upload=form.cleaned_data["file"],
            kind=form.kind,
            address=form.cleaned_data["url"],
        )
        return JsonResponse(_told(document), status=201) if is_script else redirect(document)
    if request.method == "POST" and is_script:
        known = _told(form.known) if form.known else None
        return JsonResponse({"errors": form.errors, "known": known}, status=422)
    status = 422 if request.method == "POST" else 200
    context = {"form": form, "extensions": ",".join(EXTENSIONS)}
    return render(request, "reader/document_new.html", context, status=status)


def _told(document: Document) -> dict[str, str]:
    title = document.title or document.source_name or document.address
    return {"url": document.get_absolute_url(), "title": title}


@require_http_methods(["GET", "HEAD", "POST"])
def document_rename(request: HttpRequest, uuid: uuid.UUID) -> HttpResponse:
    """Give a document another title and author."""
    document = get_object_or_404(Document.objects.visible_to(person(request)), uuid=uuid)
    names = {"title": document.title, "author": document.author}
    form = RenameForm(request.POST or None, initial=names)
    if form.is_valid():
        documents.rename_document(document=document, **form.cleaned_data)
        return to_library(request)
    context = {"form": form, "document": document, "query": request.POST.get("query", "")}
    status = 422 if request.method == "POST" else 200
    return render(request, "reader/document_rename.html", context, status=status)


@require_POST
def document_delete(request: HttpRequest, uuid: uuid.UUID) -> HttpResponse:
    """Delete a document; for some minutes that can be taken back. Twice does no harm."""
    document = get_object_or_404(Document, owner=person(request), uuid=uuid)
    documents.discard_document(document=document)
    # The tag makes the message one with a button that takes it back.
    messages.success(request, f"“{document.name}” was deleted.", extra_tags=f"undo {uuid}")
    return to_library(request)


@require_POST
def document_restore(request: HttpRequest, uuid: uuid.UUID) -> HttpResponse:
    """Take a deletion back. Too late is told in the same words as not one's own."""
    document = Document.objects.filter(owner=person(request), uuid=uuid).first()
    if document is None or not documents.restore_document(document=document):
        context = {"trash_days": settings.TRASH_DAYS}
        return render(request, "reader/document_gone.html", context, status=404)
    messages.success(request, f"“{document.name}” is back.")
    return to_library(request)


def to_library(request: HttpRequest) -> HttpResponse:
    """Go back to the library, sorted and filtered as it was."""
    chosen = dict(parse_qsl(request.POST.get("query", "")[:2000]))
    parameters = Shelf.of(chosen).parameters
    if chosen.get("page", "").isdigit():
        parameters += f"{'&' if parameters else ''}page={chosen['page']}"
    return redirect(f"{reverse('library')}?{parameters}" if parameters else "library")


@require_POST
def import_stop(request: HttpRequest, uuid: uuid.UUID) -> HttpResponse:
    """End an import; what has come can be read."""
    document = get_object_or_404(Document.objects.visible_to(person(request)), uuid=uuid)
    documents.stop_import(document=document)
    return redirect(document)


@require_POST
def document_read_again(request: HttpRequest, uuid: uuid.UUID) -> HttpResponse:
    """Have a document read again, by today's rules."""
    found = Document.objects.visible_to(person(request)).filter(uuid=uuid)
    document = get_object_or_404(found)
    documents.read_again(documents=found)
    return redirect(document)


@require_POST
def read_all_again(request: HttpRequest) -> HttpResponse:
    """Have all documents that an older importer brought in read again."""
    count = documents.read_again(documents=Document.objects.visible_to(person(request)))
    messages.success(request, f"{count} of your documents are being read again.")
    return redirect("preferences_page")
