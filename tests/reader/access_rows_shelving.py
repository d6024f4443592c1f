"""Who may what with collections, filters, the trash, the queue and subscriptions."""

from __future__ import annotations

from uuid import UUID

from reader.models import Collection, SavedFilter, Subscription
from tests.access.matrix import Belongings, own, signed_in


def collection_of(own: Belongings) -> Collection:
    return Collection.objects.get_or_create(owner=own.user, name=f"Of {own.user}")[0]


def filter_of(own: Belongings) -> SavedFilter:
    return SavedFilter.objects.get_or_create(owner=own.user, name=f"Of {own.user}")[0]


def subscription_of(own: Belongings) -> Subscription:
    address = f"https://{own.user}.example/feed"
    return Subscription.objects.get_or_create(owner=own.user, address=address)[0]


COLLECTION = {"uuid": lambda own: collection_of(own).uuid}
FILTER = {"pk": lambda own: filter_of(own).pk}
SUBSCRIPTION = {"pk": lambda own: subscription_of(own).pk}
ORDER = {"uuid": str(UUID(int=1))}
FEED = {"address": "https://news.example/feed"}

ROWS = [
    signed_in("POST", "documents/several/", 302, data={"act": "archive"}),
    own("POST", "collections/<uuid:uuid>/rename/", 302, ids=COLLECTION, data={"name": "Another"}),
    own("POST", "collections/<uuid:uuid>/delete/", 302, ids=COLLECTION),
    own("POST", "collections/<uuid:uuid>/feed/", 302, ids=COLLECTION),
    signed_in("POST", "filters/", 302, data={"name": "New", "query": "state=new"}),
    own("POST", "filters/<int:pk>/delete/", 302, ids=FILTER),
    signed_in("GET", "trash/", 200),
    signed_in("POST", "trash/empty/", 302),
    signed_in("GET", "queue/", 200),
    signed_in("POST", "queue/order/", 302, data=ORDER),
    signed_in("POST", "queue/clear/", 302),
    signed_in("POST", "queue/finished/", 302, data={"archive": "on"}),
    signed_in("POST", "queue/play/", 302),
    own("POST", "queue/<uuid:uuid>/remove/", 302),
    own("POST", "queue/<uuid:uuid>/ready/", 200),
    own("POST", "queue/<uuid:uuid>/next/", 200),
    signed_in("GET", "subscriptions/", 200),
    signed_in("POST", "subscriptions/", 302, data=FEED),
    signed_in("GET", "subscriptions/opml/", 200),
    own("POST", "subscriptions/<int:pk>/delete/", 302, ids=SUBSCRIPTION),
]
