"""Mail that is sent by a worker, so that nobody waits for a mail server."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.conf import settings
from django.db import transaction

from .. import tasks


def post_mail(*, to: str, subject: str, body: str) -> None:
    """Have a mail sent once the transaction is through."""
    _enqueue(tasks.send_mail, to, subject, body)


def post_reset_link(*, address: str, site: str) -> None:
    """Have a link for a new password sent to whoever confirmed this address, if there is one.

    ``site``: the address of the pages, with a slash at its end.
    """
    _enqueue(tasks.send_reset_link, address, site)


def _enqueue(task: Any, *arguments: str) -> None:
    """Put it where it waits for no long work."""
    sent = partial(task.apply_async, arguments, queue=settings.UPKEEP)
    transaction.on_commit(sent, robust=True)
