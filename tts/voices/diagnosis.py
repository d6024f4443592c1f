"""Try a speech model step by step, and say in plain words what is wrong and what to do."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass, field
from typing import NoReturn
from urllib.parse import urlsplit

from django.conf import settings

from tts.audio import FORMATS, Track
from tts.demand import breaker
from tts.engines import engine_named
from tts.models import SpeechModel, Voice
from tts.speech import Speech, SpeechError, Utterance, WordEvent

CONNECT_SECONDS = 5.0
LONGEST_MS = 60_000
ENGLISH = "This is a test of the connection. If you can hear it, everything works."
# Every engine speaks digits, in whatever language it speaks.
DIGITS = "1, 2, 3, 4, 5, 6, 7, 8, 9, 10."
# Slower than this, listening stalls, for nothing is made ahead.
COMFORTABLE_PACE = 1.3
LATE_MS = 2_500


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that was tried: how it went, in words, and what to do about it."""

    name: str
    outcome: str  # "passed", "attention", "failed"
    message: str
    advice: str = ""


@dataclass(slots=True)
class Diagnosis:
    """What was found out. ``pace``: how many times as fast as speech it speaks. ``address``: where
    the server was found instead of where it was looked for."""

    steps: list[Step] = field(default_factory=list)
    sound: bytes = b""
    first_byte_ms: float | None = None
    pace: float | None = None
    address: str = ""

    @property
    def works(self) -> bool:
        return bool(self.sound)


class _Ended(Exception):
    """A step failed, so that the next ones cannot be tried."""


def diagnose(model: SpeechModel) -> Diagnosis:
    """Try the address, the voices and a sentence, as far as it goes."""
    found = Diagnosis()
    try:
        if model.base_url:
            _try_address(found, model.base_url)
        voice = _try_voices(found, model)
        _try_speech(found, model, voice)
    except _Ended:
        pass
    else:
        breaker.reset(model)
    return found


def _try_address(found: Diagnosis, base_url: str) -> None:
    parts = urlsplit(base_url)
    host, is_tls = parts.hostname or "", parts.scheme == "https"
    port = parts.port or (443 if is_tls else 80)
    try:
        places = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError:
        _end(
            found, "Name", f"The name {host} is not known here.",
            "Is it spelt right? Inside a container, localhost is the container itself: name the "
            "other container, or the host.",
        )  # fmt: skip
    addresses = list(dict.fromkeys(str(place[4][0]) for place in places))
    _pass(found, "Name", f"{host} is {', '.join(addresses[:3])}.")
    try:
        with socket.create_connection((host, port), CONNECT_SECONDS) as connection:
            if is_tls:
                context = ssl.create_default_context()
                with context.wrap_socket(connection, server_hostname=host):
                    pass
    except ssl.SSLCertVerificationError as error:
        _end(
            found, "Connection", f"The certificate is not accepted: {error.verify_message}.",
            "A server of one's own mostly speaks http://; for https:// it needs a certificate "
            "that this machine trusts.",
        )  # fmt: skip
    except ssl.SSLError:
        _end(
            found, "Connection", f"What listens on port {port} does not speak https.",
            "Enter the address with http:// in front.",
        )  # fmt: skip
    except ConnectionRefusedError:
        _end(
            found, "Connection", f"Nothing listens on port {port} of {host}.",
            "Is the server running, and is the port right? It may listen on its own machine only: "
            "let it listen on 0.0.0.0. Inside a container, localhost is the container itself.",
        )  # fmt: skip
    except OSError as error:
        _end(
            found, "Connection", f"{host} cannot be reached: {error}.",
            "Is a firewall between, or is the machine off?",
        )  # fmt: skip
    _pass(found, "Connection", f"Port {port} answers{' over TLS' if is_tls else ''}.")


def _try_voices(found: Diagnosis, model: SpeechModel) -> Voice:
    """Return the voice to speak in: one that people can choose, else the first that is listed."""
    usable = Voice.objects.usable().filter(speech_model=model).order_by("-featured", "name")
    voice = usable.filter(language__startswith="en").first() or usable.first()
    try:
        offered = engine_named(model.engine).voices(model.endpoint)
    except (SpeechError, LookupError) as error:
        advice = getattr(error, "advice", "")
        found.address = getattr(error, "address", "")
        if found.address:
            _end(found, "Address", str(error), advice)
        if voice is None:
            _end(found, "Voices", str(error), advice)
        found.steps.append(Step("Voices", "attention", str(error), advice))
    else:
        advice = "" if voice else "Save them with the action “Ask the engine for its voices”."
        names = ", ".join(each.name for each in offered[:5])
        message = f"{len(offered)} voices: {names}{', …' if len(offered) > 5 else ''}."
        found.steps.append(Step("Voices", "attention" if advice else "passed", message, advice))
        first = offered[0]
        voice = voice or Voice(
            speech_model=model,
            name=first.name,
            language=first.language,
            engine_voice=first.engine_name,
        )
    return voice


def _try_speech(found: Diagnosis, model: SpeechModel, voice: Voice) -> None:
    text = ENGLISH if voice.language.lower().startswith("en") else DIGITS
    utterance = Utterance(
        text=text,
        language=voice.language,
        voice=voice.engine_voice,
        endpoint=model.endpoint,
        parameters={**model.parameters, **voice.parameters},
    )
    track = Track(FORMATS[settings.AUDIO_FORMAT], longest_ms=LONGEST_MS)
    began = time.perf_counter()
    try:
        speech = engine_named(model.engine).speak(utterance)
        with closing(speech.pieces):
            timed = Speech(speech.encoding, speech.sample_rate, _timed(found, speech, began))
            pieces = [piece for piece in track.add(timed, is_only=True) if isinstance(piece, bytes)]
            sound = b"".join(pieces) + track.finish()
    except SpeechError as error:
        _end(found, "Speech", f"{voice.name}: {error.message}", error.advice)
    seconds = time.perf_counter() - began
    found.sound = sound
    found.pace = track.milliseconds / 1000 / seconds
    _judge(found, voice)


def _timed(
    found: Diagnosis, speech: Speech, began: float
) -> Generator[bytes | WordEvent, None, None]:
    for piece in speech.pieces:
        if found.first_byte_ms is None:
            found.first_byte_ms = (time.perf_counter() - began) * 1000
        yield piece


def _judge(found: Diagnosis, voice: Voice) -> None:
    assert found.first_byte_ms is not None
    assert found.pace is not None
    message = (
        f"{voice.name} spoke: first sound after {found.first_byte_ms:,.0f} ms, "
        f"{found.pace:.1f} times as fast as speech."
    )
    if found.pace < COMFORTABLE_PACE:
        advice = (
            "Too slow to listen to while it speaks: allow it one at a time, give it a graphics "
            "card, or take a smaller model."
        )
        found.steps.append(Step("Speech", "attention", message, advice))
    elif found.first_byte_ms > LATE_MS:
        advice = (
            "Late: the first request may have had to load the model. Test it again; if it stays "
            "so, ask whether the server streams."
        )
        found.steps.append(Step("Speech", "attention", message, advice))
    else:
        _pass(found, "Speech", message)


def _pass(found: Diagnosis, name: str, message: str) -> None:
    found.steps.append(Step(name, "passed", message))


def _end(found: Diagnosis, name: str, message: str, advice: str) -> NoReturn:
    found.steps.append(Step(name, "failed", message, advice))
    raise _Ended
