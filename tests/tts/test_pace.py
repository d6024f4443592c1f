"""How fast a model has been lately."""

import pytest

from tests.tts.conftest import TEXT
from tts import synthesis
from tts.demand import pace
from tts.synthesis.ahead import Outcome, make_ahead


@pytest.fixture(autouse=True)
def _every_one(monkeypatch):
    monkeypatch.setattr(pace, "EVERY_SECONDS", 0.0)


def test_what_was_measured_last_counts_most(model):
    pace.note(model, first_ms=100, duration_ms=10_000, made_in_ms=1_000)
    assert pace.recent()[model.pk] == pace.Pace(100, 10)
    pace.note(model, first_ms=200, duration_ms=10_000, made_in_ms=10_000)
    assert pace.recent()[model.pk] == pace.Pace(130, pytest.approx(7.3))


def test_a_model_that_spoke_has_a_pace(ann, model):
    ann.want(TEXT)
    assert pace.recent() == {}
    synthesis.take_turn(model)
    assert pace.recent()[model.pk].first_ms > 0
    assert 1 < pace.recent()[model.pk].times_real_time <= pace.FASTEST


def test_what_is_made_at_leisure_tells_nothing_of_the_pace(model, voice):
    outcome = make_ahead(
        voice, account="1", sound="webm", text_hash="0" * 40, text=TEXT, language="en"
    )
    assert outcome is Outcome.MADE
    assert pace.recent() == {}
