"""Sessions over HTTP are those of sockets: the same messages, rights and limits."""

import asyncio
import random

import pytest
from django.test import Client

from reader import events
from reader.consumers import streams
from reader.events import CLOSE_NOT_FOUND, CLOSE_NOT_SIGNED_IN
from reader.models import User
from reader.services.documents import discard_document

from .http_page import HttpPage, Line
from .page import Page, in_database, send_to_session, take_turn

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("static_files")]


@pytest.fixture(autouse=True)
def _no_streams():
    """Those of another test's event loop are gone with it."""
    streams._streams.clear()


@pytest.fixture
async def page(as_alice, document):
    page = HttpPage(as_alice, document)
    await page.open()
    yield page
    await page.leave()


async def test_a_block_is_told_of_as_over_a_socket(page, voice, as_alice, document):
    assert await page.want(0) == []
    await take_turn(voice)
    (*_, cached) = await page.until("status", status="cached")
    by_socket = Page(as_alice, document)
    await by_socket.open()
    assert {**(await by_socket.want(0))[0], "seq": 0} == {**cached, "seq": 0}
    await by_socket.leave()


async def test_a_change_of_voice_is_answered(page, other_voice):
    assert (await page.choose(other_voice))["voice_slug"] == other_voice.voice_slug


async def test_a_stranger_and_a_document_that_is_gone_are_refused_alike(as_bob, bob, document):
    assert await HttpPage(as_bob, document).open_code() == CLOSE_NOT_FOUND


async def test_who_is_not_signed_in_gets_no_stream(db, document):
    line = Line([(b"host", b"testserver")])
    await line.open()
    assert (line.status, line.name) == (404, "")


async def test_another_sites_page_gets_no_stream_and_cannot_post(page):
    body = {"stream": page.line.name, "first": page.line.sent, "messages": []}
    assert await page.line.post_body(body) == 204
    evil = [(b"origin", b"http://evil.example")]
    assert await page.line.post_body(body) == 204
    page.line.headers = [each for each in page.line.headers if each[0] != b"origin"] + evil
    assert await page.line.post_body(body) == 403
    other = Line([*page.line.headers, (b"sec-fetch-site", b"cross-site")])
    await other.open()
    assert other.status == 404


async def test_a_stream_answers_only_the_sign_in_that_began_it(page, as_bob, alice, document):
    second = Client()
    await in_database(second.force_login)(alice)
    for client in (as_bob, second):
        other = HttpPage(client, document).line
        body = {"stream": page.line.name, "first": 99, "messages": []}
        assert await other.post_body(body) == 410
        other.name = page.line.name
        await other.open()
        assert other.status == 410


async def test_signing_out_ends_it_within_a_second(page, as_alice):
    await in_database(as_alice.logout)()
    assert await asyncio.wait_for(page.close_code(), 1) == CLOSE_NOT_SIGNED_IN


async def test_a_document_that_is_deleted_ends_it(page, document):
    await in_database(discard_document)(document=document)
    assert await asyncio.wait_for(page.close_code(), 1) == CLOSE_NOT_FOUND


async def test_a_lost_right_is_noticed_though_its_event_was_lost(
    as_alice, document, alice, monkeypatch
):
    monkeypatch.setattr("reader.consumers.rights.CHECK_RIGHT_SECONDS", 0.1)
    page = HttpPage(as_alice, document)
    await page.open()
    await in_database(User.objects.filter(pk=alice.pk).update)(is_active=False)
    assert await asyncio.wait_for(page.close_code(), 5) == CLOSE_NOT_SIGNED_IN


async def test_too_many_messages_are_refused_as_over_a_socket(as_alice, document, monkeypatch):
    monkeypatch.setattr("reader.consumers.session.MESSAGES_PER_SECOND", 0.1)
    page = HttpPage(as_alice, document)
    await page.open()
    wanting = {"page": page._socket.name, "text": '{"type": "synthesize", "block_indices": [3]}'}
    for count in (60, 1):
        body = {"stream": page.line.name, "first": page.line.sent, "messages": [wanting] * count}
        assert await page.line.post_body(body) == 204
        page.line.sent += count
    (error,) = await page.answers()
    assert (error["type"], error["code"]) == ("error", "rate_limited")
    await page.leave()


@pytest.mark.parametrize(
    "body",
    [
        [],
        {"stream": 1, "first": 0, "messages": []},
        {"stream": "x", "first": -1, "messages": []},
        {"stream": "x", "first": 0, "messages": [{"page": "../x"}]},
        {"stream": "x", "first": 0, "messages": [{"page": "x", "open": {"document": "1"}}]},
        {"stream": "x", "first": 0, "messages": [{"page": "x", "text": {"type": "ping"}}]},
        {"stream": "x", "first": 0, "messages": [{"page": "x"}] * 65},
    ],
)
async def test_nonsense_is_refused(page, body):
    assert await page.line.post_body(body) == 400


async def test_six_pages_share_a_stream(page, as_alice, document, voice):
    others = [HttpPage(as_alice, document, line=page.line) for _ in range(5)]
    for each in others:
        await each.open()
    assert len(streams._streams) == 1
    for each in (page, *others):
        await each.want(0)
    await take_turn(voice)
    for each in (page, *others):
        await each.until("status", status="cached")
    for each in others:
        await each.leave()


async def test_nothing_is_lost_or_doubled_where_the_line_breaks_at_random(page):
    rng = random.Random(7)
    count = 5_000
    for number in range(count):
        moved = events.position_message("another", number % 4, number)
        await send_to_session(page, moved)
        if rng.random() < 0.03:
            await page.line.break_off()
            await page.line.open()
    heard = [await page.next() for _ in range(count)]
    assert [message["offset_ms"] for message in heard] == list(range(count))
    assert page.line.numbers == list(range(1, len(page.line.numbers) + 1))


async def test_messages_are_carried_out_in_order_and_once(page):
    line = page.line
    first = line.sent
    pings = [{"page": page._socket.name, "text": '{"type": "ping"}'} for _ in range(3)]
    bodies = [
        {"stream": line.name, "first": first + 1, "messages": pings[1:]},
        {"stream": line.name, "first": first, "messages": pings},
        {"stream": line.name, "first": first, "messages": pings[:1]},
    ]
    for body in bodies:
        assert await line.post_body(body) == 204
    line.sent += 3
    assert [message["type"] for message in await page.answers()] == ["pong"] * 3


async def test_another_process_of_the_server_hands_messages_on(page, monkeypatch):
    monkeypatch.setattr(streams, "_streams", {})  # as it is there
    line = page.line
    assert await line.post({"page": page._socket.name, "text": '{"type": "ping"}'}) == 204
    assert (await page.next())["type"] == "pong"


async def test_a_stream_that_nobody_reads_ends_with_its_wants(
    as_alice, document, voice, monkeypatch
):
    monkeypatch.setattr(streams, "KEPT_SECONDS", 0.2)
    page = HttpPage(as_alice, document)
    await page.open()
    await page.want(0)
    await page.line.break_off()
    for _ in range(50):
        await asyncio.sleep(0.1)
        if not streams._streams:
            break
    assert not streams._streams
    await asyncio.sleep(0.3)
    assert await take_turn(voice) is None  # nobody wants it any more
    await page.line.open()
    assert page.line.status == 410
