"""The reading session's socket, through the real ASGI application."""

import asyncio
from datetime import timedelta

import pytest

from reader.consumers import session as consumers
from reader.ingestion.importing import import_document
from reader.models import Block, Document
from reader.services import documents, preferences, wanting
from tests.conftest import TEXT, make_document
from tts import synthesis
from tts.connections import redis_client
from tts.delivery.events import variant_changed
from tts.demand import figures
from tts.models import AudioVariant, Status

from .page import (
    Page,
    claim_next,
    configure,
    in_database,
    publishing,
    short,
    take_turn,
)

pytestmark = pytest.mark.django_db(transaction=True)


# --- ready --------------------------------------------------------------------------------------


async def test_ready_tells_all_a_page_begins_with(as_alice, document, voice, alice):
    await in_database(preferences.save_position)(
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
    document = await in_database(documents.add_document)(owner=alice, title="Late", text=TEXT)
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
        document = await in_database(documents.add_document)(owner=alice, title="Late", text=TEXT)
    page = Page(as_alice, document)
    before = await page.open()
    now = {"block_count": 3, "revision": before["revision"] + (change == "blocks anew")}
    await in_database(Document.objects.filter(pk=document.pk).update)(**now)
    ready = (await page.until("ready"))[-1]
    assert {key: ready[key] for key in now} == now
    await page.leave()


async def test_the_texts_of_another_revision_are_not_taken_for_this_ones(document):
    texts = in_database(lambda: wanting.text_hashes(document=document, first=0, last=9))
    assert len(await texts()) == 4
    # The blocks are made anew between the look at the document and the look at its blocks.
    await in_database(Document.objects.filter(pk=document.pk).update)(
        revision=document.revision + 1
    )
    assert await texts() == {}


# --- status -------------------------------------------------------------------------------------


async def test_it_is_counted_how_long_the_first_sound_took_from_the_wish_on(page, voice):
    def counted() -> tuple[float, float]:
        (*_, hour) = figures.last_day()
        return hour.count(figures.FIRST), hour.count(figures.FIRST_MS)

    await page.want(0, 1)
    await asyncio.sleep(0.3)
    await page.want(0, 1, 2)  # the window moves on; what is to sound first is the same
    await take_turn(voice)
    await take_turn(voice)
    await page.until("status", status="cached", block_idx=1)
    count, waited_ms = counted()
    assert count == 1, "What is only made ahead nobody waits for."
    assert 300 <= waited_ms < 5_000
    await page.want(1, 2)  # this one was there
    await page.answers()
    assert counted()[0] == 1


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
        "spoken_by": None,
        "marks": None,
    }
    so_far = processing["marks"]
    assert so_far
    starts = [start for start, *_ in so_far]
    assert starts == [start for start, *_ in variant.marks[: len(so_far)]]
    assert processing == about | {
        "seq": processing["seq"],
        "status": "processing",
        "marks": so_far,
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


@pytest.mark.parametrize("status", ["queued", "processing"])
async def test_a_wanted_sound_that_is_deleted_comes_back_by_itself(
    as_alice, document, voice, monkeypatch, status
):
    monkeypatch.setattr(consumers, "LOOK_AGAIN_SECONDS", 0.2)
    page = Page(as_alice, document)
    await page.open()
    await page.want(0)
    if status == "processing":
        for _ in range(3):  # its revision is far above that of a new one
            await give_back(await claim_next(voice))
        await in_database(variant_changed)(await claim_next(voice))
        assert short((await page.until("status", status=status))[-1]) == (0, "tone-300", status)
    await delete_sounds()
    await asyncio.sleep(0.5)
    assert await take_turn(voice) is not None
    assert short((await page.until("status", status="cached"))[-1]) == (0, "tone-300", "cached")
    await page.leave()


async def test_a_cached_sound_that_is_deleted_is_made_anew_when_asked_for_again(page, voice):
    await page.want(0)
    await take_turn(voice)
    (*_, before) = await page.until("status", status="cached")
    await delete_sounds()
    await page.want(0)
    await take_turn(voice)
    (*_, after) = await page.until("status", status="cached")
    assert short(after) == (0, "tone-300", "cached")
    assert after["audio_url"] != before["audio_url"]


async def test_what_changes_right_after_the_look_is_heard(as_alice, document, voice, monkeypatch):
    """Subscribe, then look: so no change falls between the two."""

    def look_then_finish(**asked):
        standing = wanting.want_texts(**asked)
        synthesis.take_turn(voice.speech_model)
        publishing().result()
        return standing

    monkeypatch.setattr(consumers, "wanting", Rewired(wanting, want_texts=look_then_finish))
    monkeypatch.setattr(consumers, "LOOK_AGAIN_SECONDS", 60)
    page = Page(as_alice, document)
    await page.open()
    await page.send("synthesize", block_indices=[0])
    assert short((await page.until("status", status="cached"))[-1]) == (0, "tone-300", "cached")
    await page.leave()


# --- in these tests' words ----------------------------------------------------------------------


class Rewired:
    """A module, some of whose names stand for something else."""

    def __init__(self, module, **names):
        self._module, self._names = module, names

    def __getattr__(self, name):
        return self._names.get(name) or getattr(self._module, name)


@in_database
def spoken_indices(document: Document) -> list[int]:
    blocks = document.blocks.exclude(text="")
    return list(blocks.order_by("idx").values_list("idx", flat=True))


@in_database
def finish_unheard(voice) -> None:
    """Bring the one queued variant to its end, and lose every event of it."""
    variant = AudioVariant.objects.get(voice=voice)
    assert variant.claim()
    assert variant.move(Status.CACHED, file="audio/x.webm", bytes=1, duration_ms=1)


@in_database
def give_back(variant: AudioVariant) -> None:
    """Do what happens when the worker of an attempt dies."""
    assert variant.requeue(error="", pause=timedelta(0))


@in_database
def delete_sounds() -> None:
    """Delete all sounds, as staff do."""
    synthesis.delete(AudioVariant.objects.all())
