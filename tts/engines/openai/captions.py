"""Sound with the times of its words, from servers that tell them: Kokoro-FastAPI's
``/dev/captioned_speech``, which answers with a line of JSON for each piece.

Each line has ``audio`` (base64) and ``timestamps``, a list of ``word``, ``start_time`` and
``end_time`` in seconds.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Generator, Iterator
from typing import Any

import httpx2
import openai

from tts.speech import SpeechError, Utterance, WordEvent

from .errors import NOT_UNDERSTOOD, refuse_text, told

PATH = "/dev/captioned_speech"
PCM_SAMPLE_RATE = 24_000
BYTES_PER_MS = 2 * PCM_SAMPLE_RATE / 1000
# Times that begin anew so much before what was told last count from their own piece.
BACK_SECONDS = 0.05
# A word that is not found within so many characters was said in another way than it is written.
FIND_WITHIN = 60


def captioned(
    utterance: Utterance, client: openai.OpenAI, http: httpx2.Client
) -> Generator[bytes | WordEvent, None, None]:
    """Ask for samples and word times, and yield them as they come. Raises SpeechError."""
    endpoint = utterance.endpoint
    address = str(client.base_url).rstrip("/").removesuffix("/v1") + PATH
    asked = {
        "model": endpoint.model,
        "voice": utterance.voice,
        "input": utterance.text,
        "response_format": "pcm",
        "stream": True,
        "return_timestamps": True,
        **utterance.parameters,
    }
    with (
        told(endpoint),
        http.stream("POST", address, json=asked, headers=client.auth_headers) as response,
    ):
        if response.status_code != 200:
            response.read()
            raise openai.APIStatusError("", response=response, body=_body(response))
        if not response.headers.get("content-type", "").startswith("application/"):
            refuse_text(response.headers.get("content-type", ""))
        yield from _pieces(response.iter_lines(), utterance.text)


def _body(response: httpx2.Response) -> object:
    try:
        return response.json()
    except ValueError:
        return response.text


def _pieces(lines: Iterator[str], text: str) -> Generator[bytes | WordEvent, None, None]:
    sounded_ms, last, at = 0.0, 0.0, 0
    for line in filter(None, lines):
        pcm, stamps = _piece(line)
        base = 0.0
        if stamps and stamps[0][1] < last - BACK_SECONDS:
            base = sounded_ms / 1000
        for word, start, end in stamps:
            last = max(last, base + end)
            found = text.find(word, at, at + FIND_WITHIN + len(word)) if word else -1
            if found >= 0 and any(map(str.isalnum, word)):
                yield WordEvent(found, len(word), round((base + start) * 1000))
                at = found + len(word)
        sounded_ms += len(pcm) / BYTES_PER_MS
        if pcm:
            yield pcm


def _piece(line: str) -> tuple[bytes, list[tuple[str, float, float]]]:
    """Return a line's samples and its words with their times. Raises SpeechError."""
    try:
        content: Any = json.loads(line)
        stamps = [
            (str(each["word"]).strip(), float(each["start_time"]), float(each["end_time"]))
            for each in content.get("timestamps") or []
        ]
        return base64.b64decode(content["audio"] or "", validate=True), stamps
    except (ValueError, KeyError, TypeError, AttributeError, binascii.Error):
        raise SpeechError(NOT_UNDERSTOOD, retryable=True) from None
