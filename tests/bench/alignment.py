"""``make bench-align``: what finding the words of a sound costs, part by part, and how near it is.

CPU, the least of several times: what else the machine does counts little.
"""

from __future__ import annotations

import io
import os
import sys
import time
from collections.abc import Callable
from typing import TypeVar

from tests import environment  # noqa: F401  first: it tells where the data goes

TIMES = 10
VOICE = "gmw/en-US+f4"
SECONDS = 16.7
AIM_MS = 32
Result = TypeVar("Result")


def main() -> int:
    import django

    django.setup()
    from tests.bench import pages

    costs()
    pages.marks()
    return 0


def costs() -> None:
    """Of a stored sound of so many seconds that a server might have spoken."""
    from tests.bench.stack import WORDS
    from tests.speech_server import espeak_wav
    from tts import aligning
    from tts.audio import FORMATS, Track
    from tts.engines.espeak import voice_for
    from tts.marks import alignment
    from tts.speech import ENCODED, Speech

    text, language = WORDS.format(number=3, salt=4), "en"
    wav, _ = espeak_wav(text, VOICE)
    track = Track(FORMATS["webm"], longest_ms=1e9)
    stored = b"".join(track.add(Speech(ENCODED, 0, iter([wav])), is_only=True)) + track.finish()
    of_block = track.milliseconds / 1000 / SECONDS
    print(f"ms of CPU for {SECONDS} s of sound, least of {TIMES}; in parentheses what is aimed at")
    sound = row("decoding", of_block, lambda: aligning.decode(io.BytesIO(stored)))
    voice = voice_for(language) or ""
    reference, known = row(
        "reference", of_block, lambda: aligning._reference(text, language, voice)
    )
    times = [mark.start_ms for mark in known]
    row(f"beyond (≤ {AIM_MS})", of_block, lambda: alignment.align(reference, sound, times))
    print()


def row(name: str, of_block: float, work: Callable[[], Result]) -> Result:
    least = float("inf")
    for _ in range(TIMES):
        began = time.process_time()
        result = work()
        least = min(least, time.process_time() - began)
    print(f"{name:20} {least * 1000 / of_block:6.1f}", flush=True)
    return result


if __name__ == "__main__":
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    sys.exit(main())
