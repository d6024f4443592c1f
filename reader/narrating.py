"""The narration that a document brings along: a voice of this document alone.

It is an engine like any other, whose voices are recordings: a text is said by cutting out of the
document's own files of sound what was read of it. What nobody reads of the document is left to
stand-in voices (``reader/listening.py``).
"""

from __future__ import annotations

import zipfile
import zlib
from bisect import bisect_right
from collections.abc import Generator, Iterator, Sequence
from contextlib import suppress
from functools import lru_cache
from typing import IO

import av
from django.core.files.storage import default_storage

from tts.marks.words import spans as words_in
from tts.models import SpeechModel, Voice, hash_text
from tts.speech import (
    PCM_S16LE,
    Endpoint,
    EngineVoice,
    Speech,
    SpeechError,
    Utterance,
    WordEvent,
)

from .extraction import IMPORTER
from .extraction.recordings import decoded, opened, starts_at
from .models import Block, Document

ENGINE = MODEL = "narrator"
NAME = "The book’s narrator"
SAMPLE_RATE = 48_000
MOST_SOUND_BYTES = 64 * 1024 * 1024
LONGEST_TEXT = 1_000_000  # characters: it is never cut into parts
# A pause between two clips that somebody cut off; what is longer is left out as the book says.
PAUSE_MS = 400
# An MP3 is decoded right a few frames after where it was entered.
PREROLL_MS = 300
LONG_ENOUGH = 200  # characters of a sample
# So many of the words have a clip of their own in an overlay that tells of words.
OF_THE_WORDS = 0.7
NOT_READ = "The book’s narrator does not read this passage."
DAMAGED = "The book’s own recording is damaged here. Choose another voice for this passage."
GONE = "The book that this narrator reads in is not there any more."

# What a damaged archive or sound may raise.
BROKEN = (
    *(av.FFmpegError, OSError, EOFError, RuntimeError, LookupError, ValueError),
    *(zipfile.BadZipFile, zlib.error),
)

Clip = Sequence[int]


def keep_voice(document: Document, narrator: str) -> None:
    """Add the voice of a document's narrator, or bring it up to date; end it if there is none."""
    if document.kind != "epub":
        return
    if document.sounds:
        _offer(document, narrator)
    else:
        Voice.objects.filter(reserved_for=str(document.uuid)).update(is_offered=False)


def expect_voice(document: Document, source: IO[bytes]) -> None:
    """Offer the voice of a book's narrator before the book is read, so that its page has it."""
    if document.kind != "epub":
        return
    with (
        suppress(zipfile.BadZipFile, OSError, ValueError, NotImplementedError),
        zipfile.ZipFile(source) as archive,
    ):
        if any(name.lower().endswith(".smil") for name in archive.namelist()):
            _offer(document, "")


def _offer(document: Document, narrator: str) -> None:
    model, _ = SpeechModel.objects.get_or_create(
        model_slug=MODEL,
        defaults={"name": "Narrator", "engine": ENGINE, "max_characters": LONGEST_TEXT},
    )
    Voice.objects.update_or_create(
        speech_model=model,
        engine_voice=document.uuid.hex,
        defaults={
            "voice_slug": document.uuid.hex,
            "name": f"{NAME}, {narrator}"[:100] if narrator else NAME,
            "language": document.language or "und",
            "engine_version": str(IMPORTER),
            "reserved_for": str(document.uuid),
            "is_offered": True,
        },
    )


def end_empty_voice(document: Document) -> None:
    """Take the voice back of a narrator of whom nothing can be heard."""
    if document.kind == "epub" and not document.blocks.narrated().exists():
        Voice.objects.filter(reserved_for=str(document.uuid)).update(is_offered=False)


def forget_voice(place: str) -> None:
    """Delete the voice of a document that is gone, as its sounds are."""
    Voice.objects.filter(reserved_for=place).delete()


class NarratorEngine:
    """Speaks what a narrator has read, by cutting it out of the recording."""

    version = "1"

    def voices(self, endpoint: Endpoint) -> Sequence[EngineVoice]:
        offered = Voice.objects.filter(speech_model__engine=ENGINE, is_offered=True)
        return [
            EngineVoice(
                slug=voice.voice_slug,
                name=voice.name,
                language=voice.language,
                engine_name=voice.engine_voice,
                version=voice.engine_version,
            )
            for voice in offered
        ]

    def can_speak(self, voice_language: str, language: str) -> bool:
        return voice_language.partition("-")[0] in ("und", language.partition("-")[0])

    def speak(self, utterance: Utterance) -> Speech:
        document = _document(utterance.voice)
        hashes = {hash_text(utterance.text, each) for each in ("", utterance.language)}
        block = document.blocks.narrated().filter(text_hash__in=hashes).first()
        if block is None:
            raise SpeechError(NOT_READ)
        events = word_events(block)
        return Speech(PCM_S16LE, SAMPLE_RATE, _pieces(document, runs_of(block.clips or []), events))

    def sample(self, voice: str) -> Speech:
        document = _document(voice)
        found = sample_of(document)
        if found is None:
            raise SpeechError(NOT_READ, scope="voice")
        return Speech(PCM_S16LE, SAMPLE_RATE, _pieces(document, runs_of(found.clips or []), []))


