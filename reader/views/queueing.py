"""The queue: its page, its order, and what comes next."""

from __future__ import annotations

import json
import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from ..forms.shelving import OrderForm
from ..models import Collection, Document, User
from ..services import queueing
from ..services.shelf import with_figures
from .access import person

MOST_SOUND = 10


@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    user = person(request)
    order = [item.document.pk for item in queueing.queue_of(user)]
    found = {each.pk: each for each in with_figures(Document.objects.filter(pk__in=order), user)}
    documents = [found[pk] for pk in order]
    context = {
        "documents": documents,
        "minutes": sum(each.minutes for each in documents),
        "archive_finished": user.archive_finished,
    }
    return render(request, "reader/queue.html", context)


@require_POST
def queue_order(request: HttpRequest) -> HttpResponse:
    """Put the queue into another order: all of it, or one document up or down."""
    user = person(request)
    form = OrderForm(request.POST)
    if not form.is_valid():
        return HttpResponse(status=422)
    order = form.cleaned_data["uuid"]
    if move := form.cleaned_data["move"]:
        (moved,) = order[:1]
        order = [item.document.uuid for item in queueing.queue_of(user)]
        if moved in order:
            at = order.index(moved)
            to = max(0, min(len(order) - 1, at + move))
            order.insert(to, order.pop(at))
    queueing.set_order(user=user, uuids=order)
    return redirect("queue")


@require_POST
def queue_remove(request: HttpRequest, uuid: uuid.UUID) -> HttpResponse:
    document = get_object_or_404(Document.objects.visible_to(person(request)), uuid=uuid)
    queueing.remove(user=person(request), documents=[document])
    return redirect("queue")


@require_POST
def queue_clear(request: HttpRequest) -> HttpResponse:
    queueing.play_all(user=person(request), documents=[])
    return redirect("queue")


@require_POST
def queue_finished(request: HttpRequest) -> HttpResponse:
    """Choose whether what was heard to its end in the queue is archived."""
    chosen = request.POST.get("archive") == "on"
    User.objects.filter(pk=person(request).pk).update(archive_finished=chosen)
    return redirect("queue")


@require_POST
def queue_play(request: HttpRequest) -> HttpResponse:
    """Play the queue, or a collection as the queue."""
    user = person(request)
    if name := request.POST.get("collection"):
        form = OrderForm({"uuid": [name]})
        wanted = form.cleaned_data["uuid"] if form.is_valid() else []
        collection = get_object_or_404(Collection, owner=user, uuid__in=wanted)
        queueing.play_all(user=user, documents=queueing.documents_of(collection))
    first = queueing.next_of(user, None)
    if first is None:
        messages.error(request, "There is nothing in the queue to play.")
        return redirect("queue")
    return redirect(queueing.address_of(user, first))


@require_POST
def queue_ready(request: HttpRequest, uuid: uuid.UUID) -> HttpResponse:
    """Tell what comes after a document, and have its first blocks made."""
    user = person(request)
    document = get_object_or_404(Document.objects.visible_to(user), uuid=uuid)
    following = queueing.next_of(user, document)
    if following is None:
        return JsonResponse({"next": None})
    queueing.make_ready(
        user=user, document=following, sound=_sent(request).get("sound", "")[:MOST_SOUND]
    )
    address = queueing.address_of(user, following)
    return JsonResponse({"next": {"title": following.name, "address": address}})


@require_POST
def queue_next(request: HttpRequest, uuid: uuid.UUID) -> HttpResponse:
    """A document was heard to its end: tell where the next one is played."""
    user = person(request)
    document = get_object_or_404(Document.objects.visible_to(user), uuid=uuid)
    following = queueing.go_on(user=user, document=document)
    address = queueing.address_of(user, following) if following else None
    return JsonResponse({"address": address})


def _sent(request: HttpRequest) -> dict[str, str]:
    try:
        content = json.loads(request.body or b"{}")
    except ValueError:
        return {}
    if not isinstance(content, dict):
        return {}
    return {name: value for name, value in content.items() if isinstance(value, str)}
