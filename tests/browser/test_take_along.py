"""A person takes a document along."""

from __future__ import annotations

import os
from pathlib import Path

TEXT = "\n\n".join(
    f"Chapter {n}\n\nThis is the first paragraph of chapter {n}.\n\nAnd this is the second."
    for n in range(1, 4)
)


def picture(page, name: str) -> None:
    """Keep a picture where one is asked for, to be looked at."""
    if folder := os.environ.get("PICTURES"):
        page.wait_for_timeout(400)
        page.screenshot(path=Path(folder) / f"{name}.png")


def test_files_are_made_beside_the_text(stack, open_page):
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
