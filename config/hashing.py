"""Threads of their own for what hashes passwords, so that pages wait for none of them.

A hash takes some 0.3 s of a processor, on purpose. In the threads that serve pages, two dozen
sign-ins at once would have everybody wait for seconds.
"""

from __future__ import annotations

import math
import os
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import Resolver404, resolve

from reader.clients import client_of

THREADS = max(1, (os.cpu_count() or 1) // 2)
NICENESS = 5
# Who waits for longer than all of these take tries again.
MOST_WAITING = 24
MOST_OF_A_CLIENT = 6
RETRY_SECONDS = 5
VIEWS = frozenset(
    {
        "account_login", "account_signup", "account_change_password", "account_reauthenticate",
        "account_reset_password_from_key", "admin:auth_user_password_change",
        "admin:reader_user_add",
    }
)  # fmt: skip


class HashingThreads:
    """A few threads, and who waits for them: so many, and so many of one client."""

    def __init__(self) -> None:
        self.pool = ThreadPoolExecutor(
            THREADS, thread_name_prefix="hashing", initializer=_yield_to_pages
        )
        self._waiting: Counter[str] = Counter()

    def begin(self, request: HttpRequest) -> str | None:
        """Return for whom a place was taken; None if there is none."""
        client = client_of(request)
        if self._waiting.total() >= MOST_WAITING or self._waiting[client] >= MOST_OF_A_CLIENT:
            return None
        self._waiting[client] += 1
        return client

    def end(self, client: str) -> None:
        self._waiting[client] -= 1
        if not self._waiting[client]:
            del self._waiting[client]


def hashes(request: HttpRequest) -> bool:
    """Whether a request has a password hashed."""
    if request.method != "POST":
        return False
    try:
        return resolve(request.path_info).view_name in VIEWS
    except Resolver404:
        return False


def crowded() -> HttpResponse:
    """Answer that too many people sign in at this moment."""
    return HttpResponse(
        render_to_string("503_crowded.html", {"seconds": RETRY_SECONDS}),
        status=503,
        headers={"Retry-After": str(math.ceil(RETRY_SECONDS)), "Cache-Control": "no-store"},
    )


def _yield_to_pages() -> None:
    with suppress(OSError, AttributeError):  # Linux: the niceness of this thread alone
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)
