"""What is spoken of a document."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from ..forms.speech import CorrectionForm, SayForm, SpeechForm
from ..models import Block, Document
from ..services import speech
from .access import person


@require_http_methods(["GET", "HEAD", "POST"])
def document_speech(request: HttpRequest, uuid: uuid.UUID) -> HttpResponse:
    """Choose what is read of a document."""
    document = get_object_or_404(Document.objects.visible_to(person(request)), uuid=uuid)
    form = SpeechForm(request.POST or None, instance=document)
    if form.is_valid():
        speech.change(Document.objects.filter(pk=document.pk), form.save)
        messages.success(request, "Kept. What is read changes in a moment.")
        return redirect(document)
    context = {"form": form, "document": document}
    return render(request, "reader/document_speech.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def block_speech(request: HttpRequest, uuid: uuid.UUID, idx: int) -> HttpResponse:
    """Tell what is spoken of a block and why not all of it, and let it be corrected."""
    document = get_object_or_404(Document.objects.visible_to(person(request)), uuid=uuid)
    block = get_object_or_404(document.blocks, idx=idx)
    form = CorrectionForm(request.POST or None, instance=block)
    if form.is_valid():
        same = Block.objects.filter(pk=block.pk)
        speech.change(
            Document.objects.filter(pk=document.pk),
            lambda: same.update(correction=form.cleaned_data["correction"]),
        )
        messages.success(request, "Kept. What is read changes in a moment.")
        return redirect(f"{document.get_absolute_url()}#block-{idx}")
    context = {
        "form": form,
        "document": document,
        "block": block,
        "left_out": speech.left_out(block),
    }
    return render(request, "reader/block_speech.html", context)


@require_POST
def say_word(request: HttpRequest, uuid: uuid.UUID, idx: int) -> JsonResponse:
    """Keep how a word is said that was heard in a block. The words of its owner hold for it."""
    user = person(request)
    document = get_object_or_404(Document.objects.visible_to(user), uuid=uuid, owner=user)
    form = SayForm(request.POST, block=get_object_or_404(document.blocks, idx=idx))
    if not form.is_valid():
        return JsonResponse({"errors": form.errors}, status=400)
    is_changed = speech.say_word(form.save(commit=False), heard_in=form.block)
    document.refresh_from_db(fields=["revision"])
    return JsonResponse({"changed": is_changed, "revision": document.revision})
