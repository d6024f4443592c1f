"""Failures of engines: what may pass is tried again, what will not is told."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tts import synthesis
from tts.connections import redis_client
from tts.demand import wants
from tts.models import AudioVariant, Status
from tts.speech import PCM_S16LE, Speech, SpeechError

from .conftest import TEXT, again, configure, end_pause, files, turns

pytestmark = pytest.mark.django_db(transaction=True)


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
        "odd": "tests.tts.test_failures.OddEngine",
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
