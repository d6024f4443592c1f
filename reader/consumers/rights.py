"""Whether those who listen still may: looked up for all sockets of this process at once.

Events tell of it within a second (``reader/rights.py``); this is for those that were lost. A socket
that looked for itself cost five queries every twenty seconds: a thousand of them at rest took a
fifth of a processor. Here it is a few queries for all, and one for each account.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Collection
from typing import Protocol
from uuid import UUID
from weakref import WeakKeyDictionary

import structlog
from channels.db import database_sync_to_async
from django.contrib.sessions.models import Session
from django.utils import timezone

from tts.models import SpeechModel, Voice

from .. import events
from ..models import Document, LanguageVoice, User
from ..rights import holder

log = structlog.get_logger(__name__)

# Well under the minute within which a right that was taken away must end a session.
CHECK_RIGHT_SECONDS = 20
AT_ONCE = 500  # sessions in one query


class Listener(Protocol):
    """A socket, as far as its right is concerned."""

    user: User
    document: Document

    @property
    def session_key(self) -> str: ...

    async def end(self, code: int) -> None:
        """Close it."""

    async def read_again(self) -> None:
        """Look at the document and the voice: something about them is other than it was."""


class Watch:
    """Looks after the sockets of one event loop."""

    def __init__(self) -> None:
        self._listeners: set[Listener] = set()
        self._due: set[int] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._clock: asyncio.Task[None] | None = None
        self._seen = 0  # the voices, as they were at the last look

    def join(self, listener: Listener) -> None:
        self._listeners.add(listener)
        if self._clock is None or self._clock.done():
            self._clock = asyncio.create_task(self._run())

    def leave(self, listener: Listener) -> None:
        self._listeners.discard(listener)
        if not self._listeners and self._clock:
            self._clock.cancel()
            self._clock = None

    def check_soon(self, account: int) -> None:
        """Check the sockets of an account, once, however many of them were told to."""
        if account not in self._due:
            self._due.add(account)
            self._start(self._check_account(account))

    async def _check_account(self, account: int) -> None:
        await asyncio.sleep(0)  # until all of them were told
        self._due.discard(account)
        await self._check([each for each in self._listeners if each.user.pk == account])

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(CHECK_RIGHT_SECONDS)
            try:
                listeners = list(self._listeners)
                people = {each.user.pk for each in listeners}
                seen = await database_sync_to_async(_voices)(people)
                # A page that came between was read no longer ago than the others.
                is_anew, self._seen = seen != self._seen, seen
                await self._check(listeners, read_all=is_anew)
            except Exception:  # a clock that stops would never check the right again
                log.exception("rights.not_checked")

    async def _check(self, listeners: Collection[Listener], *, read_all: bool = False) -> None:
        signed_in, documents = await database_sync_to_async(_look)(listeners)
        for each in listeners:
            found = documents.get((each.user.pk, each.document.uuid))
            if each not in signed_in:
                self._start(each.end(events.CLOSE_NOT_SIGNED_IN))
            elif found is None:
                self._start(each.end(events.CLOSE_NOT_FOUND))
            elif read_all or found != (each.document.revision, each.document.block_count):
                self._start(each.read_again())

    def _start(self, work: object) -> None:
        task = asyncio.ensure_future(work)  # type: ignore[call-overload]  # a coroutine
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


_watches: WeakKeyDictionary[asyncio.AbstractEventLoop, Watch] = WeakKeyDictionary()


def watch() -> Watch:
    """Return the one of this event loop."""
    return _watches.setdefault(asyncio.get_running_loop(), Watch())


Documents = dict[tuple[int, UUID], tuple[int, int]]


def _look(listeners: Collection[Listener]) -> tuple[set[Listener], Documents]:
    """Return those who are signed in, and revision and length of what their accounts may see."""
    people = User.objects.in_bulk({each.user.pk for each in listeners})
    contents = _contents({each.session_key for each in listeners})
    signed_in = {
        each for each in listeners
        if holder(contents.get(each.session_key, {}), people.get(each.user.pk))
    }  # fmt: skip
    wanted: dict[int, set[UUID]] = defaultdict(set)
    for each in signed_in:
        wanted[each.user.pk].add(each.document.uuid)
    documents = {
        (pk, uuid): (revision, block_count)
        for pk, uuids in wanted.items()
        for uuid, revision, block_count in Document.objects.visible_to(people[pk])
        .filter(uuid__in=uuids)
        .values_list("uuid", "revision", "block_count")
    }
    return signed_in, documents


def _contents(keys: set[str]) -> dict[str, dict[str, object]]:
    ordered = sorted(keys)
    contents: dict[str, dict[str, object]] = {}
    for at in range(0, len(ordered), AT_ONCE):
        rows = Session.objects.filter(
            session_key__in=ordered[at : at + AT_ONCE], expire_date__gt=timezone.now()
        )
        contents |= {row.session_key: row.get_decoded() for row in rows}
    return contents


def _voices(people: set[int]) -> int:
    """Return what the voices of these people's pages depend on, to be compared."""
    rows = (
        SpeechModel.objects.order_by("pk").values_list(),
        Voice.objects.order_by("pk").values_list(),
        LanguageVoice.objects.filter(user__in=people).order_by("pk").values_list(),
        User.objects.filter(pk__in=people).order_by("pk").values_list("pk", "own_voices"),
    )
    return hash(repr([list(each) for each in rows]))
