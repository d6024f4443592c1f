"""Nothing is passed over while the connection is gone: playback waits, and goes on where it was."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext

from tests.cutting_proxy import CuttingProxy

from .listening import ReadingPage

# With the server there, a sound that cannot be fetched is given up after so long.
GIVEN_UP_SECONDS = 13
BLOCKS = 12


def by_the_browser(context: BrowserContext, proxy: CuttingProxy) -> Callable[[], None]:
    """The browser knows that it has no network; the socket may well live on."""
    context.set_offline(True)
    return lambda: context.set_offline(False)


def at_the_server(context: BrowserContext, proxy: CuttingProxy) -> Callable[[], None]:
    """The browser is online, and nobody answers."""
    proxy.cut()
    return proxy.mend


@pytest.mark.parametrize("lose", [by_the_browser, at_the_server])
def test_playback_waits_while_the_connection_is_gone(stack, open_page, lose):
    person, model = stack.person(), stack.tones(ms_per_character=50, pace=40, lost=lose.__name__)
    stack.prefer(person, model, "tone-500")
    text = "\n\n".join(f"Paragraph {n} is read ({lose.__name__})." for n in range(BLOCKS))
    uuid = stack.document(person, text)
    page = open_page(person, uuid).page
    with CuttingProxy(stack.port) as proxy:
        reading = ReadingPage.open(page, uuid, at=proxy.url)
        reading.play()
        made = page.locator(".block[data-state=ready]")
        reading.waits_for(lambda: made.count() == BLOCKS, 30, "all of it is made")
        find_again = lose(page.context, proxy)
        reading.waits_for(lambda: "Playback waits" in reading.status, 30, "it says that it waits")
        at, since = reading.current, time.monotonic()
        assert at < BLOCKS - 1
        while time.monotonic() - since < GIVEN_UP_SECONDS:
            page.wait_for_timeout(500)
            assert reading.current == at
        assert page.locator("#notices .notice--bad").count() == 0
        assert page.get_attribute("#player", "data-playing") == "true"
        began = reading.now()
        find_again()
        reading.hears(500, 20, since=began)
        reading.waits_for(lambda: reading.current > at, 20, "it reads on")
        assert reading.blocks_read()[: at + 2] == list(range(at + 2))
