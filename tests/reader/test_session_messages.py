"""What a page may send, and what becomes of the rest."""

import asyncio
import json
import time

import pytest
import redis

from reader.consumers import allowance
from reader.consumers import session as consumers
from reader.consumers.session import ReadingSession
from tests.conftest import make_document
from tts.models import AudioVariant

from .page import (
    Page,
    in_database,
    short,
    take_turn,
)

pytestmark = pytest.mark.django_db(transaction=True)


HUGE = 10**30
BAD_MESSAGES = {
    "empty": "",
    "not JSON": "hello",
    "half of JSON": '{"type": "ping"',
    "a list": "[]",
    "a number": "7",
    "null": "null",
    "no type": "{}",
    "type is no text": '{"type": 7}',
    "type is a list": '{"type": ["ping"]}',
    "unknown type": '{"type": "dance"}',
    "a type of the server": '{"type": "ready"}',
    "a name of Python's": '{"type": "__init__"}',
    "1 MB of text": "x" * 2**20,
    "1 MB of a message": json.dumps({"type": "ping", "padding": "x" * 2**20}),
    "deep nesting": "[" * 8000 + "]" * 8000,
    "deep nesting in a message": '{"type": "ping", "a": ' + "[" * 8000 + "]" * 8000 + "}",
    "a lone surrogate as type": '{"type": "\\ud800"}',
    "a lone surrogate as voice": (
        '{"type": "set_voice", "model_slug": "tone", "voice_slug": "\\ud800"}'
    ),
    "a voice without its model": '{"type": "set_voice", "voice_slug": "tone-300"}',
    "a voice of numbers": '{"type": "set_voice", "model_slug": 1, "voice_slug": 2}',
    "an empty voice": '{"type": "set_voice", "model_slug": "", "voice_slug": ""}',
    "NUL in a voice": '{"type": "set_voice", "model_slug": "tone\\u0000", "voice_slug": "x"}',
    "a long voice": json.dumps(
        {"type": "set_voice", "model_slug": "x" * 5000, "voice_slug": "tone-300"}
    ),
    "no indices": '{"type": "synthesize"}',
    "indices are text": '{"type": "synthesize", "block_indices": "0"}',
    "indices are an object": '{"type": "synthesize", "block_indices": {"0": 0}}',
    "an index is text": '{"type": "synthesize", "block_indices": ["0"]}',
    "an index is true": '{"type": "synthesize", "block_indices": [true]}',
    "an index is a float": '{"type": "synthesize", "block_indices": [0.0]}',
    "an index is not a number": '{"type": "synthesize", "block_indices": [NaN]}',
    "an index is infinite": '{"type": "synthesize", "block_indices": [Infinity]}',
    "an index is null": '{"type": "synthesize", "block_indices": [0, null]}',
    "an index is a list": '{"type": "synthesize", "block_indices": [[0]]}',
    "an index of 5,000 digits": '{"type": "synthesize", "block_indices": [' + "9" * 5000 + "]}",
    "retry is a number": '{"type": "synthesize", "block_indices": [0], "retry": 1}',
    "retry is null": '{"type": "synthesize", "block_indices": [0], "retry": null}',
    "a position without a block": '{"type": "save_position", "offset_ms": 0}',
    "a position without a time": '{"type": "save_position", "block_idx": 0}',
    "a time that is true": '{"type": "save_position", "block_idx": 0, "offset_ms": true}',
    "a time before the start": '{"type": "save_position", "block_idx": 0, "offset_ms": -1}',
    "a time as a float": '{"type": "save_position", "block_idx": 0, "offset_ms": 0.5}',
    "playing is a number": (
        '{"type": "save_position", "block_idx": 0, "offset_ms": 0, "playing": 1}'
    ),
    "playing is null": (
        '{"type": "save_position", "block_idx": 0, "offset_ms": 0, "playing": null}'
    ),
    "a huge time": json.dumps({"type": "save_position", "block_idx": 0, "offset_ms": HUGE}),
}


@pytest.mark.parametrize("text", BAD_MESSAGES.values(), ids=BAD_MESSAGES)
async def test_a_bad_message_gets_an_error_and_the_session_goes_on(page, voice, text):
    await page.send_text(text)
    error, *more = await page.answers()
    assert error == {
        "type": "error",
        "seq": 2,
        "code": "bad_message",
        "message": error["message"],
        "block_indices": [],
    }
    assert error["message"].endswith(".")
    assert more == []
    await assert_works(page, voice)


