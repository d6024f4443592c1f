"""Speech models and their voices."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from typing import Any, cast

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import Count, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from redis import RedisError

from tts import synthesis
from tts.addresses import origin_of, server_key
from tts.audio import FORMATS
from tts.connections import PREFIX, redis_client
from tts.demand import breaker
from tts.models import AudioVariant, SpeechModel, Status, Voice
from tts.speech import SpeechError
from tts.voices import catalogue
from tts.voices.diagnosis import diagnose

from . import getting
from .words import Deleted, disable, enable, protected_by_sounds

# So long is the sound of a test kept.
TESTED_SECONDS = 600
KEY_FORGOTTEN = (
    "The key was forgotten, since the address is now that of another server: a key is sent only "
    "to the server that it was entered for. Enter the key of the new one, if it wants one."
)


class SpeechModelForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """A speech model, with its key to be written but never read."""

    api_key = forms.CharField(
        label="Key",
        required=False,
        strip=True,
        max_length=500,
        widget=forms.PasswordInput(attrs={"class": "vTextField", "autocomplete": "new-password"}),
    )
    forget_key = forms.BooleanField(label="Forget the key", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        has_key = self.had_key = bool(self.instance.sealed_key)
        self.fields["api_key"].help_text = (
            "There is one. It is shown to nobody; leave this empty to keep it."
            if has_key
            else "For a server that wants one. It is kept sealed and shown to nobody."
        )
        if not has_key:
            del self.fields["forget_key"]

    def clean_parameters(self) -> dict[str, Any]:
        parameters = self.cleaned_data["parameters"]
        if not isinstance(parameters, dict):
            raise forms.ValidationError('Write names and values: {"instructions": "Speak calmly."}')
        if clash := sorted({"model", "voice", "input", "response_format"} & set(parameters)):
            raise forms.ValidationError(f"{clash[0]!r} has a field of its own.")
        return parameters

    def clean_api_key(self) -> str:
        try:
            return server_key(self.cleaned_data["api_key"])
        except ValueError as error:
            raise forms.ValidationError(str(error)) from None

    def save(self, commit: bool = True) -> SpeechModel:
        if key := self.cleaned_data.get("api_key"):
            self.instance.api_key = key
        elif self.cleaned_data.get("forget_key") or self.leads_elsewhere:
            self.instance.api_key = ""
        return cast(SpeechModel, super().save(commit))

    @property
    def leads_elsewhere(self) -> bool:
        """Whether the key that is kept would be sent to another server than it was entered for."""
        before, now = self.initial.get("base_url") or "", self.cleaned_data.get("base_url", "")
        return origin_of(before) != origin_of(now)


@admin.register(SpeechModel)
class SpeechModelAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not generic at run time
    form = SpeechModelForm
    list_display = ["name", "model_slug", "engine", "voice_count", "condition", "enabled"]
    list_filter = ["enabled", "engine"]
    search_fields = ["name", "model_slug"]
    prepopulated_fields = {"model_slug": ["name"]}
    actions = [enable, disable, "sync"]
    change_form_template = "admin/tts/speechmodel/change_form.html"

    class Media:
        css = {"all": ["css/admin.css"]}

    def get_fieldsets(self, request: HttpRequest, obj: SpeechModel | None = None) -> Any:
        has_key = bool(obj and obj.sealed_key)
        return [
            (None, {"fields": ["name", "model_slug", "engine", "enabled"]}),
            (
                "The server",
                {
                    "fields": [
                        "base_url",
                        "api_key",
                        *(["forget_key"] if has_key else []),
                        "engine_model",
                        "response_format",
                        "tells_words",
                        "voice_list",
                        "parameters",
                    ],
                    "description": "For the engine openai: OpenAI itself, or any server that "
                    "speaks its API.",
                },
            ),
            (
                "How much is asked of it",
                {
                    "fields": [
                        "concurrency", "requests_per_minute", "timeout_seconds", "max_characters",
                    ]
                },
            ),
            ("What it costs", {"fields": ["price_per_million", "finishes"]}),
        ]  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[SpeechModel]:
        models: QuerySet[SpeechModel] = super().get_queryset(request)
        return models.annotate(voice_count=Count("voices"))

    @admin.display(description="condition")
    def condition(self, model: SpeechModel) -> str:
        """Say what is out of order, as far as listening has shown."""
        try:
            found = breaker.outages(model)
        except RedisError:
            return "not known: Redis does not answer"
        told = [f"{outage.message} {outage.advice}".strip() for outage in found.values()]
        return " ".join(told) or "in order"

    @admin.display(description="voices", ordering="voice_count")
    def voice_count(self, model: SpeechModel) -> int:
        return cast(int, model.voice_count)  # type: ignore[attr-defined]  # annotated

    def formfield_for_dbfield(
        self, db_field: models.Field[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> forms.Field | None:
        if db_field.name == "engine":
            return forms.ChoiceField(choices=[(name, name) for name in _engines_for(request)])
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: SpeechModel, form: Any, change: bool) -> None:
        """Save it, and forget its failures: what was edited may have mended them."""
        super().save_model(request, obj, form, change)
        if form.had_key and not obj.sealed_key and form.leads_elsewhere:
            self.message_user(request, KEY_FORGOTTEN, messages.WARNING)
        typed = form.data.get("base_url", "").strip()
        if obj.base_url != typed:
            self.message_user(request, f"The address is kept as {obj.base_url}.", messages.INFO)
        breaker.reset(obj)
        synthesis.make_again(
            AudioVariant.objects.filter(voice__speech_model=obj, status=Status.ERROR)
        )

    @admin.action(description="Ask the engine for its voices", permissions=["change"])
    def sync(self, request: HttpRequest, queryset: QuerySet[SpeechModel]) -> None:
        for model in queryset:
            self._sync(request, model)

    def _sync(self, request: HttpRequest, model: SpeechModel) -> None:
        try:
            synced = catalogue.sync_voices(model)
        except (SpeechError, LookupError) as error:
            advice = getattr(error, "advice", "")
            self.message_user(request, f"{model}: {error} {advice}".rstrip(), messages.ERROR)
        else:
            self.message_user(request, f"{model}: {synced}.", messages.SUCCESS)

    # --- trying it out ---

    def get_urls(self) -> list[URLPattern]:
        views: list[tuple[str, Callable[..., HttpResponse], str]] = [
            ("<int:pk>/connection/", self.connection, "connection"),
            ("<int:pk>/voices/", self.voices, "voices"),
            ("connection/<uuid:token>/", self.tested_sound, "tested_sound"),
        ]
        own = [
            path(route, self.admin_site.admin_view(view), name=f"tts_speechmodel_{name}")
            for route, view, name in views
        ]
        return [*own, *getting.urls(self.admin_site), *super().get_urls()]

    def connection(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Test the connection and show what came of it."""
        model = self._changeable(request, pk)
        self._take_address(request, model)
        found = diagnose(model) if request.method == "POST" else None
        token = None
        if found and found.sound:
            token = uuid.uuid4()
            redis_client().set(_tested(token), found.sound, ex=TESTED_SECONDS)
        context = {
            **self.admin_site.each_context(request),
            "title": f"Test the connection: {model}",
            "opts": self.opts,
            "model": model,
            "found": found,
            "sound": token and reverse("admin:tts_speechmodel_tested_sound", args=[token]),
            "media": self.media,
        }
        return TemplateResponse(request, "admin/tts/speechmodel/connection.html", context)

    def _take_address(self, request: HttpRequest, model: SpeechModel) -> None:
        """Take the address that a test has found, on the same server: the key goes there too."""
        address = request.POST.get("address", "")
        if address and origin_of(address) == origin_of(model.base_url):
            model.base_url = address
            model.save()
            self.log_change(request, model, f"Took the address {address}, which a test had found.")

    def voices(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask one model's engine for its voices."""
        model = self._changeable(request, pk)
        if request.method == "POST":
            self._sync(request, model)
        return redirect("admin:tts_speechmodel_change", model.pk)

    def tested_sound(self, request: HttpRequest, token: uuid.UUID) -> HttpResponse:
        """Answer with the sound of a test, for as long as it is kept."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        sound = redis_client().get(_tested(token))
        if sound is None:
            raise Http404
        kind = FORMATS[settings.AUDIO_FORMAT].content_type
        return HttpResponse(sound, content_type=kind, headers={"Cache-Control": "no-store"})

    def _changeable(self, request: HttpRequest, pk: int) -> SpeechModel:
        model = get_object_or_404(SpeechModel, pk=pk)
        if not self.has_change_permission(request, model):
            raise PermissionDenied
        return model

    def get_deleted_objects(self, objs: Iterable[SpeechModel], request: HttpRequest) -> Deleted:
        chosen = list(objs)
        voices = Voice.objects.filter(speech_model__in=chosen).count()
        protected = protected_by_sounds(AudioVariant.objects.filter(voice__speech_model__in=chosen))
        counts = {"speech models": len(chosen), "voices": voices}
        return [str(model) for model in chosen], counts, set(), protected


@admin.register(Voice)
class VoiceAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not generic at run time
    list_display = ["name", "voice_slug", "speech_model", "language", "featured", "enabled"]
    list_filter = ["enabled", "featured", "speech_model", "language"]
    list_select_related = ["speech_model"]
    search_fields = ["name", "voice_slug", "language"]
    actions = [enable, disable]

    def get_deleted_objects(self, objs: Iterable[Voice], request: HttpRequest) -> Deleted:
        chosen = list(objs)
        protected = protected_by_sounds(AudioVariant.objects.filter(voice__in=chosen))
        return [voice.name for voice in chosen], {"voices": len(chosen)}, set(), protected


def _tested(token: uuid.UUID) -> str:
    return f"{PREFIX}:tested:{token.hex}"


def _engines_for(request: HttpRequest) -> list[str]:
    """Return the engines that a model may have; one that came by itself keeps its own."""
    match = request.resolver_match
    pk = match.kwargs.get("object_id", "") if match else ""
    own = SpeechModel.objects.filter(pk=pk).first() if pk.isdecimal() else None
    if own and own.engine in settings.ENGINES_THAT_COME_BY_THEMSELVES:
        return [own.engine]
    return [
        name
        for name in settings.SPEECH_ENGINES
        if name not in settings.ENGINES_THAT_COME_BY_THEMSELVES
    ]
