"""When the words of a sound are heard, by aligning it with one of the same text whose word times
are known: first roughly, by each eighth frame, then, if that is like it, by all of them near to
that."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from .features import HOP_MS, SAMPLE_RATE, Bools, Floats, Frames
from .warping import Indices, Way, way_near, way_through

__all__ = ["SAMPLE_RATE", "align"]

# Every eighth frame tells the way roughly: 40 ms; fewer of a sound so long that its matrices
# would need more than some 50 MB.
ROUGH, MOST_ROUGH = 8, 1_500
# So near to it, in these steps, is it looked for in all frames.
NEAR = 4
# Two sounds of one text are nearer to each other than one of them is to the other backwards, which
# sounds alike and says something else. Measured: the same text up to 0.92, another 0.94 and more.
UNSURE = 0.93
# So long is no closure of a stop, within which a word may begin.
PAUSE = round(120 / HOP_MS)
# Words are missing where so much of the reference is found in so little of the sound, and too many
# where it is the other way round: half of a text once more took 315 ms of the reference and less,
# and a slow voice no less than 700.
LONG, SHORT, SLOW = (round(ms / HOP_MS) for ms in (1_200, 200, 400))


def align(reference: Floats, sound: Floats, times_ms: Sequence[int]) -> list[int] | None:
    """Return where times of the reference are in the sound, in ms; None where that is not sure.

    ``reference`` and ``sound``: samples at SAMPLE_RATE, mono, between -1 and 1.
    """
    here, there = Frames.of(reference), Frames.of(sound)
    if not here or not there:
        return None
    longest = max(len(here.features), len(there.features))
    step = max(ROUGH, -(-longest // MOST_ROUGH))
    rough, unlikeness = way_through(_each(here.features, step), _each(there.features, step))
    if unlikeness >= UNSURE:
        return None
    at = np.arange(len(here.features)) // step
    low, high = (rough.first[at] - NEAR) * step, (rough.last[at] + 1 + NEAR) * step
    way = way_near(here.features, there.features, low, high)
    if not _is_whole(way, there.silent):
        return None
    asked = np.round(np.asarray(times_ms) / HOP_MS - here.offset).astype(np.intp)
    asked = np.clip(asked, 0, len(way.first) - 1)
    frames = _behind_pauses((way.first[asked] + way.last[asked]) / 2, there.faint)
    found = (frames + there.offset) * HOP_MS
    return [round(time) for time in found.tolist()]


def _each(features: Floats, step: int) -> Floats:
    return np.ascontiguousarray(features[::step])


def _behind_pauses(frames: NDArray[np.float64], faint: Bools) -> NDArray[np.float64]:
    """Move what begins in a pause to where sound begins: silences look alike, wherever one is."""
    edges = np.flatnonzero(np.diff(faint, prepend=False, append=False))
    begins, ends = edges[::2], edges[1::2]
    is_long = ends - begins >= PAUSE
    begins, ends = begins[is_long], ends[is_long]
    at = np.searchsorted(begins, frames, side="right") - 1
    is_in = (at >= 0) & (frames < np.append(ends, 0)[at])
    return np.where(is_in, np.append(ends, 0)[at], frames)


def _is_whole(way: Way, silent: Bools) -> bool:
    """Tell whether neither sound has a stretch for which the other has next to nothing."""
    loud: Indices = np.concatenate([[0], np.cumsum(~silent)])
    there, here = way.first, way.back(len(silent))
    # Loud frames of the sound that a long stretch of the reference is found in, and the reverse.
    found = loud[there[LONG:]] - loud[there[:-LONG]]
    asked = here[LONG:] - here[:-LONG]
    spoken = loud[LONG : len(here)] - loud[: max(0, len(here) - LONG)]
    return not (found < SHORT).any() and not ((asked < SLOW) & (spoken > LONG / 2)).any()
