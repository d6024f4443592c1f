"""What speech a person used, and everybody: by day, as a plot and in figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models import QuerySet, Sum

from tts.demand.usage import today
from tts.models import Usage

from ..models import User

DAYS = 30
# The plot's inside, in the units of its own picture.
WIDTH, HEIGHT = 720, 120


@dataclass(frozen=True, slots=True)
class Bar:
    """One day of the plot: its figures, and where it is drawn."""

    day: date
    characters: int
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Plot:
    """Characters by day, the latest on the right."""

    bars: Sequence[Bar]
    most: int

    @property
    def first(self) -> date:
        return self.bars[0].day

    @property
    def last(self) -> date:
        return self.bars[-1].day


def plot(usage: QuerySet[Usage]) -> Plot:
    """Draw the last days of some usage."""
    last = today()
    days = [last - timedelta(days=ago) for ago in reversed(range(DAYS))]
    sums = dict(
        usage.filter(day__gte=days[0])
        .order_by()
        .values_list("day")
        .annotate(characters=Sum("characters"))
    )
    most = max([*sums.values(), 0])
    step = WIDTH / DAYS
    bars = []
    for at, day in enumerate(days):
        characters = sums.get(day, 0)
        height = round(HEIGHT * characters / most, 1) if most else 0.0
        bars.append(
            Bar(day, characters, round(at * step, 1), HEIGHT - height, round(step * 0.7, 1), height)
        )
    return Plot(bars, most)


def of_person(user: User) -> dict[str, Any]:
    """Return what the page about a person's own use shows."""
    usage = Usage.objects.filter(account=str(user.pk))
    by_model = (
        usage.filter(day__gte=today() - timedelta(days=DAYS - 1))
        .order_by("speech_model__name")
        .values("speech_model__name")
        .annotate(characters=Sum("characters"), milliseconds=Sum("milliseconds"), cost=Sum("cost"))
    )
    counted = usage.filter(day=today(), speech_model__price_per_million__gt=0)
    characters = counted.aggregate(sum=Sum("characters"))["sum"] or 0
    limit = settings.DAILY_CHARACTERS_PER_PERSON
    return {
        "plot": plot(usage),
        "models": [
            {
                "name": row["speech_model__name"],
                "characters": row["characters"],
                "milliseconds": row["milliseconds"],
                "time": spoken_time(row["milliseconds"]),
                "cost": row["cost"] or Decimal(0),
            }
            for row in by_model
        ],
        "days": DAYS,
        "limit": limit,
        "left": max(0, limit - characters),
    }


def spoken_time(milliseconds: int) -> str:
    """Return a length of sound in words."""
    minutes, seconds = divmod(round(milliseconds / 1000), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {seconds} s" if minutes else f"{seconds} s"
