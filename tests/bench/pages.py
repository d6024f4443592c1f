"""Figures from a real Chromium: how soon there is sound, and how long the silences are."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.conftest import ARGUMENTS, chromium_path

from .servers import Server
from .stack import Stack, p

EAR = Path(__file__).parent / "ear.js"
RUNS, WAITING_RUNS = 30, 8
# A page that cannot play what is being made: it waits for the whole, as others do.
WAITS = "delete window.MediaSource; delete window.ManagedMediaSource;"
PATIENCE_SECONDS = 30


def measure(stack: Stack, server: Server) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=ARGUMENTS)
        first_sound(stack, server, browser)
        browser.close()


def first_sound(stack: Stack, server: Server, browser: Browser) -> None:
    server.answer(first_ms=150, pace=4)
    stack.listen_in("server", "500")
    print("play pressed → first sample above −40 dB, ms, in Chromium; blocks of 250 characters")
    live = presses(stack, browser, RUNS, salt="live")
    whole = presses(stack, browser, WAITING_RUNS, salt="whole", script=WAITS)
    print(f"{'a server of 150 ms and 4 times real time, live':50} {figures(live)}")
    print(f"{'the same, whole block, fetch, play':50} {figures(whole)}   "
          f"{p(whole, 50) / p(live, 50):.1f} times later")  # fmt: skip
    stack.listen_in("espeak", "en-us")
    espeak = presses(stack, browser, RUNS, salt="espeak")
    print(f"{'espeak, uncached':50} {figures(espeak)}")
    cached = presses(stack, browser, RUNS, salt="espeak")
    print(f"{'espeak, cached':50} {figures(cached)}\n")


def presses(
    stack: Stack, browser: Browser, count: int, *, salt: str, script: str = ""
) -> list[float]:
    """Open a document of one block, press play, and listen: so many times."""
    times = []
    for n in range(count):
        uuid = stack.add_document(1, salt=f"{salt} {n}")
        with opened(stack, browser, uuid, script) as page:
            page.click("#play")
            wait_for(page, "ear.changes.some(([at, loud]) => loud && at > ear.pressed())")
            times.append(
                page.evaluate(
                    "ear.changes.find(([at, loud]) => loud && at > ear.pressed())[0]"
                    " - ear.pressed()"
                )
            )
            wait_for(page, "document.querySelector('.block').dataset.state === 'ready'")
    return times


@contextmanager
def opened(stack: Stack, browser: Browser, uuid: str, script: str = "") -> Iterator[Page]:
    context = browser.new_context(base_url=stack.url, bypass_csp=True)
    context.add_cookies(
        [{"name": name, "value": value, "url": stack.url} for name, value in stack.cookies.items()]
    )
    if script:
        context.add_init_script(script)
    context.add_init_script(path=EAR)
    page = context.new_page()
    page.goto(f"/documents/{uuid}/")
    page.wait_for_selector("#play:not(:disabled)")
    page.evaluate("ear.started")
    page.keyboard.press("Shift")  # a gesture, for the ear's own context
    wait_for(page, "ear.isOpen()")
    page.wait_for_timeout(300)  # the page connects, and the machine comes to rest
    yield page
    context.close()


def wait_for(page: Page, condition: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not page.evaluate(condition):
        if time.monotonic() > deadline:
            raise RuntimeError(f"In vain: {condition}; the page says {page.inner_text('#status')}")
        page.wait_for_timeout(20)


def figures(times: list[float]) -> str:
    return f"n {len(times):>3}   p50 {p(times, 50):>6.0f}   p95 {p(times, 95):>6.0f}"
