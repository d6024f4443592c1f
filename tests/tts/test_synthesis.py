"""Asking for sounds and making them: once, whoever asks."""

import asyncio
import threading

import pytest
from channels.layers import get_channel_layer
from django.core.files.storage import default_storage

from tests.sounds import duration_ms
from tts import synthesis
from tts.connections import redis_client
from tts.delivery import live
from tts.delivery.events import variant_group
from tts.demand import wants
from tts.models import AudioVariant, SpeechModel, Status
from tts.synthesis import attempts

from .conftest import (
    TEXT,
    Listener,
    again,
    configure,
    files,
    in_own_thread,
    run_together,
    turns,
)

pytestmark = pytest.mark.django_db(transaction=True)


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


@pytest.mark.parametrize("tells_words", [True, False])
def test_a_redis_without_room_costs_no_sound(ann, monkeypatch, tells_words):
    """Neither the live stream, nor the message for who finds the words, decides over it."""
    (variant,) = ann.want(TEXT)
    if not tells_words:
        monkeypatch.setattr("tts.synthesis.making.snap", lambda *_: [])
        monkeypatch.setattr("tests.tone.WordEvent", lambda *_: b"")
    variant = again(variant)
    assert variant.claim()
    redis_client().config_set("maxmemory", 1)
    try:
        attempts.make(variant)
    finally:
        redis_client().config_set("maxmemory", 0)
    assert again(variant).status == Status.CACHED
    assert bool(again(variant).marks_source) is tells_words


def test_what_is_heard_now_goes_out_in_smaller_pieces_than_what_comes_after_it(
    ann, model, monkeypatch
):
    monkeypatch.setattr(live, "NOW_SECONDS", (0.0, 0.0))
    monkeypatch.setattr(live, "LATER_SECONDS", (600.0, 600.0))  # however slow the machine is
    configure(model, pace=20)
    ann.want(
        "This is heard now, and so its pieces go out.", "This one is heard after it has ended."
    )
    now, later = (synthesis.take_turn(model) for _ in range(2))
    pieces = [
        redis_client().xlen(f"lectern:live:{each.pk.hex}:{each.sound_revision}")
        for each in (now, later)
    ]
    assert pieces[0] > 5
    assert pieces[1] == 2  # the first, and the rest
