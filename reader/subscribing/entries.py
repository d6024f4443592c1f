"""What a feed says, as plain values. Whatever it says is somebody else's word."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from html import unescape
from typing import Any
from urllib.parse import urljoin, urlsplit

import feedparser

MOST_ENTRIES = 200
TAG = re.compile(r"<(script|style)\b.*?</\1\s*>|<[^>]*>", re.DOTALL | re.IGNORECASE)
LONGEST_ADDRESS = 2000


class NoFeed(Exception):
    """It is no feed; the message is for a person."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An article: what names it, where it is, what it is called."""

    id: str
    address: str
    title: str


@dataclass(frozen=True, slots=True)
class FeedContent:
    title: str
    entries: list[Entry]


def read_feed(data: bytes, *, address: str) -> FeedContent:
    """Return what a feed says, its articles in its order. Raises NoFeed."""
    # By a file: a string would be taken for an address, or for a path.
    parsed: Any = feedparser.parse(
        io.BytesIO(data), response_headers={"content-location": address}, sanitize_html=False
    )
    if not parsed.get("version"):
        raise NoFeed("There is no feed at this address: it is neither RSS nor Atom.")
    entries = []
    for each in parsed.entries[:MOST_ENTRIES]:
        link = urljoin(address, str(each.get("link", "")).strip())
        if urlsplit(link).scheme in ("http", "https") and len(link) <= LONGEST_ADDRESS:
            title = _plain(each.get("title", ""))
            entries.append(Entry(str(each.get("id", "")) or link, link, title))
    return FeedContent(_plain(parsed.feed.get("title", "")), entries)


def _plain(markup: object) -> str:
    """Return a title without markup, however often it was escaped."""
    text = TAG.sub(" ", unescape(TAG.sub(" ", str(markup))))
    return " ".join(text.replace("\0", "").split())[:300]
