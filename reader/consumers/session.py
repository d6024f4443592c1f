"""The reading session: authorise, keep the voice and what is wanted, filter, forward."""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qs

import redis
import structlog
from channels.consumer import get_handler_name
from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from django.db import DatabaseError, InterfaceError
from kombu.exceptions import OperationalError

from tts.delivery.events import VariantChanged, variant_group
from tts.demand import figures
from tts.models import Voice

from .. import events
from ..listening import ListeningVoice
from ..models import Document, Position, User
from ..rights import accounts_of, session_name
from ..services import wanting
from ..services.opening import Opened, Opening, open_pages, place_at
from ..services.preferences import save_position
from ..services.wanting import Standing
from .allowance import Allowance, share_of
from .devices import browser_of, device_name
from .messages import BadIndex, BadMessage, indices_of, parse_message
from .rights import watch
from .together import together

log = structlog.get_logger(__name__)

# A wanted block that stays silent is looked up again, and its want is written again, this often;
# and so many times more seldom once all that was found out is that one has to wait.
LOOK_AGAIN_SECONDS = 2.5
MORE_SELDOM = 2
# Text hashes are read so many at a time: those of the next windows come along.
LEARNT_AT_ONCE = 256
MESSAGES_AT_ONCE = 60
MESSAGES_PER_SECOND = 20
SIGNS_OF_LIFE = {"page.ping", "session.pong"}
# They make no work, or end it.
ALWAYS_CARRIED_OUT = {"ping", "cancel"}

AWAY = (redis.RedisError, OperationalError, DatabaseError, InterfaceError, OSError)
CLOSE_TRY_AGAIN = 1013
REFUSED_AFTER_SECONDS = 1.0
TOO_MANY = "Too many requests at once. Please wait a moment."
AWAY_WORDS = "Lectern cannot reach its database or Redis. It tries again by itself."


