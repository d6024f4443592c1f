"""What staff see of people and their documents."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import models
from django.db.models import Case, Count, OuterRef, QuerySet, Subquery, Value, When
from django.db.models.functions import Cast, Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.http import urlencode

from tts import synthesis
from tts.admin import Deleted, player
from tts.models import AudioVariant, Status, Usage, Voice

from . import services, use
from .models import Block, Document, User

BLOCKS_PER_PAGE = 100
MAX_VOICES = 6

NONE, SKIPPED = "none", "skipped"
# How a block's sound stands in a voice, in the words of the page.
WORDS = {
    Status.CACHED.value: "made",
    Status.QUEUED.value: "queued",
    Status.PROCESSING.value: "processing",
    Status.ERROR.value: "failed",
    NONE: "none",
}


# --- use ------------------------------------------------------------------------------------------


@admin.register(Usage)
class UsageAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not generic at run time
    """Who had how much spoken; here because speech itself knows no people."""

    list_display = ["day", "person", "speech_model", "sounds", "characters", "sound", "cost"]
    list_filter = ["speech_model"]
    list_select_related = ["speech_model"]
    date_hierarchy = "day"
    list_display_links = None

    class Media:
        css = {"all": ["css/use.css"]}

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Usage | None = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Usage]:
        name = User.objects.annotate(account=Cast("pk", models.CharField())).filter(
            account=OuterRef("account")
        )
        usage: QuerySet[Usage] = super().get_queryset(request)
        return usage.annotate(person_name=Subquery(name.values("username")[:1]))

    @admin.display(description="person", ordering="person_name")
    def person(self, usage: Usage) -> str:
        return usage.person_name or f"(no longer here: {usage.account})"  # type: ignore[attr-defined]  # annotated

    @admin.display(description="sound", ordering="milliseconds")
    def sound(self, usage: Usage) -> str:
        return use.spoken_time(usage.milliseconds)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        response = super().changelist_view(request, extra_context)
        context = getattr(response, "context_data", None) or {}
        if shown := context.get("cl"):
            context["plot"] = use.plot(shown.get_queryset(request))
        return response


# --- people ---------------------------------------------------------------------------------------


@admin.register(User)
class PersonAdmin(UserAdmin):  # type: ignore[type-arg]  # not generic at run time
    fieldsets = (
        *(UserAdmin.fieldsets or ()),
        ("Listening", {"fields": ("voice", "speed", "auto_play")}),
    )

    def formfield_for_foreignkey(
        self, db_field: models.ForeignKey[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> forms.ModelChoiceField[Any] | None:
        if db_field.name == "voice":
            kwargs["queryset"] = Voice.objects.usable()
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def delete_model(self, request: HttpRequest, obj: User) -> None:
        delete_person(obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        for user in queryset:
            delete_person(user)

    def get_deleted_objects(self, objs: Iterable[User], request: HttpRequest) -> Deleted:
        people = list(objs)
        documents = Document.objects.filter(owner__in=people)
        counts = {"people": len(people), "documents": documents.count()}
        lacking = set()
        if counts["documents"] and not request.user.has_perm("reader.delete_document"):
            lacking.add("documents")
        return [str(user) for user in people], counts, lacking, []


def delete_person(user: User) -> None:
    """Delete a person with their documents, so that neither files nor sounds stay behind.

    With those, too, that they have deleted and might still take back.
    """
    for document in user.documents.all():
        services.delete_document(document=document)
    user.delete()


# --- documents ------------------------------------------------------------------------------------


@admin.register(Document)
class DocumentAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not generic at run time
    """Documents come from their owners; here they are looked at and deleted."""

    list_display = ["__str__", "owner", "status", "language", "block_count", "sounds", "created_at"]
    list_filter = ["status", "language"]
    list_select_related = ["owner"]
    search_fields = ["title", "owner__username", "=uuid"]
    date_hierarchy = "created_at"
    readonly_fields = [
        "owner", "sounds", "status", "error", "language", "block_count", "revision",
        "source_name", "source_path", "uuid", "attempt", "created_at", "changed_at",
    ]  # fmt: skip
    fields = ["title", *readonly_fields]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Document]:
        """Leave out what its owner has deleted: it is gone for staff too."""
        documents: QuerySet[Document] = super().get_queryset(request)
        return documents.filter(deleted_at=None)

    # --- columns ---

    @admin.display(description="blocks and sounds")
    def sounds(self, document: Document) -> str:
        address = reverse("admin:reader_document_blocks", args=[document.pk])
        return format_html('<a href="{}">Look at the blocks</a>', address)

    @admin.display(description="file")  # its name alone: no file has an address of its own
    def source_path(self, document: Document) -> str:
        return str(document.source.name)

    # --- blocks ---

    def get_urls(self) -> list[URLPattern]:
        blocks = path(
            "<int:pk>/blocks/",
            self.admin_site.admin_view(self.blocks),
            name="reader_document_blocks",
        )
        return [blocks, *super().get_urls()]

    def blocks(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show the document's blocks and how each one's sound stands, in each chosen voice."""
        document = get_object_or_404(Document.objects.present().select_related("owner"), pk=pk)
        if not self.has_view_permission(request, document):
            raise PermissionDenied
        form = SoundsForm(document, request.GET)
        columns = [Column.of(voice) for voice in form.voices]
        found = document.blocks.all()
        if form.only:
            found = _any_stands(found, columns, form.only)
        page = Paginator(found, BLOCKS_PER_PAGE).get_page(request.GET.get("page"))
        may_listen = request.user.has_perm("tts.view_audiovariant")
        context = {
            **self.admin_site.each_context(request),
            "title": f"Blocks of {document}",
            "opts": self.opts,
            "document": document,
            "media": self.media + forms.Media(css={"all": ["css/admin.css"]}),
            "form": form,
            "columns": [(column.voice, column.totals(document)) for column in columns],
            "page": page,
            "pages": page.paginator.get_elided_page_range(page.number),
            "rows": _rows(list(page.object_list), columns, may_listen=may_listen),
            "query": form.query,
        }
        return TemplateResponse(request, "admin/reader/document/blocks.html", context)

    # --- deleting ---

    def delete_model(self, request: HttpRequest, obj: Document) -> None:
        services.delete_document(document=obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Document]) -> None:
        for document in queryset:
            services.delete_document(document=document)

    def get_deleted_objects(self, objs: Iterable[Document], request: HttpRequest) -> Deleted:
        documents = list(objs)
        blocks = sum(document.block_count for document in documents)
        counts = {"documents": len(documents), "blocks": blocks}
        words = "The sounds of the texts that no other document has go too, with their files."
        return [*map(str, documents), words], counts, set(), []


