"""Who may listen: at the handshake, and for as long as the socket is open."""

import asyncio
from io import StringIO
from threading import Event
from unittest.mock import patch

import pytest
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.db import InterfaceError
from django.test import Client

from reader import deleting
from reader.consumers import rights
from reader.consumers import session as consumers
from reader.models import Document, Position
from reader.rights import sign_out_everywhere
from reader.services.leaving import leave
from tts.models import AudioVariant

from .page import (
    Closed,
    Page,
    in_database,
)

pytestmark = pytest.mark.django_db(transaction=True)


# --- the handshake ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "origin",
    [
        None,
        "null",
        "http://evil.example",
        "http://evil.example:8000",
        "http://reader.example",
        "http://reader.example:8001",
        "http://reader.example.evil.example:8000",
        "http://evil.example@evil.example:8000",
        "http://reader.example:port",
        "reader.example:8000",
        "https://reader.example:8000",
        "ws://reader.example:8000",
    ],
)
async def test_a_foreign_origin_is_refused_at_the_handshake(as_alice, document, origin):
    with pytest.raises(Closed):
        await Page(as_alice, document, origin=origin).open()


@pytest.mark.parametrize(
    ("origin", "host"),
    [
        ("http://reader.example:8000", "reader.example:8000"),
        ("http://reader.example", "reader.example"),
        ("http://[::1]:8000", "[::1]:8000"),
        ("http://READER.example:8000", "reader.example:8000"),
    ],
)
async def test_the_origin_of_the_host_is_let_in(as_alice, document, origin, host):
    page = Page(as_alice, document, origin=origin, host=host)
    await page.open()
    await page.leave()


async def test_behind_tls_only_https_is_the_pages_own_scheme(as_alice, document, settings):
    settings.BEHIND_TLS = True
    for origin in ("http://reader.example", "https://reader.example:80"):
        with pytest.raises(Closed):
            await Page(as_alice, document, origin=origin, host="reader.example").open()
    for host in ("reader.example", "reader.example:443"):
        page = Page(as_alice, document, origin="https://reader.example", host=host)
        await page.open()
        await page.leave()


async def test_an_origin_listed_in_the_settings_is_let_in(as_alice, document, settings):
    settings.SOCKET_ORIGINS = ["https://elsewhere.example"]
    page = Page(as_alice, document, origin="https://elsewhere.example")
    await page.open()
    await page.leave()


async def test_nobody_is_closed_with_4401(document):
    assert await Page(Client(), document).open_code() == 4401


async def test_an_invented_cookie_is_nobody(document):
    client = Client()
    client.cookies["sessionid"] = "invented"
    assert await Page(client, document).open_code() == 4401


async def test_a_stranger_is_closed_with_4404_as_if_there_were_no_document(as_bob, document):
    nothing = Document()
    assert await Page(as_bob, document).open_code() == 4404
    assert await Page(as_bob, nothing).open_code() == 4404


async def test_what_a_refused_page_sends_is_not_carried_out(as_bob, document):
    page = Page(as_bob, document)
    assert await page.open_code() == 4404
    await page.send("synthesize", block_indices=[0])
    await page.send("save_position", block_idx=1, offset_ms=1)
    await page.leave()
    assert not await in_database(AudioVariant.objects.exists)()
    assert not await in_database(Position.objects.exists)()


# --- the right to listen ------------------------------------------------------------------------


async def test_a_deleted_document_closes_its_sockets_with_4404(as_alice, document):
    page = Page(as_alice, document)
    await page.open()
    await page.want(0)
    await in_database(deleting.delete_document)(document=document)
    assert await page.close_code() == 4404
    await page.leave()


async def test_a_deletion_that_was_not_heard_of_closes_the_socket_too(
    as_alice, document, check_rights_often
):
    page = Page(as_alice, document)
    await page.open()
    await in_database(Document.objects.filter(pk=document.pk).delete)()
    assert await page.close_code() == 4404
    await page.leave()


# Within a second, by an event: the check comes every twenty.
SOON = 1.0


async def test_signing_out_closes_every_socket_of_that_browser_at_once(as_alice, alice, document):
    elsewhere = Client()
    await in_database(elsewhere.force_login)(alice)
    pages = [Page(as_alice, document), Page(as_alice, document), Page(elsewhere, document)]
    for page in pages:
        await page.open()
    await in_database(as_alice.post)("/accounts/logout/")
    async with asyncio.timeout(SOON):
        assert await pages[0].close_code() == await pages[1].close_code() == 4401
    assert await pages[2].answers() == [], "The other browser listens on."
    for page in pages:
        await page.leave()


