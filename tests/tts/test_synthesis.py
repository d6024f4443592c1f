"""Asking for sounds and making them: once, whoever asks, whoever dies."""

import asyncio
import json
import threading
import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from channels.layers import get_channel_layer
from django.core.files.storage import default_storage
from django.db import connection
from django.utils import timezone

from tests.sounds import duration_ms
from tts import limits, live, synthesis, wants
from tts.connections import redis_client
from tts.events import variant_group
from tts.models import AudioVariant, SpeechModel, Status
from tts.speech import PCM_S16LE, Speech, SpeechError

from .conftest import Listener, files, turns

pytestmark = pytest.mark.django_db(transaction=True)

TEXT = "A sentence to be spoken."


@pytest.fixture
def begun(monkeypatch, tmp_path) -> Callable[[], list[str]]:
    """What the engine was asked to say, in order."""
    path = tmp_path / "tone.log"
    monkeypatch.setenv("TONE_LOG", str(path))

    def texts() -> list[str]:
        lines = path.read_text().splitlines() if path.exists() else []
        return [line["text"] for line in map(json.loads, lines) if line["what"] == "begun"]

    return texts


def configure(model: SpeechModel, **parameters) -> None:
    """Tell the tone engine how to behave."""
    model.parameters = parameters
    model.save()


def again(variant: AudioVariant) -> AudioVariant:
    """Return the variant as it is now."""
    return AudioVariant.objects.select_related("voice__speech_model").get(pk=variant.pk)


# --- asking -------------------------------------------------------------------------------------


def test_what_is_wanted_is_a_queued_row_with_a_turn(ann):
    (variant,) = ann.want(TEXT)
    assert (variant.status, variant.attempt, variant.revision) == (Status.QUEUED, 0, 1)
    assert again(variant).text == TEXT
    assert turns() == 1


def test_each_text_has_a_turn(ann):
    ann.want("One.", "Two.", "Three.")
    assert turns() == 3


def test_wanting_the_same_again_sends_no_more_turns(ann, bea):
    ann.want(TEXT)
    ann.want(TEXT)
    bea.want(TEXT)
    assert turns() == 1
    assert AudioVariant.objects.count() == 1


def test_one_text_in_two_voices_is_two_variants(ann, other_voice):
    (one,) = ann.want(TEXT)
    (other,) = Listener(other_voice).want(TEXT)
    assert one.text_hash == other.text_hash
    assert one.recipe_hash != other.recipe_hash


def test_whatever_changes_the_sound_changes_the_recipe(voice, settings):
    recipes = [synthesis.recipe_hash(voice)]
    voice.parameters = {"pitch": 1}
    recipes.append(synthesis.recipe_hash(voice))
    voice.speech_model.parameters = {"pitch": 2, "rate": 1}
    recipes.append(synthesis.recipe_hash(voice))
    voice.speech_model.base_url = "http://127.0.0.1:9/"
    recipes.append(synthesis.recipe_hash(voice))
    voice.speech_model.engine_model = "large"
    recipes.append(synthesis.recipe_hash(voice))
    voice.engine_voice = "301"
    recipes.append(synthesis.recipe_hash(voice))
    settings.AUDIO_FORMAT = "mp3"
    recipes.append(synthesis.recipe_hash(voice))
    assert len(set(recipes)) == len(recipes)


def test_a_cached_sound_costs_one_query_and_no_turn(ann, model, django_assert_num_queries):
    ann.want(TEXT)
    synthesis.take_turn(model)
    redis_client().delete("tone")
    with django_assert_num_queries(1):
        (variant,) = ann.want(TEXT)
    assert variant.status == Status.CACHED
    assert turns() == 0
    assert wants.upcoming(model.pk) == []


# --- making -------------------------------------------------------------------------------------


def test_a_turn_makes_what_is_wanted(ann, model, begun):
    (variant,) = ann.want(TEXT)
    made = synthesis.take_turn(model)
    assert made.pk == variant.pk
    variant = again(variant)
    assert (variant.status, variant.attempt, variant.revision, variant.sound_revision) == (
        Status.CACHED,
        1,
        3,
        2,
    )
    assert begun() == [TEXT]
    stored = default_storage.open(variant.file.name).read()
    assert len(stored) == variant.bytes
    assert abs(duration_ms(stored) - variant.duration_ms) <= 30
    words = [TEXT[start:end].strip(".") for start, end, _, _ in variant.marks]
    assert words == ["A", "sentence", "to", "be", "spoken"]
    assert variant.content_type == "audio/webm"


