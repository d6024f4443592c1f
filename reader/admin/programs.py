"""Which programs may do what on whose account, and which addresses are told."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest

from ..models import Delivery, Token, Webhook


class TheirOwners(admin.ModelAdmin):  # type: ignore[type-arg]  # not generic at run time
    """What people make for themselves: staff see it, and may take it away."""

    list_display_links = None
    list_select_related = ("user",)
    search_fields = ("user__username",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object | None = None) -> bool:
        return False


@admin.register(Token)
class TokenAdmin(TheirOwners):
    """Tokens: deleting one withdraws it at once. Nobody can see the key again."""

    list_display = ("user", "name", "hint", "may", "created_at", "used_at", "expires_at")
    fields = ("user", "name", "hint", "may", "created_at", "used_at", "expires_at")
    list_filter = ("created_at", "used_at", "expires_at")

    @admin.display(description="may")
    def may(self, token: Token) -> str:
        return ", ".join(token.scopes)


@admin.register(Webhook)
class WebhookAdmin(TheirOwners):
    """Webhooks: where they lead, without what may be secret in their addresses."""

    list_display = ("user", "host", "told_of", "waiting", "failed", "created_at")
    fields = ("user", "host", "told_of", "created_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Webhook]:
        def having(status: str) -> Count:
            return Count("deliveries", filter=Q(deliveries__status=status))

        hooks: QuerySet[Webhook] = super().get_queryset(request)
        return hooks.annotate(
            waiting_count=having(Delivery.Status.WAITING),
            failed_count=having(Delivery.Status.FAILED),
        )

    @admin.display(description="told of")
    def told_of(self, hook: Webhook) -> str:
        return ", ".join(hook.events)

    @admin.display(description="waiting", ordering="waiting_count")
    def waiting(self, hook: Webhook) -> int:
        return hook.waiting_count  # type: ignore[attr-defined,no-any-return]  # annotated

    @admin.display(description="given up", ordering="failed_count")
    def failed(self, hook: Webhook) -> int:
        return hook.failed_count  # type: ignore[attr-defined,no-any-return]  # annotated
