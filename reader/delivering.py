"""Tell the addresses that want to be told: signed, tried again with growing pauses.

Signed as the Standard Webhooks have it: ``webhook-signature`` is the HMAC-SHA256 of
``id.timestamp.body``, so that nobody else can send it, nor send it once more later.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import random
import time
from datetime import timedelta
from typing import Any

import structlog
from django.conf import settings
from django.urls import reverse

from tts import clock, heartbeat
from tts.keys import UnreadableKey, unseal

from .extraction import ExtractionError
from .ingestion.posting import ANSWER_SECONDS, post
from .models import Delivery, Event
from .telling import send

log = structlog.get_logger(__name__)

# Before the second attempt, the third …; after the last one it is given up.
PAUSES = tuple(
    timedelta(seconds=seconds) for seconds in (5, 30, 120, 600, 3600, 4 * 3600, 12 * 3600)
)
AT_ONCE = 20
KEPT = timedelta(days=7)
# What may pass: it is asked again. All other refusals may pass too: who mends a receiver is glad.
GONE = 410


def deliver(delivery: Delivery) -> None:
    """Try once. Twice does no harm: who gets it twice knows it by its id."""
    if not delivery.take():
        return
    heartbeat.beat(ANSWER_SECONDS + heartbeat.SILENCE_SECONDS)
    try:
        status = _post(delivery)
        error = "" if 200 <= status < 300 else f"It answered with {status}."
        is_gone = status == GONE
    except (ExtractionError, UnreadableKey) as problem:
        error, is_gone = str(problem), isinstance(problem, UnreadableKey)
    if not error:
        delivery.end(Delivery.Status.DONE)
        log.info("webhook.delivered", delivery=str(delivery.pk), attempt=delivery.attempt)
        return
    log.warning("webhook.failed", delivery=str(delivery.pk), attempt=delivery.attempt, error=error)
    if is_gone or delivery.attempt > len(PAUSES):
        delivery.end(Delivery.Status.FAILED, error=error)
        return
    pause = PAUSES[delivery.attempt - 1] * random.uniform(0.8, 1.2)
    delivery.end(Delivery.Status.WAITING, error=error, next_at=clock.now() + pause)


def _post(delivery: Delivery) -> int:
    told = {
        "id": str(delivery.pk),
        "type": delivery.event,
        "timestamp": delivery.created_at.isoformat(),
        "data": _data(delivery),
    }
    body, now = json.dumps(told).encode(), str(int(time.time()))
    headers = {
        "Content-Type": "application/json",
        "webhook-id": str(delivery.pk),
        "webhook-timestamp": now,
        "webhook-signature": signature(
            unseal(delivery.webhook.sealed_secret), str(delivery.pk), now, body
        ),
    }
    return post(
        delivery.webhook.url,
        body,
        headers,
        may_be_private=settings.FETCH_PRIVATE_ADDRESSES,
    )


def _data(delivery: Delivery) -> dict[str, Any]:
    """Return what is told, with the address of the document.

    The first address that a process asks for loads every page and form of the system, for a second
    and more: not where rows are being written, and SQLite is locked for everybody.
    """
    data: dict[str, Any] = delivery.payload
    if delivery.event != Event.IMPORT_DONE:
        return data
    return data | {"url": reverse("document", args=[data["uuid"]])}


def signature(secret: str, pk: str, timestamp: str, body: bytes) -> str:
    """Return what shows that a message is ours. The secret is written ``whsec_…``."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = hmac.new(key, f"{pk}.{timestamp}.".encode() + body, hashlib.sha256)
    return f"v1,{base64.b64encode(signed.digest()).decode()}"


def look_after() -> None:
    """Send what is due: its pause is over, or its worker or message was lost."""
    for delivery in Delivery.objects.due().order_by("next_at")[:AT_ONCE]:
        send(str(delivery.pk))


def forget() -> None:
    """Forget what was told long ago."""
    Delivery.objects.filter(created_at__lt=clock.now() - KEPT).exclude(
        status=Delivery.Status.WAITING
    ).delete()
