"""Invitations, whether anybody may make an account; and what of allauth's staff need not see."""

from __future__ import annotations

from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from allauth.usersessions.models import UserSession
from django.contrib import admin, messages
from django.http import HttpRequest
from django.utils import timezone

from ..models import Installation, Invitation, User
from ..services import invitations

# They are a person's own business. Providers are settings; secrets are nobody's.
for model in (EmailAddress, Authenticator, SocialAccount, SocialApp, SocialToken, UserSession):
    if admin.site.is_registered(model):
        admin.site.unregister(model)


@admin.register(Installation)
class InstallationAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Installation | None = None) -> bool:
        return False


@admin.register(Invitation)
class InvitationAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Whoever adds one is told its link, once."""

    list_display = ("__str__", "made_by", "expires_at", "used_at", "used_by")
    fields = ("note", "expires_at")
    search_fields = ("note",)

    def has_change_permission(self, request: HttpRequest, obj: Invitation | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Invitation, form: Any, change: bool) -> None:
        assert isinstance(request.user, User)
        made, path = invitations.invite(
            by=request.user, note=obj.note, until=max(obj.expires_at, timezone.now())
        )
        obj.pk, obj.digest, obj.made_by = made.pk, made.digest, made.made_by
        messages.warning(
            request,
            f"The link for {obj.note or 'them'}, which is not shown again: "
            f"{request.build_absolute_uri(path)}",
        )
