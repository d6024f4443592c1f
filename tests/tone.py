"""A speech engine of the tests: each voice is a tone of its own, so that samples tell the voice.

A voice's engine name is its frequency in Hz. The model's and voice's parameters:

- ``first_ms``: time to the first sound; ``pace``: times real time, 0 for at once
- ``ms_per_character``: how long a text sounds
- ``fail_on``: texts that contain this fail; ``retryable``: whether that may pass

Each utterance that is begun or done is a line of JSON in the file TONE_LOG.
"""

import json
import math
import os
import re
import struct
import time
from collections.abc import Iterator, Sequence

from tts.speech import PCM_S16LE, Endpoint, EngineVoice, Speech, SpeechError, Utterance, WordEvent

SAMPLE_RATE = 24_000
PIECE_MS = 50
AMPLITUDE = 12_000
FREQUENCIES = (300, 500, 700, 1100, 1300)


class ToneEngine:
    version = "1"

    def voices(self, endpoint: Endpoint) -> Sequence[EngineVoice]:
        return [
            EngineVoice(
                slug=f"tone-{frequency}",
                name=f"{frequency} Hz",
                language="en",
                engine_name=str(frequency),
                featured=True,
            )
            for frequency in FREQUENCIES
        ]

    def speak(self, utterance: Utterance) -> Speech:
        return Speech(PCM_S16LE, SAMPLE_RATE, self._pieces(utterance))

    def _pieces(self, utterance: Utterance) -> Iterator[bytes | WordEvent]:
        parameters = utterance.parameters
        log("begun", utterance)
        time.sleep(parameters.get("first_ms", 0) / 1000)
        if (fail_on := parameters.get("fail_on")) and fail_on in utterance.text:
            raise SpeechError(
                "The tone engine was told to fail.", retryable=parameters.get("retryable", False)
            )
        total_ms = max(100, round(len(utterance.text) * parameters.get("ms_per_character", 20)))
        for word in re.finditer(r"\S+", utterance.text):
            at = round(total_ms * word.start() / len(utterance.text))
            yield WordEvent(word.start(), len(word.group()), at)
        pace = parameters.get("pace", 0)
        for start_ms in range(0, total_ms, PIECE_MS):
            length = min(PIECE_MS, total_ms - start_ms)
            yield tone(int(utterance.voice), start_ms, length)
            if pace:
                time.sleep(length / 1000 / pace)
        log("done", utterance)


def tone(frequency: int, start_ms: int, length_ms: int) -> bytes:
    """Return samples of a continuous tone, from its start_ms on."""
    first = SAMPLE_RATE * start_ms // 1000
    count = SAMPLE_RATE * length_ms // 1000
    step = 2 * math.pi * frequency / SAMPLE_RATE
    return struct.pack(
        f"<{count}h", *(round(AMPLITUDE * math.sin(step * n)) for n in range(first, first + count))
    )


def log(what: str, utterance: Utterance) -> None:
    if path := os.environ.get("TONE_LOG"):
        line = {"at": time.time(), "what": what, "voice": utterance.voice, "text": utterance.text}
        with open(path, "a") as file:  # one write, appended: lines of processes do not mix
            file.write(json.dumps(line) + "\n")
