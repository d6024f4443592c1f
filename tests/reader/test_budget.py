"""A budget for stored sounds: what was heard longest ago goes, with its file."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from reader.budget import keep_sounds_to_budget
from reader.models import Export, Preparation
from tests.conftest import make_document
from tts.connections import redis_client
from tts.demand import figures, heard
from tts.models import AudioVariant
from tts.synthesis import budget

from .conftest import make_sounds, sound_url, want

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _small(settings, monkeypatch):
    """Count in KB: the budget is 1 MB of them."""
    settings.MAX_SOUNDS_MB = 1
    monkeypatch.setattr(budget, "ROOM", 0)
    monkeypatch.setattr(figures, "_away_until", 0.0)


def allow(monkeypatch, variants, count: int) -> None:
    """Let the budget be so much that this many of these sounds just fit into it."""
    monkeypatch.setattr(budget, "MB", sum(variant.bytes for variant in variants[:count]))


def long_ago(*variants: AudioVariant, hours: int = 5) -> None:
    """Let these be made and heard an hour after the other, the first one longest ago."""
    redis_client().delete(heard.KEY)
    for at, variant in enumerate(variants):
        then = timezone.now() - timedelta(hours=hours + len(variants) - at)
        AudioVariant.objects.filter(pk=variant.pk).update(heard_at=then, changed_at=then)


def left(variants) -> list[bool]:
    """Tell of each sound whether it is there: its row and its file, or neither."""
    rows = set(AudioVariant.objects.values_list("pk", flat=True))
    files = [Path(default_storage.path(str(variant.file))).exists() for variant in variants]
    assert files == [variant.pk in rows for variant in variants]
    return files


def test_what_was_heard_longest_ago_goes(sounds, monkeypatch):
    long_ago(sounds[1], sounds[2], sounds[0])
    allow(monkeypatch, [sounds[0], sounds[2]], 2)
    assert keep_sounds_to_budget() == 1
    assert left(sounds) == [True, False, True]
    assert keep_sounds_to_budget() == 0


def test_without_a_budget_all_stays(sounds, settings):
    settings.MAX_SOUNDS_MB = 0
    long_ago(*sounds)
    assert keep_sounds_to_budget() == 0
    assert left(sounds) == [True] * 3


def test_what_was_made_or_heard_just_now_stays_though_it_is_too_much(
    as_alice, document, voice, sounds, monkeypatch
):
    allow(monkeypatch, sounds, 0)
    assert keep_sounds_to_budget() == 0, "made just now"
    long_ago(*sounds)
    assert as_alice.get(sound_url(sounds[0])).status_code == 200  # heard
    assert keep_sounds_to_budget() == 2
    assert left(sounds) == [True, False, False]


def test_what_a_page_wants_stays(document, voice, sounds, monkeypatch):
    long_ago(*sounds)
    allow(monkeypatch, sounds, 0)
    want(document, voice)
    assert keep_sounds_to_budget() == 0


@pytest.mark.parametrize("work", ["preparation", "export"])
def test_what_unfinished_work_needs_stays(work, alice, document, voice, sounds, monkeypatch):
    other = make_sounds(make_document(alice, "Something else altogether."), voice)
    long_ago(*sounds, *other)
    allow(monkeypatch, sounds, 0)
    if work == "export":
        thing = Export.objects.create(document=document, owner=alice, kind="m4b", voice=voice)
        done = {"status": Export.Status.STOPPED}
    else:
        thing = Preparation.objects.create(document=document, user=alice, voice=voice)
        done = {"status": Preparation.Status.DONE}
    assert keep_sounds_to_budget() == 1
    assert left([*sounds, *other]) == [True] * 3 + [False]
    type(thing).objects.filter(pk=thing.pk).update(**done)
    assert keep_sounds_to_budget() == 3


def test_hearing_writes_no_row_at_each_request(as_alice, sounds):
    long_ago(*sounds)
    as_alice.get(sound_url(sounds[0]))
    with CaptureQueriesContext(connection) as captured:
        for _ in range(5):
            as_alice.get(sound_url(sounds[0]))
    assert not [each for each in captured if each["sql"].startswith("UPDATE")]
    assert heard.write() == 1
    as_alice.get(sound_url(sounds[0]))
    assert heard.write() == 0, "It was written a moment ago."


def test_many_go_in_small_transactions(sounds, monkeypatch):
    monkeypatch.setattr(budget, "DELETED_AT_ONCE", 1)
    long_ago(*sounds)
    allow(monkeypatch, sounds, 0)
    assert keep_sounds_to_budget() == 3
    assert left(sounds) == [False] * 3
