"""What staff see of speech: models, voices, and every sound that was made or is to be made."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any, cast

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.utils import flatten_fieldsets
from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import Count, Exists, OuterRef, QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.template.defaultfilters import filesizeformat
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.text import Truncator

from . import catalogue, synthesis
from .delivery import SoundGone, sound_response
from .models import AudioVariant, SpeechModel, Status, Voice
from .speech import SpeechError

SHOWN_CHARACTERS = 120
# Staff wait behind whoever is listening: their wants rank after any session's window.
RANK_OF_STAFF = 1_000
STAFF_WINDOW = 500

# What a confirmation page is told: what goes, how many of each, which rights lack, what forbids it.
Deleted = tuple[list[Any], dict[str, int], set[str], list[Any]]


# --- what is common to models and voices ----------------------------------------------------------


@admin.action(description="Switch on")
def enable(model_admin: admin.ModelAdmin[Any], request: HttpRequest, queryset: Any) -> None:
    changed = queryset.filter(enabled=False).update(enabled=True)
    model_admin.message_user(request, f"{changed} switched on.", messages.SUCCESS)


@admin.action(description="Switch off")
def disable(model_admin: admin.ModelAdmin[Any], request: HttpRequest, queryset: Any) -> None:
    changed = queryset.filter(enabled=True).update(enabled=False)
    model_admin.message_user(
        request,
        f"{changed} switched off: nobody can choose them now. Their sounds are kept.",
        messages.SUCCESS,
    )


enable.allowed_permissions = disable.allowed_permissions = ["change"]  # type: ignore[attr-defined]


def protected_by_sounds(sounds: QuerySet[AudioVariant]) -> list[str]:
    """Say in words, not in thousands of lines, why a voice cannot be deleted."""
    count = sounds.count()
    if not count:
        return []
    return [
        f"{count} sounds. Switch it off instead, or delete them first: "
        "Audio variants, filtered by model or voice."
    ]


# --- speech models --------------------------------------------------------------------------------


@admin.register(SpeechModel)
class SpeechModelAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not generic at run time
    list_display = ["name", "model_slug", "engine", "voice_count", "concurrency", "enabled"]
    list_filter = ["enabled", "engine"]
    search_fields = ["name", "model_slug"]
    actions = [enable, disable, "sync"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[SpeechModel]:
        models: QuerySet[SpeechModel] = super().get_queryset(request)
        return models.annotate(voice_count=Count("voices"))

    @admin.display(description="voices", ordering="voice_count")
    def voice_count(self, model: SpeechModel) -> int:
        return cast(int, model.voice_count)  # type: ignore[attr-defined]  # annotated

    def formfield_for_dbfield(
        self, db_field: models.Field[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> forms.Field | None:
        if db_field.name == "engine":
            return forms.ChoiceField(choices=[(name, name) for name in settings.SPEECH_ENGINES])
        if db_field.name == "base_url":  # most such servers are in one's own house
            kwargs["assume_scheme"] = "http"
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: SpeechModel, form: Any, change: bool) -> None:
        """Save it, and forget its failures: what was edited may have mended them."""
        super().save_model(request, obj, form, change)
        synthesis.make_again(
            AudioVariant.objects.filter(voice__speech_model=obj, status=Status.ERROR)
        )

    @admin.action(description="Ask the engine for its voices", permissions=["change"])
    def sync(self, request: HttpRequest, queryset: QuerySet[SpeechModel]) -> None:
        for model in queryset:
            try:
                offered, vanished = catalogue.sync_voices(model)
            except (SpeechError, LookupError) as error:
                self.message_user(request, f"{model}: {error}", messages.ERROR)
            else:
                self.message_user(
                    request, f"{model}: {offered} voices, {vanished} of the old ones switched off."
                )

    def get_deleted_objects(self, objs: Iterable[SpeechModel], request: HttpRequest) -> Deleted:
        chosen = list(objs)
        voices = Voice.objects.filter(speech_model__in=chosen).count()
        protected = protected_by_sounds(AudioVariant.objects.filter(voice__speech_model__in=chosen))
        counts = {"speech models": len(chosen), "voices": voices}
        return [str(model) for model in chosen], counts, set(), protected


# --- voices ---------------------------------------------------------------------------------------


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


# --- sounds ---------------------------------------------------------------------------------------


class VoiceFilter(admin.SimpleListFilter):
    """The voices that have sounds, by name; one look in an index for each voice."""

    title = "voice"
    parameter_name = "voice"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(str(voice.pk), str(voice)) for voice in with_sounds()]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[AudioVariant]
    ) -> QuerySet[AudioVariant]:
        chosen = self.value() or ""
        return queryset.filter(voice=int(chosen)) if chosen.isdecimal() else queryset


class LanguageFilter(admin.SimpleListFilter):
    """The languages of the voices that have sounds."""

    title = "language"
    parameter_name = "language"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        languages = with_sounds().order_by("language").values_list("language", flat=True)
        return [(language, language) for language in dict.fromkeys(languages)]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[AudioVariant]
    ) -> QuerySet[AudioVariant]:
        return queryset.filter(voice__language=self.value()) if self.value() else queryset


def with_sounds() -> QuerySet[Voice]:
    return Voice.objects.filter(
        Exists(AudioVariant.objects.filter(voice=OuterRef("pk")))
    ).select_related("speech_model")


@admin.register(AudioVariant)
class AudioVariantAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not generic at run time
    """Sounds come from what people want; here they are heard, made again and deleted."""

    list_display = [
        "excerpt", "voice", "status", "listen", "error", "attempt",
        "duration", "size", "synthesis_time", "changed_at",
    ]  # fmt: skip
    list_filter = ["status", "voice__speech_model", VoiceFilter, LanguageFilter]
    list_select_related = ["voice__speech_model"]
    list_per_page = 50
    show_full_result_count = False
    search_fields = ["text", "=id", "=text_hash"]
    search_help_text = "Words of the text, or a variant's id or text hash as the log gives it."
    actions = ["make_again", "try_again"]
    fieldsets = [
        (None, {"fields": ["text", "language", "voice", "listen"]}),
        (
            "How it stands",
            {"fields": ["status", "error", "retryable", "attempt", "not_before", "lease_until"]},
        ),
        ("The sound", {"fields": ["duration", "size", "content_type", "path", "marks"]}),
        (
            "What it took",
            {"fields": ["synthesis_time", "engine_time", "encoder_time", "created_at"]},
        ),
        (
            "In the log",
            {
                "fields": [
                    "id", "revision", "sound_revision", "text_hash", "recipe_hash",
                    "enqueued_at", "changed_at",
                ],
            },
        ),
    ]  # fmt: skip

    class Media:
        css = {"all": ["css/admin.css"]}

    # --- who may do what ---

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: AudioVariant | None = None) -> bool:
        return False  # its fields are facts; the right to change is that to have it made again

    def has_make_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("tts.change_audiovariant")

    def has_view_permission(self, request: HttpRequest, obj: AudioVariant | None = None) -> bool:
        return request.user.has_perm("tts.view_audiovariant")

    def get_readonly_fields(self, request: HttpRequest, obj: AudioVariant | None = None) -> Any:
        return flatten_fieldsets(self.fieldsets)

    # --- columns ---

    def get_queryset(self, request: HttpRequest) -> QuerySet[AudioVariant]:
        found: QuerySet[AudioVariant] = super().get_queryset(request)
        name = request.resolver_match and request.resolver_match.url_name
        return found.defer("marks") if name == "tts_audiovariant_changelist" else found

    @admin.display(description="text")
    def excerpt(self, variant: AudioVariant) -> str:
        return Truncator(variant.text).chars(SHOWN_CHARACTERS)

    @admin.display(description="sound")
    def listen(self, variant: AudioVariant) -> str:
        return player(variant)

    @admin.display(description="duration", ordering="duration_ms")
    def duration(self, variant: AudioVariant) -> str | None:
        return seconds(variant.duration_ms)

    @admin.display(description="size", ordering="bytes")
    def size(self, variant: AudioVariant) -> str | None:
        return filesizeformat(variant.bytes) if variant.bytes else None

    @admin.display(description="file")  # its name alone: no file has an address of its own
    def path(self, variant: AudioVariant) -> str | None:
        return variant.file.name or None

    @admin.display(description="synthesis took", ordering="synthesis_ms")
    def synthesis_time(self, variant: AudioVariant) -> str | None:
        return seconds(variant.synthesis_ms)

    @admin.display(description="of it the engine")
    def engine_time(self, variant: AudioVariant) -> str | None:
        return seconds(variant.engine_ms)

    @admin.display(description="of it the encoder")
    def encoder_time(self, variant: AudioVariant) -> str | None:
        return seconds(variant.encoder_ms)

    # --- listening ---

    def get_urls(self) -> list[URLPattern]:
        sound = path(
            "<uuid:variant_id>/sound/<int:revision>/",
            self.admin_site.admin_view(self.sound),
            name="tts_audiovariant_sound",
        )
        return [sound, *super().get_urls()]

    def sound(self, request: HttpRequest, variant_id: uuid.UUID, revision: int) -> HttpResponseBase:
        """Answer staff with a sound, whosever text it is."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        sounding = AudioVariant.objects.filter(
            sound_revision=revision, status__in=[Status.PROCESSING, Status.CACHED]
        )
        variant = get_object_or_404(sounding, pk=variant_id)
        try:
            return sound_response(request, variant)
        except SoundGone:
            synthesis.sound_is_gone(variant)
            raise Http404 from None

    # --- doing ---

    @admin.action(description="Make again", permissions=["make"])
    def make_again(self, request: HttpRequest, queryset: QuerySet[AudioVariant]) -> None:
        self._make_again(request, queryset)

    @admin.action(description="Try failed ones again", permissions=["make"])
    def try_again(self, request: HttpRequest, queryset: QuerySet[AudioVariant]) -> None:
        self._make_again(request, queryset.filter(status=Status.ERROR))

    def _make_again(self, request: HttpRequest, queryset: QuerySet[AudioVariant]) -> None:
        count = 0
        by_voice = queryset.select_related("voice__speech_model").order_by("voice", "pk")
        for voice, group in groupby(list(by_voice), key=lambda variant: variant.voice):
            try:
                count += make_again_in(voice, list(group), listener=f"staff.{request.user.pk}")
            except LookupError as error:  # its engine is not in the settings any more
                self.message_user(request, f"{voice}: {error}", messages.ERROR)
        if count:
            self.message_user(request, f"{count} are being made again.", messages.SUCCESS)
        else:
            self.message_user(
                request, "Nothing in this selection is to be made again.", messages.WARNING
            )

    def delete_model(self, request: HttpRequest, obj: AudioVariant) -> None:
        synthesis.delete([obj])

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[AudioVariant]) -> None:
        synthesis.delete(queryset.select_related(None).only("pk", "file"))

    def get_deleted_objects(self, objs: Iterable[AudioVariant], request: HttpRequest) -> Deleted:
        count = objs.count() if isinstance(objs, QuerySet) else len(list(objs))
        words = f"{count} sounds with their files. Whoever wants one again has it made anew."
        return [words], {"audio variants": count}, set(), []


