"""Who may make an account: an installation's rule, and invitations."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import models
from django.db.models import Q
from django.utils import timezone

from .people import User
from .programs import DIGEST_LENGTH


class Installation(models.Model):
    """What is so for all of an installation, where no setting says otherwise. There is one row."""

    signup_open = models.BooleanField(
        "anybody may make an account",
        default=False,
        help_text="Else an account needs an invitation. The setting SIGNUP_OPEN counts for more.",
    )

    class Meta:
        verbose_name = verbose_name_plural = "accounts of this installation"
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="one_installation"),
        ]

    def __str__(self) -> str:
        return "This installation"


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def valid(self) -> InvitationQuerySet:
        return self.filter(used_at=None, expires_at__gt=timezone.now())


def in_a_week() -> datetime:
    return timezone.now() + timedelta(days=7)


class Invitation(models.Model):
    """A link that lets one person make an account. Whoever withdraws it deletes it.

    Only the hash of its secret is kept. ``used_at`` is set in the transaction that makes the
    account, by one conditional UPDATE.
    """

    note = models.CharField("for whom", max_length=100, blank=True)
    digest = models.CharField(max_length=DIGEST_LENGTH, unique=True, editable=False)
    made_by = models.ForeignKey(
        User, null=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(default=in_a_week)
    used_at = models.DateTimeField(null=True, editable=False)
    used_by = models.ForeignKey(
        User, null=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )

    objects = InvitationQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return self.note or f"Invitation of {self.created_at:%Y-%m-%d}"

    @property
    def is_expired(self) -> bool:
        return self.used_at is None and self.expires_at <= timezone.now()
