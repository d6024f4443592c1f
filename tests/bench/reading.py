"""``make bench-page``: figures of the reading page on a document of 12,000 blocks.

How soon it can be used, how soon a key is answered, whether anything holds it up while it plays on
a slow machine, whether it grows, and how much of scripts and styles it loads.
"""

from __future__ import annotations

import sys

from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

from tests.browser.conftest import ARGUMENTS, chromium_path

from .pages import opened, row, wait_for
from .stack import WORDS, Stack

BLOCKS = 12_000
SHORT_ONES = 520  # at its beginning, so that hundreds of blocks can be played in minutes
SHORT = "Word {number}."
OPENINGS, KEYS = 10, 60
SLOWED, SLOW_SECONDS = 8, 60
FEW, MANY = 50, 500
USABLE = "performance.getEntriesByName('usable')[0]?.startTime ?? 0"
WATCH = """
  window.longest = [];
  new PerformanceObserver((list) => longest.push(...list.getEntries().map((e) => e.duration)))
    .observe({ type: "longtask", buffered: true });
  window.answered = [];
  new PerformanceObserver((list) => answered.push(...list.getEntries()
    .filter((e) => e.name === "keydown").map((e) => e.processingEnd - e.startTime)))
    .observe({ type: "event", durationThreshold: 16 });
  addEventListener("DOMContentLoaded", () => {
    const look = () => {
      if (document.getElementById("play")?.disabled === false) performance.mark("usable");
      else requestAnimationFrame(look);
    };
    look();
  });
"""
# From the key to the frame that shows what it did.
PRESS = """key => new Promise((resolve) => {
  const began = performance.now();
  document.body.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
  const acted = performance.now() - began;
  requestAnimationFrame(() => setTimeout(() => resolve([acted, performance.now() - began])));
})"""
WEIGHT = """performance.getEntriesByType("resource")
  .filter(({ name }) => /[.](js|css)([?]|$)/.test(new URL(name).pathname))
  .reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0)"""


def main() -> int:
    with Stack() as stack:
        measure(stack)
    return 0


def measure(stack: Stack) -> None:
    print(f"{'a document of 12,000 blocks, in ms':62} {'n':>4} {'p50':>7} {'p95':>7}   aim")
    uuid = stack.add_document(
        BLOCKS, words=lambda n: SHORT if n < SHORT_ONES else WORDS, salt="long"
    )
    stack.listen_in("espeak", "en-us", pause_ms=0, heading_pause_ms=0, speed=3.0)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium_path(), args=[*ARGUMENTS, "--enable-precise-memory-info"]
        )
        opening(stack, browser, uuid)
        keys(stack, browser, uuid)
        growth(stack, browser, uuid)
        slow_machine(stack, browser, uuid)
        browser.close()


def opening(stack: Stack, browser: Browser, uuid: str) -> None:
    usable = []
    for _ in range(OPENINGS):
        with opened(stack, browser, uuid, WATCH) as page:
            usable.append(page.evaluate(USABLE))
            weight = page.evaluate(WEIGHT)
    row("opened → it can be used", usable, "≤ 1,500")
    print(f"{'scripts and styles of the page, compressed, in bytes':62} {'':>4} {weight:>7,}"
          f"{'':>8}   < 61,440", flush=True)  # fmt: skip


def keys(stack: Stack, browser: Browser, uuid: str) -> None:
    with opened(stack, browser, uuid, WATCH) as page:
        whole(page)
        page.evaluate("location.hash = '#block-6000'")
        page.click("#block-6000 .block__state")
        page.wait_for_timeout(3_000)
        presses = [page.evaluate(PRESS, key) for key in ["ArrowRight", "ArrowLeft"] * (KEYS // 2)]
    row("a key → it is answered", [acted for acted, _ in presses], "≤ 16")
    row("a key → the next frame is ready to be shown", [shown for _, shown in presses])


def growth(stack: Stack, browser: Browser, uuid: str) -> None:
    stack.begin_anew()
    with opened(stack, browser, uuid, WATCH) as page:
        whole(page)
        devtools = page.context.new_cdp_session(page)
        page.click("#play")
        heaps = []
        for count in (FEW, MANY):
            reads = "Number(document.querySelector('.block--current')?.dataset.idx ?? 0)"
            wait_for(page, f"{reads} >= {count}", 600)
            heaps.append(heap(devtools))
    few, many = heaps
    what = f"heap after {FEW} and after {MANY} blocks, in MB"
    print(f"{what:62} {'':>4} {few:>7.1f} {many:>7.1f}   ≤ 10 more: {many - few:+.1f}", flush=True)


def slow_machine(stack: Stack, browser: Browser, uuid: str) -> None:
    stack.listen_in("espeak", "en-us", pause_ms=200, heading_pause_ms=200, speed=1.0)
    with opened(stack, browser, uuid, WATCH) as page:
        whole(page)
        page.evaluate("location.hash = '#block-6000'")
        page.click("#block-6000 .block__state")
        page.wait_for_timeout(3_000)
        devtools = page.context.new_cdp_session(page)
        devtools.send("Emulation.setCPUThrottlingRate", {"rate": SLOWED})
        page.wait_for_timeout(2_000)
        page.evaluate("longest.length = 0")
        page.wait_for_timeout(SLOW_SECONDS * 1_000)
        tasks = page.evaluate("longest")
    most = max(tasks, default=0)
    what = f"tasks over 50 ms in {SLOW_SECONDS} s of playing, {SLOWED} times slower"
    print(f"{what:62} {len(tasks):>4} {'':>7} {'':>7}   none; the longest: {most:.0f}", flush=True)


def whole(page: Page) -> None:
    """Wait until all of the text is there."""
    wait_for(page, f"document.body.textContent.includes('Paragraph {BLOCKS - 1} ')", 60)


def heap(devtools: CDPSession) -> float:
    """Return what is in use after a collection, in MB."""
    devtools.send("HeapProfiler.collectGarbage")
    return float(devtools.send("Runtime.getHeapUsage")["usedSize"]) / 1e6


if __name__ == "__main__":
    sys.exit(main())