@pytest.mark.parametrize(
    ("indices", "bad"),
    [
        ([-1], [-1]),
        ([0, 4], [4]),
        ([0, HUGE, -HUGE], [HUGE, -HUGE]),
        ([0, 1, 10**9], [10**9]),
    ],
)
async def test_a_bad_index_is_named_and_nothing_is_carried_out(page, voice, indices, bad):
    (error,) = await page.ask("synthesize", block_indices=indices)
    assert (error["code"], error["block_indices"]) == ("bad_index", bad)
    assert not await in_database(AudioVariant.objects.exists)()
    (error,) = await page.ask("save_position", block_idx=bad[0], offset_ms=0)
    assert (error["code"], error["block_indices"]) == ("bad_index", bad[:1])
    await assert_works(page, voice)


async def test_with_a_bad_index_the_window_before_stays(page, voice):
    await page.want(0)
    (error,) = await page.want(1, 99)
    assert error["code"] == "bad_index"
    assert "first" in (await take_turn(voice)).text


async def test_more_than_64_blocks_are_refused_and_64_are_not(as_alice, alice, voice):
    text = "\n\n".join(f"This is paragraph number {n}." for n in range(70))
    document = await in_database(make_document)(alice, text)
    assert document.block_count == 70
    page = Page(as_alice, document)
    await page.open()
    (error,) = await page.want(*range(65))
    assert error["code"] == "bad_message"
    assert not await in_database(AudioVariant.objects.exists)()
    assert await page.want(*range(64), *range(64)) == []  # duplicates are merged
    assert await in_database(AudioVariant.objects.count)() == 64
    await page.leave()


async def test_bytes_are_a_bad_message(page, voice):
    await page.send_bytes(b'{"type": "ping"}')
    (error,) = await page.answers()
    assert error["code"] == "bad_message"
    await assert_works(page, voice)


async def test_10_000_messages_leave_the_session_working(page, voice):
    for number in range(10_000):
        await page.send("synthesize", block_indices=[number % 3])
    answers = await page.answers()
    refused = [answer for answer in answers if answer["type"] == "error"]
    assert {error["code"] for error in refused} == {"rate_limited"}
    assert {tuple(error["block_indices"]) for error in refused} == {(0,), (1,), (2,)}
    assert len(refused) > 9_000
    await asyncio.sleep(0.2)
    await assert_works(page, voice)


async def test_of_more_changes_of_voice_than_are_allowed_the_last_one_counts(
    page, voice, other_voice
):
    """A page that waits for the answer to its last choice would be silent until it gives up."""
    model_slug = await in_database(lambda: voice.speech_model.model_slug)()
    for n in range(2 * consumers.MESSAGES_AT_ONCE):
        slug = (voice if n % 2 else other_voice).voice_slug
        await page.send("set_voice", model_slug=model_slug, voice_slug=slug)
    await page.send("set_voice", model_slug=model_slug, voice_slug=other_voice.voice_slug)
    # Without anything else from the page.
    messages = await page.until("ready", voice_slug=other_voice.voice_slug)
    while sum(each["type"] in ("ready", "error") for each in messages) < (
        2 * consumers.MESSAGES_AT_ONCE + 1
    ):
        messages.append(await page.next())
    assert messages[-1]["type"] == "ready"
    assert messages[-1]["voice_slug"] == other_voice.voice_slug


async def test_what_follows_a_late_change_of_voice_is_in_the_new_voice(page, voice, other_voice):
    model_slug = await in_database(lambda: voice.speech_model.model_slug)()
    for _ in range(consumers.MESSAGES_AT_ONCE):
        await page.send("set_voice", model_slug=model_slug, voice_slug=voice.voice_slug)
    await page.send("set_voice", model_slug=model_slug, voice_slug=other_voice.voice_slug)
    await page.send("synthesize", block_indices=[0])
    await page.answers()
    await asyncio.sleep(0.2)
    await page.want(0)
    made = await in_database(
        lambda: set(AudioVariant.objects.values_list("voice__voice_slug", flat=True))
    )()
    assert made == {other_voice.voice_slug}