def sample_said(place: str) -> tuple[str, str] | None:
    """Return the text of such a passage and its language."""
    document = Document.objects.filter(uuid=place).first()
    block = sample_of(document) if document else None
    return (block.text, block.language) if block else None


def sample_of(document: Document) -> Block | None:
    """Return a passage that tells what the narrator is like: headings may have music."""
    read = document.blocks.narrated().exclude(text_hash="")
    some = [*read.filter(idx__gte=document.block_count // 2)[:10], *read[:10]]
    return max(some, key=lambda block: min(LONG_ENOUGH, block.characters), default=None)


def runs_of(clips: Sequence[Clip]) -> list[tuple[int, int, int]]:
    """Return what is heard of clips: file, from and to in ms; neighbours in a file are one run.

    Where clips overlap, what they share is heard once. Of a file that is entered further back a
    clip is heard as it is told.
    """
    runs: list[tuple[int, int, int]] = []
    for _, _, sound, begin, end in clips:
        if runs and runs[-1][0] == sound and runs[-1][1] <= begin <= runs[-1][2] + PAUSE_MS:
            runs[-1] = (sound, runs[-1][1], max(runs[-1][2], end))
        else:
            runs.append((sound, begin, end))
    return runs


def word_events(block: Block) -> list[WordEvent]:
    """Return when the words of a block are heard; nothing if its clips tell but of sentences."""
    found = words_in(block.text)
    starts = [start for start, _ in found]
    clips: list[Clip] = block.clips or []
    runs, place, before = runs_of(clips), 0, 0
    events: list[WordEvent] = []
    told: set[int] = set()
    for clip in clips:
        while not _is_within(clip, runs[place]):
            before += runs[place][2] - runs[place][1]
            place += 1
        spoken = _spoken(block, clip[0], clip[1])
        word = bisect_right(starts, spoken) - 1 if spoken is not None else -1
        if spoken is None or word in told:
            continue
        told.add(word)
        at = before + clip[3] - runs[place][1]
        events.append(WordEvent(spoken, 1, at))
    return events if len(told) >= OF_THE_WORDS * len(found) else []


def _is_within(clip: Clip, run: tuple[int, int, int]) -> bool:
    return run[0] == clip[2] and run[1] <= clip[3] and clip[4] <= run[2]


def _spoken(block: Block, start: int, end: int) -> int | None:
    """Return where the first is spoken of what is shown in a range, in code points."""
    for spoken, shown, length in block.spans:
        if shown + length > start and shown < end:
            units = spoken + max(0, start - shown)
            return len(block.text.encode("utf-16-le")[: 2 * units].decode("utf-16-le", "ignore"))
    return None


def _document(voice: str) -> Document:
    found = Document.objects.filter(uuid=voice).first()
    if found is None or not found.sounds:
        raise SpeechError(GONE, scope="voice")
    return found


def _pieces(
    document: Document, runs: Sequence[tuple[int, int, int]], events: Sequence[WordEvent]
) -> Generator[bytes | WordEvent, None, None]:
    yield from events
    names: list[str] = document.sounds or []
    for sound, begin, end in runs:
        try:
            yield from _cut(_sound(str(document.source.name), names[sound]), begin, end)
        except FileNotFoundError as error:
            raise SpeechError(GONE) from error
        except BROKEN as error:
            raise SpeechError(DAMAGED) from error


@lru_cache(1)
def _sound(source: str, path: str) -> bytes:
    """Return a file of sound of a book. The next passage is mostly in the same one."""
    with (
        default_storage.open(source) as file,
        zipfile.ZipFile(file) as archive,
        archive.open(path) as sound,
    ):
        return sound.read(MOST_SOUND_BYTES)


def _cut(data: bytes, begin_ms: int, end_ms: int) -> Iterator[bytes]:
    """Yield the samples of a stretch, exactly as long as it is: what is missing is silent."""
    first, last = begin_ms * SAMPLE_RATE // 1000, end_ms * SAMPLE_RATE // 1000
    at = first
    resampler = av.AudioResampler(format="s16", layout="mono", rate=SAMPLE_RATE)
    with opened(data) as container:
        stream, zero = container.streams.audio[0], starts_at(container)
        if begin_ms > PREROLL_MS:
            container.seek(int((begin_ms - PREROLL_MS) * 1000 + zero * 1_000_000), backward=True)
        frames = (frame for packet in container.demux(stream) for frame in decoded(packet))
        for frame in frames:
            if frame.time is None:
                continue
            start = round((frame.time - zero) * SAMPLE_RATE)
            frame.pts = None
            for each in resampler.resample(frame):
                pcm = bytes(each.planes[0])[: 2 * each.samples]
                low, high = max(at - start, 0), min(last - start, each.samples)
                if low < high:
                    if start > at:
                        yield bytes(2 * (start - at))
                    yield pcm[2 * low : 2 * high]
                    at = start + high
                start += each.samples
            if at >= last:
                return
    if at == first:
        raise ValueError("nothing can be heard of it")
    yield bytes(2 * (last - at))
