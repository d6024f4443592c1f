"""A real Chromium in front of the real processes."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests import environment

from .listening import ReadingPage
from .stack import PASSWORD, Stack

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--mute-audio",
]
WITNESS = Path(__file__).parent / "witness.js"
NAMES = ("chromium", "chromium-browser", "google-chrome")
# The same browser without its windows, which cost a fifth of the work.
SHELL = "chromium-headless-shell"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(autouse=True)
def _empty_redis() -> None:
    """The system under test has a Redis of its own."""


@pytest.fixture(autouse=True)
def _quick_passwords() -> None:
    """Its processes check passwords as they do in earnest."""


@pytest.fixture(autouse=True)
def _own_files() -> None:
    """And files of its own, which its workers and these tests share."""


@pytest.fixture(scope="session")
def stack(django_db_blocker) -> Iterator[Stack]:
    from django.conf import settings
    from django.db import connection

    stack = Stack(environment.DATA_DIR / "browser")
    connection.close()
    settings.DATABASES["default"]["NAME"] = str(stack.database)
    connection.settings_dict["NAME"] = str(stack.database)
    settings.MEDIA_ROOT = stack.data_dir / "files"
    stack.start()
    with django_db_blocker.unblock():
        yield stack
        connection.close()
    stack.stop()


def chromium_path() -> str | None:
    """Return the browser of this machine; None leaves it to Playwright's own."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


def shell_path() -> str | None:
    """Return the browser for what needs none of its windows."""
    return os.environ.get("CHROMIUM") or shutil.which(SHELL) or chromium_path()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    # Playwright drives its own asyncio loop, and Django takes that for an asynchronous caller.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "yes"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shell_path(), args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def new_context(chromium: Browser, stack: Stack) -> Iterator[Callable[..., BrowserContext]]:
    contexts, errors = [], []

    def make(*, heard: bool = True, **options: object) -> BrowserContext:
        """Return a context of its own; `heard`: with the witness, which the CSP would forbid."""
        context = chromium.new_context(base_url=stack.url, bypass_csp=heard, **options)
        context.on("weberror", lambda error: errors.append(str(error.error)))
        if heard:
            context.add_init_script(path=WITNESS)
        contexts.append(context)
        return context

    yield make
    for context in contexts:
        context.close()
    assert errors == []


def sign_in(page: Page, person: str) -> None:
    """Give the browser what the form for signing in gives it, without the form's long hashing."""
    from django.conf import settings
    from django.test import Client

    from reader.models import User

    client = Client()
    client.force_login(User.objects.get(username=person))
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    page.context.add_cookies(
        [{"name": cookie.key, "value": cookie.value, "url": "http://127.0.0.1", "httpOnly": True}]
    )


def sign_in_by_form(page: Page, person: str, password: str = PASSWORD) -> None:
    page.goto("/accounts/login/")
    page.fill("input[name=username]", person)
    page.fill("input[name=password]", password)
    page.click("main button[type=submit]")
    page.wait_for_url(lambda url: "/login/" not in url)


@pytest.fixture
def open_page(new_context) -> Callable[..., ReadingPage]:
    def open_(person: str, uuid: str, **options: object) -> ReadingPage:
        """Sign in in a new context and open a document."""
        page = new_context(**options).new_page()
        sign_in(page, person)
        return ReadingPage.open(page, uuid)

    return open_
