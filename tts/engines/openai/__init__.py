"""Any speech server that speaks OpenAI's API: POST /audio/speech, by the official client.

What came is not believed here: that it is sound, and how long, is found out by whoever takes it.
"""

from __future__ import annotations

import re
import time
from collections.abc import Generator, Sequence
from dataclasses import replace
from functools import lru_cache, partial
from typing import Any

import httpx2
import openai

from tts.speech import ENCODED, PCM_S16LE, Endpoint, EngineVoice, Speech, SpeechError, Utterance

from . import captions
from .errors import FormatRefused, refuse_text, told
from .locating import elsewhere
from .voice_lists import parse_voices

CONNECT_SECONDS = 5.0
LIST_SECONDS = 15.0
# However slowly sound drips in, a request ends after this long: below the tasks' own time limit.
DEADLINE_SECONDS = 400.0
PCM_SAMPLE_RATE = 24_000
RATE_IN_TYPE = re.compile(r"rate=(\d{4,6})")
# Where servers list their voices; the first that lists some is believed.
MODELS_PATH = "/models"
VOICE_PATHS = ("/audio/voices", "/voices", MODELS_PATH)
# And where some do outside of OpenAI's API: AllTalk, Chatterbox-TTS-Server.
ROOT_PATHS = ("/api/voices", "/get_predefined_voices")
OPENAI_VOICES = (
    "alloy", "ash", "ballad", "cedar", "coral", "echo", "fable",
    "marin", "nova", "onyx", "sage", "shimmer", "verse",
)  # fmt: skip


class OpenAIEngine:
    """The engine behind every server that speaks OpenAI's API."""

    # Raise it when the same request would be answered with another sound.
    version = "1"

    def voices(self, endpoint: Endpoint) -> Sequence[EngineVoice]:
        if not endpoint.base_url:  # OpenAI itself, which lists none
            return parse_voices(list(endpoint.voices or OPENAI_VOICES))
        root = endpoint.base_url.removesuffix("/v1")
        for path in (*VOICE_PATHS, *(root + path for path in ROOT_PATHS)):
            if voices := _voices_in(_answer(endpoint, path), path, endpoint):
                return voices
        if not _lists_models(endpoint) and (
            wrong := elsewhere(endpoint.base_url, partial(_is_there, endpoint))
        ):
            raise wrong
        if endpoint.voices:
            return parse_voices(list(endpoint.voices))
        raise SpeechError(
            "The speech server does not list its voices.",
            scope="model",
            advice="Enter their names, separated by commas, under Voices.",
        )

    def speak(self, utterance: Utterance) -> Speech:
        if utterance.endpoint.tells_words:
            client = _client(utterance.endpoint)
            return Speech(
                PCM_S16LE,
                captions.PCM_SAMPLE_RATE,
                captions.captioned(utterance, client, _http(utterance.endpoint.timeout_seconds)),
            )
        # PCM bears no mark of its own: only if it was asked for is what bears none taken for it.
        is_pcm = utterance.endpoint.response_format == "pcm"
        return Speech(ENCODED, PCM_SAMPLE_RATE if is_pcm else 0, _pieces(utterance))


# The servers, by address and model, that refused the format they were asked for at first.
_refusing: set[tuple[str, str]] = set()


def _pieces(utterance: Utterance) -> Generator[bytes, None, None]:
    """Ask for the sound and yield it as it comes; if its format is refused, in the other one."""
    endpoint = utterance.endpoint
    server, other = (endpoint.base_url, endpoint.model), endpoint.other_format
    if other and server in _refusing:
        yield from _asked(utterance, other)
        return
    try:
        yield from _asked(utterance, endpoint.response_format)
    except FormatRefused:
        if not other:
            raise
        yield from _asked(utterance, other)
        _refusing.add(server)


def _asked(utterance: Utterance, response_format: str) -> Generator[bytes, None, None]:
    endpoint = utterance.endpoint
    deadline = time.monotonic() + DEADLINE_SECONDS
    with (
        told(endpoint),
        _client(endpoint).audio.speech.with_streaming_response.create(
            model=endpoint.model,
            voice=utterance.voice,
            input=utterance.text,
            response_format=response_format,  # type: ignore[arg-type]
            extra_body=dict(utterance.parameters) or None,
        ) as response,
    ):
        refuse_text(response.headers.get("content-type", ""))
        for piece in response.iter_bytes():
            yield piece
            if time.monotonic() > deadline:
                raise SpeechError("The speech server is far too slow.", retryable=True)


def _answer(endpoint: Endpoint, path: str) -> object:
    """Return what the server answers there; None if it knows no such address."""
    query = {"model": endpoint.model, "model_id": endpoint.model} if endpoint.model else {}
    try:
        with told(endpoint):
            return _client(endpoint).get(
                path,
                cast_to=object,
                options={"params": query, "timeout": LIST_SECONDS},
            )
    except SpeechError as error:
        if error.status in NOT_LISTED:
            return None
        raise


def _voices_in(answer: object, path: str, endpoint: Endpoint) -> list[EngineVoice]:
    try:
        return parse_voices(answer, endpoint.model, lists_models=path == MODELS_PATH)
    except ValueError:
        return []


def _lists_models(endpoint: Endpoint) -> bool:
    """Whether OpenAI's API is at the address, which lists its models."""
    answer = _answer(endpoint, MODELS_PATH)
    return isinstance(answer, dict) and isinstance(answer.get("data"), list)


def _is_there(endpoint: Endpoint, address: str) -> bool:
    """Whether a speech server's API is at another address."""
    there = replace(endpoint, base_url=address)
    try:
        return _lists_models(there) or any(
            _voices_in(_answer(there, path), path, there) for path in VOICE_PATHS
        )
    except SpeechError as error:
        return error.status in (401, 403)  # there, and wants a key


# A server that lists no voices says so in one of these ways.
NOT_LISTED = frozenset({400, 404, 405, 415, 422, 500, 501})


def _client(endpoint: Endpoint) -> openai.OpenAI:
    return _client_of(endpoint.base_url, endpoint.api_key, endpoint.timeout_seconds)


@lru_cache(maxsize=32)
def _client_of(base_url: str, api_key: str, timeout_seconds: float) -> openai.OpenAI:
    """Return this process's client for a server: its connections stay open from text to text."""
    arguments: dict[str, Any] = {"base_url": base_url} if base_url else {}
    return openai.OpenAI(
        # The client wants one, and most servers of one's own want none.
        api_key=api_key or "none",
        max_retries=0,
        timeout=_timeout(timeout_seconds),
        http_client=_http(timeout_seconds),
        **arguments,
    )


@lru_cache(maxsize=32)
def _http(timeout_seconds: float) -> httpx2.Client:
    # A redirect is told, not followed: the key is for the address that was entered.
    return httpx2.Client(timeout=_timeout(timeout_seconds), follow_redirects=False)


def _timeout(timeout_seconds: float) -> httpx2.Timeout:
    return httpx2.Timeout(timeout_seconds, connect=CONNECT_SECONDS)
