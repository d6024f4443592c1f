"""The reading session's socket, through the real ASGI application."""

import asyncio
import json

import pytest
import redis
from django.test import Client

from reader import consumers, services
from reader.ingestion import import_document
from reader.models import Block, Document, Position
from tests.conftest import TEXT, make_document
from tts import synthesis, wants
from tts.connections import redis_client
from tts.events import variant_changed
from tts.models import AudioVariant, SpeechModel, Status

from .page import Closed, Page, in_database, publishing, short, take_turn

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
async def page(as_alice, document):
    page = Page(as_alice, document)
    await page.open()
    yield page
    await page.leave()


@pytest.fixture
async def second_page(as_alice, document):
    page = Page(as_alice, document)
    await page.open()
    yield page
    await page.leave()


# --- the handshake ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "origin",
    [
        None,
        "null",
        "http://evil.example",
        "http://evil.example:8000",
        "http://reader.example",
        "http://reader.example:8001",
        "http://reader.example.evil.example:8000",
        "http://evil.example@evil.example:8000",
        "http://reader.example:port",
        "reader.example:8000",
    ],
)
async def test_a_foreign_origin_is_refused_at_the_handshake(as_alice, document, origin):
    with pytest.raises(Closed):
        await Page(as_alice, document, origin=origin).open()


@pytest.mark.parametrize(
    ("origin", "host"),
    [
        ("http://reader.example:8000", "reader.example:8000"),
        ("http://reader.example", "reader.example"),
        ("https://reader.example", "reader.example:443"),
        ("http://[::1]:8000", "[::1]:8000"),
        ("http://READER.example:8000", "reader.example:8000"),
    ],
)
async def test_the_origin_of_the_host_is_let_in(as_alice, document, origin, host):
    page = Page(as_alice, document, origin=origin, host=host)
    await page.open()
    await page.leave()


async def test_an_origin_listed_in_the_settings_is_let_in(as_alice, document, settings):
    settings.SOCKET_ORIGINS = ["https://elsewhere.example"]
    page = Page(as_alice, document, origin="https://elsewhere.example")
    await page.open()
    await page.leave()


async def test_nobody_is_closed_with_4401(document):
    assert await Page(Client(), document).open_code() == 4401


async def test_an_invented_cookie_is_nobody(document):
    client = Client()
    client.cookies["sessionid"] = "invented"
    assert await Page(client, document).open_code() == 4401


async def test_a_stranger_is_closed_with_4404_as_if_there_were_no_document(as_bob, document):
    nothing = Document()
    assert await Page(as_bob, document).open_code() == 4404
    assert await Page(as_bob, nothing).open_code() == 4404


async def test_what_a_refused_page_sends_is_not_carried_out(as_bob, document):
    page = Page(as_bob, document)
    assert await page.open_code() == 4404
    await page.send("synthesize", block_indices=[0])
    await page.send("save_position", block_idx=1, offset_ms=1)
    await page.leave()
    assert not await in_database(AudioVariant.objects.exists)()
    assert not await in_database(Position.objects.exists)()


# --- ready --------------------------------------------------------------------------------------


async def test_ready_tells_all_a_page_begins_with(as_alice, document, voice, alice):
    await in_database(services.save_position)(
        user=alice, document=document, block_idx=2, offset_ms=1500
    )
    page = Page(as_alice, document)
    ready = await page.open()
    await page.leave()
    assert ready == {
        "type": "ready",
        "seq": 1,
        "protocol": 1,
        "session_id": page.session_id,
        "document_id": str(document.uuid),
        "revision": document.revision,
        "block_count": document.block_count,
        "model_slug": "tone",
        "voice_slug": "tone-300",
        "cached": [],
        "position": {"block_idx": 2, "offset_ms": 1500},
    }


async def test_ready_tells_what_is_cached_in_its_voice(page, document, voice, other_voice):
    spoken = await spoken_indices(document)
    await page.want(*spoken[:2])
    await take_turn(voice)
    await take_turn(voice)
    assert (await page.choose(other_voice))["cached"] == []
    assert (await page.choose(voice))["cached"] == [[spoken[0], spoken[1]]]


