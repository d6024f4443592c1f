"""What the admin's pages about models, voices and sounds have in common."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from tts.models import AudioVariant

# What a confirmation page is told: what goes, how many of each, which rights lack, what forbids it.
Deleted = tuple[list[Any], dict[str, int], set[str], list[Any]]


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
