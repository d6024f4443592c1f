"""Make the sound of one claimed variant: the engine streams, the encoder encodes as it comes,
the pieces go out live, and the whole is checked."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.conf import settings
from django.db import connection

from . import events
from .audio import AudioFormat, Encoder
from .engines import engine_named
from .live import Writer
from .marks import snap
from .models import AudioVariant
from .speech import PCM_S16LE, Speech, SpeechError, Utterance, WordEvent

BYTES_PER_SAMPLE = 2


class NoLongerOurs(Exception):
    """The lease was lost: another worker makes this variant, or it was deleted."""


@dataclass(frozen=True, slots=True)
class Made:
    """A whole sound, checked but not stored."""

    sound: bytes
    duration_ms: int
    marks: list[tuple[int, int, int, int]] | None
    engine_ms: float
    encoder_ms: float


def speak_and_encode(
    variant: AudioVariant, audio_format: AudioFormat, *, on_alive: Callable[[], None]
) -> Made:
    """Return the variant's sound and marks. Raises SpeechError, or NoLongerOurs."""
    speech = _speech_of(variant)
    if speech.encoding != PCM_S16LE:
        raise SpeechError(f"Sound in the encoding {speech.encoding!r} is not understood.")
    writer = Writer(variant.pk, variant.sound_revision)
    encoder = Encoder(audio_format, speech.sample_rate)
    sound, words, samples, encoder_seconds = bytearray(), [], 0, 0.0
    announced = False
    started = time.perf_counter()
    with Lease(variant, on_alive) as lease:
        try:
            for piece in speech.pieces:
                if lease.lost:
                    raise NoLongerOurs
                if isinstance(piece, WordEvent):
                    words.append(piece)
                    continue
                samples += len(piece) // BYTES_PER_SAMPLE
                encoding = time.perf_counter()
                encoded = encoder.encode(piece)
                encoder_seconds += time.perf_counter() - encoding
                sound += encoded
                if writer.append(encoded) and not announced:
                    announced = True
                    events.variant_changed(variant)
            encoding = time.perf_counter()
            rest = encoder.finish()
            encoder_seconds += time.perf_counter() - encoding
            sound += rest
            writer.append(rest)
        finally:
            close(speech.pieces)
            writer.end()
    if not samples or not sound:
        raise SpeechError("The voice made no sound of this text.")
    duration_ms = round(samples * 1000 / speech.sample_rate)
    marks = [
        (mark.start, mark.end, mark.start_ms, mark.end_ms)
        for mark in snap(variant.text, words, duration_ms)
    ]
    return Made(
        sound=bytes(sound),
        duration_ms=duration_ms,
        marks=marks if words else None,
        engine_ms=(time.perf_counter() - started - encoder_seconds) * 1000,
        encoder_ms=encoder_seconds * 1000,
    )


def _speech_of(variant: AudioVariant) -> Speech:
    voice, model = variant.voice, variant.voice.speech_model
    return engine_named(model.engine).speak(
        Utterance(
            text=variant.text,
            language=variant.language or voice.language,
            voice=voice.engine_voice,
            model=model.engine_model,
            base_url=model.base_url,
            parameters={**model.parameters, **voice.parameters},
        )
    )


def close(pieces: Iterator[object]) -> None:
    """Stop the engine where it stands, if it can be stopped."""
    if stop := getattr(pieces, "close", None):
        stop()


class Lease:
    """Renews the variant's lease in the background, so that a slow engine is not taken for dead.

    The lease itself is short: a worker that was killed is noticed within seconds.
    """

    def __init__(self, variant: AudioVariant, on_alive: Callable[[], None]) -> None:
        self._variant = variant
        self._on_alive = on_alive
        self._over = threading.Event()
        self._thread: threading.Timer | None = None
        self.lost = False

    def __enter__(self) -> Lease:
        self._thread = threading.Timer(settings.SPEECH_LEASE_SECONDS / 3, self._renew)
        self._thread.daemon = True
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        if self._thread:
            self._thread.cancel()

    def _renew(self) -> None:
        try:
            while not self._over.is_set():
                if not self._variant.renew_lease():
                    self.lost = True
                    return
                self._on_alive()
                self._over.wait(settings.SPEECH_LEASE_SECONDS / 3)
        finally:
            connection.close()  # this thread's own