async def test_ready_after_blocks_were_imported(as_alice, alice, voice):
    document = await in_database(services.add_document)(owner=alice, title="Late", text=TEXT)
    page = Page(as_alice, document)
    assert (await page.open())["block_count"] == 0
    await in_database(import_document)(document)
    ready = (await page.until("ready"))[-1]
    assert ready["block_count"] > 0
    assert ready["revision"] == document.revision
    progress = (await page.until("progress"))[-1]
    assert progress == {
        "type": "progress",
        "seq": progress["seq"],
        "job": "import",
        "done": ready["block_count"],
        "total": ready["block_count"],
        "status": "done",
        "error": "",
    }
    assert await page.want(0) == []
    await take_turn(voice)
    assert short((await page.until("status", status="cached"))[-1]) == (0, "tone-300", "cached")
    await page.leave()


@pytest.mark.parametrize("change", ["first blocks", "blocks anew"])
async def test_blocks_that_were_not_heard_of_are_told_by_the_clock(
    as_alice, alice, document, check_rights_often, change
):
    if change == "first blocks":
        document = await in_database(services.add_document)(owner=alice, title="Late", text=TEXT)
    page = Page(as_alice, document)
    before = await page.open()
    now = {"block_count": 3, "revision": before["revision"] + (change == "blocks anew")}
    await in_database(Document.objects.filter(pk=document.pk).update)(**now)
    ready = (await page.until("ready"))[-1]
    assert {key: ready[key] for key in now} == now
    await page.leave()


async def test_the_texts_of_another_revision_are_not_taken_for_this_ones(document):
    texts = in_database(lambda: services.text_hashes(document=document, first=0, last=9))
    assert len(await texts()) == 4
    # The blocks are made anew between the look at the document and the look at its blocks.
    await in_database(Document.objects.filter(pk=document.pk).update)(
        revision=document.revision + 1
    )
    assert await texts() == {}


# --- status -------------------------------------------------------------------------------------


async def test_a_wanted_block_is_told_of_as_it_is_made(page, document, voice):
    assert await page.want(0) == []  # a block on its way is what the page takes it for
    variant = await take_turn(voice)
    processing, cached = await page.until("status", status="cached")
    sound = f"/audio/{variant.pk}/{variant.sound_revision}/"
    about = {
        "type": "status",
        "document_id": str(document.uuid),
        "revision": document.revision,
        "block_idx": 0,
        "audio_url": sound,
        "error": "",
        "retryable": True,
        "model_slug": "tone",
        "voice_slug": "tone-300",
    }
    assert processing == about | {
        "seq": processing["seq"],
        "status": "processing",
        "marks_url": None,
        "duration_ms": None,
        "bytes": None,
    }
    assert cached == about | {
        "seq": processing["seq"] + 1,
        "status": "cached",
        "marks_url": f"{sound}marks/",
        "duration_ms": variant.duration_ms,
        "bytes": variant.bytes,
    }


async def test_at_most_two_statuses_a_block(page, document, voice):
    spoken = await spoken_indices(document)
    told = await page.want(*spoken)
    while await take_turn(voice):
        told += await page.answers()
    told += await page.want(*spoken)
    assert sorted(short(status) for status in told) == sorted(
        (idx, "tone-300", status) for idx in spoken for status in ("processing", "cached")
    )


async def test_a_cached_block_is_told_of_at_once_and_once(page, voice):
    await page.want(0)
    await take_turn(voice)
    await page.answers()
    assert await page.want(0) == []
    await page.choose(voice)
    assert [short(status) for status in await page.want(0)] == [(0, "tone-300", "cached")]
    assert await page.want(0) == []


async def test_words_that_are_found_later_are_told_of(page, voice):
    await page.want(0)
    await take_turn(voice)
    await page.answers()
    variant = await AudioVariant.objects.select_related("voice__speech_model").afirst()
    marks = variant.marks
    await AudioVariant.objects.aupdate(marks=None, marks_source="")
    await page.choose(voice)
    (told,) = await page.want(0)
    assert (told["status"], told["marks_url"]) == ("cached", None)
    await variant.arefresh_from_db()
    assert await in_database(variant.move)(Status.CACHED, marks=marks, marks_source="aligned")
    await in_database(variant_changed)(variant)
    (again,) = await page.until("status")
    assert again["audio_url"] == told["audio_url"]
    assert again["marks_url"] is not None


