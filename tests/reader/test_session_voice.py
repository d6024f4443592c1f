"""The reading session's voice: each hears its own, and nothing of the one before."""

import pytest

from tts import synthesis
from tts.demand import wants

from .page import (
    Page,
    claim_next,
    in_database,
    short,
    take_turn,
)

pytestmark = pytest.mark.django_db(transaction=True)


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
