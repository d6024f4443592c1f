"""Invitations: made, opened, used once, withdrawn."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime
from typing import Any

import structlog
from django.urls import reverse
from django.utils import timezone

from ..models import Invitation, User

log = structlog.get_logger(__name__)

IN_SESSION = "invitation"  # the secret of the one that was opened
DAYS = (1, 7, 30)
MOST_OPEN = 200


def invite(*, by: User, note: str, until: datetime) -> tuple[Invitation, str]:
    """Make an invitation; return it and the path of its link, which nobody can see again."""
    secret = secrets.token_urlsafe(24)
    invitation = Invitation.objects.create(
        note=note,
        digest=_digest(secret),
        made_by=by,
        expires_at=until,
    )
    log.info("invitation.made", invitation=invitation.pk, by=by.pk)
    return invitation, reverse("invitation", args=[secret])


def open_invitation(session: Any, secret: str) -> bool:
    """Have a browser's session hold an invitation, if it is valid: it is not used by that."""
    if not Invitation.objects.valid().filter(digest=_digest(secret)).exists():
        return False
    session[IN_SESSION] = secret
    return True


def of_session(session: Any) -> Invitation | None:
    """Return the invitation that a browser came by, while it is valid."""
    secret = session.get(IN_SESSION)
    return Invitation.objects.valid().filter(digest=_digest(secret)).first() if secret else None


def use(session: Any, user: User) -> bool:
    """Use the session's invitation for this account, in its transaction; whether it was valid."""
    secret = session.pop(IN_SESSION, "")
    valid = Invitation.objects.valid().filter(digest=_digest(secret))
    is_used = bool(valid.update(used_at=timezone.now(), used_by=user))
    log.info("invitation.used" if is_used else "invitation.refused", user=user.pk)
    return is_used


def withdraw(*, invitation: Invitation) -> None:
    log.info("invitation.withdrawn", invitation=invitation.pk)
    invitation.delete()


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()
