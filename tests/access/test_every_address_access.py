"""Every address, for everybody: what ``access_rows…`` say, and nothing that they do not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.http import HttpResponse
from django.test import Client, override_settings
from django.urls import include, path

from config import urls
from config.health import views as health
from reader.models import User
from tests.reader.conftest import make_sounds
from tts.models import SpeechModel, Voice
from tts.voices.catalogue import sync_voices

from .matrix import (
    METHODS,
    SAFE,
    SIGN_IN,
    STAFF_SIGN_IN,
    Answer,
    Belongings,
    Cast,
    Row,
    all_rows,
    by_cookie,
    make_cast,
    own,
    parts_of,
    staff,
    without_a_row,
    without_an_address,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("static_files", "_files_of_the_cast")]

ROWS = all_rows()
TOKEN = re.compile(rb'name="csrfmiddlewaretoken" value="[^"]*"')
ADMIN = "admin/"
# Sessions, and when somebody was here last.
NOT_COUNTED = ("django_session", "last_login", "used_at")
each_row = pytest.mark.parametrize("row", ROWS, ids=str)


@pytest.fixture(scope="module")
def files(tmp_path_factory) -> Path:
    """The files of the cast: a process that runs other tests between makes both once more."""
    return tmp_path_factory.mktemp("cast")


@pytest.fixture(scope="module")
def cast(django_db_setup, django_db_blocker, files) -> Iterator[Cast]:
    """The cast, once for all rows: each of them is taken back."""
    quick = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    with (
        django_db_blocker.unblock(),
        override_settings(MEDIA_ROOT=files, PASSWORD_HASHERS=quick, DEFAULT_VOICE="tone/tone-300"),
    ):
        model = SpeechModel.objects.create(model_slug="tone", name="Tone", engine="tone")
        sync_voices(model)
        yield make_cast(Voice.objects.get(voice_slug="tone-300"), make_sounds)
        call_command("flush", interactive=False, verbosity=0)


@pytest.fixture
def _files_of_the_cast(cast, settings, files) -> Iterator[None]:
    settings.MEDIA_ROOT = files
    settings.DEFAULT_VOICE = "tone/tone-300"
    settings.PIPER_VOICES_URL = settings.HIBARI_VOICES_URL = "http://127.0.0.1:9/"  # nobody answers
    health.forget()
    yield
    health.forget()


# --- the table is whole ---------------------------------------------------------------------------


def test_every_address_has_a_row():
    assert without_a_row(ROWS) == [], "Say in a module access_rows… who may what there."


def test_every_row_has_an_address():
    assert without_an_address(ROWS) == []


@pytest.mark.parametrize("name", ["named", None])
def test_an_address_without_a_row_is_noticed(settings, monkeypatch, name):
    def view(request):
        return HttpResponse()

    deeper = path("deeper/", include([path("<int:pk>/new/", view, name=name)]))
    monkeypatch.setattr(urls, "urlpatterns", [*urls.urlpatterns, path("new/", view), deeper])
    with override_settings(ROOT_URLCONF=urls):
        assert without_a_row(ROWS) == ["deeper/<int:pk>/new/", "new/"]


def test_a_page_of_the_admin_without_a_row_is_noticed():
    assert without_a_row([row for row in ROWS if "reader/document/" not in row.route]) == [
        "admin/reader/document/",
        "admin/reader/document/<int:pk>/blocks/",
        "admin/reader/document/<path:object_id>/",
        "admin/reader/document/<path:object_id>/change/",
        "admin/reader/document/<path:object_id>/delete/",
        "admin/reader/document/<path:object_id>/history/",
        "admin/reader/document/add/",
    ]


def test_a_row_that_is_wrong_is_noticed(cast):
    """A view that asks nobody's rights fails where the row says that it does."""
    wrong = own("GET", "settings/use/", 200)
    with pytest.raises(AssertionError, match="other"):
        test_everybody_gets_what_is_theirs(wrong, cast)


# --- what it says is so ---------------------------------------------------------------------------


