"""Webhooks: signed, tried again, never where they should not; receivers that misbehave."""

import json
import threading
import time
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.utils import timezone

from reader import delivering
from reader.ingestion.importing import import_document
from reader.models import Delivery, Document, Webhook
from reader.services.documents import add_document
from reader.services.webhooks import add_webhook
from tests.conftest import make_document

pytestmark = pytest.mark.django_db(transaction=True)


class Receiver:
    """A program that is told. ``answers``: its next ones, each a status or seconds to wait."""

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.answers: list[int | float] = []
        self.location = ""
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.got.append(({k.lower(): v for k, v in self.headers.items()}, body))
                answer = receiver.answers.pop(0) if receiver.answers else 204
                if isinstance(answer, float):
                    time.sleep(answer)
                    answer = 200
                self.send_response(answer)
                if receiver.location:
                    self.send_header("Location", receiver.location)
                self.send_header("Content-Length", "0")
                self.end_headers()

            do_GET = do_POST

            def log_message(self, *_: object) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        threading.Thread(target=self.http.serve_forever, args=(0.02,), daemon=True).start()
        self.url = f"http://127.0.0.1:{self.http.server_address[1]}/hook"

    def stop(self) -> None:
        self.http.shutdown()
        self.http.server_close()


@pytest.fixture
def receiver(settings):
    settings.FETCH_PRIVATE_ADDRESSES = True
    receiver = Receiver()
    yield receiver
    receiver.stop()


def deliver_all() -> None:
    Delivery.objects.update(next_at=timezone.now())
    for delivery in Delivery.objects.due():
        delivering.deliver(delivery)


def hook_of(user, url, *events: str) -> tuple[Webhook, str]:
    return add_webhook(user=user, url=url, events=events or ["import.done", "export.done"])


def test_an_import_that_is_done_is_told_and_signed(alice, bob, voice, receiver):
    _, secret = hook_of(alice, receiver.url)
    hook_of(bob, receiver.url)
    document = make_document(alice, "Some words.", "A title")
    deliver_all()
    ((headers, body),) = receiver.got
    expected = delivering.signature(
        secret, headers["webhook-id"], headers["webhook-timestamp"], body
    )
    assert headers["webhook-signature"] == expected
    assert abs(int(headers["webhook-timestamp"]) - time.time()) < 60
    told = json.loads(body)
    assert (told["type"], told["id"]) == ("import.done", headers["webhook-id"])
    assert told["data"] == {
        "uuid": str(document.uuid),
        "title": "A title",
        "status": "ready",
        "error": "",
        "block_count": 1,
        "url": document.get_absolute_url(),
    }
    assert Delivery.objects.get().status == "done"
    deliver_all()
    assert len(receiver.got) == 1
    # What could not be brought in is told too.
    failed = add_document(owner=alice, text="…", kind="text")
    import_document(failed)
    deliver_all()
    assert json.loads(receiver.got[1][1])["data"]["status"] == "failed"
    assert secret not in Webhook.objects.filter(user=alice).get().sealed_secret


def test_a_receiver_that_is_down_is_asked_again_with_growing_pauses(alice, voice, receiver):
    hook_of(alice, receiver.url)
    make_document(alice, "Some words.")
    receiver.answers = [500, 503]
    pauses = []
    for status in (500, 503):
        delivering.deliver(Delivery.objects.get())
        waiting = Delivery.objects.get()
        assert (waiting.status, waiting.error) == ("waiting", f"It answered with {status}.")
        pauses.append(waiting.next_at - timezone.now())
        delivering.deliver(waiting)  # not before its time
        Delivery.objects.update(next_at=timezone.now())
    assert timedelta(seconds=2) < pauses[0] < pauses[1]
    delivering.deliver(Delivery.objects.get())
    assert Delivery.objects.get().status == "done"
    assert len(receiver.got) == 3
    assert len({headers["webhook-id"] for headers, _ in receiver.got}) == 1


def test_nobody_answers_at_all_and_it_is_given_up_in_the_end(alice, voice, receiver):
    hook_of(alice, receiver.url)
    receiver.stop()
    make_document(alice, "Some words.")
    for _ in range(len(delivering.PAUSES) + 1):
        assert Delivery.objects.get().status == "waiting"
        deliver_all()
    delivery = Delivery.objects.get()
    assert (delivery.status, delivery.error) == (
        "failed",
        "The site does not answer. Try again later.",
    )


def test_a_slow_receiver_is_not_waited_for_for_ever(alice, voice, receiver, monkeypatch):
    monkeypatch.setattr("reader.ingestion.posting.ANSWER_SECONDS", 0.3)
    hook_of(alice, receiver.url)
    make_document(alice, "Some words.")
    receiver.answers = [3.0]
    began = time.monotonic()
    deliver_all()
    assert time.monotonic() - began < 2.5
    assert "too long" in Delivery.objects.get().error


def test_a_redirect_is_not_followed(alice, voice, receiver):
    other = Receiver()
    hook_of(alice, receiver.url)
    make_document(alice, "Some words.")
    receiver.answers, receiver.location = [302], other.url
    deliver_all()
    assert Delivery.objects.get().error == "It answered with 302."
    assert other.got == []
    other.stop()


def test_private_addresses_are_told_nothing_unless_that_is_allowed(
    alice, voice, receiver, settings
):
    settings.FETCH_PRIVATE_ADDRESSES = False
    port = receiver.http.server_address[1]
    for url in (receiver.url, f"http://localhost:{port}/", f"http://0x7f.1:{port}/"):
        hook_of(alice, url)
    make_document(alice, "Some words.")
    deliver_all()
    assert Delivery.objects.count() == 3
    assert {"not on the public web" in each.error for each in Delivery.objects.all()} == {True}
    assert receiver.got == []


def test_two_workers_deliver_once(alice, voice, receiver):
    hook_of(alice, receiver.url)
    make_document(alice, "Some words.")
    first, second = Delivery.objects.get(), Delivery.objects.get()
    delivering.deliver(first)
    delivering.deliver(second)
    assert len(receiver.got) == 1


@pytest.mark.usefixtures("static_files")
def test_a_webhook_is_added_tested_and_removed_on_its_page(as_alice, as_bob, alice, receiver):
    page = "/settings/webhooks/"
    assert as_alice.post(page, {"url": "ftp://x", "events": ["import.done"]}).status_code == 422
    assert as_alice.post(page, {"url": receiver.url}).status_code == 422
    made = as_alice.post(page, {"url": receiver.url, "events": ["import.done"]})
    assert made.status_code == 201
    assert made.context["secret"].startswith("whsec_")
    assert made.context["secret"] not in as_alice.get(page).content.decode()
    hook = Webhook.objects.get()
    assert as_bob.post(f"{page}{hook.pk}/test/").status_code == 404
    assert as_bob.post(f"{page}{hook.pk}/delete/").status_code == 404
    as_alice.post(f"{page}{hook.pk}/test/")
    assert b'"type": "test"' in receiver.got[0][1]
    receiver.answers = [500]
    as_alice.post(f"{page}{hook.pk}/test/")
    assert [each.status for each in Delivery.objects.all()] == ["failed", "done"]
    assert "not told" in as_alice.get(page).content.decode()
    as_alice.post(f"{page}{hook.pk}/delete/")
    assert not Webhook.objects.exists()
    assert not Document.objects.exists()
