"""Mail that is sent by a worker, so that nobody waits for a mail server."""

from __future__ import annotations

from django.conf import settings

from .. import tasks


def post_mail(*, to: str, subject: str, body: str) -> None:
    """Have a mail sent once the transaction is through."""
    tasks.send_mail.apply_async_on_commit((to, subject, body), queue=settings.UPKEEP)


def post_reset_link(*, address: str, site: str) -> None:
    """Have a link for a new password sent to whoever confirmed this address, if there is one.

    ``site``: the address of the pages, with a slash at its end.
    """
    tasks.send_reset_link.apply_async_on_commit((address, site), queue=settings.UPKEEP)
