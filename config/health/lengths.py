"""Lengths of time in words."""

from __future__ import annotations

from datetime import datetime

from tts import clock


def since(at: datetime) -> str:
    return in_words((clock.now() - at).total_seconds())


def in_words(seconds: float) -> str:
    """Return a length of time, roughly."""
    for name, length in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {name}"
    return f"{max(0.0, seconds):.0f} s"