@each_row
def test_everybody_gets_what_is_theirs(row: Row, cast: Cast):
    alice, bob = cast.alice, cast.bob
    address, nothing, _ = row.path(alice), row.path(alice, **row.no_ids), row.path(bob)
    owner, other, root = (row.client(user) for user in (alice.user, bob.user, cast.root))
    asked = [("other", other, row.other), ("nobody", row.client(None), row.nobody)]
    if row.rights:
        without = row.client(staff("all-but-one", lacking=row.rights))
        asked.append(("staff without the right", without, row.staff))
    else:
        asked.append(("staff", root, row.staff))
    is_theirs = {who: answer == row.owner and who != "nobody" for who, _, answer in asked}

    with nothing_is_written(str(row)):
        for who, client, answer in asked:
            if not is_theirs[who]:
                response = row.send(client, address)
                assert_answer(response, answer, address, who)
                if not row.tells_all:
                    assert_quiet(response, alice, address, who)
        if row.other == 404 and row.no_ids:
            foreign, none = row.send(other, address), row.send(other, nothing)
            assert none.status_code == 404
            assert TOKEN.sub(b"", none.content) == TOKEN.sub(b"", foreign.content)
        if has_children(row):
            assert_children_stay(row, alice, bob, owner)
            assert_children_stay(row, bob, alice, owner)
            assert_children_stay(row, bob, alice, other)
        if row.method not in SAFE and row.client is by_cookie and row.owner != row.nobody:
            assert_no_other_site(
                row, cast.root if row.route.startswith(ADMIN) else alice.user, address
            )

    # What they may do, last: it changes things.
    for who, client, answer in asked:
        if is_theirs[who]:
            response = row.send(client, address)
            assert_answer(response, answer, address, who)
            if who == "other" and not row.tells_all:
                assert_quiet(response, alice, address, who)
    if row.rights:
        able = row.client(staff("able", rights=(*row.rights[:1], *row.more_rights)))
        assert_answer(row.send(able, address), row.able, address, "staff with the right")
    assert_answer(row.send(owner, address), row.owner, address, "owner")


def test_there_is_no_method_without_a_row(cast: Cast):
    for route in sorted({row.route for row in ROWS if ADMIN not in row.route}):
        rows = [row for row in ROWS if row.route == route]
        is_for_nobody = isinstance(rows[0].nobody, int) and rows[0].nobody < 400
        client = rows[0].client(None if is_for_nobody else cast.alice.user)
        for method in set(METHODS) - {row.method for row in rows}:
            response = getattr(client, method.lower())(rows[0].path(cast.alice))
            assert response.status_code == 405, f"{method} {route}"


def has_children(row: Row) -> bool:
    is_page = not row.rights and not row.route.startswith(ADMIN)
    return is_page and bool(row.ids) and len(parts_of(row.route)) > 1


def assert_children_stay(row: Row, whose: Belongings, foreign: Belongings, client: Client) -> None:
    """One's own document with a child of another's is no address, nor the other way round."""
    mixed = row.path(whose, **{name: row.ids[name](foreign) for name in row.ids})
    assert row.send(client, mixed).status_code == 404, mixed


def assert_no_other_site(row: Row, user: User, address: str) -> None:
    """A form without the token of the page does nothing."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(user)
    assert row.send(client, address).status_code == 403


# --- how it is told -------------------------------------------------------------------------------


def assert_answer(response: HttpResponse, answer: Answer, address: str, who: str) -> None:
    got: Answer = response.status_code
    to = response.headers.get("Location", "")
    if got == 302 and to.startswith("/accounts/login/?next="):
        got = SIGN_IN
    elif got == 302 and to.startswith("/admin/login/?next="):
        got = STAFF_SIGN_IN
    expected = answer if isinstance(answer, tuple) else (answer,)
    assert got in expected, f"{who} at {address}: {response.content[:300]!r}"


def assert_quiet(response: HttpResponse, owner: Belongings, address: str, who: str) -> None:
    """Nothing of the owner's is in an answer to somebody else; what was asked may be repeated."""
    told = b"".join(response.streaming_content) if response.streaming else response.content
    text = (told + str(response.headers).encode()).decode("utf-8", "replace")
    text = text.replace(address, "")
    assert [secret for secret in owner.secrets if secret in text] == [], f"{who} at {address}"


@contextmanager
def nothing_is_written(what: str) -> Iterator[None]:
    """Fail when a row of the database is changed, but those of sessions and of who was here."""
    written = []

    def watch(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        result = execute(sql, params, many, context)
        is_write = sql.startswith(("INSERT", "UPDATE", "DELETE"))
        if is_write and context["cursor"].rowcount and not any(n in sql for n in NOT_COUNTED):
            written.append(sql[:200])
        return result

    with connection.execute_wrapper(watch):
        yield
    assert written == [], what
