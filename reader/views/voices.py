"""The voices that a person likes: favourites, and the ones of their languages."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from tts.models import Voice

from ..languages import language_name
from ..models import LanguageVoice, User
from .access import person


@require_POST
def favourite(request: HttpRequest, model_slug: str, voice_slug: str) -> HttpResponse:
    """Make a voice a favourite; with ``favourite=false``, not any more."""
    voice = get_object_or_404(Voice.objects.by_slugs(model_slug, voice_slug))
    favourites = person(request).favourites
    if request.POST.get("favourite") == "false":
        favourites.remove(voice)
    else:
        favourites.add(voice)
    return HttpResponse(status=204)


@require_POST
def language_forget(request: HttpRequest, language: str) -> HttpResponse:
    """Let documents of a language be read in the usual voice again."""
    person(request).language_voices.filter(language=language).delete()
    messages.success(request, "Forgotten.")
    return redirect("preferences_page")


def languages_of(user: User) -> list[LanguageVoice]:
    """Return the voices chosen for languages, each with its language's name."""
    chosen = list(user.language_voices.select_related("voice__speech_model"))
    for each in chosen:
        each.name = language_name(each.language)  # type: ignore[attr-defined]  # for the page
    return sorted(chosen, key=lambda each: each.name)  # type: ignore[attr-defined]
