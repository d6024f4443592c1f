"""Real workers and a real server: it is asked for what is wanted, and for no more at once."""

import time
from contextlib import ExitStack

import pytest

from tests.speech_server import Answer
from tests.worker import running_worker, wait_until
from tts import synthesis
from tts.models import AudioVariant, Status

from .conftest import Listener, turns

pytestmark = pytest.mark.django_db(transaction=True)

LISTENERS, TEXTS = 10, 4


@pytest.fixture(params=["threads"])
def two_workers(tmp_path, request):
    """Two waiters with five threads each."""
    with ExitStack() as stack:
        for name in ("one", "two"):
            stack.enter_context(
                running_worker(
                    data_dir=tmp_path,
                    tone_log=tmp_path / "tone.log",
                    concurrency=5,
                    queues="openai",
                    name=name,
                    pool=request.param,
                )
            )
        yield


def all_made() -> bool:
    synthesis.recover()  # as beat does
    return AudioVariant.objects.exclude(status=Status.CACHED).count() == 0


@pytest.mark.parametrize("limit", [1, 8])
def test_a_server_is_never_asked_for_more_at_once_than_it_may(
    limit, server, server_model, two_workers
):
    server_model.concurrency = limit
    server_model.timeout_seconds = 20
    server_model.save()
    # So long that as many as may be are at once, however busy the machine is.
    server.usual = Answer(first_ms=100 * limit, pace=100)
    voice = server_model.voices.get(voice_slug="300")
    for n in range(LISTENERS):
        Listener(voice, f"listener-{n}").want(
            *(f"Sentence {number} of listener {n} is spoken." for number in range(TEXTS))
        )
    wait_until(all_made, 60)
    assert server.most_at_once == limit
    texts = [request.text for request in server.spoken]
    assert len(texts) == len(set(texts)) == LISTENERS * TEXTS


def test_a_server_is_not_asked_for_more_in_a_minute_than_it_may(server, server_model, two_workers):
    server_model.requests_per_minute = 60  # ten at once, then one a second
    server_model.save()
    voice = server_model.voices.get(voice_slug="300")
    began = time.time()
    Listener(voice, "ann").want(*(f"Sentence {number} is spoken." for number in range(14)))
    wait_until(all_made, 60)
    assert len(server.spoken) == 14
    assert max(request.at for request in server.spoken) - began >= 3.5


def test_a_server_that_is_asked_for_too_much_is_left_alone_for_as_long_as_it_says(
    server, server_model, two_workers
):
    server.next.append(Answer(429, headers={"Retry-After": "2"}, body="{}"))
    voice = server_model.voices.get(voice_slug="300")
    ann = Listener(voice, "ann")
    texts = [f"Sentence {number} is spoken." for number in range(20)]
    server.usual = Answer(first_ms=100)

    def ann_has_all() -> bool:
        ann.want(*texts)  # as a session does
        return all_made()

    wait_until(ann_has_all, 60)
    refused = server.spoken[0].at
    # What was asked for before the refusal had come is all that is asked within the pause.
    early = [request for request in server.spoken if request.at < refused + 1.9]
    assert len(early) <= 10
    assert len(server.spoken) == 21  # the one that was refused was asked for again
    assert AudioVariant.objects.filter(status=Status.ERROR).count() == 0


def test_after_a_change_of_voice_nothing_queued_in_the_old_one_is_asked_for(
    server, server_model, two_workers
):
    server_model.concurrency = 2
    server_model.save()
    server.usual = Answer(first_ms=300)
    old, new = (server_model.voices.get(voice_slug=slug) for slug in ("300", "500"))
    texts = [f"Block number {number} of twenty is spoken." for number in range(20)]
    Listener(old, "ann").want(*texts)
    wait_until(lambda: len(server.spoken) >= 1)
    Listener(old, "ann").want()
    begun = {request.text for request in server.spoken}
    Listener(new, "ann").want(*texts)
    wait_until(
        lambda: (
            AudioVariant.objects.filter(voice=new, status=Status.CACHED).count() == len(texts)
            and turns("openai") == 0
        ),
        60,
    )
    in_old = [request.text for request in server.spoken if request.voice == "300"]
    assert begun <= set(in_old)
    assert len(in_old) <= 2  # what the two slots had taken up
    assert set(in_old) == set(texts[: len(in_old)])
    # What the slots had taken up is whole, or was broken off when nobody wanted it any more.
    of_old = AudioVariant.objects.filter(voice=old).values_list("status", flat=True)
    assert set(of_old) <= {Status.QUEUED, Status.CACHED}
    assert list(of_old).count(Status.QUEUED) >= 20 - len(in_old)
