"""Following feeds, and taking the list along: OPML."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from urllib.parse import urlsplit
from xml.etree import ElementTree

from django.db import transaction
from lxml import etree

from tts import clock

from ..models import Subscription, User
from .tasks import check_subscription

MOST_FEEDS = 200
LONGEST_ADDRESS = 2000


class NotFollowed(Exception):
    """It cannot be followed; the message is for a person."""


def follow(*, owner: User, address: str, title: str = "") -> Subscription:
    """Follow a feed, once; it is checked at once. Raises NotFollowed."""
    address = address.strip()
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise NotFollowed("Enter the address of a feed: it begins with http:// or https://.")
    if len(address) > LONGEST_ADDRESS:
        raise NotFollowed("This address is too long.")
    own = Subscription.objects.filter(owner=owner)
    if known := own.filter(address=address).first():
        return known
    if own.count() >= MOST_FEEDS:
        raise NotFollowed(f"You follow {MOST_FEEDS} feeds, and more are not taken.")
    with transaction.atomic():
        feed, is_new = Subscription.objects.get_or_create(
            owner=owner, address=address, defaults={"title": title[:300], "due_at": clock.now()}
        )
        if is_new:
            transaction.on_commit(partial(check_subscription.delay, feed.pk), robust=True)
    return feed


def unfollow(feed: Subscription) -> None:
    """Follow a feed no longer; what came of it stays."""
    feed.delete()


def from_opml(*, owner: User, data: bytes) -> int:
    """Follow the feeds of an OPML file; return how many there are. Raises NotFollowed."""
    # It is somebody else's file: no entities, nothing from elsewhere, no depth without end.
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError):
        raise NotFollowed("This is no OPML file.") from None
    outlines = [each for each in root.iter("outline") if each.get("xmlUrl")]
    if not outlines:
        raise NotFollowed("There are no feeds in this file.")
    count = 0
    for each in outlines[:MOST_FEEDS]:
        try:
            name = each.get("title") or each.get("text") or ""
            follow(owner=owner, address=each.get("xmlUrl", ""), title=name)
            count += 1
        except NotFollowed:
            continue
    return count


def as_opml(feeds: Iterable[Subscription]) -> bytes:
    """Return feeds as other readers take them."""
    root = ElementTree.Element("opml", version="2.0")
    head = ElementTree.SubElement(root, "head")
    ElementTree.SubElement(head, "title").text = "Feeds in Lectern"
    body = ElementTree.SubElement(root, "body")
    for feed in feeds:
        about = {"type": "rss", "text": str(feed), "title": str(feed), "xmlUrl": feed.address}
        ElementTree.SubElement(body, "outline", about)
    return bytes(ElementTree.tostring(root, encoding="utf-8", xml_declaration=True))
