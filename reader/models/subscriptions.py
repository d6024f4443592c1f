"""The feeds that a person follows, and what of them was brought in."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from tts.models import HASH_LENGTH

from .people import User
from .shelving import Collection


class Subscription(models.Model):
    """An RSS or Atom feed; its new articles come into a collection."""

    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="subscriptions")
    address = models.URLField(max_length=2000)
    title = models.CharField(max_length=300, blank=True)
    collection = models.ForeignKey(
        Collection, null=True, on_delete=models.SET_NULL, related_name="subscriptions"
    )
    error = models.TextField(blank=True, help_text="Why it could not be read the last time.")
    failures = models.PositiveSmallIntegerField(default=0)
    checked_at = models.DateTimeField(null=True, blank=True)
    # Whoever checks it puts this off first: so it is also the lease.
    due_at = models.DateTimeField(default=timezone.now)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["title", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "address"], name="one_subscription_of_an_address"
            )
        ]
        indexes = [
            models.Index(fields=["due_at"], name="subscription_due")
        ]  # Which are to be checked?

    def __str__(self) -> str:
        return self.title or self.address


class SubscriptionEntry(models.Model):
    """An article of a feed that was seen: by its id, or by its address."""

    subscription = models.ForeignKey(Subscription, on_delete=models.CASCADE, related_name="entries")
    key = models.CharField(max_length=HASH_LENGTH, help_text="A hash of the id or the address.")
    is_brought = models.BooleanField(default=False, help_text="It was made a document.")
    seen_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subscription", "key"], name="one_entry_of_a_key")
        ]

    def __str__(self) -> str:
        return f"{self.key} of {self.subscription}"
