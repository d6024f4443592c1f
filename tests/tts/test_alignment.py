"""Word times of sounds whose engine tells none."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from asgiref.sync import async_to_sync, sync_to_async
from channels.layers import get_channel_layer
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.known_speech import (
    REFERENCE,
    REPORTED,
    TUNED_ON,
    UNLIKE_THE_REFERENCE,
    errors_of,
    espeak,
    flite,
)
from tests.speech_server import Answer
from tests.tts.conftest import make_all
from tts import aligning, synthesis
from tts.delivery.events import variant_group
from tts.engines.espeak import voice_for
from tts.marks import alignment, warping, words
from tts.models import AudioVariant, MarksSource, Status

MEDIAN_MS, NEARLY_ALL_MS = 25, 80
# Two steps of the aligner, which is a few milliseconds early in every voice.
STEPS_MS = 10


@pytest.mark.parametrize("voice", UNLIKE_THE_REFERENCE)
def test_words_are_found_in_voices_it_was_not_made_on(voice):
    errors = errors_of(UNLIKE_THE_REFERENCE[voice], REPORTED)
    assert errors.unsure == 0
    assert errors.median <= MEDIAN_MS
    assert errors.percentile(95) <= NEARLY_ALL_MS
    assert errors.median < np.median(errors.spread) / 5


def aligned(reference: str, sound: np.ndarray) -> list[int] | None:
    return alignment.align(espeak(REFERENCE)(reference).samples, sound, [0])


@pytest.mark.parametrize("rows", [1, 31, 33, 300, 1_200, 2_000])
def test_stretches_side_by_side_find_the_way_that_is_found_through_everything(rows):
    rng = np.random.default_rng(rows)
    here = rng.normal(size=(rows, 12)).astype(np.float32)
    paired = np.repeat(np.arange(rows), rng.integers(1, 3, rows))  # now and then twice as slow
    there = here[paired] + rng.normal(scale=0.2, size=(len(paired), 12)).astype(np.float32)
    through, _ = warping.way_through(here, there)
    first = np.searchsorted(paired, np.arange(rows))
    low = np.maximum.accumulate(first - rng.integers(20, 30, rows))
    near = warping.way_near(here, there, low, low + 60)
    assert (near.first == through.first).all()
    assert (near.last == through.last).all()
    assert (near.first[0], near.last[-1]) == (0, len(there) - 1)


@pytest.mark.parametrize("speaker", [espeak("gmw/en+f2", rate=210), flite("kal")])
def test_another_text_or_half_of_it_is_not_taken_for_it(speaker):
    for text, other in pairwise(TUNED_ON):
        sound = speaker(text).samples
        assert aligned(text, sound) is not None
        assert aligned(other, sound) is None
        assert aligned(text, sound[: len(sound) * 2 // 3]) is None
        assert aligned(text, np.concatenate([sound, sound[len(sound) // 2 :]])) is None


@pytest.mark.parametrize("text", ["Yes.", "Hello there.", "Chapter one."])
def test_a_short_text_is_found(text):
    for sound in (espeak(f"{REFERENCE}+f3")(text), flite("awb")(text)):
        found = aligned(text, sound.samples)
        assert found is not None
        assert 0 <= found[0] <= sound.duration_ms
    assert aligned(text, espeak(REFERENCE)(TUNED_ON[0]).samples) is None


@pytest.mark.parametrize("seconds", [0.0, 0.05, 0.4, 1.0, 3.0])
def test_what_is_no_speech_is_not_taken_for_it(seconds):
    at = np.arange(int(alignment.SAMPLE_RATE * seconds)) / alignment.SAMPLE_RATE
    chance = np.random.default_rng(1)
    for sound in (
        np.zeros(len(at)),
        0.3 * np.sin(2 * np.pi * 500 * at),
        chance.normal(0, 0.1, len(at)),
    ):
        assert aligned(TUNED_ON[0], sound.astype(np.float32)) is None


@pytest.mark.parametrize(
    ("language", "voice"),
    [
        ("en", "gmw/en-US"), ("en-GB", "gmw/en"), ("en-ZA", "gmw/en-US"), ("de-AT", "gmw/de"),
        ("fr", "roa/fr"), ("pt-BR", "roa/pt-BR"), ("xx", None), ("", None),
    ],
)  # fmt: skip
def test_the_reference_speaks_the_texts_language(language, voice):
    assert voice_for(language) == voice


# --- from the sound's making to its marks ---------------------------------------------------------

TEXT = "In 1999 the well-known house wasn't sold for $4.50, and nobody had lived there for years."


def test_a_servers_sound_gets_its_words_after_it_is_out(server, cat):
    server.usual = Answer(speaks=f"{REFERENCE}+f4")
    (variant,) = make_all(cat, TEXT)
    assert (variant.status, variant.marks, variant.marks_source) == (Status.CACHED, None, "")
    event = told_by(lambda: aligning.align(variant), variant)
    assert (event["status"], event["has_marks"]) == ("cached", True)
    assert event["sound_revision"] == variant.sound_revision
    variant.refresh_from_db()
    assert event["revision"] == variant.revision
    assert variant.marks_source == MarksSource.ALIGNED
    assert [tuple(mark[:2]) for mark in variant.marks] == words(TEXT)
    starts = [mark[2] for mark in variant.marks]
    assert starts == sorted(starts)
    assert all(mark[2] <= mark[3] for mark in variant.marks)
    assert variant.marks[-1][3] == variant.duration_ms
    truth = espeak(f"{REFERENCE}+f4")(TEXT).starts
    errors = [abs(start - truth[n]) for n, start in enumerate(starts)]
    assert np.median(errors) <= MEDIAN_MS


def told_by(act: Callable[[], None], variant: AudioVariant) -> dict[str, Any]:
    """Return what is told to who listens to this variant while ``act`` is done."""

    async def listen() -> dict[str, Any]:
        layer = get_channel_layer()
        channel = await layer.new_channel()
        await layer.group_add(variant_group(variant.key), channel)
        await sync_to_async(act)()
        return await asyncio.wait_for(layer.receive(channel), 5)

    return async_to_sync(listen)()


def test_a_sound_in_which_the_words_are_not_found_says_so(server, cat):
    (variant,) = make_all(cat, TEXT)  # a tone
    aligning.align(variant)
    variant.refresh_from_db()
    assert (variant.marks, variant.marks_source) == (None, MarksSource.UNSURE)
    assert not AudioVariant.objects.unaligned().exists()


def test_a_sound_that_was_made_again_meanwhile_keeps_its_own(server, cat):
    server.usual = Answer(speaks=f"{REFERENCE}+f4")
    (variant,) = make_all(cat, TEXT)
    before = AudioVariant.objects.get(pk=variant.pk)
    synthesis.make_again([variant])
    aligning.align(before)
    variant.refresh_from_db()
    assert (variant.status, variant.marks_source) == (Status.QUEUED, "")


def test_a_sound_whose_file_is_gone_is_left_in_peace(server, cat):
    (variant,) = make_all(cat, TEXT)
    variant.file.storage.delete(variant.file.name)
    aligning.align(variant)
    variant.refresh_from_db()
    assert variant.marks_source == MarksSource.UNSURE


SCRIPTS = {
    "en": "well-known wasn't 1999 $4.50 co-op naïve I'll 3rd",
    "ru": "быстрая коричневая лиса 42 кто-то ёж",
    "el": "γρήγορη αλεπού 7 πηδάει τον σκύλο",
    "ar": "الثعلب البني السريع يقفز ٣",
    "hi": "तेज़ भूरी लोमड़ी कूदती है",
    "bn": "দ্রুত বাদামী শিয়াল লাফ দেয়",
    "ka": "სწრაფი ყავისფერი მელა ხტება",
    "hy": "արագ շագանակագույն աղվես",
    "ko": "빠른 갈색 여우가 뛴다",
    "zh": "敏捷 的 棕色 狐狸 跳过 懒狗",
    "ta": "விரைவான பழுப்பு நரி",
}


@given(
    st.sampled_from(sorted(SCRIPTS)).flatmap(
        lambda language: st.tuples(
            st.just(language),
            st.lists(st.sampled_from(SCRIPTS[language].split()), min_size=6, max_size=18),
            st.sampled_from([", ", " ", "; ", ". "]),
        )
    )
)
@settings(max_examples=60, deadline=None)
def test_in_every_script_each_word_has_one_mark_in_order(case):
    language, chosen, joint = case
    text = " ".join(chosen[:5]) + joint + " ".join(chosen[5:]) + "."
    voice = voice_for(language)
    speaker = espeak(f"{voice}+f3", rate=190)
    sound = speaker(text)
    variant = AudioVariant(text=text, language=language, duration_ms=round(sound.duration_ms))
    marks = aligning.marks_in(sound.samples, variant, voice)
    assert [(mark.start, mark.end) for mark in marks] == words(text)
    times = [time for mark in marks for time in (mark.start_ms, mark.end_ms)]
    assert times == sorted(times)
    assert times[0] >= 0
    assert times[-1] <= variant.duration_ms


def test_it_is_told_where_words_are_in_a_list_that_javascript_reads(server, cat):
    server.usual = Answer(speaks=f"{REFERENCE}+f4")
    (variant,) = make_all(cat, "A 𝒜 word beyond the first plane is counted as two units there.")
    aligning.align(variant)
    variant.refresh_from_db()
    assert json.loads(json.dumps(variant.marks))[2][:2] == [5, 9]
