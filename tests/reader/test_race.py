"""Never a stale voice: Hypothesis races changes of voice against news of sounds being made.

The real consumer behind the real application, with a real Redis and database. Sounds are moved on
by their real transitions, and the news of it comes at once, late, twice or never. What the consumer
says is then held against what it was asked and what there was to tell.
"""

import asyncio
import logging
import os
from collections import deque
from collections.abc import Iterator
from typing import Any

import pytest
from channels.layers import get_channel_layer
from django.db.models import F
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from reader import events
from reader.models import Block, Document
from reader.services import ListeningVoice
from tests.conftest import make_document
from tts.events import describe, variant_group
from tts.models import AudioVariant, Status, Voice, variant_key

from .page import Message, Page, in_database, send_to_session

pytestmark = pytest.mark.django_db(transaction=True)

EXAMPLES = {"quick": 150, "full": 2_000}[os.environ.get("HYPOTHESIS_PROFILE", "full")]

# Two blocks with one text; the fourth says nothing.
TEXT = "One line.\n\nAnother line.\n\nOne line.\n\n* * *\n\nThe last line.\n"
BLOCKS, TEXTS, VOICES = range(5), 3, 3
PATIENCE_SECONDS = 20

voices = st.integers(0, VOICES - 1)
windows = st.lists(st.sampled_from(BLOCKS), min_size=1, max_size=5)
steps = st.one_of(
    st.tuples(st.just("set_voice"), voices),
    st.tuples(st.just("set_voice"), st.just(None)),  # one that there is not
    st.tuples(st.just("synthesize"), windows, st.booleans()),
    st.tuples(st.just("synthesize"), st.just(list(BLOCKS)), st.just(False)),
    st.tuples(st.just("cancel")),
    *[
        st.tuples(
            st.just("progress"),
            st.integers(0, TEXTS - 1),
            voices,
            st.sampled_from(["well", "well", "well", "badly", "again"]),
            st.sampled_from(["told", "told twice", "not told"]),
        )
    ]
    * 3,
    st.tuples(st.just("late"), st.integers(1, 12)),
    st.tuples(st.just("settle")),
    st.tuples(st.just("reconnect")),
    st.tuples(st.just("blocks anew")),
)


class Race:
    """A document, its sounds in some voices, and the news that there was of them."""

    def __init__(self, client: Any, document: Document, voices: list[Voice]) -> None:
        self.client, self.document = client, document
        self.voices = [ListeningVoice.of(voice) for voice in voices]
        self.texts: dict[str, tuple[str, str]] = {}  # text hash → text and language
        self.hashes: dict[int, list[str]] = {}  # document revision → text hash of each block
        self._remember_blocks()
        self._begin()

    def _remember_blocks(self) -> None:
        self.document.refresh_from_db()
        blocks = list(self.document.blocks.order_by("idx"))
        self.hashes[self.document.revision] = [block.text_hash for block in blocks]
        self.texts |= {b.text_hash: (b.text, b.language) for b in blocks if b.text}

    def _begin(self) -> None:
        AudioVariant.objects.all().delete()
        self.news: dict[str, dict[int, Message]] = {}  # variant key → revision → event
        self.told: list[Message] = []  # events, in the order in which they came to be

    # --- what happens ---------------------------------------------------------------------------

    async def run(self, script: list[tuple]) -> list[tuple[str, Any]]:
        """Carry out a script; return what the page sent and heard, in order."""
        await in_database(self._begin)()
        self.session = await Session.open(self)
        for what, *how in [*script, ("settle",)]:
            await getattr(self, "_" + what.replace(" ", "_"))(*how)
        await self.session.assert_all_is_told()
        await self.session.page.leave()
        return self.session.transcript

    async def _set_voice(self, number: int | None) -> None:
        if number is None:
            await self.session.send("set_voice", model_slug="tone", voice_slug="none")
        else:
            voice = self.voices[number]
            await self.session.send(
                "set_voice", model_slug=voice.model_slug, voice_slug=voice.voice_slug
            )

    async def _synthesize(self, window: list[int], retry: bool) -> None:
        await self.session.send("synthesize", block_indices=window, retry=retry)

    async def _cancel(self) -> None:
        await self.session.send("cancel")

    async def _settle(self) -> None:
        await self.session.settle()

    async def _reconnect(self) -> None:
        await self.session.settle()
        await self.session.page.leave()
        self.session = await Session.open(self, self.session.transcript)

    async def _progress(self, text: int, voice: int, how: str, delivery: str) -> None:
        event = await in_database(self._move_on)(text, self.voices[voice], how)
        if event is None:
            return
        group = variant_group(event["key"])
        for _ in range({"told": 1, "told twice": 2, "not told": 0}[delivery]):
            await get_channel_layer().group_send(group, event)

    async def _late(self, ago: int) -> None:
        """Let an event arrive that set out long ago, whether or not its group is still joined."""
        if ago <= len(self.told):
            await send_to_session(self.session.page, self.told[-ago])

    async def _blocks_anew(self) -> None:
        await in_database(self._rotate_blocks)()
        await send_to_session(self.session.page, {"type": "document.changed"})

    def _move_on(self, text: int, voice: ListeningVoice, how: str) -> Message | None:
        """Take the next step in a sound's life, by the model's own transitions."""
        text_hash = sorted(self.texts)[text]
        spoken, language = self.texts[text_hash]
        variant, is_new = AudioVariant.objects.get_or_create(
            text_hash=text_hash,
            recipe_hash=voice.recipe,
            defaults={"text": spoken, "language": language, "voice": voice.voice},
        )
        words = f"Attempt {variant.attempt} of revision {variant.revision} failed."
        if is_new:
            return None
        if variant.status == Status.QUEUED:
            assert variant.claim()
        elif variant.status != Status.PROCESSING:
            assert variant.start_over()
        elif how == "well":
            assert variant.move(
                Status.CACHED, file="audio/a.webm", bytes=variant.revision, duration_ms=1
            )
        elif how == "badly":
            assert variant.move(Status.ERROR, error=words, retryable=False)
        else:
            assert variant.requeue(error=words)
        event = dict(describe(variant))
        self.news.setdefault(variant.key, {})[variant.revision] = event
        self.told.append(event)
        return event

    def _rotate_blocks(self) -> None:
        blocks = list(self.document.blocks.order_by("idx"))
        saying = [(b.text, b.text_hash) for b in blocks]
        for block, (text, text_hash) in zip(blocks, saying[1:] + saying[:1], strict=True):
            block.text, block.text_hash = text, text_hash
        Block.objects.bulk_update(blocks, ["text", "text_hash"])
        Document.objects.filter(pk=self.document.pk).update(revision=F("revision") + 1)
        self._remember_blocks()


