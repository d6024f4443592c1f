"""The queue: one document after the other, and the next one ready when this one ends."""

import pytest

from reader.models import Collection, Document, QueueItem, User
from reader.services import queueing
from tests.conftest import make_document
from tts import synthesis
from tts.models import AudioVariant

from .conftest import page_of, place, titles

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("static_files")]


@pytest.fixture
def three(alice, voice) -> list[Document]:
    return [make_document(alice, f"Number {n} one.\n\nNumber {n} two.", f"D{n}") for n in range(3)]


def put(client, documents, where: str) -> None:
    client.post("/documents/several/", {"uuid": [d.uuid for d in documents], "act": where})


def queued(user) -> list[str]:
    return [str(item.document) for item in queueing.queue_of(user)]


def test_documents_are_played_next_and_last(as_alice, alice, three):
    put(as_alice, three[:1], "last")
    put(as_alice, three[1:2], "last")
    put(as_alice, three[2:], "next")
    assert queued(alice) == ["D2", "D0", "D1"]
    put(as_alice, three[1:2], "next")
    assert queued(alice) == ["D1", "D2", "D0"]
    page = page_of(as_alice, "/queue/")
    assert page.index("D1") < page.index("D2") < page.index("D0")


def test_the_order_is_changed_as_a_whole_and_by_one(as_alice, alice, three):
    put(as_alice, three, "last")
    order = [three[n].uuid for n in (2, 0, 1)]
    as_alice.post("/queue/order/", {"uuid": order})
    assert queued(alice) == ["D2", "D0", "D1"]
    as_alice.post("/queue/order/", {"uuid": order[1], "move": "-1"})
    assert queued(alice) == ["D0", "D2", "D1"]
    as_alice.post("/queue/order/", {"uuid": order[1], "move": "-1"})
    assert queued(alice) == ["D0", "D2", "D1"]
    assert as_alice.post("/queue/order/", {"uuid": "x"}).status_code == 422
    as_alice.post(f"/queue/{three[2].uuid}/remove/")
    assert queued(alice) == ["D0", "D1"]
    as_alice.post("/queue/clear/")
    assert queued(alice) == []


def test_a_collection_is_played_as_the_queue_in_its_order(as_alice, alice, three):
    put(as_alice, three[:1], "last")
    as_alice.post(
        "/documents/several/", {"uuid": [d.uuid for d in three[1:]], "act": "put", "name": "C"}
    )
    answer = as_alice.post("/queue/play/", {"collection": str(Collection.objects.get().uuid)})
    assert answer["Location"] == f"/documents/{three[1].uuid}/?play=1"
    assert queued(alice) == ["D1", "D2"]


def test_at_its_end_a_document_leaves_the_queue_and_the_next_is_told(as_alice, alice, three):
    put(as_alice, three, "last")
    place(three[1], 1, 900)  # heard to its end before
    answer = as_alice.post(f"/queue/{three[0].uuid}/next/")
    assert answer.json() == {"address": f"/documents/{three[1].uuid}/?play=1#block-0"}
    assert queued(alice) == ["D1", "D2"]
    assert as_alice.post(f"/queue/{three[1].uuid}/next/").json() == {
        "address": f"/documents/{three[2].uuid}/?play=1"
    }
    assert as_alice.post(f"/queue/{three[2].uuid}/next/").json() == {"address": None}
    assert len(titles(as_alice)) == 3
    as_alice.post("/queue/finished/", {"archive": "on"})
    as_alice.post(f"/queue/{three[2].uuid}/next/")
    assert titles(as_alice) == ["D1", "D0"]


def test_the_first_blocks_of_the_next_are_made_before_this_one_ends(as_alice, three, voice):
    put(as_alice, three, "last")
    answer = as_alice.post(
        f"/queue/{three[0].uuid}/ready/", {"sound": ""}, content_type="application/json"
    )
    address = f"/documents/{three[1].uuid}/?play=1"
    assert answer.json() == {"next": {"title": "D1", "address": address}}
    while synthesis.take_turn(voice.speech_model):
        pass
    made = AudioVariant.objects.filter(status="cached").values_list("text", flat=True)
    assert sorted(made) == ["Number 1 one.", "Number 1 two."]


def test_each_has_a_queue_of_their_own(as_alice, as_bob, bob, three):
    put(as_bob, three, "last")
    assert not QueueItem.objects.exists()
    put(as_alice, three, "last")
    for what in ("ready", "next"):
        assert as_bob.post(f"/queue/{three[0].uuid}/{what}/").status_code == 404
    as_bob.post("/queue/clear/")
    as_bob.post("/queue/order/", {"uuid": [three[2].uuid]})
    assert queued(User.objects.get(username="alice")) == ["D0", "D1", "D2"]
    assert "Nothing is queued" in page_of(as_bob, "/queue/")
