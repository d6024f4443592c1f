"""Figures from a real Chromium: how soon there is sound, and how long the silences are."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.conftest import ARGUMENTS, chromium_path

from .servers import SHORT, Server
from .stack import Stack, p

EAR = Path(__file__).parent / "ear.js"
RUNS, WAITING_RUNS = 30, 8
# A page that cannot play what is being made: it waits for the whole, as others do.
WAITS = "delete window.MediaSource; delete window.ManagedMediaSource;"
PATIENCE_SECONDS = 30
BLOCKS, PAUSE_MS, NOTE_MS = 100, 400, 1_000
LIT_BLOCKS = 4
DEBUG = False


def measure(stack: Stack, server: Server) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=ARGUMENTS)
        first_sound(stack, server, browser)
        silences(stack, server, browser)
        highlights(stack, server, browser)
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
            wait_for(page, "ear.loud.some(([at, is]) => is && at > ear.pressed())")
            times.append(
                page.evaluate(
                    "ear.loud.find(([at, is]) => is && at > ear.pressed())[0] - ear.pressed()"
                )
            )
            wait_for(page, "document.querySelector('.block').dataset.state === 'ready'")
    return times


def silences(stack: Stack, server: Server, browser: Browser) -> None:
    """One hundred blocks, live and stored, and what there is beyond the chosen pause."""
    print(f"silence between {BLOCKS} blocks beyond the chosen pause of {PAUSE_MS} ms, in ms")
    stack.listen_in("server", "500", pause_ms=PAUSE_MS)
    # Hardly faster than it is heard, one at a time: each block is in the making when it begins.
    stack.limit("server", 1)
    server.answer(lasts_ms=NOTE_MS, pace=1.1)
    for name in ("live", "stored"):
        uuid = stack.add_document(BLOCKS, salt="silences", words=SHORT)
        with opened(stack, browser, uuid) as page:
            page.click("#play")
            wait_for(page, "/inished/.test(document.getElementById('status').textContent)", 400)
            changes = page.evaluate("ear.audible")
        quiet = [b - a for (a, was), (b, _) in pairwise(changes) if not was]
        beyond = [ms - PAUSE_MS for ms in quiet]
        print([round(x) for x in beyond], page) if DEBUG else None
        print(f"{name:50} n {len(beyond):>3}   p50 {p(beyond, 50):>6.0f}   "
              f"p95 {p(beyond, 95):>6.0f}   least {min(beyond):.0f}")  # fmt: skip
        assert len(beyond) == BLOCKS - 1, len(beyond)
    stack.limit("server", 0)
    print()


def highlights(stack: Stack, server: Server, browser: Browser) -> None:
    """When a word is lit, against when it is heard: its mark, counted from the first sample."""
    print("a word is lit, ms after it is heard (its mark, counted from the first sample)")
    server.answer(first_ms=150, pace=4, speaks="gmw/en-US+f4")
    for name, voice, again in (
        ("espeak, stored", ("espeak", "en-us"), True),
        ("a server's voice, live, then aligned", ("server", "500"), False),
    ):
        stack.listen_in(*voice)
        late: list[float] = []
        for n in range(LIT_BLOCKS):
            uuid = stack.add_document(1, salt=f"lit {name} {n}")
            for _ in range(1 + again):
                with opened(stack, browser, uuid) as page:
                    page.click("#play")
                    wait_for(page, "/inished/.test(document.getElementById('status').textContent)")
                    words, heard = page.evaluate("[ear.words, ear.audible]")
            marks, lead_ms = stack.marks(uuid)
            began = heard[0][0] - lead_ms
            starts = [began + start for _, _, start, _ in marks]
            # The last words: the first ones of a live sound come before their marks.
            pairs = zip(reversed(words), reversed(starts), strict=False)
            late += [at - start for (at, _), start in pairs]
        print(f"{name:50} n {len(late):>3}   p50 {p(late, 50):>6.0f}   p95 {p(late, 95):>6.0f}   "
              f"p5 {p(late, 5):>6.0f}")  # fmt: skip
    print()


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


def wait_for(page: Page, condition: str, seconds: float = PATIENCE_SECONDS) -> None:
    deadline = time.monotonic() + seconds
    while not page.evaluate(condition):
        if time.monotonic() > deadline:
            raise RuntimeError(f"In vain: {condition}; the page says {page.inner_text('#status')}")
        page.wait_for_timeout(20)


def figures(times: list[float]) -> str:
    return f"n {len(times):>3}   p50 {p(times, 50):>6.0f}   p95 {p(times, 95):>6.0f}"
