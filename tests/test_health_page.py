"""The page of the admin that tells how all is."""

from __future__ import annotations

import re
import threading
from datetime import timedelta
from html import unescape

import pytest
from django.urls import reverse

from config.health import stored, views
from config.health.heartbeats import Heartbeat, beat
from reader.models import Delivery, Document, Export, Preparation, Webhook
from tests.conftest import make_document
from tests.reader.conftest import make_sounds, sound_url, want
from tests.reader.staff import fail, staff_with
from tts import clock, synthesis
from tts.connections import redis_client
from tts.demand import breaker, figures, wants
from tts.models import AudioVariant, SpeechModel, Status
from tts.speech import SpeechError

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("static_files")]


@pytest.fixture
def watcher():
    """Somebody of the staff who may see the page, and do nothing."""
    return staff_with("view_installation")


@pytest.fixture
def keeper():
    return staff_with("change_installation")


@pytest.fixture(autouse=True)
def _look_anew():
    views.forget()
    yield
    views.forget()


def page(client) -> str:
    views.forget()
    response = client.get(reverse("health"))
    assert response.status_code == 200
    told = " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())
    return re.sub(r"\b\d s ago", "0 s ago", told)  # however busy the machine is


def press(client, do: str, model: SpeechModel) -> str:
    data = {"do": do, "model": model.pk}
    return client.post(reverse("health_act"), data, follow=True).content.decode()


def test_it_tells_of_processes_and_of_one_that_stopped(watcher, voice):
    beat(Heartbeat(kind="speech", node="speech@here", busy=1, queues=["tone"]))
    beat(Heartbeat(kind="jobs", node="jobs@here", queues=["jobs"]))
    told = page(watcher)
    assert "speech speaks; 1 at work. 0 s ago speech@here" in told
    assert "jobs imports, exports, prepares, mends; waits for work. 0 s ago jobs@here" in told
    _let_it_age("jobs@here", 40)
    told = page(watcher)
    told = re.sub(r"\b4\d s ago", "40 s ago", told)
    assert "jobs It makes no progress: it is replaced, or was ended. 40 s ago jobs@here" in told
    assert "Something does not work" in told


def _let_it_age(node: str, seconds: float) -> None:
    key = "lectern:heartbeats"
    held = redis_client().hget(key, node).decode()
    at = float(re.findall(r'"at": ([\d.]+)', held)[0])
    redis_client().hset(key, node, held.replace(str(at), str(at - seconds)))


def test_it_tells_what_waits_and_what_went_wrong(watcher, document, voice, alice):
    variants = want(document, voice)
    fail(variants[0], "The server is on fire.")
    Document.objects.create(owner=alice, status="failed", error="It is no PDF.", source="x")
    told = page(watcher)
    # Todo, running, done, dead: how many, and since when.
    assert re.search(r"Tone In order\. 2 \d s 0 0 1 0 s ago none", told), told
    assert "The server is on fire." in told
    assert "An import of alice 0 s ago It is no PDF." in told
    assert "Import 0 0 1 0 s ago 1 0 s ago" in told


def test_what_nobody_wants_any_more_is_not_to_be_done(watcher, document, voice):
    variants = want(document, voice, listener="one")
    want(document, voice, listener="another")
    synthesis.take_turn(voice.speech_model)
    assert re.search(r"Tone In order\. 2 \d s 0 1 \d s ago 0 none", page(watcher)), page(watcher)
    wants.forget(voice.speech_model_id, "one")
    assert re.search(r"Tone In order\. 2 \d s 0 1 ", page(watcher)), page(watcher)
    wants.forget(voice.speech_model_id, "another")
    assert re.search(r"Tone In order\. 0 0 1 \d s ago 0 none", page(watcher)), page(watcher)
    assert AudioVariant.objects.filter(status=Status.QUEUED).count() == len(variants) - 1


def test_what_went_wrong_alike_is_told_once(watcher, document, voice):
    for variant in want(document, voice):
        fail(variant, "The server is on fire.")
    told = page(watcher)
    assert told.count("The server is on fire.") == 1
    assert re.search(r"A sound in [^.]+ 0 s ago, 3 times The server is on fire\.", told), told


def test_it_tells_of_each_task_by_its_name(watcher, document, voice, alice):
    now, later = clock.now(), clock.now() + timedelta(minutes=1)
    ago = now - timedelta(minutes=5)
    Document.objects.create(owner=alice, changed_at=ago)
    Document.objects.create(owner=alice, attempt=1, changed_at=ago)
    Document.objects.filter(pk=document.pk).update(reread_wanted=ago, speech_asked=1)
    prepared = Preparation.objects.create(document=document, user=alice, voice=voice)
    Preparation.objects.filter(pk=prepared.pk).update(lease_until=later)
    for status in ("queued", "running", "done", "error"):
        Export.objects.create(
            document=document, owner=alice, kind="m4b", status=status, changed_at=ago,
            error="No." if status == "error" else "", file="exports/x", bytes=7,
        )  # fmt: skip
    hook = Webhook.objects.create(user=alice, url="https://a.example/")
    Delivery.objects.create(webhook=hook, event="import", payload={})
    make_sounds(document, voice)
    AudioVariant.objects.update(marks_source="", changed_at=ago)
    gone = Document.objects.create(owner=alice, deleted_at=ago, purge_at=ago)
    told = page(watcher)
    assert "Import 1 5 min 1 5 min 1" in told
    assert "Read again, by newer rules 1 5 min 0 – 0" in told
    assert "Apply rules and words 1 0 – –" in told
    assert re.search(r"Prepare a document's sound 0 1 \d s 0 0", unescape(told))
    assert "Export 1 5 min 1 5 min 1 5 min ago 1 5 min ago" in told
    assert "Find the times of words 3 5 min – – –" in told
    assert "Fetch a voice 0 0 0 0" in told
    assert re.search(r"Tell a webhook 1 \d s 0 0 0", told)
    assert "Delete for good 1 5 min – – –" in told
    gone.delete()


