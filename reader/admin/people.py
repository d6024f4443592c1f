"""People; with them go their documents."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest

from tts.admin import Deleted
from tts.models import Voice

from ..deleting import delete_document
from ..models import Document, User


@admin.register(User)
class PersonAdmin(UserAdmin):  # type: ignore[type-arg]  # not generic at run time
    fieldsets = (
        *(UserAdmin.fieldsets or ()),
        ("Limits", {"fields": ("max_documents", "max_mb", "max_imports_per_day")}),
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
        delete_document(document=document)
    user.delete()
