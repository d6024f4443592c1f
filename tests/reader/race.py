"""A race of changes of voice against news of sounds, and what must hold of what is told."""

from collections import deque
from typing import Any

from channels.layers import get_channel_layer
from django.db.models import F

from reader import events
from reader.listening import ListeningVoice
from reader.models import Block, Document
from tts.delivery.events import describe, variant_group
from tts.models import AudioVariant, Status, Voice, variant_key

from .http_page import HttpPage
from .page import Message, Page, in_database, send_to_session

# Two blocks with one text; the fourth says nothing.
TEXT = "One line.\n\nAnother line.\n\nOne line.\n\n* * *\n\nThe last line.\n"
BLOCKS, TEXTS, VOICES = range(5), 3, 3
WAYS = {"socket": Page, "http": HttpPage}
NO_VOICE = {"model_slug": "tone", "voice_slug": "none"}


class Race:
    """A document, its sounds in some voices, and the news that there was of them."""

    def __init__(self, client: Any, document: Document, voices: list[Voice]) -> None:
        self.client, self.document = client, document
        self.voices = [ListeningVoice.of(voice) for voice in voices]
        self.texts: dict[str, tuple[str, str]] = {}  # text hash → text and language
        self.hashes: dict[int, list[str]] = {}  # document revision → text hash of each block
        self._remember_blocks()

    def _remember_blocks(self) -> None:
        self.document.refresh_from_db()
        blocks = list(self.document.blocks.order_by("idx"))
        self.hashes[self.document.revision] = [block.text_hash for block in blocks]
        self.texts |= {b.text_hash: (b.text, b.language) for b in blocks if b.text}

    async def run(
        self, cached: set[tuple[int, int]], script: list[tuple], way: str
    ) -> list["Session"]:
        """Carry out a script by socket or HTTP; return its sessions, all checked."""
        self.page = WAYS[way]
        self.news: dict[str, dict[int, Message]] = {}  # variant key → revision → event
        self.told: list[Message] = []  # events, in the order in which they came to be
        self.sounds: dict[str, str] = {}  # variant → voice
        await in_database(self._begin)(cached)
        self.chosen = self.before = slugs(self.voices[0])
        self.sessions: list[Session] = []
        await self._open()
        for what, *how in script:
            await getattr(self, what)(*how)
        await self._close()
        return self.sessions

    async def _open(self) -> None:
        """A page that has a voice says so first, whatever the server thinks."""
        self.session = Session(self)
        self.sessions.append(self.session)
        await self.session.open()
        await self.session.send("set_voice", **self.chosen)
        await self.synthesize(list(BLOCKS))

    async def _close(self) -> None:
        await self.session.settle()
        await self.session.assert_all_is_told()
        await self.session.page.leave()

    # --- the steps of scripts -------------------------------------------------------------------

    async def set_voice(self, number: int | None, wants_on: bool) -> None:
        if number is None:
            await self.session.send("set_voice", **NO_VOICE)
        else:
            self.before, self.chosen = self.chosen, slugs(self.voices[number])
            await self.session.send("set_voice", **self.chosen)
        if wants_on:
            await self.synthesize(list(BLOCKS))

    async def synthesize(self, window: list[int], retry: bool = False) -> None:
        await self.session.send("synthesize", block_indices=window, retry=retry)

    async def cancel(self) -> None:
        await self.session.send("cancel")

    async def settle(self) -> None:
        await self.session.settle()

    async def reconnect(self) -> None:
        await self._close()
        await self._open()

    async def make_all(self, whose: str | int, delivery: str) -> None:
        for text in range(TEXTS):
            for _ in range(2):
                await self.progress(text, whose, "well", delivery)

    async def progress(self, text: int, whose: str | int, how: str, delivery: str) -> None:
        slugs_of = {"chosen": self.chosen, "before": self.before}.get(whose)
        (voice,) = [
            voice
            for number, voice in enumerate(self.voices)
            if number == whose or slugs(voice) == slugs_of
        ]
        event = await in_database(self._move_on)(text, voice, how)
        if event is None:
            return
        for _ in range({"told": 1, "told twice": 2, "not told": 0}[delivery]):
            await get_channel_layer().group_send(variant_group(event["key"]), event)

    async def late(self, ago: int) -> None:
        """Let news arrive that set out long ago, whether or not its group is still joined."""
        if ago <= len(self.told):
            await send_to_session(self.session.page, self.told[-ago])

    async def blocks_anew(self) -> None:
        """Let every block say what its neighbour said."""
        await self.session.settle()
        await in_database(self._rotate_blocks)()
        await send_to_session(self.session.page, {"type": "document.changed"})

    def _begin(self, cached: set[tuple[int, int]]) -> None:
        AudioVariant.objects.all().delete()
        sound = {"file": "audio/a.webm", "bytes": 1, "duration_ms": 400}
        made = AudioVariant.objects.bulk_create(
            AudioVariant(
                **self._identity(text, self.voices[voice]),
                status=Status.CACHED,
                revision=3,
                sound_revision=2,
                **sound,
            )
            for text, voice in sorted(cached)
        )
        for variant in made:
            self._note(variant)

    def _identity(self, text: int, voice: ListeningVoice) -> Message:
        text_hash = sorted(self.texts)[text]
        spoken, language = self.texts[text_hash]
        return {
            "text_hash": text_hash,
            "recipe_hash": voice.recipe,
            "text": spoken,
            "language": language,
            "voice": voice.voice,
        }

    def _note(self, variant: AudioVariant) -> Message:
        """Remember what there is to tell of a variant now."""
        event = dict(describe(variant))
        self.news.setdefault(variant.key, {})[variant.revision] = event
        self.told.append(event)
        voice = variant.voice
        self.sounds[str(variant.pk)] = f"{voice.speech_model.model_slug}/{voice.voice_slug}"
        return event

    def _move_on(self, text: int, voice: ListeningVoice, how: str) -> Message | None:
        """Take the next step in a sound's life, by the model's own transitions."""
        identity = self._identity(text, voice)
        hashes = {name: identity.pop(name) for name in ("text_hash", "recipe_hash")}
        variant, is_new = AudioVariant.objects.get_or_create(**hashes, defaults=identity)
        variant.voice = voice.voice
        if is_new:
            return None
        words = f"Revision {variant.revision} failed."
        if variant.status == Status.QUEUED:
            AudioVariant.objects.update(not_before=None)
            assert variant.claim()
        elif variant.status != Status.PROCESSING:
            assert variant.start_over()
        elif how == "well":
            sound = {"file": "audio/a.webm", "bytes": variant.revision, "duration_ms": 400}
            assert variant.move(Status.CACHED, **sound)
        elif how == "badly":
            assert variant.move(Status.ERROR, error=words, retryable=False)
        else:
            assert variant.requeue(error=words)
        return self._note(variant)

    def _rotate_blocks(self) -> None:
        blocks = list(self.document.blocks.order_by("idx"))
        said = [(block.text, block.text_hash) for block in blocks]
        for block, (text, text_hash) in zip(blocks, said[1:] + said[:1], strict=True):
            block.text, block.text_hash = text, text_hash
        Block.objects.bulk_update(blocks, ["text", "text_hash"])
        Document.objects.filter(pk=self.document.pk).update(revision=F("revision") + 1)
        self._remember_blocks()


