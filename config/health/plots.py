"""Bars of the last day, one for each hour, drawn by the server."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from django.utils import timezone

WIDTH, HEIGHT = 240, 60


@dataclass(frozen=True, slots=True)
class Bar:
    """One hour: its figure in words, and where it is drawn."""

    words: str
    x: str
    y: str
    width: str
    height: str


@dataclass(frozen=True, slots=True)
class Plot:
    """A title, the bars, and in words what is the most of them and the latest."""

    title: str
    bars: Sequence[Bar]
    most: str
    latest: str


def plot(title: str, values: Sequence[tuple[float, float]], unit: str) -> Plot:
    """Draw a value for each hour, given by when it began in epoch seconds."""
    most = max(value for _, value in values)
    step = WIDTH / len(values)
    bars = []
    for at, (began, value) in enumerate(values):
        height = HEIGHT * value / most if most else 0.0
        hour = timezone.localtime(datetime.fromtimestamp(began, UTC))
        bars.append(
            Bar(
                words=f"{hour:%H}:00: {_words(value, unit)}",
                x=f"{at * step:.1f}",
                y=f"{HEIGHT - height:.1f}",
                width=f"{step * 0.75:.1f}",
                height=f"{height:.1f}",
            )
        )
    most_words = _words(most, unit) if unit else f"{_words(most, unit)} an hour"
    return Plot(title, bars, most_words, _words(values[-1][1], unit))


def _words(value: float, unit: str) -> str:
    return f"{value:,.0f} {unit}".rstrip()