def deactivate(alice):
    alice.is_active = False
    alice.save()


def change_password(alice):
    alice.set_password("another-long-password")
    alice.save(update_fields=["password"])


def change_password_by_command(alice):
    with patch("getpass.getpass", return_value="another-long-password"):
        call_command("changepassword", "alice", stdout=StringIO())


def go(alice):
    leave(user=alice)


def delete(alice):
    alice.documents.all().delete()
    alice.delete()


@pytest.mark.parametrize(
    "take_away",
    [deactivate, change_password, change_password_by_command, delete, sign_out_everywhere, go],
)
async def test_a_right_that_is_taken_away_closes_the_sockets_at_once(
    as_alice, alice, as_bob, bobs_document, document, take_away
):
    page, bobs = Page(as_alice, document), Page(as_bob, bobs_document)
    await page.open()
    await bobs.open()
    await in_database(take_away)(alice)
    async with asyncio.timeout(SOON):
        assert await page.close_code() == 4401
    assert await bobs.answers() == []
    await page.leave()
    await bobs.leave()


async def test_a_sign_out_that_was_not_heard_of_closes_the_socket_too(
    as_alice, document, check_rights_often
):
    page = Page(as_alice, document)
    await page.open()
    await in_database(Session.objects.all().delete)()
    assert await page.close_code() == 4401
    await page.leave()


async def test_a_voice_that_was_edited_is_noticed_without_an_event(
    as_alice, document, voice, check_rights_often
):
    page = Page(as_alice, document)
    await page.open()
    await in_database(lambda: type(voice).objects.update(parameters={"ms_per_character": 90}))()
    await page.until("ready")
    await page.leave()


async def test_who_comes_or_goes_has_nobody_else_read_anew(
    as_alice, as_bob, document, bobs_document, monkeypatch, check_rights_often
):
    """A thousand sockets at rest were read again whenever one of them came."""
    read: list[str] = []
    read_again = consumers.ReadingSession.read_again

    async def noted(session):
        read.append(session.user.username)
        await read_again(session)

    monkeypatch.setattr(consumers.ReadingSession, "read_again", noted)
    page, bobs_page = Page(as_alice, document), Page(as_bob, bobs_document)
    await page.open()
    await asyncio.sleep(0.5)
    read.clear()
    await bobs_page.open()
    await asyncio.sleep(0.5)
    await bobs_page.leave()
    await asyncio.sleep(0.5)
    assert read == [], "Nor is who comes: what they were read from is compared."
    await page.leave()


async def test_a_sign_out_while_a_page_is_let_in_closes_it(as_alice, document, monkeypatch):
    """After it was asked whose the session is, and before it hears of the account's events."""
    begin = rights.Watch.begin

    async def late(watch):
        await in_database(as_alice.logout)()
        await begin(watch)

    monkeypatch.setattr(rights.Watch, "begin", late)
    assert await Page(as_alice, document).open_code() == 4401


@pytest.mark.usefixtures("static_files")
async def test_a_restart_with_a_new_key_signs_no_open_page_out(
    as_alice, document, settings, check_rights_often
):
    page = Page(as_alice, document)
    await page.open()
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "a new key, which is long enough to be one"
    again = Page(as_alice, document)
    await again.open()
    cookie = as_alice.cookies["sessionid"].value
    assert (await in_database(as_alice.get)("/")).status_code == 200
    assert as_alice.cookies["sessionid"].value == cookie, "Other requests still have it."
    await asyncio.sleep(0.3)
    assert await page.answers() == await again.answers() == []
    settings.SECRET_KEY_FALLBACKS = []
    assert (await in_database(as_alice.get)("/")).status_code == 200, "It was signed anew."
    await page.leave()
    await again.leave()


@pytest.mark.parametrize("trouble", [InterfaceError("connection is closed"), ZeroDivisionError()])
async def test_the_right_is_checked_again_whatever_went_wrong_before(
    as_alice, document, check_rights_often, monkeypatch, trouble
):
    page = Page(as_alice, document)
    await page.open()
    await page.want(0)
    failed = Event()

    def fail(**_):
        failed.set()
        raise trouble

    monkeypatch.setattr(consumers.wanting, "want_texts", fail)
    assert await asyncio.to_thread(failed.wait, 10)
    await asyncio.sleep(0.2)
    await in_database(as_alice.logout)()
    assert await page.close_code() == 4401
    await page.leave()


async def test_the_check_of_rights_comes_within_a_minute():
    assert rights.CHECK_RIGHT_SECONDS < 50
