"""Speech whose word times are known: espeak's own, and flite's with the times of its segments.

The aligner's constants were chosen on ``TUNED_ON`` with espeak's voices "+m3" and "+f2" and flite's
"kal". What is reported is ``REPORTED``, in other voices.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import av
import numpy as np

from tests.reader.extraction.material import package
from tests.speech_server import espeak_wav
from tts.aligning import Samples, _resampled, decode
from tts.marks import snap, words
from tts.marks.alignment import SAMPLE_RATE
from tts.speech import WordEvent

REFERENCE = "gmw/en-US"
PER_MS = SAMPLE_RATE / 1000
TUNED_ON = (
    "The old house stood at the end of a narrow lane, and nobody had lived there for many years. "
    "Its windows were dark, the garden was full of weeds, and children told each other that it "
    "was haunted.",
    "When the committee met again in the spring, most of its members had changed their minds. They "
    "agreed that the bridge should be repaired, but they could not decide who ought to pay for "
    "the work.",
    "Reading aloud is an ancient art. For a long time it was rare to read in silence; people "
    "listened together, and the voice of the reader filled the room.",
    "If you add the flour too quickly, the dough becomes heavy. Stir it slowly, let it rest for an "
    "hour, and keep the oven as hot as it will go.",
    "She opened the letter with shaking hands. Inside was a single sheet of paper, folded twice, "
    "and on it one short sentence that she never forgot.",
    "Most birds that nest in the north fly south before the first frost. Some travel only a few "
    "miles, while others cross whole continents without stopping.",
)
REPORTED = (
    "A good map shows less than it knows. What it leaves out makes the rest easy to see, and a "
    "traveller in a hurry will thank whoever drew it for every line that is missing.",
    "The engineer listened to the machine for a while and then tapped it gently with a hammer. It "
    "started at once, and the owner asked what such a small thing could possibly cost.",
    "Water expands when it freezes, which is why pipes burst in winter. The damage is noticed only "
    "later, as soon as the ice melts and the kitchen floor is wet.",
    "My grandfather kept bees behind the barn. Every evening he walked down to the hives, sat on "
    "an upturned bucket, and told them whatever had happened during the day.",
    "There were seven of us in the boat, and none could swim. The wind had dropped, the sail hung "
    "loose, and far away, just above the horizon, we saw a thin column of smoke.",
    "To learn a language you need patience more than talent. Listen every day, speak whenever you "
    "can, and do not be ashamed of mistakes that everybody makes.",
    "The library was open until midnight, yet hardly anyone stayed so long. Under the green lamps "
    "a few students turned their pages, and the clock above the door ticked loudly.",
    "Because the road was closed, the bus took another way through the hills. Nobody complained; "
    "the sun was setting, and the valley below us was full of golden light.",
)


@dataclass(frozen=True, slots=True)
class Known:
    """A sound, and when some of its words begin: by index of the word, in ms."""

    samples: Samples  # at the aligner's rate
    duration_ms: float
    starts: dict[int, float]


Speaker = Callable[[str], Known]


def espeak(voice: str, **parameters: object) -> Speaker:
    """Return a speaker in one of espeak's voices, by its name in the library."""

    def speak(text: str) -> Known:
        wav, events = espeak_wav(text, voice, **parameters)
        samples = samples_of(wav)
        duration_ms = len(samples) / PER_MS
        marks = snap(text, events, round(duration_ms))
        return Known(samples, duration_ms, {n: m.start_ms for n, m in enumerate(marks)})

    return speak


def samples_of(wav: bytes) -> Samples:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "sound.wav"
        path.write_bytes(wav)
        with path.open("rb") as file:
            return decode(file)


def flite(voice: str) -> Speaker:
    """Return a speaker in one of flite's voices: slt, rms, awb, kal16, kal."""

    def speak(text: str) -> Known:
        with TemporaryDirectory() as folder:
            path = Path(folder) / "sound.wav"
            printed = _flite("-voice", voice, "-psdur", "-t", text, "-o", str(path))
            with path.open("rb") as file:
                samples = decode(file)
        ends = [(name, float(end) * 1000) for name, end in (p.split(":") for p in printed)]
        segments = [
            (name, ends[at - 1][1] if at else 0.0)
            for at, (name, _) in enumerate(ends)
            if name != "pau"
        ]
        return Known(samples, len(samples) / PER_MS, _starts(text, voice, segments))

    return speak


