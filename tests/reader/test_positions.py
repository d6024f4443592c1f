"""Where a person is, told to their other pages."""

import pytest
from django.test import Client

from reader.models import Position
from tests.conftest import TEXT, make_document

from .page import (
    Page,
    in_database,
)

pytestmark = pytest.mark.django_db(transaction=True)


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
