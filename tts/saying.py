"""Say texts one after the other to who waits for them: as samples, from the first piece on.

The same turns, limits and prices as for documents. Who goes away wants nothing more.
"""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass
from functools import cached_property, partial

import structlog
from asgiref.sync import sync_to_async
from channels.layers import get_channel_layer
from django.core.files.storage import default_storage

from tts import synthesis
from tts.audio.answers import Samples
from tts.delivery import live
from tts.delivery.events import VariantChanged, describe, variant_group
from tts.demand import wants
from tts.models import AudioVariant, Status, Voice, hash_text, variant_key

log = structlog.get_logger(__name__)

SOUND = "webm"
# So many texts are wanted at once, the one that is heard first.
WINDOW = 6
# An event may be lost; and a want has to be renewed.
LOOK_AGAIN_SECONDS = 2.0
# So long may one text take: a server at home may have to load its model first.
PATIENCE_SECONDS = 120
# So long are the times of words waited for, if they have to be found in the sound.
MARKS_SECONDS = 10.0


class CannotSay(Exception):
    """A text cannot be spoken, in words; ``status``: of the HTTP answer."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.message, self.status = message, status


@dataclass(frozen=True)
class Line:
    """A text in one breath, and who says it."""

    text: str
    language: str
    voice: Voice

    @cached_property
    def text_hash(self) -> str:
        return hash_text(self.text, self.language)

    @cached_property
    def key(self) -> str:
        return variant_key(self.text_hash, synthesis.recipe_hash(self.voice, SOUND))


@dataclass(frozen=True, slots=True)
class Said:
    """A whole line: its samples, and when its words are heard in them."""

    pcm: bytes
    marks: Sequence[tuple[int, int, int, int]]


class Saying:
    """Lines that are said to one listener, in order."""

    def __init__(self, lines: Sequence[Line], *, listener: str) -> None:
        self._lines = lines
        self._listener = listener
        self._layer = get_channel_layer()
        self._channel = ""

    async def pieces(self) -> AsyncGenerator[bytes, None]:
        """Yield samples as they come. Raises CannotSay."""
        try:
            self._channel = await self._layer.new_channel()
            for number in range(len(self._lines)):
                async with aclosing(self._pieces_of(number)) as pieces:
                    async for pcm in pieces:
                        yield pcm
        finally:
            await self.leave()

    async def whole_lines(self) -> AsyncGenerator[tuple[Line, Said], None]:
        """Yield each line once it is whole, with the times of its words. Raises CannotSay."""
        try:
            self._channel = await self._layer.new_channel()
            for number, line in enumerate(self._lines):
                async with _Group(self, line):
                    state = await self._until(number, Status.CACHED, with_marks=True)
                variant, sound = await _stored(state)
                pcm = await asyncio.to_thread(Samples().feed, sound)
                yield line, Said(pcm, [tuple(mark) for mark in variant.marks or []])
        finally:
            await self.leave()

    async def leave(self) -> None:
        """Want nothing more."""
        voices = {line.voice.pk: line.voice for line in self._lines}
        for voice in voices.values():
            with suppress(Exception):  # without Redis they expire by themselves
                name = self._name_in(voice)
                await asyncio.to_thread(wants.forget, voice.speech_model_id, name)

    async def _pieces_of(self, number: int) -> AsyncGenerator[bytes, None]:
        """Yield the samples of a line, each once, though another attempt should begin anew."""
        given, line = 0, self._lines[number]
        async with _Group(self, line):
            while True:
                state = await self._until(number, Status.PROCESSING, Status.CACHED)
                is_stored = state["status"] == Status.CACHED
                samples, begun, received = Samples(), 0, 0
                try:
                    async with aclosing(_sound(state)) as sound:
                        async for piece in sound:
                            received += len(piece)
                            pcm = await asyncio.to_thread(samples.feed, piece)
                            fresh = pcm[max(0, given - begun) :]
                            begun += len(pcm)
                            if fresh:
                                given += len(fresh)
                                yield fresh
                except ValueError:
                    log.warning("saying.damaged", variant=state["variant_id"])
                if is_stored:
                    return
                # Its end proves nothing: what is stored does, and what lacks is taken from there.
                stored = await self._until(number, Status.CACHED, is_first=False)
                is_same = stored["sound_revision"] == state["sound_revision"]
                if is_same and stored["bytes"] == received:
                    return

    async def _until(
        self, number: int, *statuses: Status, with_marks: bool = False, is_first: bool = True
    ) -> VariantChanged:
        """Return how a line stands once it stands so. Raises CannotSay."""
        began = time.monotonic()
        state = await self._look(number, retry=is_first)
        while True:
            if state["status"] == Status.ERROR:
                raise CannotSay(state["error"] or "This could not be spoken.", 502)
            if state["status"] in statuses:
                waited = time.monotonic() - began
                if not with_marks or state["has_marks"] or waited > MARKS_SECONDS:
                    return state
            if time.monotonic() - began > PATIENCE_SECONDS:
                raise CannotSay("This voice takes very long. Try again in a while.", 504)
            state = await self._news(number) or await self._look(number)

    async def _news(self, number: int) -> VariantChanged | None:
        """Return what is told of a line; None if it is time to look."""
        with suppress(TimeoutError):
            async with asyncio.timeout(LOOK_AGAIN_SECONDS):
                event: VariantChanged = await self._layer.receive(self._channel)
                if event.get("key") == self._lines[number].key:
                    return event
        return None

    async def _look(self, number: int, *, retry: bool = False) -> VariantChanged:
        return await sync_to_async(partial(self._want, number, retry=retry))()

    def _want(self, number: int, *, retry: bool) -> VariantChanged:
        """Want a line and the next ones; return how it stands. Raises CannotSay."""
        window = self._lines[number : number + WINDOW]
        found: VariantChanged | None = None
        for voice in {line.voice.pk: line.voice for line in window}.values():
            own = [line for line in window if line.voice.pk == voice.pk]
            texts = {line.text_hash: (line.text, line.language) for line in own}
            wanted = synthesis.want(
                listener=self._name_in(voice),
                voice=voice,
                recipe=synthesis.recipe_hash(voice, SOUND),
                ranks={line.text_hash: window.index(line) for line in reversed(own)},
                texts=lambda hashes, texts=texts: {each: texts[each] for each in hashes},  # type: ignore[misc]
                sound=SOUND,
            )
            if voice.pk == window[0].voice.pk:
                variant = wanted.variants.get(window[0].text_hash)
                if variant is None:
                    raise CannotSay(wanted.reason or "This may not be spoken now.", 429)
                if retry and variant.status == Status.ERROR and variant.start_over():
                    return self._want(number, retry=False)
                found = describe(variant)
        assert found is not None
        return found

    def _name_in(self, voice: Voice) -> str:
        return f"{self._listener}+{voice.pk}"


class _Group:
    """Hears of a line while it is waited for: first the group, then the look."""

    def __init__(self, saying: Saying, line: Line) -> None:
        self._layer, self._channel = saying._layer, saying._channel
        self._name = variant_group(line.key)

    async def __aenter__(self) -> None:
        await self._layer.group_add(self._name, self._channel)

    async def __aexit__(self, *_: object) -> None:
        await self._layer.group_discard(self._name, self._channel)


async def _sound(state: VariantChanged) -> AsyncGenerator[bytes, None]:
    """Yield the sound of an attempt, as it grows or stored."""
    if state["status"] == Status.CACHED:
        yield (await _stored(state))[1]
        return
    async for piece in live.read(uuid.UUID(state["variant_id"]), state["sound_revision"]):
        yield piece


async def _stored(state: VariantChanged) -> tuple[AudioVariant, bytes]:
    """Return a variant and its stored sound. Raises CannotSay; it is made anew then."""
    return await sync_to_async(partial(_read, state))()


def _read(state: VariantChanged) -> tuple[AudioVariant, bytes]:
    variant = AudioVariant.objects.filter(pk=state["variant_id"]).defer("text").first()
    if variant is None or not variant.file:
        raise CannotSay("This sound is gone. Try again.", 502)
    try:
        with default_storage.open(str(variant.file.name)) as file:
            sound: bytes = file.read()
    except OSError:
        sound = b""
    if len(sound) != variant.bytes:
        synthesis.sound_is_gone(variant)
        raise CannotSay("This sound is gone. Try again.", 502)
    return variant, sound
