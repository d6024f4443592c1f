"""People; with them go their documents."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

from allauth.mfa.models import Authenticator
from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path

from tts.admin import Deleted
from tts.models import Voice

from ..models import Document, User
from ..services import leaving
from ..services.recovery import recovery_path


@admin.register(User)
class PersonAdmin(UserAdmin):  # type: ignore[type-arg]  # not generic at run time
    fieldsets = (
        *(UserAdmin.fieldsets or ()),
        ("Limits", {"fields": ("max_documents", "max_mb", "max_imports_per_day")}),
        ("Listening", {"fields": ("voice", "speed", "auto_play")}),
    )

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.recover)
        return [path("<int:pk>/recover/", view, name="reader_user_recover"), *super().get_urls()]

    def recover(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Give a link for a new password, to somebody who has lost theirs."""
        user = self.get_object(request, str(pk))
        if user is None:
            raise Http404
        by = cast(User, request.user)
        # Whoever could do so would be one who may do all.
        if not self.has_change_permission(request, user) or user.is_superuser > by.is_superuser:
            raise PermissionDenied
        link = ""
        if request.method == "POST" and user.is_active:
            without = "without_second_factor" in request.POST
            given = recovery_path(user=user, without_second_factor=without, by=by.get_username())
            link = request.build_absolute_uri(given)
            self.log_change(request, user, "Gave a link for a new password.")
        context = {
            **self.admin_site.each_context(request),
            "title": f"Let {user} in again",
            "opts": self.opts,
            "person": user,
            "factors": Authenticator.objects.filter(user=user).count(),
            "link": link,
        }
        return render(request, "admin/reader/user/recover.html", context)

    def formfield_for_foreignkey(
        self, db_field: models.ForeignKey[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> forms.ModelChoiceField[Any] | None:
        if db_field.name == "voice":
            kwargs["queryset"] = Voice.objects.usable()
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def delete_model(self, request: HttpRequest, obj: User) -> None:
        leaving.send_away([obj])

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        leaving.send_away(queryset)

    def get_deleted_objects(self, objs: Iterable[User], request: HttpRequest) -> Deleted:
        people = list(objs)
        documents = Document.objects.filter(owner__in=people)
        counts = {"people": len(people), "documents": documents.count()}
        lacking = set()
        if counts["documents"] and not request.user.has_perm("reader.delete_document"):
            lacking.add("documents")
        return [str(user) for user in people], counts, lacking, []
