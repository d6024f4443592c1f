"""Requests that carry an idempotency key: carried out once, however often they are sent."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from ..models import Repeat, User

LONGEST_KEY = 255
# Whoever carries one out and does not answer for so long has died.
IS_LOST_AFTER = timedelta(minutes=3)

Answer = tuple[int, Any]  # the status, and what goes out as JSON


class StillRunning(Exception):
    """The same request is being carried out at this moment."""


class OtherRequest(Exception):
    """The key was used for something else."""


def once(
    *, user: User, key: str, fingerprint: str, carry_out: Callable[[], Answer]
) -> tuple[Answer, bool]:
    """Carry a request out, or return the answer that it had; tell whether it is that one.

    What fails leaves nothing behind, so that it may be tried again under the same key. Raises
    StillRunning, OtherRequest.
    """
    own = Repeat.objects.filter(user=user, key=key)
    own.forgotten().delete()
    own.filter(created_at__lt=timezone.now() - IS_LOST_AFTER, status=None).delete()
    try:
        with transaction.atomic():
            request = Repeat.objects.create(user=user, key=key, fingerprint=fingerprint)
    except IntegrityError:
        known = own.first()
        if known is None or (known.fingerprint == fingerprint and known.status is None):
            raise StillRunning from None
        if known.fingerprint != fingerprint:
            raise OtherRequest from None
        return (known.status or 0, known.answer), True
    try:
        status, answer = carry_out()
    except BaseException:
        request.delete()
        raise
    Repeat.objects.filter(pk=request.pk).update(status=status, answer=answer)
    return (status, answer), False
