"""What is made is put on an account, and limits stop what costs something, nothing else."""

import json
import time
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from tests.speech_server import Answer
from tts import synthesis
from tts.connections import redis_client
from tts.demand import breaker, limits, usage
from tts.keys import UnreadableKey
from tts.models import AudioVariant, SpeechModel, Status, Usage

from .conftest import Listener, make_all

pytestmark = pytest.mark.django_db(transaction=True)

TEXTS = ["A sentence of forty characters, all told", "And another one that is as long as that."]


@pytest.fixture
def priced(cat) -> SpeechModel:
    model = cat.voice.speech_model
    model.price_per_million = Decimal("15")
    model.save()
    return model


def characters(account: str) -> int:
    return sum(row.characters for row in Usage.objects.filter(account=account))


def test_what_is_made_is_put_on_the_account_of_whoever_wanted_it(priced, cat):
    make_all(Listener(cat.voice, "7.abc"), *TEXTS)
    make_all(Listener(cat.voice, "7.def"), *TEXTS)  # from what is there: costs nothing
    row = Usage.objects.get()
    assert (row.account, row.speech_model, row.day) == ("7", priced, timezone.now().date())
    assert (row.sounds, row.characters) == (2, 80)
    assert row.cost == Decimal("0.0012")
    assert row.milliseconds == sum(each.duration_ms for each in AudioVariant.objects.all())


def test_a_persons_limit_stops_new_sounds_of_that_person_only(priced, cat, server, settings):
    settings.DAILY_CHARACTERS_PER_PERSON = 60
    ann, bea = Listener(cat.voice, "1.a"), Listener(cat.voice, "2.b")
    make_all(ann, TEXTS[0])
    left, words = usage.left("1", priced)
    assert left == 20
    assert "60 characters a day" in words
    (variant,) = ann.want(TEXTS[0])
    assert variant.status == Status.CACHED  # what is there plays on
    with pytest.raises(KeyError):  # refused
        ann.want(TEXTS[1])
    for _ in range(5):
        synthesis.take_turn(priced)
    assert characters("1") == 40
    make_all(bea, *TEXTS)
    assert characters("2") == 40
    assert len(server.spoken) == 2


def test_the_limit_of_the_installation_is_for_all_together(priced, cat, settings):
    settings.DAILY_CHARACTERS = 100
    make_all(Listener(cat.voice, "1.a"), TEXTS[0])
    make_all(Listener(cat.voice, "2.b"), TEXTS[1])
    left, words = usage.left("3", priced)
    assert left == 20
    assert "this installation" in words


def test_what_costs_nothing_counts_for_no_limit(cat, settings):
    settings.DAILY_CHARACTERS_PER_PERSON = settings.DAILY_CHARACTERS = 10
    make_all(Listener(cat.voice, "1.a"), *TEXTS)
    assert usage.left("1", cat.voice.speech_model) == (None, "")


def test_a_limit_is_over_the_next_day(priced, cat, settings):
    settings.DAILY_CHARACTERS_PER_PERSON = 40
    make_all(Listener(cat.voice, "1.a"), TEXTS[0])
    assert usage.left("1", priced)[0] == 0
    Usage.objects.update(day=timezone.now().date() - timedelta(days=1))
    assert usage.left("1", priced)[0] == 40


# --- keys -----------------------------------------------------------------------------------------


def test_a_key_is_sealed_by_the_secret_key(server_model, settings):
    assert "sk-" not in server_model.sealed_key
    before = settings.SECRET_KEY
    settings.SECRET_KEY = "another one"
    with pytest.raises(UnreadableKey):
        _ = server_model.api_key
    settings.SECRET_KEY_FALLBACKS = [before]
    assert server_model.api_key.startswith("sk-")
    assert "sk-" not in repr(server_model.endpoint)


def test_a_key_that_cannot_be_read_is_told_and_asks_nothing(server, cat, settings):
    settings.SECRET_KEY = "another one"
    variants = make_all(cat, *TEXTS)
    assert {each.error for each in variants} == {"The key of the speech server cannot be read."}
    assert not server.spoken


# --- breakers and rates ---------------------------------------------------------------------------


def test_a_slot_and_a_token_are_taken_and_given_back(server_model):
    server_model.concurrency, server_model.requests_per_minute = 2, 60
    assert limits.acquire(server_model, "one")
    assert limits.acquire(server_model, "two")
    assert not limits.acquire(server_model, "three")
    limits.release(server_model, "one")
    assert limits.acquire(server_model, "three")
    for name in ("two", "three"):
        limits.release(server_model, name, unused=True)


def test_the_pauses_of_an_outage_grow_and_end_with_the_first_success(server, server_model, cat):
    server.usual = Answer(503, body="{}")
    pauses = []
    cat.want(*TEXTS)
    for _ in range(3):
        cat.want(*TEXTS)
        AudioVariant.objects.update(not_before=None)
        synthesis.take_turn(server_model)
        outage = breaker.outages(server_model)[breaker.MODEL]
        pauses.append(outage.pause_seconds)
        assert synthesis.take_turn(server_model) is None  # nothing is asked meanwhile
        end_pause(server_model)
    assert len(server.spoken) == 3
    assert pauses[0] <= 1 < pauses[1] <= 2 < pauses[2] <= 4
    server.usual = Answer()
    make_all(cat, *TEXTS)
    assert breaker.outages(server_model) == {}


def end_pause(model: SpeechModel) -> None:
    """Let the time until the next try be over, in Redis, where it is kept."""
    (name,) = redis_client().keys(f"*:outages:{model.pk}")
    state = json.loads(redis_client().hget(name, breaker.MODEL))
    redis_client().hset(name, breaker.MODEL, json.dumps(state | {"until": time.time() - 1}))
