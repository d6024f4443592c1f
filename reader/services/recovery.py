"""Letting a person in again who has lost the password, or what is asked for besides it."""

from __future__ import annotations

import structlog
from allauth.mfa.models import Authenticator

from ..models import User
from ..reset_links import reset_path

log = structlog.get_logger(__name__)


def recovery_path(*, user: User, without_second_factor: bool = False, by: str = "") -> str:
    """Return the path of a link for a new password, which works once and for a day.

    ``without_second_factor`` takes their passkeys, authenticator app and recovery codes away.
    ``by`` is who gives it, for the log.
    """
    if without_second_factor:
        Authenticator.objects.filter(user=user).delete()
        log.warning("second_factor.taken_away", user=user.pk, by=by)
    log.warning("reset_link.given", user=user.pk, by=by)
    return reset_path(user)
