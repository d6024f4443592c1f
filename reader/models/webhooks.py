"""Addresses that are told when something is done, and what is still to be told."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.db import models
from django.db.models import Q
from django.utils import timezone

from tts import clock

from .people import User

# A worker that delivers and is not heard from for so long has died.
DELIVERY_LEASE = timedelta(seconds=60)
MOST_WEBHOOKS = 20


class Event(models.TextChoices):
    """What an address may be told of."""

    IMPORT_DONE = "import.done", "A document was brought in, or could not be"
    EXPORT_DONE = "export.done", "An export is there, or could not be made"


class Webhook(models.Model):
    """An address that a person wants to be told."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="webhooks")
    url = models.CharField("address", max_length=2000)
    events = models.JSONField(default=list)
    sealed_secret = models.TextField(editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return self.host

    @property
    def host(self) -> str:
        """The server that it leads to; the rest of an address may be secret."""
        return urlsplit(self.url).netloc.rpartition("@")[2]


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def due(self) -> DeliveryQuerySet:
        """To be tried now, and in no worker's hands."""
        now = clock.now()
        free = Q(lease_until=None) | Q(lease_until__lt=now)
        return self.filter(free, status=Delivery.Status.WAITING, next_at__lte=now)

    def owe(self, user: User, event: str, payload: dict[str, Any]) -> list[Delivery]:
        """Write down that a person's addresses are to be told; return what is owed."""
        wanting = [hook for hook in Webhook.objects.filter(user=user) if event in hook.events]
        return self.bulk_create(
            Delivery(webhook=hook, event=event, payload=payload) for hook in wanting
        )


class Delivery(models.Model):
    """One thing that one address is told, until it has taken it or was asked too often."""

    class Status(models.TextChoices):
        WAITING = "waiting"
        DONE = "done"
        FAILED = "failed"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="deliveries")
    event = models.CharField(max_length=20)
    payload = models.JSONField()
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.WAITING)
    attempt = models.PositiveSmallIntegerField(default=0)
    error = models.TextField(blank=True)
    next_at = models.DateTimeField(default=timezone.now)
    lease_until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        verbose_name_plural = "deliveries"
        indexes = [
            # What is to be tried now?
            models.Index(
                fields=["next_at"], condition=Q(status="waiting"), name="delivery_waiting"
            ),
            models.Index(fields=["webhook", "-created_at"], name="delivery_by_webhook"),
        ]

    def __str__(self) -> str:
        return f"{self.event} to {self.webhook}"

    def take(self) -> bool:
        """Have it to oneself; False if another worker was sooner."""
        taken = (
            Delivery.objects.due()
            .filter(pk=self.pk, attempt=self.attempt)
            .update(attempt=self.attempt + 1, lease_until=clock.now() + DELIVERY_LEASE)
        )
        self.attempt += taken
        return bool(taken)

    def end(self, status: str, *, error: str = "", next_at: datetime | None = None) -> None:
        """Note how an attempt ended."""
        Delivery.objects.filter(pk=self.pk, attempt=self.attempt).update(
            status=status, error=error, next_at=next_at or clock.now(), lease_until=None
        )
