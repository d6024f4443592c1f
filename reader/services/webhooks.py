"""The addresses that a person wants to be told."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Sequence

import structlog

from tts.keys import seal

from .. import delivering
from ..models import Delivery, User, Webhook

log = structlog.get_logger(__name__)

TEST = "test"


def add_webhook(*, user: User, url: str, events: Sequence[str]) -> tuple[Webhook, str]:
    """Add an address; return it, and the secret by which what it is told is known to be ours."""
    secret = f"whsec_{base64.b64encode(secrets.token_bytes(32)).decode()}"
    webhook = Webhook.objects.create(
        user=user, url=url, events=list(events), sealed_secret=seal(secret)
    )
    log.info("webhook.added", user=user.pk, webhook=webhook.pk)
    return webhook, secret


def remove_webhook(*, webhook: Webhook) -> None:
    """Tell an address nothing more."""
    log.info("webhook.removed", user=webhook.user_id, webhook=webhook.pk)
    webhook.delete()


def try_webhook(*, webhook: Webhook) -> Delivery:
    """Tell an address something at once, to see whether it is heard; return how that went."""
    delivery = Delivery.objects.create(
        webhook=webhook, event=TEST, payload={"message": "This is a test."}
    )
    delivering.deliver(delivery)
    delivery.refresh_from_db()
    if delivery.status == Delivery.Status.WAITING:  # a test is not tried again
        delivery.attempt, delivery.status = delivery.attempt, Delivery.Status.FAILED
        delivery.save(update_fields=["status"])
    return delivery
