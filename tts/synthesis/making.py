"""Make the sound of one claimed variant: the engine streams, the encoder encodes as it comes,
the pieces go out live, and the whole is checked."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace

import structlog
from django.db import connection

from tts import heartbeat
from tts.audio import AudioFormat, Track
from tts.delivery import events
from tts.delivery.live import Writer
from tts.engines import engine_named, is_recorded
from tts.marks import snap, snap_so_far
from tts.models import AudioVariant, SpeechModel
from tts.speech import Mark, SpeechError, Utterance, WordEvent
from tts.utterances import parts

from .leases import Lease

log = structlog.get_logger(__name__)

# Chinese, Japanese, Korean: a character is a syllable or more.
DENSE = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\U00020000-\U0003ffff]")
SLACK_SECONDS = 0.25
LONGEST_PAUSE_SECONDS = 5.0
LONGEST_RECORDING_MS = 60 * 60 * 1000.0
# How often a sound that grows tells of the words that were spoken meanwhile.
NEWS_SECONDS = 1.0


class NoLongerOurs(Exception):
    """The lease was lost: another worker makes this variant, or it was deleted."""


class NoLongerWanted(Exception):
    """Nobody waits for this sound any more, or this process ends."""


@dataclass(frozen=True, slots=True)
class Made:
    """A whole sound, checked but not stored."""

    sound: bytes
    duration_ms: int
    lead_ms: int
    trail_ms: int
    marks: list[tuple[int, int, int, int]] | None
    engine_ms: float
    encoder_ms: float
    first_ms: float  # until the first piece was out


def speak_and_encode(
    variant: AudioVariant,
    audio_format: AudioFormat,
    *,
    gain_db: float,
    lease: Lease,
    is_heard_now: bool = False,
) -> Made:
    """Return the variant's sound and marks. Raises SpeechError, NoLongerOurs or NoLongerWanted."""
    shortest_ms, longest_ms = plausible_ms(variant.text)
    if is_recorded(variant.voice.speech_model.engine):
        longest_ms = LONGEST_RECORDING_MS  # somebody read it as slowly as they liked
    track = Track(audio_format, longest_ms=longest_ms, gain_db=gain_db)
    writer = Writer(variant.pk, variant.sound_revision, is_heard_now=is_heard_now)
    utterances = _utterances(variant)
    silence = silence_of(variant.voice.speech_model)
    sound, rest, words, told = bytearray(), b"", [], 0
    announced_at, delay_ms = 0.0, audio_format.delay_ms
    began, first_ms = time.perf_counter(), 0.0
    _free_connection()
    try:
        for at, utterance in utterances:
            heartbeat.beat(silence)
            speech = engine_named(variant.voice.speech_model.engine).speak(utterance)
            with closing(speech.pieces):
                for piece in track.add(speech, is_only=len(utterances) == 1):
                    heartbeat.beat(silence)
                    if lease.lost:
                        raise NoLongerOurs
                    if lease.unwanted:
                        raise NoLongerWanted
                    if isinstance(piece, WordEvent):
                        words.append(replace(piece, position=at + piece.position))
                        continue
                    sound += piece
                    has_grown = writer.append(piece)
                    if not announced_at and has_grown:
                        first_ms = (time.perf_counter() - began) * 1000
                    now = time.perf_counter()
                    if has_grown and now - announced_at > NEWS_SECONDS:
                        if not announced_at or len(words) > told:
                            so_far = snap_so_far(variant.text, words)
                            events.variant_changed(variant, _timed(so_far, delay_ms))
                        announced_at, told = now, len(words)
        rest = track.finish()
        sound += rest
    finally:
        writer.end(rest)
    duration_ms = round(track.milliseconds)
    if duration_ms < shortest_ms:
        raise SpeechError("The sound is far too short for its text.", retryable=True)
    marks = _timed(snap(variant.text, words, duration_ms), delay_ms)
    return Made(
        sound=bytes(sound),
        duration_ms=duration_ms,
        lead_ms=track.edges.lead_ms,
        trail_ms=track.edges.trail_ms,
        marks=marks if words else None,
        engine_ms=track.engine_seconds * 1000,
        encoder_ms=track.encoder_seconds * 1000,
        first_ms=first_ms,
    )


def silence_of(model: SpeechModel) -> float:
    """Return for how long an engine may be silent: a server as long as its model allows."""
    patience = model.timeout_seconds if model.base_url else 0
    return patience + heartbeat.SILENCE_SECONDS


def _free_connection() -> None:
    """Leave a connection that comes from a pool to others: the engine may take long."""
    if connection.settings_dict["OPTIONS"].get("pool") and not connection.in_atomic_block:
        connection.close()


def _timed(marks: Sequence[Mark], delay_ms: int) -> events.Marks:
    """Return marks as they are told, in the time of the file: its encoder may have put silence
    before the sound."""
    return [
        (mark.start, mark.end, mark.start_ms + delay_ms, mark.end_ms + delay_ms) for mark in marks
    ]


def plausible_ms(text: str) -> tuple[float, float]:
    """Return how long a text can sound at the least and at the most.

    Between 4 and 40 characters a second, with room for what is written short and spoken long: a
    digit or an ideograph may be a word.
    """
    letters = sum(1 for ch in text if ch.isalpha())
    dense = sum(1 for ch in text if ch.isdecimal() or DENSE.match(ch))
    shortest = max(0.0, letters / 40 - SLACK_SECONDS)
    return shortest * 1000, ((len(text) + 4 * dense) / 4 + LONGEST_PAUSE_SECONDS) * 1000


def _utterances(variant: AudioVariant) -> list[tuple[int, Utterance]]:
    """Return what the engine is asked to say, each with its place in the text in code points."""
    voice, model = variant.voice, variant.voice.speech_model
    return [
        (
            start,
            Utterance(
                text=variant.text[start:end],
                language=variant.language or voice.language,
                voice=voice.engine_voice,
                voice_version=voice.engine_version,
                endpoint=model.endpoint,
                parameters={**model.parameters, **voice.parameters},
            ),
        )
        for start, end in parts(variant.text, variant.language, model.max_characters)
    ]