async def test_blocks_with_equal_texts_share_a_variant(as_alice, alice, voice):
    document = await in_database(make_document)(alice, "One line.\n\nAnother.\n\nOne line.\n")
    page = Page(as_alice, document)
    await page.open()
    await page.want(0, 1, 2)
    assert await in_database(AudioVariant.objects.count)() == 2
    await take_turn(voice)
    told = await page.answers()
    assert [short(status) for status in told] == [
        (0, "tone-300", "processing"),
        (2, "tone-300", "processing"),
        (0, "tone-300", "cached"),
        (2, "tone-300", "cached"),
    ]
    assert len({status["audio_url"] for status in told}) == 1
    await page.leave()


async def test_a_block_that_says_nothing_is_skipped(page, document):
    skipped = await in_database(
        lambda: Block.objects.filter(document=document, text="").values_list("idx", flat=True)[0]
    )()
    assert await page.want(skipped) == []
    assert not await in_database(AudioVariant.objects.exists)()


async def test_what_is_wanted_most_is_made_first(page, voice):
    await page.want(3, 0, 1)
    made = [(await take_turn(voice)).text for _ in range(3)]
    assert [text.split()[1] for text in made] == ["third", "first", "second"]


async def test_what_is_cancelled_is_not_made_and_not_told_of(page, voice):
    await page.want(0)
    assert await page.ask("cancel") == []
    assert await take_turn(voice) is None
    assert await page.answers() == []


async def test_a_window_replaces_the_one_before(page, voice):
    await page.want(0)
    await page.want(1)
    assert "second" in (await take_turn(voice)).text
    assert await take_turn(voice) is None
    assert {status["block_idx"] for status in await page.answers()} == {1}


async def test_a_failure_is_told_and_made_again_only_when_asked(page, voice):
    await configure(voice, fail_on="first")
    await page.choose(voice)
    await page.want(0)
    await take_turn(voice)
    (failed,) = await page.until("status")
    assert short(failed) == (0, "tone-300", "error")
    assert failed["error"] == "The tone engine was told to fail."
    assert not failed["retryable"]
    assert failed["audio_url"] is None
    assert await page.want(0) == []
    assert await take_turn(voice) is None
    (queued,) = await page.want(0, retry=True)
    assert short(queued) == (0, "tone-300", "queued")
    assert await take_turn(voice) is not None


async def test_a_passing_failure_is_told_as_queued_with_its_words(page, voice):
    await configure(voice, fail_on="first", retryable=True)
    await page.choose(voice)
    await page.want(0)
    await take_turn(voice)
    (queued,) = await page.until("status")
    assert short(queued) == (0, "tone-300", "queued")
    assert queued["error"] == "The tone engine was told to fail."


async def test_a_missed_event_is_recovered_by_the_clock(as_alice, document, voice, monkeypatch):
    monkeypatch.setattr(consumers, "LOOK_AGAIN_SECONDS", 0.2)
    page = Page(as_alice, document)
    await page.open()
    await page.want(0)
    await finish_unheard(voice)
    assert short(await page.next()) == (0, "tone-300", "cached")
    await page.leave()


async def test_a_want_is_written_again_by_the_clock(as_alice, document, voice, monkeypatch):
    monkeypatch.setattr(consumers, "LOOK_AGAIN_SECONDS", 0.2)
    page = Page(as_alice, document)
    await page.open()
    await page.want(0)
    redis_client().flushall()  # as after a restart of Redis
    await asyncio.sleep(0.5)
    assert await take_turn(voice) is not None
    await page.leave()


async def test_what_changes_right_after_the_look_is_heard(as_alice, document, voice, monkeypatch):
    """Subscribe, then look: so no change falls between the two."""

    def look_then_finish(**asked):
        standing = services.want_texts(**asked)
        synthesis.take_turn(voice.speech_model)
        publishing().result()
        return standing

    monkeypatch.setattr(consumers, "services", Rewired(services, want_texts=look_then_finish))
    monkeypatch.setattr(consumers, "LOOK_AGAIN_SECONDS", 60)
    page = Page(as_alice, document)
    await page.open()
    await page.send("synthesize", block_indices=[0])
    assert short((await page.until("status", status="cached"))[-1]) == (0, "tone-300", "cached")
    await page.leave()


# --- the voice ----------------------------------------------------------------------------------