async def test_a_flood_of_changes_of_voice_is_refused_and_the_last_voice_can_be_asked_for(
    page, voice
):
    model_slug = await in_database(lambda: voice.speech_model.model_slug)()
    began = time.monotonic()
    for _ in range(1_000):
        await page.send("set_voice", model_slug=model_slug, voice_slug=voice.voice_slug)
    answers = await page.answers()
    allowed = consumers.MESSAGES_PER_SECOND * (time.monotonic() - began)
    refused = [answer for answer in answers if answer["type"] == "error"]
    assert {error["code"] for error in refused} == {"rate_limited"}
    ready = [answer for answer in answers if answer["type"] == "ready"]
    assert len(refused) + len(ready) == 1_000
    assert len(ready) <= consumers.MESSAGES_AT_ONCE + allowed + 1
    await asyncio.sleep(0.2)
    assert (await page.choose(voice))["voice_slug"] == voice.voice_slug
    await assert_works(page, voice)


async def test_without_redis_a_request_is_unavailable_and_asked_again(
    as_alice, document, voice, monkeypatch
):
    monkeypatch.setattr(consumers, "LOOK_AGAIN_SECONDS", 0.2)
    page = Page(as_alice, document)
    await page.open()
    with monkeypatch.context() as without_redis:
        without_redis.setattr(
            "tts.connections.redis_client",
            lambda: redis.Redis.from_url("unix:///nowhere/redis.sock"),
        )
        (error,) = await page.want(0)
        assert (error["code"], error["block_indices"]) == ("unavailable", [0])
    await asyncio.sleep(0.5)
    await take_turn(voice)
    assert short((await page.until("status", status="cached"))[-1]) == (0, "tone-300", "cached")
    await page.leave()


async def assert_works(page: Page, voice) -> None:
    """See a block through, from wanted to cached."""
    await page.want(3)
    await take_turn(voice)
    told = [short(message) for message in await page.answers()]
    assert (3, "tone-300", "cached") in told


async def test_an_account_opens_no_more_pages_at_once_than_anybody_has(
    as_alice, as_bob, alice, bob, document, monkeypatch
):
    monkeypatch.setattr(allowance, "STARTS_AT_ONCE", 3)
    monkeypatch.setattr(allowance, "STARTS_PER_SECOND", 0.001)
    pages = [Page(as_alice, document) for _ in range(4)]
    for page in pages[:3]:
        assert (await page.open())["type"] == "ready"
    assert await pages[3].open_code() == 1013
    another = await in_database(make_document)(bob, "Somebody else is not held up.")
    other = Page(as_bob, another)
    assert (await other.open())["type"] == "ready"
    for page in (*pages[:3], other):
        await page.leave()


async def test_a_page_that_is_refused_after_a_while_may_leave_before(
    as_alice, document, monkeypatch
):
    """Whoever comes and goes would else leave hundreds of sessions that wait for nobody."""
    monkeypatch.setattr(allowance, "STARTS_AT_ONCE", 1)
    monkeypatch.setattr(allowance, "STARTS_PER_SECOND", 0.001)
    monkeypatch.setattr(consumers, "REFUSED_AFTER_SECONDS", 600)
    first, refused = Page(as_alice, document), Page(as_alice, document)
    await first.open()
    await refused.connect()
    with pytest.raises(AssertionError, match="said nothing"):
        await refused.next(within=0.5)
    await refused.leave()
    await first.leave()


async def test_one_account_has_a_few_messages_in_hand_and_holds_nobody_up(
    as_alice, as_bob, bob, document, voice, monkeypatch
):
    """The database is asked in one thread, in turn: a page too many would be before all others."""
    at_once, most, released = 0, 0, asyncio.Event()

    async def slow(self, message):
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        await released.wait()
        at_once -= 1

    monkeypatch.setattr(ReadingSession, "_on_save_position", slow)
    pages = [Page(as_alice, document) for _ in range(2 * allowance.MESSAGES_IN_HAND)]
    for page in pages:
        await page.open()
        for _ in range(3):
            await page.send("save_position", block_idx=0, offset_ms=0)
    other = Page(as_bob, await in_database(make_document)(bob, "Somebody else is not held up."))
    await other.open()
    await other.want(0)
    assert at_once == allowance.MESSAGES_IN_HAND
    released.set()
    for page in pages:
        await page.answers()
    assert most == allowance.MESSAGES_IN_HAND
    for page in (*pages, other):
        await page.leave()
