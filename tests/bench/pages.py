"""Figures from a real Chromium: how soon there is sound, how long the silences are, when words are
lit, and who waits for whom. One table, with what is aimed at beside it."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.conftest import ARGUMENTS, chromium_path
from tests.cutting_proxy import CuttingProxy

from .client import Listener
from .servers import SHORT, Server
from .stack import Stack, p

if TYPE_CHECKING:
    from tests.known_speech import Speaker
    from tts.engines import Engine

EAR = Path(__file__).parent / "ear.js"
RUNS, WAITING_RUNS = 30, 8
# A page that cannot play what is being made: it waits for the whole, as others do.
WAITS = "delete window.MediaSource; delete window.ManagedMediaSource;"
PATIENCE_SECONDS = 30
CONNECTION = "document.querySelector('#report [data-line=connection]').textContent"
FINISHED = "/inished/.test(document.getElementById('status').textContent)"
BLOCKS, PAUSE_MS, NOTE_MS = 100, 400, 1_000
LIT_BLOCKS = 4
PREPARED_BLOCKS = 5_000
LISTENERS, SHARE_SECONDS = 10, 12
BREAKS = 100


def measure(stack: Stack, server: Server) -> None:
    print(
        f"{'in ms, in Chromium; blocks of 250 characters':62} {'n':>4} {'p50':>7} {'p95':>7}   aim"
    )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=ARGUMENTS)
        first_sound(stack, server, browser)
        by_http(stack, browser)
        while_preparing(stack, browser)
        silences(stack, server, browser)
        highlights(stack, server, browser)
        browser.close()
    asyncio.run(shares(stack, server))
    marks()
    breaks()
    print()


def row(what: str, values: Sequence[float], aim: str = "") -> None:
    print(f"{what:62} {len(values):>4} {p(values, 50):>7.0f} {p(values, 95):>7.0f}   {aim}",
          flush=True)  # fmt: skip


# --- the first sound ----------------------------------------------------------------------------


def first_sound(stack: Stack, server: Server, browser: Browser) -> None:
    """From the press on play to the first sample above -40 dB."""
    server.answer(first_ms=150, pace=4)
    stack.listen_in("server", "500")
    presses(stack, browser, 1, salt="measured")  # the voice's first sound is made twice
    live = presses(stack, browser, RUNS, salt="live")
    row("play → sound, a server of 150 ms and 4 times real time", live, "p50 ≤ 250")
    whole = presses(stack, browser, WAITING_RUNS, salt="whole", script=WAITS)
    times = p(whole, 50) / p(live, 50)
    row("the same, the whole block made, fetched, played", whole, f"≥ 10 times: {times:.1f}")
    stack.listen_in("espeak", "en-us")
    espeak = presses(stack, browser, RUNS, salt="espeak")
    row("play → sound, espeak, not made before", espeak, "p50 ≤ 150, p95 ≤ 300")
    row("the same, made before", presses(stack, browser, RUNS, salt="espeak"), "p95 ≤ 100")
    stack.listen_in("hibari", "heart")
    heart = presses(stack, browser, RUNS, salt="heart")
    row("play → sound, heart, not made before", heart, "p50 ≤ espeak + 50, aim 120")


def by_http(stack: Stack, browser: Browser) -> None:
    """The same behind a proxy that lets no socket through, and behind one that does, in turn."""
    stack.listen_in("espeak", "en-us")
    times: dict[str, list[float]] = {"passed": [], "refused": []}
    with CuttingProxy(stack.port) as proxy:
        for n in range(RUNS):
            for way, measured in times.items():
                proxy.sockets, proxy.asked = way, []
                salt = f"{way} {n}"
                measured += presses(stack, browser, 1, salt=salt, at=proxy.url, told="Connected")
                streams = [line for line in proxy.asked if line.startswith("GET /events/")]
                assert bool(streams) == (way == "refused"), proxy.asked
    row("play → sound, espeak, by a socket through a proxy", times["passed"])
    later = p(times["refused"], 50) - p(times["passed"], 50)
    row("the same by HTTP, as the proxy refuses sockets", times["refused"],
        f"≤ 30 later: {later:.0f}")  # fmt: skip


def while_preparing(stack: Stack, browser: Browser) -> None:
    """The same while another person has a document prepared."""
    stack.listen_in("espeak", "en-us")
    idle = presses(stack, browser, RUNS, salt="idle")
    row("play → sound, espeak, nothing else goes on", idle)
    stack.prepare(PREPARED_BLOCKS)
    busy = presses(stack, browser, RUNS, salt="busy")
    assert stack.is_preparing(), "the preparation was over too soon"
    stack.stop_preparing()
    times = p(busy, 50) / p(idle, 50)
    row(f"the same, {PREPARED_BLOCKS} blocks of another being prepared", busy,
        f"≤ 1.5 times: {times:.2f}")  # fmt: skip


def presses(stack: Stack, browser: Browser, count: int, *, salt: str, **how: str) -> list[float]:
    """Open a document of one block, press play, and listen: so many times."""
    times = []
    for n in range(count):
        uuid = stack.add_document(1, salt=f"{salt} {n}")
        stack.come_to_rest()
        with opened(stack, browser, uuid, **how) as page:
            page.click("#play")
            wait_for(page, "ear.loud.some(([at, is]) => is && at > ear.pressed())")
            times.append(
                page.evaluate(
                    "ear.loud.find(([at, is]) => is && at > ear.pressed())[0] - ear.pressed()"
                )
            )
            wait_for(page, "document.querySelector('.block').dataset.state === 'ready'")
    return times


# --- while it plays -------------------------------------------------------------------------------


def silences(stack: Stack, server: Server, browser: Browser) -> None:
    """What there is of silence between blocks beyond the chosen pause, of tones without any."""
    stack.listen_in("server", "500", pause_ms=PAUSE_MS)
    # Hardly faster than it is heard, one at a time: each block is in the making when it begins.
    stack.change_model("server", concurrency=1)
    server.answer(lasts_ms=NOTE_MS, pace=1.1)
    for name in ("live", "stored"):
        uuid = stack.add_document(BLOCKS, salt="silences", words=SHORT)
        with opened(stack, browser, uuid) as page:
            page.click("#play")
            wait_for(page, FINISHED, 400)
            changes = page.evaluate("ear.audible")
        beyond = [b - a - PAUSE_MS for (a, was), (b, _) in pairwise(changes) if not was]
        assert len(beyond) == BLOCKS - 1, beyond
        row(f"silence beside the chosen {PAUSE_MS}, {name}", [abs(ms) for ms in beyond],
            f"p50 ≤ 20, p95 ≤ 60; from {min(beyond):.0f} to {max(beyond):.0f}")  # fmt: skip
    stack.change_model("server", concurrency=0)


def highlights(stack: Stack, server: Server, browser: Browser) -> None:
    """When a word is lit, against when it is heard: its mark, counted from the first sample."""
    server.answer(first_ms=150, pace=4, speaks="gmw/en-US+f4")
    for name, voice, again in (
        ("espeak, stored", ("espeak", "en-us"), True),
        ("heart, stored", ("hibari", "heart"), True),
        ("heart, live", ("hibari", "heart"), False),
        ("a server, live, then aligned", ("server", "500"), False),
    ):
        stack.listen_in(*voice)
        late: list[float] = []
        for n in range(LIT_BLOCKS):
            uuid = stack.add_document(1, salt=f"lit {name} {n}")
            for _ in range(1 + again):
                with opened(stack, browser, uuid) as page:
                    page.click("#play")
                    wait_for(page, FINISHED)
                    words, heard = page.evaluate("[ear.words, ear.audible]")
            known, lead_ms = stack.marks(uuid)
            began = heard[0][0] - lead_ms
            starts = [began + start for _, _, start, _ in known]
            # The last words: the first ones of a live sound come before their marks.
            pairs = zip(reversed(words), reversed(starts), strict=False)
            late += [abs(at - start) for (at, _), start in pairs]
        row(f"a word is lit beside its sound, {name}", late, "≤ 50")


async def shares(stack: Stack, server: Server) -> None:
    """How much each of ten listeners gets of a model that makes one sound at a time."""
    stack.change_model("server", concurrency=1)
    server.answer(first_ms=90, lasts_ms=4_000)
    stack.listen_in("server", "500")
    uuids = [stack.add_document(40, salt=f"share {n}", words=SHORT) for n in range(LISTENERS)]
    listeners = [Listener(stack, uuid) for uuid in uuids]
    for listener in listeners:
        await listener.__aenter__()
    counts = await asyncio.gather(*(made(listener) for listener in listeners))
    for listener in listeners:
        await listener.__aexit__()
    stack.change_model("server", concurrency=0)
    share = sum(counts) / LISTENERS
    off = max(abs(count - share) for count in counts) / share
    print(f"{f'sounds of one slow model for each of {LISTENERS} listeners':62} {sum(counts):>4} "
          f"{min(counts):>7} {max(counts):>7}   least and most; ≤ 20 % off: {off:.0%}")  # fmt: skip


async def made(listener: Listener) -> int:
    """Listen on for a while, wanting what is next; return how many sounds came."""
    done: set[int] = set()
    deadline = time.monotonic() + SHARE_SECONDS
    while (left := deadline - time.monotonic()) > 0:
        await listener.want([idx for idx in range(40) if idx not in done][:8])
        try:
            async with asyncio.timeout(left):
                while (status := await listener.next_status())["status"] != "cached":
                    pass
        except TimeoutError:
            break
        done.add(status["block_idx"])
    return len(done)


# --- words ----------------------------------------------------------------------------------------


def marks() -> None:
    """How far alignment is from what is known, and from what engines tell of their own words."""
    from tests.known_speech import REPORTED, UNLIKE_THE_REFERENCE, errors_of

    for name, speaker in UNLIKE_THE_REFERENCE.items():
        errors = errors_of(speaker, REPORTED)
        row(f"a word's time by alignment, {name}", errors.found, "p50 ≤ 25, p95 ≤ 80")
        row("    spread over the text instead", errors.spread)
    for name, speaker in telling_speakers():
        errors = errors_of(speaker, REPORTED, times=3)
        row(f"what {name} tells itself beside alignment", errors.found, "no more than flite's")


def telling_speakers() -> Iterator[tuple[str, Speaker]]:
    """Yield Heart and a Piper voice: their models tell when each word is heard."""
    from django.test import override_settings

    from tests.known_speech import known_from
    from tests.tts import piper_voice
    from tts.engines.hibari import HibariEngine
    from tts.engines.hibari.model import RATE
    from tts.engines.piper import PiperEngine

    def speaker(engine: Engine, voice: str, rate: int) -> Speaker:
        return lambda text: known_from(*piper_voice.spoken(engine, text, voice), text, rate)

    yield "Heart", speaker(HibariEngine(), "heart", RATE)
    with TemporaryDirectory() as folder, override_settings(DATA_DIR=folder):
        piper_voice.put(Path(folder) / "voices" / "piper")
        yield "Piper's Joe", speaker(PiperEngine(), piper_voice.JOE, piper_voice.RATE)


def breaks() -> None:
    """Blocks that are broken off while they play, at the server or on the line to the page."""
    tests = ["tests/browser/test_live.py", "-k", "breaks_off", "-q", "--no-header"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *tests],
        env={**os.environ, "BREAKS": str(BREAKS)},
        capture_output=True,
        text=True,
    )
    counts = {name: int(n) for n, name in re.findall(r"(\d+) (passed|failed|error)", done.stdout)}
    print(f"{'broken off at random places, every word heard once':62} {2 * BREAKS:>4}"
          f"{'':16}   {counts.get('passed', 0)} of {2 * BREAKS}")  # fmt: skip


# --- a page ---------------------------------------------------------------------------------------


@contextmanager
def opened(
    stack: Stack, browser: Browser, uuid: str, *, script: str = "", at: str = "", told: str = ""
) -> Iterator[Page]:
    """Open a document ``at`` the server or a proxy; ``told``: of its connection, in the panel."""
    at = at or stack.url
    context = browser.new_context(base_url=at, bypass_csp=True)
    context.add_cookies(
        [{"name": name, "value": value, "url": at} for name, value in stack.cookies.items()]
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
    if told:
        page.click("#about-open")
        wait_for(page, f"{CONNECTION}.startsWith({told!r})")
    page.wait_for_timeout(300)  # the page connects, and the machine comes to rest
    yield page
    context.close()


def wait_for(page: Page, condition: str, seconds: float = PATIENCE_SECONDS) -> None:
    deadline = time.monotonic() + seconds
    while not page.evaluate(condition):
        if time.monotonic() > deadline:
            raise RuntimeError(f"In vain: {condition}; the page says {page.inner_text('#status')}")
        page.wait_for_timeout(20)
