"""Processes agree on leases and pauses, whatever their own clocks say."""

import time
from types import SimpleNamespace

import pytest

from config.settings import BASE_DIR
from tests.worker import wait_until
from tts import clock
from tts.connections import redis_client
from tts.models import AudioVariant, Status

HOUR = 3600


@pytest.fixture
def own(monkeypatch):
    """The clock of this process, which can be set: ``ahead`` by so many seconds."""
    own = SimpleNamespace(ahead=0.0, monotonic=time.monotonic)
    own.time = lambda: time.time() + own.ahead
    monkeypatch.setattr(clock, "time", own)
    monkeypatch.setattr(clock, "_measured", clock.Measured(0.0, float("-inf"), 0.0))
    return own


@pytest.fixture
def no_redis(settings, tmp_path):
    settings.REDIS_URL = f"unix://{tmp_path}/none.sock"
    redis_client.cache_clear()
    yield
    redis_client.cache_clear()


pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("ahead", [HOUR, -HOUR, 0.0])
def test_the_time_is_that_of_redis(own, ahead):
    own.ahead = ahead
    assert clock.epoch_seconds() == pytest.approx(time.time(), abs=5)
    assert clock.now().timestamp() == pytest.approx(time.time(), abs=5)


def test_a_clock_that_is_set_is_noticed_at_once(own):
    assert clock.epoch_seconds() == pytest.approx(time.time(), abs=5)
    own.ahead = -HOUR
    assert clock.epoch_seconds() == pytest.approx(time.time(), abs=5)


def test_without_redis_what_is_known_holds(own, monkeypatch, settings, tmp_path):
    own.ahead = HOUR
    clock.epoch_seconds()
    settings.REDIS_URL = f"unix://{tmp_path}/none.sock"
    redis_client.cache_clear()
    try:
        own.ahead = HOUR / 2  # set meanwhile: by how much is seen without anybody else
        assert clock.epoch_seconds() == pytest.approx(time.time(), abs=5)
    finally:
        redis_client.cache_clear()


def test_without_redis_from_the_beginning_it_is_ones_own(own, no_redis):
    assert clock.epoch_seconds() == pytest.approx(time.time(), abs=5)


def test_redis_is_asked_once_in_a_while(own):
    clock.epoch_seconds()
    calls = redis_client().info("commandstats")["cmdstat_time"]["calls"]
    for _ in range(50):
        clock.now()
    assert redis_client().info("commandstats")["cmdstat_time"]["calls"] == calls


@pytest.mark.parametrize("ahead", [HOUR, -HOUR])
def test_a_lease_lasts_as_long_by_any_clock(own, ann, settings, ahead):
    settings.SPEECH_LEASE_SECONDS = 1
    [variant] = ann.want("A sentence to be spoken.")
    own.ahead = ahead
    assert variant.claim()
    own.ahead = 0.0  # whoever looks has another clock
    assert not AudioVariant.objects.expired().exists()
    wait_until(lambda: AudioVariant.objects.expired().exists(), 10)
    assert AudioVariant.objects.get().status == Status.PROCESSING


def test_whoever_holds_leases_goes_by_the_shared_clock():
    own = [
        path.name
        for package in ("tts", "reader")
        for path in (BASE_DIR / package).rglob("*.py")
        if "lease_" in (text := path.read_text()) and "timezone.now()" in text
    ]
    assert own == []
