"""A reading page, used as a person uses it, and what was heard of it."""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import pairwise

from playwright.sync_api import Page

from .stack import wait_for

SILENCE = 0
# The page may note a change of block a little before or after the sound of the last one ends.
NEAR_MS = 60


class ReadingPage:
    def __init__(self, page: Page) -> None:
        self.page = page

    @classmethod
    def open(cls, page: Page, uuid: str, *, at: str = "") -> ReadingPage:
        page.goto(f"{at}/documents/{uuid}/")
        page.wait_for_selector("#play")
        if page.evaluate("'witness' in window"):
            page.evaluate("witness.started")
        return cls(page)

    # --- doing --------------------------------------------------------------------------------

    def play(self) -> None:
        self.page.click("#play")

    def choose_voice(self, voice_slug: str, model_slug: str) -> float:
        """Choose a voice in the picker; return the time of the choice on the samples' clock."""
        self.page.click("#voice")
        self.page.wait_for_selector("#voice-dialog[open]")
        return self.page.evaluate(
            "id => { document.getElementById(id).click(); return witness.now(); }",
            f"voice-{model_slug}-{voice_slug}",
        )

    # --- seeing -------------------------------------------------------------------------------

    @property
    def status(self) -> str:
        return self.page.inner_text("#status")

    @property
    def current(self) -> int | None:
        return self.page.evaluate(
            "(() => { const b = document.querySelector('.block--current');"
            " return b && Number(b.dataset.idx); })()"
        )

    def blocks_read(self) -> list[int]:
        return [idx for _, idx in self.page.evaluate("witness.blocks")]

    def words_lit(self) -> list[str]:
        return [word for _, word in self.page.evaluate("witness.words")]

    def waits_for(self, condition: Callable[[], object], seconds: float, what: str) -> object:
        try:
            return wait_for(condition, seconds, what)
        except AssertionError as error:
            raise AssertionError(f"{error}; {self.story()}") from None

    def story(self) -> str:
        """Tell how the page stands, for a test that waited in vain."""
        elements = self.page.evaluate("window.witness?.elements()")
        block = f"#block-{self.current}"
        state = self.page.get_attribute(block, "data-state") if self.current is not None else None
        return f"the page says {self.status!r}; {block} is {state}; {elements}"

    # --- hearing ------------------------------------------------------------------------------

    def now(self) -> float:
        return self.page.evaluate("witness.now()")

    def heard(self, since: float = 0) -> list[tuple[float, int]]:
        """Return (ms on the samples' clock, tone in Hz) for each 10 ms of the output.

        0 is silence; below 0 no one tone carries the sound, and its strongest is told.
        """
        return [(at, what) for at, what in self.page.evaluate("witness.heard") if at >= since]

    def tones(self, since: float = 0) -> set[int]:
        return {what for _, what in self.heard(since) if what > 0}

    def hears(self, tone: int, seconds: float, since: float | None = None) -> None:
        start = self.now() if since is None else since
        self.waits_for(lambda: tone in self.tones(start), seconds, f"{tone} Hz is heard")

    def hears_something(self, seconds: float) -> float:
        """Wait for any sound from now on; return how many seconds it took."""
        start, began = self.now(), time.monotonic()
        self.waits_for(
            lambda: any(what != SILENCE for _, what in self.heard(start)), seconds, "sound"
        )
        return time.monotonic() - began

    def silences_between_blocks(self) -> list[float]:
        """Return for each change of block the length in ms of the silence around it, 0 for none.

        Pauses that the voice makes inside of a block are the voice's.
        """
        step = self.page.evaluate("witness.step")
        loud = [at for at, what in self.heard() if what != SILENCE]
        silences = [(a, b) for a, b in pairwise(loud) if b - a > 1.5 * step]
        changes = [at for at, _ in self.page.evaluate("witness.blocks")][1:]
        return [
            max((b - a - step for a, b in silences if a - NEAR_MS <= at <= b + NEAR_MS), default=0)
            for at in changes
        ]
