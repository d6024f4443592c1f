"""A person takes a document along, and hears the file that was made."""

from __future__ import annotations

import os
from pathlib import Path

TEXT = "\n\n".join(
    f"Chapter {n}\n\nThis is the first paragraph of chapter {n}.\n\nAnd this is the second."
    for n in range(1, 4)
)
# Muted, a page may play without a gesture; and not by `Audio`, through which the tests listen.
PLAY = """(url) => new Promise((heard, failed) => {
  const audio = document.createElement("audio");
  audio.muted = true;
  audio.src = url;
  audio.ontimeupdate = () => audio.currentTime > 0.2 && heard(audio.duration);
  audio.onerror = () => failed(new Error(audio.error.message));
  setTimeout(() => failed(new Error(`it stays at ${audio.currentTime} s`)), 60_000);
  audio.play().catch(failed);
})"""


def picture(page, name: str) -> None:
    """Keep a picture where one is asked for, to be looked at."""
    if folder := os.environ.get("PICTURES"):
        page.wait_for_timeout(400)
        page.screenshot(path=Path(folder) / f"{name}.png")


def test_an_audiobook_is_made_beside_the_text_and_plays(stack, open_page):
    from reader.models import Export

    person, model = stack.person(), stack.tones(ms_per_character=30)
    stack.prefer(person, model, "tone-500")
    uuid = stack.document(person, TEXT, "The sea")
    reading = open_page(person, uuid)
    page = reading.page
    page.click("#about-open")
    page.click(".panel [data-panel=along]")
    page.wait_for_selector("#along-kind")
    reading.waits_for(
        lambda: page.inner_text("#along-estimate").startswith("About"), 10, "it says how large"
    )
    picture(page, "along-desktop")
    done = page.locator('.export[data-status="done"]')
    for number, kind in enumerate(("m4b", "epub", "markdown"), 1):
        page.select_option("#along-kind", kind)
        page.click("text=Make the file")
        reading.waits_for(lambda: done.count() == number, 60, f"{kind} is made")  # noqa: B023
    picture(page, "along-made-desktop")
    made = {each.kind: each for each in Export.objects.filter(document__uuid=uuid)}
    assert sorted(made) == ["epub", "m4b", "markdown"]
    page.goto("/exports/")
    seconds = page.evaluate(PLAY, f"/exports/{made['m4b'].uuid}/file/?play")
    assert abs(seconds * 1000 - made["m4b"].duration_ms) < 200
    with page.expect_download() as download:
        page.click(f"#export-{made['epub'].uuid} >> text=Download")
    assert download.value.suggested_filename == "The sea.epub"
    page.click("text=Give me an address")
    assert "/feeds/" in page.input_value(".along__address")
    for size, (width, height) in {"desktop": (1280, 800), "phone": (390, 844)}.items():
        page.set_viewport_size({"width": width, "height": height})
        picture(page, f"files-{size}")
        page.goto(f"/documents/{uuid}/exports/")
        picture(page, f"along-page-{size}")
        page.goto("/exports/")
    page.goto(f"/documents/{uuid}/")
    page.click("#about-open")
    page.click(".panel [data-panel=along]")
    page.wait_for_selector("#along-kind")
    picture(page, "along-phone")
    page.goto("/")
    picture(page, "library-phone")
