"""A person: signing up, how they like to listen, their words, their use."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView, LogoutView
from django.core.exceptions import NON_FIELD_ERRORS
from django.forms import BaseForm
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ..clients import client_of
from ..forms.people import (
    TOO_MANY,
    KeptSoundsForm,
    LexiconForm,
    PreferencesForm,
    SignInForm,
    SignUpForm,
)
from ..forms.reading import ListeningForm, LookForm
from ..models import Document, LexiconEntry, User
from ..services import speech, use
from ..services.first_sign_in import FIRST_USER, use_link
from ..services.preferences import choose_speed, choose_voice, usual_voice_changed
from .access import person
from .voices import languages_of, sound_types, voices_of


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def signup(request: HttpRequest) -> HttpResponse:
    if not settings.SIGNUP_OPEN:
        raise Http404
    form = SignUpForm(request.POST or None, client=client_of(request))
    if form.is_valid():
        login(request, form.save())
        return redirect("library")
    return render(request, "registration/signup.html", {"form": form}, status=_status(form))


@login_not_required
@require_safe
@never_cache
def first_sign_in(request: HttpRequest, token: str) -> HttpResponse:
    """Sign the first person in by the link that the start has printed."""
    user = use_link(token)
    if user is None:
        if request.user.is_authenticated:
            return redirect("library")
        return render(request, "registration/link_used.html", {"name": FIRST_USER}, status=410)
    login(request, user, backend=settings.AUTHENTICATION_BACKENDS[0])
    messages.info(request, "Welcome. Choose a password in the settings, to sign in again later.")
    return redirect("library")


class SignIn(LoginView):
    """Signing in."""

    form_class = SignInForm
    redirect_authenticated_user = True

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=_status(form))


def _status(form: BaseForm) -> int:
    return 429 if form.is_bound and form.has_error(NON_FIELD_ERRORS, TOO_MANY) else 200


@login_not_required
@require_POST
def sign_out(request: HttpRequest) -> HttpResponseBase:
    """Sign out, and have the browser forget what it kept of this person."""
    response = LogoutView.as_view()(request)
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


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
    form = ListeningForm(request.POST)
    if not form.is_valid():
        return JsonResponse({"errors": form.errors}, status=400)
    chosen = {
        name: form.cleaned_data[name]
        for name in ("voice", "speed", "volume", "auto_play")
        if form.cleaned_data.get(name) is not None
    }
    user = person(request)
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