def test_live_and_stored_are_the_same_bytes(ann, model):
    (variant,) = ann.want(TEXT)
    synthesis.take_turn(model)
    variant = again(variant)

    async def heard() -> bytes:
        return b"".join([piece async for piece in live.read(variant.pk, variant.sound_revision)])

    assert asyncio.run(heard()) == default_storage.open(variant.file.name).read()


def test_who_joined_hears_when_it_can_be_played_and_when_it_is_cached(ann, model):
    (variant,) = ann.want(TEXT)

    async def listen() -> list[dict]:
        layer = get_channel_layer()
        channel = await layer.new_channel()
        await layer.group_add(variant_group(variant.key), channel)
        await asyncio.to_thread(in_own_thread(synthesis.take_turn), model)
        return [await asyncio.wait_for(layer.receive(channel), 2) for _ in range(2)]

    processing, cached = asyncio.run(listen())
    assert (processing["status"], processing["revision"]) == ("processing", 2)
    assert (cached["status"], cached["revision"]) == ("cached", 3)
    assert processing["sound_revision"] == cached["sound_revision"] == 2
    assert cached["bytes"] == again(variant).bytes
    assert cached["has_marks"]


def in_own_thread(call: Callable) -> Callable:
    def call_then_close(*args):
        try:
            return call(*args)
        finally:
            connection.close()

    return call_then_close


def test_what_nobody_wants_is_never_made(ann, model, begun):
    ann.want(TEXT)
    ann.want()
    assert synthesis.take_turn(model) is None
    assert begun() == []


def test_a_listener_that_goes_leaves_the_others_want(ann, bea, model):
    ann.want(TEXT)
    bea.want(TEXT)
    ann.want()
    assert synthesis.take_turn(model) is not None


def test_only_this_models_wants_are_made(ann, model):
    other = SpeechModel.objects.create(model_slug="other", name="Other", engine="tone")
    ann.want(TEXT)
    assert synthesis.take_turn(other) is None
    assert synthesis.take_turn(model) is not None


def test_a_variant_is_claimed_once(ann):
    (variant,) = ann.want(TEXT)
    copies = [again(variant) for _ in range(8)]
    claimed = []
    together = threading.Barrier(len(copies))

    def claim(copy: AudioVariant) -> None:
        together.wait()
        claimed.append(copy.claim())

    run_together([lambda copy=copy: claim(copy) for copy in copies])
    assert sorted(claimed) == [False] * 7 + [True]
    assert again(variant).attempt == 1


def test_turns_delivered_twice_make_it_once(ann, model, begun):
    ann.want("One.", "Two.")
    run_together([lambda: synthesis.take_turn(model)] * 4)
    assert sorted(begun()) == ["One.", "Two."]
    assert AudioVariant.objects.filter(status=Status.CACHED).count() == 2
    assert len(files()) == 2


def test_many_who_want_the_same_at_once_get_one_row(voice):
    together = threading.Barrier(6)

    def want(name: str) -> None:
        together.wait()
        Listener(voice, name).want(TEXT)

    run_together([lambda name=name: want(name) for name in "abcdef"])
    assert AudioVariant.objects.count() == 1
    assert turns() == 1