class SoundsForm(forms.Form):
    """Which voices to look at, and which states of their sounds."""

    voice = forms.ModelMultipleChoiceField(
        Voice.objects.none(),
        label=f"Voices (up to {MAX_VOICES})",
        required=False,
        widget=forms.SelectMultiple(attrs={"size": 6}),
    )
    state = forms.ChoiceField(label="Sounds", required=False, choices=[("", "all"), *WORDS.items()])

    def __init__(self, document: Document, data: Any) -> None:
        super().__init__(data)
        self.document = document
        voices = Voice.objects.select_related("speech_model").order_by(
            "speech_model__name", "language", "name"
        )
        self.fields["voice"].queryset = voices  # type: ignore[attr-defined]
        self.full_clean()
        chosen = self.cleaned_data.get("voice") or self._with_sounds(voices)
        self.voices: list[Voice] = list(chosen[:MAX_VOICES])
        self.only: str = self.cleaned_data.get("state", "")
        # The fields show what is looked at, chosen or not.
        self.data = {"voice": [voice.pk for voice in self.voices], "state": self.only}

    def _with_sounds(self, voices: QuerySet[Voice]) -> QuerySet[Voice]:
        sounds = AudioVariant.objects.filter(text_hash__in=self.document.blocks.values("text_hash"))
        return voices.filter(pk__in=sounds.values("voice"))

    @property
    def query(self) -> str:
        """The choice as it goes into the links to other pages."""
        return urlencode(self.data, doseq=True)


@dataclass(frozen=True, slots=True)
class Column:
    """One voice of the table. The recipe is that of today: older sounds are not found any more."""

    voice: Voice
    recipe: str

    @classmethod
    def of(cls, voice: Voice) -> Column:
        try:
            return cls(voice, synthesis.recipe_hash(voice))
        except LookupError:  # its engine is not in the settings any more
            return cls(voice, "")

    @property
    def state(self) -> Case:
        sound = AudioVariant.objects.filter(
            recipe_hash=self.recipe, text_hash=OuterRef("text_hash")
        )
        return Case(
            When(text_hash="", then=Value(SKIPPED)),
            default=Coalesce(Subquery(sound.values("status")[:1]), Value(NONE)),
            output_field=models.CharField(),
        )

    def totals(self, document: Document) -> list[tuple[str, int]]:
        """Return how many blocks of the document stand how."""
        states = document.blocks.order_by().annotate(sound=self.state).values_list("sound")
        found = dict(states.annotate(count=Count("pk")))
        return [(word, found[state]) for state, word in WORDS.items() if state in found]

    def variants(self, blocks: Sequence[Block]) -> dict[str, AudioVariant]:
        hashes = {block.text_hash for block in blocks}
        found = AudioVariant.objects.in_recipe(self.recipe, hashes).defer("text", "marks")
        return {variant.text_hash: variant for variant in found}


@dataclass(frozen=True, slots=True)
class Cell:
    """A block's sound in one voice."""

    state: str  # in words
    variant: AudioVariant | None
    player: str


def _any_stands(blocks: QuerySet[Block], columns: Sequence[Column], state: str) -> QuerySet[Block]:
    """Keep the blocks whose sound stands so in one of the voices."""
    for column in columns:
        blocks = blocks.alias(**{f"sound_{column.voice.pk}": column.state})
    matching = (models.Q((f"sound_{column.voice.pk}", state)) for column in columns)
    return blocks.filter(reduce(or_, matching, models.Q(pk=None)))


def _rows(
    blocks: Sequence[Block], columns: Sequence[Column], *, may_listen: bool
) -> list[tuple[Block, list[Cell]]]:
    variants = [column.variants(blocks) for column in columns]
    return [
        (block, [_cell(block, found.get(block.text_hash), may_listen) for found in variants])
        for block in blocks
    ]


def _cell(block: Block, variant: AudioVariant | None, may_listen: bool) -> Cell:
    if block.is_skipped:
        return Cell(SKIPPED, None, "")
    if variant is None:
        return Cell(WORDS[NONE], None, "")
    return Cell(WORDS[variant.status], variant, player(variant) if may_listen else "")
