"""Who had how much spoken."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db import models
from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import Cast
from django.http import HttpRequest, HttpResponse

from tts.models import Usage

from ..models import User
from ..services import use


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
