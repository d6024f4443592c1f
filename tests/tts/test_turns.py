"""No wanted row is ever without a turn: every interleaving of a want and a turn is forced.

Two actors run in threads of their own, each from gate to gate, one at a time, in every order there
is. The gates stand where one of them reads or writes what the other one does.
"""

import base64
import itertools
import json
import threading
from collections.abc import Callable, Iterator
from functools import partial

import pytest
from celery import current_app
from django.db import connection

from tts import synthesis
from tts.connections import redis_client
from tts.demand import coming, limits, wants
from tts.models import AudioVariant, SpeechModel, Status
from tts.synthesis import turns as taking

from .conftest import turns

pytestmark = pytest.mark.django_db(transaction=True)

PATIENCE_SECONDS = 10


class Actor(threading.Thread):
    """Does something in a thread of its own, as far as the next gate with every step."""

    def __init__(self, act: Callable[[], object]) -> None:
        super().__init__(daemon=True)
        self._act = act
        self._go, self._halted = threading.Semaphore(0), threading.Semaphore(0)
        self.gates: list[str] = []
        self.failure: BaseException | None = None
        self.is_over = False
        self.start()

    def run(self) -> None:
        self._go.acquire()
        try:
            self._act()
        except BaseException as error:
            self.failure = error
        finally:
            connection.close()
            self.is_over = True
            self._halted.release()

    def halt(self, gate: str) -> None:
        self.gates.append(gate)
        self._halted.release()
        self._go.acquire()

    def step(self) -> None:
        """Go on to the next gate or the end; nothing when it is over."""
        if self.is_over:
            return
        self._go.release()
        assert self._halted.acquire(timeout=PATIENCE_SECONDS), f"stuck after {self.gates}"
        if self.failure:
            raise self.failure

    def finish(self) -> None:
        while not self.is_over:
            self.step()


@pytest.fixture
def gates(monkeypatch):
    """Halt actors right before each of these calls."""
    for module, name in (
        (wants, "replace"),
        (wants, "take_next"),
        (wants, "upcoming"),
        (limits, "acquire"),
        (limits, "release"),
        (taking, "give_turns"),
        (taking, "pass_over"),
    ):
        monkeypatch.setattr(module, name, halting(name, getattr(module, name)))


@pytest.fixture
def gates_of_messages(gates, monkeypatch):
    """Halt them also before a message is sent, and when one was taken up."""
    for name in ("announce", "arrived"):
        monkeypatch.setattr(coming, name, halting(name, getattr(coming, name)))


def halting(name: str, call: Callable) -> Callable:
    def halt_then_call(*args, **kwargs):
        actor = threading.current_thread()
        if isinstance(actor, Actor):
            actor.halt(name)
        return call(*args, **kwargs)

    return halt_then_call


def orders(*counts: int) -> Iterator[tuple[int, ...]]:
    """Return every way to mix so many steps of the first, so many of the second actor."""
    first, second = counts
    total = first + second
    for places in itertools.combinations(range(total), first):
        yield tuple(0 if place in places else 1 for place in range(total))


def take(model: SpeechModel) -> Callable[[], object]:
    return lambda: synthesis.take_turn(SpeechModel.objects.get(pk=model.pk))


def take_what_waits() -> int:
    """Empty the queue, as workers do that take a turn each; return how many there were."""
    count = turns()
    for _ in range(count):
        current_app.connection_for_read().default_channel.client.lpop("tone")
    redis_client().delete(*redis_client().keys("*:coming:*"), "none")
    return count


def take_up(model: SpeechModel) -> Callable[[], object]:
    """Take the first message and do what a worker does with it."""
    message = json.loads(current_app.connection_for_read().default_channel.client.rpop("tone"))
    [_, passed, name], *_ = json.loads(base64.b64decode(message["body"]))
    return lambda: synthesis.take_turns(SpeechModel.objects.get(pk=model.pk), passed, name)


def assert_none_is_left(variant: AudioVariant) -> None:
    variant.refresh_from_db()
    assert variant.status in (Status.CACHED, Status.QUEUED)
    assert variant.status == Status.CACHED or turns() >= 1


@pytest.mark.parametrize("is_its_turn_fresh", [True, False])
def test_a_want_while_a_turn_ends_with_nothing(ann, model, gates, is_its_turn_fresh):
    """All orders of one want and one turn that came up when nothing was wanted."""
    seen = set()
    for order in orders(3, 6):
        (variant,) = ann.want(f"A sentence. {order}")
        ann.want()
        take_what_waits()
        if not is_its_turn_fresh:
            AudioVariant.objects.update(enqueued_at=None)
        actors = [Actor(partial(ann.want, variant.text)), Actor(take(model))]
        for which in order:
            actors[which].step()
        for actor in actors:
            actor.finish()
        seen.add(tuple(actors[1].gates))
        assert_none_is_left(variant)
        ann.want()
        take_what_waits()
    # Both kinds of turn were there: one that found the want, and one that ended with nothing.
    assert any("pass_over" in gates for gates in seen)
    assert any("pass_over" not in gates for gates in seen)


