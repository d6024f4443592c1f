"""Never a stale voice: Hypothesis races changes of voice against news of sounds being made.

The real consumer behind the real application, by socket or by HTTP, with a real Redis and database.
Sounds are moved on by their real transitions, and the news of it comes at once, late, twice or
never. What the consumer says is held against what it was asked and what there was to tell. Then the
shipped modules of the page get the same: the person's clicks as they were, and what the consumer
said, with delays, repetitions and losses of its own. What sounds must be in the voice chosen last.
"""

import asyncio
import json
import logging
import os
import random
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from channels.layers import get_channel_layer
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from reader.consumers import allowance
from tests.conftest import make_document

from .clicks import Clicks
from .page import Message
from .race import BLOCKS, TEXT, TEXTS, VOICES, WAYS, Race

pytestmark = pytest.mark.django_db(transaction=True)

PROFILE = os.environ.get("HYPOTHESIS_PROFILE", "gate")
EXAMPLES = {"full": 5_000, "gate": 500, "quick": 150, "mutants": 400}[PROFILE]
# Whoever only asks whether it turns red need not wait for the smallest example.
PHASES = set(Phase) - ({Phase.shrink, Phase.explain} if PROFILE == "mutants" else set())
REPLAY = Path(__file__).parents[1] / "js/replay.js"

voices = st.integers(0, VOICES - 1)
windows = st.lists(st.sampled_from(BLOCKS), min_size=1, max_size=5) | st.just(list(BLOCKS))
# Whose sounds move on: those in the voice chosen last, the one before, or any.
whose = st.sampled_from(["chosen", "chosen", "chosen", "before", "before"]) | voices
how = st.sampled_from(["well", "well", "well", "well", "badly", "again"])
delivery = st.sampled_from(["told", "told", "told twice", "not told"])
progress = st.tuples(st.just("progress"), st.integers(0, TEXTS - 1), whose, how, delivery)
steps = st.one_of(
    st.tuples(st.just("set_voice"), voices, st.sampled_from([True, True, False])),
    st.tuples(st.just("set_voice"), voices, st.sampled_from([True, True, False])),
    st.tuples(st.just("set_voice"), st.none() | voices, st.just(True)),  # None: no such voice
    st.tuples(st.just("synthesize"), windows, st.booleans()),
    st.tuples(st.just("cancel")),
    progress,
    progress,
    progress,
    st.tuples(st.just("make_all"), whose, delivery),
    st.tuples(st.just("make_all"), whose, delivery),
    st.tuples(st.just("late"), st.integers(1, 12)),
    st.tuples(st.just("late"), st.integers(1, 12)),
    st.tuples(st.just("settle")),
    st.tuples(st.just("reconnect")),
    st.tuples(st.just("blocks_anew")),
)
scripts = st.lists(steps, min_size=4, max_size=25)
# Sounds that are there from the beginning.
cached = st.sets(st.tuples(st.integers(0, TEXTS - 1), voices), min_size=2)


@pytest.mark.long
@settings(
    max_examples=EXAMPLES,
    phases=PHASES,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(cached=cached, script=scripts, seed=st.integers(0, 2**32), way=st.sampled_from([*WAYS]))
def test_never_a_stale_voice(race, runner, page_modules, cached, script, seed, way):
    sockets = runner.run(race.run(cached, script, way))
    clicks = Clicks(race, random.Random(seed)).play(sockets)
    result = page_modules(clicks)
    assert "error" not in result, result["error"]
    assert result["stale"] == [], "the page let another voice sound than the one chosen last"
    assert result["at_once"] <= 1, "two sounds at once"


@pytest.fixture
def race(as_alice, alice, voice, tone_model, monkeypatch) -> Race:
    # All examples are one account's, and open more pages in a second than anybody may.
    monkeypatch.setattr(allowance, "STARTS_AT_ONCE", 100 * EXAMPLES)
    for name in ("reader", "tts"):
        logging.getLogger(name).setLevel(logging.WARNING)
    document = make_document(alice, TEXT)
    chosen = list(tone_model.voices.select_related("speech_model").order_by("pk")[:VOICES])
    assert chosen[0] == voice
    return Race(as_alice, document, chosen)


@pytest.fixture
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as runner:
        # While nothing is subscribed to, the layer looks for news every 100 ms only.
        runner.run(get_channel_layer().new_channel())
        yield runner


@pytest.fixture
def page_modules() -> Iterator[Any]:
    """The page's shipped modules, in one process for all examples."""
    process = subprocess.Popen(
        ["node", REPLAY], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )

    def play(script: list[Message]) -> Message:
        process.stdin.write(json.dumps(script) + "\n")
        process.stdin.flush()
        return json.loads(process.stdout.readline())

    yield play
    process.stdin.close()
    process.wait(10)
