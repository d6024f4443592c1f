"""Which words are looked for first, and that nobody waits for a sound because of it."""

import multiprocessing
import os
import time
import uuid

import pytest
from django.db import OperationalError

from tests.worker import running_worker, wait_until
from tts import aligning, synthesis
from tts.connections import redis_client
from tts.demand import alignments, preemption, wants
from tts.models import AudioVariant, Status

from .conftest import TEXT, again, make_all

pytestmark = pytest.mark.django_db(transaction=True)

ONE, TWO, THREE = (uuid.UUID(int=n) for n in range(1, 4))


def messages() -> int:
    alignments.write()
    return redis_client().llen(alignments.QUEUE)


def all_taken() -> list[uuid.UUID]:
    alignments.write()
    return list(iter(alignments.take, None))


@pytest.fixture
def busy_cores():
    """Other processes use every core of this machine."""
    context = multiprocessing.get_context("spawn")
    burning = [context.Process(target=burn, daemon=True) for _ in range(2 * os.cpu_count())]
    for process in burning:
        process.start()
    wait_until(lambda: not alignments.Cores().have_room())
    yield
    for process in burning:
        process.kill()
        process.join()


def burn() -> None:
    while True:
        pass


def test_what_is_heard_soonest_comes_first_and_nothing_twice():
    alignments.add([ONE], soon=True)
    alignments.add([TWO], soon=False)
    time.sleep(0.002)
    alignments.add([THREE, ONE], soon=True)
    alignments.add([THREE], soon=False)  # it stays where it was
    assert all_taken() == [THREE, ONE, TWO]


def test_what_comes_at_once_is_written_at_once():
    def commands() -> int:
        return sum(each["calls"] for each in redis_client().info("commandstats").values())

    before = commands()
    for n in range(100):
        alignments.add([uuid.UUID(int=n)], soon=True)
    wait_until(lambda: redis_client().zcard(alignments._KEY) == 100)
    assert commands() - before < 100
    assert messages() == 1


def test_one_message_is_enough_for_all():
    for one in (ONE, TWO, THREE):
        alignments.add([one], soon=True)
        alignments.write()
    assert messages() == 1
    alignments.arrived()
    alignments.go_on()
    alignments.go_on()
    assert messages() == 2
    all_taken()
    alignments.arrived()
    alignments.go_on()
    assert messages() == 2


def test_the_words_of_a_sound_are_looked_for_after_it_is_out(cat):
    (variant,) = make_all(cat, TEXT)
    assert (variant.marks_source, messages()) == ("", 1)
    aligning.align_some()
    assert again(variant).marks_source


def test_what_was_made_ahead_comes_to_the_front_when_somebody_wants_it(cat):
    made_first, made_last = make_all(cat, TEXT, "Another sentence to be spoken.")
    all_taken()
    alignments.add([made_last.pk, made_first.pk], soon=False)
    cat.want(made_first.text)
    assert all_taken()[0] == made_first.pk


def test_what_was_lost_is_sent_again(cat):
    (variant,) = make_all(cat, TEXT)
    redis_client().delete(*redis_client().keys("*alignments*"), alignments.QUEUE)
    long_ago = again(variant).changed_at - 2 * synthesis.recovery.ALIGNMENT_IS_LOST_AFTER
    AudioVariant.objects.update(changed_at=long_ago)
    synthesis.recover_alignments()
    assert messages() == 1
    aligning.align_some()
    assert again(variant).marks_source


def test_nobody_looks_for_words_while_a_sound_is_waited_for_and_the_cores_are_busy(cat, busy_cores):
    (variant,) = make_all(cat, TEXT)
    assert messages() == 1
    cat.want("Something that nobody makes yet.")
    aligning.align_some()
    assert again(variant).marks_source == ""
    assert messages() == 2  # one that was taken up, and one for later
    cat.want()
    aligning.align_some()
    assert again(variant).marks_source


def test_what_is_being_made_is_not_waited_for(cat):
    model = cat.voice.speech_model.pk
    assert not wants.is_waited_for([model])
    cat.want(TEXT)
    assert wants.is_waited_for([model, model + 1])
    assert not wants.is_waited_for([model + 1])
    assert wants.take_next(model)
    assert not wants.is_waited_for([model])


def test_a_worker_finds_the_words_when_the_rush_is_over(cat, tmp_path):
    texts = [f"Sentence number {n} of twelve." for n in range(12)]
    with running_worker(
        data_dir=tmp_path, tone_log=tmp_path / "tone.log", queues="openai,alignment"
    ):
        cat.want(*texts)
        wait_until(
            lambda: (
                AudioVariant.objects.unaligned().count() == 0
                and AudioVariant.objects.filter(status=Status.CACHED).count() == len(texts)
            ),
            60,
        )


@pytest.fixture
def one_core(monkeypatch):
    """A machine on which one process at a time looks for words, with time for all of them."""
    monkeypatch.setattr(preemption, "FEW_CORES", 10**6)
    monkeypatch.setattr(aligning, "GO_ON_SECONDS", 60)


def test_on_two_cores_one_process_looks_for_words_at_a_time(cat, one_core):
    """Who wants a sound meanwhile finds a core."""
    make_all(cat, TEXT, "Another sentence to be spoken.")
    assert messages() == 1
    context = multiprocessing.get_context("fork")
    has_core = context.Event()

    def hold() -> None:
        with alignments.core_taken() as may_be:
            assert may_be
            has_core.set()
            time.sleep(60)

    other = context.Process(target=hold, daemon=True)
    other.start()
    try:
        assert has_core.wait(20)
        aligning.align_some()
        assert (AudioVariant.objects.unaligned().count(), messages()) == (2, 1)
    finally:
        other.kill()  # however it ends
        other.join()
    aligning.align_some()
    assert AudioVariant.objects.unaligned().count() == 0


def test_who_has_the_core_sends_the_next_message_though_something_fails(cat, one_core, monkeypatch):
    make_all(cat, TEXT)
    assert messages() == 1

    def fail(variant: AudioVariant) -> None:
        alignments.arrived()  # another process took up the offer to help, and found no core
        raise OperationalError("database is locked")

    monkeypatch.setattr(aligning, "align", fail)
    alignments.add([ONE], soon=False)
    assert messages() == 1
    with pytest.raises(OperationalError):
        aligning.align_some()
    assert messages() == 3  # the first, the offer, the next
