"""A person: how they like to listen, their words, their use."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ..forms.people import (
    KeptSoundsForm,
    LexiconForm,
    PreferencesForm,
)
from ..forms.reading import ListeningForm, LookForm
from ..models import Document, LexiconEntry, User
from ..services import speech, use
from ..services.preferences import choose_speed, choose_voice, usual_voice_changed
from .access import person
from .voices import languages_of, place_of, sound_types, voices_of


@require_http_methods(["GET", "HEAD", "POST"])
def preferences_page(request: HttpRequest) -> HttpResponse:
    user = person(request)
    form = PreferencesForm(request.POST or None, instance=user)
    if form.is_valid():
        _save(form)
        if "voice" in form.changed_data:
            usual_voice_changed(user)
        messages.success(request, "Kept.")
        return redirect("preferences_page")
    context = {
        "form": form,
        "languages": languages_of(user),
        "voices": voices_of(user),
        "outdated": Document.objects.visible_to(user).outdated().count(),
        "page": {
            "favourite_url": reverse("voice_favourite", args=["MODEL", "VOICE"]),
            "preview_url": reverse("voice_preview", args=["MODEL", "VOICE"]),
            "sound_types": sound_types(),
        },
    }
    return render(request, "reader/preferences.html", context)


def _save(form: PreferencesForm | KeptSoundsForm) -> None:
    """Keep what the form is about, and nothing that another page changed meanwhile."""
    form.save(commit=False).save(update_fields=form.Meta.fields)


@require_POST
def preferences(request: HttpRequest) -> HttpResponse:
    """Keep what was chosen on the reading page; with a document's id, for that document."""
    user = person(request)
    form = ListeningForm(request.POST, place=place_of(user, request.POST.get("document", "")))
    if not form.is_valid():
        return JsonResponse({"errors": form.errors}, status=400)
    chosen = {
        name: form.cleaned_data[name]
        for name in ("voice", "speed", "volume", "auto_play")
        if form.cleaned_data.get(name) is not None
    }
    if uuid := form.cleaned_data["document"]:
        document = get_object_or_404(Document.objects.visible_to(user), uuid=uuid)
        if "voice" in chosen:
            choose_voice(user=user, document=document, voice=chosen.pop("voice"))
        if "speed" in chosen:
            choose_speed(user=user, document=document, speed=chosen.pop("speed"))
    if chosen:
        User.objects.filter(pk=user.pk).update(**chosen)
    return HttpResponse(status=204)


@require_http_methods(["GET", "HEAD", "POST"])
def lexicon(request: HttpRequest) -> HttpResponse:
    """A person's own pronunciations."""
    user = person(request)
    form = LexiconForm(request.POST or None, instance=LexiconEntry(user=user))
    if form.is_valid():
        speech.change_lexicon(user, form.save)
        messages.success(request, "Kept. Your documents follow in a moment.")
        return redirect("lexicon")
    return render(request, "reader/lexicon.html", {"form": form, "words": user.lexicon.all()})


@require_POST
def lexicon_delete(request: HttpRequest, pk: int) -> HttpResponse:
    user = person(request)
    speech.change_lexicon(user, get_object_or_404(LexiconEntry, pk=pk, user=user).delete)
    return redirect("lexicon")


@require_http_methods(["GET", "HEAD", "POST"])
def kept_sounds(request: HttpRequest) -> HttpResponse:
    """Show what this browser keeps of the sound, which only its own script can tell."""
    user = person(request)
    form = KeptSoundsForm(request.POST or None, instance=user)
    if form.is_valid():
        _save(form)
        messages.success(request, "Kept.")
        return redirect("kept_sounds")
    titles = Document.objects.visible_to(user).values_list("uuid", "title")
    page = {
        "user": {"id": user.pk, "kept_sounds_mb": form.initial["kept_sounds_mb"]},
        "titles": {str(uuid): title for uuid, title in titles},
    }
    return render(request, "reader/kept_sounds.html", {"form": form, "page": page})


@require_safe
def use_page(request: HttpRequest) -> HttpResponse:
    """Show a person what they used."""
    return render(request, "reader/use.html", use.of_person(person(request)))


@require_POST
def look(request: HttpRequest) -> HttpResponse:
    """Keep how a person wants the page to look."""
    form = LookForm(request.POST)
    if not form.is_valid():
        return JsonResponse({"errors": form.errors}, status=400)
    if form.chosen:
        User.objects.filter(pk=person(request).pk).update(**form.chosen)
    return HttpResponse(status=204)
