"""Where a proxy lets no socket through, the page goes by HTTP and says so; back when one passes."""

from __future__ import annotations

import pytest

from tests.cutting_proxy import CuttingProxy

from .conftest import sign_in
from .listening import ReadingPage
from .stack import wait_for

TEXT = "\n\n".join(f"Paragraph {n} is read behind a proxy." for n in range(12))
BY_HTTP = "Connected by HTTP: no socket passes in this network."
TABS = 6


def connection_of(page) -> str:
    return page.inner_text("#report [data-line=connection]")


def is_told(page, words: str, seconds: float = 20) -> None:
    wait_for(lambda: connection_of(page) == words, seconds, f"the panel says {words!r}")


@pytest.mark.parametrize("sockets", ["refused", "silence"])
def test_a_page_behind_such_a_proxy_reads_changes_the_voice_and_goes_back(
    stack, open_page, sockets
):
    person = stack.person()
    model = stack.tones(ms_per_character=40, pace=20, line=sockets)
    stack.prefer(person, model, "tone-300")
    uuid = stack.document(person, TEXT)
    page = open_page(person, uuid).page
    page.goto("/")
    with CuttingProxy(stack.port) as proxy:
        proxy.sockets = sockets
        reading = ReadingPage.open(page, uuid, at=proxy.url)
        page.click("#about-open")
        is_told(page, BY_HTTP)
        reading.play()
        reading.hears(300, 20)
        changed = reading.choose_voice("tone-500", model)
        reading.hears(500, 20, since=changed)
        assert reading.tones(changed + 60) == {500}
        reading.waits_for(lambda: reading.current >= 2, 30, "it reads on")
        proxy.sockets = "passed"
        is_told(page, "Connected.", 60)
        since, at = reading.now(), reading.current
        reading.waits_for(lambda: reading.current > at, 30, "it reads on by the socket")
        reading.hears(500, 30, since=since)
        assert reading.tones(since) == {500}


def test_six_tabs_share_one_stream(stack, new_context):
    """A browser opens six connections to a host: a stream for each tab would take them all."""
    person, model = stack.person(), stack.tones(ms_per_character=40, pace=20, tabs=TABS)
    stack.prefer(person, model, "tone-300")
    uuid = stack.document(person, TEXT)
    context = new_context()
    first = context.new_page()
    sign_in(first, person)
    with CuttingProxy(stack.port) as proxy:
        proxy.sockets = "refused"
        pages = [first, *(context.new_page() for _ in range(TABS - 1))]
        for page in pages:
            ReadingPage.open(page, uuid, at=proxy.url)
            page.click("#about-open")
            is_told(page, BY_HTTP)
        assert len([line for line in proxy.asked if line.startswith("GET /events/")]) == 1
        last = ReadingPage(pages[-1])
        last.page.bring_to_front()
        last.play()
        last.hears(300, 20)
        for page in pages[:-1]:  # each is told where it is read
            page.wait_for_selector("#elsewhere:not([hidden])", timeout=20_000)
        pages[0].close()
        since = last.now()
        last.hears(300, 20, since=since)
        is_told(last.page, BY_HTTP)
