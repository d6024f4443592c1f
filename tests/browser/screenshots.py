"""``python -m tests.browser.screenshots FOLDER``: a picture of every page, to be looked at."""

from __future__ import annotations

import os
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import django
from django.contrib.auth.hashers import make_password
from playwright.sync_api import Page, sync_playwright

from tests import environment

from .conftest import ARGUMENTS, chromium_path, sign_in_by_form
from .stack import PASSWORD, Stack

SIZES = {"desktop": {"width": 1280, "height": 800}, "phone": {"width": 390, "height": 844}}
THEMES = ("light", "sepia", "dark", "contrast")
FIRST_USER = "reader"


def main(folder: Path) -> None:
    django.setup()  # the static files are collected here
    folder.mkdir(parents=True, exist_ok=True)
    stack = Stack(environment.DATA_DIR / "screenshots")
    stack.start()
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium_path(), args=ARGUMENTS)
            for device, size in SIZES.items():
                for theme in THEMES:
                    wear(stack, theme)
                    context = browser.new_context(
                        base_url=stack.url,
                        viewport=size,
                        color_scheme="dark" if theme == "dark" else "light",
                    )
                    take_all(context.new_page(), stack, folder, f"{device}-{theme}")
                    context.close()
            browser.close()
    finally:
        stack.stop()


def wear(stack: Stack, theme: str) -> None:
    with closing(sqlite3.connect(stack.database)) as database, database:
        database.execute("UPDATE reader_user SET theme = ?", [theme])


def take_all(page: Page, stack: Stack, folder: Path, suffix: str) -> None:
    def take(name: str) -> None:
        page.screenshot(path=folder / f"{name}-{suffix}.png")

    page.goto("/accounts/login/")
    take("login")
    page.goto("/accounts/signup/")
    take("signup")
    page.goto("/nothing-here/")
    take("not-found")
    with closing(sqlite3.connect(stack.database)) as database, database:
        own = (make_password(PASSWORD), FIRST_USER)
        database.execute("UPDATE reader_user SET password = ? WHERE username = ?", own)
    sign_in_by_form(page, FIRST_USER)
    take("library")
    for name, path in {
        "new": "/documents/new/",
        "settings": "/settings/",
        "words": "/settings/words/",
        "use": "/settings/use/",
        "password": "/accounts/password_change/",
        "tokens": "/settings/tokens/",
        "webhooks": "/settings/webhooks/",
        "queue": "/queue/",
        "subscriptions": "/subscriptions/",
        "trash": "/trash/",
        "admin": "/admin/",
        "health": "/admin/health/",
    }.items():
        page.goto(path)
        take(name)
    page.goto("/")
    page.click("a[href*='/documents/']:not([href*='new'])")
    page.wait_for_selector("#play:enabled")
    page.wait_for_timeout(500)
    take("document")
    for part in ("contents", "search", "annotations", "look", "about"):
        page.click(f"#{part}-open")
        if part == "search":
            page.fill("#search-words", "the")
            page.wait_for_selector(".search__hit")
        page.wait_for_timeout(300)
        take(part)
        page.click("#panel-close")
    page.click("#about-open")
    page.click("#prepare")
    page.click("#panel-close")
    page.wait_for_selector("#preparation-words:not(:empty)")
    page.wait_for_timeout(3_000)
    take("prepared")
    page.click("#block-5 .block__body")
    page.wait_for_timeout(2500)
    take("reading")
    page.click("#speed-open")
    page.wait_for_timeout(300)
    take("speed")
    page.keyboard.press("Escape")
    page.click("#voice")
    page.wait_for_timeout(500)
    take("voices")
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    page.wait_for_timeout(300)
    take("keys")


if __name__ == "__main__":
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "yes"
    main(Path(sys.argv[1]))