def _starts(text: str, voice: str, segments: list[tuple[str, float]]) -> dict[int, float]:
    """Find the segments with which words begin: those of each word spoken alone, in order."""
    expected, begins = [], {}
    units = text.encode("utf-16-le")
    for n, (start, end) in enumerate(words(text)):
        begins[len(expected)] = n
        expected += _segments_of(units[2 * start : 2 * end].decode("utf-16-le"), voice)
    same = SequenceMatcher(a=expected, b=[name for name, _ in segments], autojunk=False)
    return {
        begins[here + at]: segments[there + at][1]
        for here, there, count in same.get_matching_blocks()
        for at in range(count)
        if here + at in begins
    }


@cache
def _segments_of(word: str, voice: str) -> list[str]:
    return [
        name for name in _flite("-voice", voice, "-ps", "-t", word, "-o", "none") if name != "pau"
    ]


def _flite(*arguments: str) -> list[str]:
    (library,) = (package("libflite1") / "usr/lib").glob("*-linux-gnu")
    return subprocess.run(
        [package("flite") / "usr/bin/flite", *arguments],
        env={**os.environ, "LD_LIBRARY_PATH": str(library)},
        capture_output=True,
        check=True,
        text=True,
    ).stdout.split()


@dataclass(frozen=True, slots=True)
class Errors:
    """How far off found word times are, and those spread over the text, in ms."""

    found: list[float]
    spread: list[float]
    unsure: int  # texts of which nothing was found

    @property
    def median(self) -> float:
        return float(np.median(self.found))

    def percentile(self, percent: int) -> float:
        return float(np.percentile(self.found, percent))


def known_from(pcm: bytes, events: Sequence[WordEvent], text: str, rate: int) -> Known:
    """Return speech whose engine tells itself when its words are heard."""
    frame = av.AudioFrame(format="s16", layout="mono", samples=len(pcm) // 2)
    frame.sample_rate = rate
    frame.planes[0].update(pcm)
    samples = _resampled([frame])
    marks = snap(text, events, round(len(samples) / PER_MS))
    return Known(samples, len(samples) / PER_MS, {n: mark.start_ms for n, mark in enumerate(marks)})


def errors_of(speaker: Speaker, texts: tuple[str, ...], *, times: int = 1) -> Errors:
    """Align a speaker's sounds with the reference's and compare with what is known.

    The reference never says a text twice in the same way: what is as unlike it as can be borne may
    be beyond that once in a while. So many ``times`` in turn a text has to be, to count as unsure.
    """
    from tts.marks import alignment

    reference = espeak(REFERENCE)
    errors = Errors([], [], 0)
    unsure = 0
    for text in texts:
        spoken = speaker(text)
        for _ in range(times):
            known = reference(text)
            starts = [round(known.starts[n]) for n in range(len(words(text)))]
            found = alignment.align(known.samples, spoken.samples, starts)
            if found is not None:
                break
        else:
            unsure += 1
            continue
        for n, start in spoken.starts.items():
            at = spoken.duration_ms * words(text)[n][0] / len(text)
            errors.found.append(abs(found[n] - start))
            errors.spread.append(abs(at - start))
    return Errors(errors.found, errors.spread, unsure)


UNLIKE_THE_REFERENCE: dict[str, Speaker] = {
    "espeak en-US+f5, 190 words/min": espeak("gmw/en-US+f5", rate=190),
    "espeak en-GB-x-rp+croak, 130": espeak("gmw/en-GB-x-rp+croak", rate=130),
    "espeak en-GB-scotland+m7": espeak("gmw/en-GB-scotland+m7"),
    "flite slt": flite("slt"),
    "flite rms": flite("rms"),
    "flite awb": flite("awb"),
    "flite kal16": flite("kal16"),
}
