"""Whether somebody else has the same text is nobody's business."""

import pytest

from reader.models import Preparation
from reader.services import wanting
from reader.services.wanting import ListeningVoice
from tests.conftest import TEXT, make_document
from tests.reader.conftest import make_sounds
from tests.reader.page import Page, in_database

pytestmark = pytest.mark.django_db(transaction=True)

OWN = "A paragraph that only one of them has."


async def test_a_sound_that_somebody_else_had_made_is_told_when_it_is_asked_for(
    as_bob, bob, document, voice
):
    await in_database(make_sounds)(document, voice)
    guessed = await in_database(make_document)(bob, TEXT)
    page = Page(as_bob, guessed)
    assert (await page.open())["cached"] == []
    (status,) = await page.want(0)
    assert status["status"] == "cached"
    await page.leave()


async def test_what_is_ones_own_alone_is_told_at_once(as_alice, alice, bob, voice):
    both = await in_database(make_document)(alice, f"{TEXT}\n{OWN}\n")
    await in_database(make_document)(bob, TEXT, "The same, but for the end")
    await in_database(make_sounds)(both, voice)
    page = Page(as_alice, both)
    (last,) = [block.idx async for block in both.blocks.filter(text=OWN)]
    assert (await page.open())["cached"] == [[last, last]]
    await page.leave()


def test_a_document_that_was_prepared_was_asked_for(alice, bob, document, voice):
    make_document(bob, TEXT)
    make_sounds(document, voice)
    about = {
        "user": alice,
        "document": document,
        "voice": ListeningVoice.of(voice, "", document=document, listener=alice),
    }
    assert wanting.cached_ranges(**about) == []
    Preparation.objects.create(document=document, user=alice, voice=voice)
    assert wanting.cached_ranges(**about) != []
