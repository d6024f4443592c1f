"""Collections, tags, saved filters, the trash, and what is done to many documents at once."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from ..forms.shelving import FilterForm, NameForm, SeveralForm
from ..models import Collection, SavedFilter
from ..services import feeds, queueing, shelving
from ..services.shelf import Shelf
from . import library
from .access import person

TRASH_SHOWN = 200


@require_POST
def several(request: HttpRequest) -> HttpResponse:
    """Do something to each of the documents that were selected."""
    form = SeveralForm(request.POST)
    if not form.is_valid():
        messages.error(request, str(next(iter(form.errors.values()))[0]))
        return library.to_library(request)
    user, act = person(request), form.cleaned_data["act"]
    documents = shelving.chosen(user, form.cleaned_data["uuid"])
    count = documents.count()
    told = f"{count} document{'' if count == 1 else 's'}"
    try:
        if act == "put":
            name = form.cleaned_data["name"]
            collection = shelving.collection_named(owner=user, name=name)
            shelving.put_into(collection=collection, documents=documents.order_by("created_at"))
            messages.success(request, f"{told} put into “{collection}”.")
        elif act == "take":
            found = Collection.objects.filter(owner=user, uuid=form.cleaned_data["collection"])
            collection = get_object_or_404(found)
            shelving.take_out(collection=collection, documents=documents)
            messages.success(request, f"{told} taken out of “{collection}”.")
        elif act in ("next", "last"):
            put = queueing.play_next if act == "next" else queueing.play_last
            put(user=user, documents=documents.order_by("created_at"))
            messages.success(request, f"{told} put into the queue.")
        else:
            service, words = shelving.ACTIONS[act]
            service(user=user, documents=documents)
            messages.success(request, f"{told} {words}.")
    except shelving.TooMany as error:
        messages.error(request, str(error))
    return library.to_library(request)


@require_POST
def collection_rename(request: HttpRequest, uuid: uuid.UUID) -> HttpResponse:
    collection = get_object_or_404(Collection, owner=person(request), uuid=uuid)
    form = NameForm(request.POST)
    if not form.is_valid() or not shelving.rename_collection(
        collection=collection, name=form.cleaned_data["name"]
    ):
        messages.error(request, "It needs a name that none of your others has.")
    return redirect(f"{reverse('library')}?in={uuid}")


@require_POST
def collection_delete(request: HttpRequest, uuid: uuid.UUID) -> HttpResponse:
    """Delete a collection; its documents stay."""
    collection = get_object_or_404(Collection, owner=person(request), uuid=uuid)
    collection.delete()
    messages.success(request, f"“{collection}” was deleted. Its documents are in your library.")
    return redirect("library")


@require_POST
def collection_feed(request: HttpRequest, uuid: uuid.UUID) -> HttpResponse:
    """Give a collection a podcast, with ``withdraw`` none; with ``fill`` make what it lacks."""
    user = person(request)
    collection = get_object_or_404(Collection, owner=user, uuid=uuid)
    if "withdraw" in request.POST:
        feeds.close_feed(person=user, collection=collection)
        messages.success(request, "The podcast is withdrawn: nothing is heard under its address.")
        return redirect(f"{reverse('library')}?in={uuid}")
    feed = feeds.feed_of(user, collection) if "fill" in request.POST else None
    feed = feed or feeds.open_feed(person=user, collection=collection)
    count, refused = feeds.fill_feed(feed)
    told = f" {count} file{'' if count == 1 else 's'} are being made for it." if count else ""
    messages.success(request, f"“{collection}” is a podcast.{told} {refused}".strip())
    return redirect(f"{reverse('library')}?in={uuid}")


@require_POST
def filter_save(request: HttpRequest) -> HttpResponse:
    """Keep the choice that the library shows under a name."""
    form = FilterForm(request.POST)
    if not form.is_valid():
        messages.error(request, "A saved filter needs a name.")
        return library.to_library(request)
    shelf = Shelf.of(form.chosen)
    try:
        shelving.save_filter(
            owner=person(request), name=form.cleaned_data["name"], parameters=shelf.parameters
        )
    except shelving.TooMany as error:
        messages.error(request, str(error))
    return library.to_library(request)


@require_POST
def filter_delete(request: HttpRequest, pk: int) -> HttpResponse:
    get_object_or_404(SavedFilter, owner=person(request), pk=pk).delete()
    return library.to_library(request)


@require_safe
def trash(request: HttpRequest) -> HttpResponse:
    found = shelving.in_trash(person(request))
    context = {
        "documents": found[:TRASH_SHOWN],
        "count": found.count(),
        "trash_days": settings.TRASH_DAYS,
    }
    return render(request, "reader/trash.html", context)


@require_POST
def trash_empty(request: HttpRequest) -> HttpResponse:
    """Delete for good what is in the trash: all of it, or one document."""
    documents = shelving.in_trash(person(request))
    if name := request.POST.get("uuid"):
        form = SeveralForm({"uuid": [name], "act": "delete"})
        documents = documents.filter(uuid__in=form.cleaned_data["uuid"] if form.is_valid() else [])
    count = shelving.empty_trash(documents=documents)
    told = f"{count} document{' is' if count == 1 else 's are'} gone for good."
    messages.success(request, told)
    return redirect("trash")
