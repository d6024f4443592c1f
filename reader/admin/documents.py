"""Documents, and how the sound of each block stands."""

from __future__ import annotations

from collections.abc import Iterable

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html

from tts.admin import Deleted

from ..models import Block, Document
from ..services import removing
from .sounds import Column, SoundsForm, any_stands, rows

BLOCKS_PER_PAGE = 100


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
        found: QuerySet[Block] = document.blocks.all()
        if form.only:
            found = any_stands(found, columns, form.only)
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
            "rows": rows(list(page.object_list), columns, may_listen=may_listen),
            "query": form.query,
        }
        return TemplateResponse(request, "admin/reader/document/blocks.html", context)

    # --- deleting ---

    def delete_model(self, request: HttpRequest, obj: Document) -> None:
        removing.delete_documents(Document.objects.filter(pk=obj.pk))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Document]) -> None:
        removing.delete_documents(Document.objects.filter(pk__in=queryset.values("pk")))

    def get_deleted_objects(self, objs: Iterable[Document], request: HttpRequest) -> Deleted:
        documents = list(objs)
        blocks = sum(document.block_count for document in documents)
        counts = {"documents": len(documents), "blocks": blocks}
        words = "The sounds of the texts that no other document has go too, with their files."
        return [*map(str, documents), words], counts, set(), []
