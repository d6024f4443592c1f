"""The voices that a person can choose, and those that they like."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_POST

from tts import synthesis
from tts.audio import FORMATS
from tts.engines import speaks_only_its_language
from tts.models import Voice
from tts.voices.nature import nature_of

from ..languages import language_name
from ..listening import can_speak
from ..models import Document, LanguageVoice, User
from ..services.preferences import offer_no_more
from .access import person


@require_POST
def favourite(request: HttpRequest, model_slug: str, voice_slug: str) -> HttpResponse:
    """Make a voice a favourite; with ``favourite=false``, not any more."""
    place = place_of(person(request), voice_slug)
    voice = get_object_or_404(Voice.objects.by_slugs(model_slug, voice_slug, place))
    favourites = person(request).favourites
    if request.POST.get("favourite") == "false":
        favourites.remove(voice)
    else:
        favourites.add(voice)
    return HttpResponse(status=204)


@require_POST
def offered(request: HttpRequest) -> HttpResponse:
    """The natural voice that was offered on the reading page was taken or dismissed."""
    offer_no_more(person(request))
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


def sound_types() -> dict[str, str]:
    """Return what sounds can be had in, by name; the installation's own format first."""
    own = synthesis.audio_format()
    return {sound.name: sound.mime_type for sound in (own, *FORMATS.values())}


def place_of(user: User, name: str) -> str:
    """Return the document of this name, whose narrator has the same, if a person may see it."""
    try:
        document = Document.objects.visible_to(user).filter(uuid=UUID(hex=name)).first()
    except ValueError:
        return ""
    return str(document.uuid) if document else ""


def voices_of(user: User, language: str = "", *, place: str = "") -> list[dict[str, Any]]:
    """Return what a voice picker shows: every voice that can be heard.

    ``place``: a document, whose narrator is among them. Each with whether it ``speaks`` this
    language, or any while that is not known yet: if not, another voice stands in for it.
    """
    favourites = set(user.favourites.values_list("pk", flat=True))
    return [
        {
            "pk": voice.pk,
            "model_slug": voice.speech_model.model_slug,
            "model_name": voice.speech_model.name,
            "voice_slug": voice.voice_slug,
            "name": voice.name,
            "language": voice.language,
            "language_name": language_name(voice.language),
            "featured": voice.featured,
            "favourite": voice.pk in favourites,
            "nature": nature.words,
            "rank": nature.rank,
            "speaks": can_speak(voice, language)
            if language
            else not speaks_only_its_language(voice.speech_model.engine),
        }
        for voice in Voice.objects.usable(place)
        for nature in [nature_of(voice.speech_model.engine)]
    ]


def voices_to_get(user: User, language: str, voices: list[dict[str, Any]]) -> dict[str, str]:
    """Return where staff get a natural voice of a language that has none here; empty otherwise."""
    base = language.partition("-")[0].lower()
    robotic = nature_of("espeak").rank
    has_natural = any(
        voice["rank"] < robotic and voice["language"].partition("-")[0].lower() == base
        for voice in voices
    )
    if not base or has_natural or not (user.is_staff and user.has_perm("tts.add_voice")):
        return {}
    address = f"{reverse('admin:tts_speechmodel_get_voices')}?{urlencode({'language': base})}"
    return {"language": language_name(base), "address": address}
