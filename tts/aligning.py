"""Word times of a stored sound whose engine told none: by aligning it with espeak's rendering of
the same text, whose word times are exact."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

import av
import numpy as np
import structlog
from django.core.files.storage import default_storage
from numpy.typing import NDArray

from tts.delivery import events
from tts.demand import alignments, preemption

from . import heartbeat
from .engines import espeak
from .marks import alignment, snap
from .models import AudioVariant, MarksSource, SpeechModel, Status
from .speech import Mark, SpeechError, Utterance

log = structlog.get_logger(__name__)

ALIGNMENT_SECONDS = 120.0  # of the longest sound, on a slow machine

# So long it is gone on before others have their turn.
GO_ON_SECONDS = 0.5

SAMPLES_AT_ONCE = 500_000

Samples = NDArray[np.float32]


def align_some() -> None:
    """Align what is heard soonest, and go on for a while; not while sounds are waited for."""
    alignments.arrived()
    pause: float | None = None
    try:
        with alignments.core_taken() as may_be:
            if not may_be:
                return  # who has the core sends the next message, once it is free
            pause = alignments.HELD_BACK_SECONDS  # if something fails
            pause = _go_on()
    finally:
        if pause is not None:
            alignments.go_on(pause)


def _go_on() -> float:
    """Align for a while; return after how many seconds to go on."""
    until = time.monotonic() + GO_ON_SECONDS
    models = list(SpeechModel.objects.filter(enabled=True).values_list("pk", flat=True))
    is_first = True
    while time.monotonic() < until:
        if alignments.are_held_back(models):
            return alignments.HELD_BACK_SECONDS
        if not (taken := alignments.take()):
            break
        if is_first:
            alignments.go_on()  # another process may help
        is_first = False
        if variant := AudioVariant.objects.select_related("voice").filter(pk=taken).first():
            align(variant)
    return 0.0


def align(variant: AudioVariant) -> None:
    """Find and store the marks of a cached sound, and tell; or note that they are not sure."""
    if variant.status != Status.CACHED or variant.marks_source:
        return
    heartbeat.beat(ALIGNMENT_SECONDS)
    try:
        with preemption.pausing():
            marks = _marks(variant)
    except (FileNotFoundError, av.FFmpegError) as error:
        # The sound itself will be found to be gone when somebody listens.
        log.warning("marks.no_sound", variant=str(variant.pk), reason=str(error))
        marks = []
    except SpeechError as error:
        log.warning("marks.no_reference", variant=str(variant.pk), reason=error.message)
        marks = []
    stored = variant.move(
        Status.CACHED,
        marks=[(mark.start, mark.end, mark.start_ms, mark.end_ms) for mark in marks] or None,
        marks_source=MarksSource.ALIGNED if marks else MarksSource.UNSURE,
    )
    log.info("marks.aligned" if marks else "marks.unsure", variant=str(variant.pk))
    if stored and marks:
        events.variant_changed(variant)


def _marks(variant: AudioVariant) -> list[Mark]:
    """Return a mark for each word, or none at all where that is not sure enough."""
    voice = espeak.voice_for(variant.language or variant.voice.language)
    if voice is None:
        return []
    with default_storage.open(str(variant.file.name)) as file:
        sound = decode(file)
    return marks_in(sound, variant, voice)


def marks_in(sound: Samples, variant: AudioVariant, voice: str) -> list[Mark]:
    """Return the marks of a variant in its sound, by espeak's rendering in a voice of its own."""
    reference, known = _reference(variant.text, variant.language, voice)
    found = alignment.align(reference, sound, [mark.start_ms for mark in known])
    if not found:
        return []
    starts = np.clip(np.maximum.accumulate(found), 0, variant.duration_ms or 0)
    ends = [*starts[1:], variant.duration_ms or 0]
    return [
        Mark(mark.start, mark.end, int(start), int(end))
        for mark, start, end in zip(known, starts, ends, strict=True)
    ]


def _reference(text: str, language: str, voice: str) -> tuple[Samples, list[Mark]]:
    """Return espeak's samples of the text at the aligner's rate, and its marks."""
    pcm, rate, words = espeak.render(Utterance(text=text, language=language, voice=voice))
    frame = av.AudioFrame(format="s16", layout="mono", samples=len(pcm) // 2)
    frame.sample_rate = rate
    frame.planes[0].update(pcm)
    return _resampled([frame]), snap(text, words, round(len(pcm) / 2 * 1000 / rate))


def decode(file: Any) -> Samples:
    """Return a stored sound's samples at the aligner's rate. Raises av.FFmpegError."""
    with av.open(file) as container:
        return _resampled(container.decode(audio=0))


def _resampled(frames: Iterable[av.AudioFrame]) -> Samples:
    """Return the samples of frames that are alike, resampled many at a time: each call costs."""
    resampler = av.AudioResampler(format="flt", layout="mono", rate=alignment.SAMPLE_RATE)
    fifo, pieces = av.AudioFifo(), []
    for frame in frames:
        frame.pts = None
        fifo.write(frame)
        if fifo.samples >= SAMPLES_AT_ONCE:
            pieces += resampler.resample(fifo.read())
    if rest := fifo.read():
        pieces += resampler.resample(rest)
    pieces += resampler.resample(None)
    samples = [
        np.frombuffer(memoryview(piece.planes[0]), np.float32, piece.samples) for piece in pieces
    ]
    return np.concatenate(samples) if samples else np.zeros(0, np.float32)