async def test_a_change_of_voice_ends_the_wants_in_the_old_one(page, voice, other_voice):
    await page.want(0, 1)
    ready = await page.choose(other_voice)
    assert (ready["model_slug"], ready["voice_slug"]) == ("tone", "tone-500")
    assert wants.upcoming(voice.speech_model_id) == []
    assert await take_turn(voice) is None


async def test_what_is_made_in_the_old_voice_is_not_told(page, voice, other_voice):
    await page.want(0)
    variant = await claim_next(voice)
    await page.choose(other_voice)
    await page.want(0)
    await in_database(synthesis.make)(variant)
    assert await page.answers() == []
    await take_turn(voice)
    assert [short(status) for status in await page.answers()] == [
        (0, "tone-500", "processing"),
        (0, "tone-500", "cached"),
    ]


async def test_two_sessions_hear_each_its_own_voice(page, second_page, voice, other_voice):
    await second_page.choose(other_voice)
    await page.want(0, 1)
    await second_page.want(0, 1)
    while await take_turn(voice):
        pass
    for listener, slug in ((page, "tone-300"), (second_page, "tone-500")):
        told = [short(status) for status in await listener.answers()]
        assert sorted(told) == [
            (0, slug, "cached"),
            (0, slug, "processing"),
            (1, slug, "cached"),
            (1, slug, "processing"),
        ]


@pytest.mark.parametrize("how", ["changes voice", "cancels", "leaves"])
async def test_when_one_of_two_listeners_goes_the_other_still_gets_it(
    as_alice, document, page, voice, other_voice, how
):
    other = Page(as_alice, document)
    await other.open()
    await page.want(0)
    await other.want(0)
    if how == "changes voice":
        await other.choose(other_voice)
    elif how == "cancels":
        await other.ask("cancel")
    else:
        await other.leave()
    await take_turn(voice)
    assert short((await page.until("status", status="cached"))[-1]) == (0, "tone-300", "cached")
    if how != "leaves":
        assert await other.answers() == []
        await other.leave()


async def test_a_page_that_leaves_wants_nothing(as_alice, document, voice):
    page = Page(as_alice, document)
    await page.open()
    await page.want(0)
    await page.leave()
    assert wants.upcoming(voice.speech_model_id) == []


async def test_an_unknown_voice_leaves_the_one_that_holds(page):
    await page.send("set_voice", model_slug="tone", voice_slug="none")
    error, ready = await page.until("ready")
    assert (error["type"], error["code"], error["block_indices"]) == ("error", "unknown_voice", [])
    assert (ready["model_slug"], ready["voice_slug"]) == ("tone", "tone-300")


async def test_a_voice_that_was_switched_off_is_unknown(page, other_voice):
    other_voice.enabled = False
    await in_database(other_voice.save)()
    await page.send("set_voice", model_slug="tone", voice_slug="tone-500")
    error, _ = await page.until("ready")
    assert error["code"] == "unknown_voice"


# --- positions ----------------------------------------------------------------------------------


async def test_a_position_is_told_to_the_other_sessions_of_the_same_person_only(
    page, second_page, as_bob, bob, alice, document
):
    theirs = Page(as_bob, await in_database(make_document)(bob, TEXT))
    await theirs.open()
    assert await page.ask("save_position", block_idx=1, offset_ms=250) == []
    assert await second_page.next() == {
        "type": "position",
        "seq": 2,
        "block_idx": 1,
        "offset_ms": 250,
        "session_id": page.session_id,
    }
    assert await theirs.answers() == []
    assert await theirs.leave() is None
    positions = await in_database(
        lambda: list(Position.objects.values_list("user", "document", "block_idx", "offset_ms"))
    )()
    assert positions == [(alice.pk, document.pk, 1, 250)]


async def test_a_page_that_says_whether_it_plays_is_told_with_its_device(page, second_page):
    for playing in (True, False):
        await page.ask("save_position", block_idx=1, offset_ms=250, playing=playing)
        told = await second_page.next()
        assert {key: told[key] for key in told if key not in ("seq", "session_id")} == {
            "type": "position",
            "block_idx": 1,
            "offset_ms": 250,
            "device": "",
            "same_browser": True,
            "playing": playing,
        }


async def test_only_pages_of_one_sign_in_are_of_one_browser(alice, document, second_page):
    elsewhere = Client()
    await in_database(elsewhere.force_login)(alice)
    page = Page(elsewhere, document)
    await page.open()
    await page.ask("save_position", block_idx=1, offset_ms=0, playing=True)
    await page.leave()
    assert (await second_page.next())["same_browser"] is False


