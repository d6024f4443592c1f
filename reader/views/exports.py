"""Files to take along: asking for one, following it, fetching it."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from tts.delivery.responses import SoundGone, file_response, open_stored
from tts.keys import UnreadableKey

from ..exporting.writers import KINDS
from ..forms.exports import ExportForm
from ..models import Document, Export, Feed, OutlineEntry
from ..services import exports, feeds
from ..services.annotating import NOT_IN_FILE_NAMES
from ..services.preferences import preferences_of, voice_of
from .access import person, visible
from .voices import voices_of

EXPORTS_PER_PAGE = 40
LONGEST_NAME = 80


@require_safe
@never_cache
def of_document(request: HttpRequest, uuid: uuid.UUID) -> HttpResponse:
    """Show what can be made of a document and what was; only that part for a page that asks."""
    document = get_object_or_404(visible(request), uuid=uuid)
    is_part = "part" in request.GET
    template = "reader/_along.html" if is_part else "reader/along.html"
    return render(request, template, _context(request, document))


@require_POST
def begin(request: HttpRequest, uuid: uuid.UUID) -> HttpResponse:
    """Have a file made, or the document added to the person's podcast."""
    document = get_object_or_404(visible(request), uuid=uuid)
    form = ExportForm(request.POST, document=document)
    error = ""
    if form.is_valid():
        voice = form.cleaned_data["voice"] or voice_of(preferences_of(person(request), document))
        try:
            if "feed" in request.POST and voice:
                feeds.add_to_feed(document=document, person=person(request), voice=voice)
            else:
                exports.begin_export(
                    document=document,
                    person=person(request),
                    kind=form.cleaned_data["kind"],
                    voice=voice,
                    chapters=form.chapters,
                )
        except exports.ExportRefused as refused:
            error = str(refused)
    else:
        error = " ".join(str(each) for errors in form.errors.values() for each in errors)
    if "part" in request.GET:
        return render(
            request, "reader/_along.html", {**_context(request, document), "error": error}
        )
    if error:
        messages.error(request, error)
    return redirect("exports_of_document", document.uuid)


@require_safe
@never_cache
def estimate(request: HttpRequest, uuid: uuid.UUID) -> HttpResponse:
    """Tell beforehand how large a file will be, how long it takes and what it costs."""
    document = get_object_or_404(visible(request), uuid=uuid)
    form = ExportForm(request.GET, document=document)
    if not form.is_valid():
        return HttpResponse(status=204)
    voice = form.cleaned_data["voice"] or voice_of(preferences_of(person(request), document))
    expected = exports.estimate(
        document=document,
        person=person(request),
        kind=form.cleaned_data["kind"],
        voice=voice,
        chapters=form.chapters,
    )
    return render(request, "reader/_along_estimate.html", {"expected": expected})


@require_safe
@never_cache
def mine(request: HttpRequest) -> HttpResponse:
    """Show all that a person has made, and the address of their podcast."""
    own = Export.objects.visible_to(person(request)).select_related("document", "owner")
    page = Paginator(own, EXPORTS_PER_PAGE).get_page(request.GET.get("page"))
    feed = feeds.feed_of(person(request))
    context = {
        "exports": _shown(page.object_list),
        "page_obj": page,
        "feed": feed,
        "feed_address": feed_address_of(request, feed),
        "shows_documents": True,
    }
    return render(request, "reader/exports.html", context)


@require_safe
def file(request: HttpRequest, uuid: uuid.UUID) -> HttpResponseBase:
    """Answer with a finished file, or a part of it."""
    export = _own(request, uuid)
    name = _file_name(export)
    disposition = content_disposition_header("play" not in request.GET, name) or "attachment"
    return file_of(request, export, {"Content-Disposition": disposition})


def file_of(request: HttpRequest, export: Export, more: dict[str, str]) -> HttpResponseBase:
    """Answer with the file of an export; 404 when there is none."""
    if export.status != Export.Status.DONE:
        raise Http404
    try:
        stored = open_stored(str(export.file.name), export.bytes)
    except SoundGone:
        raise Http404 from None
    headers = {
        "Content-Type": KINDS[export.kind].content_type,
        "Cache-Control": "private, no-cache",
        **more,
    }
    etag = f'"{export.uuid.hex}"'
    return file_response(request, stored, size=export.bytes, etag=etag, headers=headers)


