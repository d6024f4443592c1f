"""What a request for speech asks for, and what is refused of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from tts.audio.answers import FASTEST, SLOWEST, TYPES


class Refused(Exception):
    """A request is refused, in words and as OpenAI's API tells of it."""

    def __init__(
        self,
        status: int,
        message: str,
        code: str | None = None,
        param: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status, self.message, self.code, self.param = status, message, code, param
        self.headers = dict(headers or {})


@dataclass(frozen=True, slots=True)
class Asked:
    """A text to be spoken: in which voice, how fast, and as what it is sent."""

    input: str
    model: str
    voice: str
    response_format: str
    speed: float
    stream_format: str
    stream: bool


def asked_of(request: HttpRequest) -> Asked:
    """Read a request. What else OpenAI's API has (instructions) is passed over. Raises Refused."""
    try:
        content = json.loads(request.body)
    except ValueError:
        raise Refused(400, "This is no JSON.") from None
    if not isinstance(content, dict):
        raise Refused(400, "Send an object.")
    voice = content.get("voice")
    if isinstance(voice, dict):  # as OpenAI names voices of one's own
        content = {**content, "voice": voice.get("id")}
    return Asked(
        input=_text(content, "input"),
        model=_text(content, "model"),
        voice=_text(content, "voice"),
        response_format=_one_of(content, "response_format", "mp3", list(TYPES)),
        speed=_speed(content),
        stream_format=_one_of(content, "stream_format", "audio", ["audio", "sse"]),
        stream=bool(content.get("stream", True)),
    )


def _text(content: dict[str, Any], name: str) -> str:
    value = content.get(name)
    if not isinstance(value, str) or not value.strip():
        raise Refused(400, f"{name} has to be a text.", "missing_required_parameter", name)
    try:
        value.encode()
    except UnicodeEncodeError:
        raise Refused(400, f"{name} is no Unicode text.", "invalid_value", name) from None
    return value.replace("\0", " ")


def _one_of(content: dict[str, Any], name: str, usual: str, choices: list[str]) -> str:
    value = content.get(name) or usual
    if value not in choices:
        raise Refused(400, f"{name} is one of {', '.join(choices)}.", "invalid_value", name)
    return str(value)


def _speed(content: dict[str, Any]) -> float:
    value = content.get("speed")
    value = 1.0 if value is None else value
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not SLOWEST <= value <= FASTEST:
        words = f"speed is a number from {SLOWEST} to {FASTEST}."
        raise Refused(400, words, "invalid_value", "speed")
    return float(value)
