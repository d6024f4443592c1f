"""Whether those who listen still may: looked up for all sockets of this process at once.

Events tell of it within a second (``reader/rights.py``); this is for those that were lost. A socket
that looked for itself cost five queries every twenty seconds: a thousand of them at rest took a
fifth of a processor. Here it is a few queries for all.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from typing import Protocol
from uuid import UUID
from weakref import WeakKeyDictionary

import structlog
from channels.db import database_sync_to_async

from tts.models import SpeechModel, Voice

from .. import events
from ..listening import chosen_voices
from ..models import Document, User
from ..rights import holders
from ..services.opening import taste_of

log = structlog.get_logger(__name__)

# Well under the minute within which a right that was taken away must end a session.
CHECK_RIGHT_SECONDS = 20
ALL = 0  # no person has this number


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
        # What voices depend on, as it was at the last look: for all, and for each person.
        self._seen: dict[int, int] = {}

    async def begin(self) -> None:
        """Remember what all voices depend on, before it is read by who has to hear of changes."""
        if ALL not in self._seen:
            seen = await database_sync_to_async(_voices)(())
            self._seen.setdefault(ALL, seen[ALL])

    def join(self, listener: Listener, taste: int) -> None:
        """Look after a socket; ``taste``: what its voices depend on, as it was read."""
        self._listeners.add(listener)
        self._seen.setdefault(listener.user.pk, taste)
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
                anew = {pk for pk, those in seen.items() if those != self._seen.get(pk)}
                self._seen = seen
                await self._check(listeners, anew=people if ALL in anew else anew)
            except Exception:  # a clock that stops would never check the right again
                log.exception("rights.not_checked")

    async def _check(
        self, listeners: Collection[Listener], *, anew: Collection[int] = frozenset()
    ) -> None:
        signed_in, documents = await database_sync_to_async(_look)(listeners)
        for each in listeners:
            found = documents.get((each.user.pk, each.document.uuid))
            if each not in signed_in:
                self._start(each.end(events.CLOSE_NOT_SIGNED_IN))
            elif found is None:
                self._start(each.end(events.CLOSE_NOT_FOUND))
            elif each.user.pk in anew or found != (
                each.document.revision,
                each.document.block_count,
            ):
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
    people = holders({each.session_key for each in listeners})
    signed_in = {
        each
        for each in listeners
        if (person := people.get(each.session_key)) and person.pk == each.user.pk
    }
    documents = Document.objects.only("uuid", "owner", "revision", "block_count").seen_by(
        {(each.user.pk, each.document.uuid) for each in signed_in}
    )
    return signed_in, {
        which: (found.revision, found.block_count) for which, found in documents.items()
    }


def _voices(people: Collection[int]) -> dict[int, int]:
    """Return what voices depend on, to be compared: for ALL, and for each of these people."""
    of_all = (
        SpeechModel.objects.order_by("pk").values_list(),
        Voice.objects.order_by("pk").values_list(),
    )
    by_language = chosen_voices(people)
    return {ALL: hash(repr([list(each) for each in of_all]))} | {
        person.pk: taste_of(person, by_language)
        for person in User.objects.only("own_voices").filter(pk__in=people)
    }
