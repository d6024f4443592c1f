"""Asking the database together: who comes while an answer is on its way is in the next question.

A socket alone waits for nobody. Of a thousand that come at once, dozens share each query, each
switch to the thread that asks the database, and what it costs to build and to read.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextvars import Context
from dataclasses import dataclass, field
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from channels.db import database_sync_to_async
from django.db import InterfaceError, OperationalError

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")

AWAY = (OperationalError, InterfaceError, OSError)
MOST = 64  # at once: others wait for the database in the same thread


@dataclass(slots=True)
class _Room:
    """Where those wait who ask the same thing in one event loop."""

    waiting: list[tuple[Any, asyncio.Future[Any]]] = field(default_factory=list)
    work: asyncio.Task[None] | None = None


_rooms: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[object, _Room]] = WeakKeyDictionary()


async def together(answer: Callable[[Sequence[Asked]], Sequence[Answer]], asked: Asked) -> Answer:
    """Return one answer of a function that gives one for each of those who ask."""
    loop = asyncio.get_running_loop()
    room = _rooms.setdefault(loop, {}).setdefault(answer, _Room())
    future: asyncio.Future[Answer] = loop.create_future()
    room.waiting.append((asked, future))
    if room.work is None:
        room.work = loop.create_task(_work(room, answer), context=Context())
    return await future


async def _work(room: _Room, answer: Callable[[Sequence[Any]], Sequence[Any]]) -> None:
    try:
        while room.waiting:
            some, room.waiting = room.waiting[:MOST], room.waiting[MOST:]
            await _answer(some, answer)
    finally:
        room.work = None


async def _answer(
    some: Sequence[tuple[Any, asyncio.Future[Any]]],
    answer: Callable[[Sequence[Any]], Sequence[Any]],
) -> None:
    try:
        answers = await database_sync_to_async(answer)([asked for asked, _ in some])
    except Exception as error:
        if len(some) > 1 and not isinstance(error, AWAY):  # one of them is at fault
            for each in some:
                await _answer([each], answer)
            return
        for _, future in some:
            if not future.done():  # whoever asked may have left
                future.set_exception(error)
    else:
        for (_, future), each in zip(some, answers, strict=True):
            if not future.done():
                future.set_result(each)
