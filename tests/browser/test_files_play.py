"""The files that were made of a document are played by Chromium, and their pages are whole."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from .conftest import sign_in
from .stack import wait_for

TEXT = "\n\n".join(
    f"Chapter {n}\n\nThis is the first paragraph of chapter {n}.\n\nAnd this is the second."
    for n in range(1, 4)
)
SIZES = {"desktop": {"width": 1280, "height": 800}, "phone": {"width": 390, "height": 844}}
# Muted, a page may play without a gesture.
PLAY = """(url) => new Promise((heard, failed) => {
  const audio = document.createElement("audio");
  audio.muted = true;
  audio.src = url;
  audio.ontimeupdate = () => audio.currentTime > 0.2 && heard(audio.duration);
  audio.onerror = () => failed(new Error(audio.error.message));
  setTimeout(() => failed(new Error(`it stays at ${audio.currentTime} s`)), 60_000);
  audio.play().catch(failed);
})"""


def made(stack, page, uuid: str, *kinds: str) -> dict[str, object]:
    """Have files made on the document's page; return the exports by kind."""
    from reader.models import Export

    own = Export.objects.filter(document__uuid=uuid)
    for kind in kinds:
        page.goto(f"/documents/{uuid}/exports/")
        page.select_option("#along-kind", kind)
        page.click("text=Make the file")
        wait_for(lambda: own.filter(kind=kind, status="done").exists(), 60, f"{kind} is made")  # noqa: B023
    return {each.kind: each for each in own}


def test_audiobooks_play_and_downloads_have_their_names(stack, new_context):
    person, model = stack.person(), stack.tones(ms_per_character=30)
    stack.prefer(person, model, "tone-500")
    uuid = stack.document(person, TEXT, "The sea")
    page = new_context(heard=False).new_page()
    sign_in(page, person)
    exports = made(stack, page, uuid, "m4b", "mp3", "opus", "epub")
    page.goto("/exports/")
    for kind in ("m4b", "mp3", "opus"):
        seconds = page.evaluate(PLAY, f"/exports/{exports[kind].uuid}/file/?play")
        assert abs(seconds * 1000 - exports[kind].duration_ms) < 200, kind
    with page.expect_download() as download:
        page.click(f"#export-{exports['epub'].uuid} >> text=Download")
    assert download.value.suggested_filename == "The sea.epub"


@pytest.mark.parametrize("device", SIZES)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_nothing_of_the_pages_of_files_is_cut_off(stack, new_context, device, theme):
    person, model = stack.person(), stack.tones(ms_per_character=30)
    stack.prefer(person, model, "tone-500", theme=theme)
    uuid = stack.document(person, TEXT, "The sea, and how it came to be as wide as it is today")
    page = new_context(heard=False, viewport=SIZES[device]).new_page()
    sign_in(page, person)
    made(stack, page, uuid, "epub-sentences", "opus")
    page.goto("/exports/")
    page.click("text=Give me an address")
    for name, path in (("files", "/exports/"), ("along", f"/documents/{uuid}/exports/")):
        page.goto(path)
        page.wait_for_selector(".export")
        if folder := os.environ.get("PICTURES"):
            page.screenshot(path=Path(folder) / f"{name}-{device}-{theme}.png", full_page=True)
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0, (name, wide)