def run_together(calls: list[Callable]) -> None:
    threads = [threading.Thread(target=in_own_thread(call)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)


# --- leases -------------------------------------------------------------------------------------


def claim_and_die(variant: AudioVariant) -> None:
    """Do what a worker does that is killed, and let the lease run out."""
    assert again(variant).claim()
    expire(variant)


def expire(variant: AudioVariant) -> None:
    past = timezone.now() - timedelta(seconds=1)
    AudioVariant.objects.filter(pk=variant.pk).update(lease_until=past)


def end_pause(variant: AudioVariant) -> None:
    past = timezone.now() - timedelta(seconds=1)
    AudioVariant.objects.filter(pk=variant.pk, status=Status.QUEUED).update(not_before=past)


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


def test_a_slow_engine_keeps_its_lease(ann, model, settings):
    settings.SPEECH_LEASE_SECONDS = 1
    configure(model, first_ms=1800)
    (variant,) = ann.want(TEXT)
    making = threading.Thread(target=in_own_thread(lambda: synthesis.take_turn(model)))
    making.start()
    while making.is_alive():
        synthesis.recover()
        time.sleep(0.1)
    variant = again(variant)
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
    configure(model, ms_per_character=5_000, pace=4)  # half a minute
    (variant,) = ann.want(TEXT)
    variant = again(variant)
    assert variant.claim()
    making = threading.Thread(target=in_own_thread(lambda: synthesis.make(variant)))
    started = time.monotonic()
    making.start()
    AudioVariant.objects.all().delete()
    making.join(60)
    assert time.monotonic() - started < 15
    assert files() == []


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


# --- failures -----------------------------------------------------------------------------------


def test_what_may_pass_is_tried_again_after_growing_pauses(ann, model, settings):
    configure(model, fail_on="sentence", retryable=True)
    (variant,) = ann.want(TEXT)
    pauses = []
    for attempt in range(1, settings.SPEECH_MAX_ATTEMPTS):
        ann.want(TEXT)
        synthesis.take_turn(model)
        variant = again(variant)
        assert (variant.status, variant.attempt) == (Status.QUEUED, attempt)
        assert variant.error == "The tone engine was told to fail."
        pauses.append((variant.not_before - timezone.now()).total_seconds())
        ann.want(TEXT)
        assert synthesis.take_turn(model) is None  # not yet
        end_pause(variant)
    assert [0.3 < pause / 2**n <= 1 for n, pause in enumerate(pauses)] == [True] * len(pauses)
    ann.want(TEXT)
    synthesis.take_turn(model)
    variant = again(variant)
    assert (variant.status, variant.retryable) == (Status.ERROR, True)


def test_what_will_not_pass_is_not_tried_again(ann, model):
    configure(model, fail_on="sentence")
    (variant,) = ann.want(TEXT)
    synthesis.take_turn(model)
    variant = again(variant)
    assert (variant.status, variant.attempt, variant.retryable) == (Status.ERROR, 1, False)
    redis_client().delete("tone")
    assert [v.status for v in ann.want(TEXT)] == [Status.ERROR]
    assert turns() == 0
    assert wants.upcoming(model.pk) == []


def test_a_failure_is_made_again_when_someone_asks(ann, model):
    configure(model, fail_on="sentence")
    (variant,) = ann.want(TEXT)
    synthesis.take_turn(model)
    assert [v.status for v in ann.want(TEXT, retry=True)] == [Status.QUEUED]
    variant = again(variant)
    assert (variant.status, variant.attempt) == (Status.QUEUED, 0)
    synthesis.take_turn(model)
    assert (again(variant).status, again(variant).attempt) == (Status.ERROR, 1)


def test_nothing_is_made_under_the_recipe_of_before_an_edit(ann, model):
    (variant,) = ann.want(TEXT)
    configure(model, ms_per_character=7)
    synthesis.take_turn(model)
    assert again(variant).status == Status.ERROR
    assert "changed" in again(variant).error
    assert [v.status for v in ann.want(TEXT)] == [Status.QUEUED]  # by the new recipe, a new row


def test_a_failure_is_forgotten_after_ten_minutes(ann, model):
    configure(model, fail_on="sentence")
    ann.want(TEXT)
    synthesis.take_turn(model)
    AudioVariant.objects.update(changed_at=timezone.now() - timedelta(minutes=9))
    assert [v.status for v in ann.want(TEXT)] == [Status.ERROR]
    AudioVariant.objects.update(changed_at=timezone.now() - timedelta(minutes=11))
    assert [v.status for v in ann.want(TEXT)] == [Status.QUEUED]


def test_a_failure_is_forgotten_when_the_model_is_edited(ann, model):
    configure(model, fail_on="sentence")
    ann.want(TEXT)
    synthesis.take_turn(model)
    configure(model)
    ann.voice.refresh_from_db()
    assert [v.status for v in ann.want(TEXT)] == [Status.QUEUED]


class OddEngine:
    """Fails in the ways that its voice's parameter names."""

    version = "1"

    def voices(self):
        return []

    def speak(self, utterance):
        return Speech(
            "telepathy" if utterance.parameters["way"] == "other encoding" else PCM_S16LE,
            24_000,
            self._pieces(utterance.parameters["way"]),
        )

    def _pieces(self, way):
        if way == "crashes":
            raise ZeroDivisionError
        if way == "busy":
            raise SpeechError("Too many requests.", retryable=True, retry_after=42)
        if way == "breaks off":
            yield bytes(4800)
            raise SpeechError("The connection broke.", retryable=True)
        yield b""


@pytest.fixture
def odd(ann, model, settings):
    settings.SPEECH_ENGINES = {
        **settings.SPEECH_ENGINES,
        "odd": "tests.tts.test_synthesis.OddEngine",
    }
    model.engine = "odd"

    def fail(way: str) -> AudioVariant:
        configure(model, way=way)
        (variant,) = ann.want(TEXT)
        synthesis.take_turn(model)
        return again(variant)

    return fail


def test_a_crash_is_told_and_tried_again(odd):
    variant = odd("crashes")
    assert variant.status == Status.QUEUED
    assert variant.error == "Making this sound failed unexpectedly (ZeroDivisionError)."


def test_the_pause_that_an_engine_asks_for_is_kept(odd):
    variant = odd("busy")
    assert 40 < (variant.not_before - timezone.now()).total_seconds() <= 42


def test_no_half_sound_is_stored(odd):
    variant = odd("breaks off")
    assert (variant.status, variant.file.name) == (Status.QUEUED, "")
    assert files() == []


@pytest.mark.parametrize("way", ["says nothing", "other encoding"])
def test_what_is_no_sound_is_a_failure(odd, way):
    variant = odd(way)
    assert variant.status == Status.ERROR
    assert variant.error
    assert files() == []


# --- files --------------------------------------------------------------------------------------


def cached(ann: Listener, model: SpeechModel, text: str = TEXT) -> AudioVariant:
    (variant,) = ann.want(text)
    synthesis.take_turn(model)
    return again(variant)


def test_a_sound_whose_file_is_gone_is_made_again_under_another_revision(ann, model):
    variant = cached(ann, model)
    default_storage.delete(variant.file.name)
    synthesis.sound_is_gone(variant)
    assert (variant.status, variant.attempt) == (Status.QUEUED, 0)
    made = cached(ann, model)
    assert made.status == Status.CACHED
    assert made.sound_revision > 2
    assert files() == [made.file.name]


def test_a_sound_that_is_gone_is_put_back_once(ann, model):
    variant = cached(ann, model)
    copies = [again(variant), again(variant)]
    for copy in copies:
        synthesis.sound_is_gone(copy)
    assert again(variant).revision == variant.revision + 1


def test_make_again_forgets_sounds_and_failures(ann, model):
    sound = cached(ann, model)
    configure(model, fail_on="Another")
    ann.voice.refresh_from_db()
    failure = cached(ann, model, "Another.")
    assert failure.status == Status.ERROR
    assert synthesis.make_again([sound, failure]) == 2
    assert files() == []
    assert {v.status for v in AudioVariant.objects.all()} == {Status.QUEUED}


def test_make_again_leaves_what_is_being_made(ann, model):
    (variant,) = ann.want(TEXT)
    variant = again(variant)
    assert variant.claim()
    assert synthesis.make_again([variant]) == 0
    assert again(variant).status == Status.PROCESSING


def test_deleted_variants_take_their_files_along(ann, model):
    first, second = cached(ann, model, "One."), cached(ann, model, "Two.")
    assert synthesis.delete([first]) == 1
    assert files() == [second.file.name]
    assert list(AudioVariant.objects.values_list("pk", flat=True)) == [second.pk]


# --- limits -------------------------------------------------------------------------------------


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
    redis_client().delete("tone")
    assert limits.acquire(model, "another worker")
    assert synthesis.take_turn(model) is None
    assert begun() == []
    limits.release(model, "another worker")
    assert synthesis.take_turn(model) is not None
    assert turns() == 1
    assert synthesis.take_turn(model) is not None
    assert turns() == 1  # nothing more is wanted
    assert begun() == ["One.", "Two."]


def test_no_more_at_once_than_the_limit(ann, model, begun, tmp_path):
    configure(model, first_ms=150)
    model.concurrency = 2
    model.save()
    ann.want(*(f"Number {n}." for n in range(6)))
    run_together([lambda: synthesis.take_turn(model)] * 6)
    assert len(begun()) == 2