class ReadingSession(AsyncWebsocketConsumer):
    """One open reading page, with one current voice.

    Messages of the page, events of the layer and the clock are handled one after the other, so
    the voice and the wanted keys never change while a handler is at work.
    """

    user: User
    document: Document
    voice: ListeningVoice

    _clock: asyncio.Task[None] | None = None
    _hurry: asyncio.Task[None] | None = None
    _farewell: asyncio.Task[None] | None = None

    async def __call__(self, *args: Any) -> None:
        try:
            await super().__call__(*args)
        finally:  # however the session ends
            watch().leave(self)
            for task in filter(None, (self._clock, self._hurry, self._farewell)):
                task.cancel()

    async def connect(self) -> None:
        self._in_order = asyncio.Lock()
        self._session_id = uuid.uuid4().hex
        self._seq = 0
        query = parse_qs(self.scope["query_string"].decode("ascii", "replace"))
        self._sound = query.get("sound", [""])[0]  # the format that the page can play
        self._device = device_name(self.scope["headers"])
        self._browser = browser_of(self.session_key)
        self._allowance = Allowance(MESSAGES_AT_ONCE, MESSAGES_PER_SECOND)
        self._late: dict[str, Any] | None = None  # a change of voice that waits for an allowance
        # Block index → text hash and language, of this revision.
        self._hashes: dict[int, tuple[str, str]] = {}
        self._wanted: dict[str, list[int]] = {}  # variant key → block indices, most wanted first
        self._joined: set[str] = set()
        self._settled: set[str] = set()  # wanted keys that are cached, failed or refused
        self._refused: set[str] = set()  # those of them that a limit of use forbids
        self._told: dict[int, VariantChanged] = {}  # block index → what was told last
        self._has_to_wait = False  # as the last look found
        self._awaited: tuple[str, float] | None = None  # what is to sound first, since when
        self._groups: list[str] = []
        self._is_open = False
        await self.accept()
        try:
            opened = await self._enter(self.scope["url_route"]["kwargs"]["uuid"])
        except AWAY:
            # The page connects again by itself, with growing pauses.
            log.warning("session.unavailable", session=self._session_id)
            opened = CLOSE_TRY_AGAIN
        if opened is None:
            self._farewell = asyncio.create_task(self._close_later())
            return
        if isinstance(opened, int):
            await self._leave_groups()
            await self.close(opened)
            return
        self.user, self.document, self.voice = opened.user, opened.document, opened.voice
        self._listener = wanting.listener_of(self.user, self._session_id)
        self._in_hand = share_of(self.user.pk).in_hand
        self._is_open = True
        self._trace("session.opened", user=self.user.pk, document=str(self.document.uuid))
        await self._send_ready(opened.cached, opened.place)
        watch().join(self, opened.taste)

    async def _enter(self, document: uuid.UUID) -> Opened | int | None:
        """Subscribe, then look; return what there is to know, or the code to close with.

        None: this account's pages come too often.
        """
        account = await together(accounts_of, self.session_key)
        if account is None:
            return events.CLOSE_NOT_SIGNED_IN
        if not share_of(account).starts.take():
            return None
        await watch().begin()
        self._groups = [events.account_group(account), events.listening_group(account, document)]
        await self.channel_layer.groups_add(self._groups, self.channel_name)
        return await together(open_pages, Opening(self.session_key, document, self._sound))

    async def _close_later(self) -> None:
        """Close after a while, or the page would be back at once; if it leaves before, so be it."""
        await asyncio.sleep(REFUSED_AFTER_SECONDS)
        await self.close(CLOSE_TRY_AGAIN)

    async def _leave_groups(self) -> None:
        with suppress(*AWAY):
            await self.channel_layer.groups_discard(self._groups, self.channel_name)

    async def disconnect(self, code: int) -> None:
        watch().leave(self)
        self._wanted = {}
        if not self._is_open:
            return
        with suppress(*AWAY):
            await self._want_nothing()
        await self._leave_groups()
        self._trace("session.closed", code=code)

    # --- in order -------------------------------------------------------------------------------

    async def dispatch(self, message: dict[str, Any]) -> None:
        """Hand a message to its handler.

        Channels' own looks after connections to the database first, in the thread that has them,
        for each message. That cost three times what it takes to answer a ping; here each question
        to the database does so.
        """
        handler = getattr(self, get_handler_name(message))
        if message["type"] == "websocket.connect":
            await handler(message)
            return
        async with self._in_order:
            if self._is_open or message["type"].startswith("websocket."):
                await handler(message)

    def _look_on(self) -> None:
        """Have the clock run while something that is wanted is not there."""
        if self._clock is None:
            self._clock = asyncio.create_task(self._run_clock())

    async def _run_clock(self) -> None:
        while True:
            await asyncio.sleep(LOOK_AGAIN_SECONDS * (MORE_SELDOM if self._has_to_wait else 1))
            async with self._in_order:
                try:
                    unsettled = self._wanted.keys() - self._settled
                    if not unsettled:
                        self._clock = None
                        return
                    self._has_to_wait = True  # unless there is news
                    await self._look(list(unsettled))
                except AWAY as error:
                    log.warning("session.away", session=self._session_id, reason=str(error))
                except Exception:  # A clock that stops would never look again.
                    log.exception("session.clock_failed", session=self._session_id)

    @property
    def session_key(self) -> str:
        return str(self.scope["session_key"])

    async def end(self, code: int) -> None:
        """Close: the person signed out, or may not hear this document any more."""
        watch().leave(self)
        async with self._in_order:
            self._trace("session.ended", code=code)
            await self.close(code)

    async def read_again(self) -> None:
        async with self._in_order:
            with suppress(*AWAY):
                await self._read_document()

    async def _read_document(self, *, tell: bool = False) -> None:
        """Read the document again; tell of it if asked to, or if its blocks are others."""
        revision, block_count = self.document.revision, self.document.block_count
        recipes = self.voice.recipes
        if not await self._load():
            await self.close(events.CLOSE_NOT_FOUND)
            return
        is_anew = self.document.revision != revision or self.voice.recipes != recipes
        if is_anew:
            self._hashes.clear()
            self._wanted = {}
            await self._want_nothing()
        if tell or is_anew or self.document.block_count != block_count:
            await self._send_ready(*await self._snapshot())

    # --- from the page --------------------------------------------------------------------------

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        if not self._is_open:
            return  # refused; the close is on its way
        try:
            message = parse_message(text_data)
            handler: Callable[[dict[str, Any]], Awaitable[None]] = getattr(
                self, f"_on_{message['type']}"
            )
            self._trace("page." + message["type"], content=text_data)
            message["block_indices"] = indices_of(message, self.document.block_count)
            await self._change_late(message)
            if message["type"] == "ping":
                await handler(message)
            elif message["type"] in ALWAYS_CARRIED_OUT or self._allowance.take():
                async with self._in_hand:
                    await handler(message)
            elif message["type"] == "set_voice":
                self._wanted = {}  # of the voice before
                self._late = message
                self._hurry = asyncio.create_task(self._change_soon())
            else:
                await self._send_error("rate_limited", TOO_MANY, message["block_indices"])
        except BadMessage as error:
            await self._send_error("bad_message", str(error))
        except BadIndex as error:
            await self._send_error("bad_index", str(error), error.indices)

    async def _change_soon(self) -> None:
        await asyncio.sleep(self._allowance.wait_seconds)
        async with self._in_order:
            await self._change_late()

    async def _change_late(self, message: dict[str, Any] | None = None) -> None:
        """Carry out the change of voice that there was no allowance for, before anything else.

        The last of many is the one that counts: were it refused, the page would wait for its
        ``ready`` in vain. The one that a newer one replaces is refused.
        """
        late, self._late = self._late, None
        if late is None:
            return
        if message and message["type"] == "set_voice":
            await self._send_error("rate_limited", TOO_MANY)
            return
        while not self._allowance.take():
            await asyncio.sleep(self._allowance.wait_seconds)
        async with self._in_hand:
            await self._on_set_voice(late)

    async def _on_set_voice(self, message: dict[str, Any]) -> None:
        # Before the first await: from here on no event of the old voice finds its block.
        self._wanted = {}
        with suppress(*AWAY):  # without Redis the old wants expire by themselves
            await self._want_nothing()
        try:
            voice = await self._find_voice(message["model_slug"], message["voice_slug"])
            if voice:
                self.voice = voice
            else:
                await self._send_error("unknown_voice", "There is no such voice here any more.")
            await self._send_ready(*await self._snapshot())
        except AWAY:
            await self._send_error("unavailable", AWAY_WORDS)

    async def _on_synthesize(self, message: dict[str, Any]) -> None:
        indices = message["block_indices"]
        try:
            await self._learn_hashes(indices)
            wanted: dict[str, list[int]] = {}
            for idx in indices:
                text_hash, language = self._hashes.get(idx, ("", ""))
                if text_hash:
                    key = self.voice.for_text(text_hash, language).key(text_hash)
                    wanted.setdefault(key, []).append(idx)
            self._wanted = wanted
            self._look_on()
            self._has_to_wait = False
            asked_at = time.monotonic()
            self._settled.clear()
            self._refused.clear()
            await self._leave(self._joined - wanted.keys())
            await self._look(list(wanted), retry=message.get("retry", False))
            self._await_first(asked_at)
        except AWAY:
            # The page asks again, and the clock for what is wanted already.
            await self._send_error("unavailable", AWAY_WORDS, indices)

    async def _on_cancel(self, message: dict[str, Any]) -> None:
        self._wanted = {}
        with suppress(*AWAY):
            await self._want_nothing()

    async def _on_save_position(self, message: dict[str, Any]) -> None:
        place = {"block_idx": message["block_idx"], "offset_ms": message["offset_ms"]}
        try:
            await database_sync_to_async(save_position)(
                user=self.user, document=self.document, **place
            )
            about = {}
            if "playing" in message:
                about = {
                    "device": self._device,
                    "browser": self._browser,
                    "playing": message["playing"],
                }
            await self.channel_layer.group_send(
                events.listening_group(self.user.pk, self.document.uuid),
                events.position_message(self._session_id, **place, **about),
            )
        except AWAY:
            await self._send_error("unavailable", AWAY_WORDS, message["block_indices"])

    async def _on_ping(self, message: dict[str, Any]) -> None:
        await self._send({"type": "pong"})

    # --- from the layer -------------------------------------------------------------------------

    async def variant_changed(self, event: VariantChanged) -> None:
        await self._tell(event)

    async def position_moved(self, event: dict[str, Any]) -> None:
        if event["session_id"] == self._session_id:
            return
        moved: events.PositionMoved = {
            "type": "position",
            "block_idx": event["block_idx"],
            "offset_ms": event["offset_ms"],
            "session_id": event["session_id"],
        }
        if "playing" in event:
            moved["device"] = event["device"]
            moved["same_browser"] = event.get("browser") == self._browser
            moved["playing"] = event["playing"]
        await self._send(moved)

    async def job_progressed(self, event: dict[str, Any]) -> None:
        await self._send(
            {
                "type": "progress",
                "job": event["job"],
                "done": event["done"],
                "total": event["total"],
                "status": event["status"],
                "error": event["error"],
            }
        )
        with suppress(*AWAY):  # there may be more blocks
            await self._read_document()

    async def session_ended(self, event: dict[str, Any]) -> None:
        """Close the pages of a browser that was signed out."""
        if event["session"] == session_name(self.session_key):
            await self.close(events.CLOSE_NOT_SIGNED_IN)

    async def rights_changed(self, event: dict[str, Any]) -> None:
        watch().check_soon(self.user.pk)

    async def document_changed(self, event: dict[str, Any]) -> None:
        with suppress(*AWAY):
            await self._read_document(tell=True)

    # --- how long the first sound takes ---------------------------------------------------------

    def _await_first(self, asked_at: float) -> None:
        """Count until what is wanted most can be heard, unless it was there."""
        first = next(iter(self._wanted), "")
        if self._awaited and self._awaited[0] == first:
            return
        told = self._told.get(self._wanted[first][0]) if first else None
        is_over = not first or first in self._settled or bool(told and events.can_be_heard(told))
        self._awaited = None if is_over else (first, asked_at)

    def _note_first(self, state: VariantChanged) -> None:
        if self._awaited is None or state["key"] != self._awaited[0]:
            return
        asked_at = self._awaited[1]
        if events.can_be_heard(state):
            self._awaited = None
            waited_ms = (time.monotonic() - asked_at) * 1000
            figures.note(first=1, first_ms=waited_ms)
        elif state["status"] == "error":
            self._awaited = None

    # --- what is wanted -------------------------------------------------------------------------

    async def _look(self, keys: list[str], *, retry: bool = False) -> None:
        """Subscribe, then look: want these keys, and tell how each one stands."""
        order = list(self._wanted)
        ranks = {key.partition("-")[0]: rank for rank, key in enumerate(order) if key in set(keys)}
        await self._join(set(keys) - self._joined)
        standing = await database_sync_to_async(wanting.want_texts)(
            document=self.document,
            listener=self._listener,
            voice=self.voice,
            ranks=ranks,
            retry=retry,
        )
        for state in standing.states:
            await self._tell(state)
        await self._refuse(standing)
        # Of a sound whose words are not found yet there is still something to be heard.
        done = {
            state["key"]
            for state in standing.states
            if state["status"] == "cached" and state["has_marks"]
        }
        await self._leave(done)

    async def _refuse(self, standing: Standing) -> None:
        """Tell once which blocks a limit of use keeps from being made. The page asks again."""
        self._settled |= set(standing.refused)
        news = set(standing.refused) - self._refused
        self._refused = set(standing.refused)
        if news:
            indices = sorted(idx for key in standing.refused for idx in self._wanted.get(key, []))
            await self._send_error("over_quota", standing.reason, indices)

    async def _tell(self, state: VariantChanged) -> None:
        """Tell of a variant that is wanted now, unless the page knows this or newer."""
        key = state["key"]
        if key not in self._wanted:
            self._trace("event.dropped", key=key, reason="not wanted now")
            return
        if state["status"] in ("cached", "error"):
            self._settled.add(key)
        else:
            self._settled.discard(key)
            self._look_on()
        for idx in self._wanted[key]:
            told = self._told.get(idx)
            if told and not _is_news(state, told):
                continue
            # A block that waits for its first attempt is what the page takes a wanted one for.
            is_first = told is None or told["key"] != key
            speaker = self.voice.speaker_of(key)
            if not is_first or state["status"] != "queued" or state["error"]:
                await self._send(
                    events.block_status(
                        document_id=str(self.document.uuid),
                        revision=self.document.revision,
                        block_idx=idx,
                        model_slug=self.voice.model_slug,
                        voice_slug=self.voice.voice_slug,
                        spoken_by=None if speaker is self.voice else spoken_by(speaker),
                        variant=state,
                    ),
                    variant=state["variant_id"],
                )
            self._told[idx] = state
            self._has_to_wait = False
        self._note_first(state)

    async def _join(self, keys: set[str]) -> None:
        if keys:
            await self.channel_layer.groups_add(map(variant_group, keys), self.channel_name)
            self._joined |= keys

    async def _leave(self, keys: set[str]) -> None:
        if left := keys & self._joined:
            self._joined -= left
            await self.channel_layer.groups_discard(map(variant_group, left), self.channel_name)

    async def _want_nothing(self) -> None:
        self._settled.clear()
        await database_sync_to_async(wanting.want_nothing)(
            listener=self._listener, voice=self.voice
        )
        await self._leave(set(self._joined))

    # --- to the page ----------------------------------------------------------------------------

    async def _send_ready(self, cached: wanting.Ranges, position: events.Place) -> None:
        self._told.clear()
        await self._send(
            {
                "type": "ready",
                "protocol": events.PROTOCOL_VERSION,
                "session_id": self._session_id,
                "document_id": str(self.document.uuid),
                "revision": self.document.revision,
                "block_count": self.document.block_count,
                "model_slug": self.voice.model_slug,
                "voice_slug": self.voice.voice_slug,
                "cached": cached,
                "position": position,
            }
        )

    async def _send_error(
        self, code: events.ErrorCode, message: str, indices: list[int] | None = None
    ) -> None:
        await self._send(
            {"type": "error", "code": code, "message": message, "block_indices": indices or []}
        )

    async def _send(self, message: events.ToPage, **about: Any) -> None:
        self._seq += 1
        message["seq"] = self._seq
        text = json.dumps(message, separators=(",", ":"))
        self._trace("session." + message["type"], content=text, **about)
        await self.send(text_data=text)

    def _trace(self, event: str, **about: Any) -> None:
        """One line per message, so that one search tells a session's or a block's whole story.

        Those that only ask whether the other is there tell none, and are most of them.
        """
        tell = log.debug if event in SIGNS_OF_LIFE else log.info
        tell(event, session=self._session_id, **about)

    # --- from the database ----------------------------------------------------------------------

    @database_sync_to_async
    def _load(self) -> bool:
        """Read the document again, and the voice: its parameters may have been edited meanwhile."""
        uuid = self.document.uuid
        document = Document.objects.visible_to(self.user).filter(uuid=uuid).first()
        if document is None:
            return False
        voice = Voice.objects.usable(str(uuid)).filter(pk=self.voice.voice.pk).first()
        if voice is None and self.voice.voice.reserved_for:
            voice = self.voice.voice  # a narrator of whom nothing was found: others read it all
        if voice:
            self.voice = self._listening(voice, document)
        self.document = document
        return True

    @database_sync_to_async
    def _find_voice(self, model_slug: str, voice_slug: str) -> ListeningVoice | None:
        place = str(self.document.uuid)
        voice = Voice.objects.by_slugs(model_slug, voice_slug, place).first()
        return self._listening(voice, self.document) if voice else None

    def _listening(self, voice: Voice, document: Document) -> ListeningVoice:
        listener = User.objects.only("own_voices", "voice").get(pk=self.user.pk)
        return ListeningVoice.of(voice, self._sound, document=document, listener=listener)

    async def _learn_hashes(self, indices: list[int]) -> None:
        unknown = [idx for idx in indices if idx not in self._hashes]
        while unknown:  # a page far from the others is rare; the next ones are wanted soon
            first = min(unknown)
            last = first + LEARNT_AT_ONCE - 1
            self._hashes |= await database_sync_to_async(wanting.text_hashes)(
                document=self.document, first=first, last=last
            )
            unknown = [idx for idx in unknown if idx > last]

    @database_sync_to_async
    def _snapshot(self) -> tuple[wanting.Ranges, events.Place]:
        position = Position.objects.filter(user=self.user, document=self.document).first()
        cached = wanting.cached_ranges(user=self.user, document=self.document, voice=self.voice)
        return cached, place_at(position)


def spoken_by(voice: ListeningVoice) -> events.SpokenBy:
    name = voice.voice.name
    return {"model_slug": voice.model_slug, "voice_slug": voice.voice_slug, "name": name}


def _is_news(state: VariantChanged, told: VariantChanged) -> bool:
    """Tell whether a variant is in another state than was told, and not in an earlier one."""
    if state["variant_id"] != told["variant_id"]:
        return True  # also when it was deleted and added anew: its revisions begin anew too
    if state["revision"] == told["revision"]:
        more_words = len(state.get("marks", ())) > len(told.get("marks", ()))
        return more_words or state["error"] != told["error"]
    return state["revision"] > told["revision"]