@require_POST
def stop(request: HttpRequest, uuid: uuid.UUID) -> HttpResponse:
    export = _own(request, uuid)
    exports.stop_export(export=export)
    return _back(request, export)


@require_POST
def delete(request: HttpRequest, uuid: uuid.UUID) -> HttpResponse:
    export = _own(request, uuid)
    exports.delete_export(export=export)
    return _back(request, export)


@require_POST
def feed_entry(request: HttpRequest, uuid: uuid.UUID) -> HttpResponse:
    """Take an export out of the podcast."""
    export = _own(request, uuid)
    feeds.take_out_of_feed(export=export)
    return _back(request, export)


@require_POST
def feed_address(request: HttpRequest) -> HttpResponse:
    """Give the podcast a new address, or with ``withdraw`` none."""
    if "withdraw" in request.POST:
        feeds.close_feed(person=person(request))
        messages.success(request, "The address is withdrawn: nobody hears anything under it.")
    else:
        feeds.open_feed(person=person(request))
        messages.success(request, "Your podcast has a new address. An older one ends with it.")
    return redirect("exports")


def _context(request: HttpRequest, document: Document) -> dict[str, Any]:
    user = person(request)
    own = Export.objects.visible_to(user).filter(document=document).select_related("owner")
    heard = voice_of(preferences_of(user, document))
    chosen = request.POST.get("voice") or (
        f"{heard.speech_model.model_slug}/{heard.voice_slug}" if heard else ""
    )
    voices = [
        {**each, "slug": f"{each['model_slug']}/{each['voice_slug']}"}
        for each in voices_of(user, document.language, place=str(document.uuid))
    ]
    outline: list[OutlineEntry] = list(document.outline.all())
    least = min((entry.level for entry in outline), default=1)
    return {
        "document": document,
        "kinds": KINDS.values(),
        "kind": request.POST.get("kind", "m4b"),
        "voices": sorted(voices, key=lambda each: (not each["speaks"], each["rank"])),
        "voice": chosen,
        "outline": [entry for entry in outline if entry.level == least] if len(outline) > 1 else [],
        "exports": _shown(own),
    }


def _shown(found: Any) -> list[Any]:
    """Return exports with what a page says of them."""
    shown: list[Any] = list(found)
    outdated = exports.out_of_date(shown)
    for export in shown:
        export.kind_name = KINDS[export.kind].name if export.kind in KINDS else export.kind
        export.percent = int(100 * export.progress)
        export.minutes_left = -(-(export.seconds_left or 0) // 60)
        export.outdated = outdated[export.pk]
        export.plays = KINDS[export.kind].content_type.startswith("audio/")
    return shown


def feed_address_of(request: HttpRequest, feed: Feed | None) -> str:
    """Return the address of a podcast; "" if it has none, or one that cannot be read any more."""
    if feed is None:
        return ""
    try:
        secret = feeds.secret_of(feed)
    except UnreadableKey:
        return ""
    return request.build_absolute_uri(reverse("feed", args=[secret]))


def _own(request: HttpRequest, pk: uuid.UUID) -> Export:
    if not request.user.is_authenticated:
        raise Http404
    own = Export.objects.visible_to(person(request)).select_related("document", "owner")
    return get_object_or_404(own, uuid=pk)


def _back(request: HttpRequest, export: Export) -> HttpResponse:
    if "part" in request.GET:
        return render(request, "reader/_along.html", _context(request, export.document))
    if request.POST.get("to") == "exports":
        return redirect("exports")
    return redirect("exports_of_document", export.document.uuid)


def _file_name(export: Export) -> str:
    title = " ".join(NOT_IN_FILE_NAMES.sub(" ", export.document.name).split())
    stem = title[:LONGEST_NAME].strip(" .") or "document"
    return f"{stem}.{KINDS[export.kind].extension}"