def test_the_want_between_the_look_and_the_clearing(ann, model, gates):
    """The first of the two: the turn's last look finds what came while it cleared."""
    (variant,) = ann.want("A sentence.")
    ann.want()
    take_what_waits()
    turn = Actor(take(model))
    while turn.gates[-1:] != ["pass_over"]:
        turn.step()
    ann.want("A sentence.")
    assert turns() == 0  # it seems that one is on its way
    turn.finish()
    assert turns() == 1
    assert_none_is_left(variant)


def test_the_want_after_the_last_look(ann, model, gates):
    """The second of the two: the want finds that no turn is on its way."""
    (variant,) = ann.want("A sentence.")
    ann.want()
    take_what_waits()
    turn = Actor(take(model))
    turn.finish()
    assert turn.gates[-3:] == ["pass_over", "upcoming", "give_turns"]
    assert turns() == 0
    ann.want("A sentence.")
    assert turns() == 1
    assert_none_is_left(variant)


def test_a_want_while_a_turn_at_the_limit_meets_one_that_ends(ann, model, gates):
    """One slot. A new want's turn finds it taken by a turn that is about to end with nothing."""
    SpeechModel.objects.update(concurrency=1)
    seen = set()
    for order in orders(5, 4):
        (variant,) = ann.want(f"A sentence. {order}")
        ann.want()
        take_what_waits()
        AudioVariant.objects.update(enqueued_at=None)
        ending = Actor(take(model))
        ending.step()
        ending.step()  # it has the slot
        wanting = Actor(partial(want_and_take, ann, variant.text, model))
        for which in order:
            (ending, wanting)[which].step()
        wanting.finish()
        ending.finish()
        seen.add(tuple(wanting.gates))
        assert_none_is_left(variant)
        ann.want()
        take_what_waits()
    # Both kinds: the want that sent a turn, and the one that left it to who has the slot.
    assert any("acquire" in gates for gates in seen)
    assert any("acquire" not in gates for gates in seen)


def want_and_take(listener, text: str, model: SpeechModel) -> None:
    """Want a text and take all turns that are there for it."""
    listener.want(text)
    for _ in range(take_what_waits()):
        take(model)()


def test_a_want_while_the_only_slot_is_given_back(ann, bea, model, gates):
    """One slot. A turn that has just made something gives the next turn to what came meanwhile."""
    SpeechModel.objects.update(concurrency=1)
    for order in orders(5, 4):
        bea.want(f"Another sentence. {order}")
        take_what_waits()
        making = Actor(take(model))
        wanting = Actor(partial(want_and_take, ann, f"A sentence. {order}", model))
        for which in order:
            (making, wanting)[which].step()
        wanting.finish()
        making.finish()
        for variant in AudioVariant.objects.filter(status=Status.QUEUED):
            assert_none_is_left(variant)
        ann.want()
        bea.want()
        take_what_waits()
        AudioVariant.objects.all().delete()


def test_a_want_that_sends_no_turn_since_one_is_on_its_way(
    ann, bea, model, gates_of_messages, monkeypatch
):
    """All orders of a want that relies on a message, and of who takes that up and goes on."""
    monkeypatch.setattr(coming, "MOST", 1)
    relied = 0
    for order in orders(4, 5):
        ann.want(f"A sentence. {order}")
        assert turns() == 1
        actors = [Actor(partial(bea.want, f"Another one. {order}")), Actor(take_up(model))]
        is_sent = None
        for which in (*order, 0, 0):
            actors[which].step()
            if actors[0].is_over and is_sent is None:
                is_sent = turns() > 0
        relied += is_sent is False
        actors[0].finish()
        actors[1].finish()
        for variant in AudioVariant.objects.all():
            assert_none_is_left(variant)
        take_what_waits()
        AudioVariant.objects.all().delete()
    assert relied


def test_two_turns_for_one_want_make_it_once(ann, model, gates):
    for order in orders(4, 4):
        (variant,) = ann.want(f"A sentence. {order}")
        take_what_waits()
        actors = [Actor(take(model)), Actor(take(model))]
        for which in order:
            actors[which].step()
        for actor in actors:
            actor.finish()
        variant.refresh_from_db()
        assert (variant.status, variant.attempt) == (Status.CACHED, 1)
        take_what_waits()