def slugs(voice: ListeningVoice) -> dict[str, str]:
    return {"model_slug": voice.model_slug, "voice_slug": voice.voice_slug}


class Session:
    """One socket, and what must hold of all that comes out of it.

    A ping follows each message, and the handlers run in order: so what comes between two pongs was
    said before the second one's message was carried out, or because of it.
    """

    def __init__(self, race: Race) -> None:
        self.race = race
        self.page = race.page(race.client, race.document)
        self.sent: list[Message] = []
        self.heard: list[tuple[int, Message]] = []  # with how many pongs came before
        self.voice: ListeningVoice
        self.revision = 0
        self._unanswered: deque[Message] = deque()
        self._window: set[int] = set()
        self._last: dict[int, tuple[int, Message]] = {}  # block → revision and status last told
        self._pongs = 0
        self._readies = 0  # since the last pong, in answer to set_voice

    async def open(self) -> None:
        ready = await self.page.open()
        self.heard.append((0, ready))
        self._take_ready(ready)

    async def send(self, type: str, **content: Any) -> None:
        message = {"type": type, **content}
        self.sent.append(message)
        self._unanswered.append(message)
        await self.page.send(type, **content)
        await self.page.send("ping")

    async def settle(self) -> None:
        """Hear all that comes of what was done so far."""
        while self._unanswered:
            self._hear(await self.page.next())
        self._unanswered.append({"type": "marker"})
        for message in await self.page.answers():
            self._hear(message)
        self._unanswered.pop()

    async def assert_all_is_told(self) -> None:
        """Want everything: then what was told last of each block is how it stands."""
        await self.send("synthesize", block_indices=list(BLOCKS), retry=False)
        await self.settle()
        stands = await in_database(
            lambda: {variant.key: describe(variant) for variant in AudioVariant.objects.all()}
        )()
        for idx in BLOCKS:
            if key := self._key(idx):
                state, told = stands[key], self._last.get(idx, (0, None))[1]
                if state["status"] == "queued" and not state["error"]:
                    assert told is None or told["status"] == "queued"
                else:
                    assert told == self._status(idx, state), "the last news was not told"

    def _hear(self, message: Message) -> None:
        self.heard.append((self._pongs, message))
        asked = self._unanswered[0]
        if message["type"] == "pong":
            self._carried_out(asked)
            self._unanswered.popleft()
        elif message["type"] == "ready":
            if message["revision"] != self.revision:  # unasked: the blocks were made anew
                assert message["voice_slug"] == self.voice.voice_slug
            else:
                self._readies += 1
                assert asked["type"] == "set_voice"
                holds = self.voice.voice_slug if asked.items() >= NO_VOICE.items() else None
                assert message["voice_slug"] == (holds or asked["voice_slug"])
            self._take_ready(message)
        elif message["type"] == "status":
            allowed = self._window | set(asked.get("block_indices", []))
            assert message["block_idx"] in allowed, "told of a block that is not wanted now"
            self._take_status(message)
        else:
            assert (message["type"], message["code"]) == ("error", "unknown_voice")
            assert asked.items() >= NO_VOICE.items()

    def _carried_out(self, asked: Message) -> None:
        assert self._readies == (asked["type"] == "set_voice")
        self._readies = 0
        self._pongs += 1
        self._window = set(asked.get("block_indices", []))

    def _take_ready(self, ready: Message) -> None:
        self.revision = ready["revision"]
        (self.voice,) = [v for v in self.race.voices if v.voice_slug == ready["voice_slug"]]
        self._window = set()
        self._last.clear()

    def _take_status(self, status: Message) -> None:
        idx = status["block_idx"]
        last, _ = self._last.get(idx, (0, None))
        news = self.race.news.get(self._key(idx), {})
        for revision in range(last + 1, max(news, default=-1) + 2):
            # What nobody here brought about was put back by the consumer, as it was asked to.
            again = {"status": "queued", "error": "", "retryable": True}
            event = news.get(revision) or {**news[max(news)], **again}
            if self._status(idx, event) == {**status, "seq": None}:
                self._last[idx] = (revision, {**status, "seq": None})
                return
        raise AssertionError(f"told of another sound, or of nothing newer: {status}")

    def _status(self, idx: int, event: Message) -> Message:
        status = events.block_status(
            document_id=str(self.race.document.uuid),
            revision=self.revision,
            block_idx=idx,
            **slugs(self.voice),
            spoken_by=None,
            variant=event,
        )
        return {**status, "seq": None}

    def _key(self, idx: int) -> str:
        text_hash = self.race.hashes[self.revision][idx]
        return variant_key(text_hash, self.voice.recipe) if text_hash else ""
