"""``make bench-sockets``: what one web process bears: 1,000 sockets of 200 accounts.

All processes of the Procfile run as ``make run`` starts them, on loopback, with their logs. What is
printed is what a page feels; the client shares the cores with the server.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urlsplit

from .frames import Page
from .stack import Stack, p

ACCOUNTS, PAGES_OF_ONE = 200, 5
WARM = 100
HEAR_ONE = 500
SHARED = 4  # blocks that are alike in all documents
OWN = 2  # and blocks that are not
LONE_LISTENERS = 100
WANTS_A_SECOND = 15  # less than the worker makes
REST_SECONDS = 60
PING_SECONDS = 30  # as a page at rest does (static/js/session/connection.js)


def main() -> int:
    with Stack(log_level="INFO") as stack:
        stack.listen_in("espeak", "en-us")
        people = accounts(stack)
        asyncio.run(measure(stack, people))
    return 0


def accounts(stack: Stack) -> list[tuple[str, str]]:
    """Add people with a document each; return its uuid and the name of their session."""
    from django.test import Client

    from reader.ingestion.importing import import_document
    from reader.models import User
    from reader.services.documents import add_document
    from tts.models import Voice

    voice = Voice.objects.by_slugs("espeak", "en-us").get()
    added = []
    for n in range(ACCOUNTS):
        person = User.objects.create(username=f"listener-{n}", voice=voice)
        shared = [f"Everybody hears sentence {idx} of the story." for idx in range(SHARED)]
        own = [f"Nobody but listener {n} hears sentence {idx}." for idx in range(OWN)]
        document = add_document(owner=person, title="Bench", text="\n\n".join(shared + own))
        import_document(document)  # unless the worker was sooner
        while document.status == "importing":
            time.sleep(0.01)
            document.refresh_from_db()
        client = Client()
        client.force_login(person)
        added.append((str(document.uuid), client.cookies["sessionid"].value))
    return added


async def measure(stack: Stack, people: Sequence[tuple[str, str]]) -> None:
    port = urlsplit(stack.url).port
    assert port
    print(f"{stack.machine()}; {ACCOUNTS} accounts with {PAGES_OF_ONE} pages each\n")
    await leave(await come(port, people[: WARM // PAGES_OF_ONE]))
    before, cpu = stack.resident("web"), stack.cpu_by_process()["web"]
    pages, seconds = await come(port, people)
    spent = stack.cpu_by_process()["web"] - cpu
    row("ready, when all come at once", seconds, 1000, "p95 ≤ 3000")
    await asyncio.sleep(5)
    grown = (stack.resident("web") - before) * 1024 / len(pages)
    print(f"{'':34} {spent / len(pages) * 1000:.1f} ms of CPU and {grown:.0f} KB a socket (≤ 60)")
    await rest(stack, pages, "at rest")
    await one_each(stack, pages)
    await one_for_many(stack, pages)
    await rest(stack, pages, "at rest, their windows heard")
    await leave((pages, []))


async def come(port: int, people: Sequence[tuple[str, str]]) -> tuple[list[Page], list[float]]:
    opened = await asyncio.gather(
        *(Page.open(port, *person) for _ in range(PAGES_OF_ONE) for person in people)
    )
    return [page for page, _ in opened], [seconds for _, seconds in opened]


async def leave(opened: tuple[list[Page], list[float]]) -> None:
    for page in opened[0]:
        page.close()
    await asyncio.sleep(5)  # what they leave is tidied


async def one_each(stack: Stack, pages: Sequence[Page]) -> None:
    """A block of its own for each of some pages, one after the other, among all the others."""
    came: dict[str, float] = {}

    async def hear(page: Page, idx: int) -> None:
        count = len(page.heard.cached)
        await page.want([idx])
        await page.until(lambda: len(page.heard.cached) > count)
        url = list(page.heard.cached)[-1]
        came[url] = page.heard.cached[url]

    for idx in range(SHARED, SHARED + OWN):
        hearing = []
        for page in pages[:LONE_LISTENERS]:
            hearing.append(asyncio.create_task(hear(page, idx)))
            await asyncio.sleep(1 / WANTS_A_SECOND)
        await asyncio.gather(*hearing)
    row(f"commit → client, {WANTS_A_SECOND} wants a second", since_commit(came), 1000, "p95 ≤ 250")


async def one_for_many(stack: Stack, pages: Sequence[Page]) -> None:
    """One sound that many wait for. The worker is held back until all of them do."""
    last = []
    for idx in range(SHARED):
        stack.hold("worker")
        many = pages[:HEAR_ONE]
        counts = [len(page.heard.cached) for page in many]
        await asyncio.gather(*(page.want([idx]) for page in many))
        stack.let_go("worker")
        await asyncio.gather(
            *(
                page.until(lambda page=page, count=count: len(page.heard.cached) > count)
                for page, count in zip(many, counts, strict=True)
            )
        )
        url = list(many[0].heard.cached)[-1]
        last.append(max(since_commit({url: page.heard.cached[url]})[0] for page in many))
    row(f"commit → the last of {HEAR_ONE} clients", last, 1000, "≤ 300")


async def rest(stack: Stack, pages: Sequence[Page], what: str) -> None:
    """Nobody does anything; pages ask now and then whether the server is there."""
    before, began = stack.cpu_by_process(), time.perf_counter()
    for _ in range(REST_SECONDS // PING_SECONDS):
        for page in pages:
            page.send({"type": "ping"})
            await asyncio.sleep(PING_SECONDS / len(pages))
    after, seconds = stack.cpu_by_process(), time.perf_counter() - began
    web, redis = ((after[name] - before[name]) / seconds for name in ("web", "redis"))
    print(f"{what:34} web {web:.1%} of a core (≤ 3 %), Redis {redis:.1%}", flush=True)


def since_commit(came: dict[str, float]) -> list[float]:
    """Return for each sound the seconds from just before its commit until it was told of."""
    from tts.models import AudioVariant

    pks = {url.split("/")[2]: url for url in came}
    stored = AudioVariant.objects.filter(pk__in=pks).values_list("pk", "checked_at")
    return [came[pks[str(pk)]] - seconds_of(at) for pk, at in stored]


def seconds_of(at: datetime | None) -> float:
    assert at
    return at.timestamp()


def row(what: str, seconds: Sequence[float], factor: int, aim: str) -> None:
    values = [each * factor for each in seconds]
    print(f"{what:34} n {len(values):>5}  p50 {p(values, 50):>6.0f}  p95 {p(values, 95):>6.0f}  "
          f"most {max(values):>6.0f} ms ({aim})", flush=True)  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