async def test_the_device_is_called_by_what_the_browser_says_of_itself(
    as_alice, document, second_page
):
    agent = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/130.0 Safari/537.36"
    page = Page(as_alice, document, agent=agent)
    await page.open()
    await page.ask("save_position", block_idx=1, offset_ms=0, playing=True)
    await page.leave()
    assert (await second_page.next())["device"] == "Chrome on Linux"


# --- the right to listen ------------------------------------------------------------------------


async def test_a_deleted_document_closes_its_sockets_with_4404(as_alice, document):
    page = Page(as_alice, document)
    await page.open()
    await page.want(0)
    await in_database(services.delete_document)(document=document)
    assert await page.close_code() == 4404
    await page.leave()


async def test_a_deletion_that_was_not_heard_of_closes_the_socket_too(
    as_alice, document, check_rights_often
):
    page = Page(as_alice, document)
    await page.open()
    await in_database(Document.objects.filter(pk=document.pk).delete)()
    assert await page.close_code() == 4404
    await page.leave()


async def test_signing_out_closes_the_socket_with_4401(as_alice, document, check_rights_often):
    page = Page(as_alice, document)
    await page.open()
    await in_database(as_alice.logout)()
    assert await page.close_code() == 4401
    await page.leave()


async def test_a_changed_password_closes_the_sockets_of_other_sessions(
    as_alice, alice, document, check_rights_often
):
    page = Page(as_alice, document)
    await page.open()
    alice.set_password("another-long-password")
    await in_database(alice.save)()
    assert await page.close_code() == 4401
    await page.leave()


async def test_the_check_of_rights_comes_within_a_minute():
    assert consumers.CHECK_RIGHT_SECONDS + consumers.LOOK_AGAIN_SECONDS < 60


@pytest.fixture
def check_rights_often(monkeypatch):
    monkeypatch.setattr(consumers, "LOOK_AGAIN_SECONDS", 0.1)
    monkeypatch.setattr(consumers, "CHECK_RIGHT_SECONDS", 0.1)


# --- bad messages -------------------------------------------------------------------------------

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


async def test_without_redis_a_request_is_unavailable_and_asked_again(
    as_alice, document, voice, monkeypatch
):
    monkeypatch.setattr(consumers, "LOOK_AGAIN_SECONDS", 0.2)
    page = Page(as_alice, document)
    await page.open()
    with monkeypatch.context() as without_redis:
        without_redis.setattr(
            "tts.wants.redis_client", lambda: redis.Redis.from_url("unix:///nowhere/redis.sock")
        )
        (error,) = await page.want(0)
        assert (error["code"], error["block_indices"]) == ("unavailable", [0])
    await asyncio.sleep(0.5)
    await take_turn(voice)
    assert short((await page.until("status", status="cached"))[-1]) == (0, "tone-300", "cached")
    await page.leave()


# --- in these tests' words ----------------------------------------------------------------------


class Rewired:
    """A module, some of whose names stand for something else."""

    def __init__(self, module, **names):
        self._module, self._names = module, names

    def __getattr__(self, name):
        return self._names.get(name) or getattr(self._module, name)


async def assert_works(page: Page, voice) -> None:
    """See a block through, from wanted to cached."""
    await page.want(3)
    await take_turn(voice)
    told = [short(message) for message in await page.answers()]
    assert (3, "tone-300", "cached") in told


async def configure(voice, **parameters) -> None:
    model = SpeechModel.objects.filter(pk=voice.speech_model_id)
    await in_database(model.update)(parameters=parameters)


@in_database
def spoken_indices(document: Document) -> list[int]:
    blocks = document.blocks.exclude(text="")
    return list(blocks.order_by("idx").values_list("idx", flat=True))


@in_database
def claim_next(voice) -> AudioVariant:
    variant = AudioVariant.objects.select_related("voice__speech_model").get(
        voice=voice, status=Status.QUEUED
    )
    assert variant.claim()
    return variant


@in_database
def finish_unheard(voice) -> None:
    """Bring the one queued variant to its end, and lose every event of it."""
    variant = AudioVariant.objects.get(voice=voice)
    assert variant.claim()
    assert variant.move(Status.CACHED, file="audio/x.webm", bytes=1, duration_ms=1)
