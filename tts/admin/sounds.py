"""Every sound that was made or is to be made."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import flatten_fieldsets
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.template.defaultfilters import filesizeformat
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.text import Truncator

from tts import synthesis
from tts.delivery.responses import SoundGone, sound_response
from tts.models import AudioVariant, Status, Voice

from .words import Deleted

SHOWN_CHARACTERS = 120
# Staff wait behind whoever is listening: their wants rank after any session's window.
RANK_OF_STAFF = 1_000
STAFF_WINDOW = 500


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
        (
            "The sound",
            {"fields": ["duration", "size", "content_type", "path", "marks_source", "marks"]},
        ),
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
                count += make_again_in(voice, list(group), listener=f"{request.user.pk}.staff")
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
