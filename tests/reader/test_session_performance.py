"""What sockets cost: statements, switches to the thread of the database, tasks. Not seconds."""

import asyncio
import gc
import time
from threading import Event

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext

from reader.consumers import rights, together
from reader.models import Block
from reader.services.opening import Opened, Opening, open_pages
from tests.conftest import make_document

from .page import Page, in_database

pytestmark = pytest.mark.django_db(transaction=True)
# Session, person, document, its preferences, voices by language, the voice, languages, whether it
# was prepared, what is cached, the position.
STATEMENTS = 10


def test_a_start_costs_so_many_statements_and_many_at_once_as_many(
    as_alice, as_bob, alice, bob, document, bobs_document
):
    keys = {alice: key_of(as_alice), bob: key_of(as_bob)}
    pages = [Opening(keys[alice], document.uuid, "")]
    assert cost_of(pages) == STATEMENTS
    for number in range(12):
        owner = (alice, bob)[number % 2]
        pages.append(Opening(keys[owner], make_document(owner, f"Text {number}.").uuid, ""))
    pages += 2 * [Opening(keys[bob], bobs_document.uuid, "")]
    assert cost_of(pages) == STATEMENTS


def cost_of(pages) -> int:
    with CaptureQueriesContext(connection) as queries:
        opened = open_pages(pages)
    assert [each.document.uuid for each in opened] == [page.document for page in pages]
    return len(queries)


def key_of(client) -> str:
    return client.cookies["sessionid"].value


def test_pages_that_are_opened_together_get_what_each_may_see(
    as_alice, as_bob, alice, document, bobs_document
):
    mine, theirs = key_of(as_alice), key_of(as_bob)
    answers = open_pages(
        [
            Opening(mine, document.uuid, ""),
            Opening(mine, bobs_document.uuid, ""),
            Opening(theirs, document.uuid, ""),
            Opening("nobody's", document.uuid, ""),
            Opening(theirs, bobs_document.uuid, ""),
        ]
    )
    who = [each.user.username if isinstance(each, Opened) else each for each in answers]
    assert who == ["alice", 4404, 4404, 4401, "bob"]


async def test_those_who_come_while_an_answer_is_on_its_way_ask_together():
    asked: list[int] = []
    all_are_there = Event()

    def noted(numbers):
        asked.append(len(numbers))
        assert all_are_there.wait(10)
        return numbers

    first = asyncio.create_task(together.together(noted, 0))
    while not asked:
        await asyncio.sleep(0.01)
    others = [asyncio.create_task(together.together(noted, number)) for number in range(1, 20)]
    await asyncio.sleep(0)
    all_are_there.set()
    assert await asyncio.gather(first, *others) == list(range(20))
    assert asked == [1, 19]


async def test_sockets_of_an_account_that_come_at_once_are_all_let_in(as_alice, document):
    pages = [Page(as_alice, document) for _ in range(20)]
    ready = await asyncio.gather(*(page.open() for page in pages))
    assert {each["document_id"] for each in ready} == {str(document.uuid)}
    await asyncio.gather(*(page.leave() for page in pages))


async def test_what_goes_wrong_for_one_goes_well_for_the_others():
    def divide(numbers):
        return [1 / number for number in numbers]

    asked = (together.together(divide, number) for number in (1, 0, 2))
    results = await asyncio.gather(*asked, return_exceptions=True)
    assert [str(each) for each in results] == ["1.0", "division by zero", "0.5"]
    assert await together.together(divide, 4) == 0.25


async def test_a_database_that_is_away_is_asked_once_for_all():
    asked = []

    def fail(keys):
        asked.append(len(keys))
        raise OperationalError

    keys = (together.together(fail, "key") for _ in range(3))
    results = await asyncio.gather(*keys, return_exceptions=True)
    assert [type(each) for each in results] == 3 * [OperationalError]
    assert asked == [3]


async def test_a_ping_is_answered_while_the_database_is_busy(page):
    busy = asyncio.create_task(in_database(time.sleep)(2))
    await asyncio.sleep(0.1)
    await page.send("ping")
    await page.until("pong")
    assert not busy.done()
    await busy


async def test_a_page_at_rest_has_no_clock(page, document, monkeypatch):
    monkeypatch.setattr("reader.consumers.session.LOOK_AGAIN_SECONDS", 0.05)
    assert clocks() == 0
    await page.want(0)
    assert clocks() == 1
    await page.ask("cancel")
    await asyncio.sleep(0.3)
    assert clocks() == 0


def clocks() -> int:
    gc.collect()
    running = (task.get_coro().__qualname__ for task in asyncio.all_tasks())
    return sum(name == "ReadingSession._run_clock" for name in running)


async def test_the_check_of_rights_costs_as_many_queries_for_many_as_for_few(
    as_alice, as_bob, document, bobs_document
):
    """A thousand sockets at rest took a fifth of a processor."""
    costs = []
    for count in (1, 12):
        pages = [Page(as_alice, document) for _ in range(count)] + [Page(as_bob, bobs_document)]
        for page in pages:
            await page.open()
        costs.append(await in_database(cost_of_a_check)(list(rights.watch()._listeners)))
        for page in pages:
            await page.leave()
    assert costs == [(2, 3), (13, 3)], "Sessions, people, documents."


def cost_of_a_check(listeners) -> tuple[int, int]:
    with CaptureQueriesContext(connection) as queries:
        signed_in, documents = rights._look(listeners)
    assert len(signed_in) == len(listeners)
    assert len(documents) == 2
    return len(listeners), len(queries)


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL chooses by its statistics.")
def test_the_text_of_a_long_document_is_looked_up_by_an_index(document):
    plan = Block.objects.saying(document, ["a" * 40]).explain()
    assert "block_by_text (text_hash=? AND document_id=?)" in plan
