"""Who may listen: at the handshake, and for as long as the socket is open."""

import asyncio
from threading import Event

import pytest
from django.db import InterfaceError
from django.test import Client

from reader import deleting
from reader.consumers import session as consumers
from reader.models import Document, Position
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


async def test_signing_out_closes_the_socket_with_4401(as_alice, document, check_rights_often):
    page = Page(as_alice, document)
    await page.open()
    await in_database(as_alice.logout)()
    assert await page.close_code() == 4401
    await page.leave()


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


async def test_a_changed_password_closes_the_sockets_of_other_sessions(
    as_alice, alice, document, check_rights_often
):
    page = Page(as_alice, document)
    await page.open()
    alice.set_password("another-long-password")
    await in_database(alice.save)()
    assert await page.close_code() == 4401
    await page.leave()


async def test_the_check_of_rights_comes_within_a_minute():
    assert consumers.CHECK_RIGHT_SECONDS + consumers.LOOK_AGAIN_SECONDS < 60
