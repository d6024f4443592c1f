"""So many at once of a speech model, and so many in a minute."""

import time

import pytest

from tts import synthesis
from tts.connections import redis_client
from tts.demand import coming, limits
from tts.models import SpeechModel

from .conftest import configure, run_together, turns

pytestmark = pytest.mark.django_db(transaction=True)


def limited(pk: int = 1, **limits) -> SpeechModel:
    return SpeechModel(pk=pk, **limits)


def test_no_more_slots_than_the_limit():
    model = limited(concurrency=2)
    assert [limits.acquire(model, holder) for holder in "abc"] == [True, True, False]
    limits.release(model, "a")
    assert limits.acquire(model, "c")
    assert not limits.acquire(model, "d")


def test_models_have_slots_of_their_own():
    assert limits.acquire(limited(1, concurrency=1), "a")
    assert limits.acquire(limited(2, concurrency=1), "b")


def test_a_limit_of_0_is_none():
    assert all(limits.acquire(limited(), str(n)) for n in range(100))
    assert redis_client().keys() == []


def test_the_slot_of_a_killed_worker_is_freed(settings):
    settings.SPEECH_LEASE_SECONDS = 0.1
    model = limited(concurrency=1)
    assert limits.acquire(model, "a")
    assert not limits.acquire(model, "b")
    time.sleep(0.15)
    assert limits.acquire(model, "b")


def test_a_renewed_slot_is_kept(settings):
    settings.SPEECH_LEASE_SECONDS = 0.2
    model = limited(concurrency=1)
    assert limits.acquire(model, "a")
    for _ in range(4):
        time.sleep(0.1)
        limits.renew(model, "a")
    assert not limits.acquire(model, "b")


def test_a_slot_that_was_lost_is_not_renewed():
    model = limited(concurrency=1)
    limits.renew(model, "a")
    assert limits.acquire(model, "b")


def test_no_more_are_begun_in_a_minute_than_the_rate():
    model = limited(requests_per_minute=60)
    assert sum(limits.acquire(model, str(n)) for n in range(100)) == 10  # a sixth, at once
    time.sleep(1.1)
    assert sum(limits.acquire(model, str(n)) for n in range(100)) == 1


def test_a_turn_that_begins_nothing_gives_its_token_back():
    model = limited(requests_per_minute=6)
    assert limits.acquire(model, "a")
    limits.release(model, "a", unused=True)
    assert limits.acquire(model, "b")
    limits.release(model, "b")
    assert not limits.acquire(model, "c")


def test_a_turn_at_the_limit_ends_and_who_finishes_gives_the_next(ann, model, begun):
    model.concurrency = 1
    model.save()
    ann.want("One.", "Two.")
    redis_client().delete("tone", *redis_client().keys("*:coming:*"))  # as who takes it up does
    assert limits.acquire(model, "another worker")
    assert synthesis.take_turn(model) is None
    assert begun() == []
    limits.release(model, "another worker")
    assert synthesis.take_turn(model) is not None
    assert turns() == 1
    assert synthesis.take_turn(model) is not None
    assert turns() == 1  # nothing more is wanted
    assert begun() == ["One.", "Two."]


def test_where_many_are_at_work_one_more_turn_at_a_time_is_sent(model):
    """They go on with what is wanted, and call for help where that takes long."""
    model.concurrency = 40
    for n in range(coming.MOST - 1):
        assert limits.acquire(model, str(n))
    names = coming.announce(model, coming.MOST)
    assert len(names) == coming.MOST
    for name in names:
        coming.arrived(model.pk, name)
    assert limits.acquire(model, "one more")
    assert [len(coming.announce(model, 3)) for _ in range(5)] == [1, 1, 1, 1, 0]


def test_no_more_at_once_than_the_limit(ann, model, begun, tmp_path):
    configure(model, first_ms=150)
    model.concurrency = 2
    model.save()
    ann.want(*(f"Number {n}." for n in range(6)))
    run_together([lambda: synthesis.take_turn(model)] * 6)
    assert len(begun()) == 2
