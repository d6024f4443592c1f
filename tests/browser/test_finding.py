"""Finding, selecting and queueing in a real browser, at both sizes."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from .conftest import sign_in
from .listening import ReadingPage
from .stack import wait_for
from .test_library import DESKTOP, PHONE, titles


def picture(page, name: str) -> None:
    """Keep a picture where somebody wants to look at it."""
    if folder := os.environ.get("PICTURES"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


@pytest.fixture(params=["desktop", "phone"])
def library(request, stack, new_context):
    """A page of the library of somebody who has seven documents, and how large it is."""
    person, model = stack.person(), stack.tones(ms_per_character=30, pace=30, of=request.param)
    stack.prefer(person, model, "tone-300")
    for n in range(7):
        text = f"# Chapter {n}\n\nThe Kapitän of ship {n} sleeps.\n\nHe wakes at {n} o'clock."
        stack.document(person, text, f"Voyage {n}")
    size = {"desktop": DESKTOP, "phone": PHONE}[request.param]
    page = new_context(**size).new_page()
    sign_in(page, person)
    page.goto("/")
    page.wait_for_selector(".sift--live")
    return page, request.param


def test_what_is_found_is_read_from_there(library):
    page, size = library
    page.fill("#sift-q", "kapitan of ship 3")
    found = page.locator(".passage__words")
    wait_for(lambda: found.count() == 1, 20, "the passage is found as one types")
    assert page.locator(".passage mark").all_inner_texts() == ["Kapitän", "of", "ship", "3"]
    picture(page, f"find-{size}")
    found.click()
    page.wait_for_selector("#play")
    page.evaluate("witness.started")
    reading = ReadingPage(page)
    reading.waits_for(lambda: reading.current is not None, 20, "it is there")
    assert reading.current == 1
    if page.get_attribute("#player", "data-playing") != "true":  # a browser may want a press
        reading.play()
    reading.hears(300, 20)
    assert 0 not in reading.blocks_read()


def test_documents_are_selected_collected_queued_and_played(library):
    page, size = library
    boxes = page.locator(".card__select input")
    boxes.nth(0).check()
    boxes.nth(2).click(modifiers=["Shift"])
    assert page.inner_text(".several__count") == "3 selected"
    picture(page, f"select-{size}")
    page.fill("#several-name", "Sea")
    page.click("#several [value=put]")
    page.wait_for_selector(".place:text-is('Sea')")
    page.click(".place:text-is('Sea')")
    wait_for(lambda: len(titles(page)) == 3, 20, "its documents are shown")
    picture(page, f"collection-{size}")
    page.click("#several-none") if page.locator("#several:visible").count() else None
    page.goto("/")
    page.locator(".card__select input").nth(0).check()
    page.click("#several [value=last]")
    page.wait_for_selector(".place:text-is('Queue (1)')")
    page.locator(".card__select input").nth(0).uncheck()  # what was selected stays so
    page.locator(".card__select input").nth(1).check()
    page.click("#several [value=last]")
    page.wait_for_selector(".place:text-is('Queue (2)')")
    page.goto("/queue/")
    names = page.locator(".queue__name a")
    assert names.all_inner_texts() == ["Voyage 6", "Voyage 5"]
    names.nth(1).focus()
    page.keyboard.press("Alt+ArrowUp")
    assert names.all_inner_texts() == ["Voyage 5", "Voyage 6"]
    wait_for(lambda: "now 1 of 2" in page.inner_text("#queue-told"), 10, "it is told")
    page.reload()
    assert names.all_inner_texts() == ["Voyage 5", "Voyage 6"]
    picture(page, f"queue-{size}")
    page.click("text=Play all")
    page.wait_for_url("**/documents/**")
    page.wait_for_selector("#play:enabled")
    reading = ReadingPage(page)
    if page.get_attribute("#player", "data-playing") != "true":
        reading.play()
    wait_for(lambda: page.inner_text("#title") == "Voyage 6", 60, "the next one is opened")


def test_what_is_deleted_is_in_the_trash(library):
    page, size = library
    page.locator(".card__select input").nth(0).check()
    page.click("#several [value=delete]")
    wait_for(lambda: len(titles(page)) == 6, 20, "it is gone")
    page.goto("/trash/")
    picture(page, f"trash-{size}")
    page.click("text=Take back")
    page.wait_for_url("**/")
    wait_for(lambda: len(titles(page)) == 7, 20, "it is back")
    page.goto("/subscriptions/")
    picture(page, f"subscriptions-{size}")
