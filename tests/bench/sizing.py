"""``make sizing``: what so many listeners at once need, computed from what was measured.

Each of them hears text that nobody heard before, block after block: the most that a listener can
cost. What was made before costs no speech. All that works is to do so for two thirds of the time,
so that who comes next need not wait. Costs are taken to grow with the listeners, no faster.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

LISTENERS = (10, 100, 1_000, 100_000)
BUSY = 2 / 3
HOUR_SECONDS = 3600
CORES_OF_A_MACHINE = 2  # of the one that was measured
LINE_MBIT = 1_000


class Measured(NamedTuple):
    """A figure of docs/performance.md, and what prints it, or says it."""

    figure: float
    what: str
    source: str


class Cost(Measured, Enum):
    BLOCK = (16.7, "seconds of sound in a block", "make bench-scale")
    HEART = (246.9, "ms of CPU of a worker for a block, heart", "make bench-scale")
    ESPEAK = (66.7, "ms of CPU of a worker for a block, eSpeak", "make bench-scale")
    PASSED_ON = (16.5, "ms of CPU of a waiter for a block, a server's Opus", "make bench-scale")
    WORD_TIMES = (97, "ms of CPU of jobs for a block, a server's Opus", "make bench-scale")
    TOLD = (8.8, "ms of CPU of web for a block", "make bench-scale")
    FETCHED = (3.2, "ms of CPU of web for a sound that is fetched", "make bench")
    AT_REST = (0.021, "ms of CPU of web for a socket, each second", "make bench-sockets")
    SOCKET = (41, "KB of web for a socket", "make bench-sockets")
    REDIS = (0.9, "ms of CPU of Redis for a block", "make bench-scale")
    SOUND = (48, "kbit of sound, each second", "tts/audio/formats.py")


SPEECH = {
    "heart": Cost.HEART.figure,
    "eSpeak": Cost.ESPEAK.figure,
    "a server": Cost.PASSED_ON.figure + Cost.WORD_TIMES.figure,
}
WEB = Cost.TOLD.figure + Cost.FETCHED.figure + Cost.AT_REST.figure * Cost.BLOCK.figure


def busy(ms_a_block: float) -> float:
    """Return how many cores a listener needs of what costs so much CPU for each block."""
    return ms_a_block / 1000 / Cost.BLOCK.figure / BUSY


@dataclass(frozen=True)
class Limit:
    """What ends: how many listeners it bears, and what is done about it."""

    bears: float
    what: str


LIMITS = (
    Limit(CORES_OF_A_MACHINE / busy(Cost.HEART.figure), "the cores of one machine: more `worker`"),
    Limit(1 / busy(WEB), "the core of one `web` process: more of them"),
    Limit(
        1 / busy(Cost.REDIS.figure),
        "the core of Redis: an installation for each part of the people",
    ),
    Limit(
        LINE_MBIT * 1000 / Cost.SOUND.figure, "a line of 1 Gbit/s: sounds from a bucket nearer by"
    ),
)


def next_limit(listeners: int) -> str:
    """Return what ends first when there are more; of too many, what they need several of."""
    ahead = sorted((each for each in LIMITS if each.bears > listeners), key=lambda each: each.bears)
    limit = ahead[0] if ahead else LIMITS[2]
    return f"from {rounded(limit.bears)} on {limit.what}"


def rounded(number: float) -> str:
    """Return a number with two digits that count."""
    size = 10 ** max(0, len(str(int(number))) - 2)
    return f"{round(number / size) * size:,}" if number >= 10 else f"{number:.2g}"


def row(listeners: int) -> Sequence[str]:
    hour_gb = Cost.SOUND.figure / 8 * HOUR_SECONDS * listeners / 1e6
    return (
        f"{listeners:,}",
        *(rounded(listeners * busy(ms)) for ms in SPEECH.values()),
        rounded(listeners * busy(WEB)),
        rounded(listeners * busy(Cost.REDIS.figure)),
        f"{rounded(Cost.SOCKET.figure * listeners / 1000)} MB",
        f"{rounded(Cost.SOUND.figure * listeners / 1000)} Mbit/s",
        f"{rounded(hour_gb)} GB",
        next_limit(listeners),
    )


HEADINGS = (
    "listeners", *SPEECH, "`web`", "Redis", "sockets", "sent", "kept of an hour", "the next limit",
)  # fmt: skip


def table() -> str:
    """Return the table as docs/operating.md has it: columns without a unit are cores."""
    lines = [HEADINGS, ["---"] * len(HEADINGS), *map(row, LISTENERS)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


if __name__ == "__main__":
    for cost in Cost:
        print(f"{cost.figure:>6} {cost.what} ({cost.source})")
    print(f"\n{table()}")
