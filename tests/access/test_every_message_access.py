"""Every message of the socket, for everybody: it is carried out for the owner alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, get_args, get_type_hints

import pytest
from django.db.models import Model
from django.test import Client

from reader import events
from reader.models import Document, Position, User
from tests.conftest import make_document
from tests.reader.page import Closed, Page, in_database
from tts.models import AudioVariant

pytestmark = pytest.mark.django_db(transaction=True)


@dataclass(frozen=True)
class Row:
    """What is sent, what answers the owner, and what names blocks that the document has not."""

    content: dict[str, Any]
    answers: set[str]  # of these types, if any
    leaves: type[Model] | None = None  # a row of it
    beyond: dict[str, Any] = field(default_factory=dict)


ROWS = {
    "set_voice": Row({"model_slug": "tone", "voice_slug": "tone-500"}, {"ready"}),
    "synthesize": Row({"block_indices": [0]}, {"status"}, AudioVariant, {"block_indices": [99]}),
    "cancel": Row({}, set()),
    "save_position": Row(
        {"block_idx": 1, "offset_ms": 0}, set(), Position, {"block_idx": 99, "offset_ms": 0}
    ),
    "ping": Row({}, {"pong"}),
}


def messages() -> set[str]:
    return {get_args(get_type_hints(each)["type"])[0] for each in events.FROM_PAGE}


@pytest.fixture
def root(db) -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("root", password="r-long-password"))
    return client


@pytest.fixture
def bobs_document(bob, voice) -> Document:
    return make_document(bob, "Bob's paragraph is about the weather.", "Bob's own")


def test_every_message_has_a_row():
    assert set(ROWS) == messages()


@pytest.mark.parametrize("name", ROWS)
async def test_it_is_carried_out_for_the_owner_alone(
    name, as_alice, as_bob, root, document, bobs_document
):
    row = ROWS[name]
    for client, code in ((as_bob, 4404), (root, 4404), (Client(), 4401)):
        assert await refused(client, document, name, row.content) == code
    assert not await in_database(AudioVariant.objects.exists)()
    assert not await in_database(Position.objects.exists)()
    for count, (client, own) in enumerate(((as_bob, bobs_document), (as_alice, document)), 1):
        content = row.content | ({"block_idx": 0} if "block_idx" in row.content else {})
        page = Page(client, own)
        await page.open()
        assert {each["type"] for each in await page.ask(name, **content)} <= row.answers
        if row.leaves:
            assert await in_database(row.leaves.objects.count)() == count
        if row.beyond:
            (error,) = await page.ask(name, **row.beyond)
            assert (error["type"], error["code"]) == ("error", "bad_index")
        await page.leave()


async def refused(client: Client, document: Document, name: str, content: dict[str, Any]) -> int:
    """Send a message before the answer to the handshake is looked at; return the closing code."""
    page = Page(client, document)
    await page._socket.connect()
    await page.send(name, **content)
    try:
        told = await page.next()
    except Closed as closed:
        return closed.code
    raise AssertionError(f"It was told {told}.")