def make_again_in(voice: Voice, variants: Sequence[AudioVariant], *, listener: str) -> int:
    """Forget these sounds of a voice and want them, as a listener does, but behind all listeners.

    A sound by an earlier recipe of the voice, which nobody finds any more, makes room for a new
    one. Wants end soon: what was not made by then is made when somebody listens. Raises
    LookupError.
    """
    recipe = synthesis.recipe_hash(voice)
    count = synthesis.make_again(v for v in variants if v.recipe_hash == recipe)
    count += synthesis.delete(v for v in variants if v.recipe_hash != recipe)
    texts = {v.text_hash: (v.text, v.language) for v in variants[:STAFF_WINDOW]}
    synthesis.want(
        listener=f"{listener}.{voice.pk}",
        voice=voice,
        recipe=recipe,
        ranks={text_hash: RANK_OF_STAFF + n for n, text_hash in enumerate(texts)},
        texts=lambda hashes: {text_hash: texts[text_hash] for text_hash in hashes},
    )
    return count


def player(variant: AudioVariant) -> str:
    """Return the markup to listen to a sound in place; nothing is fetched until then."""
    if variant.status not in (Status.CACHED, Status.PROCESSING):
        return ""
    source = reverse("admin:tts_audiovariant_sound", args=[variant.pk, variant.sound_revision])
    return format_html('<audio class="listen" controls preload="none" src="{}"></audio>', source)


def seconds(milliseconds: float | None) -> str | None:
    return None if milliseconds is None else f"{milliseconds / 1000:.2f} s"