class Session:
    """One socket, and what must hold of all that comes out of it."""

    def __init__(self, race: Race, page: Page, transcript: list[tuple[str, Any]]) -> None:
        self.race, self.page, self.transcript = race, page, transcript
        self.voice: ListeningVoice
        self.sent: deque[Message] = deque()  # by the page, and not yet seen to be carried out
        self.window: set[int] = set()
        self.last: dict[int, tuple[int, Message]] = {}  # block → revision and status last told

    @classmethod
    async def open(cls, race: Race, transcript: list[tuple[str, Any]] | None = None) -> "Session":
        page = Page(race.client, race.document)
        session = cls(race, page, [] if transcript is None else transcript)
        session.transcript.append(("open", None))
        session._take_ready(await page.open())
        return session

    async def send(self, type: str, **content: Any) -> None:
        """Send a message, and a ping whose answer shows that the message was carried out."""
        self.transcript.append(("sent", {"type": type, **content}))
        self.sent.append({"type": type, **content})
        await self.page.send(type, **content)
        await self.page.send("ping")

    async def settle(self) -> None:
        """Hear all that comes of what was done so far."""
        while self.sent:
            self.hear(await self.page.next())
        for message in await self.page.answers():
            self.hear(message)

    def hear(self, message: Message) -> None:
        self.transcript.append(("heard", message))
        asked = self.sent[0] if self.sent else {"type": None}
        if message["type"] == "pong":
            if asked["type"] == "synthesize" and self.window is not None:
                self.window = set(asked["block_indices"])
            elif asked["type"] == "cancel":
                self.window = set()
            self.sent.popleft()
        elif message["type"] == "ready":
            if asked["type"] == "set_voice" and not self._is_of_new_blocks(message):
                assert self._is_asked_for(message, asked)
            self._take_ready(message)
        elif message["type"] == "status":
            allowed = self.window | set(asked.get("block_indices", []))
            assert message["block_idx"] in allowed, "told of a block that is not wanted now"
            self._take_status(message)
        else:
            assert (message["type"], message["code"]) == ("error", "unknown_voice")

    def _is_of_new_blocks(self, ready: Message) -> bool:
        return bool(ready["revision"] != self.revision)

    def _is_asked_for(self, ready: Message, asked: Message) -> bool:
        if asked["voice_slug"] == "none":
            return bool(ready["voice_slug"] == self.voice.voice_slug)
        return bool(ready["voice_slug"] == asked["voice_slug"])

    def _take_ready(self, ready: Message) -> None:
        if self.__dict__.get("revision") in (None, ready["revision"]):
            self.window = set()
        else:
            self.window = set()
        self.revision = ready["revision"]
        (self.voice,) = [
            voice for voice in self.race.voices if voice.voice_slug == ready["voice_slug"]
        ]
        self.last.clear()

    def _take_status(self, status: Message) -> None:
        idx = status["block_idx"]
        assert status["document_id"] == str(self.race.document.uuid)
        assert status["revision"] == self.revision
        assert status["voice_slug"] == self.voice.voice_slug, "told in another voice"
        assert status["model_slug"] == self.voice.model_slug
        revision = self._revision_told(status)
        assert revision, "told of another sound, or of nothing newer than what was told"
        self.last[idx] = (revision, status)
