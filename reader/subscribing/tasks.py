"""What workers do about feeds. Arguments are ids; each may come twice without harm."""

from __future__ import annotations

from celery import shared_task

from tts import clock

from ..models import Subscription
from . import checking

AT_ONCE = 50


@shared_task
def check_subscription(feed_id: int) -> None:
    feed = Subscription.objects.select_related("owner", "collection").filter(pk=feed_id).first()
    if feed and checking.take(feed):
        checking.check(feed)


@shared_task
def check_subscriptions() -> None:
    """Have the feeds checked whose turn it is."""
    due = Subscription.objects.filter(due_at__lte=clock.now(), owner__is_active=True)
    for pk in due.order_by("due_at").values_list("pk", flat=True)[:AT_ONCE]:
        check_subscription.delay(pk)
