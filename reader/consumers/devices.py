"""The device and browser that a page is open in."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.crypto import salted_hmac

# The first that is found in the User-Agent holds: most browsers name others beside themselves.
BROWSERS = [
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
]
SYSTEMS = [
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Macintosh", "Mac"),
    ("Linux", "Linux"),
]


def browser_of(session_key: str | None) -> str:
    """Return what all tabs of a browser share, from their sign-in. It tells nothing of the key."""
    return salted_hmac("reader.devices", session_key or "").hexdigest()


def device_name(headers: Iterable[tuple[bytes, bytes]]) -> str:
    """Return such as "Chrome on Linux" from a request's headers, or nothing. Only our own words."""
    agent = next((value for name, value in headers if name == b"user-agent"), b"")
    text = agent.decode("latin-1")
    browser = next((name for token, name in BROWSERS if token in text), "")
    system = next((name for token, name in SYSTEMS if token in text), "")
    return " on ".join(filter(None, (browser, system)))
