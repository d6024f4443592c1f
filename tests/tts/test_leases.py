"""What a worker held that died, and turns that were lost."""

import threading
import time
from datetime import timedelta

import pytest
import redis
from django.db import OperationalError
from django.utils import timezone

from tts import synthesis
from tts.connections import redis_client
from tts.demand import limits
from tts.models import AudioVariant, Status
from tts.synthesis import leases

from .conftest import (
    TEXT,
    again,
    claim_and_die,
    configure,
    end_pause,
    expire,
    files,
    in_own_thread,
    turns,
)

pytestmark = pytest.mark.django_db(transaction=True)


# --- leases -------------------------------------------------------------------------------------


def test_an_expired_lease_is_given_back_and_made_by_the_next_attempt(ann, model):
    (variant,) = ann.want(TEXT)
    claim_and_die(variant)
    synthesis.recover()
    variant = again(variant)
    assert (variant.status, variant.attempt) == (Status.QUEUED, 1)
    assert "died" in variant.error
    end_pause(variant)
    ann.want(TEXT)
    synthesis.take_turn(model)
    variant = again(variant)
    assert (variant.status, variant.attempt, variant.error) == (Status.CACHED, 2, "")


def test_a_lease_that_holds_is_left_alone(ann):
    (variant,) = ann.want(TEXT)
    assert again(variant).claim()
    synthesis.recover()
    assert again(variant).status == Status.PROCESSING


def test_what_kills_its_workers_is_given_up(ann, settings):
    (variant,) = ann.want(TEXT)
    for attempt in range(settings.SPEECH_MAX_ATTEMPTS):
        assert again(variant).status == Status.QUEUED, attempt
        claim_and_die(variant)
        synthesis.recover()
    variant = again(variant)
    assert variant.status == Status.ERROR
    assert variant.attempt == settings.SPEECH_MAX_ATTEMPTS
    assert variant.retryable
    assert variant.error


def make_while_others_recover(model) -> None:
    making = threading.Thread(target=in_own_thread(lambda: synthesis.take_turn(model)))
    making.start()
    while making.is_alive():
        synthesis.recover()
        time.sleep(0.1)


def test_a_slow_engine_keeps_its_lease(ann, model, settings):
    settings.SPEECH_LEASE_SECONDS = 1
    configure(model, first_ms=1800)
    (variant,) = ann.want(TEXT)
    make_while_others_recover(model)
    variant = again(variant)
    assert (variant.status, variant.attempt) == (Status.CACHED, 1)


def test_an_engine_that_is_slow_when_its_voice_is_measured_keeps_its_lease(ann, model, settings):
    settings.LOUDNESS = -19.0
    settings.SPEECH_LEASE_SECONDS = 1
    configure(model, first_ms=1800)
    (variant,) = ann.want(TEXT)
    make_while_others_recover(model)
    variant = again(variant)
    assert (variant.status, variant.attempt) == (Status.CACHED, 1)
    assert variant.voice.gain_recipe  # it was measured


@pytest.mark.parametrize(
    ("owner", "name", "error"),
    [
        (AudioVariant, "renew_lease", OperationalError("database is locked")),
        (limits, "renew", redis.ConnectionError("Redis restarts")),
    ],
)
def test_a_lease_that_once_could_not_be_renewed_is_renewed_later(
    ann, model, settings, monkeypatch, owner, name, error
):
    settings.SPEECH_LEASE_SECONDS = 1
    configure(model, first_ms=1800)
    (variant,) = ann.want(TEXT)
    renew, errors = getattr(owner, name), [error]

    def fail_then_renew(*args):
        if errors:
            raise errors.pop()
        return renew(*args)

    monkeypatch.setattr(owner, name, fail_then_renew)
    make_while_others_recover(model)
    variant = again(variant)
    assert not errors
    assert (variant.status, variant.attempt) == (Status.CACHED, 1)


def test_a_worker_that_lost_its_lease_leaves_nothing_behind(ann, model):
    """It was taken for dead, and another has made the sound when it is done."""
    ann.want(TEXT)
    slow = again(ann.want(TEXT)[0])
    assert slow.claim()
    expire(slow)
    synthesis.recover()
    end_pause(slow)
    ann.want(TEXT)
    made = synthesis.take_turn(model)
    synthesis.make(slow)
    variant = again(slow)
    assert (variant.status, variant.attempt, variant.revision) == (
        Status.CACHED,
        2,
        made.revision,
    )
    assert files() == [variant.file.name]


def test_a_worker_notices_that_its_lease_is_lost_and_stops(ann, model, settings):
    settings.SPEECH_LEASE_SECONDS = 1
    configure(model, ms_per_character=400, pace=1)  # ten seconds, which is not too long for it
    (variant,) = ann.want(TEXT)
    variant = again(variant)
    assert variant.claim()
    making = threading.Thread(target=in_own_thread(lambda: synthesis.make(variant)))
    started = time.monotonic()
    making.start()
    AudioVariant.objects.all().delete()
    making.join(60)
    assert time.monotonic() - started < 6
    assert files() == []


def test_an_attempt_whose_process_ends_is_broken_off_although_it_is_wanted(ann):
    (variant,) = ann.want(TEXT)
    variant = again(variant)
    assert variant.claim()
    with leases.Lease(variant, lambda: None, may_end=True) as lease:
        leases.end_all()
        time.sleep(5 * leases.LOOK_SECONDS)  # it is looked who wants it meanwhile
        assert lease.unwanted


def test_a_variant_deleted_while_it_is_made_leaves_no_file(ann, model):
    variant = again(ann.want(TEXT)[0])
    assert variant.claim()
    AudioVariant.objects.all().delete()
    synthesis.make(variant)
    assert files() == []


# --- lost turns ---------------------------------------------------------------------------------


def test_a_lost_turn_is_sent_again(ann):
    (variant,) = ann.want(TEXT)
    redis_client().delete("tone")  # as when Redis forgets its queues
    synthesis.recover()
    assert turns() == 0  # it may yet come up
    long_ago = timezone.now() - timedelta(minutes=1)
    AudioVariant.objects.filter(pk=variant.pk).update(enqueued_at=long_ago)
    synthesis.recover()
    assert turns() == 1
    synthesis.recover()
    assert turns() == 1


def test_a_lost_turn_of_what_nobody_wants_is_not_sent_again(ann):
    ann.want(TEXT)
    ann.want()
    redis_client().delete("tone")
    AudioVariant.objects.update(enqueued_at=None)
    synthesis.recover()
    assert turns() == 0
