"""A person deletes their own account."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

import structlog
from django.db import transaction

from tts import clock

from .. import tasks
from ..models import User

log = structlog.get_logger(__name__)


class NobodyWouldBeLeft(Exception):
    """This is the only one who looks after the installation."""


@transaction.atomic
def leave(*, user: User) -> None:
    """Close an account at once, and have all that is its deleted. Raises NobodyWouldBeLeft."""
    keepers = User.objects.filter(is_superuser=True, is_active=True)
    if user.is_superuser and not keepers.exclude(pk=user.pk).exists():
        raise NobodyWouldBeLeft
    _close(user)
    log.info("person.leaves", user=user.pk)


@transaction.atomic
def send_away(people: Iterable[User]) -> None:
    """Close the accounts of these people at once, and have all that is theirs deleted."""
    for user in people:
        _close(user)
        log.info("person.sent_away", user=user.pk)


def _close(user: User) -> None:
    user.is_active, user.leaving_at = False, clock.now()
    user.save(update_fields=["is_active", "leaving_at"])
    transaction.on_commit(partial(tasks.delete_person.delay, user.pk), robust=True)