def test_it_tells_what_is_whose(watcher, alice, bob, document, voice):
    make_sounds(document, voice)
    bobs = make_document(bob, "The first paragraph is about the sea.\n\n" * 2)
    bytes_of = dict(AudioVariant.objects.values_list("text_hash", "bytes"))
    Export.objects.create(
        document=document, owner=alice, kind="m4b", status="done", file="exports/x", bytes=5_000_000
    )
    stored.forget()
    alices, of_bob = stored.by_person()
    assert (alices.username, alices.documents, alices.exports) == ("alice", 1, 5_000_000)
    assert alices.sounds == sum(bytes_of.values())
    assert (of_bob.username, of_bob.exports) == ("bob", 0)
    assert of_bob.sounds == bytes_of[bobs.blocks.first().text_hash], "Once, though read twice."
    assert of_bob.files == bobs.source_bytes
    assert re.search(r"alice 1 \d+ bytes 4\.8 MB [\d.]+ KB 4\.8 MB", page(watcher)), page(watcher)


def test_a_server_that_is_down_is_told_with_what_to_do(watcher, document, voice):
    variant = want(document, voice)[0]
    error = SpeechError("It does not answer.", retryable=True, scope="model", advice="Start it.")
    breaker.trip(AudioVariant.objects.select_related("voice__speech_model").get(pk=variant.pk),
                 error, 0)  # fmt: skip
    assert "It does not answer. Start it. Tried again in" in page(watcher)


def test_it_counts_what_was_made_and_heard(watcher, as_alice, document, voice):
    variant = make_sounds(document, voice)[0]
    etag = as_alice.get(sound_url(variant)).headers["ETag"]
    as_alice.get(sound_url(variant), headers={"If-None-Match": etag})
    (*_, now) = figures.last_day()
    assert now.counts[figures.MADE] == 3
    assert (now.counts[figures.STORED], now.counts[figures.UNCHANGED]) == (1, 1)
    assert "Sounds made at most 3 an hour; now 3" in page(watcher)
    assert 'lectern_this_hour{what="made"} 3.0' in watcher.get("/metrics").content.decode()


def test_what_another_thread_is_just_writing_is_counted(voice, monkeypatch):
    add, is_at_it, may_go_on = figures._add, threading.Event(), threading.Event()

    def slowly(counts):
        is_at_it.set()
        assert may_go_on.wait(10)
        add(counts)

    monkeypatch.setattr(figures, "_add", slowly)
    figures.note(made=1)
    assert is_at_it.wait(10)
    threading.Timer(0.2, may_go_on.set).start()
    assert figures.last_day()[-1].count(figures.MADE) == 1


def test_figures_of_the_past_expire(voice):
    figures.note(made=1)
    figures.write()
    (key,) = redis_client().keys("lectern:figures:*")
    assert 24 * 3600 < redis_client().ttl(key) <= figures.KEPT_SECONDS


def test_a_page_can_be_seen_without_redis(watcher, voice, settings, monkeypatch):
    watcher.get("/")  # signed in
    monkeypatch.setattr(figures, "_away_until", 0.0)
    monkeypatch.setattr(redis_client(), "execute_command", _away)
    monkeypatch.setattr("redis.client.Pipeline.execute", _away)
    told = page(watcher)
    assert "Their heartbeats are in Redis, which does not answer." in told
    assert "Not known: Redis does not answer." in told


def _away(*arguments, **options):
    from redis import RedisError

    raise RedisError("It is away.")


def test_buttons_are_for_those_who_may_change(watcher, voice):
    assert 'name="do"' not in watcher.get(reverse("health")).content.decode()
    response = watcher.post(reverse("health_act"), {"do": "pause", "model": voice.speech_model_id})
    assert response.status_code == 403
    assert SpeechModel.objects.get(pk=voice.speech_model_id).enabled


def test_a_model_is_paused_and_resumed(keeper, voice):
    model = voice.speech_model
    assert "paused" in press(keeper, "pause", model)
    assert not SpeechModel.objects.get(pk=model.pk).enabled
    assert "Paused." in page(keeper)
    assert "resumed" in press(keeper, "resume", model)
    assert SpeechModel.objects.get(pk=model.pk).enabled


def test_what_failed_is_tried_again_or_cleared(keeper, alice, document, voice):
    first, second, _ = want(document, voice)
    other = want(make_document(alice, "Something else."), voice)[0]
    fail(first)
    assert "1 failed sounds are made again" in press(keeper, "try_again", voice.speech_model)
    assert AudioVariant.objects.get(pk=first.pk).status == Status.QUEUED
    fail(second)
    assert "1 failed sounds were cleared" in press(keeper, "clear", voice.speech_model)
    assert not AudioVariant.objects.filter(pk=second.pk).exists()
    assert AudioVariant.objects.filter(pk=other.pk).exists()


@pytest.mark.parametrize("data", [{}, {"do": "x", "model": "1"}, {"do": "pause", "model": "x"}])
def test_what_is_no_button_is_404(keeper, data):
    assert keeper.post(reverse("health_act"), data).status_code == 404
